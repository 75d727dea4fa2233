"""Objects whose values are made of others when they are read: tables of cells, compact data.

Blue Book: classes 61 and 62. The compact buffer has the contents without their tags, the template
description their type descriptions, both of a structure of the captured values; the first of them
is the object's own template identifier. Arrays are left out of compact data, as peers disagree on
them there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from addad.cosem.classes.definitions import RestrictedObject, RestrictionType
from addad.cosem.classes.measurement import CaptureObject
from addad.cosem.classes.tables import (
    CaptureMethod,
    CompactData,
    RegisterTable,
    TableCellDefinition,
)
from addad.cosem.interface_class import Attribute, Binding
from addad.dlms.compact_array import describe, untagged
from addad.dlms.data import Data, Tag, decode
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError, LocalProtocolError
from addad.meter.stored_objects import LIST_MAX, StoredObject, Trait, refusal
from addad.obis import Obis

_CELLS: Final = RegisterTable.table_cell_definition


# --- register table


def _cell_name(name: Obis, group_e: int) -> Obis:
    return Obis(name[:4] + bytes((group_e,)) + name[5:])


def _cells(stored: StoredObject, definition: TableCellDefinition) -> Data:
    class_id, name, groups, index = definition
    octets = [stored.around.value_of(class_id, _cell_name(name, group), index) for group in groups]
    return Data(Tag.ARRAY, tuple([decode(one) for one in octets]))


def _check_cells(stored: StoredObject, definition: TableCellDefinition) -> None:
    if len(definition.group_e_values) > LIST_MAX:
        raise refusal(f"no more than {LIST_MAX} cells")
    _cells(stored, definition)


def _register_table(stored: StoredObject) -> Iterator[Binding]:
    yield RegisterTable.table_cell_values.reads(lambda: _cells(stored, stored.value(_CELLS)))


# --- compact data


def _captured(stored: StoredObject) -> tuple[CaptureObject | RestrictedObject, ...]:
    octets = stored.around.store.read(stored.row.logical_name, CompactData.capture_objects.index)
    kind: Attribute[tuple[CaptureObject | RestrictedObject, ...]]
    kind = stored.row.interface_class.attributes[CompactData.capture_objects.index]  # type: ignore[assignment]
    return kind.type.decode(octets)


def _value(stored: StoredObject, captured: CaptureObject | RestrictedObject) -> Data:
    """The value of a captured attribute, or of one element of it."""
    class_id, name, index, place = captured[:4]
    if name == stored.row.logical_name:
        octets = stored.around.store.read(name, index)
    else:
        octets = stored.around.value_of(class_id, name, index)
    data = decode(octets)
    if not place:
        return data
    if data.tag not in (Tag.STRUCTURE, Tag.ARRAY) or not isinstance(data.value, tuple):
        raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    if place > len(data.value):
        raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    element = data.value[place - 1]
    assert isinstance(element, Data)
    return element


def _compact(
    stored: StoredObject, objects: tuple[CaptureObject | RestrictedObject, ...]
) -> tuple[bytes, bytes]:
    """The template description and the buffer of what is captured now."""
    values = Data(Tag.STRUCTURE, tuple([_value(stored, one) for one in objects]))
    try:
        return describe(values), untagged(values)
    except LocalProtocolError as fault:
        raise refusal(str(fault)) from None


def _check_captured(
    stored: StoredObject, objects: tuple[CaptureObject | RestrictedObject, ...]
) -> None:
    if not objects or len(objects) > LIST_MAX:
        raise refusal(f"1 to {LIST_MAX} captured objects are wanted")
    for one in objects:
        if isinstance(one, RestrictedObject):
            if one.restriction.restriction_type is not RestrictionType.NONE:
                raise refusal("no entries of profiles are captured here")
        if one[1] == stored.row.logical_name and one[2] != CompactData.template_id.index:
            raise refusal("of itself it captures its template identifier only")
    if tuple(objects[0][:3]) != (
        CompactData.class_id,
        stored.row.logical_name,
        CompactData.template_id.index,
    ):
        raise refusal("the first captured object is the template identifier")
    _compact(stored, objects)


def _compact_data(stored: StoredObject) -> Iterator[Binding]:
    known = stored.row.interface_class
    name, store = stored.row.logical_name, stored.around.store
    buffer, description = (
        known.attributes[one.index]
        for one in (CompactData.compact_buffer, CompactData.template_description)
    )
    method = CompactData.capture_method

    def made() -> bytes:
        if stored.value(method) is CaptureMethod.IMPLICIT:
            return _compact(stored, _captured(stored))[1]
        return CompactData.compact_buffer.type.decode(store.read(name, buffer.index))

    def capture(_: int) -> None:
        octets = _compact(stored, _captured(stored))[1]
        stored.keep(buffer.index, buffer.type.encode(octets))

    def reset(_: int) -> None:
        stored.keep(buffer.index, buffer.type.encode(b""))

    yield buffer.reads(made)
    yield description.reads(lambda: _compact(stored, _captured(stored))[0])
    yield stored.own(CompactData.reset).does(reset)
    yield stored.own(CompactData.capture).does(capture)


REGISTER_TABLE: Final = Trait(_register_table, {_CELLS.index: _check_cells})
COMPACT_DATA: Final = Trait(_compact_data, {CompactData.capture_objects.index: _check_captured})
