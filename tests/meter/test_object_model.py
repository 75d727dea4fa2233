"""A table of objects becomes objects: read, written, refused, and bad tables are told where."""

from importlib.resources import files

import pytest

from addad.dlms.data import Data, Tag, decode
from addad.errors import InputError
from addad.meter.attribute_store import AttributeStore
from addad.meter.object_model import ObjectModel
from addad.obis import Obis

TABLE = """
title = "a test"
omit = ["0-0:1.0.0"]

[[object]]
class = 1
name = "0-0:96.1.10"
writable = ["value"]
[object.attributes]
value = { octet-string = "SP-1" }

[[object]]
class = 17
name = "0-0:41.0.0"
[object.attributes]
sap_assignment_list = [{ sap = 1, logical_device_name = "ADD0000000000001" }]
"""
NAME = Obis.parse("0-0:96.1.10")


def test_a_row_has_its_values_as_octets_and_what_may_be_written() -> None:
    point, addresses = ObjectModel.parse(TABLE).rows
    assert point.logical_name == NAME
    assert decode(point.values[2]) == Data(Tag.OCTET_STRING, b"SP-1")
    assert (point.writable, addresses.writable) == ({2}, set())


def test_a_store_learns_the_first_values() -> None:
    store = AttributeStore()
    ObjectModel.parse(TABLE).declare(store)
    assert decode(store.read(NAME, 2)).value == b"SP-1"


def test_what_the_meter_does_not_have() -> None:
    assert ObjectModel.parse(TABLE).omit == {Obis.parse("0-0:1.0.0")}


def test_an_attribute_may_show_another_one() -> None:
    table = '[[object]]\nclass = 1\nname = "0-0:96.1.10"\nshows.value = [3, "1-0:1.8.0", 2]'
    (row,) = ObjectModel.parse(table).rows
    assert row.shows == {2: (3, Obis.parse("1-0:1.8.0"), 2)}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("title = ", "no TOML"),
        ("colour = 1", "colour"),
        ("null_data = 1", "true or false"),
        ('[[object]]\nclass = 1\nname = "x"', "x"),
        ('[[object]]\nname = "0-0:96.1.10"', "class"),
        ('[[object]]\nclass = 999\nname = "0-0:96.1.10"', "999"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes = {colour = 1}', "colour"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes = {logical_name = "x"}', "value"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes = {value = 5}', "type"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nwritable = ["value"]', "no value"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\n' * 2, "twice"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nshows = {value = 5}', "write class"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nshows = {x = [1, "1.8.0", 2]}', "no attr"),
    ],
)
def test_a_bad_table_is_told_where(table: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ObjectModel.parse(table)


def test_the_tables_of_the_package() -> None:
    tables = list(files("addad.meter").joinpath("models").iterdir())
    assert {table.name for table in tables} >= {"residential.toml"}
    for table in tables:
        for row in ObjectModel.parse(table.read_text("utf-8")).rows:
            attributes = row.interface_class.attributes
            for index, octets in row.values.items():
                attributes[index].type.decode(octets)
