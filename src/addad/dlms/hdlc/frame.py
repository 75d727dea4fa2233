"""HDLC frames of type 3: a format with the length, two addresses, a control field, information.

IEC 62056-46. The length governs: no octet is stuffed, so a flag within a frame is only an octet.
The information field, if there is one, has a check sequence of the header before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from addad.dlms.hdlc.address import Address, read_address
from addad.dlms.hdlc.check_sequence import OCTETS, check_sequence
from addad.errors import DecodeError, LocalProtocolError

FLAG: Final = 0x7E
LENGTH_MAX: Final = 0x7FF
LENGTH_MIN: Final = 7
MODULUS: Final = 8
"""Frames are numbered modulo eight."""
POLL: Final = 0x10
"""The bit of the control octet that is P from the client and F from the server."""

_TYPE: Final = 0xA000
_TYPE_MASK: Final = 0xF000
_SEGMENTED: Final = 0x0800
_FLAG: Final = bytes((FLAG,))


class FrameKind(IntEnum):
    """What a control field says: its value without the poll bit and the numbers."""

    I = 0x00  # noqa: E741  the standard's name
    RR = 0x01
    RNR = 0x05
    REJ = 0x09
    SNRM = 0x83
    DISC = 0x43
    UA = 0x63
    DM = 0x0F
    FRMR = 0x87
    UI = 0x03


_UNNUMBERED: Final = frozenset(
    (
        FrameKind.SNRM,
        FrameKind.DISC,
        FrameKind.UA,
        FrameKind.DM,
        FrameKind.FRMR,
        FrameKind.UI,
    )
)


@dataclass(frozen=True, slots=True)
class Control:
    """The control field. `poll` is P from the client and F from the server.

    `send` is N(S), of an I frame; `receive` is N(R), of I, RR, RNR and REJ.
    """

    kind: FrameKind
    poll: bool = True
    send: int = 0
    receive: int = 0

    @property
    def octet(self) -> int:
        """The octet on the line."""
        octet = int(self.kind) | (POLL if self.poll else 0)
        if self.kind in _UNNUMBERED:
            return octet
        octet |= (self.receive % MODULUS) << 5
        return octet | (self.send % MODULUS) << 1 if self.kind is FrameKind.I else octet


def read_control(octet: int) -> Control | None:
    """What the octet says; None for one that HDLC of DLMS does not know."""
    poll = bool(octet & POLL)
    if not octet & 1:
        return Control(FrameKind.I, poll, octet >> 1 & 7, octet >> 5)
    try:
        if octet & 3 == 1:
            return Control(FrameKind(octet & 0x0F), poll, 0, octet >> 5)
        return Control(FrameKind(octet & ~POLL), poll)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands between two flags. `control` is the octet: a peer may send one nobody knows."""

    destination: Address
    source: Address
    control: int
    information: bytes = b""
    segmented: bool = False

    @property
    def meaning(self) -> Control | None:
        """The control field read; None when nobody knows it."""
        return read_control(self.control)

    def encode(self) -> bytes:
        """The octets with both flags; raises `LocalProtocolError` when they are too many."""
        body = self.destination.encode() + self.source.encode() + bytes((self.control,))
        extra = OCTETS + len(self.information) if self.information else 0
        length = 2 + len(body) + extra + OCTETS
        if length > LENGTH_MAX:
            raise LocalProtocolError(f"a frame of {length} octets; {LENGTH_MAX} is the limit")
        form = _TYPE | (_SEGMENTED if self.segmented else 0) | length
        content = form.to_bytes(2, "big") + body
        if self.information:
            content += check_sequence(content) + self.information
        return _FLAG + content + check_sequence(content) + _FLAG


def read_frame(content: bytes) -> Frame:
    """The frame of the octets between two flags. Raises `DecodeError` for a broken one."""
    form = read_format(content)
    if form & LENGTH_MAX != len(content):
        raise DecodeError(f"a frame of {len(content)} octets says {form & LENGTH_MAX}")
    if check_sequence(content[:-OCTETS]) != content[-OCTETS:]:
        raise DecodeError("a frame with a wrong FCS")
    destination = read_address(content, 2)
    source = read_address(content, 2 + destination.octets)
    at = 2 + destination.octets + source.octets
    rest = len(content) - at - 1 - OCTETS
    if rest < 0:
        raise DecodeError("a frame without a control field")
    information = b""
    if rest:
        head_end = at + 1
        if rest <= OCTETS or check_sequence(content[:head_end]) != content[head_end : head_end + 2]:
            raise DecodeError("a frame with a wrong HCS")
        information = content[head_end + OCTETS : -OCTETS]
    return Frame(destination, source, content[at], information, bool(form & _SEGMENTED))


def read_format(content: bytes | bytearray, start: int = 0) -> int:
    """The two octets of the format field; raises `DecodeError` unless they are of type 3."""
    form = int.from_bytes(content[start : start + 2], "big")
    if form & _TYPE_MASK != _TYPE:
        raise DecodeError(f"a frame of format {form:04X}; only type 3 is known")
    if form & LENGTH_MAX < LENGTH_MIN:
        raise DecodeError(f"a frame of {form & LENGTH_MAX} octets; {LENGTH_MIN} is the least")
    return form
