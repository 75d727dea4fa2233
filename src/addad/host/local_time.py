"""The meter's table of local time, from the zone data of this computer.

A meter has no rule for Morocco's clock, which leaves UTC+1 for Ramadan: it is given the changes of
the years it will live.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from addad.errors import InputError
from addad.meter.clock import Zone, ZoneChange

HOUSE_ZONE: Final = "Africa/Casablanca"
YEARS_BEFORE: Final = 1
YEARS_AFTER: Final = 20
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)


def zone_info(name: str = HOUSE_ZONE) -> ZoneInfo:
    """A zone by its name; raises `InputError` where its data are not installed."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as fault:
        raise InputError(
            f"this computer has no data of the zone {name}; `pip install tzdata` brings them"
        ) from fault


def zone_table(name: str, year: int) -> Zone:
    """The deviations of a zone from a year before `year` to twenty years after it."""
    zone = zone_info(name)
    at = datetime(year - YEARS_BEFORE, 1, 1, tzinfo=UTC)
    end = datetime(year + YEARS_AFTER + 1, 1, 1, tzinfo=UTC)
    saved = at.astimezone(zone).dst() or timedelta()
    known = standard = _deviation(zone, at) + saved // _MINUTE
    changes = []
    while at < end:
        deviation = _deviation(zone, at)
        if deviation != known:
            daylight = (at.astimezone(zone).dst() or timedelta()) > timedelta()
            changes.append(ZoneChange(_change(zone, at - _DAY, at), deviation, daylight))
            known = deviation
        at += _DAY
    return Zone(standard, tuple(changes))


def _deviation(zone: ZoneInfo, at: datetime) -> int:
    """UTC minus local time [min]."""
    return -((at.astimezone(zone).utcoffset() or timedelta()) // _MINUTE)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the deviation of `after` begins, given one of another before it."""
    wanted = _deviation(zone, after)
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if _deviation(zone, middle) == wanted:
            after = middle
        else:
            before = middle
    return after
