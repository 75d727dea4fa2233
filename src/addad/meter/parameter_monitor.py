"""Which parameters are watched, and what was changed last.

Blue Book: class 65, Parameter monitor. Watched is what somebody can read: secrets are not; and only
what a client writes counts as a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from addad.cosem.classes.definitions import ValueDefinition
from addad.cosem.classes.monitoring import ChangedParameter, ParameterMonitor
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeWrites, Binding
from addad.dlms.data import NULL, Data
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.object_model import ObjectModel
from addad.meter.stored_objects import LIST_MAX, StoredObject, Surroundings, Trait, refusal
from addad.obis import Obis

Written: TypeAlias = Callable[[int, Obis, int, Data], None]
"""Told of an attribute that has another value: class, name, index, value."""

_LIST = ParameterMonitor.parameter_list


def _check(stored: StoredObject, parameters: tuple[ValueDefinition, ...]) -> None:
    if len(parameters) > LIST_MAX:
        raise refusal(f"no more than {LIST_MAX} parameters")
    for one in parameters:
        _watchable(stored, one)


def _watchable(stored: StoredObject, one: ValueDefinition) -> None:
    item = stored.around.find(one.logical_name)
    if item is None or item.interface_class.class_id != one.class_id:
        raise AccessError(DataAccessResult.OBJECT_UNDEFINED)
    if one.attribute_index not in item.reads:
        raise AccessError(DataAccessResult.READ_WRITE_DENIED)


def _behaviour(stored: StoredObject) -> Iterator[Binding]:
    def add(one: ValueDefinition) -> None:
        _watchable(stored, one)
        parameters = stored.value(_LIST)
        if one not in parameters:
            if len(parameters) >= LIST_MAX:
                raise refusal(f"no more than {LIST_MAX} parameters")
            stored.put(_LIST, (*parameters, one))

    def delete(one: ValueDefinition) -> None:
        parameters = stored.value(_LIST)
        if one not in parameters:
            raise AccessError(DataAccessResult.OBJECT_UNAVAILABLE)
        stored.put(_LIST, tuple(other for other in parameters if other != one))

    yield stored.own(ParameterMonitor.add_parameter).does(add)
    yield stored.own(ParameterMonitor.delete_parameter).does(delete)


PARAMETER_MONITOR: Final = Trait(_behaviour, {_LIST.index: _check})


def notice(stored: StoredObject, class_id: int, name: Obis, index: int, value: Data) -> None:
    """Keep what was changed, if it is watched; a value that has no room is kept as null."""
    if ValueDefinition(class_id, name, index) not in stored.value(_LIST):
        return
    changed, time = ParameterMonitor.changed_parameter, ParameterMonitor.capture_time
    store, own = stored.around.store, stored.row.logical_name
    try:
        octets = changed.type.encode(ChangedParameter(class_id, name, index, value))
        store.write(own, changed.index, octets)
    except AccessError:
        octets = changed.type.encode(ChangedParameter(class_id, name, index, NULL))
        store.write(own, changed.index, octets)
    store.write(own, time.index, time.type.encode(stored.around.now()))


def notice_change(
    model: ObjectModel, around: Surroundings, class_id: int, name: Obis, index: int, value: Data
) -> None:
    """Tell all parameter monitors of a table of a change."""
    for row in model.rows:
        if row.interface_class.class_id == ParameterMonitor.class_id:
            notice(StoredObject(row, around), class_id, name, index, value)


def watch_writes(items: Iterable[CosemObject], written: Written) -> None:
    """Have `written` told of each SET that changes a readable attribute of these objects."""
    for item in items:
        for index in set(item.writes) & set(item.reads):
            item.writes[index] = _watched(item, item.writes[index], written)


def _watched(item: CosemObject, writes: AttributeWrites, written: Written) -> AttributeWrites:
    index = writes.attribute.index

    def accept(data: Data) -> None:
        reads = item.reads[index]
        before = reads.encode(None)
        writes.accept(data)
        if reads.encode(None) != before:
            written(item.interface_class.class_id, item.logical_name, index, data)

    return AttributeWrites(writes.attribute, accept, writes.costly)
