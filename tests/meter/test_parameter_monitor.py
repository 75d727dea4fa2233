"""What is watched is noticed when it is written, however; secrets are not watched."""

from addad import obis
from addad.cosem.classes import DisconnectControl, IECLocalPortSetup, Limiter, ParameterMonitor
from addad.cosem.classes.control import ControlMode
from addad.cosem.classes.definitions import ValueDefinition
from addad.cosem.classes.schedules import SpecialDay, SpecialDaysTable
from addad.dlms.clock_time import Date
from addad.dlms.data import Data, Tag
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.types import DoubleLongUnsigned
from addad.obis import Obis

MONITOR, DAYS, PORT = (Obis.parse(f"0-0:{c}") for c in ("16.2.0", "11.0.0", "20.0.0"))
NORMAL = Limiter.threshold_normal.typed(DoubleLongUnsigned)


def test_a_write_to_a_watched_parameter_is_kept_with_its_time(desk) -> None:
    desk.step(60.0)
    assert desk.set(obis.LIMITER, NORMAL, 6000) is DataAccessResult.SUCCESS
    changed = desk.get(MONITOR, ParameterMonitor.changed_parameter)
    assert changed == (71, obis.LIMITER, 4, Data(Tag.DOUBLE_LONG_UNSIGNED, 6000))
    assert desk.get(MONITOR, ParameterMonitor.capture_time).to_datetime() == desk.now


def test_what_is_written_as_it_was_or_refused_or_not_watched_is_no_change(desk) -> None:
    desk.set(obis.LIMITER, NORMAL, 6000)
    seen = desk.get(MONITOR, ParameterMonitor.changed_parameter)
    desk.set(obis.DISCONNECT_CONTROL, DisconnectControl.control_mode, ControlMode.MODE_6)
    desk.set(obis.LIMITER, NORMAL, 4_000_000_000)
    desk.set(obis.LIMITER, Limiter.min_over_threshold_duration, 77)
    assert desk.get(MONITOR, ParameterMonitor.changed_parameter) == seen


def test_parameters_are_added_and_deleted(desk) -> None:
    days = ValueDefinition(11, DAYS, 2)
    add, delete = ParameterMonitor.add_parameter, ParameterMonitor.delete_parameter
    data = add.parameter.to_data(days)
    assert desk.act(MONITOR, add, data) is ActionResult.SUCCESS
    assert days in desk.get(MONITOR, ParameterMonitor.parameter_list)
    day = SpecialDay(1, Date(None, 5, 1), 2)
    desk.act(DAYS, SpecialDaysTable.insert, SpecialDaysTable.insert.parameter.to_data(day))
    assert desk.get(MONITOR, ParameterMonitor.changed_parameter)[:3] == (11, DAYS, 2)
    assert desk.act(MONITOR, delete, data) is ActionResult.SUCCESS
    assert desk.act(MONITOR, delete, data) is ActionResult.OBJECT_UNAVAILABLE


def test_what_cannot_be_read_is_not_watched(desk) -> None:
    add = ParameterMonitor.add_parameter
    password = ValueDefinition(19, PORT, IECLocalPortSetup.pass_p1.index)
    unknown = ValueDefinition(3, Obis(bytes(6)), 2)
    for one, result in (
        (password, ActionResult.READ_WRITE_DENIED),
        (unknown, ActionResult.OBJECT_UNDEFINED),
    ):
        assert desk.act(MONITOR, add, add.parameter.to_data(one)) is result
        listed = ParameterMonitor.parameter_list
        assert desk.set(MONITOR, listed, (one,)) == result
