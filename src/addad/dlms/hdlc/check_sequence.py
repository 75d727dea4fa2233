"""The check sequences of HDLC, HCS and FCS: two octets that tell a broken frame.

ISO/IEC 13239 as IEC 62056-46 uses it: polynomial 1021 with the bits of each octet the other way
round, begun with ones, inverted at the end, low octet first on the line.
"""

from __future__ import annotations

from binascii import crc_hqx
from typing import Final

OCTETS: Final = 2

_REVERSED: Final = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
_ONES: Final = 0xFFFF


def check_sequence(octets: bytes) -> bytes:
    """The two octets that follow these on the line."""
    remainder = crc_hqx(octets.translate(_REVERSED), _ONES) ^ _ONES
    return remainder.to_bytes(OCTETS, "big").translate(_REVERSED)
