"""The clock over the wire: read in local time, set, adjusted, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from addad import obis
from addad.cosem.classes import Clock
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.results import ActionResult, DataAccessResult
from addad.meter.clock import Zone
from addad.meter.clock_object import nearest_boundary
from addad.meter.event_codes import Log
from addad.meter.profile import PeriodGrid

CLOCK = obis.CLOCK


def test_it_is_read_in_local_time_with_its_deviation(desk) -> None:
    shown = desk.get(CLOCK, Clock.time)
    assert shown.to_datetime() == desk.now
    assert (shown.hour, shown.deviation) == (desk.now.hour + 1, -60)
    assert desk.get(CLOCK, Clock.time_zone) == -60
    assert desk.get(CLOCK, Clock.status) == 0


def test_a_time_with_deviation_is_taken_as_the_moment_it_is(desk) -> None:
    to = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    assert desk.set(CLOCK, Clock.time, DateTime.from_datetime(to)) is DataAccessResult.SUCCESS
    assert desk.get(CLOCK, Clock.time).to_datetime() == to
    assert list(desk.meter.notices.logs[Log.STANDARD].codes()) == [5, 4, 2]


def test_a_time_without_deviation_is_local(desk) -> None:
    local = DateTime(2026, 7, 1, None, 8, 30, 0, 0, None, 0)
    assert desk.set(CLOCK, Clock.time, local) is DataAccessResult.SUCCESS
    assert desk.meter.clock.time == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "result"),
    [
        (DateTime(None, 7, 1), DataAccessResult.TYPE_UNMATCHED),
        (DateTime(2026, 2, 30, None, 1, 1, 1, 0, -60, 0), DataAccessResult.TYPE_UNMATCHED),
        (DateTime(1999, 12, 31, None, 1, 1, 1, 0, -60, 0), DataAccessResult.OTHER_REASON),
        (DateTime(9999, 12, 31, None, 23, 59, 59, 0, 60, 0), DataAccessResult.OTHER_REASON),
    ],
)
def test_what_is_no_moment_of_this_century_is_refused(desk, time, result) -> None:
    before = desk.meter.clock.time
    assert desk.set(CLOCK, Clock.time, time) is result
    assert desk.meter.clock.time == before
    assert desk.faults == []


def test_small_and_large_shifts(desk) -> None:
    def shift(seconds: int) -> ActionResult:
        return desk.act(CLOCK, Clock.shift_time, Data(Tag.LONG, seconds))

    before = desk.meter.clock.time
    assert shift(5) is ActionResult.SUCCESS
    assert desk.meter.clock.time == before + timedelta(seconds=5)
    assert list(desk.meter.notices.logs[Log.STANDARD].codes()) == [2]
    assert shift(-900) is ActionResult.SUCCESS
    assert list(desk.meter.notices.logs[Log.STANDARD].codes()) == [5, 4, 2]
    assert shift(901) is ActionResult.TYPE_UNMATCHED


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Clock.adjust_to_quarter, "13:00:00"),
        (Clock.adjust_to_measuring_period, "13:00:00"),
        (Clock.adjust_to_minute, "13:07:00"),
    ],
)
def test_adjusting_goes_to_the_nearest(desk, method, expected) -> None:
    assert desk.act(CLOCK, method) is ActionResult.SUCCESS
    assert desk.meter.clock.time.strftime("%H:%M:%S") == expected


@pytest.mark.parametrize(
    ("period_s", "hour", "expected"),
    [(86_400, 10, "09 23:00"), (86_400, 12, "10 23:00"), (3600, 12, "10 12:00")],
)
def test_a_measuring_period_ends_where_its_profile_is_captured(period_s, hour, expected) -> None:
    grid = PeriodGrid(period_s, Zone(-60))
    found = nearest_boundary(grid, datetime(2026, 5, 10, hour, 20, tzinfo=UTC))
    assert found.strftime("%d %H:%M") == expected
    assert grid.end(grid.index(found) - 1) == found


def test_there_is_no_daylight_saving_by_fixed_dates(desk) -> None:
    assert desk.get(CLOCK, Clock.daylight_savings_enabled) is False
    assert desk.set(CLOCK, Clock.time_zone, 0) is DataAccessResult.READ_WRITE_DENIED
