"""Windows of measurements gathered into the values of a whole record, without keeping them.

Voltages, currents and harmonics are averaged by their squares, powers and frequency plainly, each
window weighing by its duration; the total's energies are summed as the integers that they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.metrology import Window, WindowFlag
from addad.metrology.energy import REGISTERS, SUMS

Floats = NDArray[np.float64]

TEN_SECONDS_S = 10.0
MAX_STEPS = 4096
UNUSABLE = int(WindowFlag.NOT_FINITE)
NO_FREQUENCY = int(
    WindowFlag.FREQUENCY_ASSUMED | WindowFlag.NO_VOLTAGE | WindowFlag.DC_ONLY | WindowFlag.UNSTEADY
)


@dataclass(frozen=True)
class Mean:
    """A record's value, and the lowest and highest of its windows, over (items, …)."""

    value: Floats
    lowest: Floats
    highest: Floats


class Weighted:
    """A mean over windows, each of its own weight; `square` makes it one of squares."""

    def __init__(self, shape: tuple[int, ...], square: bool = False) -> None:
        self._square = square
        self._sum = np.zeros(shape)
        self._weight = np.zeros(shape)
        self._lowest = np.full(shape, np.inf)
        self._highest = np.full(shape, -np.inf)

    def add(self, rows: NDArray[np.int64], values: Floats, weights: Floats) -> None:
        """Take values (k, …) of the items `rows` (k,); what is no finite number is left out."""
        known = np.isfinite(values)
        weight = np.where(known, weights.reshape(-1, *(1,) * (values.ndim - 1)), 0.0)
        plain = np.where(known, values, 0.0)
        self._sum[rows] += weight * (plain * plain if self._square else plain)
        self._weight[rows] += weight
        self._lowest[rows] = np.where(
            known, np.minimum(self._lowest[rows], values), self._lowest[rows]
        )
        self._highest[rows] = np.where(
            known, np.maximum(self._highest[rows], values), self._highest[rows]
        )

    def mean(self) -> Mean:
        """The values over everything taken; NaN where nothing was."""
        with np.errstate(invalid="ignore", divide="ignore"):
            value = self._sum / self._weight
        some = self._weight > 0.0
        return Mean(
            np.sqrt(value) if self._square else value,
            np.where(some, self._lowest, np.nan),
            np.where(some, self._highest, np.nan),
        )


class Phasors:
    """The mean phasor of each fundamental, so that an angle is not averaged across ±180°."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._sum = np.zeros(shape, dtype=np.complex128)

    def add(self, rows: NDArray[np.int64], rms: Floats, angle: Floats, weights: Floats) -> None:
        """Take fundamentals of `rms` (k, phases) and `angle` [rad]."""
        value = rms * np.exp(1j * angle) * weights[:, np.newaxis]
        self._sum[rows] += np.where(np.isfinite(value), value, 0.0)

    def angle(self) -> Floats:
        """The mean angles [rad]; NaN where there is nothing to point."""
        return np.where(np.abs(self._sum) > 0.0, np.angle(self._sum), np.nan)


class TenSeconds:
    """Frequency averaged over ten seconds, and the extremes of those averages [Hz]."""

    def __init__(self, items: int) -> None:
        self._sum = np.zeros(items)
        self._weight = np.zeros(items)
        self._extremes = Weighted((items,))

    def add(self, rows: NDArray[np.int64], frequency: Floats, weights: Floats) -> None:
        """Take one window's frequency of each item."""
        known = np.isfinite(frequency)
        self._sum[rows] += np.where(known, frequency * weights, 0.0)
        self._weight[rows] += np.where(known, weights, 0.0)
        full = self._weight >= TEN_SECONDS_S - 0.5 * weights.max(initial=0.0)
        if full.any():
            rows = np.flatnonzero(full)
            self._extremes.add(rows, self._sum[rows] / self._weight[rows], np.ones(rows.size))
            self._sum[rows] = self._weight[rows] = 0.0

    def mean(self) -> Mean:
        """The mean of the ten-second values and their extremes."""
        return self._extremes.mean()


@dataclass(frozen=True)
class Totals:
    """The record's values over (items, …), as `Window` names them."""

    quantities: dict[str, Mean]
    angles: dict[str, Floats]
    ten_seconds: Mean
    energy: NDArray[np.int64]
    windows: NDArray[np.int64]
    skipped: NDArray[np.int64]
    flags: NDArray[np.int64]
    duration_s: Floats


class Averages:
    """Gathers windows of any number of items."""

    _SQUARED = ("u_rms", "i_rms", "u_harmonics", "i_harmonics", "u_distortion", "i_distortion")
    _PLAIN = ("p", "q", "s", "p_total", "q_total", "s_total", "frequency")

    def __init__(self, items: int) -> None:
        self._items = items
        self._means: dict[str, Weighted] = {}
        self._phasors: dict[str, Phasors] = {}
        self._ten_seconds = TenSeconds(items)
        self._energy = np.zeros((items, SUMS, REGISTERS), dtype=np.int64)
        self._windows = np.zeros(items, dtype=np.int64)
        self._skipped = np.zeros(items, dtype=np.int64)
        self._flags = np.zeros(items, dtype=np.int64)
        self._duration_s = np.zeros(items)

    def add(self, window: Window) -> None:
        """Take the windows of some items; those with missing samples are only counted."""
        usable = (window.flags & UNUSABLE) == 0
        np.bitwise_or.at(self._flags, window.meters, window.flags)
        self._skipped[window.meters[~usable]] += 1
        if not usable.any():
            return
        rows, weights = window.meters[usable], window.duration_s[usable]
        self._windows[rows] += 1
        self._duration_s[rows] += weights
        self._energy[rows] += window.energy.quanta[usable]
        frequency = np.where(window.flags & NO_FREQUENCY, np.nan, window.frequency)
        values = {name: getattr(window, name) for name in (*self._SQUARED[:4], *self._PLAIN)}
        values["frequency"] = frequency
        values["u_distortion"] = window.thd_u * window.u_harmonics[:, :, 1]
        values["i_distortion"] = window.thd_i * window.i_harmonics[:, :, 1]
        for name, value in values.items():
            if name not in self._means:
                self._means[name] = Weighted(
                    (self._items, *value.shape[1:]), square=name in self._SQUARED
                )
            self._means[name].add(rows, value[usable], weights)
        for name in ("u", "i"):
            fundamental = values[f"{name}_harmonics"][usable, :, 1]
            angle = getattr(window, f"{name}_angle")[usable]
            if name not in self._phasors:
                self._phasors[name] = Phasors((self._items, *fundamental.shape[1:]))
            self._phasors[name].add(rows, fundamental, angle, weights)
        self._ten_seconds.add(rows, frequency[usable], weights)

    def totals(self) -> Totals:
        """The values over all windows taken so far."""
        return Totals(
            quantities={name: mean.mean() for name, mean in self._means.items()},
            angles={name: phasor.angle() for name, phasor in self._phasors.items()},
            ten_seconds=self._ten_seconds.mean(),
            energy=self._energy,
            windows=self._windows,
            skipped=self._skipped,
            flags=self._flags,
            duration_s=self._duration_s,
        )


class Steps:
    """Rows over time that stay few: when there are too many, neighbours are merged."""

    def __init__(self, limit: int = MAX_STEPS) -> None:
        self._limit = limit
        self._stride = 1
        self._rows: list[Floats] = []
        self._pending: list[Floats] = []

    def add(self, row: Sequence[float] | Floats) -> None:
        """Take the next row, its time first."""
        self._pending.append(np.asarray(row, dtype=np.float64))
        if len(self._pending) < self._stride:
            return
        self._rows.append(_mean(self._pending))
        self._pending.clear()
        if len(self._rows) >= self._limit:
            pairs = zip(self._rows[::2], self._rows[1::2], strict=False)
            self._rows = [_mean(list(pair)) for pair in pairs]
            self._stride *= 2

    def rows(self, width: int) -> Floats:
        """The rows so far (k, width)."""
        rows = self._rows + ([_mean(self._pending)] if self._pending else [])
        return np.array(rows) if rows else np.empty((0, width))


def _mean(rows: list[Floats]) -> Floats:
    if len(rows) == 1:
        return rows[0]
    stack = np.array(rows)
    known = np.isfinite(stack)
    count = known.sum(axis=0)
    total = np.where(known, stack, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
