"""COSEM types that know their Python type, for attributes and parameters whose type is fixed.

Green Book, IEC 62056-5-3 (Data); a value whose type only the wire knows is `AnyData`.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final, Generic, TypeVar, overload

from addad.dlms import data as axdr
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NUMBER_FORMS, BitString, Data, Tag
from addad.errors import DecodeError, LocalProtocolError
from addad.obis import Obis

T = TypeVar("T")
E = TypeVar("E", bound=IntEnum)
N = TypeVar("N", bound=tuple[Any, ...])
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")
J = TypeVar("J")


class DataType(ABC, Generic[T]):
    """How a Python value of type `T` stands in COSEM data."""

    @abstractmethod
    def to_data(self, value: T) -> Data:
        """The general value; raises `LocalProtocolError` for one that the type cannot hold."""

    @abstractmethod
    def from_data(self, data: Data) -> T:
        """The Python value; raises `DecodeError` for another tag or a forbidden value."""

    def encode(self, value: T) -> bytes:
        """The octets, tag first; raises `LocalProtocolError`, which does not show the value."""
        try:
            return axdr.encode(self.to_data(value))
        except (AttributeError, TypeError, ValueError):
            kind = type(value).__name__
            raise LocalProtocolError(f"a value of type {kind} does not fit {self!r}") from None

    def decode(self, octets: bytes) -> T:
        """The value that the whole octets encode; raises `DecodeError`."""
        return self.from_data(axdr.decode(octets))


def _expect(data: Data, tag: Tag) -> Any:
    """The value of data of this tag; its Python type is the tag's."""
    if data.tag != tag:
        raise DecodeError(f"{tag.name} expected, {data.tag.name} found")
    return data.value


class _Plain(DataType[T]):
    """A type of one tag, whose Python value is that of the general value."""

    def __init__(self, name: str, tag: Tag) -> None:
        self._name = name
        self.tag: Final = tag

    def __repr__(self) -> str:
        return self._name

    def to_data(self, value: T) -> Data:
        return Data(self.tag, value)  # type: ignore[arg-type]  # T is the tag's Python type

    def from_data(self, data: Data) -> T:
        value: T = _expect(data, self.tag)
        return value


class _Number(_Plain[T]):
    """A number of fixed size."""

    def __init__(self, name: str, tag: Tag) -> None:
        super().__init__(name, tag)
        self._form = NUMBER_FORMS[tag]
        self._first = bytes((tag,))

    def encode(self, value: T) -> bytes:
        try:
            return self._first + self._form.pack(value)
        except (struct.error, OverflowError, TypeError):
            raise LocalProtocolError(f"{value!r} does not fit {self._name}") from None

    def decode(self, octets: bytes) -> T:
        if len(octets) != 1 + self._form.size or octets[0] != self.tag:
            return self.from_data(axdr.decode(octets))
        value: T = self._form.unpack_from(octets, 1)[0]
        return value


class Enum(DataType[E]):
    """An enum of which a Python `IntEnum` names the codes; another code is a `DecodeError`."""

    def __init__(self, codes: type[E]) -> None:
        self.codes: Final = codes

    def __repr__(self) -> str:
        return f"Enum({self.codes.__name__})"

    def to_data(self, value: E) -> Data:
        return Data(Tag.ENUM, int(value))

    def from_data(self, data: Data) -> E:
        code: int = _expect(data, Tag.ENUM)
        try:
            return self.codes(code)
        except ValueError:
            raise DecodeError(f"{code} is no {self.codes.__name__}") from None


class OctetString(DataType[bytes]):
    """Octets, of exactly `size` when it is given."""

    def __init__(self, size: int | None = None) -> None:
        self.size: Final = size

    def __repr__(self) -> str:
        return f"OctetString({'' if self.size is None else self.size})"

    def to_data(self, value: bytes) -> Data:
        octets = b"" + value  # not bytes(value), which makes as many zeros of a number
        if self.size is not None and len(octets) != self.size:
            raise LocalProtocolError(f"{self.size} octets wanted, not {len(octets)}")
        return Data(Tag.OCTET_STRING, octets)

    def from_data(self, data: Data) -> bytes:
        octets: bytes = _expect(data, Tag.OCTET_STRING)
        if self.size is not None and len(octets) != self.size:
            raise DecodeError(f"{self.size} octets expected, {len(octets)} found")
        return octets


class _LogicalName(DataType[Obis]):
    def __repr__(self) -> str:
        return "LogicalName"

    def to_data(self, value: Obis) -> Data:
        return Data(Tag.OCTET_STRING, bytes(value))

    def from_data(self, data: Data) -> Obis:
        octets: bytes = _expect(data, Tag.OCTET_STRING)
        if len(octets) != 6:
            raise DecodeError(f"a logical name has 6 octets, not {len(octets)}")
        return Obis(octets)


class _Clock(DataType[T]):
    """A clock type: written as an octet-string, read as that or under its own tag."""

    def __init__(
        self, name: str, tag: Tag, write: Callable[[T], bytes], read: Callable[[bytes], T]
    ) -> None:
        self._name = name
        self._tag = tag
        self._write = write
        self._read = read

    def __repr__(self) -> str:
        return self._name

    def to_data(self, value: T) -> Data:
        return Data(Tag.OCTET_STRING, self._write(value))

    def from_data(self, data: Data) -> T:
        octets: bytes = data.value if data.tag == self._tag else _expect(data, Tag.OCTET_STRING)  # type: ignore[assignment]
        return self._read(octets)


class _AnyData(DataType[Data]):
    def __repr__(self) -> str:
        return "AnyData"

    def to_data(self, value: Data) -> Data:
        if not isinstance(value, Data):
            raise LocalProtocolError(
                f"{type(value).__name__} has no tag: write Data(Tag.…, value), or name the type by"
                " `.typed(…)` of the attribute"
            )
        return value

    def from_data(self, data: Data) -> Data:
        return data


class Nullable(DataType[T | None]):
    """A value, or null-data for None."""

    def __init__(self, inner: DataType[T]) -> None:
        self.inner: Final = inner

    def __repr__(self) -> str:
        return f"Nullable({self.inner!r})"

    def to_data(self, value: T | None) -> Data:
        return axdr.NULL if value is None else self.inner.to_data(value)

    def from_data(self, data: Data) -> T | None:
        return None if data.tag == Tag.NULL_DATA else self.inner.from_data(data)


class Limited(DataType[int]):
    """A number of which only a range is allowed, both ends included.

    Outside it `from_data` raises `DecodeError`, so that a SET is refused with `type-unmatched` as
    one of another tag is; and `to_data` raises `LocalProtocolError`.
    """

    def __init__(self, inner: DataType[int], lowest: int, highest: int) -> None:
        self.inner: Final = inner
        self.lowest: Final = lowest
        self.highest: Final = highest

    def __repr__(self) -> str:
        return f"Limited({self.inner!r}, {self.lowest}, {self.highest})"

    def to_data(self, value: int) -> Data:
        if not self.lowest <= value <= self.highest:
            raise LocalProtocolError(f"{value} is not in {self.lowest}..{self.highest}")
        return self.inner.to_data(value)

    def from_data(self, data: Data) -> int:
        value = self.inner.from_data(data)
        if not self.lowest <= value <= self.highest:
            raise DecodeError(f"{value} is not in {self.lowest}..{self.highest}")
        return value


class Array(DataType[tuple[T, ...]]):
    """Any number of elements of one type."""

    def __init__(self, element: DataType[T]) -> None:
        self.element: Final = element

    def __repr__(self) -> str:
        return f"Array({self.element!r})"

    def to_data(self, value: tuple[T, ...]) -> Data:
        return Data(Tag.ARRAY, tuple([self.element.to_data(one) for one in value]))

    def from_data(self, data: Data) -> tuple[T, ...]:
        if data.tag == Tag.COMPACT_ARRAY:
            elements: tuple[Data, ...] = _expect(data, Tag.COMPACT_ARRAY)
        else:
            elements = _expect(data, Tag.ARRAY)
        return tuple([self.element.from_data(one) for one in elements])


class Structure(DataType[N]):
    """A structure of which a `NamedTuple` names the fields; each field has its own type."""

    @overload
    def __init__(self, names: Callable[[A], N], a: DataType[A], /) -> None: ...
    @overload
    def __init__(self, names: Callable[[A, B], N], a: DataType[A], b: DataType[B], /) -> None: ...
    @overload
    def __init__(
        self, names: Callable[[A, B, C], N], a: DataType[A], b: DataType[B], c: DataType[C], /
    ) -> None: ...
    @overload
    def __init__(
        self,
        names: Callable[[A, B, C, D], N],
        a: DataType[A],
        b: DataType[B],
        c: DataType[C],
        d: DataType[D],
        /,
    ) -> None: ...
    @overload
    def __init__(
        self,
        names: Callable[[A, B, C, D, F], N],
        a: DataType[A],
        b: DataType[B],
        c: DataType[C],
        d: DataType[D],
        f: DataType[F],
        /,
    ) -> None: ...
    @overload
    def __init__(
        self,
        names: Callable[[A, B, C, D, F, G], N],
        a: DataType[A],
        b: DataType[B],
        c: DataType[C],
        d: DataType[D],
        f: DataType[F],
        g: DataType[G],
        /,
    ) -> None: ...
    @overload
    def __init__(
        self,
        names: Callable[[A, B, C, D, F, G, H], N],
        a: DataType[A],
        b: DataType[B],
        c: DataType[C],
        d: DataType[D],
        f: DataType[F],
        g: DataType[G],
        h: DataType[H],
        /,
    ) -> None: ...
    @overload
    def __init__(
        self,
        names: Callable[[A, B, C, D, F, G, H, J], N],
        a: DataType[A],
        b: DataType[B],
        c: DataType[C],
        d: DataType[D],
        f: DataType[F],
        g: DataType[G],
        h: DataType[H],
        j: DataType[J],
        /,
    ) -> None: ...
    def __init__(self, names: Callable[..., N], /, *fields: DataType[Any]) -> None:
        self.names: Final = names
        self.fields: Final = fields

    def __repr__(self) -> str:
        return f"Structure({getattr(self.names, '__name__', self.names)})"

    def to_data(self, value: N) -> Data:
        if len(value) != len(self.fields):
            raise LocalProtocolError(f"{len(self.fields)} fields wanted, not {len(value)}")
        pairs = zip(self.fields, value, strict=True)
        return Data(Tag.STRUCTURE, tuple([field.to_data(one) for field, one in pairs]))

    def from_data(self, data: Data) -> N:
        elements: tuple[Data, ...] = _expect(data, Tag.STRUCTURE)
        if len(elements) != len(self.fields):
            raise DecodeError(f"{len(self.fields)} fields expected, {len(elements)} found")
        pairs = zip(self.fields, elements, strict=True)
        return self.names(*[field.from_data(one) for field, one in pairs])


Null: Final[DataType[None]] = _Plain("Null", Tag.NULL_DATA)
Boolean: Final[DataType[bool]] = _Plain("Boolean", Tag.BOOLEAN)
BitStringType: Final[DataType[BitString]] = _Plain("BitStringType", Tag.BIT_STRING)
VisibleString: Final[DataType[str]] = _Plain("VisibleString", Tag.VISIBLE_STRING)
Utf8String: Final[DataType[str]] = _Plain("Utf8String", Tag.UTF8_STRING)

Integer: Final[DataType[int]] = _Number("Integer", Tag.INTEGER)
Long: Final[DataType[int]] = _Number("Long", Tag.LONG)
DoubleLong: Final[DataType[int]] = _Number("DoubleLong", Tag.DOUBLE_LONG)
Long64: Final[DataType[int]] = _Number("Long64", Tag.LONG64)
Unsigned: Final[DataType[int]] = _Number("Unsigned", Tag.UNSIGNED)
LongUnsigned: Final[DataType[int]] = _Number("LongUnsigned", Tag.LONG_UNSIGNED)
DoubleLongUnsigned: Final[DataType[int]] = _Number("DoubleLongUnsigned", Tag.DOUBLE_LONG_UNSIGNED)
Long64Unsigned: Final[DataType[int]] = _Number("Long64Unsigned", Tag.LONG64_UNSIGNED)
EnumCode: Final[DataType[int]] = _Number("EnumCode", Tag.ENUM)
"""An enum whose code is kept as a number."""
Float32: Final[DataType[float]] = _Number("Float32", Tag.FLOAT32)
Float64: Final[DataType[float]] = _Number("Float64", Tag.FLOAT64)
Bcd: Final[DataType[int]] = _Number("Bcd", Tag.BCD)
"""One octet of two decimal digits, kept as the octet."""

AnyData: Final[DataType[Data]] = _AnyData()
"""A general value with its tag."""
LogicalName: Final[DataType[Obis]] = _LogicalName()
DateTimeOctets: Final[DataType[DateTime]] = _Clock(
    "DateTimeOctets", Tag.DATE_TIME, DateTime.encode, DateTime.decode
)
DateOctets: Final[DataType[Date]] = _Clock("DateOctets", Tag.DATE, Date.encode, Date.decode)
TimeOctets: Final[DataType[Time]] = _Clock("TimeOctets", Tag.TIME, Time.encode, Time.decode)
