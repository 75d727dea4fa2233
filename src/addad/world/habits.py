"""When a household uses its appliances: a day of switching, drawn from a seed.

Hours are of the house's clock (UTC+1), levels are fractions of the rated power.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np

DAY_S = 86_400
HOTTEST_DAY = 205
_ORDINAL_1970 = date(1970, 1, 1).toordinal()

Rng = np.random.Generator


class Piece(NamedTuple):
    """From `start_s` to `end_s` of the house's day the appliance draws `level` of its rating."""

    start_s: float
    end_s: float
    level: float


class Habit(Protocol):
    """How one appliance is used."""

    def pieces(self, rng: Rng, yearday: int) -> list[Piece]:
        """One day of use; pieces may overlap (the larger counts) and may run past midnight."""
        ...


def day_of_year(day: int) -> int:
    """1 for 1 January, of a day counted since 1970."""
    return date.fromordinal(_ORDINAL_1970 + day).timetuple().tm_yday


def summer(yearday: int) -> float:
    """0 in mid January, 1 in late July."""
    return 0.5 + 0.5 * float(np.cos(2.0 * np.pi * (yearday - HOTTEST_DAY) / 365.25))


@dataclass(frozen=True, slots=True)
class Always:
    """On day and night."""

    def pieces(self, rng: Rng, yearday: int) -> list[Piece]:
        """The whole day at full level."""
        return [Piece(0.0, DAY_S, 1.0)]


@dataclass(frozen=True, slots=True)
class Visits:
    """Used `count` times on average within each window (from hour, to hour, count)."""

    windows: tuple[tuple[float, float, float], ...]
    minutes: tuple[float, float]
    level: tuple[float, float] = (1.0, 1.0)

    def pieces(self, rng: Rng, yearday: int) -> list[Piece]:
        """Uses at chance moments for a chance time."""
        found = []
        for begin, end, count in self.windows:
            for _ in range(int(rng.poisson(count))):
                start = 3_600.0 * rng.uniform(begin, end)
                length = 60.0 * rng.uniform(*self.minutes)
                found.append(Piece(start, start + length, rng.uniform(*self.level)))
        return found


@dataclass(frozen=True, slots=True)
class Thermostat:
    """Switches on and off by itself within windows (from hour, to hour).

    `summer_factor` lengthens (> 1) or shortens (< 1) the time on in the hottest days; `threshold`
    leaves days unused whose season (`summer`, or its complement if `winter`) is below it.
    """

    on_minutes: float
    off_minutes: float
    windows: tuple[tuple[float, float], ...] = ((0.0, 24.0),)
    summer_factor: float = 1.0
    threshold: float = 0.0
    winter: bool = False

    def pieces(self, rng: Rng, yearday: int) -> list[Piece]:
        """Cycles whose lengths vary by a fifth."""
        season = summer(yearday)
        if (1.0 - season if self.winter else season) < self.threshold:
            return []
        on_s = 60.0 * self.on_minutes * (1.0 + season * (self.summer_factor - 1.0))
        off_s = 60.0 * self.off_minutes
        found = []
        for begin, end in self.windows:
            clock = 3_600.0 * begin + off_s * rng.uniform(0.0, 1.0)
            while clock < 3_600.0 * end:
                stop = min(clock + on_s * rng.uniform(0.8, 1.2), 3_600.0 * end)
                found.append(Piece(clock, stop, 1.0))
                clock = stop + off_s * rng.uniform(0.8, 1.2)
        return found


@dataclass(frozen=True, slots=True)
class Programme:
    """A machine that runs through `steps` (minutes, level) once, started within the window."""

    window: tuple[float, float]
    probability: float
    steps: tuple[tuple[float, float], ...]

    def pieces(self, rng: Rng, yearday: int) -> list[Piece]:
        """The steps one after the other, or nothing today."""
        clock = 3_600.0 * rng.uniform(*self.window)
        if rng.uniform() > self.probability:
            return []
        found = []
        for minutes, level in self.steps:
            length = 60.0 * minutes * rng.uniform(0.95, 1.05)
            if level > 0.0:
                found.append(Piece(clock, clock + length, level))
            clock += length
        return found


@dataclass(frozen=True, slots=True)
class Modulating:
    """An inverter-driven cooler: in hot months it runs through windows and turns itself down."""

    windows: tuple[tuple[float, float], ...]
    threshold: float = 0.55
    step_minutes: float = 4.0

    def pieces(self, rng: Rng, yearday: int) -> list[Piece]:
        """Full level at first, then down to what the day's heat needs."""
        season = summer(yearday)
        if season < self.threshold:
            return []
        need = 0.25 + 0.45 * (season - self.threshold) / (1.0 - self.threshold)
        found = []
        for begin, end in self.windows:
            clock = 3_600.0 * begin + 1_800.0 * rng.uniform()
            first, stop = clock, 3_600.0 * end + 1_800.0 * rng.uniform()
            while clock < stop:
                pull = 0.6 * float(np.exp(-(clock - first) / 900.0))
                level = min(1.0, max(0.15, need + pull + rng.normal(0.0, 0.05)))
                found.append(Piece(clock, clock + 60.0 * self.step_minutes, level))
                clock += 60.0 * self.step_minutes
        return found
