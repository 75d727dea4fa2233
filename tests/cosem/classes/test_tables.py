"""Register tables, compact data and status words."""

import pytest

from addad.cosem.classes import tables as t
from addad.cosem.classes.definitions import RestrictedObject, Restriction, RestrictionType
from addad.dlms.apdu.descriptors import CaptureObject
from addad.dlms.data import NULL, Data, Tag
from addad.errors import DecodeError
from addad.obis import Obis

HARMONICS = Obis.parse("1-0:32.7.0")
TEMPLATE = Obis.parse("0-0:66.0.1")


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_the_cells_of_a_table() -> None:
    cells = t.TableCellDefinition(3, HARMONICS, (1, 2, 3), 2)
    wire = octets("0204 120003 0906 0100200700ff 0103 1101 1102 1103 0f02")
    assert t.RegisterTable.table_cell_definition.type.encode(cells) == wire
    assert t.RegisterTable.table_cell_definition.type.decode(wire) == cells


def test_capture_objects_are_restricted_in_version_1_only() -> None:
    plain = octets("0101 0204 12003e 0906 0000420001ff 0f04 120000")
    restricted = octets("0101 0205 12003e 0906 0000420001ff 0f04 120000 0202 1600 00")
    old, new = t.CompactData.capture_objects.type, t.CompactDataV1.capture_objects.type
    assert old.decode(plain) == (CaptureObject(62, TEMPLATE, 4, 0),)
    nothing = Restriction(RestrictionType.NONE, NULL)
    assert new.decode(restricted) == (RestrictedObject(62, TEMPLATE, 4, 0, nothing),)
    assert new.encode(new.decode(restricted)) == restricted
    for kind, other in ((old, restricted), (new, plain)):
        with pytest.raises(DecodeError):
            kind.decode(other)


@pytest.mark.parametrize(
    ("wire", "mapping"),
    [
        ("0202 1101 120005", Data(Tag.LONG_UNSIGNED, 5)),
        ("0202 1101 0101 120005", Data(Tag.ARRAY, (Data(Tag.LONG_UNSIGNED, 5),))),
    ],
)
def test_a_mapping_is_a_first_entry_or_a_list(wire: str, mapping: Data) -> None:
    kind = t.StatusMapping.mapping_table.type
    assert kind.decode(octets(wire)) == t.MappingTable(1, mapping)
    assert kind.encode(t.MappingTable(1, mapping)) == octets(wire)
