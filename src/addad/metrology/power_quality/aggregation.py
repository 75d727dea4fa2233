"""Intervals of power quality: 150 or 180 cycles, ten minutes, two hours, and frequency over 10 s.

By IEC 61000-4-30 fifteen windows make a short interval; all that begin within ten minutes of UTC
make those, the one that straddles the end included; twelve of those make two hours. At each tenth
minute the short intervals begin anew, and the one under way is still completed. An interval is
flagged if one of its windows is.
"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from addad.metrology.flicker import LONG_TERM, long_term
from addad.metrology.power_quality.quantities import (
    COUNT,
    QualityValues,
    row_of,
    values_of,
)
from addad.metrology.quantities import PHASES
from addad.metrology.window import Window, WindowFlag

Floats = NDArray[np.float64]

TEN_MINUTES_S = 600
TWO_HOURS_S = 7_200
TEN_SECONDS_S = 10
SHORT_WINDOWS = 15
_EDGE_S = 2e-3
"""A window that begins so little before an edge of UTC belongs behind it: edges lie at samples."""
_WHOLE = 0.99
"""The share of an interval that has to be measured for it to count as whole."""
_NO_FREQUENCY = int(WindowFlag.FREQUENCY_ASSUMED)
_UNUSABLE = int(
    WindowFlag.NOT_FINITE
    | WindowFlag.SATURATED
    | WindowFlag.GAP
    | WindowFlag.FREQUENCY_OUT_OF_RANGE
    | WindowFlag.SAMPLE_RATE_OFF
    | WindowFlag.CLOCK_JUMP
)


class IntervalKind(Enum):
    """How long an interval of power quality is."""

    SHORT = "150/180 cycles"
    TEN_MINUTES = "10 min"
    TWO_HOURS = "2 h"


@dataclass(frozen=True, slots=True)
class QualityInterval:
    """Values over an interval that begins at `start_utc_s` [s since 1970, UTC].

    `coverage` is the share of it that was measured. `flagged` says that a dip, swell, interruption,
    unusable samples or a jump of the clock fell into it, so that its values may tell that more
    than the supply's quality. `flicker` (3,) is Pst of ten minutes, Plt of two hours, else NaN.
    """

    kind: IntervalKind
    start_utc_s: float
    duration_s: float
    windows: int
    coverage: float
    flagged: bool
    values: QualityValues
    flicker: Floats


class Frequency(NamedTuple):
    """IEC 61000-4-30: the frequency [Hz] of ten seconds of UTC, whole cycles over their time."""

    start_utc_s: float
    hertz: float
    flagged: bool


class _Sum:
    """Sums over the windows, or the intervals, of one interval."""

    def __init__(self, start_utc_s: float) -> None:
        self.start_utc_s = start_utc_s
        self.sums = np.zeros(COUNT)
        self.count = 0
        self.windows = 0
        self.measured_s = 0.0
        self.end_utc_s = start_utc_s
        self.flagged = False

    def add(self, row: Floats, end_utc_s: float, measured_s: float, flagged: bool) -> None:
        self.sums += row
        self.count += 1
        self.windows += 1
        self.end_utc_s = end_utc_s
        self.measured_s += measured_s
        self.flagged |= flagged

    def take(self, other: "_Sum") -> None:
        """Add an interval as one value of a longer one."""
        self.sums += other.sums / other.count
        self.count += 1
        self.windows += other.windows
        self.end_utc_s = other.end_utc_s
        self.measured_s += other.measured_s
        self.flagged |= other.flagged

    def finished(
        self, kind: IntervalKind, whole_s: float, declared: float, flicker: Floats
    ) -> QualityInterval:
        return QualityInterval(
            kind=kind,
            start_utc_s=self.start_utc_s,
            duration_s=self.end_utc_s - self.start_utc_s,
            windows=self.windows,
            coverage=min(self.measured_s / whole_s, 1.0),
            flagged=self.flagged,
            values=values_of(self.sums / self.count, declared),
            flicker=flicker,
        )


class Aggregation:
    """IEC 61000-4-30: windows of one meter in, finished intervals and frequencies out."""

    def __init__(self, declared: float, window_s: float) -> None:
        self._declared = declared
        self._short_s = SHORT_WINDOWS * window_s
        self._short: list[_Sum] = []
        self._ten: _Sum | None = None
        self._two: _Sum | None = None
        self._severities: dict[int, Floats] = {}
        self._long: list[Floats] = []
        self._cycles = [-1.0, 0.0, 0.0, 0.0]
        self.frequencies: list[Frequency] = []

    def severity(self, within_utc_s: float, pst: Floats) -> None:
        """Tell the short-term flicker (3,) of the ten minutes that a time lies in."""
        self._severities[_slot(within_utc_s, TEN_MINUTES_S)] = pst

    def take(
        self, window: Window, start_utc_s: float, flagged: bool, signalling: Floats
    ) -> list[QualityInterval]:
        """The next window of one meter; gives the intervals that are finished now."""
        duration = float(window.duration_s[0])
        bad = flagged or bool(int(window.flags[0]) & _UNUSABLE)
        row = row_of(window, self._declared, signalling)
        self._count_cycles(window, start_utc_s, bad)
        out: list[QualityInterval] = []
        ticked = self._ten is None or _slot(start_utc_s, TEN_MINUTES_S) != _slot(
            self._ten.start_utc_s, TEN_MINUTES_S
        )
        if ticked:
            out += self._close_ten()
            self._ten = _Sum(start_utc_s)
            self._short.append(_Sum(start_utc_s))
        assert self._ten is not None
        end = start_utc_s + duration
        for running in (*self._short, self._ten):
            running.add(row, end, duration, bad)
        out += self._close_short(start_utc_s + duration)
        return out

    def finish(self) -> list[QualityInterval]:
        """End here: what is under way is told as it is, with its coverage."""
        out = [
            part.finished(IntervalKind.SHORT, self._short_s, self._declared, _nothing())
            for part in self._short
            if part.count
        ]
        self._short = []
        out += self._close_ten()
        out += self._close_two()
        self._tell_frequency()
        return out

    def _close_short(self, next_utc_s: float) -> list[QualityInterval]:
        full = [part for part in self._short if part.count == SHORT_WINDOWS]
        if not full:
            return []
        newest = self._short[-1]
        self._short = [part for part in self._short if part.count < SHORT_WINDOWS]
        if newest in full:
            self._short.append(_Sum(next_utc_s))
        return [
            part.finished(IntervalKind.SHORT, self._short_s, self._declared, _nothing())
            for part in full
        ]

    def _close_ten(self) -> list[QualityInterval]:
        ten = self._ten
        self._ten = None
        # a short interval that has only just begun is none
        self._short = [part for part in self._short if part.count]
        if ten is None or not ten.count:
            return []
        slot = _slot(ten.start_utc_s, TEN_MINUTES_S)
        pst = self._severities.pop(slot, _nothing())
        self._severities = {k: v for k, v in self._severities.items() if k > slot}
        out = [ten.finished(IntervalKind.TEN_MINUTES, TEN_MINUTES_S, self._declared, pst)]
        two = self._two
        if two is not None and _slot(two.start_utc_s, TWO_HOURS_S) != _slot(
            ten.start_utc_s, TWO_HOURS_S
        ):
            out += self._close_two()
        if self._two is None:
            self._two = _Sum(ten.start_utc_s)
        self._two.take(ten)
        self._long.append(pst)
        if _slot(ten.start_utc_s, TEN_MINUTES_S) % LONG_TERM == LONG_TERM - 1:
            out += self._close_two()
        return out

    def _close_two(self) -> list[QualityInterval]:
        two = self._two
        self._two = None
        severities, self._long = self._long, []
        if two is None:
            return []
        plt = _nothing()
        if len(severities) == LONG_TERM:
            plt = long_term(np.stack(severities, axis=-1))
        return [two.finished(IntervalKind.TWO_HOURS, TWO_HOURS_S, self._declared, plt)]

    def _count_cycles(self, window: Window, start_utc_s: float, bad: bool) -> None:
        """Cycles and seconds of the windows that lie within ten seconds of UTC."""
        slot = float(_slot(start_utc_s, TEN_SECONDS_S))
        duration = float(window.duration_s[0])
        if slot != self._cycles[0]:
            self._tell_frequency()
            self._cycles = [slot, 0.0, 0.0, 0.0]
        flags = int(window.flags[0])
        self._cycles[3] += bad
        if flags & (_NO_FREQUENCY | int(WindowFlag.OVERLAP)):
            return
        if _slot(start_utc_s + duration - 2 * _EDGE_S, TEN_SECONDS_S) == slot:
            self._cycles[1] += float(window.cycles[0])
            self._cycles[2] += duration

    def _tell_frequency(self) -> None:
        slot, cycles, seconds, bad = self._cycles
        if seconds >= 0.9 * TEN_SECONDS_S:
            self.frequencies.append(Frequency(slot * TEN_SECONDS_S, cycles / seconds, bad > 0.0))
        self._cycles = [-1.0, 0.0, 0.0, 0.0]


def whole(interval: QualityInterval) -> bool:
    """Whether all of an interval was measured."""
    return interval.coverage >= _WHOLE


def _slot(utc_s: float, length_s: int) -> int:
    """The number of the interval that a window belongs to which begins then."""
    return math.floor((utc_s + _EDGE_S) / length_s)


def _nothing() -> Floats:
    return np.full(PHASES, math.nan)
