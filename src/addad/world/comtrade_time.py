"""Dates, time codes and the quality of the clock in a COMTRADE configuration.

Written from public descriptions of IEEE C37.111 (1991, 1999, 2013); 2013 added the zone of the time
stamps, that of the recorder, the quality of its clock and leap seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

MICROSECOND, NANOSECOND = 1e-6, 1e-9
CLOCK_FAILED = "F"

_DATE = re.compile(
    r"\s*(\d{1,2})\s*/\s*(\d{1,2})\s*/\s*(\d{2,4})\s*,"
    r"\s*(\d{1,2})\s*:\s*(\d{1,2})\s*:\s*(\d{1,2})(?:[.,](\d{1,9})\d*)?\s*"
)
_ZONE = re.compile(r"\s*([+-]?)(\d{1,2})(?:[hH:](\d{1,2}))?\s*")
_WITHIN = ("", "1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms",
           "1 s", "10 s")  # fmt: skip
_LEAP = {"1": "a leap second was inserted in the record", "2": "a leap second was left out in it"}


@dataclass(frozen=True, slots=True)
class Clock:
    """What 2013 says of the clock: zone of the stamps, of the recorder, quality, leap second.

    The zones are None where they are not stated; the quality is a hexadecimal digit or empty.
    """

    zone: timezone | None = None
    local: timezone | None = None
    quality: str = ""
    leap: str = ""

    def notes(self) -> tuple[str, ...]:
        """What to know of the time stamps, in words; empty where all is well."""
        told = []
        if self.quality == CLOCK_FAILED:
            told.append("the recorder's clock was not reliable (time quality F)")
        elif self.quality:
            level = int(self.quality, 16)
            if level >= 7:
                within = _WITHIN[level] if level < len(_WITHIN) else "an unknown time"
                told.append(f"the recorder's clock was right within {within} only")
        if self.leap in _LEAP:
            told.append(_LEAP[self.leap])
        return tuple(told)


def clock(zones: str, state: str) -> Clock:
    """The clock of the two last lines of 2013, such as `-5h30,-5h30` and `B,3`."""
    stamps, _, local = zones.partition(",")
    quality, _, leap = (part.strip().upper() for part in state.partition(","))
    return Clock(
        _zone(stamps), _zone(local), quality if re.fullmatch(r"[0-9A-F]", quality) else "", leap
    )


def moment(
    text: str, american: bool, zone: timezone | None = None
) -> tuple[datetime | None, float]:
    """A date with its time, and the unit of the data's time stamps [s]: None where it is none.

    `american` is month before day, as in 1991; where only the other order makes a date, that holds.
    Without a zone it is taken as UTC. Second 60 is the leap second before the next minute.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None, MICROSECOND
    one, two, year, hour, minute, second = (int(found[k]) for k in range(1, 7))
    unit_s = NANOSECOND if found[7] and len(found[7]) > 6 else MICROSECOND
    month, day = (one, two) if american else (two, one)
    if month > 12 >= day:
        month, day = day, month
    if year < 100:
        year += 1900 if year >= 70 else 2000
    fraction = int((found[7] or "0").ljust(9, "0")[:6])
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59), fraction, zone or UTC)
        return at + timedelta(seconds=1 if second == 60 else 0), unit_s
    except (ValueError, OverflowError):
        return None, unit_s


def written(at: datetime) -> str:
    """A date with its time as 1999 and later write them: `22/11/2026,14:03:00.000000`."""
    return f"{at.day:02d}/{at.month:02d}/{at.year:04d},{at:%H:%M:%S}.{at.microsecond:06d}"


def written_zone(at: datetime) -> str:
    """The time code of a moment: `0` for UTC, else such as `+1` or `-5h30`."""
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60.0)
    hours, rest = divmod(abs(minutes), 60)
    sign = "" if minutes == 0 else "-" if minutes < 0 else "+"
    return f"{sign}{hours}h{rest:02d}" if rest else f"{sign}{hours}"


def _zone(text: str) -> timezone | None:
    found = _ZONE.fullmatch(text)
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)
