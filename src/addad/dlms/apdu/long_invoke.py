"""What ACCESS and DataNotification begin with: a long invoke-id with flags, and a moment.

Green Book, IEC 62056-5-3 (Long-Invoke-Id-And-Priority; date-time as an octet-string of 0 or 12).
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

from addad.dlms.clock_time import DateTime
from addad.dlms.octets import Cursor, encode_octet_string
from addad.errors import DecodeError, LocalProtocolError

LONG_INVOKE_ID_MAX: Final = 0xFFFFFF
_DATE_TIME_OCTETS: Final = 12


class LongInvokeFlag(IntFlag):
    """The bits above the number."""

    SELF_DESCRIPTIVE = 1 << 28
    """The response repeats the specification of the request."""
    BREAK_ON_ERROR = 1 << 29
    """Nothing after the first item that fails is processed."""
    CONFIRMED = 1 << 30
    HIGH_PRIORITY = 1 << 31


def write_long_invoke_id(long_invoke_id: int) -> bytes:
    """Four octets; raises `LocalProtocolError` for more."""
    if not 0 <= long_invoke_id <= 0xFFFFFFFF:
        raise LocalProtocolError(f"{long_invoke_id} is no long invoke-id")
    return long_invoke_id.to_bytes(4, "big")


def write_moment(moment: DateTime | None) -> bytes:
    """An octet-string without a tag, empty for None."""
    return encode_octet_string(b"" if moment is None else moment.encode())


def read_moment(cursor: Cursor, size: int | None = None) -> DateTime | None:
    """The octet-string at the cursor, or its contents of a known `size`; raises `DecodeError`."""
    octets = cursor.length() if size is None else size
    if octets not in (0, _DATE_TIME_OCTETS):
        raise DecodeError(f"a date-time has 12 octets, not {octets}")
    return DateTime.decode(cursor.take(octets)) if octets else None
