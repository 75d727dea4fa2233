"""The types of COSEM data: their tags, their Python values, and the contents of simple ones.

Green Book, IEC 62056-5-3 (Data). Arrays, structures and compact arrays are read and written by
`data`, by which everything here is meant to be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from addad.dlms.octets import Cursor, encode_length, encode_octet_string
from addad.errors import DecodeError, LocalProtocolError

MAX_DEPTH: Final = 8
"""How deep arrays and structures may nest."""
MAX_ELEMENTS: Final = 500_000
"""How many elements one value may hold, in all depths together."""


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
DONT_CARE: Final = Data(Tag.DONT_CARE, None)

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


def no_such(tag: int) -> DecodeError:
    """What to raise for a tag that is none."""
    return DecodeError(f"no data type has tag {tag:02X}")


def spend(budget: list[int], count: int) -> None:
    """Take elements from what a value may still hold; raises `DecodeError` beyond it."""
    budget[0] -= count
    if budget[0] < 0:
        raise DecodeError(f"more than {MAX_ELEMENTS} elements")


def _bit_string(cursor: Cursor) -> BitString:
    size = cursor.length()
    octets = cursor.take((size + 7) // 8)
    unused = -size % 8
    if unused:
        octets = octets[:-1] + bytes((octets[-1] >> unused << unused,))
    return BitString(octets, size)


def read_utf8(cursor: Cursor) -> str:
    try:
        return cursor.octet_string().decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError("a UTF-8 string that is none") from None


def _number(form: Struct) -> Callable[[Cursor], Value]:
    return lambda cursor: cursor.unpack(form)


CONTENTS: Final[dict[int, tuple[Tag, Callable[[Cursor], Value]]]] = {
    **{int(tag): (tag, _number(form)) for tag, form in NUMBER_FORMS.items()},
    int(Tag.BOOLEAN): (Tag.BOOLEAN, Cursor.boolean),
    int(Tag.BIT_STRING): (Tag.BIT_STRING, _bit_string),
    int(Tag.OCTET_STRING): (Tag.OCTET_STRING, Cursor.octet_string),
    int(Tag.VISIBLE_STRING): (
        Tag.VISIBLE_STRING,
        lambda cursor: cursor.octet_string().decode("latin-1"),
    ),
    int(Tag.UTF8_STRING): (Tag.UTF8_STRING, read_utf8),
    int(Tag.DATE_TIME): (Tag.DATE_TIME, lambda cursor: cursor.take(12)),
    int(Tag.DATE): (Tag.DATE, lambda cursor: cursor.take(5)),
    int(Tag.TIME): (Tag.TIME, lambda cursor: cursor.take(4)),
}
"""What follows the tag of each simple type, and how it is read."""


def sequence(value: Value) -> tuple[Data, ...]:
    """The elements of a sequence; raises `LocalProtocolError` for anything else."""
    if not isinstance(value, tuple) or isinstance(value, BitString):
        raise LocalProtocolError(f"a sequence of Data is wanted, not {value!r}")
    return value


def write_contents(tag: Tag, value: Value, out: bytearray) -> None:
    """The contents after the tag of a simple type; raises as `data.encode` expects."""
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
