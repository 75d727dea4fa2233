"""The meter's local time is that of its country, in Ramadan too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from addad.errors import InputError
from addad.host.local_time import HOUSE_ZONE, YEARS_AFTER, zone_info, zone_table
from addad.meter.profile import DayGrid, MonthGrid

RAMADAN = datetime(2026, 2, 15, 2, 0, tzinfo=UTC), datetime(2026, 3, 22, 2, 0, tzinfo=UTC)


def test_morocco_leaves_its_hour_for_ramadan_and_calls_it_no_summer() -> None:
    zone = zone_table(HOUSE_ZONE, 2026)
    assert zone.deviation_min == -60
    changes = [change for change in zone.changes if change.at.year == 2026]
    assert [(c.at, c.deviation_min, c.daylight) for c in changes] == [
        (RAMADAN[0], 0, False),
        (RAMADAN[1], -60, False),
    ]


@pytest.mark.parametrize(
    ("name", "year"), [(HOUSE_ZONE, 2026), (HOUSE_ZONE, 2032), ("Europe/Paris", 2026)]
)
def test_each_day_of_a_meters_life_has_the_deviation_of_its_zone(name: str, year: int) -> None:
    table, truth = zone_table(name, year), ZoneInfo(name)
    at = datetime(year - 1, 1, 1, 12, 30, tzinfo=UTC)
    while at.year <= year + YEARS_AFTER:
        assert table.local(at).utcoffset() == at.astimezone(truth).utcoffset()
        assert table.at(at).daylight == ((at.astimezone(truth).dst() or timedelta()) > timedelta())
        at += timedelta(days=1)


def test_a_month_that_ends_in_ramadan_is_billed_at_its_own_midnight() -> None:
    zone = zone_table(HOUSE_ZONE, 2026)
    months, days = MonthGrid(zone), DayGrid(zone)
    assert months.end(months.index(RAMADAN[0])) == datetime(2026, 3, 1, 0, tzinfo=UTC)
    assert months.end(months.index(RAMADAN[1])) == datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert days.end(days.index(RAMADAN[0])) - days.end(days.index(RAMADAN[0]) - 1) == timedelta(
        hours=25
    )


def test_a_zone_without_data_is_told_with_its_cure() -> None:
    with pytest.raises(InputError, match="tzdata"):
        zone_info("Atlantis/Capital")
