"""Interface classes for values in bulk: Register table, Compact data, Status mapping.

Blue Book: classes 61, 62 (versions 0 and 1) and 63.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from addad.cosem.classes.definitions import RestrictedObjectType
from addad.cosem.classes.measurement import ScalerUnitType
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.apdu.descriptors import CAPTURE_OBJECT
from addad.dlms.data import Data
from addad.dlms.types import (
    AnyData,
    Array,
    Enum,
    Integer,
    LogicalName,
    LongUnsigned,
    OctetString,
    Structure,
    Unsigned,
)
from addad.obis import Obis


class TableCellDefinition(NamedTuple):
    """Which attribute stands in the cells: a cell for each value of group E of the name."""

    class_id: int
    logical_name: Obis
    group_e_values: tuple[int, ...]
    attribute_index: int


class RegisterTable(InterfaceClass):
    """Values of the same kind, as harmonics are, under one name; the cells are any array."""

    class_id, version = 61, 0

    table_cell_values = Attribute(2, AnyData)
    table_cell_definition = Attribute(
        3, Structure(TableCellDefinition, LongUnsigned, LogicalName, Array(Unsigned), Integer)
    )
    scaler_unit = Attribute(4, ScalerUnitType)
    reset = Method(1)
    capture = Method(2)


class CaptureMethod(IntEnum):
    """When compact data are captured; one source has the codes 1 and 2 in their place."""

    INVOKE = 0
    IMPLICIT = 1


class _CompactData(InterfaceClass):
    """What both versions share."""

    compact_buffer = Attribute(2, OctetString())
    template_id = Attribute(4, Unsigned)
    template_description = Attribute(5, OctetString())
    capture_method = Attribute(6, Enum(CaptureMethod))
    reset = Method(1)
    capture = Method(2)


class CompactData(_CompactData):
    """Captured values without their tags; `template_description` tells them.

    The first capture object is the object's own `template_id`.
    """

    class_id, version = 62, 0

    capture_objects = Attribute(3, Array(CAPTURE_OBJECT))


class CompactDataV1(_CompactData):
    """Captured values without their tags, of profiles only some entries."""

    class_id, version = 62, 1

    capture_objects = Attribute(3, Array(RestrictedObjectType))


class MappingTable(NamedTuple):
    """What the bits of a status word mean: entries of a table, numbered from one on or listed."""

    ref_table_id: int
    ref_table_mapping: Data


class StatusMapping(InterfaceClass):
    """A status word, and the table that explains it.

    The mapping is a long-unsigned, the entry of the first bit, or an array of them, one a bit.
    """

    class_id, version = 63, 0

    status_word = Attribute(2, AnyData)
    mapping_table = Attribute(3, Structure(MappingTable, Unsigned, AnyData))
