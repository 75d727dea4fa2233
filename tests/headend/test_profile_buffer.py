"""Buffers become rows, fast or slow the same; what makes no sense is said to be unreadable."""

import asyncio
import struct
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from headend_bench import LOAD_COLUMNS, NOON, Bench, FakeClient, FakeMeter

from addad import obis
from addad.dlms import data as axdr
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.errors import DecodeError
from addad.headend import profile_buffer
from addad.headend.link import Target
from addad.headend.profile_buffer import (
    Capture,
    Unreadable,
    capture_of,
    plausible,
    read_events,
    read_rows,
    rows_of,
)
from addad.headend.store.blocks import NOTHING

FEZ = ZoneInfo("Africa/Casablanca")


@pytest.fixture
def client(bench: Bench) -> FakeClient:
    return FakeClient(bench.meters[4059], Target("h", 4059, 2, "reads"), lambda: NOON)


@pytest.fixture
def capture(client: FakeClient) -> Capture:
    return asyncio.run(capture_of(client, obis.LOAD_PROFILE))


def _row(stamp: object, *values: object) -> Data:
    if isinstance(stamp, datetime):
        stamp = Data(Tag.OCTET_STRING, DateTime.from_datetime(stamp).encode())
    plain = [
        one if isinstance(one, Data) else Data(Tag.DOUBLE_LONG_UNSIGNED, one)  # type: ignore[arg-type]
        for one in values
    ]
    return Data(Tag.STRUCTURE, (stamp or Data(Tag.NULL_DATA, None), *plain))  # type: ignore[arg-type]


def _buffer(*rows: Data) -> bytes:
    return axdr.encode(Data(Tag.ARRAY, rows))


def test_the_layout_says_what_is_captured_and_in_what_unit(capture: Capture) -> None:
    assert (capture.width, capture.clock, capture.status) == (len(LOAD_COLUMNS), 0, 1)
    assert capture.layout.period_s == 900
    names = [(one.logical_name, one.unit) for one in capture.layout.columns]
    assert names == [("1-0:1.8.0", 27), ("1-0:2.8.0", 27)]


def test_both_ways_of_decoding_give_the_same_rows(capture: Capture) -> None:
    quarter = timedelta(minutes=15)
    rows = [_row(NOON + n * quarter, n % 3, 100 * n, 2 * n) for n in range(50)]
    fast = rows_of(_buffer(*rows), capture, FEZ)
    odd = _row(NOON + 50 * quarter, 0, Data(Tag.LONG64_UNSIGNED, 5000), 100)
    slow = rows_of(_buffer(*rows, odd), capture, FEZ)
    assert slow.at_s[:50].tolist() == fast.at_s.tolist()
    assert slow.status[:50].tolist() == fast.status.tolist()
    assert slow.values[:50].tolist() == fast.values.tolist()
    assert fast.at_s[0] == int(NOON.timestamp())
    assert slow.values[50].tolist() == [5000, 100]


def test_what_is_left_out_is_what_stands_in_the_row_before(capture: Capture) -> None:
    same = Data(Tag.NULL_DATA, None)
    rows = rows_of(_buffer(_row(NOON, 0, 1, 2), _row(None, 0, 3, same)), capture, FEZ)
    assert rows.at_s[1] - rows.at_s[0] == 900
    assert rows.values.tolist() == [[1, 2], [3, 2]]
    with pytest.raises(DecodeError, match="time"):
        rows_of(_buffer(_row(None, 0, 3, 4)), capture, FEZ)


def test_a_clock_without_deviation_is_in_the_zone_of_the_place(capture: Capture) -> None:
    local = DateTime(2026, 7, 1, None, 12, 0, 0, 0, None, 0)
    stamp = Data(Tag.OCTET_STRING, local.encode())
    rows = rows_of(_buffer(_row(stamp, 0, 1, 2)), capture, FEZ)
    assert rows.at_s[0] == int(datetime(2026, 7, 1, 11, tzinfo=UTC).timestamp())


def test_what_is_no_integer_or_too_large_is_absent(capture: Capture) -> None:
    huge = Data(Tag.LONG64_UNSIGNED, 2**63 + 5)
    words = Data(Tag.VISIBLE_STRING, "x")
    rows = rows_of(_buffer(_row(NOON, 0, huge, words)), capture, FEZ)
    assert rows.values[0].tolist() == [NOTHING, NOTHING]
    both = rows_of(_buffer(*[_row(NOON, 0, huge, Data(Tag.LONG64_UNSIGNED, 1))] * 2), capture, FEZ)
    assert both.values.tolist() == [[NOTHING, 1]] * 2


def test_an_empty_buffer_has_no_rows(capture: Capture) -> None:
    assert rows_of(_buffer(), capture, FEZ).at_s.size == 0


def test_every_cut_of_a_buffer_is_unreadable_and_nothing_else(capture: Capture) -> None:
    whole = _buffer(*[_row(NOON, 0, 1, 2)] * 3)
    for length in range(len(whole)):
        with pytest.raises(DecodeError):
            rows_of(whole[:length], capture, FEZ)
    with pytest.raises(DecodeError):
        rows_of(_buffer(_row(NOON, 0, 1)), capture, FEZ)


def test_rows_of_a_mad_clock_are_left_alone(capture: Capture) -> None:
    far = NOON + timedelta(days=4000)
    rows = rows_of(_buffer(_row(NOON, 0, 1, 2), _row(far, 0, 3, 4)), capture, FEZ)
    kept = plausible(rows, NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert kept.at_s.tolist() == [int(NOON.timestamp())]


def test_reading_by_range_asks_for_the_range(client: FakeClient, capture: Capture) -> None:
    client.meter.fill(NOON - timedelta(hours=2), NOON)
    first = NOON - timedelta(hours=1)
    rows = asyncio.run(read_rows(client, capture, first, NOON, FEZ))
    assert rows.at_s.size == 5
    assert client.meter.asked[-1] == (obis.LOAD_PROFILE, first, NOON)
    client.meter.garbage_profile = True
    with pytest.raises(Unreadable, match="cannot be read"):
        asyncio.run(read_rows(client, capture, first, NOON, FEZ))


def test_an_event_log_gives_events_in_words(client: FakeClient) -> None:
    client.meter.events = [(NOON, 44), (NOON + timedelta(days=30), 45), (NOON, 199)]
    found = asyncio.run(
        read_events(client, obis.EVENT_LOG_FRAUD, NOON, NOON + timedelta(days=1), FEZ)
    )
    assert [(one.log, one.code, one.severity, one.text) for one in found] == [
        ("fraud", 44, "alarm", "Meter cover removed"),
        ("fraud", 199, "info", "Event 199"),
    ]


def test_a_profile_without_a_clock_is_refused() -> None:
    class Clockless(FakeClient):
        async def get(self, logical_name: object, attribute: object) -> object:
            return LOAD_COLUMNS[1:] if attribute.index == 3 else 900  # type: ignore[attr-defined]

    client = Clockless(FakeMeter(), Target("h", 1, 2, ""), lambda: NOON)
    with pytest.raises(DecodeError, match="no clock"):
        asyncio.run(capture_of(client, obis.LOAD_PROFILE))


def test_a_buffer_beyond_a_day_of_rows_is_not_worked_on(
    client: FakeClient, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.meter.fill(NOON - timedelta(hours=2), NOON)
    client.meter.events = [(NOON, 44)] * 3
    monkeypatch.setattr(profile_buffer, "MAX_OCTETS", 50)
    monkeypatch.setattr(profile_buffer, "MAX_EVENT_OCTETS", 50)
    with pytest.raises(Unreadable, match="too many rows"):
        asyncio.run(read_rows(client, capture, NOON - timedelta(hours=1), NOON, FEZ))
    with pytest.raises(Unreadable, match="too many events"):
        asyncio.run(read_events(client, obis.EVENT_LOG_FRAUD, NOON, NOON, FEZ))


@pytest.mark.parametrize("year", [1, 1970, 2200, 9999, 65534])
@pytest.mark.parametrize("deviation", [-840, 0, 840, None])
def test_a_clock_of_any_year_is_left_alone(
    capture: Capture, year: int, deviation: int | None
) -> None:
    minutes = 0x8000 if deviation is None else deviation & 0xFFFF
    octets = struct.pack(">HBBBBBBBHB", year, 1, 1, 255, 0, 0, 0, 0, minutes, 0)
    last = octets[:2] + b"\x0c\x1f" + octets[4:]
    for stamp in (octets, last):
        mad = _row(Data(Tag.OCTET_STRING, stamp), 0, 1, 2)
        odd = _row(NOON, 0, Data(Tag.LONG64_UNSIGNED, 5), 2)
        for buffer in (_buffer(mad), _buffer(mad, odd)):
            try:
                rows = rows_of(buffer, capture, FEZ)
            except DecodeError:
                continue
            kept = plausible(rows, NOON - timedelta(days=1), NOON + timedelta(days=1))
            assert set(kept.at_s.tolist()) <= {int(NOON.timestamp())}
