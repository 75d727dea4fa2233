"""Layouts: rows of constant length that are cut without being decoded."""

from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.data import decode
from addad.dlms.types import DoubleLongUnsigned, Unsigned
from addad.meter.layout import DATA, REGISTER, Layout, column
from addad.obis import Obis

FIRST, SECOND = Obis.parse("0-0:96.0.0"), Obis.parse("1-0:1.8.0")
LAYOUT: Layout[int] = Layout(
    column(DATA, FIRST, Unsigned, 2, lambda n: n),
    column(REGISTER, SECOND, DoubleLongUnsigned, 5, lambda n: n * 1000),
)


def test_a_row_is_a_structure_of_its_columns() -> None:
    row = LAYOUT.row(3)
    assert row == bytes.fromhex("0202 1103 0600000bb8")
    assert len(row) == LAYOUT.row_octets == 9
    assert [value.value for value in decode(row).value] == [3, 3000]


def test_columns_are_named_by_attribute_2_of_their_object() -> None:
    assert LAYOUT.capture_objects == (
        CaptureObject(1, FIRST, 2, 0),
        CaptureObject(3, SECOND, 2, 0),
    )


def test_fields_and_cuts() -> None:
    row = LAYOUT.row(3)
    assert LAYOUT.field(row, 1) == bytes.fromhex("0600000bb8")
    assert LAYOUT.cut(row, [1]) == bytes.fromhex("0201 0600000bb8")
    assert LAYOUT.cut(row, [1, 0]) == bytes.fromhex("0202 0600000bb8 1103")
    assert LAYOUT.cut(row, []) == bytes.fromhex("0200")
