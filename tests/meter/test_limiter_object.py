"""The limiter as an object: its thresholds, durations, emergency and actions are truly followed."""

from datetime import timedelta

from addad import obis
from addad.cosem.classes import Limiter, ProfileGeneric, Register
from addad.cosem.classes.control import ControlState, EmergencyProfile, LimiterActions
from addad.cosem.classes.definitions import ScriptReference, ValueDefinition
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.results import DataAccessResult
from addad.dlms.types import DoubleLongUnsigned
from addad.meter.event_codes import Log

NORMAL = Limiter.threshold_normal.typed(DoubleLongUnsigned)
EMERGENCY = Limiter.threshold_emergency.typed(DoubleLongUnsigned)
ACTIVE = Limiter.threshold_active.typed(DoubleLongUnsigned)
MEAN = Register.value.typed(DoubleLongUnsigned)
OK = DataAccessResult.SUCCESS
NONE, CUT_OFF = (ScriptReference(obis.DISCONNECT_SCRIPTS, number) for number in (0, 1))


def test_it_watches_a_register_that_shows_what_it_watches(desk) -> None:
    desk.step(1.0, 4321.4)
    watched = desk.get(obis.LIMITER, Limiter.monitored_value)
    assert watched == ValueDefinition(3, obis.ACTIVE_POWER_IMPORT_MEAN, 2)
    assert desk.get(watched.logical_name, MEAN) == 4321
    assert desk.get(watched.logical_name, Register.scaler_unit).scaler == 0


def test_the_contracted_power_is_set_in_watt_and_seconds_within_bounds(desk) -> None:
    assert desk.set(obis.LIMITER, NORMAL, 6000) is OK
    assert desk.set(obis.LIMITER, Limiter.min_over_threshold_duration, 45) is OK
    assert desk.get(obis.LIMITER, ACTIVE) == desk.get(obis.LIMITER, NORMAL) == 6000
    assert desk.get(obis.LIMITER, Limiter.min_over_threshold_duration) == 45
    assert desk.set(obis.LIMITER, NORMAL, 4_000_000_000) is DataAccessResult.OTHER_REASON
    assert desk.meter.supply.limiter.threshold_w == 6000
    assert list(desk.meter.notices.logs[Log.DISCONNECTOR].codes()) == [67, 67]


def test_lm_05_a_threshold_of_another_type_is_refused(desk) -> None:
    for threshold in (Limiter.threshold_normal, Limiter.threshold_emergency):
        wrong = Data(Tag.LONG_UNSIGNED, 6000)
        assert desk.set(obis.LIMITER, threshold, wrong) is DataAccessResult.TYPE_UNMATCHED


def test_over_the_threshold_the_supply_is_cut_and_the_log_says_above_what(desk) -> None:
    desk.set(obis.LIMITER, NORMAL, 3000)
    desk.set(obis.LIMITER, Limiter.min_over_threshold_duration, 5)
    for _ in range(7):
        desk.step(1.0, 3500.0)
    assert desk.meter.supply.relay.state is ControlState.READY_FOR_RECONNECTION
    log = desk.get(obis.EVENT_LOG_DISCONNECTOR, ProfileGeneric.buffer)
    assert [row.value[1].value for row in log] == [67, 67, 65, 64, 59]
    assert log[2].value[3].value == 3000
    columns = desk.get(obis.EVENT_LOG_DISCONNECTOR, ProfileGeneric.capture_objects)
    assert tuple(columns[3])[:3] == (71, obis.LIMITER, 3)


def test_lm_06_an_emergency_is_told_and_cuts_at_its_own_threshold(desk) -> None:
    begin = DateTime.from_datetime(desk.meter.clock.local(desk.now + timedelta(seconds=10)))
    desk.set(obis.LIMITER, NORMAL, 9000)
    desk.set(obis.LIMITER, EMERGENCY, 1000)
    desk.set(obis.LIMITER, Limiter.min_over_threshold_duration, 3)
    desk.set(obis.LIMITER, Limiter.emergency_profile_group_id_list, (5,))
    desk.set(obis.LIMITER, Limiter.emergency_profile, EmergencyProfile(5, begin, 60))
    told = len(list(desk.meter.notices.logs[Log.DISCONNECTOR].codes()))
    for _ in range(8):
        desk.step(1.0, 2000.0)
    assert not desk.get(obis.LIMITER, Limiter.emergency_profile_active)
    for _ in range(8):
        desk.step(1.0, 2000.0)
    assert desk.get(obis.LIMITER, Limiter.emergency_profile_active)
    assert desk.get(obis.LIMITER, ACTIVE) == 1000
    codes = list(desk.meter.notices.logs[Log.DISCONNECTOR].codes())
    assert codes[: len(codes) - told] == [59, 64, 65, 67]


def test_the_action_is_the_disconnect_script_or_none(desk) -> None:
    assert desk.get(obis.LIMITER, Limiter.actions) == LimiterActions(CUT_OFF, NONE)
    refused = DataAccessResult.OTHER_REASON
    for over, under in ((CUT_OFF._replace(script_selector=2), NONE), (CUT_OFF, CUT_OFF)):
        assert desk.set(obis.LIMITER, Limiter.actions, LimiterActions(over, under)) is refused
    desk.set(obis.LIMITER, NORMAL, 1000)
    desk.set(obis.LIMITER, Limiter.min_over_threshold_duration, 1)
    assert desk.set(obis.LIMITER, Limiter.actions, LimiterActions(NONE, NONE)) is OK
    for _ in range(5):
        desk.step(1.0, 5000.0)
    assert desk.meter.supply.relay.closed
    assert next(iter(desk.meter.notices.logs[Log.DISCONNECTOR].codes())) == 65
