"""Demand: averages over a period of the clock, and the highest of them.

Blue Book, Demand register (class 5) with one period a window, and Extended register (class 4) for
the maximum. Sums are integers; a period that a power cut or an adjustment of the clock has touched
says so in its status, as rows of the load profile do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from addad.meter.measured import PHASES, Reading
from addad.meter.profile import PeriodGrid, ProfileStatus
from addad.meter.registers import CHANNELS, Quantity

_TOTAL_CHANNEL: Final = (CHANNELS - 1) * len(Quantity)
_HOUR_S: Final = 3600
_MICRO: Final = 1_000_000
_MILLI_OF_MICRO: Final = 1000


class Demanded(IntEnum):
    """What is averaged: powers [W], and currents [mA] of L1, L2, L3."""

    IMPORT = 0
    EXPORT = 1
    CURRENT_L1 = 2
    CURRENT_L2 = 3
    CURRENT_L3 = 4


POWERS: Final = (Demanded.IMPORT, Demanded.EXPORT)


class Average:
    """One average. `total` is the sum since `start` [millionths of Wh or As]."""

    __slots__ = ("ended", "last", "last_status", "start", "status", "total")

    def __init__(self) -> None:
        self.total = 0
        self.last = 0
        self.start: datetime | None = None
        self.ended: datetime | None = None
        self.status = ProfileStatus(0)
        self.last_status = ProfileStatus(0)

    def close(self, value: int, at: datetime) -> None:
        """The period has ended at `at` with this value; the next one begins."""
        self.last, self.ended, self.start = value, at, at
        self.last_status, self.status = self.status, ProfileStatus(0)
        self.total = 0

    def begin(self, at: datetime) -> None:
        """A period begins at `at`, and nothing is kept of the one before."""
        self.total, self.start, self.status = 0, at, ProfileStatus(0)

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut: six numbers, of the times in us."""
        times = (_stamp(self.start), _stamp(self.ended))
        return [self.total, self.last, *times, int(self.status), int(self.last_status)]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood."""
        total, last, start, ended, status, last_status = map(int, kept)
        self.total, self.last = total, last
        self.start, self.ended = _moment(start), _moment(ended)
        self.status, self.last_status = ProfileStatus(status), ProfileStatus(last_status)


class Maximum:
    """The highest average since somebody reset it, and when its period ended."""

    __slots__ = ("at", "status", "value")

    def __init__(self) -> None:
        self.value = 0
        self.at: datetime | None = None
        self.status = ProfileStatus(0)

    def offer(self, average: Average) -> None:
        """A period has ended."""
        if average.last > self.value:
            self.value, self.at = average.last, average.ended
            self.status = average.last_status

    def reset(self, at: datetime) -> None:
        """Begin anew."""
        self.value, self.at, self.status = 0, at, ProfileStatus(0)


class Demands:
    """All averages over the same periods, and the maxima of the powers."""

    def __init__(self, grid: PeriodGrid) -> None:
        self.grid = grid
        self.averages = {what: Average() for what in Demanded}
        self.maxima = {what: Maximum() for what in POWERS}
        self._open: int | None = None

    def add(self, reading: Reading) -> None:
        """Count a window of the instrument; a channel that is not there counts nothing."""
        for what, quantity in zip(
            POWERS, (Quantity.ACTIVE_IMPORT, Quantity.ACTIVE_EXPORT), strict=True
        ):
            self.averages[what].total += reading.energy[_TOTAL_CHANNEL + quantity]
        for phase in range(PHASES):
            charge = reading.i_rms[phase] * reading.duration_s * _MICRO
            if charge == charge:  # noqa: PLR0124 — not NaN
                self.averages[Demanded(Demanded.CURRENT_L1 + phase)].total += round(charge)

    def step(self, now: datetime, marks: ProfileStatus) -> None:
        """Time has come to `now` (aware), with `marks` in force."""
        self.mark(marks)
        index = self.grid.index(now)
        if self._open is None:
            self._begin(now)
        elif index > self._open:
            self._close(self.grid.end(self._open))
            if index > self._open + 1:
                self._begin(now)
        elif index < self._open and self._adjusted():
            self._begin(now)  # set back, beyond the limit
            self.mark(ProfileStatus.CAD)
        else:
            return
        self._open = index

    def _adjusted(self) -> bool:
        return any(one.status & ProfileStatus.CAD for one in self.averages.values())

    def mark(self, status: ProfileStatus) -> None:
        """The periods that are open carry this mark."""
        if status:
            for average in self.averages.values():
                average.status |= status

    def current(self, what: Demanded) -> int:
        """What the average would be if nothing more came in this period [W or mA]."""
        total, period_s = self.averages[what].total, self.grid.period_s
        if what in POWERS:
            return _divided(total * _HOUR_S, period_s * _MICRO)
        return _divided(total, period_s * _MILLI_OF_MICRO)

    def next_period(self, what: Demanded, now: datetime) -> None:
        """Somebody ends one average's period now."""
        self._end(what, now)

    def reset(self, what: Demanded, now: datetime) -> None:
        """Somebody lets one average begin anew now, and forgets the last one."""
        average = self.averages[what]
        average.close(0, now)
        average.last_status = ProfileStatus(0)

    def _begin(self, at: datetime) -> None:
        for average in self.averages.values():
            average.begin(at)

    def _close(self, at: datetime) -> None:
        for what in Demanded:
            self._end(what, at)

    def _end(self, what: Demanded, at: datetime) -> None:
        average = self.averages[what]
        average.close(self.current(what), at)
        if what in self.maxima:
            self.maxima[what].offer(average)

    def snapshot(self) -> list[int | str]:
        """What has to survive a power cut; see `restore`."""
        kept: list[int | str] = [self.grid.name, "" if self._open is None else self._open]
        for average in self.averages.values():
            kept += average.snapshot()
        for maximum in self.maxima.values():
            kept += [maximum.value, _stamp(maximum.at), int(maximum.status)]
        return kept

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; a period of another length is not continued."""
        size = len(Average.__slots__)
        at = 2
        for average in self.averages.values():
            average.restore(kept[at : at + size])
            at += size
        for maximum in self.maxima.values():
            value, stamp, status = map(int, kept[at : at + 3])
            maximum.value, maximum.at = value, _moment(stamp)
            maximum.status = ProfileStatus(status)
            at += 3
        if kept[0] == self.grid.name and kept[1] != "":
            self._open = int(kept[1])


def _divided(number: int, by: int) -> int:
    """Rounded to the nearest whole number."""
    return (2 * number + by) // (2 * by)


def _stamp(moment: datetime | None) -> int:
    return -1 if moment is None else round(moment.timestamp() * _MICRO)


def _moment(stamp: int) -> datetime | None:
    return None if stamp < 0 else datetime.fromtimestamp(stamp / _MICRO, UTC)
