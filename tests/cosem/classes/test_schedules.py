"""Scripts, special days, the calendar and single actions, octet by octet."""

import pytest

from addad.cosem.classes import schedules as s
from addad.cosem.classes.definitions import ScriptReference
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL
from addad.errors import DecodeError
from addad.obis import Obis

TARIFF = Obis.parse("0-0:10.0.100")
RELAY = Obis.parse("0-0:96.3.10")
MIDNIGHT = Time(0, 0, 0)
NEW_YEAR = Date(None, 1, 1)


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_a_script_that_opens_the_relay() -> None:
    action = s.ActionSpecification(s.ScriptService.EXECUTE_METHOD, 70, RELAY, 1, NULL)
    table = (s.Script(1, (action,)),)
    wire = octets("0101 0202 120001 0101 0205 1602 120046 0906 000060030aff 0f01 00")
    assert s.ScriptTable.scripts.type.encode(table) == wire
    assert s.ScriptTable.scripts.type.decode(wire) == table


def test_a_service_that_is_none_is_refused() -> None:
    with pytest.raises(DecodeError):
        s.ActionSpecificationType.decode(octets("0205 1603 120046 0906 000060030aff 0f01 00"))


def test_a_special_day_of_every_year() -> None:
    wire = octets("0101 0203 120001 0905 ffff0101ff 1102")
    table = (s.SpecialDay(1, NEW_YEAR, 2),)
    assert s.SpecialDaysTable.entries.type.encode(table) == wire
    assert s.SpecialDaysTable.entries.type.decode(wire) == table


def test_a_calendar() -> None:
    calendar = s.ActivityCalendar
    start = DateTime(None, 3, 1, None, 0, 0, 0)
    season = s.SeasonProfile(b"\x01", start, b"\x02")
    wire = octets("0101 0203 090101 090c") + start.encode() + octets("090102")
    assert calendar.season_profile_active.type.encode((season,)) == wire
    week = s.WeekProfile(b"\x02", 1, 1, 1, 1, 1, 2, 3)
    wire = octets("0101 0208 090102 1101 1101 1101 1101 1101 1102 1103")
    assert calendar.week_profile_table_active.type.encode((week,)) == wire
    assert calendar.week_profile_table_passive.type.decode(wire) == (week,)
    day = s.DayProfile(1, (s.DayProfileAction(MIDNIGHT, TARIFF, 1),))
    wire = octets("0101 0202 1101 0101 0203 0904 000000ff 0906 00000a0064ff 120001")
    assert calendar.day_profile_table_passive.type.encode((day,)) == wire
    assert calendar.day_profile_table_active.type.decode(wire) == (day,)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(DecodeError):
        s.WeekProfileType.decode(octets("0207 090102 1101 1101 1101 1101 1101 1102"))


def test_a_single_action() -> None:
    schedule = s.SingleActionSchedule
    wire = octets("0202 0906 00000a0064ff 120002")
    assert schedule.executed_script.type.decode(wire) == ScriptReference(TARIFF, 2)
    wire = octets("0101 0202 0904 000000ff 0905 ffff0101ff")
    moments = (s.ExecutionTime(MIDNIGHT, NEW_YEAR),)
    assert schedule.execution_time.type.encode(moments) == wire
    assert schedule.execution_time.type.decode(wire) == moments
    with pytest.raises(DecodeError):
        schedule.type.type.decode(b"\x16\x00")
