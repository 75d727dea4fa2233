"""Profile columns: what the general decoder reads, in numpy, or nothing."""

import builtins
import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from addad.dlms.clock_time import DateTime
from addad.dlms.columns import (
    Column,
    clock_column,
    column_pieces,
    decode_columns,
    encode_columns,
)
from addad.dlms.data import BitString, Data, Tag, decode, encode
from addad.errors import DecodeError, InputError, LocalProtocolError

CET = datetime.timezone(datetime.timedelta(hours=1))
NEW_YEAR = datetime.datetime(2026, 1, 1, tzinfo=CET)


def _clock(moment: datetime.datetime, status: int = 0) -> Data:
    return Data(Tag.OCTET_STRING, DateTime.from_datetime(moment, status).encode())


def _profile(rows: list[tuple[Data, ...]]) -> bytes:
    return encode(Data(Tag.ARRAY, tuple(Data(Tag.STRUCTURE, row) for row in rows)))


def _row(number: int) -> tuple[Data, ...]:
    return (
        _clock(NEW_YEAR + datetime.timedelta(minutes=15 * number), number % 4),
        Data(Tag.UNSIGNED, number % 256),
        Data(Tag.DOUBLE_LONG_UNSIGNED, 4_000_000_000 + number),
        Data(Tag.LONG, -number),
        Data(Tag.LONG64_UNSIGNED, 2**63 + number),
        Data(Tag.BOOLEAN, number % 3 == 0),
        Data(Tag.FLOAT32, number / 4),
        Data(Tag.OCTET_STRING, bytes((number % 256, 7))),
        Data(Tag.BIT_STRING, BitString(bytes((number % 256,)), 8)),
    )


ROWS = [_row(number) for number in range(300)]


def _columns(octets: bytes, deviation_min: int | None = None) -> list[Column]:
    columns = decode_columns(octets, deviation_min)
    assert columns is not None
    return columns


def test_columns_hold_what_the_general_decoder_reads() -> None:
    octets = _profile(ROWS)
    columns = _columns(octets)
    rows = decode(octets).value
    assert isinstance(rows, tuple)
    for index in range(1, 7):
        assert columns[index].values.tolist() == [row.value[index].value for row in rows]  # type: ignore[union-attr,index]
        assert columns[index].tag == ROWS[0][index].tag
    assert columns[7].values.tobytes() == b"".join(row[7].value for row in ROWS)  # type: ignore[misc]
    assert columns[8].values.tobytes() == b"".join(row[8].value.octets for row in ROWS)  # type: ignore[union-attr]


def test_the_clock_is_utc_with_its_status_beside_it() -> None:
    clock = _columns(_profile(ROWS))[0]
    assert clock.is_clock
    assert clock.values.dtype == np.dtype("datetime64[s]")
    first = np.datetime64("2025-12-31T23:00:00")
    assert_array_equal(clock.values, first + np.arange(300) * np.timedelta64(900, "s"))
    assert_array_equal(clock.status, np.arange(300) % 4)
    assert_array_equal(clock.deviation, np.full(300, -60))


def test_columns_are_written_as_they_were_read() -> None:
    octets = _profile(ROWS)
    columns = _columns(octets)
    assert encode_columns(columns) == octets
    assert b"".join(column_pieces(columns, 7)) == octets
    assert max(map(len, column_pieces(columns, 7))) < len(octets) / 20


def test_pieces_are_made_only_when_they_are_pulled() -> None:
    pieces = column_pieces(_columns(_profile(ROWS)), 1)
    head = next(pieces)
    assert head == bytes.fromhex("0182012C")
    assert decode(next(pieces)) == Data(Tag.STRUCTURE, ROWS[0])


def test_every_tag_of_every_row_is_checked() -> None:
    octets = _profile(ROWS)
    width = (len(octets) - 4) // len(ROWS)
    first = octets[4 : 4 + width]
    fixed = [0, 1, 2, 3]
    at = 16
    for size in (1, 4, 2, 8, 1, 4):
        fixed.append(at)
        at += 1 + size
    fixed += [at, at + 1]
    at += 4
    fixed += [at, at + 1]
    assert at + 3 == width
    for row in (0, 1, 150, 299):
        for offset in fixed:
            broken = bytearray(octets)
            broken[4 + row * width + offset] ^= 0x01
            columns = decode_columns(bytes(broken))
            assert columns is None, (row, offset, first[offset])


def test_a_profile_truncated_or_followed_by_more_has_no_columns() -> None:
    octets = _profile(ROWS[:3])
    for end in range(len(octets)):
        assert decode_columns(octets[:end]) is None
        with pytest.raises(DecodeError):
            decode(octets[:end])
    assert decode_columns(octets + b"\x00") is None


NOT_COLUMNS = {
    "no array": "1101",
    "an array of numbers": "010211011102",
    "rows of another width": "0102 0201 0901 01 0201 0902 0102",
    "nulls for repeated values": "0102 0201 1101 0201 00",
    "nested structures": "0101 0201 0201 1101",
    "an empty structure": "0101 0200",
    "odd bits": "0101 0201 0403 E0",
    "a wildcard in a date-time": "0101 0201 19 07EAFF01040000000000C400",
    "more rows than octets": "01 84 FFFFFFFF 0201 1101",
}


@pytest.mark.parametrize("octets", NOT_COLUMNS.values(), ids=NOT_COLUMNS.keys())
def test_what_has_no_one_shape_is_left_to_the_general_decoder(octets: str) -> None:
    assert decode_columns(bytes.fromhex(octets)) is None


def test_an_empty_profile_has_no_columns() -> None:
    assert decode_columns(b"\x01\x00") == []
    assert encode_columns([]) == b"\x01\x00"


@pytest.mark.parametrize(
    "clock",
    [
        "07EA021D0000000000FFC400",
        "07EA01010418000000FFC400",
        "07EA010104003C0000FFC400",
        "FFFF01010400000000FFC400",
        "07EA01FF0400000000FFC400",
        "07EA010104000000000FFF00",
        "414243444546474849404142",
    ],
)
def test_twelve_octets_that_are_no_moment_stay_octets(clock: str) -> None:
    octets = bytes.fromhex("0102 0201 090C 07EA01010400000000FFC400 0201 090C") + bytes.fromhex(
        clock
    )
    (column,) = _columns(octets)
    assert not column.is_clock
    assert column.values[1].tobytes() == bytes.fromhex(clock)
    assert encode_columns([column]) == octets


def test_a_clock_without_deviation_needs_one_from_the_caller() -> None:
    octets = bytes.fromhex("0101 0201 090C 07EA010104000000FF800000")
    assert not _columns(octets)[0].is_clock
    (clock,) = _columns(octets, -60)
    assert clock.values[0] == np.datetime64("2025-12-31T23:00:00")


MOMENTS = st.datetimes(
    datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30), timezones=st.just(datetime.UTC)
).map(lambda m: m.replace(microsecond=0))


@given(
    st.lists(
        st.tuples(MOMENTS, st.integers(-840, 840), st.integers(0, 255)), min_size=1, max_size=9
    )
)
@settings(max_examples=200)
def test_clocks_agree_with_the_calendar(rows: list[tuple[datetime.datetime, int, int]]) -> None:
    def local(moment: datetime.datetime, deviation: int) -> datetime.datetime:
        return moment.astimezone(datetime.timezone(datetime.timedelta(minutes=-deviation)))

    octets = _profile(
        [(_clock(local(moment, deviation), status),) for moment, deviation, status in rows]
    )
    (clock,) = _columns(octets)
    assert clock.is_clock
    wanted = [np.datetime64(moment.replace(tzinfo=None), "s") for moment, _, _ in rows]
    assert_array_equal(clock.values, wanted)
    assert encode_columns([clock]) == octets


@given(st.binary(max_size=300))
def test_any_octets_have_columns_only_if_they_are_a_value(octets: bytes) -> None:
    if decode_columns(octets) is not None:
        decode(octets)


def test_columns_of_our_own() -> None:
    times = np.array(["2026-03-01T00:00", "2026-03-01T00:15"], "datetime64[m]")
    columns = [
        clock_column(times, deviation_min=-60, status=np.array([0, 8], np.uint8)),
        Column(Tag.DOUBLE_LONG_UNSIGNED, np.array([1, 2])),
    ]
    octets = encode_columns(columns)
    assert octets[:4] == bytes.fromhex("01020202")
    back = _columns(octets)
    assert_array_equal(back[0].values, times)
    assert_array_equal(back[0].status, [0, 8])
    assert back[1].values.tolist() == [1, 2]


WRONG: dict[str, list[Any]] = {
    "unequal lengths": [Column(Tag.UNSIGNED, np.zeros(1)), Column(Tag.UNSIGNED, np.zeros(2))],
    "a value too large": [Column(Tag.UNSIGNED, np.array([256]))],
    "a negative counter": [Column(Tag.DOUBLE_LONG_UNSIGNED, np.array([-1]))],
    "a fraction in a counter": [Column(Tag.UNSIGNED, np.array([0.5]))],
    "numbers as strings": [Column(Tag.OCTET_STRING, np.array([1]))],
    "an unknown kind": [Column(Tag.NULL_DATA, np.zeros((1, 1), np.uint8))],
}


@pytest.mark.parametrize("columns", WRONG.values(), ids=WRONG.keys())
def test_columns_that_cannot_be_written(columns: list[Column]) -> None:
    with pytest.raises(LocalProtocolError):
        encode_columns(columns)


def test_without_numpy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = builtins.__import__

    def without_numpy(name: str, *rest: Any, **more: Any) -> Any:
        if name == "numpy":
            raise ImportError(name)
        return genuine(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_numpy)
    with pytest.raises(InputError, match=r"addad\[meter\].*addad\[headend\]"):
        decode_columns(b"\x01\x00")


# Compact arrays


def _compact(rows: list[tuple[Data, ...]]) -> bytes:
    return encode(Data(Tag.COMPACT_ARRAY, tuple(Data(Tag.STRUCTURE, row) for row in rows)))


def test_a_compact_array_gives_the_same_columns() -> None:
    plain, compact = _columns(_profile(ROWS)), _columns(_compact(ROWS))
    for one, other in zip(plain, compact, strict=True):
        assert one.tag == other.tag
        assert_array_equal(one.values, other.values)
        if one.is_clock:
            assert other.status is not None
            assert_array_equal(one.status, other.status)


@pytest.mark.parametrize(
    "octets",
    [
        _compact([*ROWS[:3], (*ROWS[3][:7], Data(Tag.OCTET_STRING, b"a"), ROWS[3][8])]),
        _compact([(Data(Tag.UNSIGNED, 1), Data(Tag.NULL_DATA, None))]),
        encode(Data(Tag.COMPACT_ARRAY, (Data(Tag.UNSIGNED, 1),))),
        bytes.fromhex("13 02 01 12 03 000100"),
        bytes.fromhex("13 02 00 03 000100"),
        bytes.fromhex("13 02 01 12 04 0001"),
    ],
    ids=["another length", "a null", "no structures", "half a row", "no columns", "cut off"],
)
def test_another_compact_array_is_left_to_the_general_decoder(octets: bytes) -> None:
    assert decode_columns(octets) is None


def test_an_empty_compact_array_has_no_columns() -> None:
    assert decode_columns(bytes.fromhex("13 02 01 12 00")) == []


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(min_size=2, max_size=3)), max_size=9))
def test_compact_columns_agree_with_the_general_decoder(rows: list[tuple[int, bytes]]) -> None:
    octets = _compact([(Data(Tag.UNSIGNED, a), Data(Tag.OCTET_STRING, b)) for a, b in rows])
    columns = decode_columns(octets)
    if not rows or len({len(b) for _, b in rows}) > 1:
        assert not columns
        return
    assert columns is not None
    assert columns[0].values.tolist() == [a for a, _ in rows]
    assert [bytes(one) for one in columns[1].values] == [b for _, b in rows]


def test_days_far_apart_are_written_as_they_are() -> None:
    moments = np.array(["2001-02-28T23:59:59", "2026-12-31T00:00:00"], "datetime64[s]")
    (column,) = _columns(encode_columns([clock_column(moments, deviation_min=-60)]))
    assert_array_equal(column.values, moments)


@given(st.binary(max_size=300))
def test_any_octets_give_columns_or_none(octets: bytes) -> None:
    for tag in (b"", b"\x01", b"\x13", b"\x13\x02"):
        columns = decode_columns(tag + octets)
        if columns:
            decode(tag + octets)
