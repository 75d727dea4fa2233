"""Interface classes for what happens when: scripts, special days, calendar, single actions.

Blue Book: classes 9, 11, 20 and 22 (version 0).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.cosem.classes.definitions import ScriptReferenceType
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import Data
from addad.dlms.types import (
    AnyData,
    Array,
    DateOctets,
    DateTimeOctets,
    Enum,
    Integer,
    LogicalName,
    LongUnsigned,
    OctetString,
    Structure,
    TimeOctets,
    Unsigned,
)
from addad.obis import Obis


class ScriptService(IntEnum):
    """What an action of a script does."""

    WRITE_ATTRIBUTE = 1
    EXECUTE_METHOD = 2


class ActionSpecification(NamedTuple):
    """One action of a script: `member_index` is that of the attribute or the method."""

    service_id: ScriptService
    class_id: int
    logical_name: Obis
    member_index: int
    parameter: Data


ActionSpecificationType: Final = Structure(
    ActionSpecification, Enum(ScriptService), LongUnsigned, LogicalName, Integer, AnyData
)


class Script(NamedTuple):
    """Actions under a number; 0 is reserved for *no script*."""

    script_identifier: int
    actions: tuple[ActionSpecification, ...]


ScriptType: Final = Structure(Script, LongUnsigned, Array(ActionSpecificationType))


class ScriptTable(InterfaceClass):
    """Scripts that other objects, or a client, have executed by number."""

    class_id, version = 9, 0

    scripts = Attribute(2, Array(ScriptType))
    execute = Method(1, LongUnsigned)


class SpecialDay(NamedTuple):
    """A date on which another day profile holds; wildcards make it recur."""

    entry_index: int
    specialday_date: Date
    day_id: int


SpecialDayType: Final = Structure(SpecialDay, LongUnsigned, DateOctets, Unsigned)


class SpecialDaysTable(InterfaceClass):
    """Dates that take precedence over the activity calendar."""

    class_id, version = 11, 0

    entries = Attribute(2, Array(SpecialDayType))
    insert = Method(1, SpecialDayType)
    delete = Method(2, LongUnsigned)


class SeasonProfile(NamedTuple):
    """From when on which week profile holds."""

    season_profile_name: bytes
    season_start: DateTime
    week_name: bytes


SeasonProfileType: Final = Structure(SeasonProfile, OctetString(), DateTimeOctets, OctetString())


class WeekProfile(NamedTuple):
    """The day profiles of a week's seven days."""

    week_profile_name: bytes
    monday: int
    tuesday: int
    wednesday: int
    thursday: int
    friday: int
    saturday: int
    sunday: int


WeekProfileType: Final = Structure(
    WeekProfile,
    OctetString(),
    Unsigned,
    Unsigned,
    Unsigned,
    Unsigned,
    Unsigned,
    Unsigned,
    Unsigned,
)


class DayProfileAction(NamedTuple):
    """A script that is executed at a time of the day."""

    start_time: Time
    script_logical_name: Obis
    script_selector: int


DayProfileActionType: Final = Structure(DayProfileAction, TimeOctets, LogicalName, LongUnsigned)


class DayProfile(NamedTuple):
    """What is executed on a day."""

    day_id: int
    day_schedule: tuple[DayProfileAction, ...]


DayProfileType: Final = Structure(DayProfile, Unsigned, Array(DayProfileActionType))


class ActivityCalendar(InterfaceClass):
    """Seasons, weeks and days of the calendar that holds, and of the one that comes next."""

    class_id, version = 20, 0

    calendar_name_active = Attribute(2, OctetString())
    season_profile_active = Attribute(3, Array(SeasonProfileType))
    week_profile_table_active = Attribute(4, Array(WeekProfileType))
    day_profile_table_active = Attribute(5, Array(DayProfileType))
    calendar_name_passive = Attribute(6, OctetString())
    season_profile_passive = Attribute(7, Array(SeasonProfileType))
    week_profile_table_passive = Attribute(8, Array(WeekProfileType))
    day_profile_table_passive = Attribute(9, Array(DayProfileType))
    activate_passive_calendar_time = Attribute(10, DateTimeOctets)
    activate_passive_calendar = Method(1)


class SingleActionScheduleType(IntEnum):
    """How many execution times there are, and whether their dates may have wildcards."""

    ONE_TIME_WILDCARD_DATE = 1
    SAME_TIME_NO_WILDCARD = 2
    SAME_TIME_WILDCARD_DATE = 3
    DIFFERENT_TIMES_NO_WILDCARD = 4
    DIFFERENT_TIMES_WILDCARD_DATE = 5


class ExecutionTime(NamedTuple):
    """A time of day on a date."""

    time: Time
    date: Date


ExecutionTimeType: Final = Structure(ExecutionTime, TimeOctets, DateOctets)


class SingleActionSchedule(InterfaceClass):
    """One script, and the moments at which it is executed."""

    class_id, version = 22, 0

    executed_script = Attribute(2, ScriptReferenceType)
    type = Attribute(3, Enum(SingleActionScheduleType))
    execution_time = Attribute(4, Array(ExecutionTimeType))
