"""Types that know their Python type: round trips, refusals, and what mypy concludes."""

import datetime
from enum import IntEnum
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import types as t
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.errors import DecodeError, LocalProtocolError
from addad.obis import Obis
from addad.units import ScalerUnit


class Colour(IntEnum):
    RED = 0
    GREEN = 1


class Pair(NamedTuple):
    name: Obis
    colour: Colour


PAIR = t.Structure(Pair, t.LogicalName, t.Enum(Colour))
SCALER_UNIT = t.Structure(ScalerUnit, t.Integer, t.EnumCode)
CLOCK = Obis.parse("0-0:1.0.0")
NOON = DateTime.from_datetime(datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC))

CASES: list[tuple[t.DataType[Any], object, str]] = [
    (t.Null, None, "00"),
    (t.Boolean, True, "0301"),
    (t.Integer, -3, "0FFD"),
    (t.Long, -3, "10FFFD"),
    (t.DoubleLong, -3, "05FFFFFFFD"),
    (t.Long64, -3, "14FFFFFFFFFFFFFFFD"),
    (t.Unsigned, 3, "1103"),
    (t.LongUnsigned, 3, "120003"),
    (t.DoubleLongUnsigned, 3, "0600000003"),
    (t.Long64Unsigned, 3, "150000000000000003"),
    (t.EnumCode, 3, "1603"),
    (t.Bcd, 0x42, "0D42"),
    (t.Float32, 0.5, "173F000000"),
    (t.Float64, 0.5, "183FE0000000000000"),
    (t.VisibleString, "ADD", "0A03414444"),
    (t.Utf8String, "عد", "0C04D8B9D8AF"),
    (t.BitStringType, BitString(b"\xa0", 3), "0403A0"),
    (t.OctetString(), b"\x01", "090101"),
    (t.OctetString(2), b"\x01\x02", "09020102"),
    (t.LogicalName, CLOCK, "09060000010000FF"),
    (t.Enum(Colour), Colour.GREEN, "1601"),
    (t.DateTimeOctets, NOON, "090C07EA0101040C000000000000"),
    (t.DateOctets, Date(2026, 1, 1, 4), "090507EA010104"),
    (t.TimeOctets, Time(12, 0, 0, 0), "09040C000000"),
    (t.Array(t.Unsigned), (1, 2), "010211011102"),
    (t.Array(PAIR), (), "0100"),
    (PAIR, Pair(CLOCK, Colour.RED), "020209060000010000FF1600"),
    (SCALER_UNIT, ScalerUnit(-1, 27), "02020FFF161B"),
    (t.Nullable(t.Unsigned), None, "00"),
    (t.Nullable(t.Unsigned), 1, "1101"),
    (t.AnyData, Data(Tag.LONG, 5), "100005"),
]


@pytest.mark.parametrize(("kind", "value", "octets"), CASES, ids=[repr(c[0]) for c in CASES])
def test_a_value_both_ways(kind: t.DataType[Any], value: object, octets: str) -> None:
    wire = bytes.fromhex(octets)
    assert kind.encode(value) == wire
    assert kind.decode(wire) == value
    assert type(kind.decode(wire)) is type(value)
    assert kind.from_data(kind.to_data(value)) == value
    for end in range(len(wire)):
        with pytest.raises(DecodeError):
            kind.decode(wire[:end])
    with pytest.raises(DecodeError):
        kind.decode(wire + b"\x00")


OTHER_TAG = [
    case[0] for case in CASES if not isinstance(case[0], t.Nullable) and case[0] is not t.AnyData
]


@pytest.mark.parametrize("kind", OTHER_TAG, ids=repr)
def test_another_tag_is_refused(kind: t.DataType[Any]) -> None:
    for other in (Data(Tag.DELTA_LONG, 1), Data(Tag.DONT_CARE, None)):
        with pytest.raises(DecodeError):
            kind.from_data(other)


def test_a_clock_is_read_under_its_own_tag_too() -> None:
    assert t.DateTimeOctets.decode(b"\x19" + NOON.encode()) == NOON
    assert t.DateOctets.decode(b"\x1a" + NOON.date.encode()) == NOON.date
    assert t.TimeOctets.decode(b"\x1b" + NOON.time.encode()) == NOON.time


def test_an_array_is_read_when_compact() -> None:
    assert t.Array(t.Unsigned).decode(bytes.fromhex("13110201FF")) == (1, 255)


REFUSED: list[tuple[t.DataType[Any], str]] = [
    (t.Enum(Colour), "1602"),
    (t.LogicalName, "09050000010000"),
    (t.OctetString(2), "090101"),
    (t.DateTimeOctets, "0902FFFF"),
    (t.DateTimeOctets, "090C07EA0D01040C000000000000"),
    (PAIR, "020109060000010000FF"),
    (PAIR, "020309060000010000FF160000"),
]


@pytest.mark.parametrize(("kind", "octets"), REFUSED)
def test_forbidden_values_are_refused(kind: t.DataType[Any], octets: str) -> None:
    with pytest.raises(DecodeError):
        kind.decode(bytes.fromhex(octets))


UNFIT: list[tuple[t.DataType[Any], object]] = [
    (t.Unsigned, 256),
    (t.Unsigned, -1),
    (t.Integer, "1"),
    (t.Float32, "x"),
    (t.Float32, 1e300),
    (t.OctetString(2), b"1"),
    (t.VisibleString, "عداد"),
    (PAIR, (CLOCK,)),
]


@pytest.mark.parametrize(("kind", "value"), UNFIT)
def test_values_that_do_not_fit_are_refused(kind: t.DataType[Any], value: object) -> None:
    with pytest.raises(LocalProtocolError):
        kind.encode(value)


def test_null_is_not_a_value_of_another_type() -> None:
    with pytest.raises(DecodeError):
        t.Unsigned.from_data(NULL)


@given(st.lists(st.tuples(st.integers(-128, 127), st.integers(0, 255)), max_size=20))
def test_arrays_of_structures_return(rows: list[tuple[int, int]]) -> None:
    kind = t.Array(SCALER_UNIT)
    value = tuple(ScalerUnit(*row) for row in rows)
    assert kind.decode(kind.encode(value)) == value


WINDOW = t.Limited(t.Unsigned, 1, 7)


def test_a_limited_number_takes_both_ends() -> None:
    assert WINDOW.decode(WINDOW.encode(1)) == 1
    assert WINDOW.decode(WINDOW.encode(7)) == 7
    assert WINDOW.encode(7) == bytes((Tag.UNSIGNED, 7))


@pytest.mark.parametrize("outside", [0, 8, 255])
def test_a_limited_number_is_refused_outside(outside: int) -> None:
    with pytest.raises(LocalProtocolError):
        WINDOW.encode(outside)
    with pytest.raises(DecodeError):
        WINDOW.decode(bytes((Tag.UNSIGNED, outside)))
    with pytest.raises(DecodeError):
        WINDOW.decode(bytes((Tag.LONG_UNSIGNED, 0, 5)))


MISTAKES: list[tuple[t.DataType[Any], object]] = [
    (t.DateTimeOctets, datetime.datetime(2026, 6, 21, 12)),
    (t.DateTimeOctets, "now"),
    (t.LogicalName, "1-0:1.8.0"),
    (t.OctetString(), "text"),
    (t.OctetString(), 5),
    (t.OctetString(2), 2),
    (t.Enum(Colour), "red"),
    (t.Array(t.Unsigned), 1),
    (t.Array(t.OctetString()), (b"", "text")),
    (SCALER_UNIT, 27),
    (t.Nullable(t.LogicalName), "1-0:1.8.0"),
    (t.AnyData, 5),
    (WINDOW, "3"),
]


@pytest.mark.parametrize(("kind", "value"), MISTAKES, ids=repr)
def test_a_value_of_another_python_type_is_refused(kind: t.DataType[Any], value: object) -> None:
    with pytest.raises(LocalProtocolError):
        kind.encode(value)


def test_what_does_not_fit_is_named_by_its_type_and_not_shown() -> None:
    with pytest.raises(LocalProtocolError, match="type str does not fit OctetString") as caught:
        t.OctetString().encode("a key")  # type: ignore[arg-type]  # a mistake
    assert "a key" not in str(caught.value)
    with pytest.raises(LocalProtocolError, match=r"int has no tag: write Data\(Tag.…, value\)"):
        t.AnyData.encode(5)  # type: ignore[arg-type]  # a mistake
