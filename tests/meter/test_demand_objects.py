"""Demand registers over the cable: what they show is energy over time, and survives."""

from datetime import timedelta

from addad import obis
from addad.cosem.classes import DemandRegister, ExtendedRegister, ProfileGeneric
from addad.dlms.results import ActionResult
from addad.dlms.types import DoubleLongUnsigned
from addad.meter.device import Meter
from addad.meter.objects import build_objects
from addad.obis import Obis

LAST = DemandRegister.last_average_value.typed(DoubleLongUnsigned)
NOW = DemandRegister.current_average_value.typed(DoubleLongUnsigned)
VALUE = ExtendedRegister.value.typed(DoubleLongUnsigned)


def _live(desk, seconds: int, power: float) -> None:
    for _ in range(seconds // 10):
        desk.step(10.0, power)


def test_the_average_is_what_the_load_profile_counted(desk) -> None:
    _live(desk, 1800, 3600.0)
    _live(desk, 500, 7200.0)
    rows = desk.get(obis.LOAD_PROFILE, ProfileGeneric.buffer)
    counted = rows[-1].value[2].value - rows[-2].value[2].value
    assert desk.get(obis.ACTIVE_DEMAND_IMPORT, LAST) == counted * 4
    ended = desk.get(obis.ACTIVE_DEMAND_IMPORT, DemandRegister.capture_time).to_datetime()
    assert ended.minute % 15 == 0
    assert desk.get(obis.ACTIVE_DEMAND_IMPORT, DemandRegister.period) == 900
    assert desk.get(obis.CURRENT_DEMAND_PHASES[1], DemandRegister.scaler_unit).unit == 33


def test_the_maximum_has_its_time_and_is_reset_by_script_too(desk) -> None:
    _live(desk, 1800, 7200.0)
    _live(desk, 1800, 3600.0)
    maximum = desk.get(obis.MAXIMUM_DEMAND_IMPORT, VALUE)
    assert 7100 < maximum <= 7200
    at = desk.get(obis.MAXIMUM_DEMAND_IMPORT, ExtendedRegister.capture_time).to_datetime()
    assert at < desk.now - timedelta(seconds=1200)
    again = Meter(desk.settings, desk.meter.store._memory)
    objects = {item.logical_name: item for item in build_objects(again)}
    kept = objects[obis.MAXIMUM_DEMAND_IMPORT].reads[2].encode(None)
    assert VALUE.type.decode(kept) == maximum
    from addad.cosem.classes.schedules import ScriptTable

    execute = ScriptTable.execute
    script = Obis.parse("0-0:10.0.1")
    done = desk.act(script, execute, execute.parameter.to_data(1))
    assert done is ActionResult.SUCCESS
    assert desk.get(obis.MAXIMUM_DEMAND_IMPORT, VALUE) == 0


def test_methods_of_an_average(desk) -> None:
    _live(desk, 100, 3600.0)
    running = desk.get(obis.ACTIVE_DEMAND_IMPORT, NOW)
    assert running > 0
    ended = desk.act(obis.ACTIVE_DEMAND_IMPORT, DemandRegister.next_period)
    assert ended is ActionResult.SUCCESS
    assert desk.get(obis.ACTIVE_DEMAND_IMPORT, LAST) == running
    assert desk.act(obis.ACTIVE_DEMAND_IMPORT, DemandRegister.reset) is ActionResult.SUCCESS
    assert desk.get(obis.ACTIVE_DEMAND_IMPORT, LAST) == 0
