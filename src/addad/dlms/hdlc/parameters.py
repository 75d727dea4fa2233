"""What the two ends of a link agree on in SNRM and UA: information lengths and windows.

IEC 62056-46: format 81, group 80, then a tag, a length and a value for each parameter. What is not
said is 128 octets and a window of one. Each end states its own view: what it transmits, what it
receives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from addad.dlms.octets import Cursor
from addad.errors import DecodeError, InputError

INFORMATION_DEFAULT: Final = 128
INFORMATION_MIN: Final = 32
INFORMATION_MAX: Final = 2030
WINDOW_DEFAULT: Final = 1
WINDOW_MAX: Final = 7

_FORMAT: Final = 0x81
_GROUP: Final = 0x80
_USER_GROUP: Final = 0xF0
_INFORMATION_TRANSMIT: Final = 5
_INFORMATION_RECEIVE: Final = 6
_WINDOW_TRANSMIT: Final = 7
_WINDOW_RECEIVE: Final = 8
_VALUE_OCTETS: Final = (1, 2, 4)
_ITEMS_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class LinkParameters:
    """One end's view: octets of an information field, frames of a window."""

    information_transmit: int = INFORMATION_DEFAULT
    information_receive: int = INFORMATION_DEFAULT
    window_transmit: int = WINDOW_DEFAULT
    window_receive: int = WINDOW_DEFAULT

    def __post_init__(self) -> None:
        for octets in (self.information_transmit, self.information_receive):
            if not INFORMATION_MIN <= octets <= INFORMATION_MAX:
                raise InputError(
                    f"an information field of {octets} octets; "
                    f"{INFORMATION_MIN} to {INFORMATION_MAX} are possible"
                )
        for window in (self.window_transmit, self.window_receive):
            if not 1 <= window <= WINDOW_MAX:
                raise InputError(f"a window of {window} frames; 1 to {WINDOW_MAX} are possible")

    def encode(self, *, two_octets: bool = False) -> bytes:
        """The information field of an SNRM or UA; lengths in one octet where they fit."""
        lengths = b""
        for tag, value in (
            (_INFORMATION_TRANSMIT, self.information_transmit),
            (_INFORMATION_RECEIVE, self.information_receive),
        ):
            size = 2 if two_octets or value > 0xFF else 1
            lengths += bytes((tag, size)) + value.to_bytes(size, "big")
        windows = b""
        for tag, value in (
            (_WINDOW_TRANSMIT, self.window_transmit),
            (_WINDOW_RECEIVE, self.window_receive),
        ):
            windows += bytes((tag, 4)) + value.to_bytes(4, "big")
        items = lengths + windows
        return bytes((_FORMAT, _GROUP, len(items))) + items

    def agreed_with(self, peer: LinkParameters) -> LinkParameters:
        """Our view of what both can: we transmit what the peer receives, and the reverse."""
        return LinkParameters(
            min(self.information_transmit, peer.information_receive),
            min(self.information_receive, peer.information_transmit),
            min(self.window_transmit, peer.window_receive),
            min(self.window_receive, peer.window_transmit),
        )


DEFAULT_PARAMETERS: Final = LinkParameters()


def read_parameters(information: bytes) -> LinkParameters:
    """The peer's view in an SNRM or UA, the defaults where nothing is said.

    Values beyond the limits are taken as the limit. Raises `DecodeError` for another structure.
    """
    if not information:
        return DEFAULT_PARAMETERS
    cursor = Cursor(information)
    if cursor.u8() != _FORMAT:
        raise DecodeError(f"link parameters of format {information[0]:02X}")
    parameters = DEFAULT_PARAMETERS
    while not cursor.at_end:
        group = cursor.u8()
        if group == _USER_GROUP:
            break
        if group != _GROUP:
            raise DecodeError(f"link parameters of group {group:02X}")
        parameters = _read_group(cursor.take(cursor.u8()), parameters)
    return parameters


def _read_group(octets: bytes, parameters: LinkParameters) -> LinkParameters:
    cursor = Cursor(octets)
    for _ in range(_ITEMS_MAX):
        if cursor.at_end:
            return parameters
        tag, value = cursor.u8(), cursor.take(cursor.u8())
        if tag not in _FIELDS:
            continue
        if len(value) not in _VALUE_OCTETS:
            raise DecodeError(f"link parameter {tag} in {len(value)} octets")
        field, least, most = _FIELDS[tag]
        number = min(max(int.from_bytes(value, "big"), least), most)
        parameters = replace(parameters, **{field: number})
    raise DecodeError(f"more than {_ITEMS_MAX} link parameters")


_FIELDS: Final = {
    _INFORMATION_TRANSMIT: ("information_transmit", INFORMATION_MIN, INFORMATION_MAX),
    _INFORMATION_RECEIVE: ("information_receive", INFORMATION_MIN, INFORMATION_MAX),
    _WINDOW_TRANSMIT: ("window_transmit", 1, WINDOW_MAX),
    _WINDOW_RECEIVE: ("window_receive", 1, WINDOW_MAX),
}
