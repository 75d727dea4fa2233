"""What the classes of a table's objects do and refuse, over their stored attributes.

Blue Book: the methods of classes 6, 9, 11, 20, 29, 62, 65 and 68, and what attributes may not be
written with. Methods behind which nothing stands yet take their parameter and refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from addad.cosem.classes.definitions import ActionSet, ValueDefinition
from addad.cosem.classes.modem import AutoConnect, AutoConnectMode, AutoConnectV1
from addad.cosem.classes.monitoring import RegisterMonitor
from addad.cosem.classes.schedules import ActionSpecification, Script, ScriptService, ScriptTable
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import Binding, Caller
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.data import Data, Tag, decode
from addad.dlms.results import ActionResult, DataAccessResult
from addad.errors import AccessError
from addad.meter.arbitration import ARBITRATOR
from addad.meter.calendars import ACTIVITY_CALENDAR, SINGLE_ACTION_SCHEDULE, SPECIAL_DAYS
from addad.meter.calling import TCP_MODES, WINDOWS_MAX, are_destinations
from addad.meter.data_protection import DATA_PROTECTION
from addad.meter.made_objects import COMPACT_DATA, REGISTER_TABLE
from addad.meter.object_model import ObjectModel
from addad.meter.parameter_monitor import PARAMETER_MONITOR
from addad.meter.register_masks import REGISTER_ACTIVATION
from addad.meter.stored_objects import (
    LIST_MAX,
    StoredObject,
    Surroundings,
    Trait,
    refusal,
    stored_object,
)

NO_SCRIPT: Final = 0


# --- scripts


def _check_scripts(_stored: StoredObject, scripts: tuple[Script, ...]) -> None:
    numbers = [script.script_identifier for script in scripts]
    if NO_SCRIPT in numbers or len(set(numbers)) != len(numbers):
        raise refusal("scripts have different numbers above 0")


def _script_table(stored: StoredObject) -> Iterator[Binding]:
    def execute(number: int, caller: Caller) -> None:
        """All actions in order, whatever becomes of one; the first refusal is the answer."""
        scripts = stored.value(ScriptTable.scripts)
        found = [script for script in scripts if script.script_identifier == number]
        if not found:
            raise AccessError(DataAccessResult.OBJECT_UNAVAILABLE)
        results = [_carried_out(action, caller) for action in found[0].actions]
        refused = [result for result in results if result]
        if refused:
            raise AccessError(refused[0])

    yield ScriptTable.execute.does_for(execute)


def _carried_out(action: ActionSpecification, caller: Caller) -> int:
    place = (action.class_id, action.logical_name, action.member_index)
    if action.service_id is ScriptService.WRITE_ATTRIBUTE:
        return caller.set(AttributeDescriptor(*place), action.parameter)
    return caller.action(MethodDescriptor(*place), action.parameter).result


# --- calls


def _check_mode(_stored: StoredObject, mode: AutoConnectMode) -> None:
    if mode not in TCP_MODES:
        raise refusal(f"mode {mode.name} is not for connections over TCP")


def _check_destinations(_stored: StoredObject, destinations: tuple[bytes, ...]) -> None:
    if not are_destinations(destinations):
        raise refusal("a destination is host:port")


def _check_windows(_stored: StoredObject, windows: tuple[object, ...]) -> None:
    if len(windows) > WINDOWS_MAX:
        raise refusal(f"no more than {WINDOWS_MAX} windows")


def _auto_connect(stored: StoredObject) -> Iterator[Binding]:
    def connect(_: int) -> None:
        if not stored.value(AutoConnect.destination_list):
            raise refusal("there is nobody to call")
        if stored.value(AutoConnect.mode) is AutoConnectMode.NO_AUTO_CONNECT:
            raise refusal("the mode says that nobody is called")
        stored.around.connect()

    if stored.row.interface_class.methods:
        yield stored.own(AutoConnectV1.connect).does(connect)


# --- register monitor


def _check_thresholds(stored: StoredObject, thresholds: tuple[Data, ...]) -> None:
    """They are of the type of what is monitored, as far as that has a value now."""
    if len(thresholds) > LIST_MAX:
        raise refusal(f"no more than {LIST_MAX} thresholds")
    monitored: ValueDefinition = stored.value(RegisterMonitor.monitored_value)
    tag = decode(stored.around.value_of(*monitored)).tag
    if tag != Tag.NULL_DATA and any(one.tag != tag for one in thresholds):
        raise AccessError(DataAccessResult.TYPE_UNMATCHED)


def _check_actions(_stored: StoredObject, actions: tuple[ActionSet, ...]) -> None:
    if len(actions) > LIST_MAX:
        raise refusal(f"no more than {LIST_MAX} actions")


# --- what is not behind its methods yet


def _unbuilt(stored: StoredObject) -> Iterator[Binding]:
    def refuse(_: object) -> None:
        raise AccessError(ActionResult.READ_WRITE_DENIED, "nothing stands behind this method")

    for method in stored.row.interface_class.methods.values():
        yield method.does(refuse)


UNBUILT: Final = Trait(_unbuilt)

TRAITS: Final[dict[int, Trait]] = {
    6: REGISTER_ACTIVATION,
    9: Trait(_script_table, {ScriptTable.scripts.index: _check_scripts}),
    11: SPECIAL_DAYS,
    18: UNBUILT,
    20: ACTIVITY_CALENDAR,
    21: Trait(
        checks={
            RegisterMonitor.thresholds.index: _check_thresholds,
            RegisterMonitor.actions.index: _check_actions,
        }
    ),
    22: SINGLE_ACTION_SCHEDULE,
    29: Trait(
        _auto_connect,
        {
            AutoConnect.mode.index: _check_mode,
            AutoConnect.destination_list.index: _check_destinations,
            AutoConnect.calling_window.index: _check_windows,
        },
    ),
    30: DATA_PROTECTION,
    61: REGISTER_TABLE,
    62: COMPACT_DATA,
    65: PARAMETER_MONITOR,
    67: UNBUILT,
    68: ARBITRATOR,
    111: UNBUILT,
    112: UNBUILT,
    113: UNBUILT,
    115: UNBUILT,
}
_PLAIN: Final = Trait()


def stored_objects(model: ObjectModel, around: Surroundings) -> Iterator[CosemObject]:
    """The objects of a table, which `around` knows too once they are made."""
    for row in model.rows:
        trait = TRAITS.get(row.interface_class.class_id, _PLAIN)
        yield stored_object(StoredObject(row, around), trait)
