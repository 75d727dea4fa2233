"""COSEM data as A-XDR: a general value keeps its tag.

Green Book, IEC 62056-5-3 (Data, TypeDescription).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from struct import Struct, error
from typing import Final, NamedTuple, NoReturn

from addad.dlms.octets import Cursor, encode_length, encode_octet_string
from addad.errors import DecodeError, LocalProtocolError

MAX_DEPTH: Final = 8
"""How deep arrays and structures may nest."""
MAX_ELEMENTS: Final = 500_000
"""How many elements one value may hold, in all depths together."""
COMPACT_ELEMENTS_PER_OCTET: Final = 3
"""A compact array may not expand to more elements than this for each of its octets."""
COMPACT_NULLS_PER_OCTET: Final = 8
"""Nulls take no octet in a compact array; this bounds how many there may be."""


class Tag(IntEnum):
    """The first octet of a value, which says its type."""

    NULL_DATA = 0
    ARRAY = 1
    STRUCTURE = 2
    BOOLEAN = 3
    BIT_STRING = 4
    DOUBLE_LONG = 5
    DOUBLE_LONG_UNSIGNED = 6
    OCTET_STRING = 9
    VISIBLE_STRING = 10
    UTF8_STRING = 12
    BCD = 13
    INTEGER = 15
    LONG = 16
    UNSIGNED = 17
    LONG_UNSIGNED = 18
    COMPACT_ARRAY = 19
    LONG64 = 20
    LONG64_UNSIGNED = 21
    ENUM = 22
    FLOAT32 = 23
    FLOAT64 = 24
    DATE_TIME = 25
    DATE = 26
    TIME = 27
    DELTA_INTEGER = 28
    DELTA_LONG = 29
    DELTA_DOUBLE_LONG = 30
    DELTA_UNSIGNED = 31
    DELTA_LONG_UNSIGNED = 32
    DELTA_DOUBLE_LONG_UNSIGNED = 33
    DONT_CARE = 255


class BitString(NamedTuple):
    """Bits, the first one in the highest position of the first octet; `size` counts bits."""

    octets: bytes
    size: int

    @classmethod
    def of(cls, bits: Iterable[bool | int]) -> BitString:
        """The string of these bits, first bit first."""
        listed = [1 if bit else 0 for bit in bits]
        size = len(listed)
        listed += [0] * (-size % 8)
        number = int("0" + "".join(map(str, listed)), 2)
        return cls(number.to_bytes(len(listed) // 8, "big"), size)

    @property
    def bits(self) -> tuple[bool, ...]:
        """All bits, first bit first."""
        return tuple(bool(self.octets[i >> 3] >> (7 - (i & 7)) & 1) for i in range(self.size))


class Data(NamedTuple):
    """A value and its tag.

    The Python type follows the tag: None, bool, int, float, str (visible and UTF-8 strings),
    bytes (octet strings, and the 12, 5, 4 octets of date-time, date, time), `BitString`, and a
    tuple of `Data` for arrays, structures and compact arrays.
    """

    tag: Tag
    value: Value


Value = None | bool | int | float | str | bytes | BitString | tuple[Data, ...]

NULL: Final = Data(Tag.NULL_DATA, None)
_DONT_CARE: Final = Data(Tag.DONT_CARE, None)

NUMBER_FORMS: Final = {
    Tag.DOUBLE_LONG: Struct(">i"),
    Tag.DOUBLE_LONG_UNSIGNED: Struct(">I"),
    Tag.BCD: Struct(">B"),
    Tag.INTEGER: Struct(">b"),
    Tag.LONG: Struct(">h"),
    Tag.UNSIGNED: Struct(">B"),
    Tag.LONG_UNSIGNED: Struct(">H"),
    Tag.LONG64: Struct(">q"),
    Tag.LONG64_UNSIGNED: Struct(">Q"),
    Tag.ENUM: Struct(">B"),
    Tag.FLOAT32: Struct(">f"),
    Tag.FLOAT64: Struct(">d"),
    Tag.DELTA_INTEGER: Struct(">b"),
    Tag.DELTA_LONG: Struct(">h"),
    Tag.DELTA_DOUBLE_LONG: Struct(">i"),
    Tag.DELTA_UNSIGNED: Struct(">B"),
    Tag.DELTA_LONG_UNSIGNED: Struct(">H"),
    Tag.DELTA_DOUBLE_LONG_UNSIGNED: Struct(">I"),
}
"""The octets after the tag of each type that is one number."""
FIXED_OCTETS: Final = {Tag.DATE_TIME: 12, Tag.DATE: 5, Tag.TIME: 4}
"""How many octets follow the tag of a clock type."""
SEQUENCES: Final = frozenset((Tag.ARRAY, Tag.STRUCTURE, Tag.COMPACT_ARRAY))

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


def _bit_string(cursor: Cursor) -> BitString:
    size = cursor.length()
    octets = cursor.take((size + 7) // 8)
    unused = -size % 8
    if unused:
        octets = octets[:-1] + bytes((octets[-1] >> unused << unused,))
    return BitString(octets, size)


def _utf8(cursor: Cursor) -> str:
    try:
        return cursor.octet_string().decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError("a UTF-8 string that is none") from None


def _number(form: Struct) -> Callable[[Cursor], Value]:
    return lambda cursor: cursor.unpack(form)


_CONTENTS: Final[dict[int, tuple[Tag, Callable[[Cursor], Value]]]] = {
    **{int(tag): (tag, _number(form)) for tag, form in NUMBER_FORMS.items()},
    int(Tag.BOOLEAN): (Tag.BOOLEAN, Cursor.boolean),
    int(Tag.BIT_STRING): (Tag.BIT_STRING, _bit_string),
    int(Tag.OCTET_STRING): (Tag.OCTET_STRING, Cursor.octet_string),
    int(Tag.VISIBLE_STRING): (
        Tag.VISIBLE_STRING,
        lambda cursor: cursor.octet_string().decode("latin-1"),
    ),
    int(Tag.UTF8_STRING): (Tag.UTF8_STRING, _utf8),
    int(Tag.DATE_TIME): (Tag.DATE_TIME, lambda cursor: cursor.take(12)),
    int(Tag.DATE): (Tag.DATE, lambda cursor: cursor.take(5)),
    int(Tag.TIME): (Tag.TIME, lambda cursor: cursor.take(4)),
}


def _no_such(tag: int) -> NoReturn:
    raise DecodeError(f"no data type has tag {tag:02X}")


def _count(cursor: Cursor, depth: int, budget: list[int]) -> int:
    """The count of an array or structure, checked before anything is built."""
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}")
    count = cursor.length()
    if count > cursor.remaining:
        raise DecodeError(f"{count} elements declared, {cursor.remaining} octets left")
    _spend(budget, count)
    return count


def _spend(budget: list[int], count: int) -> None:
    budget[0] -= count
    if budget[0] < 0:
        raise DecodeError(f"more than {MAX_ELEMENTS} elements")


def _read(cursor: Cursor, depth: int, budget: list[int]) -> Data:
    tag = cursor.u8()
    simple = _CONTENTS.get(tag)
    if simple is not None:
        return Data(simple[0], simple[1](cursor))
    if tag in (Tag.STRUCTURE, Tag.ARRAY):
        count = _count(cursor, depth, budget)
        return Data(Tag(tag), tuple([_read(cursor, depth + 1, budget) for _ in range(count)]))
    if tag == Tag.NULL_DATA:
        return NULL
    if tag == Tag.DONT_CARE:
        return _DONT_CARE
    if tag == Tag.COMPACT_ARRAY:
        return Data(Tag.COMPACT_ARRAY, _compact(cursor, depth, budget))
    _no_such(tag)


def _pass(cursor: Cursor, depth: int, budget: list[int]) -> None:
    tag = cursor.u8()
    size = _FIXED_SIZES.get(tag)
    if size is not None:
        cursor.skip(size)
    elif tag in (Tag.STRUCTURE, Tag.ARRAY):
        for _ in range(_count(cursor, depth, budget)):
            _pass(cursor, depth + 1, budget)
    elif tag == Tag.UTF8_STRING:
        _utf8(cursor)
    elif tag in _ONE_LENGTH:
        cursor.skip(cursor.length())
    elif tag == Tag.BIT_STRING:
        cursor.skip((cursor.length() + 7) // 8)
    elif tag == Tag.COMPACT_ARRAY:
        _compact(cursor, depth, budget)
    else:
        _no_such(tag)


# Compact arrays: one description, then contents without tags


class _Description(NamedTuple):
    tag: int
    repeat: int = 1
    parts: tuple[_Description, ...] = ()


def _description(cursor: Cursor, depth: int) -> _Description:
    tag = cursor.u8()
    if tag in _CONTENTS or tag in (Tag.NULL_DATA, Tag.DONT_CARE):
        return _Description(tag)
    if tag not in (Tag.STRUCTURE, Tag.ARRAY):
        _no_such(tag)
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
        _spend(self.total, elements + nulls)


def _compact(cursor: Cursor, depth: int, total: list[int]) -> tuple[Data, ...]:
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
    simple = _CONTENTS.get(tag)
    if simple is not None:
        budget.spend(1, 0)
        return Data(simple[0], simple[1](contents))
    if tag == Tag.NULL_DATA:
        budget.spend(0, 1)
        return NULL
    if tag == Tag.DONT_CARE:
        budget.spend(0, 1)
        return _DONT_CARE
    budget.spend(1, 0)
    elements = [_untagged(contents, part, budget) for _ in range(repeat) for part in parts]
    return Data(Tag(tag), tuple(elements))


# Writing


def _write(data: Data, out: bytearray, depth: int) -> None:
    tag, value = data
    out.append(tag)
    if tag == Tag.COMPACT_ARRAY:
        _write_compact(_elements(value), out, depth)
    elif tag in SEQUENCES:
        if depth >= MAX_DEPTH:
            raise LocalProtocolError(f"nested deeper than {MAX_DEPTH}")
        elements = _elements(value)
        out += encode_length(len(elements))
        for element in elements:
            _write(element, out, depth + 1)
    else:
        _write_simple(tag, value, out)


def _elements(value: Value) -> tuple[Data, ...]:
    if not isinstance(value, tuple) or isinstance(value, BitString):
        raise LocalProtocolError(f"a sequence of Data is wanted, not {value!r}")
    return value


def _write_simple(tag: Tag, value: Value, out: bytearray) -> None:
    """The contents after the tag."""
    form = NUMBER_FORMS.get(tag)
    if form is not None:
        out += form.pack(value)
    elif tag == Tag.BOOLEAN:
        out.append(1 if value else 0)
    elif tag in FIXED_OCTETS or tag == Tag.OCTET_STRING:
        if not isinstance(value, bytes) or len(value) != FIXED_OCTETS.get(tag, len(value)):
            raise LocalProtocolError(f"{value!r} are no octets of a {tag.name}")
        out += value if tag in FIXED_OCTETS else encode_octet_string(value)
    elif tag in (Tag.VISIBLE_STRING, Tag.UTF8_STRING):
        if not isinstance(value, str):
            raise LocalProtocolError(f"{value!r} is no text")
        out += encode_octet_string(value.encode("utf-8" if tag == Tag.UTF8_STRING else "latin-1"))
    elif tag == Tag.BIT_STRING:
        if not isinstance(value, BitString) or len(value.octets) != (value.size + 7) // 8:
            raise LocalProtocolError(f"{value!r} is no bit string")
        out += encode_length(value.size) + value.octets
    elif value is not None:
        raise LocalProtocolError(f"a {tag.name} has no value")


def _write_compact(elements: tuple[Data, ...], out: bytearray, depth: int) -> None:
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


def _describe(data: Data, depth: int) -> bytes:
    if data.tag in (Tag.ARRAY, Tag.COMPACT_ARRAY):
        raise LocalProtocolError("peers disagree on arrays inside compact arrays; send none")
    if data.tag != Tag.STRUCTURE:
        return bytes((data.tag,))
    if depth >= MAX_DEPTH:
        raise LocalProtocolError(f"nested deeper than {MAX_DEPTH}")
    elements = _elements(data.value)
    parts = b"".join(_describe(element, depth + 1) for element in elements)
    return bytes((data.tag,)) + encode_length(len(elements)) + parts


def _write_untagged(data: Data, out: bytearray) -> None:
    if data.tag == Tag.STRUCTURE:
        for element in _elements(data.value):
            _write_untagged(element, out)
    else:
        _write_simple(data.tag, data.value, out)
