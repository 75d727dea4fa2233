"""Bodies of notifications that real meters write otherwise than A-XDR has it.

Not of a standard: each is named after the meters that were seen to send it, and is tried only on a
body that is no A-XDR value. What is read is given back as the value that was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from addad.dlms import data as axdr
from addad.dlms.data import Data, Tag
from addad.dlms.octets import Cursor
from addad.errors import DecodeError

_LOGICAL_NAME_OCTETS: Final = 6
_NAMED: Final = bytes((Tag.OCTET_STRING, _LOGICAL_NAME_OCTETS))
_SWAPPED: Final = bytes((_LOGICAL_NAME_OCTETS, Tag.OCTET_STRING))


class PushQuirk(Enum):
    """What was odd about a notification."""

    TAGGED_DATE_TIME = auto()
    """The date-time has its data tag, 09 0C (Kaifa, Aidon lists in Norway and Sweden)."""
    SWAPPED_NAME_TAG = auto()
    """Some logical names begin with 06 09 for 09 06 (Landis+Gyr ZMF100)."""
    UNTAGGED_DESCRIPTORS = auto()
    """Pairs of an attribute descriptor without tags and its value (Sagemcom XT211, EG.D)."""


def read_quirky_body(cursor: Cursor) -> tuple[Data, PushQuirk]:
    """The value at the cursor, to the end, and what is odd about it; raises `DecodeError`."""
    start = cursor.position
    for quirk, read in _READERS.items():
        cursor.position = start
        try:
            body = read(cursor)
            cursor.expect_end()
        except DecodeError:
            continue
        return body, quirk
    raise DecodeError("the body of the notification is no value")


def _count(cursor: Cursor, tag: Tag) -> int:
    found = cursor.u8()
    count = cursor.length()
    if found != tag or count > cursor.remaining:
        raise DecodeError(f"{tag.name} expected")
    return count


def _swapped_names(cursor: Cursor) -> Data:
    """An array of structures, each a logical name and one or two values."""
    rows = []
    swapped = 0
    for _ in range(_count(cursor, Tag.ARRAY)):
        width = _count(cursor, Tag.STRUCTURE)
        head = cursor.take(2)
        if width not in (2, 3) or head not in (_NAMED, _SWAPPED):
            raise DecodeError("a row with a logical name expected")
        swapped += head == _SWAPPED
        name = Data(Tag.OCTET_STRING, cursor.take(_LOGICAL_NAME_OCTETS))
        rest = [axdr.read(cursor) for _ in range(width - 1)]
        rows.append(Data(Tag.STRUCTURE, (name, *rest)))
    if not swapped:
        raise DecodeError("no name is swapped")
    return Data(Tag.ARRAY, tuple(rows))


def _untagged_descriptors(cursor: Cursor) -> Data:
    """A structure of one value and an array of pairs."""
    if _count(cursor, Tag.STRUCTURE) != 2:
        raise DecodeError("a structure of two expected")
    first = axdr.read(cursor)
    pairs = []
    for _ in range(_count(cursor, Tag.ARRAY)):
        if _count(cursor, Tag.STRUCTURE) != 2:
            raise DecodeError("a pair expected")
        descriptor = (
            Data(Tag.LONG_UNSIGNED, cursor.u16()),
            Data(Tag.OCTET_STRING, cursor.take(_LOGICAL_NAME_OCTETS)),
            Data(Tag.INTEGER, cursor.i8()),
        )
        pair = Data(Tag.STRUCTURE, descriptor), axdr.read(cursor)
        pairs.append(Data(Tag.STRUCTURE, pair))
    return Data(Tag.STRUCTURE, (first, Data(Tag.ARRAY, tuple(pairs))))


_READERS: Final[dict[PushQuirk, Callable[[Cursor], Data]]] = {
    PushQuirk.SWAPPED_NAME_TAG: _swapped_names,
    PushQuirk.UNTAGGED_DESCRIPTORS: _untagged_descriptors,
}
