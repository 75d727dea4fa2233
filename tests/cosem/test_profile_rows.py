"""Selective access to a buffer: ranges with both ends, entries from 1, columns."""

from datetime import datetime, timedelta, timezone

import pytest

from addad import obis
from addad.cosem.classes.measurement import CaptureObject, ProfileSelection
from addad.cosem.profile_rows import select_rows
from addad.dlms.apdu.descriptors import EntrySelection, RangeSelection
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, decode
from addad.dlms.profile_compression import RowFormat, expand
from addad.errors import AccessError
from cosem.sample_device import IMPORT_WH, PERIOD, PROFILE_COLUMNS, START, SampleProfile

CLOCK = PROFILE_COLUMNS[0]


def between(
    first: datetime, last: datetime, *columns: CaptureObject, restricting: CaptureObject = CLOCK
) -> RangeSelection:
    ends = (DateTime.from_datetime(first), DateTime.from_datetime(last))
    return RangeSelection.between(restricting, *ends, columns)


def read(rows: int, selection: ProfileSelection) -> list[tuple[object, ...]]:
    answer = decode(b"".join(select_rows(SampleProfile(rows), selection).pieces()))
    assert answer.tag == Tag.ARRAY
    return [tuple(cell.value for cell in row.value) for row in answer.value]  # type: ignore[union-attr]


def numbers(found: list[tuple[object, ...]]) -> list[int]:
    return [int(row[3]) // 10 for row in found]  # type: ignore[call-overload]


def test_without_selection_all_rows_come_in_order() -> None:
    assert numbers(read(200, None)) == list(range(200))
    assert read(0, None) == []


def test_a_range_includes_both_ends() -> None:
    assert numbers(read(50, between(START + 3 * PERIOD, START + 6 * PERIOD))) == [3, 4, 5, 6]
    second = timedelta(seconds=1)
    inner = between(START + 3 * PERIOD + second, START + 6 * PERIOD - second)
    assert numbers(read(50, inner)) == [4, 5]
    assert read(50, between(START + 6 * PERIOD, START + 3 * PERIOD)) == []
    assert read(50, between(START + 1000 * PERIOD, START + 2000 * PERIOD)) == []


def test_a_range_finds_its_rows_also_after_the_clock_was_set_back() -> None:
    class SetBack(SampleProfile):
        in_order = False

        def times_s(self) -> list[int]:
            times_s = list(super().times_s())
            return times_s[:10] + times_s[4:-6]

    selection = between(START + 3 * PERIOD, START + 6 * PERIOD)
    rows = select_rows(SetBack(20), selection)
    cells = decode(b"".join(rows.pieces())).value
    assert rows.count == 7
    found = [tuple(cell.value for cell in row.value) for row in cells]  # type: ignore[union-attr]
    assert numbers(found) == [3, 4, 5, 6, 10, 11, 12]


@pytest.mark.parametrize("first", range(-1, 9))
@pytest.mark.parametrize("last", range(-1, 9))
@pytest.mark.parametrize("off_s", [0, 1])
def test_a_search_finds_what_a_look_at_all_times_finds(first: int, last: int, off_s: int) -> None:
    class LookedAt(SampleProfile):
        in_order = False

    off = timedelta(seconds=off_s)
    selection = between(START + first * PERIOD + off, START + last * PERIOD + off)
    found = b"".join(select_rows(SampleProfile(8), selection).pieces())
    assert found == b"".join(select_rows(LookedAt(8), selection).pieces())


def test_a_range_in_another_zone_is_the_same_moments() -> None:
    zone = timezone(timedelta(hours=2))
    first, last = (START + n * PERIOD for n in (3, 6))
    assert numbers(read(50, between(first.astimezone(zone), last.astimezone(zone)))) == [3, 4, 5, 6]


def test_times_without_deviation_are_in_the_zone_of_the_meter() -> None:
    local = DateTime(2026, 3, 1, None, 1, 0, 0)
    selection = RangeSelection.between(CLOCK, local, local, ())
    zone = timezone(timedelta(hours=1))
    rows = select_rows(SampleProfile(50), selection, zone)
    assert rows.count == 1
    found = decode(b"".join(rows.pieces()))
    assert found.value[0].value[2].value == IMPORT_WH  # type: ignore[union-attr,index]


def test_columns_come_as_asked() -> None:
    selection = between(START, START, PROFILE_COLUMNS[2], CLOCK)
    assert read(50, selection) == [(IMPORT_WH, DateTime.from_datetime(START).encode())]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (EntrySelection(1, 0, 1, 0), list(range(10))),
        (EntrySelection(1, 3, 1, 0), [0, 1, 2]),
        (EntrySelection(9, 0, 1, 0), [8, 9]),
        (EntrySelection(9, 500, 1, 0), [8, 9]),
        (EntrySelection(11, 0, 1, 0), []),
        (EntrySelection(5, 4, 1, 0), []),
    ],
)
def test_entries_count_from_one_and_zero_is_the_last(
    selection: EntrySelection, expected: list[int]
) -> None:
    assert numbers(read(10, selection)) == expected


def test_entries_choose_columns_by_number() -> None:
    assert read(10, EntrySelection(2, 2, 3, 4)) == [(IMPORT_WH + 25, 10)]
    assert read(10, EntrySelection(2, 2, 4, 0)) == [(10,)]


@pytest.mark.parametrize(
    ("selection", "result"),
    [
        (EntrySelection(0, 0, 1, 0), 13),
        (EntrySelection(1, 0, 0, 0), 13),
        (between(START, START, CaptureObject(3, obis.FREQUENCY, 2)), 13),
        (between(START, START, restricting=PROFILE_COLUMNS[2]), 13),
        (between(START, START, restricting=CaptureObject(8, obis.FREQUENCY, 2)), 13),
        (RangeSelection.between(CLOCK, DateTime(None, 1, 1), DateTime(None, 1, 1), ()), 12),
        (RangeSelection(CLOCK, Data(Tag.UNSIGNED, 1), Data(Tag.UNSIGNED, 2), ()), 12),
        (RangeSelection(CLOCK, Data(Tag.OCTET_STRING, b"x"), Data(Tag.UNSIGNED, 2), ()), 12),
    ],
)
def test_a_selection_that_cannot_be_is_refused(selection: ProfileSelection, result: int) -> None:
    with pytest.raises(AccessError) as refused:
        select_rows(SampleProfile(10), selection)
    assert refused.value.result == result


def test_rows_are_encoded_only_when_they_leave() -> None:
    profile = SampleProfile(10_000)
    pieces = select_rows(profile, None).pieces()
    for _ in range(5):
        next(pieces)
    assert profile.encoded == 4


@pytest.mark.parametrize("selection", [None, EntrySelection(3, 40, 1, 3), EntrySelection(2, 0)])
def test_rows_that_leave_out_what_repeats_say_the_same(selection: EntrySelection | None) -> None:
    period_s = int(PERIOD.total_seconds())
    profile = SampleProfile(50)
    whole = decode(b"".join(select_rows(profile, selection).pieces()))
    short = b"".join(select_rows(profile, selection, null_data_period_s=period_s).pieces())
    left_out = decode(short)
    assert isinstance(whole.value, tuple)
    assert isinstance(left_out.value, tuple)
    width = len(whole.value[0].value)  # type: ignore[arg-type, union-attr]
    form = RowFormat(width, (0,), period_s)
    given = [row for row in left_out.value if isinstance(row, Data)]
    assert [Data(Tag.STRUCTURE, row) for row in expand(given, form)] == list(whole.value)
    assert all(row.value[0].tag == Tag.NULL_DATA for row in given[1:])  # type: ignore[index, union-attr]
    assert len(short) < 0.7 * len(b"".join(select_rows(profile, selection).pieces()))
