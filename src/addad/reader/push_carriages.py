"""What carries a push: octets of any carriage to the octets of APDUs, as they come.

IEC 62056-46 (HDLC), IEC 62056-47 (the wrapper), EN 13757 (wired M-Bus), Green Book
(general block transfer). Which carriage it is shows itself: HDLC and M-Bus frames have check
sequences, so that a frame among noise is found; a wrapper and a plain APDU must be at the start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Frame, FrameKind
from addad.dlms.hdlc.llc import COMMAND, RESPONSE
from addad.dlms.mbus import MbusDecoder, MbusFrame, MbusQuirk, MbusSegment, SegmentJoiner
from addad.dlms.octets import Cursor
from addad.dlms.wrapper import WrapperDecoder
from addad.errors import DecodeError

APDU_OCTETS_MAX: Final = 0xFFFF
"""The longest APDU that is put together from segments, blocks or pieces of a plain one."""
BLOCKS_MAX: Final = 1024
"""The most blocks of a general block transfer."""

_LLC: Final = (COMMAND, RESPONSE)
_CARRIERS: Final = frozenset((FrameKind.UI, FrameKind.I))


class Carriage(Enum):
    """What carries an APDU."""

    PLAIN = "plain"
    """The APDU itself, perhaps behind an LLC header: a file, a datagram, a line with pauses."""
    HDLC = "hdlc"
    """Frames of HDLC with information: unnumbered, or numbered without a connection."""
    MBUS = "m-bus"
    """Frames of wired M-Bus."""
    WRAPPER = "wrapper"
    """The wrapper of TCP and UDP."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The octets of an APDU, or why there is none; and what was odd about the frames."""

    carriage: Carriage
    octets: bytes
    fault: DecodeError | None = None
    quirks: tuple[MbusQuirk, ...] = ()


class CarriageDecoder(Protocol):
    """One carriage: octets as they come, to APDUs. Keeps a bounded number of octets."""

    @property
    def discarded(self) -> int:
        """Octets that were part of no frame, as far as is known."""

    @property
    def buffered(self) -> int:
        """How many octets wait for more."""

    def feed(self, octets: bytes) -> list[Carried]:
        """What these octets complete."""

    def flush(self) -> list[Carried]:
        """What is left when no more octets will come: none of it waits any longer."""


class HdlcCarriage:
    """Pushes in HDLC: the information of a frame, or of segmented ones together."""

    def __init__(self) -> None:
        self._frames = FrameDecoder()
        self._joined: dict[tuple[object, object], bytearray] = {}

    @property
    def discarded(self) -> int:
        """Octets outside of frames, and flags that opened none."""
        return self._frames.noise_octets + self._frames.broken

    @property
    def buffered(self) -> int:
        """How many octets wait for more."""
        return self._frames.buffered + sum(map(len, self._joined.values()))

    def feed(self, octets: bytes) -> list[Carried]:
        """What these octets complete."""
        return self._carried(self._frames.feed(octets))

    def flush(self) -> list[Carried]:
        """What is left; segments without their last one are a fault."""
        # A closing flag may open the next frame: alone it is no broken one.
        found = self._carried(self._frames.silence() if self._frames.buffered > 1 else [])
        if self._joined:
            self._joined.clear()
            found.append(_missing(Carriage.HDLC, "the last segment"))
        return found

    def _carried(self, frames: list[Frame]) -> list[Carried]:
        found = []
        for frame in frames:
            meaning = frame.meaning
            if meaning is not None and meaning.kind in _CARRIERS and frame.information:
                found += self._add(frame)
        return found

    def _add(self, frame: Frame) -> list[Carried]:
        ends = (frame.destination, frame.source)
        joined = self._joined.pop(ends, bytearray())
        joined += frame.information
        if len(joined) > APDU_OCTETS_MAX:
            return [_too_long(Carriage.HDLC)]
        if not frame.segmented:
            return [Carried(Carriage.HDLC, bytes(joined))]
        lost = [_missing(Carriage.HDLC, "the last segment")] if self._joined else []
        self._joined = {ends: joined}
        return lost


class MbusCarriage:
    """Pushes in wired M-Bus: the data of one frame, or of numbered ones together."""

    def __init__(self) -> None:
        self._frames = MbusDecoder()
        self._joiner = SegmentJoiner()
        self._quirks: list[MbusQuirk] = []

    @property
    def discarded(self) -> int:
        """Octets that are no frame."""
        return self._frames.discarded

    @property
    def buffered(self) -> int:
        """How many octets wait for more, a segment counted as one."""
        return self._frames.buffered + self._joiner.pending

    def feed(self, octets: bytes) -> list[Carried]:
        """What these octets complete."""
        return self._carried(self._frames.feed(octets))

    def flush(self) -> list[Carried]:
        """What is left; segments without their last one are a fault."""
        found = self._carried(self._frames.finish())
        if self._joiner.pending:
            self._joiner = SegmentJoiner()
            self._quirks.clear()
            found.append(_missing(Carriage.MBUS, "the last segment"))
        return found

    def _carried(self, frames: list[MbusFrame]) -> list[Carried]:
        found = []
        for frame in frames:
            if not frame.carries_dlms:
                continue
            try:
                apdu = self._joiner.add(MbusSegment.of(frame))
            except DecodeError as fault:
                self._quirks.clear()
                found.append(Carried(Carriage.MBUS, b"", fault))
                continue
            if frame.quirk is not None and frame.quirk not in self._quirks:
                self._quirks.append(frame.quirk)
            if apdu is not None:
                found.append(Carried(Carriage.MBUS, apdu, None, tuple(self._quirks)))
                self._quirks.clear()
        return found


class WrapperCarriage:
    """Pushes in wrapper frames; octets that are none end what was begun."""

    def __init__(self) -> None:
        self._frames = WrapperDecoder()
        self.discarded = 0

    @property
    def buffered(self) -> int:
        """How many octets wait for more."""
        return self._frames.buffered

    def feed(self, octets: bytes) -> list[Carried]:
        """What these octets complete."""
        waited = self._frames.buffered
        try:
            return [Carried(Carriage.WRAPPER, frame.apdu) for frame in self._frames.feed(octets)]
        except DecodeError as fault:
            self.discarded += waited + len(octets)
            self._frames = WrapperDecoder()
            return [Carried(Carriage.WRAPPER, b"", fault)]

    def flush(self) -> list[Carried]:
        """What is left; half a frame is a fault."""
        if not self._frames.buffered:
            return []
        self.discarded += self._frames.buffered
        self._frames = WrapperDecoder()
        return [_missing(Carriage.WRAPPER, "the end of the frame")]


class PlainCarriage:
    """An APDU without a frame. It has no end of its own: `whole` says whether octets are one.

    Octets are tried as they come, and again when there are a quarter more; at the latest `flush`
    takes them, after a pause of the line or at the end of a file.
    """

    def __init__(self, whole: Callable[[bytes], bool]) -> None:
        self._whole = whole
        self._buffer = bytearray()
        self._try_at = 0
        self.discarded = 0

    @property
    def buffered(self) -> int:
        """How many octets wait for more."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[Carried]:
        """The APDU, if these octets complete it."""
        self._buffer += octets
        if len(self._buffer) > APDU_OCTETS_MAX + len(RESPONSE):
            self.discarded += len(self._buffer)
            self._clear()
            return [_too_long(Carriage.PLAIN)]
        if len(self._buffer) < self._try_at:
            return []
        candidate = bytes(self._buffer)
        if not self._whole(without_llc(candidate)):
            self._try_at = len(candidate) + len(candidate) // 4 + 1
            return []
        self._clear()
        return [Carried(Carriage.PLAIN, candidate)]

    def flush(self) -> list[Carried]:
        """All that is there, as one APDU."""
        candidate = bytes(self._buffer)
        self._clear()
        return [Carried(Carriage.PLAIN, candidate)] if candidate else []

    def _clear(self) -> None:
        self._buffer.clear()
        self._try_at = 0


class BlockJoiner:
    """Joins the blocks of a general block transfer that nobody acknowledges.

    A block that comes twice is taken once; a gap drops what was begun.
    """

    def __init__(self) -> None:
        self._contents = bytearray()
        self._last = 0
        self._before: GeneralBlock | None = None

    @property
    def buffered(self) -> int:
        """How many octets wait for more blocks."""
        return len(self._contents)

    def add(self, octets: bytes) -> bytes | None:
        """The APDU, if this block was the last one; raises `DecodeError` for a gap."""
        cursor = Cursor(octets)
        cursor.skip(1)
        block = GeneralBlock.read(cursor)
        cursor.expect_end()
        if block == self._before:
            return None
        if block.number == 1:
            self.clear()
        if block.number != self._last + 1:
            self.clear()
            raise DecodeError(f"block {block.number} does not follow what came before")
        self._last, self._before = block.number, block
        self._contents += block.contents
        if self._last > BLOCKS_MAX or len(self._contents) > APDU_OCTETS_MAX:
            self.clear()
            raise DecodeError(f"blocks of more than {APDU_OCTETS_MAX} octets")
        if not block.last:
            return None
        apdu = bytes(self._contents)
        self.clear()
        return apdu

    def clear(self) -> None:
        """Drop what was begun."""
        self._contents.clear()
        self._last = 0
        self._before = None


def without_llc(octets: bytes) -> bytes:
    """The octets behind an LLC header, if they begin with one."""
    return octets[len(RESPONSE) :] if octets.startswith(_LLC) else octets


def _missing(carriage: Carriage, what: str) -> Carried:
    return Carried(carriage, b"", DecodeError(f"{what} is missing"))


def _too_long(carriage: Carriage) -> Carried:
    return Carried(carriage, b"", DecodeError(f"an APDU of more than {APDU_OCTETS_MAX} octets"))
