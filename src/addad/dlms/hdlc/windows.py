"""The numbered frames of a link: segments that go out and come in, windows, acknowledgements.

IEC 62056-46: I frames are numbered modulo eight. N(R) acknowledges all before it. An APDU that is
longer than an information field goes in segments; the last one has no segmentation bit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from addad.dlms.hdlc.frame import MODULUS
from addad.errors import DecodeError

SDU_MAX: Final = 0xFFFF + 3
"""Octets of an APDU and its LLC header at most."""
QUEUED_OCTETS_MAX: Final = 2 * SDU_MAX
"""Octets that wait to be sent at most, before no more requests are taken."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The information field of one I frame; `more` is the segmentation bit."""

    information: bytes
    more: bool


class SendWindow:
    """What we send: at most `window` segments unacknowledged, `size` octets in each."""

    def __init__(self, size: int, window: int) -> None:
        self.peer_busy = False
        """The peer has said RNR: it takes no more until it says RR."""
        self._size = size
        self._window = window
        self._queue: deque[Segment] = deque()
        self._sent: deque[Segment] = deque()
        self._first = 0

    @property
    def unacknowledged(self) -> int:
        """How many segments were sent that the peer has not acknowledged."""
        return len(self._sent)

    @property
    def number(self) -> int:
        """V(S): the number that the next segment takes."""
        return (self._first + len(self._sent)) % MODULUS

    @property
    def waiting(self) -> bool:
        """Whether segments wait to be sent."""
        return bool(self._queue)

    @property
    def queued_octets(self) -> int:
        """How many octets wait at most, whole segments counted."""
        return len(self._queue) * self._size

    def put(self, sdu: bytes) -> None:
        """Queue one APDU with its LLC header, cut into segments."""
        last = max(len(sdu) - 1, 0) // self._size * self._size
        for start in range(0, last + 1, self._size):
            self._queue.append(Segment(sdu[start : start + self._size], start < last))

    def acknowledge(self, number: int) -> int | None:
        """The peer's N(R): how many segments it acknowledges; None when it cannot be right."""
        count = (number - self._first) % MODULUS
        if count > len(self._sent):
            return None
        for _ in range(count):
            self._sent.popleft()
        self._first = number
        return count

    def go_back(self) -> None:
        """What was not acknowledged is to be sent again, in its order."""
        self._queue.extendleft(reversed(self._sent))
        self._sent.clear()

    def burst(self) -> list[tuple[int, Segment]]:
        """The segments that may be sent now, each with its N(S)."""
        frames: list[tuple[int, Segment]] = []
        while self._queue and len(self._sent) < self._window and not self.peer_busy:
            number = self.number
            segment = self._queue.popleft()
            self._sent.append(segment)
            frames.append((number, segment))
        return frames


class ReceiveWindow:
    """What we receive: segments in their order, put together again."""

    def __init__(self, size: int) -> None:
        self.expected = 0
        """V(R): the number that comes next; our N(R)."""
        self.gap = False
        """Something came out of its order: a frame was lost, or came twice."""
        self.size = size
        self._parts = bytearray()
        self._begun = False

    @property
    def incomplete(self) -> bool:
        """Whether segments are there of an APDU that is not whole."""
        return self._begun

    def accept(self, number: int, information: bytes, more: bool) -> tuple[bool, bytes | None]:
        """Take one I frame. Gives whether it is the next one, and the APDU that it completes.

        Raises `DecodeError` when the segments are too many for any APDU.
        """
        if number != self.expected:
            self.gap = True
            return False, None
        self.gap = False
        self.expected = (self.expected + 1) % MODULUS
        if len(self._parts) + len(information) > SDU_MAX:
            self._parts.clear()
            self._begun = False
            raise DecodeError(f"segments of more than {SDU_MAX} octets")
        self._parts += information
        self._begun = more
        if more:
            return True, None
        whole = bytes(self._parts)
        self._parts.clear()
        return True, whole
