"""What a person writes in a table of objects becomes values of the attributes' own types."""

from typing import NamedTuple

import pytest

from addad.cosem.classes.control import ControlMode
from addad.cosem.plain_form import from_plain
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.dlms.types import (
    AnyData,
    Array,
    BitStringType,
    Boolean,
    DataType,
    DateOctets,
    DateTimeOctets,
    DoubleLongUnsigned,
    Enum,
    Float64,
    Integer,
    Limited,
    LogicalName,
    LongUnsigned,
    Nullable,
    OctetString,
    Structure,
    TimeOctets,
    VisibleString,
)
from addad.errors import InputError
from addad.obis import Obis


class Script(NamedTuple):
    table: Obis
    selector: int


SCRIPT = Structure(Script, LogicalName, LongUnsigned)
NAME = Obis.parse("0-0:10.0.106")


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Boolean, True, True),
        (Integer, -5, -5),
        (DoubleLongUnsigned, 70_000, 70_000),
        (Float64, 0.5, 0.5),
        (Limited(LongUnsigned, 1, 7), 7, 7),
        (VisibleString, "abc", "abc"),
        (OctetString(), "abc", b"abc"),
        (OctetString(), "0x00ff", b"\x00\xff"),
        (OctetString(), "", b""),
        (BitStringType, "0101", BitString(b"\x50", 4)),
        (Enum(ControlMode), "mode_4", ControlMode.MODE_4),
        (Enum(ControlMode), 4, ControlMode.MODE_4),
        (LogicalName, "0-0:10.0.106", NAME),
        (Nullable(Integer), "null", None),
        (Nullable(Integer), 3, 3),
        (Array(Integer), [1, 2], (1, 2)),
        (Array(Integer), [], ()),
        (SCRIPT, {"table": "0-0:10.0.106", "selector": 1}, Script(NAME, 1)),
        (SCRIPT, ["0-0:10.0.106", 1], Script(NAME, 1)),
        (DateOctets, "****-03-01", Date(None, 3, 1)),
        (TimeOctets, "06:30:**", Time(6, 30, None, 0)),
        (
            DateTimeOctets,
            "2026-03-01T06:30:00+01:00",
            DateTime(2026, 3, 1, None, 6, 30, 0, 0, -60),
        ),
        (DateTimeOctets, "****-**-01T00:00:00", DateTime(None, None, 1, None, 0, 0, 0, 0)),
        (DateTimeOctets, "0x" + "ff" * 9 + "8000ff", DateTime(None, None, None)),
        (AnyData, "null", NULL),
        (AnyData, {"long-unsigned": 5}, Data(Tag.LONG_UNSIGNED, 5)),
        (AnyData, {"octet-string": "ab"}, Data(Tag.OCTET_STRING, b"ab")),
        (AnyData, {"bit-string": "1"}, Data(Tag.BIT_STRING, BitString(b"\x80", 1))),
        (
            AnyData,
            {"structure": [{"enum": 1}, "null"]},
            Data(Tag.STRUCTURE, (Data(Tag.ENUM, 1), NULL)),
        ),
    ],
)
def test_what_is_meant(kind: DataType[object], written: object, value: object) -> None:
    assert from_plain(kind, written) == value


@pytest.mark.parametrize(
    ("kind", "written", "words"),
    [
        (Integer, 200, "the value"),
        (Integer, "x", "Integer"),
        (Limited(LongUnsigned, 1, 7), 8, "1..7"),
        (OctetString(6), "abc", "6 octets"),
        (OctetString(), 5, "5"),
        (BitStringType, "012", "BitString"),
        (Enum(ControlMode), "mode_9", "mode_4"),
        (Enum(ControlMode), 99, "mode_4"),
        (LogicalName, "nonsense", "the value"),
        (LogicalName, 5, "OBIS"),
        (Array(Integer), 5, "list"),
        (Array(Integer), [1, 999], "the value"),
        (SCRIPT, {"table": "0-0:10.0.106"}, "table, selector"),
        (SCRIPT, ["0-0:10.0.106", 1, 2], "2 fields"),
        (SCRIPT, ["0-0:10.0.106", "x"], "the value.selector"),
        (DateOctets, "March", "2026-03-01"),
        (DateOctets, "2026-13-01", "13"),
        (TimeOctets, "25", "06:00:00"),
        (DateTimeOctets, "2026-03-01", "stars"),
        (DateTimeOctets, "0x00", "DateTimeOctets"),
        (AnyData, 5, "write the type"),
        (AnyData, {"number": 5}, "no type"),
        (AnyData, {"structure": 5}, "list"),
        (AnyData, {"unsigned": 500}, "the value"),
    ],
)
def test_what_is_not_is_told_with_its_place(
    kind: DataType[object], written: object, words: str
) -> None:
    with pytest.raises(InputError, match="the value") as told:
        from_plain(kind, written)
    assert words in str(told.value)
