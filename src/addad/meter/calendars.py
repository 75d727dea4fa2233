"""Calendars as clients arrange them: special days, the activity calendar, times of single actions.

Blue Book: classes 11, 20 and 22. A passive calendar is taken over as a whole, and only if it is
one; what a calendar or schedule then has run is not of this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from addad.cosem.classes.schedules import (
    ActivityCalendar,
    ExecutionTime,
    SingleActionSchedule,
    SingleActionScheduleType,
    SpecialDay,
    SpecialDaysTable,
)
from addad.cosem.interface_class import Attribute, Binding
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.event_codes import CALENDAR_ACTIVATED, CALENDAR_PROGRAMMED
from addad.meter.stored_objects import LIST_MAX, StoredObject, Trait, refusal

_ENTRIES = SpecialDaysTable.entries
_TIMES = SingleActionSchedule.execution_time
_PAIRS: Final[tuple[tuple[Attribute[Any], Attribute[Any]], ...]] = (
    (ActivityCalendar.calendar_name_active, ActivityCalendar.calendar_name_passive),
    (ActivityCalendar.season_profile_active, ActivityCalendar.season_profile_passive),
    (ActivityCalendar.week_profile_table_active, ActivityCalendar.week_profile_table_passive),
    (ActivityCalendar.day_profile_table_active, ActivityCalendar.day_profile_table_passive),
)
_ONE_TIME = (
    SingleActionScheduleType.SAME_TIME_NO_WILDCARD,
    SingleActionScheduleType.SAME_TIME_WILDCARD_DATE,
)
_NO_WILDCARD = (
    SingleActionScheduleType.SAME_TIME_NO_WILDCARD,
    SingleActionScheduleType.DIFFERENT_TIMES_NO_WILDCARD,
)


def _check_days(_stored: StoredObject, entries: tuple[SpecialDay, ...]) -> None:
    if len({entry.entry_index for entry in entries}) != len(entries):
        raise refusal("two special days have one index")


def _special_days(stored: StoredObject) -> Iterator[Binding]:
    def insert(entry: SpecialDay) -> None:
        others = [one for one in stored.value(_ENTRIES) if one.entry_index != entry.entry_index]
        if len(others) >= LIST_MAX:
            raise refusal(f"no more than {LIST_MAX} special days")
        stored.put(_ENTRIES, tuple(sorted([*others, entry], key=lambda one: one.entry_index)))

    def delete(index: int) -> None:
        entries = stored.value(_ENTRIES)
        left = tuple(one for one in entries if one.entry_index != index)
        if len(left) == len(entries):
            raise AccessError(DataAccessResult.OBJECT_UNAVAILABLE)
        stored.put(_ENTRIES, left)

    yield SpecialDaysTable.insert.does(insert)
    yield SpecialDaysTable.delete.does(delete)


def check_passive(stored: StoredObject) -> None:
    """Raises `AccessError` for a passive calendar that is none.

    It has a season; each season has a week, each week days, and no name stands twice.
    """
    seasons = stored.value(ActivityCalendar.season_profile_passive)
    weeks = stored.value(ActivityCalendar.week_profile_table_passive)
    days = stored.value(ActivityCalendar.day_profile_table_passive)
    if not seasons:
        raise refusal("the passive calendar has no season")
    names = [week.week_profile_name for week in weeks]
    numbers = [day.day_id for day in days]
    of_seasons = [season.season_profile_name for season in seasons]
    for table in (names, numbers, of_seasons):
        if len(set(table)) != len(table):
            raise refusal("a name stands twice in the passive calendar")
    if not {season.week_name for season in seasons} <= set(names):
        raise refusal("a season of the passive calendar names no week")
    if not {number for week in weeks for number in week[1:]} <= set(numbers):
        raise refusal("a week of the passive calendar names no day")


def _activity_calendar(stored: StoredObject) -> Iterator[Binding]:
    def activate(_: int) -> None:
        check_passive(stored)
        name, store = stored.row.logical_name, stored.around.store
        for active, passive in _PAIRS:
            stored.keep(active.index, store.read(name, passive.index))
        stored.around.note(CALENDAR_ACTIVATED)

    yield ActivityCalendar.activate_passive_calendar.does(activate)


def _check_times(stored: StoredObject, times: tuple[ExecutionTime, ...]) -> None:
    kind = stored.value(SingleActionSchedule.type)
    if kind is SingleActionScheduleType.ONE_TIME_WILDCARD_DATE and len(times) > 1:
        raise refusal("a schedule of this type has one time")
    if kind in _ONE_TIME and len({time.time for time in times}) > 1:
        raise refusal("a schedule of this type has one time of day")
    for time, date in times:
        if None in (time.hour, time.minute, time.second):
            raise refusal("a time of day has no wildcards")
        if kind in _NO_WILDCARD and None in (date.year, date.month, date.day):
            raise refusal("a date of this type has no wildcards")


SPECIAL_DAYS: Final = Trait(_special_days, {_ENTRIES.index: _check_days})
ACTIVITY_CALENDAR: Final = Trait(
    _activity_calendar, events={passive.index: CALENDAR_PROGRAMMED for _, passive in _PAIRS}
)
SINGLE_ACTION_SCHEDULE: Final = Trait(checks={_TIMES.index: _check_times})
