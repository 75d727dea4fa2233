"""COSEM types that attributes of interface classes may have in more than one form.

Blue Book, CHOICE of an attribute's type: every form is read, one is written.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final, TypeVar

from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.types import (
    Boolean,
    DataType,
    DateTimeOctets,
    EnumCode,
    LongUnsigned,
    OctetString,
    Unsigned,
)
from addad.errors import DecodeError, LocalProtocolError

F = TypeVar("F", bound=IntFlag)

OBJECT_IDENTIFIER_OCTETS: Final = 7
_COUNTRY_SHIFT = 7


class _Text(DataType[str]):
    """Characters: written as a visible-string, read also as UTF-8 or octets."""

    def __repr__(self) -> str:
        return "Text"

    def to_data(self, value: str) -> Data:
        return Data(Tag.VISIBLE_STRING, value)

    def from_data(self, data: Data) -> str:
        if data.tag in (Tag.VISIBLE_STRING, Tag.UTF8_STRING) and isinstance(data.value, str):
            return data.value
        try:
            return OctetString().from_data(data).decode("utf-8")
        except UnicodeDecodeError:
            raise DecodeError("octets that are no text") from None


class _TaggedDateTime(DataType[DateTime]):
    """A date-time written under its own tag, read also as an octet-string."""

    def __repr__(self) -> str:
        return "TaggedDateTime"

    def to_data(self, value: DateTime) -> Data:
        return Data(Tag.DATE_TIME, value.encode())

    def from_data(self, data: Data) -> DateTime:
        return DateTimeOctets.from_data(data)


class Flags(DataType[F]):
    """An enum whose code is a mask of the bits of a Python `IntFlag`; no other bit is allowed."""

    def __init__(self, codes: type[F]) -> None:
        self._codes = codes
        self._mask = sum(codes)

    def __repr__(self) -> str:
        return f"Flags({self._codes.__name__})"

    def to_data(self, value: F) -> Data:
        if value & ~self._mask:
            raise LocalProtocolError(f"{int(value)} has bits that {self._codes.__name__} has not")
        return Data(Tag.ENUM, int(value))

    def from_data(self, data: Data) -> F:
        code = EnumCode.from_data(data)
        if code & ~self._mask:
            raise DecodeError(f"{code} has bits that {self._codes.__name__} has not")
        return self._codes(code)


class MethodMode(DataType[int]):
    """The access mode of a method: an enum, or the boolean of version 0; both are read."""

    def __init__(self, *, boolean: bool = False) -> None:
        self._boolean = boolean

    def __repr__(self) -> str:
        return f"MethodMode(boolean={self._boolean})"

    def to_data(self, value: int) -> Data:
        return Boolean.to_data(bool(value)) if self._boolean else EnumCode.to_data(value)

    def from_data(self, data: Data) -> int:
        if data.tag == Tag.BOOLEAN:
            return int(bool(data.value))
        return EnumCode.from_data(data)


class ObjectIdentifier(DataType[bytes]):
    """The name of a context or a mechanism: the seven content octets of its object identifier.

    Version 0 of Association LN writes a structure of the seven arcs, of which the third is a
    long-unsigned and all others are unsigned; later versions write the octets. Both are read.
    """

    def __init__(self, *, arcs: bool = False) -> None:
        self._arcs = arcs

    def __repr__(self) -> str:
        return f"ObjectIdentifier(arcs={self._arcs})"

    def to_data(self, value: bytes) -> Data:
        if not self._arcs:
            return OctetString().to_data(value)
        if len(value) != OBJECT_IDENTIFIER_OCTETS or not value[1] & 0x80 or value[2] & 0x80:
            raise LocalProtocolError("the name of a context or mechanism has seven arcs")
        first = min(value[0] // 40, 2)
        country = (value[1] & 0x7F) << _COUNTRY_SHIFT | value[2]
        arcs = (first, value[0] - 40 * first, country, *value[3:])
        kinds = [Unsigned] * 2 + [LongUnsigned] + [Unsigned] * 4
        elements = [kind.to_data(arc) for kind, arc in zip(kinds, arcs, strict=True)]
        return Data(Tag.STRUCTURE, tuple(elements))

    def from_data(self, data: Data) -> bytes:
        if data.tag != Tag.STRUCTURE:
            return OctetString().from_data(data)
        arcs = [one.value for one in data.value if isinstance(one, Data)]  # type: ignore[union-attr]
        numbers = [arc for arc in arcs if isinstance(arc, int) and arc >= 0]
        if len(numbers) != OBJECT_IDENTIFIER_OCTETS or len(arcs) != OBJECT_IDENTIFIER_OCTETS:
            raise DecodeError("the name of a context or mechanism has seven arcs")
        first, second, country, *others = numbers
        octets = [40 * first + second, 0x80 | country >> _COUNTRY_SHIFT, country & 0x7F, *others]
        if country >> 2 * _COUNTRY_SHIFT or max(octets) > 0xFF or max(others) > 0x7F:
            raise DecodeError("an arc of the name is too large")
        return bytes(octets)


Text: Final[DataType[str]] = _Text()
TaggedDateTime: Final[DataType[DateTime]] = _TaggedDateTime()
