"""Compact arrays: one description of a type, then contents without tags.

Green Book, IEC 62056-5-3 (compact-array, TypeDescription). Sources disagree on arrays inside them:
they are read as the ASN.1 module has it, with the count in the description, and never written.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from addad.dlms.octets import Cursor, encode_length, encode_octet_string
from addad.dlms.tags import (
    CONTENTS,
    DONT_CARE,
    MAX_DEPTH,
    NULL,
    Data,
    Tag,
    no_such,
    sequence,
    spend,
    write_contents,
)
from addad.errors import DecodeError, LocalProtocolError

COMPACT_ELEMENTS_PER_OCTET: Final = 3
"""A compact array may not expand to more elements than this for each of its octets."""
COMPACT_NULLS_PER_OCTET: Final = 8
"""Nulls take no octet in a compact array; this bounds how many there may be."""


class _Description(NamedTuple):
    tag: int
    repeat: int = 1
    parts: tuple[_Description, ...] = ()


def _description(cursor: Cursor, depth: int) -> _Description:
    tag = cursor.u8()
    if tag in CONTENTS or tag in (Tag.NULL_DATA, Tag.DONT_CARE):
        return _Description(tag)
    if tag not in (Tag.STRUCTURE, Tag.ARRAY):
        raise no_such(tag)
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}")
    if tag == Tag.ARRAY:
        return _Description(tag, cursor.u16(), (_description(cursor, depth + 1),))
    count = cursor.length()
    if count > cursor.remaining:
        raise DecodeError(f"{count} elements declared, {cursor.remaining} octets left")
    return _Description(tag, 1, tuple([_description(cursor, depth + 1) for _ in range(count)]))


class _CompactBudget:
    """What a compact array may still expand to, so that few octets cannot become many objects."""

    __slots__ = ("elements", "nulls", "total")

    def __init__(self, octets: int, total: list[int]) -> None:
        self.elements = COMPACT_ELEMENTS_PER_OCTET * octets
        self.nulls = COMPACT_NULLS_PER_OCTET * octets
        self.total = total

    def spend(self, elements: int, nulls: int) -> None:
        self.elements -= elements
        self.nulls -= nulls
        if self.elements < 0 or self.nulls < 0:
            raise DecodeError("a compact array expands to more elements than its octets warrant")
        spend(self.total, elements + nulls)


def read_compact(cursor: Cursor, depth: int, total: list[int]) -> tuple[Data, ...]:
    """The elements of the compact array after the tag at the cursor; raises `DecodeError`."""
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}")
    start = cursor.position
    description = _description(cursor, depth + 1)
    size = cursor.length()
    budget = _CompactBudget(cursor.position - start + size, total)
    contents = Cursor(cursor.take(size))
    elements = []
    while not contents.at_end:
        before = contents.position
        elements.append(_untagged(contents, description, budget))
        if contents.position == before:
            raise DecodeError("the elements of a compact array take no octets")
    return tuple(elements)


def _untagged(contents: Cursor, description: _Description, budget: _CompactBudget) -> Data:
    tag, repeat, parts = description
    simple = CONTENTS.get(tag)
    if simple is not None:
        budget.spend(1, 0)
        return Data(simple[0], simple[1](contents))
    if tag == Tag.NULL_DATA:
        budget.spend(0, 1)
        return NULL
    if tag == Tag.DONT_CARE:
        budget.spend(0, 1)
        return DONT_CARE
    budget.spend(1, 0)
    elements = [_untagged(contents, part, budget) for _ in range(repeat) for part in parts]
    return Data(Tag(tag), tuple(elements))


def write_compact(elements: tuple[Data, ...], out: bytearray, depth: int) -> None:
    """What follows the tag of a compact array; raises `LocalProtocolError`."""
    if depth >= MAX_DEPTH:
        raise LocalProtocolError(f"nested deeper than {MAX_DEPTH}")
    described = _describe(elements[0], depth + 1) if elements else bytes((Tag.NULL_DATA,))
    contents = bytearray()
    for element in elements:
        if _describe(element, depth + 1) != described:
            raise LocalProtocolError("the elements of a compact array are of one type")
        _write_untagged(element, contents)
    if elements and not contents:
        raise LocalProtocolError("the elements of a compact array must take octets")
    out += described + encode_octet_string(bytes(contents))


def describe(data: Data) -> bytes:
    """The type description of one value; raises `LocalProtocolError` for an array in it."""
    return _describe(data, 0)


def untagged(data: Data) -> bytes:
    """The contents of one value as its description tells them; raises `LocalProtocolError`."""
    out = bytearray()
    _write_untagged(data, out)
    return bytes(out)


def _describe(data: Data, depth: int) -> bytes:
    if data.tag in (Tag.ARRAY, Tag.COMPACT_ARRAY):
        raise LocalProtocolError("peers disagree on arrays inside compact arrays; send none")
    if data.tag != Tag.STRUCTURE:
        return bytes((data.tag,))
    if depth >= MAX_DEPTH:
        raise LocalProtocolError(f"nested deeper than {MAX_DEPTH}")
    elements = sequence(data.value)
    parts = b"".join(_describe(element, depth + 1) for element in elements)
    return bytes((data.tag,)) + encode_length(len(elements)) + parts


def _write_untagged(data: Data, out: bytearray) -> None:
    if data.tag == Tag.STRUCTURE:
        for element in sequence(data.value):
            _write_untagged(element, out)
    else:
        write_contents(data.tag, data.value, out)
