"""The uncertainty of a record's values, from that of its windows.

JCGM 100: what is systematic is the same in all windows, so that it adds up as it stands; noise is
of each window alone, and adds up by its squares. With weights w, of the windows' durations:

    mean of x          u_s = Σ w s / Σ w              u_r² = Σ (w r)² / (Σ w)²
    root mean square   u_s = Σ w x s / (X Σ w)        u_r² = Σ (w x r)² / (X Σ w)²

The value is that of the record's own time, measured without gaps: how it changed from window to
window is what is measured, and no uncertainty of its mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from addad.lab.averages import NO_FREQUENCY, TEN_SECONDS_S, UNUSABLE, Steps
from addad.metrology import EnergyIncrement, EnergyRegister, InstrumentSettings, Window
from addad.metrology.energy import SUMS
from addad.metrology.uncertainty import WindowUncertainty
from addad.metrology.uncertainty_inputs import COVERAGE_FACTOR, Uncertainty, noise_of

MAX_NOISES = 512

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_MICRO_HOURS = 1e6 / 3600.0
_NOT_STEADY = NO_FREQUENCY | UNUSABLE
_QUANTUM = 1.0 / math.sqrt(12.0)
_ACTIVE = (
    EnergyRegister.ACTIVE_IMPORT_UWH, EnergyRegister.ACTIVE_EXPORT_UWH,
    EnergyRegister.FUNDAMENTAL_IMPORT_UWH, EnergyRegister.FUNDAMENTAL_EXPORT_UWH,
)  # fmt: skip
_APPARENT = (EnergyRegister.APPARENT_IMPORT_UVAH, EnergyRegister.APPARENT_EXPORT_UVAH)


@dataclass(frozen=True)
class Spread:
    """Expanded uncertainties (k = 2) of a record's value and of its extremes, over (items, …)."""

    value: Floats
    lowest: Floats
    highest: Floats


@dataclass(frozen=True)
class Spreads:
    """By the names of the windows' values; `energy` (items, registers) in micro-units."""

    quantities: dict[str, Spread]
    ten_seconds: Floats
    energy: Floats


def stacked(windows: Sequence[Window]) -> Window:
    """Windows one under another, as if they were of as many meters."""
    if len(windows) == 1:
        return windows[0]
    joined: dict[str, object] = {}
    for each in fields(Window):
        values = [getattr(window, each.name) for window in windows]
        if isinstance(values[0], np.ndarray):
            joined[each.name] = np.concatenate(values)
    quanta = np.concatenate([window.energy.quanta for window in windows])
    return replace(windows[0], energy=EnergyIncrement(quanta), **joined)  # type: ignore[arg-type]


class SteadyNoise:
    """The noise that a record's channels have: the median of its steady windows so far.

    A window in which the voltage steps has lines beside its harmonics that are no noise; it is
    taken to have no more of it than the steady ones before.
    """

    def __init__(self) -> None:
        self._steps = Steps(MAX_NOISES)
        self._shape = (0, 0)

    def of(self, window: Window, settings: InstrumentSettings) -> tuple[Floats, Floats]:
        """Standard deviations of noise of voltages (k, 3) and currents (k, C), as `noise_of`."""
        u, i = noise_of(window, settings)
        self._shape = (u.shape[1], i.shape[1])
        both = np.hstack([u, i])
        steady = (window.flags & _NOT_STEADY) == 0
        for row in both[steady]:
            self._steps.add(row)
        if not steady.all():
            known = self.median()
            both[~steady] = np.fmin(both[~steady], known)
        return both[:, : u.shape[1]], both[:, u.shape[1] :]

    def median(self) -> Floats:
        """Of each channel, voltages first; NaN where no window was steady."""
        rows = self._steps.rows(sum(self._shape))
        if not len(rows):
            return np.full(sum(self._shape), np.nan)
        known = np.isfinite(rows).any(axis=0)
        return np.where(known, np.nanmedian(np.where(known, rows, 0.0), axis=0), np.nan)


class SpreadOfMean:
    """Gathers the uncertainty of one quantity over windows; `square` for root mean squares."""

    def __init__(self, shape: tuple[int, ...], square: bool = False) -> None:
        self._square = square
        self._weight = np.zeros(shape)
        self._value = np.zeros(shape)
        self._systematic = np.zeros(shape)
        self._random = np.zeros(shape)
        self._plain = np.zeros(shape)
        self._ends = [np.full(shape, np.inf), np.full(shape, -np.inf)]
        self._end_spreads = [np.full(shape, np.nan), np.full(shape, np.nan)]

    def add(self, rows: Rows, values: Floats, found: Uncertainty, weights: Floats) -> None:
        """Take values (k, …) of the items `rows` (k,), which may come more than once."""
        weight = weights.reshape(
            len(rows), *(1,) * (values.ndim - weights.ndim), *weights.shape[1:]
        )
        known = np.isfinite(values) & np.isfinite(found.systematic) & np.isfinite(found.random)
        weight = np.where(known & np.isfinite(weight), weight, 0.0)
        x, s, r = (np.where(known, v, 0.0) for v in (values, found.systematic, found.random))
        by = np.abs(x) if self._square else 1.0
        np.add.at(self._weight, rows, weight)
        np.add.at(self._value, rows, weight * (x * x if self._square else x))
        np.add.at(self._systematic, rows, weight * by * s)
        np.add.at(self._random, rows, np.square(weight * by * r))
        np.add.at(self._plain, rows, weight * np.hypot(s, r))
        for end, spreads, least in zip(self._ends, self._end_spreads, (True, False), strict=True):
            of = np.where(known, values, np.inf if least else -np.inf)
            (np.minimum if least else np.maximum).at(end, rows, of)
            hit = known & (of == end[rows])
            where = np.nonzero(hit)
            spreads[(rows[where[0]], *where[1:])] = np.hypot(s, r)[where]

    def of_stretch(self, seconds: float) -> Floats:
        """Expanded uncertainty of the mean over so long, weights being durations [s]."""
        with np.errstate(invalid="ignore", divide="ignore"):
            random = np.sqrt(self._random / (self._weight * seconds))
            return np.asarray(COVERAGE_FACTOR * np.hypot(self._systematic / self._weight, random))

    def spread(self) -> Spread:
        """Expanded uncertainties over everything taken; NaN where nothing was."""
        with np.errstate(invalid="ignore", divide="ignore"):
            whole = np.sqrt(self._value * self._weight) if self._square else self._weight
            mean = np.hypot(self._systematic / whole, np.sqrt(self._random) / whole)
            mean = np.where(whole > 0.0, mean, self._plain / self._weight)
        lowest, highest = self._end_spreads
        return Spread(*(COVERAGE_FACTOR * part for part in (mean, lowest, highest)))


class SpreadOfEnergy:
    """Gathers the uncertainty of the total's registers: each window's, in the register it counts.

    E = Σ P T: u_s = Σ (u_s(P) T + E c), u_r² = Σ (u_r(P) T)², and a quantum's rectangle. Of the
    nonactive energy, N² = S² - P², it is the bound sqrt(N² + 2 (S u(S) + P u(P))) - N.
    """

    def __init__(self, items: int, clock: float) -> None:
        self._clock = clock
        self._systematic = np.zeros((items, len(EnergyRegister)))
        self._random = np.zeros((items, len(EnergyRegister)))

    def add(self, rows: Rows, window: Window, found: WindowUncertainty) -> None:
        """Take windows (k) of the items `rows` (k,)."""
        quanta = window.energy.quanta[:, SUMS - 1, :].astype(np.float64)
        for sums, part in ((self._systematic, "systematic"), (self._random, "random")):
            p, q, s = (
                np.nan_to_num(getattr(getattr(found, f"{name}_total"), part)) for name in "pqs"
            )
            active, apparent = (np.nan_to_num(x) for x in (window.p_total, window.s_total))
            square = np.maximum(np.square(apparent) - np.square(active), 0.0)
            bound = np.sqrt(square + 2.0 * (apparent * s + np.abs(active) * p)) - np.sqrt(square)
            hours = window.duration_s * _MICRO_HOURS
            for register in EnergyRegister:
                of = p if register in _ACTIVE else s if register in _APPARENT else q
                of = bound if register is EnergyRegister.NONACTIVE_UVARH else of
                counted = np.where(quanta[:, register] > 0.0, of * hours, 0.0)
                if part == "random":
                    np.add.at(sums[:, register], rows, np.square(counted))
                else:
                    np.add.at(sums[:, register], rows, counted + self._clock * quanta[:, register])

    def spread(self) -> Floats:
        """Expanded uncertainties (items, registers) [µWh, µvarh, µVAh]."""
        variance = np.square(self._systematic) + self._random + _QUANTUM**2
        return np.asarray(COVERAGE_FACTOR * np.sqrt(variance))


class AverageUncertainties:
    """Gathers the uncertainties of windows of any number of items, as Averages their values."""

    _SQUARED = ("u_rms", "i_rms", "u_harmonics", "i_harmonics")
    _PLAIN = ("p", "q", "s", "p_total", "q_total", "s_total")

    def __init__(self, items: int, clock: float) -> None:
        self._items = items
        self._found: dict[str, SpreadOfMean] = {}
        self._energy = SpreadOfEnergy(items, clock)

    def add(self, window: Window, found: WindowUncertainty) -> None:
        """Take windows, of which an item may have several; those with missing samples are left."""
        usable = (window.flags & UNUSABLE) == 0
        if not usable.any():
            return
        if not usable.all():
            window, found = _window_rows(window, usable), _uncertainty_rows(found, usable)
        rows, weights = window.meters, window.duration_s
        for name in (*self._SQUARED, *self._PLAIN):
            self._take(name, rows, getattr(window, name), found, weights)
        frequency = np.where(window.flags & NO_FREQUENCY, np.nan, window.frequency)
        self._take("frequency", rows, frequency, found, weights)
        # PF = Σ P ÷ Σ S: windows weigh as S; THD² = Σ H² ÷ Σ X1²: they weigh as X1²
        self._take("pf", rows, window.pf, found, weights[:, None] * window.s)
        self._take("pf_total", rows, window.pf_total, found, weights * window.s_total)
        for letter in "ui":
            first = getattr(window, f"{letter}_harmonics")[:, :, 1]
            by = weights[:, None] * first
            thd, angle = (getattr(window, name) for name in (f"thd_{letter}", f"{letter}_angle"))
            self._take(f"thd_{letter}", rows, thd, found, by * first)
            self._take(f"{letter}_angle", rows, angle, found, by)
        self._energy.add(rows, window, found)

    def totals(self) -> Spreads:
        """The uncertainties over all windows taken so far."""
        return Spreads(
            quantities={name: found.spread() for name, found in self._found.items()},
            ten_seconds=self._found["frequency"].of_stretch(TEN_SECONDS_S),
            energy=self._energy.spread(),
        )

    def _take(
        self, name: str, rows: Rows, values: Floats, found: WindowUncertainty, weights: Floats
    ) -> None:
        if name not in self._found:
            square = name in self._SQUARED or name.startswith("thd")
            self._found[name] = SpreadOfMean((self._items, *values.shape[1:]), square)
        self._found[name].add(rows, values, getattr(found, name), weights)


def _window_rows(window: Window, chosen: NDArray[np.bool_]) -> Window:
    cut: dict[str, object] = {
        each.name: value[chosen]
        for each in fields(Window)
        if isinstance(value := getattr(window, each.name), np.ndarray)
    }
    quanta = window.energy.quanta[chosen]
    return replace(window, energy=EnergyIncrement(quanta), **cut)  # type: ignore[arg-type]


def _uncertainty_rows(found: WindowUncertainty, chosen: NDArray[np.bool_]) -> WindowUncertainty:
    parts = {each.name: getattr(found, each.name) for each in fields(WindowUncertainty)}
    return WindowUncertainty(
        **{
            name: Uncertainty(part.systematic[chosen], part.random[chosen])
            for name, part in parts.items()
        }
    )
