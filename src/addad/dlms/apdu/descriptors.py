"""What a request names: an attribute, part of one by selective access, or a method.

Green Book, IEC 62056-5-3 (Cosem-Attribute-Descriptor, Selective-Access-Descriptor,
Cosem-Method-Descriptor); Blue Book, Profile generic (range and entry).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct, error
from typing import Final, NamedTuple, TypeVar

from addad.dlms import data as axdr
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.octets import Cursor, encode_length
from addad.dlms.types import (
    AnyData,
    Array,
    DateTimeOctets,
    DoubleLongUnsigned,
    Integer,
    LogicalName,
    LongUnsigned,
    Structure,
)
from addad.errors import DecodeError, LocalProtocolError
from addad.obis import Obis

T = TypeVar("T")

ALL_ATTRIBUTES: Final = 0
"""The number that means all attributes of an object: their values are one structure."""
RANGE: Final = 1
ENTRY: Final = 2
MAX_ITEMS: Final = 256
"""How many attributes or methods one request may name."""

_PROFILE_BUFFER: Final = (7, 2)
_NAME: Final = Struct(">H6sb")


class CaptureObject(NamedTuple):
    """A column of a profile: which attribute it captures; attribute 0 is all of them."""

    class_id: int
    logical_name: Obis
    attribute_index: int
    data_index: int = 0


CAPTURE_OBJECT: Final = Structure(CaptureObject, LongUnsigned, LogicalName, Integer, LongUnsigned)


class Selection(NamedTuple):
    """Any other selector and its parameters, as they stand on the wire."""

    selector: int
    parameters: Data


class RangeSelection(NamedTuple):
    """Rows whose `restricting` column is from one value to another, both included.

    No `columns` means all columns.
    """

    restricting: CaptureObject
    from_value: Data
    to_value: Data
    columns: tuple[CaptureObject, ...] = ()

    @classmethod
    def between(
        cls,
        restricting: CaptureObject,
        first: DateTime,
        last: DateTime,
        columns: tuple[CaptureObject, ...] = (),
    ) -> RangeSelection:
        """Rows whose clock is from `first` to `last`, both included."""
        ends = DateTimeOctets.to_data(first), DateTimeOctets.to_data(last)
        return cls(restricting, *ends, columns)


class EntrySelection(NamedTuple):
    """Rows and columns by number from 1, both ends included; a last one of 0 is the end."""

    from_entry: int
    to_entry: int = 0
    from_column: int = 1
    to_column: int = 0


AnySelection = Selection | RangeSelection | EntrySelection

_RANGE_TYPE: Final = Structure(
    RangeSelection, CAPTURE_OBJECT, AnyData, AnyData, Array(CAPTURE_OBJECT)
)
_ENTRY_TYPE: Final = Structure(
    EntrySelection, DoubleLongUnsigned, DoubleLongUnsigned, LongUnsigned, LongUnsigned
)


def _write_selection(selection: AnySelection) -> bytes:
    match selection:
        case RangeSelection():
            return bytes((RANGE,)) + _RANGE_TYPE.encode(selection)
        case EntrySelection():
            return bytes((ENTRY,)) + _ENTRY_TYPE.encode(selection)
        case _:
            return bytes((selection.selector,)) + axdr.encode(selection.parameters)


def _profile_selection(selector: int, parameters: Data) -> AnySelection:
    """A profile's range or entries; another form stays as it is."""
    try:
        if selector == RANGE and parameters.tag == Tag.STRUCTURE:
            return _RANGE_TYPE.from_data(parameters)
        if selector == ENTRY:
            return _ENTRY_TYPE.from_data(parameters)
    except DecodeError:
        pass
    return Selection(selector, parameters)


@dataclass(frozen=True, slots=True)
class AttributeDescriptor:
    """An attribute of the object with a logical name, or a selected part of it.

    Read from the wire, a profile buffer's selection is typed when it has the form of a range or
    of entries; any other is a `Selection`.
    """

    class_id: int
    logical_name: Obis
    index: int
    selection: AnySelection | None = None

    def encode(self) -> bytes:
        """The octets of the descriptor and its selection; raises `LocalProtocolError`."""
        if self.selection is None:
            return _pack(self) + b"\x00"
        return _pack(self) + b"\x01" + _write_selection(self.selection)

    def encode_name(self) -> bytes:
        """The octets without the selection and its flag; raises `LocalProtocolError`."""
        return _pack(self)

    def encode_selection(self) -> bytes:
        """The selector and its parameters, without a flag; no octets when there is none."""
        return b"" if self.selection is None else _write_selection(self.selection)

    @classmethod
    def read(cls, cursor: Cursor) -> AttributeDescriptor:
        """The descriptor at the cursor, with the flag of its selection; raises `DecodeError`."""
        name = cls.read_name(cursor)
        return name._select(cursor) if cursor.boolean() else name

    @classmethod
    def read_name(cls, cursor: Cursor, selected: bool = False) -> AttributeDescriptor:
        """The descriptor at the cursor without a flag, and its selection if it is `selected`."""
        name = cls(cursor.u16(), Obis(cursor.take(6)), cursor.i8())
        return name._select(cursor) if selected else name

    def _select(self, cursor: Cursor) -> AttributeDescriptor:
        class_id, logical_name, index = self.class_id, self.logical_name, self.index
        selector = cursor.u8()
        parameters = axdr.read(cursor)
        if (class_id, index) == _PROFILE_BUFFER:
            selection = _profile_selection(selector, parameters)
            return AttributeDescriptor(class_id, logical_name, index, selection)
        plain = Selection(selector, parameters)
        return AttributeDescriptor(class_id, logical_name, index, plain)


@dataclass(frozen=True, slots=True)
class MethodDescriptor:
    """A method of the object with a logical name."""

    class_id: int
    logical_name: Obis
    index: int

    def encode(self) -> bytes:
        """The octets of the descriptor; raises `LocalProtocolError`."""
        return _pack(self)

    @classmethod
    def read(cls, cursor: Cursor) -> MethodDescriptor:
        """The descriptor at the cursor; raises `DecodeError`."""
        return cls(cursor.u16(), Obis(cursor.take(6)), cursor.i8())


def _pack(descriptor: AttributeDescriptor | MethodDescriptor) -> bytes:
    class_id, index = descriptor.class_id, descriptor.index
    try:
        return _NAME.pack(class_id, descriptor.logical_name, index)
    except error:
        if hasattr(name := descriptor.logical_name, "encode"):
            raise LocalProtocolError(f"a text is no name: Obis.parse({name!r}) makes one") from None
        raise LocalProtocolError(f"class {class_id} has no number {index}") from None


def read_list(cursor: Cursor, read: Callable[[Cursor], T]) -> tuple[T, ...]:
    """A count and that many items, each of at least one octet; raises `DecodeError`."""
    count = cursor.length()
    if count > min(cursor.remaining, MAX_ITEMS):
        raise DecodeError(f"{count} items declared; {MAX_ITEMS} is the limit")
    return tuple([read(cursor) for _ in range(count)])


def write_list(items: list[bytes]) -> bytes:
    """A count and the octets of that many items."""
    return encode_length(len(items)) + b"".join(items)
