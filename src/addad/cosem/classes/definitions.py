"""Structures that several interface classes share: scripts to run, values to watch, windows.

Blue Book, as classes 20, 21, 22, 28, 29, 40, 62, 65, 68, 70 and 71 use them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data
from addad.dlms.types import (
    AnyData,
    Array,
    DateTimeOctets,
    DoubleLongUnsigned,
    Enum,
    Integer,
    LogicalName,
    LongUnsigned,
    Structure,
)
from addad.obis import Obis


class ScriptReference(NamedTuple):
    """A script of a script table: which table, and which script in it; 0 is none."""

    script_logical_name: Obis
    script_selector: int


ScriptReferenceType: Final = Structure(ScriptReference, LogicalName, LongUnsigned)


class ActionSet(NamedTuple):
    """What to run when a value crosses its threshold upwards, and downwards."""

    action_up: ScriptReference
    action_down: ScriptReference


ActionSetType: Final = Structure(ActionSet, ScriptReferenceType, ScriptReferenceType)


class ValueDefinition(NamedTuple):
    """One attribute of one object."""

    class_id: int
    logical_name: Obis
    attribute_index: int


ValueDefinitionType: Final = Structure(ValueDefinition, LongUnsigned, LogicalName, Integer)


class ObjectDefinition(NamedTuple):
    """One object."""

    class_id: int
    logical_name: Obis


ObjectDefinitionType: Final = Structure(ObjectDefinition, LongUnsigned, LogicalName)


class CommunicationWindow(NamedTuple):
    """When something is allowed; wildcards make it recur."""

    start_time: DateTime
    end_time: DateTime


CommunicationWindowType: Final = Structure(CommunicationWindow, DateTimeOctets, DateTimeOctets)


class RestrictionType(IntEnum):
    """By what the entries of a captured profile are restricted."""

    NONE = 0
    DATE = 1
    ENTRY = 2


class Restriction(NamedTuple):
    """Which entries are meant; the value is null, `DateRestriction` or `EntryRestriction`."""

    restriction_type: RestrictionType
    restriction_value: Data


RestrictionElement: Final = Structure(Restriction, Enum(RestrictionType), AnyData)


class DateRestriction(NamedTuple):
    """From one date-time to another."""

    from_date: DateTime
    to_date: DateTime


DateRestrictionType: Final = Structure(DateRestriction, DateTimeOctets, DateTimeOctets)


class EntryRestriction(NamedTuple):
    """From one entry to another, by number from 1."""

    from_entry: int
    to_entry: int


EntryRestrictionType: Final = Structure(EntryRestriction, DoubleLongUnsigned, DoubleLongUnsigned)


class RestrictedObject(NamedTuple):
    """An attribute, and which of its entries are meant."""

    class_id: int
    logical_name: Obis
    attribute_index: int
    data_index: int
    restriction: Restriction


RestrictedObjectType: Final = Structure(
    RestrictedObject, LongUnsigned, LogicalName, Integer, LongUnsigned, RestrictionElement
)
ScriptReferences: Final = Array(ScriptReferenceType)
