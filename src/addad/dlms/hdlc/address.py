"""HDLC addresses: seven bits an octet, the lowest bit set on the last one.

IEC 62056-46: a client has one octet. A server has one (upper), two (upper, lower) or four (two
each): the upper address is the logical device, the lower one the physical device on the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from addad.errors import DecodeError, InputError, LocalProtocolError

NO_STATION: Final = 0
ALL_STATIONS_SHORT: Final = 0x7F
ALL_STATIONS: Final = 0x3FFF
OCTETS_MAX: Final = 4

_SHORT_MAX: Final = 0x7F
_LONG_MAX: Final = 0x3FFF


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a frame. `octets` is 1, 2 or 4; `lower` is 0 when there is one octet only."""

    upper: int
    lower: int = 0
    octets: int = 1

    @classmethod
    def client(cls, sap: int) -> Address:
        """The address of a client; raises `InputError` beyond seven bits."""
        if not 0 <= sap <= _SHORT_MAX:
            raise InputError(f"client {sap} has no HDLC address; it is between 0 and {_SHORT_MAX}")
        return cls(sap)

    @classmethod
    def server(cls, upper: int, lower: int | None = None, octets: int | None = None) -> Address:
        """The address of a server, in the fewest octets unless told; raises `InputError`."""
        if octets is None:
            largest = max(upper, lower or 0)
            octets = 4 if largest > _SHORT_MAX else 1 if lower is None else 2
        if octets not in (1, 2, 4) or (octets == 1 and lower is not None):
            raise InputError(f"an HDLC address of {octets} octets; 1, 2 and 4 are possible")
        limit = _LONG_MAX if octets == 4 else _SHORT_MAX
        if not (0 <= upper <= limit and 0 <= (lower or 0) <= limit):
            raise InputError(f"an HDLC address of {octets} octets holds {limit} at most")
        return cls(upper, lower or 0, octets)

    @property
    def of_all(self) -> bool:
        """Whether all stations are meant, by the lower address if there is one."""
        if self.octets == 4:
            return self.lower == ALL_STATIONS
        return (self.lower if self.octets == 2 else self.upper) == ALL_STATIONS_SHORT

    def encode(self) -> bytes:
        """The octets on the line; raises `LocalProtocolError` for what they cannot hold."""
        limit = _LONG_MAX if self.octets == 4 else _SHORT_MAX
        if not (0 <= self.upper <= limit and 0 <= self.lower <= limit):
            raise LocalProtocolError(f"{self} does not fit its octets")
        if self.octets == 1:
            return bytes((self.upper << 1 | 1,))
        if self.octets == 2:
            return bytes((self.upper << 1, self.lower << 1 | 1))
        return bytes(
            (
                self.upper >> 7 << 1,
                (self.upper & 0x7F) << 1,
                self.lower >> 7 << 1,
                (self.lower & 0x7F) << 1 | 1,
            )
        )

    def __str__(self) -> str:
        return str(self.upper) if self.octets == 1 else f"{self.upper}/{self.lower}"


def read_address(octets: bytes, start: int) -> Address:
    """The address that begins at `start`; raises `DecodeError` unless it has 1, 2 or 4 octets."""
    field = octets[start : start + OCTETS_MAX]
    size = _size(field)
    if size == 1:
        return Address(field[0] >> 1)
    if size == 2:
        return Address(field[0] >> 1, field[1] >> 1, 2)
    if size == 4:
        upper = field[0] >> 1 << 7 | field[1] >> 1
        return Address(upper, field[2] >> 1 << 7 | field[3] >> 1, 4)
    raise DecodeError("an HDLC address has 1, 2 or 4 octets")


def _size(field: Iterable[int]) -> int:
    for size, octet in enumerate(field, 1):
        if octet & 1:
            return size
    return 0
