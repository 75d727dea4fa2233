"""The tables of `addad read`, for what the sample meter does not show."""

from dataclasses import replace

import pytest

from addad.cli.read_tables import (
    class_name,
    given_name,
    print_answers,
    print_object,
    print_overview,
    print_table,
)
from addad.cosem.classes.access import AccessRightsList, ObjectListElement
from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.data import Data, Tag
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.obis import Obis
from addad.reader.profile import ProfileForm, ProfileTable
from addad.reader.scan import Quantity, Reading
from addad.reader.snapshot import ObjectReading, ProfileReading
from addad.reader.survey import Answer, Welcome
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
    scaled = Quantity(230.4, "V", 2304, TENTHS_OF_A_VOLT)
    voltage = replace(reading(VOLTAGE, 2, "value", 2304), quantity=scaled)
    print_overview(
        [
            (VOLTAGE, voltage),
            (element(3, FOREIGN), refused),
            (PROFILE, one),
            (PROFILE, two),
            (element(9999, FOREIGN), None),
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
    print_overview([(VOLTAGE, None), (element(9999, FOREIGN), None)])
    lines = capsys.readouterr().out.splitlines()
    at = lines[0].index("class")
    assert [line[at:].split("  ")[0] for line in lines] == ["class", "Register", "class 9999"]
    assert all(line == line.rstrip() for line in lines)


def test_an_object_shows_scaler_and_columns_in_words(capsys: Printed) -> None:
    scaler = reading(VOLTAGE, 3, "scaler_unit", TENTHS_OF_A_VOLT)
    columns = reading(PROFILE, 3, "capture_objects", (COLUMN,))
    print_object(ObjectReading(PROFILE, (scaler, columns)))
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "1-0:99.99.0  ProfileGeneric"
    assert [line.split(maxsplit=2) for line in lines if line] == [
        ["3", "scaler_unit", "10^-1 V"],
        ["3", "capture_objects", "1-0:32.7.0"],
    ]


def test_rows_of_a_profile_are_in_the_units_of_their_columns(capsys: Printed) -> None:
    cells = ((Data(Tag.LONG_UNSIGNED, 2304),), (Data(Tag.VISIBLE_STRING, "off"),))
    table = ProfileTable(FOREIGN, (COLUMN,), cells)
    print_object(with_rows(table, {COLUMN: TENTHS_OF_A_VOLT}))
    assert capsys.readouterr().out.splitlines()[2:5] == ["1-0:32.7.0 V", "230.4", "off"]
    print_object(with_rows(table, {}))
    assert capsys.readouterr().out.splitlines()[2:5] == ["1-0:32.7.0", "2304", "off"]


def with_rows(table: ProfileTable, units: dict[CaptureObject, ScalerUnit]) -> ObjectReading:
    form = ProfileForm(table.logical_name, table.columns)
    return ObjectReading(PROFILE, (), ProfileReading(form, table, units))


def test_a_profile_without_rows_and_one_that_is_refused_say_so(capsys: Printed) -> None:
    print_object(with_rows(ProfileTable(FOREIGN, (COLUMN,), ()), {}))
    assert "no rows" in capsys.readouterr().out.splitlines()
    refused = AccessError(DataAccessResult.READ_WRITE_DENIED, "read write denied")
    print_object(ObjectReading(PROFILE, (), profile_fault=refused))
    assert "no rows: read write denied" in capsys.readouterr().out.splitlines()
    out_of_scope = AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED, "scope")
    print_object(ObjectReading(PROFILE, (), profile_fault=out_of_scope))
    assert "no rows: scope; try --quirk whole-buffer" in capsys.readouterr().out


def test_who_was_answered(capsys: Printed) -> None:
    print_answers(
        [
            Answer(16, 1, Welcome.OPEN, objects=9, attributes=20),
            Answer(1, 1, Welcome.KNOWN, "authentication required"),
        ]
    )
    titles, first, second = capsys.readouterr().out.splitlines()
    assert titles.index("reason") == second.index("authentication required")
    assert first.split(maxsplit=3) == ["16", "1", "open", "9 objects, 20 readable"]
    assert second.split()[:2] == ["1", "1"]
    assert second.endswith("authentication required")


def test_a_column_too_wide_for_the_terminal_is_not_padded(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table(("n", "a", "b"), [("1", "x" * 30, "1"), ("12", "y", "2")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["n   a  b", "1   " + "x" * 30 + "  1", "12  y  2"]


def test_no_text_of_a_meter_moves_the_cursor(capsys: Printed) -> None:
    print_table(("n", "a", "b"), [("1", "\x1b[2Jx", "y\r\nFAKE"), ("2", "\x9b", "\u202e")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["n  a         b", r"1  \x1b[2Jx  y\r\nFAKE", r"2  \x9b      \u202e"]
