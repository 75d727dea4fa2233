"""Wired M-Bus frames that carry DLMS: octets to frames, and the segments of an APDU joined.

EN 13757-2 (frames) and EN 13757-1 (DLMS over M-Bus: control information 00 to 1F, then the source
and destination SAP in an octet each). Taken from real meters' pushes; nobody here has read the
standards' texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from addad.errors import DecodeError, LocalProtocolError

LONG_START: Final = 0x68
SHORT_START: Final = 0x10
ACKNOWLEDGE: Final = 0xE5
"""A frame of one octet: the other end has understood."""
STOP: Final = 0x16

SEND_USER_DATA: Final = 0x53
"""The control octet of a frame with data, frame count bit unset."""
BROADCAST: Final = 0xFF
"""The address to which a meter pushes: all, without an answer."""
SEGMENT_OCTETS_MAX: Final = 250
"""What the length octet of a frame can count, less control, address, control information, SAPs."""
SEGMENTS_MAX: Final = 16
"""The number of a segment has four bits; an APDU has no more segments than that."""
WRAPPED_LENGTH_MAX: Final = 0x0F
"""A length octet up to this one may be that of a body of 256 octets more (Sagemcom T210-D)."""

_DLMS_MAX: Final = 0x1F
_LAST_SEGMENT: Final = 0x10
_NUMBER: Final = 0x0F
_HEADER_OCTETS: Final = 4
_TRAILER_OCTETS: Final = 2
_BODY_MIN: Final = 3
_SHORT_OCTETS: Final = 5
_WRAP: Final = 0x100


class MbusQuirk(Enum):
    """What was odd about a frame."""

    WRAPPED_LENGTH = auto()
    """The length octet is 256 too small: the body is longer than it can say (Sagemcom T210-D)."""


@dataclass(frozen=True, slots=True)
class MbusFrame:
    """A frame: control and address; a long one has control information and user data too."""

    control: int
    address: int
    information: int | None = None
    user_data: bytes = b""
    quirk: MbusQuirk | None = None

    @property
    def carries_dlms(self) -> bool:
        """Whether this is a segment of an APDU."""
        return self.information is not None and self.information <= _DLMS_MAX

    def encode(self) -> bytes:
        """The octets of the frame, its quirk left out; raises `LocalProtocolError`."""
        head = (self.control, self.address)
        if self.information is None:
            if self.user_data:
                raise LocalProtocolError("a frame with user data has control information")
            body = _octets(head)
            return bytes((SHORT_START, *body, sum(body) & 0xFF, STOP))
        body = _octets((*head, self.information)) + self.user_data
        size = len(body)
        if size >= _WRAP:
            raise LocalProtocolError(f"{size} octets have no place in one M-Bus frame")
        return bytes((LONG_START, size, size, LONG_START, *body, sum(body) & 0xFF, STOP))


@dataclass(frozen=True, slots=True)
class MbusSegment:
    """A part of an APDU: its number from 0 on, whether it is the last, and its two SAPs."""

    number: int
    last: bool
    source: int
    destination: int
    octets: bytes

    def frame(self, address: int = BROADCAST) -> MbusFrame:
        """The frame that carries it to an address; raises `LocalProtocolError`."""
        if not 0 <= self.number <= _NUMBER or len(self.octets) > SEGMENT_OCTETS_MAX:
            raise LocalProtocolError(
                f"segment {self.number} of {len(self.octets)} octets has no frame"
            )
        information = self.number | (_LAST_SEGMENT if self.last else 0)
        data = _octets((self.source, self.destination)) + self.octets
        return MbusFrame(SEND_USER_DATA, address, information, data)

    @classmethod
    def of(cls, frame: MbusFrame) -> MbusSegment:
        """The segment in a frame; raises `DecodeError` for one that carries no DLMS."""
        information = frame.information
        if information is None or information > _DLMS_MAX:
            raise DecodeError("an M-Bus frame that carries no DLMS")
        if len(frame.user_data) < 2:
            raise DecodeError("an M-Bus frame without source and destination SAP")
        source, destination = frame.user_data[:2]
        last = bool(information & _LAST_SEGMENT)
        return cls(information & _NUMBER, last, source, destination, frame.user_data[2:])


def _octets(numbers: tuple[int, ...]) -> bytes:
    try:
        return bytes(numbers)
    except ValueError:
        raise LocalProtocolError(f"{numbers} are not all octets") from None


def segments(source: int, destination: int, apdu: bytes) -> tuple[MbusSegment, ...]:
    """The segments of an APDU; raises `LocalProtocolError` for one too long to be numbered."""
    size = SEGMENT_OCTETS_MAX
    parts = [apdu[at : at + size] for at in range(0, len(apdu), size)] or [b""]
    if len(parts) > SEGMENTS_MAX:
        raise LocalProtocolError(f"{len(apdu)} octets are more than {SEGMENTS_MAX} segments")
    last = len(parts) - 1
    return tuple(
        MbusSegment(number, number == last, source, destination, part)
        for number, part in enumerate(parts)
    )


def decode_frame(octets: bytes) -> MbusFrame:
    """The one frame these octets are; raises `DecodeError` for anything else."""
    found = _frame_at(octets, 0)
    if found is None:
        raise DecodeError("an M-Bus frame that does not end")
    frame, size = found
    if size != len(octets):
        raise DecodeError(f"{len(octets) - size} octets too many")
    return frame


class MbusDecoder:
    """Makes frames of octets as they come; what is no frame is passed over and counted.

    Keeps less than one frame: at most 277 octets. Acknowledgements are passed over uncounted.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.discarded = 0

    @property
    def buffered(self) -> int:
        """How many octets wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[MbusFrame]:
        """The frames that these octets complete."""
        self._buffer += octets
        return self._frames(final=False)

    def finish(self) -> list[MbusFrame]:
        """The frames that waited for octets that will not come; the rest is counted as noise."""
        return self._frames(final=True)

    def _frames(self, final: bool) -> list[MbusFrame]:
        buffer = bytes(self._buffer)
        frames = []
        at = 0
        while at < len(buffer):
            if buffer[at] == ACKNOWLEDGE:
                at += 1
                continue
            try:
                found = _frame_at(buffer, at)
            except DecodeError:
                self.discarded += 1
                at += 1
                continue
            if found is not None:
                frames.append(found[0])
                at += found[1]
            elif final:
                self.discarded += 1
                at += 1
            else:
                break
        del self._buffer[:at]
        return frames


class SegmentJoiner:
    """Joins the segments of an APDU; a gap, or a first segment too early, drops what was begun."""

    def __init__(self) -> None:
        self._parts: list[MbusSegment] = []
        self.dropped = 0

    @property
    def pending(self) -> int:
        """How many segments wait for their last one."""
        return len(self._parts)

    def add(self, segment: MbusSegment) -> bytes | None:
        """The APDU, if this was its last segment; raises `DecodeError` for a gap."""
        waiting = self._parts
        if segment.number == 0:
            self.dropped += bool(waiting)
            waiting.clear()
        elif not self._follows(segment):
            self.dropped += bool(waiting)
            waiting.clear()
            raise DecodeError(f"segment {segment.number} does not follow what came before")
        waiting.append(segment)
        if not segment.last:
            return None
        apdu = b"".join(part.octets for part in waiting)
        waiting.clear()
        return apdu

    def _follows(self, segment: MbusSegment) -> bool:
        if not self._parts:
            return False
        before = self._parts[-1]
        saps = (before.source, before.destination)
        same = saps == (segment.source, segment.destination)
        return same and segment.number == before.number + 1


def _frame_at(octets: bytes, at: int) -> tuple[MbusFrame, int] | None:
    """The frame at a place and its size, None while it is incomplete; raises `DecodeError`."""
    left = len(octets) - at
    if not left:
        return None
    if octets[at] == SHORT_START:
        return _short_at(octets, at)
    if octets[at] != LONG_START:
        raise DecodeError(f"no M-Bus frame begins with {octets[at]:02X}")
    head = octets[at : at + _HEADER_OCTETS]
    if len(head) > 2 and head[1] != head[2]:
        raise DecodeError("the two lengths of an M-Bus frame differ")
    if len(head) < _HEADER_OCTETS:
        return None
    if head[3] != LONG_START:
        raise DecodeError("no second start octet in an M-Bus frame")
    size = head[1]
    if size >= _BODY_MIN:
        end = at + _HEADER_OCTETS + size
        if end + _TRAILER_OCTETS > len(octets):
            return None
        if _verifies(octets, at, size):
            return _long(octets[at + _HEADER_OCTETS : end], None)
    if size > WRAPPED_LENGTH_MAX:
        raise DecodeError("an M-Bus frame whose checksum or end is wrong")
    size += _WRAP
    end = at + _HEADER_OCTETS + size
    if end + _TRAILER_OCTETS > len(octets):
        return None
    if not _verifies(octets, at, size):
        raise DecodeError("an M-Bus frame whose checksum or end is wrong")
    return _long(octets[at + _HEADER_OCTETS : end], MbusQuirk.WRAPPED_LENGTH)


def _short_at(octets: bytes, at: int) -> tuple[MbusFrame, int] | None:
    frame = octets[at : at + _SHORT_OCTETS]
    if len(frame) < _SHORT_OCTETS:
        return None
    _, control, address, checksum, stop = frame
    if stop != STOP or checksum != (control + address) & 0xFF:
        raise DecodeError("a short M-Bus frame whose checksum or end is wrong")
    return MbusFrame(control, address), _SHORT_OCTETS


def _verifies(octets: bytes, at: int, size: int) -> bool:
    start = at + _HEADER_OCTETS
    checksum, stop = octets[start + size : start + size + _TRAILER_OCTETS]
    return stop == STOP and checksum == sum(octets[start : start + size]) & 0xFF


def _long(body: bytes, quirk: MbusQuirk | None) -> tuple[MbusFrame, int]:
    control, address, information = body[:_BODY_MIN]
    frame = MbusFrame(control, address, information, body[_BODY_MIN:], quirk)
    return frame, _HEADER_OCTETS + len(body) + _TRAILER_OCTETS
