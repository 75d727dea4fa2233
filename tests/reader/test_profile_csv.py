"""Rows as CSV: quoted as the RFC has it, numbers exact, times with offset and status."""

import csv
import io

from addad import obis
from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.clock_time import DateTime
from addad.dlms.data import NULL, Data, Tag
from addad.reader.profile import ProfileTable
from addad.reader.profile_csv import csv_rows, csv_titles, scaled_text, write_csv
from addad.units import ScalerUnit, Unit

CLOCK = CaptureObject(8, obis.CLOCK, 2)
ENERGY = CaptureObject(3, obis.ACTIVE_ENERGY_IMPORT, 2)
NOTE = CaptureObject(1, obis.DEVICE_ID_1, 2)
MOMENT = DateTime(2026, 3, 1, 7, 1, 0, 0, 0, -60, 0x80)
UNITS = {ENERGY: ScalerUnit(-1, Unit.WATT_HOUR)}


def table(*rows: tuple[DateTime | Data, ...]) -> ProfileTable:
    return ProfileTable(obis.LOAD_PROFILE, (CLOCK, ENERGY, NOTE), rows)


def text(value: str) -> Data:
    return Data(Tag.VISIBLE_STRING, value)


def test_titles_times_units_and_quotes() -> None:
    out = io.StringIO()
    number = Data(Tag.LONG64_UNSIGNED, 2**64 - 1)
    write_csv(table((MOMENT, number, text('a "b", c\nd'))), UNITS, out)
    assert out.getvalue() == (
        "0-0:1.0.0 time,0-0:1.0.0 status,1-0:1.8.0 [Wh],0-0:96.1.0\r\n"
        '2026-03-01T01:00:00+01:00,128,1844674407370955161.5,"a ""b"", c\nd"\r\n'
    )
    (_, row) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert row[3] == 'a "b", c\nd'


def test_what_is_missing_is_empty_and_structures_are_json() -> None:
    nested = Data(Tag.STRUCTURE, (Data(Tag.UNSIGNED, 1), text("x")))
    unspecified = DateTime(2026, 3, 1, 7, 1, 0, 0, 0)
    (row, broken) = csv_rows(table((unspecified, NULL, nested), (NULL, text("?"), NULL)), UNITS)
    assert row == ["2026-03-01T01:00:00", "", "", '[1, "x"]']
    assert broken == ["", "", "?", ""]


def test_no_rows_are_titles_alone() -> None:
    assert csv_titles(table(), {})[2] == "1-0:1.8.0"
    assert list(csv_rows(table(), {})) == []


def test_numbers_keep_their_digits() -> None:
    volt = ScalerUnit(3, Unit.VOLT)
    assert scaled_text(Data(Tag.FLOAT32, 0.5), volt) == "500"
    assert scaled_text(Data(Tag.LONG, -5), ScalerUnit(-3, Unit.VOLT)) == "-0.005"
    assert scaled_text(Data(Tag.FLOAT64, float("nan")), volt) == "nan"
    assert scaled_text(Data(Tag.BOOLEAN, True), volt) is None
