"""What a table says is shown until somebody writes; what it shows of others is theirs."""

import pytest

from addad.cosem.classes.measurement import Data as DataClass
from addad.dlms.data import Data, Tag, encode
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.event_codes import PARAMETERS_CHANGED
from addad.obis import Obis
from meter.table_desk import TableDesk

NAME = Obis.parse("0-0:96.1.10")
TABLE = """
[[object]]
class = 1
name = "0-0:96.1.10"
writable = ["value"]
attributes.value = { octet-string = "SP-1" }

[[object]]
class = 17
name = "0-0:41.0.0"
attributes.sap_assignment_list = [{ sap = 1, logical_device_name = "ADD0000000000001" }]

[[object]]
class = 1
name = "0-0:96.1.9"
shows.value = [3, "1-0:1.8.0", 2]

[[object]]
class = 1
name = "0-0:96.1.8"
shows.value = [3, "1-0:99.8.0", 2]

[[object]]
class = 1
name = "0-0:96.1.7"
shows.value = [4, "1-0:1.8.0", 2]

[[object]]
class = 1
name = "0-0:96.1.6"
shows.value = [3, "1-0:1.8.0", 7]
"""


def test_what_the_table_says_is_shown_until_somebody_writes() -> None:
    desk = TableDesk(TABLE)
    assert desk.get(DataClass.value) == Data(Tag.OCTET_STRING, b"SP-1")
    assert desk.set(DataClass.value, Data(Tag.OCTET_STRING, b"SP-2")) == 0
    assert desk.get(DataClass.value) == Data(Tag.OCTET_STRING, b"SP-2")
    later = TableDesk(TABLE)
    assert later.store.load(desk.store.image())
    assert later.get(DataClass.value) == Data(Tag.OCTET_STRING, b"SP-2")


def test_another_value_is_logged_and_told_once() -> None:
    desk = TableDesk(TABLE)
    value = Data(Tag.OCTET_STRING, b"SP-2")
    for _ in range(2):
        desk.set(DataClass.value, value)
    assert desk.noted == [PARAMETERS_CHANGED]
    assert desk.changed == [(1, NAME, 2, value)]


def test_what_is_not_writable_cannot_be_written() -> None:
    addresses = TableDesk(TABLE).objects[Obis.parse("0-0:41.0.0")]
    assert 2 in addresses.reads
    assert not addresses.writes


def test_a_selection_is_refused() -> None:
    desk = TableDesk(TABLE)
    for item in (desk.first, desk.objects[Obis.parse("0-0:96.1.9")]):
        with pytest.raises(AccessError):
            item.reads[2].encode(object())  # type: ignore[arg-type]


def test_an_attribute_shows_what_another_object_has() -> None:
    desk = TableDesk(TABLE)
    shown = desk.get(DataClass.value, desk.objects[Obis.parse("0-0:96.1.9")])
    assert encode(shown) == encode(Data(Tag.DOUBLE_LONG_UNSIGNED, 1000))


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("0-0:96.1.8", DataAccessResult.OBJECT_UNDEFINED),
        ("0-0:96.1.7", DataAccessResult.OBJECT_CLASS_INCONSISTENT),
        ("0-0:96.1.6", DataAccessResult.READ_WRITE_DENIED),
    ],
)
def test_what_is_not_there_to_show_is_refused(name: str, result: int) -> None:
    desk = TableDesk(TABLE)
    with pytest.raises(AccessError) as refused:
        desk.get(DataClass.value, desk.objects[Obis.parse(name)])
    assert refused.value.result == result
