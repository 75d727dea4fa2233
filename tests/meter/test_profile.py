"""Profiles: intervals, outages, clock changes by the worked vectors, and their columns."""

from datetime import UTC, datetime, timedelta

import pytest

from addad import obis
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Tag, decode
from addad.errors import InputError
from addad.meter.clock import Zone, ZoneChange
from addad.meter.profile import (
    BILLING_LAYOUT,
    DAILY_LAYOUT,
    LOAD_LAYOUT,
    Capture,
    DayGrid,
    MonthGrid,
    PeriodGrid,
    Profile,
    ProfileStatus,
)
from addad.meter.registers import Registers

PDN, CAD, DNV = ProfileStatus.PDN, ProfileStatus.CAD, ProfileStatus.DNV
NONE = ProfileStatus(0)
ZONE = Zone(-60)


def at(clock: str, day: int = 10) -> datetime:
    """A local time of a day in May 2026, UTC+1."""
    parts = [int(part) for part in clock.split(":")] + [0]
    return datetime(2026, 5, day, *parts[:3], tzinfo=UTC) - timedelta(hours=1)


def shown(moment: datetime) -> str:
    return (moment + timedelta(hours=1)).strftime("%H:%M")


class Run:
    """Steps a load profile each second of a span, and lists the rows: (local time, status)."""

    def __init__(self, period_s: int = 900) -> None:
        self.profile = Profile("load", LOAD_LAYOUT, PeriodGrid(period_s, ZONE), 10)
        self.rows: list[tuple[str, ProfileStatus]] = []

    def _note(self, boundary) -> None:
        if boundary is not None:
            self.rows.append((shown(boundary.at), boundary.status))

    def live(self, start: datetime, end: datetime, marks: ProfileStatus = NONE) -> None:
        while start <= end:
            self._note(self.profile.step(start, marks))
            start += timedelta(seconds=5)

    def power_up(self, when: datetime) -> None:
        again = Profile("load", LOAD_LAYOUT, self.profile.grid, 10)
        again.restore(self.profile.snapshot())
        self.profile = again
        self._note(again.power_up(when))

    def set(self, to: datetime) -> None:
        self._note(self.profile.adjusted(to))


def test_rows_are_aligned_to_the_hour_and_stamped_with_the_end() -> None:
    run = Run()
    run.live(at("14:07:13"), at("15:01"))
    assert run.rows == [("14:15", NONE), ("14:30", NONE), ("14:45", NONE), ("15:00", NONE)]


@pytest.mark.parametrize(
    ("period_s", "ends"), [(60, 53), (300, 11), (600, 6), (1800, 2), (3600, 1)]
)
def test_every_period_divides_the_hour(period_s: int, ends: int) -> None:
    run = Run(period_s)
    run.live(at("14:07:13"), at("15:01"))
    assert len(run.rows) == ends
    assert run.rows[-1][0] in ("15:00", "15:01")


def test_an_outage_within_a_period_marks_that_period_only() -> None:
    run = Run()
    run.live(at("15:10"), at("15:17"))
    run.power_up(at("15:21"))
    run.live(at("15:21"), at("15:45"))
    assert run.rows == [("15:15", NONE), ("15:30", PDN), ("15:45", NONE)]


def test_an_outage_over_periods_gives_no_rows_for_those_wholly_inside() -> None:
    run = Run()
    run.live(at("01:16"), at("01:17"))
    run.power_up(at("04:21"))
    run.live(at("04:21"), at("04:45"))
    assert run.rows == [("01:30", PDN), ("04:30", PDN), ("04:45", NONE)]


def test_an_outage_that_begins_just_before_a_boundary_still_closes_that_period() -> None:
    run = Run()
    run.live(at("01:16"), at("01:29:55"))
    run.power_up(at("01:31"))
    run.live(at("01:31"), at("01:45"))
    assert run.rows == [("01:30", PDN), ("01:45", PDN)]


def test_a_clock_set_back_keeps_old_rows_and_marks_the_next_regular_one() -> None:
    run = Run()
    run.live(at("20:40"), at("21:16"))
    run.set(at("20:42"))
    run.live(at("20:42"), at("21:01"))
    assert run.rows == [
        ("20:45", NONE),
        ("21:00", NONE),
        ("21:15", NONE),
        ("20:45", CAD),
        ("21:00", NONE),
    ]


def test_a_clock_set_forward_closes_the_running_interval_and_marks_both() -> None:
    run = Run()
    run.live(at("20:40"), at("20:42"))
    run.set(at("21:16"))
    run.live(at("21:16"), at("21:45"))
    assert run.rows == [("20:45", CAD), ("21:30", CAD), ("21:45", NONE)]


def test_a_clock_set_within_an_interval_marks_it() -> None:
    run = Run()
    run.live(at("20:31"), at("20:32"))
    run.set(at("20:43"))
    run.live(at("20:43"), at("21:00"))
    assert run.rows == [("20:45", CAD), ("21:00", NONE)]


def test_a_small_slew_back_over_a_boundary_gives_no_second_row() -> None:
    run = Run()
    run.live(at("20:40"), at("20:45:02"))
    run.live(at("20:44:55"), at("21:00"))
    assert run.rows == [("20:45", NONE), ("21:00", NONE)]


def test_after_a_reset_the_next_row_is_that_of_the_running_period_and_clean() -> None:
    run = Run()
    run.live(at("15:31"), at("15:45:30"), PDN)
    run.profile.clear()
    run.live(at("15:45:35"), at("16:00"))
    assert run.rows[-1] == ("16:00", NONE)


def test_marks_stay_until_the_end_of_the_interval() -> None:
    run = Run()
    run.live(at("15:31"), at("15:32"), DNV)
    run.live(at("15:32"), at("16:00"))
    assert run.rows == [("15:45", DNV), ("16:00", NONE)]


def test_ti_04_no_extra_row_when_the_deviation_changes() -> None:
    change = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    zone = Zone(-120, (ZoneChange(change, -60),))
    profile = Profile("load", LOAD_LAYOUT, PeriodGrid(900, zone), 10)
    moment, ends = change - timedelta(minutes=31), []
    while moment < change + timedelta(minutes=31):
        boundary = profile.step(moment, NONE)
        ends += [boundary.at] if boundary else []
        moment += timedelta(seconds=10)
    assert ends == [change + timedelta(minutes=15 * n) for n in (-2, -1, 0, 1, 2)]


def test_days_and_months_end_at_local_midnight() -> None:
    day, month = DayGrid(ZONE), MonthGrid(ZONE)
    just_before, just_after = at("23:59", 31), at("23:59", 31) + timedelta(minutes=1)
    assert day.index(just_after) == day.index(just_before) + 1
    assert month.index(just_after) == month.index(just_before) + 1
    assert day.end(day.index(just_before)) == month.end(month.index(just_before)) == just_after
    december = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert month.end(month.index(december)) == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_a_month_inside_an_outage_has_its_index_once() -> None:
    profile = Profile("billing", BILLING_LAYOUT, MonthGrid(ZONE), 10)
    profile.step(at("12:00", 10), NONE)
    boundary = profile.power_up(datetime(2026, 8, 3, tzinfo=UTC))
    assert boundary is not None
    assert boundary.at == at("23:59", 31) + timedelta(minutes=1)
    assert boundary.status == PDN
    assert profile.step(datetime(2026, 8, 4, tzinfo=UTC), NONE) is None


@pytest.mark.parametrize("period_s", [0, 1, 120, 901, 7200])
def test_periods_that_do_not_divide_an_hour_or_a_day_are_refused(period_s: int) -> None:
    with pytest.raises(InputError, match="capture period"):
        PeriodGrid(period_s, ZONE)


def test_an_interval_of_another_period_is_not_continued() -> None:
    old = Profile("load", LOAD_LAYOUT, PeriodGrid(900, ZONE), 10)
    old.step(at("12:01"), NONE)
    new = Profile("load", LOAD_LAYOUT, PeriodGrid(3600, ZONE), 10)
    new.restore(old.snapshot())
    assert new.power_up(at("12:02")) is None
    assert new.step(at("12:03"), NONE) is None


@pytest.mark.parametrize("layout", [LOAD_LAYOUT, DAILY_LAYOUT, BILLING_LAYOUT])
def test_a_row_is_a_structure_with_one_value_a_column_and_constant_length(layout) -> None:
    registers = Registers()
    time = DateTime.from_datetime(at("12:00").astimezone(), 0)
    empty = layout.row(Capture(time, 0, registers))
    registers.add([10**15 + n for n in range(32)])
    row = layout.row(Capture(time, 0x80, registers))
    assert len(row) == len(empty) == layout.row_octets
    value = decode(row)
    assert value.tag == Tag.STRUCTURE
    assert len(value.value) == len(layout.columns)
    assert layout.capture_objects[0].logical_name == obis.CLOCK
    for index in range(len(layout.columns)):
        assert decode(layout.field(row, index)) == value.value[index]
    assert layout.cut(row, [2, 0]) == b"\x02\x02" + layout.field(row, 2) + layout.field(row, 0)
    assert layout.cut(row, range(len(layout.columns))) == row
