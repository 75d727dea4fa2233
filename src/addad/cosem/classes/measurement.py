"""Interface classes for parameters and measurement: data, registers of three kinds, profiles.

Blue Book: classes 1, 3, 4, 5, 6 and 7 (versions 0 and 1). A value is a CHOICE: `.typed` narrows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias, cast

from addad.cosem.classes.definitions import ObjectDefinitionType
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
from addad.dlms.callbacks import check_called
from addad.dlms.data import Data as AxdrData
from addad.dlms.data import Tag
from addad.dlms.octets import encode_length
from addad.dlms.results import DataAccessResult
from addad.dlms.types import (
    AnyData,
    Array,
    DateTimeOctets,
    DoubleLongUnsigned,
    Enum,
    EnumCode,
    Integer,
    Limited,
    LongUnsigned,
    OctetString,
    Structure,
    Unsigned,
)
from addad.errors import AccessError
from addad.units import ScalerUnit


class Data(InterfaceClass):
    """One value of any type."""

    class_id, version = 1, 0

    value = Attribute(2, AnyData)


ScalerUnitType: Final = Structure(ScalerUnit, Integer, EnumCode)


class Register(InterfaceClass):
    """One measured value with its scaler and unit."""

    class_id, version = 3, 0

    value = Attribute(2, AnyData)
    scaler_unit = Attribute(3, ScalerUnitType)
    reset = Method(1)


class ExtendedRegister(InterfaceClass):
    """One measured value with its scaler and unit, its status, and when it was captured."""

    class_id, version = 4, 0

    value = Attribute(2, AnyData)
    scaler_unit = Attribute(3, ScalerUnitType)
    status = Attribute(4, AnyData)
    capture_time = Attribute(5, DateTimeOctets)
    reset = Method(1)


class DemandRegister(InterfaceClass):
    """An average over a sliding window of `number_of_periods` periods of `period` seconds."""

    class_id, version = 5, 0

    current_average_value = Attribute(2, AnyData)
    last_average_value = Attribute(3, AnyData)
    scaler_unit = Attribute(4, ScalerUnitType)
    status = Attribute(5, AnyData)
    capture_time = Attribute(6, DateTimeOctets)
    start_time_current = Attribute(7, DateTimeOctets)
    period = Attribute(8, Limited(DoubleLongUnsigned, 1, 0xFFFF_FFFF))
    number_of_periods = Attribute(9, Limited(LongUnsigned, 1, 0xFFFF))
    reset = Method(1)
    next_period = Method(2)


class RegisterMask(NamedTuple):
    """Which registers count under a mask, by their places in `register_assignment` from 1."""

    mask_name: bytes
    index_list: tuple[int, ...]


RegisterMaskType: Final = Structure(RegisterMask, OctetString(), Array(Unsigned))


class RegisterActivation(InterfaceClass):
    """Which registers count at present: tariffs by masks."""

    class_id, version = 6, 0

    register_assignment = Attribute(2, Array(ObjectDefinitionType))
    mask_list = Attribute(3, Array(RegisterMaskType))
    active_mask = Attribute(4, OctetString())
    add_register = Method(1, ObjectDefinitionType)
    add_mask = Method(2, RegisterMaskType)
    delete_mask = Method(3, OctetString())


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
        check_called(rows)

        def octets(selection: AnySelection | None) -> Encodable:
            if isinstance(selection, Selection):
                raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
            return rows(selection).pieces()

        return AttributeReads(cast("Attribute[object]", self), octets)


class ProfileGenericV0(InterfaceClass):
    """A table of captured values: load profile, billing profile, event log.

    `capture_period` is in seconds, 0 when something else triggers the capture. Methods 3 and 4 of
    old editions are reserved and not here.
    """

    class_id, version = 7, 0

    buffer = BufferAttribute(2, Array(AnyData))
    capture_objects = Attribute(3, Array(CAPTURE_OBJECT))
    capture_period = Attribute(4, DoubleLongUnsigned)
    sort_method = Attribute(5, Enum(SortMethod))
    sort_object = Attribute(6, CAPTURE_OBJECT)
    entries_in_use = Attribute(7, DoubleLongUnsigned)
    profile_entries = Attribute(8, DoubleLongUnsigned)
    reset = Method(1)
    capture = Method(2)


class ProfileGeneric(ProfileGenericV0):
    """A table of captured values: load profile, billing profile, event log."""

    class_id, version = 7, 1


__all__ = [
    "BufferAttribute",
    "CaptureObject",
    "Data",
    "DemandRegister",
    "ExtendedRegister",
    "ProfileGeneric",
    "ProfileGenericV0",
    "ProfileSelection",
    "Register",
    "RegisterActivation",
    "RegisterMask",
    "RegisterMaskType",
    "Rows",
    "ScalerUnitType",
    "SortMethod",
]
