"""Tables of cells and compact data are what the captured registers show."""

import pytest

from addad.cosem.classes.measurement import CaptureObject
from addad.cosem.classes.tables import CompactData, RegisterTable, TableCellDefinition
from addad.dlms.compact_array import read_compact
from addad.dlms.data import Data, Tag
from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.results import DataAccessResult
from addad.dlms.tags import MAX_ELEMENTS
from addad.obis import Obis
from meter.table_desk import ENERGY, OTHER, TableDesk

TABLE = """
[[object]]
class = 61
name = "1-0:1.8.255"
writable = ["table_cell_definition"]
[object.attributes]
table_cell_definition = [3, "1-0:1.8.255", [0, 0], 2]
scaler_unit = [0, 30]
"""
COMPACT = """
[[object]]
class = 62
version = {version}
name = "0-0:66.0.1"
writable = ["capture_objects", "template_id", "capture_method"]
[object.attributes]
compact_buffer = ""
capture_objects = [
  [62, "0-0:66.0.1", 4, 0{none}],
  [3, "1-0:1.8.0", 2, 0{none}],
  [3, "1-0:2.8.0", 3, 2{none}],
]
template_id = 9
capture_method = "{method}"
"""
NAME = Obis.parse("0-0:66.0.1")
OWN = CaptureObject(62, NAME, 4)
REFUSED = DataAccessResult.OTHER_REASON


def _compact(method: str = "implicit", version: int = 0) -> TableDesk:
    none = ', ["none", "null"]' if version else ""
    text = COMPACT.replace("{version}", str(version)).replace("{method}", method)
    return TableDesk(text.replace("{none}", none))


def test_the_cells_are_the_registers_of_those_groups() -> None:
    desk = TableDesk(TABLE)
    wh = Data(Tag.DOUBLE_LONG_UNSIGNED, 1000)
    assert desk.get(RegisterTable.table_cell_values) == Data(Tag.ARRAY, (wh, wh))
    units = TableCellDefinition(3, ENERGY, (0,), 3)
    assert desk.set(RegisterTable.table_cell_definition, units) == 0
    cells = desk.get(RegisterTable.table_cell_values).value
    assert isinstance(cells, tuple)
    assert cells[0] == Data(Tag.STRUCTURE, (Data(Tag.INTEGER, 0), Data(Tag.ENUM, 30)))


def test_cells_that_are_not_there_cannot_be_defined() -> None:
    desk = TableDesk(TABLE)
    missing = TableCellDefinition(3, ENERGY, (0, 9), 2)
    undefined = DataAccessResult.OBJECT_UNDEFINED
    assert desk.set(RegisterTable.table_cell_definition, missing) == undefined


@pytest.mark.parametrize("version", [0, 1])
def test_compact_data_are_the_captured_values_without_tags(version: int) -> None:
    desk = _compact(version=version)
    assert desk.get(CompactData.compact_buffer).hex() == "09" + "000003e8" + "1e"
    description = desk.get(CompactData.template_description)
    assert description.hex() == "0203" + "11" + "06" + "16"


def test_what_they_hold_reads_as_a_compact_array_does() -> None:
    desk = _compact()
    buffer, description = (
        desk.get(one) for one in (CompactData.compact_buffer, CompactData.template_description)
    )
    octets = description + encode_octet_string(buffer)
    (row,) = read_compact(Cursor(octets), 0, [MAX_ELEMENTS])
    assert [one.value for one in row.value] == [9, 1000, 30]


def test_on_invocation_only_a_capture_fills_the_buffer_and_a_reset_empties_it() -> None:
    desk = _compact("invoke")
    assert desk.get(CompactData.compact_buffer) == b""
    assert desk.act(CompactData.capture) == 0
    assert desk.get(CompactData.compact_buffer).hex() == "09000003e81e"
    assert desk.set(CompactData.template_id, 10) == 0
    assert desk.get(CompactData.compact_buffer)[0] == 9
    assert desk.act(CompactData.reset) == 0
    assert desk.get(CompactData.compact_buffer) == b""


def test_other_values_are_captured_when_a_client_says_so() -> None:
    desk = _compact()
    both = (OWN, CaptureObject(3, OTHER, 2))
    assert desk.set(CompactData.capture_objects, both) == 0
    assert desk.get(CompactData.compact_buffer).hex() == "09000007d0"


@pytest.mark.parametrize(
    ("captured", "result"),
    [
        ((), REFUSED),
        ((CaptureObject(3, ENERGY, 2),), REFUSED),
        ((OWN, CaptureObject(62, NAME, 2)), REFUSED),
        ((OWN, CaptureObject(62, NAME, 3)), REFUSED),
        ((OWN, CaptureObject(3, Obis(bytes(6)), 2)), DataAccessResult.OBJECT_UNDEFINED),
        ((OWN, CaptureObject(3, ENERGY, 2, 1)), DataAccessResult.SCOPE_OF_ACCESS_VIOLATED),
        ((OWN, CaptureObject(3, ENERGY, 3, 3)), DataAccessResult.SCOPE_OF_ACCESS_VIOLATED),
    ],
)
def test_what_cannot_be_captured_is_refused(
    captured: tuple[CaptureObject, ...], result: int
) -> None:
    desk = _compact()
    assert desk.set(CompactData.capture_objects, captured) == result
    assert desk.get(CompactData.compact_buffer).hex() == "09000003e81e"
