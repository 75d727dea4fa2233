"""The meter's own objects and its table's find each other; a table may omit own ones."""

from addad import obis
from addad.cosem.classes.measurement import Data as DataClass
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
