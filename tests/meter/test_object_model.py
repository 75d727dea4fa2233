"""A table of objects becomes objects: read, written, refused, and bad tables are told where."""

from importlib.resources import files

import pytest

from addad.cosem.cosem_object import CosemObject
from addad.dlms.data import Data, Tag, decode, encode
from addad.errors import AccessError, InputError
from addad.meter.attribute_store import AttributeStore
from addad.meter.object_model import ObjectModel, stored_objects
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


def _objects(store: AttributeStore) -> dict[Obis, CosemObject]:
    objects = stored_objects(ObjectModel.parse(TABLE), store)
    return {item.logical_name: item for item in objects}


def test_what_the_table_says_is_shown_until_somebody_writes() -> None:
    store = AttributeStore()
    point = _objects(store)[NAME]
    octets = point.reads[2].encode(None)
    assert isinstance(octets, bytes)
    assert decode(octets) == Data(Tag.OCTET_STRING, b"SP-1")
    point.writes[2].accept(Data(Tag.OCTET_STRING, b"SP-2"))
    assert point.reads[2].encode(None) == encode(Data(Tag.OCTET_STRING, b"SP-2"))
    later = AttributeStore()
    again = _objects(later)[NAME]
    assert later.load(store.image())
    assert again.reads[2].encode(None) == encode(Data(Tag.OCTET_STRING, b"SP-2"))


def test_what_is_not_writable_cannot_be_written() -> None:
    addresses = _objects(AttributeStore())[Obis.parse("0-0:41.0.0")]
    assert 2 in addresses.reads
    assert not addresses.writes


def test_a_selection_is_refused() -> None:
    point = _objects(AttributeStore())[NAME]
    with pytest.raises(AccessError):
        point.reads[2].encode(object())  # type: ignore[arg-type]


def test_what_the_meter_does_not_have() -> None:
    assert ObjectModel.parse(TABLE).omit == {Obis.parse("0-0:1.0.0")}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("title = ", "no TOML"),
        ("colour = 1", "colour"),
        ('[[object]]\nclass = 1\nname = "x"', "x"),
        ('[[object]]\nname = "0-0:96.1.10"', "class"),
        ('[[object]]\nclass = 999\nname = "0-0:96.1.10"', "999"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes = {colour = 1}', "colour"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes = {logical_name = "x"}', "value"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes = {value = 5}', "type"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\nwritable = ["value"]', "no value"),
        ('[[object]]\nclass = 1\nname = "0-0:96.1.10"\n' * 2, "twice"),
    ],
)
def test_a_bad_table_is_told_where(table: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ObjectModel.parse(table)


def test_the_tables_of_the_package() -> None:
    tables = list(files("addad.meter").joinpath("models").iterdir())
    assert {table.name for table in tables} >= {"residential.toml"}
    for table in tables:
        model = ObjectModel.parse(table.read_text("utf-8"))
        store = AttributeStore()
        for item in stored_objects(model, store):
            for index, reads in item.reads.items():
                octets = reads.encode(None)
                assert isinstance(octets, bytes)
                item.interface_class.attributes[index].type.decode(octets)
