"""The objects of a table, made: what is stored is read and written, what is done acts on it.

A row's values stand in the store of written attributes. An attribute that the row `shows` is that
of another object; checks and methods are those of the Blue Book's classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Attribute, AttributeReads, AttributeWrites, Binding, Method
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import AnySelection
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.attribute_store import AttributeStore
from addad.meter.event_codes import PARAMETERS_CHANGED
from addad.meter.object_model import ObjectRow
from addad.obis import Obis

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")

LIST_MAX: Final = 255
"""Elements that a method may have added to a list."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the objects of a table reach of their meter.

    `note` logs an event, `find` gives another object, `connect` calls the head end, and `written`
    is told of each attribute that has got another value.
    """

    store: AttributeStore
    note: Callable[[int], None]
    find: Callable[[Obis], CosemObject | None]
    now: Callable[[], DateTime]
    connect: Callable[[], None]
    written: Callable[[int, Obis, int, Data], None]

    def value_of(self, class_id: int, logical_name: Obis, index: int) -> bytes:
        """The octets of another object's attribute; raises `AccessError` where there is none.

        Nor are there any of the buffer of a profile, which is as long as it likes.
        """
        item = self.find(logical_name)
        if item is None:
            raise AccessError(DataAccessResult.OBJECT_UNDEFINED)
        if item.interface_class.class_id != class_id:
            raise AccessError(DataAccessResult.OBJECT_CLASS_INCONSISTENT)
        reads = item.reads.get(index)
        if reads is None:
            raise AccessError(DataAccessResult.READ_WRITE_DENIED)
        octets = reads.encode(None)
        if not isinstance(octets, bytes):
            raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
        return octets


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a table, with its values behind it."""

    row: ObjectRow
    around: Surroundings

    def own(self, method: Method[P, R]) -> Method[P, R]:
        """A method as this object's version of the class has it."""
        return cast("Method[P, R]", self.row.interface_class.methods[method.index])

    def value(self, attribute: Attribute[T]) -> T:
        """What an attribute holds now."""
        octets = self.around.store.read(self.row.logical_name, attribute.index)
        return attribute.type.decode(octets)

    def put(self, attribute: Attribute[T], value: T, event: int | None = None) -> None:
        """Let an attribute hold another value; logs `event`, or that a parameter was changed."""
        octets = attribute.type.encode(value)
        if self.keep(attribute.index, octets):
            self.around.note(PARAMETERS_CHANGED if event is None else event)

    def keep(self, index: int, octets: bytes) -> bool:
        """Let an attribute hold other octets and say nothing in the log; whether they differ."""
        row = self.row
        if not self.around.store.write(row.logical_name, index, octets):
            return False
        if index not in row.write_only:
            data = axdr.decode(octets)
            self.around.written(row.interface_class.class_id, row.logical_name, index, data)
        return True


Check = Callable[[StoredObject, Any], None]
"""Raises `AccessError` for a value that an attribute may not have."""


def _nothing(_stored: StoredObject) -> Iterator[Binding]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Trait:
    """What a class has beside stored values, by index of the attribute.

    `behaviour` gives methods, and attributes that are made when they are read; `events` are logged
    in place of *parameter changed*.
    """

    behaviour: Callable[[StoredObject], Iterator[Binding]] = _nothing
    checks: Mapping[int, Check] = field(default_factory=dict)
    events: Mapping[int, int] = field(default_factory=dict)


def stored_object(stored: StoredObject, trait: Trait) -> CosemObject:
    """The object of a row."""
    row = stored.row
    made = list(trait.behaviour(stored))
    given = {binding.attribute.index for binding in made if isinstance(binding, AttributeReads)}
    bindings: list[Binding] = [*made, *(_shows(stored, index) for index in row.shows)]
    for index in row.values:
        attribute = row.interface_class.attributes[index]
        if index not in row.write_only and index not in given:
            bindings.append(_reads(stored, attribute))
        if index in row.writable or index in row.write_only:
            bindings.append(_writes(stored, attribute, trait))
    return CosemObject(row.interface_class, row.logical_name, *bindings)


def _whole(selection: AnySelection | None) -> None:
    if selection is not None:
        raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)


def _reads(stored: StoredObject, attribute: Attribute[object]) -> AttributeReads:
    store, name, index = stored.around.store, stored.row.logical_name, attribute.index

    def octets(selection: AnySelection | None) -> bytes:
        _whole(selection)
        return store.read(name, index)

    return AttributeReads(attribute, octets)


def _shows(stored: StoredObject, index: int) -> AttributeReads:
    attribute = stored.row.interface_class.attributes[index]
    shown = stored.row.shows[index]

    def octets(selection: AnySelection | None) -> bytes:
        _whole(selection)
        return stored.around.value_of(*shown)

    return AttributeReads(attribute, octets)


def _writes(stored: StoredObject, attribute: Attribute[object], trait: Trait) -> AttributeWrites:
    check = trait.checks.get(attribute.index)
    event = trait.events.get(attribute.index)

    store, name, index = stored.around.store, stored.row.logical_name, attribute.index

    def keep(value: object) -> None:
        if isinstance(value, Data) and value.tag != store.read(name, index)[0]:
            raise AccessError(DataAccessResult.TYPE_UNMATCHED)
        if check is not None:
            check(stored, value)
        stored.put(attribute, value, event)

    return attribute.writes(keep)


def refusal(why: str) -> AccessError:
    """What refuses a value that its type allows and its object does not."""
    return AccessError(DataAccessResult.OTHER_REASON, why)
