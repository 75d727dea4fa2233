"""The meter's clock: aware time that follows its source, and local time with deviation.

Inside, time is UTC; what a client reads is local, with UTC = local + deviation (Blue Book, Clock).
Durations never come from here: they are sums of monotonic elapsed time.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta, timezone
from operator import attrgetter
from typing import Final, NamedTuple

from addad.dlms.clock_time import ClockStatus, DateTime
from addad.errors import InputError

_MICROSECOND: Final = timedelta(microseconds=1)


class ZoneChange(NamedTuple):
    """From `at` (aware) on, local time has this deviation [min]; `daylight` shows in the status."""

    at: datetime
    deviation_min: int
    daylight: bool = False


class Zone(NamedTuple):
    """A deviation [min] and its changes in order of time: a table, since no rule can hold them.

    Morocco keeps UTC+1 (deviation −60) except in Ramadan, whose dates follow the moon.
    """

    deviation_min: int = -60
    changes: tuple[ZoneChange, ...] = ()

    def at(self, time: datetime) -> ZoneChange:
        """What holds at an aware `time`."""
        count = bisect_right(self.changes, time, key=attrgetter("at"))
        if count:
            return self.changes[count - 1]
        return ZoneChange(time, self.deviation_min)

    def local(self, time: datetime) -> datetime:
        """An aware `time` as local time, aware of its deviation."""
        offset = timedelta(minutes=-self.at(time).deviation_min)
        return time.astimezone(timezone(offset))

    def utc(self, year: int, month: int, day: int) -> datetime:
        """Local midnight of a day, as UTC."""
        naive = datetime(year, month, day, tzinfo=UTC)
        first = naive + timedelta(minutes=self.deviation_min)
        return naive + timedelta(minutes=self.at(first).deviation_min)


class ClockChange(NamedTuple):
    """The clock was moved from `old` to `new`; `beyond_limit`: by more than it may slew."""

    old: datetime
    new: datetime
    beyond_limit: bool


class MeterClock:
    """Follows the source of time that `advance` is given, plus what a client has set.

    `limit_s` is how far the clock may be moved without being called adjusted. `time` is None
    before the first `advance`; `last_alive` is the last time known before a power cut.
    """

    def __init__(self, zone: Zone | None = None, limit_s: int = 10) -> None:
        self.zone = zone or Zone()
        self.limit_s = limit_s
        self.valid = True
        self.last_alive: datetime | None = None
        self._offset = timedelta()
        self._time: datetime | None = None

    @property
    def started(self) -> bool:
        """Whether the clock has been given a time."""
        return self._time is not None

    @property
    def time(self) -> datetime:
        """Now, as UTC. Raises `InputError` before the first `advance`."""
        if self._time is None:
            raise InputError("the meter has no time before its first step")
        return self._time

    def advance(self, now: datetime, elapsed_s: float) -> ClockChange | None:
        """Take the source's time; a jump against `elapsed_s` beyond the limit is a change.

        Raises `InputError` for a time without a zone.
        """
        if now.tzinfo is None:
            raise InputError("a meter's time must be aware; give datetime.now(UTC)")
        time = now.astimezone(UTC) + self._offset
        last, self._time = self._time, time
        if last is None:
            return None
        expected = last + timedelta(seconds=elapsed_s)
        if abs((time - expected).total_seconds()) <= self.limit_s:
            return None
        return ClockChange(expected, time, beyond_limit=True)

    def set(self, to: datetime) -> ClockChange:
        """Move the clock to an aware time; from now on it is valid."""
        old = self.time
        new = to.astimezone(UTC)
        self._offset += new - old
        self._time = new
        self.valid = True
        return ClockChange(old, new, abs((new - old).total_seconds()) > self.limit_s)

    def local(self, time: datetime | None = None) -> datetime:
        """`time`, or now, as local time."""
        return self.zone.local(self.time if time is None else time)

    def status(self, time: datetime | None = None) -> int:
        """The clock status octet at `time`, or now."""
        daylight = self.zone.at(self.time if time is None else time).daylight
        status = ClockStatus(0) if self.valid else ClockStatus.INVALID
        return int(status | ClockStatus.DAYLIGHT_SAVING if daylight else status)

    def date_time(self, time: datetime | None = None) -> DateTime:
        """`time`, or now, as a client reads it."""
        return DateTime.from_datetime(self.local(time), status=self.status(time))

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut: offset [us], validity, the time itself."""
        time = self._time.isoformat() if self._time is not None else ""
        return [self._offset // _MICROSECOND, int(self.valid), time]

    def restore(self, kept: list[int | str]) -> None:
        """Take offset and validity; the time becomes `last_alive`."""
        offset_us, valid, time = kept
        self._offset = timedelta(microseconds=int(offset_us))
        self.valid = bool(valid)
        self.last_alive = datetime.fromisoformat(str(time)) if time else None
