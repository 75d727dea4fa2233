"""COSEM data as A-XDR: a general value keeps its tag.

Green Book, IEC 62056-5-3 (Data). A decoder returns or raises `DecodeError`, at a cost that the
octets bound.
"""

from __future__ import annotations

from struct import error
from typing import Final

from addad.dlms.alike_rows import pass_alike, read_alike
from addad.dlms.compact_array import read_compact, write_compact
from addad.dlms.octets import Cursor, encode_length
from addad.dlms.tags import (
    CONTENTS,
    DONT_CARE,
    FIXED_OCTETS,
    MAX_DEPTH,
    MAX_ELEMENTS,
    NULL,
    NUMBER_FORMS,
    SEQUENCES,
    BitString,
    Data,
    Tag,
    Value,
    no_such,
    read_utf8,
    sequence,
    spend,
    write_contents,
)
from addad.errors import DecodeError, LocalProtocolError

__all__ = [
    "DONT_CARE",
    "FIXED_OCTETS",
    "MAX_DEPTH",
    "MAX_ELEMENTS",
    "NULL",
    "NUMBER_FORMS",
    "SEQUENCES",
    "BitString",
    "Data",
    "Tag",
    "Value",
    "decode",
    "encode",
    "read",
    "read_octets",
]

_FIXED_SIZES: Final = {
    **{int(tag): form.size for tag, form in NUMBER_FORMS.items()},
    **{int(tag): size for tag, size in FIXED_OCTETS.items()},
    int(Tag.BOOLEAN): 1,
    int(Tag.NULL_DATA): 0,
    int(Tag.DONT_CARE): 0,
}
_ONE_LENGTH: Final = frozenset((Tag.OCTET_STRING, Tag.VISIBLE_STRING, Tag.UTF8_STRING))


def decode(octets: bytes) -> Data:
    """The one value these octets encode; raises `DecodeError` for anything else."""
    cursor = Cursor(octets)
    data = read(cursor)
    cursor.expect_end()
    return data


def read(cursor: Cursor) -> Data:
    """The value at the cursor; raises `DecodeError` for anything that is none."""
    return _read(cursor, 0, [MAX_ELEMENTS])


def is_one_number(octets: bytes) -> bool:
    """Whether octets are exactly one value whose tag says its size: a number, a moment, null."""
    return bool(octets) and _FIXED_SIZES.get(octets[0]) == len(octets) - 1


def read_octets(cursor: Cursor) -> bytes:
    """The octets of the value at the cursor, verified but not built; raises `DecodeError`."""
    start = cursor.position
    _pass(cursor, 0, [MAX_ELEMENTS])
    return cursor.since(start)


def encode(data: Data) -> bytes:
    """The octets of a value; raises `LocalProtocolError` for one that its tag cannot hold."""
    out = bytearray()
    try:
        _write(data, out, 0)
    except (error, AttributeError, TypeError, ValueError, OverflowError) as problem:
        raise LocalProtocolError(f"no such value: {problem}") from None
    return bytes(out)


# Reading


def _count(cursor: Cursor, depth: int, budget: list[int]) -> int:
    """The count of an array or structure, checked before anything is built."""
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}")
    count = cursor.length()
    if count > cursor.remaining:
        raise DecodeError(f"{count} elements declared, {cursor.remaining} octets left")
    spend(budget, count)
    return count


def _read(cursor: Cursor, depth: int, budget: list[int]) -> Data:
    tag = cursor.u8()
    simple = CONTENTS.get(tag)
    if simple is not None:
        return Data(simple[0], simple[1](cursor))
    if tag in (Tag.STRUCTURE, Tag.ARRAY):
        count = _count(cursor, depth, budget)
        if tag == Tag.ARRAY:
            alike = read_alike(cursor, count, depth, budget)
            if alike is not None:
                return Data(Tag.ARRAY, alike)
        return Data(Tag(tag), tuple([_read(cursor, depth + 1, budget) for _ in range(count)]))
    if tag == Tag.NULL_DATA:
        return NULL
    if tag == Tag.DONT_CARE:
        return DONT_CARE
    if tag == Tag.COMPACT_ARRAY:
        return Data(Tag.COMPACT_ARRAY, read_compact(cursor, depth, budget))
    raise no_such(tag)


def _pass(cursor: Cursor, depth: int, budget: list[int]) -> None:
    tag = cursor.u8()
    size = _FIXED_SIZES.get(tag)
    if size is not None:
        cursor.skip(size)
    elif tag in (Tag.STRUCTURE, Tag.ARRAY):
        count = _count(cursor, depth, budget)
        if tag == Tag.ARRAY and pass_alike(cursor, count, depth, budget):
            return
        for _ in range(count):
            _pass(cursor, depth + 1, budget)
    elif tag == Tag.UTF8_STRING:
        read_utf8(cursor)
    elif tag in _ONE_LENGTH:
        cursor.skip(cursor.length())
    elif tag == Tag.BIT_STRING:
        cursor.skip((cursor.length() + 7) // 8)
    elif tag == Tag.COMPACT_ARRAY:
        read_compact(cursor, depth, budget)
    else:
        raise no_such(tag)


# Writing


def _write(data: Data, out: bytearray, depth: int) -> None:
    tag, value = data
    out.append(tag)
    if tag == Tag.COMPACT_ARRAY:
        write_compact(sequence(value), out, depth)
    elif tag in SEQUENCES:
        if depth >= MAX_DEPTH:
            raise LocalProtocolError(f"nested deeper than {MAX_DEPTH}")
        elements = sequence(value)
        out += encode_length(len(elements))
        for element in elements:
            _write(element, out, depth + 1)
    else:
        write_contents(tag, value, out)
