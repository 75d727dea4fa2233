"""Interface classes for parameters and measurement: Data, Register, Profile generic.

Blue Book: classes 1, 3 and 7 (version 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias, cast

from addad.cosem.interface_class import (
    Attribute,
    AttributeReads,
    InterfaceClass,
    Method,
)
from addad.dlms.apdu.descriptors import (
    CAPTURE_OBJECT,
    AnySelection,
    CaptureObject,
    EntrySelection,
    RangeSelection,
    Selection,
)
from addad.dlms.blocks import Encodable
from addad.dlms.data import Data as AxdrData
from addad.dlms.data import Tag
from addad.dlms.octets import encode_length
from addad.dlms.results import DataAccessResult
from addad.dlms.types import (
    AnyData,
    Array,
    DoubleLongUnsigned,
    Enum,
    EnumCode,
    Integer,
    Structure,
)
from addad.errors import AccessError
from addad.units import ScalerUnit


class Data(InterfaceClass):
    """One value of any type."""

    class_id, version = 1, 0

    value = Attribute(2, AnyData)


class Register(InterfaceClass):
    """One measured value with its scaler and unit."""

    class_id, version = 3, 0

    value = Attribute(2, AnyData)
    scaler_unit = Attribute(3, Structure(ScalerUnit, Integer, EnumCode))
    reset = Method(1)


class SortMethod(IntEnum):
    """How a profile keeps its entries."""

    FIFO = 1
    LIFO = 2
    LARGEST = 3
    SMALLEST = 4
    NEAREST_TO_ZERO = 5
    FARTHEST_FROM_ZERO = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """The entries that answer one GET of a buffer: how many, and their octets, made as they leave.

    Each entry is an encoded structure; one item of `octets` may hold one entry or many.
    """

    count: int
    octets: Iterable[bytes]

    def pieces(self) -> Iterator[bytes]:
        """The array: its tag and count, then the entries."""
        yield bytes((Tag.ARRAY,)) + encode_length(self.count)
        yield from self.octets


ProfileSelection: TypeAlias = RangeSelection | EntrySelection | None


class BufferAttribute(Attribute[tuple[AxdrData, ...]]):
    """The buffer of a profile: read whole, by range or by entry, in pieces."""

    __slots__ = ()

    def streams(self, rows: Callable[[ProfileSelection], Rows]) -> AttributeReads:
        """Answer GET with rows that are encoded as the blocks leave; refuse by `AccessError`."""

        def octets(selection: AnySelection | None) -> Encodable:
            if isinstance(selection, Selection):
                raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
            return rows(selection).pieces()

        return AttributeReads(cast("Attribute[object]", self), octets)


class ProfileGeneric(InterfaceClass):
    """A table of captured values: load profile, billing profile, event log."""

    class_id, version = 7, 1

    buffer = BufferAttribute(2, Array(AnyData))
    capture_objects = Attribute(3, Array(CAPTURE_OBJECT))
    capture_period = Attribute(4, DoubleLongUnsigned)
    sort_method = Attribute(5, Enum(SortMethod))
    sort_object = Attribute(6, CAPTURE_OBJECT)
    entries_in_use = Attribute(7, DoubleLongUnsigned)
    profile_entries = Attribute(8, DoubleLongUnsigned)
    reset = Method(1)
    capture = Method(2)


__all__ = [
    "BufferAttribute",
    "CaptureObject",
    "Data",
    "ProfileGeneric",
    "ProfileSelection",
    "Register",
    "Rows",
    "SortMethod",
]
