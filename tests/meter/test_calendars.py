"""Special days, calendars and schedules: taken whole, refused where they contradict themselves."""

import pytest

from addad.cosem.classes.schedules import (
    ActivityCalendar,
    DayProfile,
    ExecutionTime,
    SeasonProfile,
    SingleActionSchedule,
    SpecialDay,
    SpecialDaysTable,
    WeekProfile,
)
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.results import DataAccessResult
from addad.meter.event_codes import CALENDAR_ACTIVATED, CALENDAR_PROGRAMMED
from meter.table_desk import TableDesk

REFUSED = DataAccessResult.OTHER_REASON
DAYS = """
[[object]]
class = 11
name = "0-0:11.0.0"
writable = ["entries"]
attributes.entries = []
"""
CALENDAR = """
[[object]]
class = 20
name = "0-0:13.0.0"
writable = ["calendar_name_passive", "season_profile_passive", "week_profile_table_passive",
            "day_profile_table_passive"]
[object.attributes]
calendar_name_active = "OLD"
season_profile_active = []
week_profile_table_active = []
day_profile_table_active = []
calendar_name_passive = ""
season_profile_passive = []
week_profile_table_passive = []
day_profile_table_passive = []
activate_passive_calendar_time = "0xffffffffffffffffff8000ff"
"""
SCHEDULE = """
[[object]]
class = 22
name = "0-0:15.0.0"
writable = ["execution_time"]
[object.attributes]
executed_script = ["0-0:10.0.1", 1]
type = "{type}"
execution_time = []
"""
MAY = SpecialDay(1, Date(None, 5, 1), 2)
SEASON = SeasonProfile(b"S", DateTime(None, 1, 1), b"W")
WEEK = WeekProfile(b"W", 1, 1, 1, 1, 1, 2, 2)
WORKDAY, WEEKEND = DayProfile(1, ()), DayProfile(2, ())


def test_special_days_are_inserted_replaced_and_deleted() -> None:
    desk = TableDesk(DAYS)
    march = SpecialDay(0, Date(2026, 3, 1), 1)
    for day in (MAY, march, MAY._replace(day_id=3)):
        assert desk.act(SpecialDaysTable.insert, day) == 0
    assert desk.get(SpecialDaysTable.entries) == (march, MAY._replace(day_id=3))
    assert desk.act(SpecialDaysTable.delete, 0) == 0
    assert desk.act(SpecialDaysTable.delete, 0) == DataAccessResult.OBJECT_UNAVAILABLE
    assert desk.set(SpecialDaysTable.entries, (MAY, MAY)) == REFUSED
    assert desk.set(SpecialDaysTable.entries, ()) == 0


def _programmed(*, seasons: object, weeks: object, days: object) -> TableDesk:
    desk = TableDesk(CALENDAR)
    desk.set(ActivityCalendar.calendar_name_passive, b"NEW")
    desk.set(ActivityCalendar.season_profile_passive, seasons)
    desk.set(ActivityCalendar.week_profile_table_passive, weeks)
    desk.set(ActivityCalendar.day_profile_table_passive, days)
    return desk


def test_a_passive_calendar_becomes_the_active_one() -> None:
    desk = _programmed(seasons=(SEASON,), weeks=(WEEK,), days=(WORKDAY, WEEKEND))
    assert set(desk.noted) == {CALENDAR_PROGRAMMED}
    assert desk.act(ActivityCalendar.activate_passive_calendar) == 0
    assert desk.noted[-1] == CALENDAR_ACTIVATED
    assert desk.get(ActivityCalendar.calendar_name_active) == b"NEW"
    assert desk.get(ActivityCalendar.season_profile_active) == (SEASON,)
    assert desk.get(ActivityCalendar.week_profile_table_active) == (WEEK,)
    assert desk.get(ActivityCalendar.day_profile_table_active) == (WORKDAY, WEEKEND)


@pytest.mark.parametrize(
    ("seasons", "weeks", "days"),
    [
        ((), (WEEK,), (WORKDAY, WEEKEND)),
        ((SEASON,), (), (WORKDAY, WEEKEND)),
        ((SEASON,), (WEEK,), (WORKDAY,)),
        ((SEASON, SEASON), (WEEK,), (WORKDAY, WEEKEND)),
        ((SEASON,), (WEEK, WEEK), (WORKDAY, WEEKEND)),
        ((SEASON,), (WEEK,), (WORKDAY, WEEKEND, WEEKEND)),
    ],
)
def test_what_is_no_calendar_is_not_activated(seasons: object, weeks: object, days: object) -> None:
    desk = _programmed(seasons=seasons, weeks=weeks, days=days)
    assert desk.act(ActivityCalendar.activate_passive_calendar) == REFUSED
    assert desk.get(ActivityCalendar.calendar_name_active) == b"OLD"
    assert CALENDAR_ACTIVATED not in desk.noted


NOON, SIX = Time(12, 0, 0, 0), Time(6, 0, 0, 0)
MARCH, EVERY_MARCH = Date(2026, 3, 1), Date(None, 3, 1)


@pytest.mark.parametrize(
    ("kind", "times", "result"),
    [
        ("one_time_wildcard_date", [(NOON, EVERY_MARCH)], 0),
        ("one_time_wildcard_date", [(NOON, EVERY_MARCH), (NOON, MARCH)], REFUSED),
        ("same_time_no_wildcard", [(NOON, MARCH), (NOON, Date(2027, 3, 1))], 0),
        ("same_time_no_wildcard", [(NOON, EVERY_MARCH)], REFUSED),
        ("same_time_no_wildcard", [(NOON, MARCH), (SIX, MARCH)], REFUSED),
        ("same_time_wildcard_date", [(NOON, MARCH), (NOON, EVERY_MARCH)], 0),
        ("different_times_no_wildcard", [(NOON, MARCH), (SIX, MARCH)], 0),
        ("different_times_no_wildcard", [(NOON, EVERY_MARCH)], REFUSED),
        ("different_times_wildcard_date", [(NOON, MARCH), (SIX, EVERY_MARCH)], 0),
        ("different_times_wildcard_date", [(Time(None, 0, 0, 0), MARCH)], REFUSED),
    ],
)
def test_the_times_of_a_schedule_are_of_its_type(
    kind: str, times: list[tuple[Time, Date]], result: int
) -> None:
    desk = TableDesk(SCHEDULE.replace("{type}", kind))
    value = tuple(ExecutionTime(*one) for one in times)
    assert desk.set(SingleActionSchedule.execution_time, value) == result
