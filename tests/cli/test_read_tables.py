"""The tables of `addad read`, for what the sample meter does not show."""

import pytest

from addad.cli.read_tables import class_name, given_name, print_object, print_overview
from addad.cosem.classes.access import AccessRightsList, ObjectListElement
from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.data import Data, Tag
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.obis import Obis
from addad.reader.profile import ProfileTable
from addad.reader.scan import Quantity, Reading
from addad.units import ScalerUnit, Unit

Printed = pytest.CaptureFixture[str]

VOLTAGE_L1 = Obis.parse("1-0:32.7.0")
FOREIGN = Obis.parse("1-0:99.99.0")
TENTHS_OF_A_VOLT = ScalerUnit(-1, Unit.VOLT)


def element(class_id: int, name: Obis) -> ObjectListElement:
    return ObjectListElement(class_id, 0, name, AccessRightsList((), ()))


VOLTAGE = element(3, VOLTAGE_L1)
PROFILE = element(7, FOREIGN)
COLUMN = CaptureObject(3, VOLTAGE_L1, 2, 0)


def reading(item: ObjectListElement, index: int, name: str, value: object) -> Reading:
    return Reading(item.class_id, item.logical_name, index, name, value)


def test_a_class_and_a_name_that_are_not_known_are_told_by_number_and_by_nothing() -> None:
    assert class_name(element(9999, FOREIGN)) == "class 9999"
    assert class_name(VOLTAGE) == "Register"
    assert given_name(element(9999, FOREIGN)) == ""
    assert given_name(VOLTAGE) == "Voltage L1"


def test_the_overview_has_values_in_units_refusals_in_brackets_and_rows_counted(
    capsys: Printed,
) -> None:
    refused = Reading(3, FOREIGN, 2, "value", refused=DataAccessResult.TEMPORARY_FAILURE)
    one, two = (reading(PROFILE, 7, "entries_in_use", count) for count in (1, 2))
    print_overview(
        [
            (
                VOLTAGE,
                reading(VOLTAGE, 2, "value", 2304),
                Quantity(230.4, "V", 2304, TENTHS_OF_A_VOLT),
            ),
            (element(3, FOREIGN), refused, None),
            (PROFILE, one, None),
            (PROFILE, two, None),
            (element(9999, FOREIGN), None, None),
        ]
    )
    heading, *lines = capsys.readouterr().out.splitlines()
    at = heading.index("value")
    assert [line[at:] for line in lines] == [
        "230.4 V",
        "(temporary failure)",
        "1 row",
        "2 rows",
        "",
    ]


def test_columns_start_below_their_titles_and_no_line_ends_in_blanks(capsys: Printed) -> None:
    print_overview([(VOLTAGE, None, None), (element(9999, FOREIGN), None, None)])
    lines = capsys.readouterr().out.splitlines()
    at = lines[0].index("class")
    assert [line[at:].split("  ")[0] for line in lines] == ["class", "Register", "class 9999"]
    assert all(line == line.rstrip() for line in lines)


def test_an_object_shows_scaler_and_columns_in_words(capsys: Printed) -> None:
    scaler = reading(VOLTAGE, 3, "scaler_unit", TENTHS_OF_A_VOLT)
    columns = reading(PROFILE, 3, "capture_objects", (COLUMN,))
    print_object(PROFILE, [scaler, columns], None, None, {})
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "1-0:99.99.0  ProfileGeneric"
    assert [line.split(maxsplit=2) for line in lines if line] == [
        ["3", "scaler_unit", "10^-1 V"],
        ["3", "capture_objects", "1-0:32.7.0"],
    ]


def test_rows_of_a_profile_are_in_the_units_of_their_columns(capsys: Printed) -> None:
    cells = ((Data(Tag.LONG_UNSIGNED, 2304),), (Data(Tag.VISIBLE_STRING, "off"),))
    table = ProfileTable(FOREIGN, (COLUMN,), cells)
    print_object(PROFILE, [], None, table, {VOLTAGE_L1: TENTHS_OF_A_VOLT})
    assert capsys.readouterr().out.splitlines()[2:5] == ["1-0:32.7.0 V", "230.4", "off"]
    print_object(PROFILE, [], None, table, {})
    assert capsys.readouterr().out.splitlines()[2:5] == ["1-0:32.7.0", "2304", "off"]


def test_a_profile_without_rows_and_one_that_is_refused_say_so(capsys: Printed) -> None:
    print_object(PROFILE, [], None, ProfileTable(FOREIGN, (COLUMN,), ()), {})
    assert "no rows" in capsys.readouterr().out.splitlines()
    refused = AccessError(DataAccessResult.READ_WRITE_DENIED, "read write denied")
    print_object(PROFILE, [], None, refused, {})
    assert "buffer: read write denied" in capsys.readouterr().out.splitlines()
