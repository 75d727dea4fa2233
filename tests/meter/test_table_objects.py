"""The meter's own objects and its table's find each other; a table may omit own ones."""

from addad import obis
from addad.cosem.classes.measurement import Data as DataClass
from addad.cosem.classes.monitoring import RegisterMonitor
from addad.cosem.classes.schedules import (
    ScriptService,
    ScriptTable,
    SingleActionSchedule,
    SpecialDay,
    SpecialDaysTable,
)
from addad.dlms.clock_time import Date
from addad.dlms.data import Tag
from addad.meter.device import Block, Meter
from addad.meter.object_model import ObjectModel
from addad.meter.objects import build_objects
from addad.meter.settings import MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from addad.obis import Obis
from meter.conftest import START, reading

SHOWN = Obis.parse("0-0:96.1.9")
TABLE = """
omit = ["1-0:2.7.0"]
[[object]]
class = 1
name = "0-0:96.1.9"
shows.value = [3, "1-0:1.7.0", 2]
"""


def test_an_object_of_the_table_shows_one_of_the_meters_own() -> None:
    settings = MeterSettings(Passwords(b"r", b"m"), model=ObjectModel.parse(TABLE))
    meter = Meter(settings, VolatileMemory())
    objects = {item.logical_name: item for item in build_objects(meter)}
    assert obis.ACTIVE_POWER_IMPORT in objects
    assert obis.ACTIVE_POWER_EXPORT not in objects
    octets = objects[SHOWN].reads[2].encode(None)
    assert isinstance(octets, bytes)
    assert DataClass.value.type.decode(octets).tag == Tag.NULL_DATA
    meter.step(Block(START, 0.0))
    meter.step(Block(START, 1.0, readings=(reading(3000.0),)))
    octets = objects[SHOWN].reads[2].encode(None)
    assert isinstance(octets, bytes)
    assert DataClass.value.type.decode(octets).value == 30_000


def test_every_script_and_reference_of_the_residential_table_leads_somewhere(desk) -> None:
    scripts = [item for item in desk.logical if item.interface_class is ScriptTable]
    assert len(scripts) >= 5
    for table in scripts:
        for script in desk.get(table.logical_name, ScriptTable.scripts):
            for action in script.actions:
                target = desk.logical[action.logical_name]
                known = target.interface_class
                assert known.class_id == action.class_id
                write = action.service_id is ScriptService.WRITE_ATTRIBUTE
                assert action.member_index in (known.attributes if write else known.methods)
    for item in desk.logical:
        if item.interface_class is RegisterMonitor:
            watched = desk.get(item.logical_name, RegisterMonitor.monitored_value)
            assert watched.attribute_index in desk.logical[watched.logical_name].reads
        if item.interface_class is SingleActionSchedule:
            script = desk.get(item.logical_name, SingleActionSchedule.executed_script)
            listed = desk.get(script.script_logical_name, ScriptTable.scripts)
            assert script.script_selector in [one.script_identifier for one in listed]


def test_what_clients_wrote_survives_a_power_cut(desk) -> None:
    days = Obis.parse("0-0:11.0.0")
    entry = SpecialDay(1, Date(None, 5, 1), 2)
    assert desk.set(days, SpecialDaysTable.entries, (entry,)) == 0
    assert desk.meter.save() is None
    again = Meter(desk.settings, desk.meter.store._memory)
    objects = {item.logical_name: item for item in build_objects(again)}
    octets = objects[days].reads[2].encode(None)
    assert isinstance(octets, bytes)
    assert SpecialDaysTable.entries.type.decode(octets) == (entry,)
