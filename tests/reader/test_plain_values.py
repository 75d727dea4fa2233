"""COSEM values as a table or JSON shows them."""

import json

from addad import obis
from addad.cosem.classes.control import ControlState
from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.reader.plain_values import plain, typed, visible

MOMENT = DateTime(2026, 3, 1, 7, 12, 30, 5, 0, -60, 0)


def test_simple_values_stay_what_they_are() -> None:
    for value in (None, True, 5, 2.5, "x"):
        assert plain(value) == value
    assert plain(Data(Tag.LONG, -4)) == -4
    assert plain(ControlState.READY_FOR_RECONNECTION) == "ready_for_reconnection"
    assert plain(obis.CLOCK) == "0-0:1.0.0"
    assert plain(BitString(b"\xa0", 3)) == "101"


def test_octets_are_text_a_moment_or_hexadecimal() -> None:
    assert plain(b"ADD0000000000001") == "ADD0000000000001"
    assert plain(bytes.fromhex("00ff10")) == "00ff10"
    assert plain(b"") == ""
    assert plain(MOMENT.encode()) == "2026-03-01T12:30:05+01:00"
    assert plain(bytes.fromhex("07ea63010c1e0500ffc40000")) == "07ea63010c1e0500ffc40000"


def test_moments_are_iso_8601_with_stars_for_any() -> None:
    assert plain(MOMENT) == "2026-03-01T12:30:05+01:00"
    assert plain(DateTime(2026, 3, 1, None, 0, 0, 0, 50)) == "2026-03-01T00:00:00.50"
    assert plain(DateTime(None, 3, None, 7, 2, 0, 0, 0, 330)) == "****-03-**T02:00:00-05:30"
    assert plain(Date(2026, None, 1)) == "2026-**-01"
    assert plain(Time(1, 2, None)) == "01:02:**"


def test_structures_with_known_fields_are_dictionaries() -> None:
    column = CaptureObject(8, obis.CLOCK, 2)
    assert plain((column,)) == [
        {"class_id": 8, "logical_name": "0-0:1.0.0", "attribute_index": 2, "data_index": 0}
    ]
    nested = Data(Tag.STRUCTURE, (Data(Tag.UNSIGNED, 1), Data(Tag.OCTET_STRING, b"ab")))
    assert plain(nested) == [1, "ab"]
    assert json.dumps(plain(nested)) == '[1, "ab"]'


def test_types_are_kept_where_nobody_knows_the_meaning() -> None:
    value = Data(Tag.ARRAY, (Data(Tag.ENUM, 3), Data(Tag.OCTET_STRING, b"abc"), NULL))
    assert typed(value) == {
        "type": "array",
        "value": [
            {"type": "enum", "value": 3},
            {"type": "octet-string", "value": "abc"},
            {"type": "null-data", "value": None},
        ],
    }


def test_what_does_not_print_is_shown_as_an_escape() -> None:
    assert visible("Zähler 1, °C") == "Zähler 1, °C"
    assert visible("\x1b[2J\r\nA\x9b1m\u202e\x00") == r"\x1b[2J\r\nA\x9b1m\u202e\x00"
