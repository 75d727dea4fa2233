"""The object list: which COSEM object shows which part of the meter, and what writing it does.

Logical names are those of the Blue Book and of IDIS meters, as collected in the house's tables;
group C or D 128 and above is the manufacturer's own. Who may do what is the association's affair:
here stands what an object offers at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from addad import obis
from addad.cosem.association import FaultReport
from addad.cosem.classes.control import ControlMode, DisconnectControl
from addad.cosem.classes.measurement import (
    Data,
    ProfileGeneric,
    ProfileSelection,
    Register,
    Rows,
    SortMethod,
)
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.profile_rows import select_rows
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.types import (
    DataType,
    DateTimeOctets,
    DoubleLongUnsigned,
    Nullable,
    OctetString,
    Unsigned,
)
from addad.errors import AccessError
from addad.meter.association_lists import KeptLists
from addad.meter.associations import association_specs
from addad.meter.captured_rows import CapturedRows
from addad.meter.clock_object import clock_object
from addad.meter.demand_objects import demand_objects
from addad.meter.device import Meter
from addad.meter.doorkeeper import MeterDoorkeeper
from addad.meter.event_codes import PARAMETERS_CHANGED, Log
from addad.meter.layout import Layout
from addad.meter.limiter_object import limiter_object
from addad.meter.profile import Profile
from addad.meter.push_object import push_object
from addad.meter.register_objects import register_objects
from addad.meter.relay import Answer, Trigger
from addad.meter.row_table import RowTable
from addad.meter.security_objects import security_objects
from addad.meter.table_objects import with_table
from addad.meter.tamper import Account, Subject
from addad.meter.transformer_objects import transformer_objects
from addad.obis import Obis
from addad.units import ScalerUnit, Unit

V = TypeVar("V")
T = TypeVar("T")

_SECONDS: Final = ScalerUnit(0, Unit.SECOND)
_DAY_S: Final = 86_400

_LOGS: Final = {
    Log.STANDARD: (
        obis.EVENT_LOG_STANDARD,
        obis.EVENT_CODE_STANDARD,
        obis.EVENT_COUNTER_STANDARD,
    ),
    Log.FRAUD: (obis.EVENT_LOG_FRAUD, obis.EVENT_CODE_FRAUD, obis.EVENT_COUNTER_FRAUD),
    Log.DISCONNECTOR: (
        obis.EVENT_LOG_DISCONNECTOR,
        obis.EVENT_CODE_DISCONNECTOR,
        obis.EVENT_COUNTER_DISCONNECTOR,
    ),
}
_ALARMS: Final = (
    (obis.ALARM_REGISTER_1, obis.ALARM_FILTER_1, obis.ALARM_DESCRIPTOR_1),
    (obis.ALARM_REGISTER_2, obis.ALARM_FILTER_2, obis.ALARM_DESCRIPTOR_2),
)
_TAMPER: Final = {
    Subject.COVER: obis.COVER_ACCOUNT,
    Subject.TERMINAL_COVER: obis.TERMINAL_COVER_ACCOUNT,
    Subject.MAGNET: obis.STRONG_FIELD_ACCOUNT,
}


def build_device(meter: Meter, on_fault: FaultReport | None = None) -> PhysicalDevice:
    """The meter as its clients see it: one logical device with the associations of its settings.

    Raises `InputError` for an association whose keys are not there.
    """
    device = LogicalDevice(
        meter.settings.identity.logical_device_name,
        build_objects(meter),
        association_specs(meter.settings.associations, meter.security),
        on_fault=on_fault,
        doorkeeper=MeterDoorkeeper(meter.security, meter.notices),
        lists=KeptLists(meter.table.attributes, meter.notices.note),
    )
    return PhysicalDevice([device])


def build_objects(meter: Meter) -> list[CosemObject]:
    """All objects of the meter but those of its associations."""
    own = [
        *_identity(meter),
        clock_object(meter),
        *transformer_objects(meter),
        *register_objects(meter),
        *demand_objects(meter),
        *_profiles(meter),
        *_logs(meter),
        *_alarms(meter),
        *_tamper(meter),
        _relay(meter),
        limiter_object(meter),
        push_object(meter),
        *security_objects(meter.security),
    ]
    omitted = meter.settings.model.omit
    return with_table(meter, [item for item in own if item.logical_name not in omitted])


# --- one row an object


def _data(
    name: Obis,
    kind: DataType[V],
    source: Callable[[], V],
    sink: Callable[[V], None] | None = None,
) -> CosemObject:
    value = Data.value.typed(kind)
    bindings = [value.reads(source)] if sink is None else [value.reads(source), value.writes(sink)]
    return CosemObject(Data, name, *bindings)


def _identity(meter: Meter) -> Iterator[CosemObject]:
    identity = meter.settings.identity
    yield _data(obis.DEVICE_ID_1, OctetString(), lambda: identity.serial.encode("ascii"))
    yield _data(obis.FIRMWARE_ID, OctetString(), lambda: identity.firmware.encode("ascii"))
    yield _parameter(obis.CLOCK_SHIFT_LIMIT, _SECONDS, lambda: meter.clock.limit_s)
    yield _data(
        obis.ERROR_REGISTER, DoubleLongUnsigned, lambda: int(meter.errors), meter.clear_errors
    )


def _profiles(meter: Meter) -> Iterator[CosemObject]:
    profiles = meter.profiles
    periods = (
        (obis.LOAD_PROFILE, profiles.load, profiles.period_s),
        (obis.DAILY_PROFILE, profiles.daily, _DAY_S),
        (obis.BILLING_PROFILE, profiles.billing, 0),
    )
    for name, profile, period_s in periods:
        clear = _clearing(meter, profile)
        table, layout = profile.table, profile.layout
        null_data = meter.settings.model.null_data
        yield _table(meter, name, table, layout, period_s, clear, null_data=null_data)
    yield _data(obis.PROFILE_STATUS_LOAD, Unsigned, lambda: int(profiles.load.last_status))
    yield _data(obis.PROFILE_STATUS_DAILY, Unsigned, lambda: int(profiles.daily.last_status))


def _clearing(meter: Meter, profile: Profile) -> Callable[[int], None]:
    return lambda _: meter.clear_profile(profile)


def _table(
    meter: Meter,
    name: Obis,
    table: RowTable,
    layout: Layout[T],
    period_s: int,
    clear: Callable[[int], None],
    *,
    null_data: bool = False,
) -> CosemObject:
    left_out_s = period_s if null_data else None

    def rows(selection: ProfileSelection) -> Rows:
        zone = meter.clock.local().tzinfo
        assert zone is not None
        captured = CapturedRows(table, layout)
        return select_rows(captured, selection, zone, null_data_period_s=left_out_s)

    return CosemObject(
        ProfileGeneric,
        name,
        ProfileGeneric.buffer.streams(rows),
        ProfileGeneric.capture_objects.reads(lambda: layout.capture_objects),
        ProfileGeneric.capture_period.reads(lambda: period_s),
        ProfileGeneric.sort_method.reads(lambda: SortMethod.FIFO),
        ProfileGeneric.sort_object.reads(lambda: layout.capture_objects[0]),
        ProfileGeneric.entries_in_use.reads(lambda: table.visible),
        ProfileGeneric.profile_entries.reads(lambda: table.capacity),
        ProfileGeneric.reset.does(clear),
    )


def _logs(meter: Meter) -> Iterator[CosemObject]:
    for kind, (name, code, counter) in _LOGS.items():
        log = meter.notices.logs[kind]
        yield _table(meter, name, log.table, log.layout, 0, _emptying(meter, kind))
        yield _data(code, Unsigned, _last_code(meter, kind))
        yield _data(counter, DoubleLongUnsigned, _count(meter, kind))


def _emptying(meter: Meter, kind: Log) -> Callable[[int], None]:
    return lambda _: meter.notices.clear_log(kind)


def _last_code(meter: Meter, kind: Log) -> Callable[[], int]:
    return lambda: meter.notices.logs[kind].last_code


def _count(meter: Meter, kind: Log) -> Callable[[], int]:
    return lambda: meter.notices.logs[kind].count


def _alarms(meter: Meter) -> Iterator[CosemObject]:
    for register, (name, filter_name, descriptor) in enumerate(_ALARMS):
        yield from _alarm(meter, register, name, filter_name, descriptor)


def _alarm(
    meter: Meter, register: int, name: Obis, filter_name: Obis, descriptor: Obis
) -> Iterator[CosemObject]:
    alarms = meter.notices.alarms

    def set_filter(value: int) -> None:
        if value != alarms.filters[register]:
            alarms.filters[register] = value
            meter.notices.note(PARAMETERS_CHANGED)

    yield _data(
        name,
        DoubleLongUnsigned,
        lambda: alarms.registers[register],
        lambda value: meter.notices.clear_alarm_register(register, value),
    )
    yield _data(filter_name, DoubleLongUnsigned, lambda: alarms.filters[register], set_filter)
    yield _data(
        descriptor,
        DoubleLongUnsigned,
        lambda: alarms.descriptors[register],
        lambda value: meter.notices.clear_alarm_descriptor(register, value),
    )


def _tamper(meter: Meter) -> Iterator[CosemObject]:
    for subject, names in _TAMPER.items():
        yield from _account(meter, meter.tamper.accounts[subject], names)


def _account(meter: Meter, account: Account, names: tuple[Obis, ...]) -> Iterator[CosemObject]:
    count, began, duration, total = names
    yield _data(count, DoubleLongUnsigned, lambda: account.count)
    yield _data(
        began,
        Nullable(DateTimeOctets),
        lambda: None if account.began is None else meter.clock.date_time(account.began),
    )
    yield _parameter(duration, _SECONDS, lambda: int(account.duration_s))
    yield _parameter(total, _SECONDS, lambda: int(account.total_s))


def _parameter(name: Obis, scale: ScalerUnit, source: Callable[[], int]) -> CosemObject:
    value = Register.value.typed(DoubleLongUnsigned)
    shown = Register.scaler_unit.reads(lambda: scale)
    return CosemObject(Register, name, value.reads(source), shown)


def _relay(meter: Meter) -> CosemObject:
    relay = meter.supply.relay

    def act(trigger: Trigger) -> None:
        answer = meter.request(trigger).answer
        if answer is Answer.TOO_SOON:
            raise AccessError(ActionResult.TEMPORARY_FAILURE)
        if answer is Answer.NOT_ALLOWED:
            raise AccessError(ActionResult.READ_WRITE_DENIED)

    def set_mode(mode: ControlMode) -> None:
        if not meter.set_control_mode(mode):
            raise AccessError(DataAccessResult.READ_WRITE_DENIED)

    return CosemObject(
        DisconnectControl,
        obis.DISCONNECT_CONTROL,
        DisconnectControl.output_state.reads(lambda: meter.supply.contact_closed),
        DisconnectControl.control_state.reads(lambda: relay.state),
        DisconnectControl.control_mode.reads(lambda: relay.mode),
        DisconnectControl.control_mode.writes(set_mode),
        DisconnectControl.remote_disconnect.does(lambda _: act(Trigger.REMOTE_DISCONNECT)),
        DisconnectControl.remote_reconnect.does(lambda _: act(Trigger.REMOTE_RECONNECT)),
    )
