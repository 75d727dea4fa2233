"""Whether the time stamps of a recording run on evenly, and how fast.

No standard says how evenly they must. Stamps are rounded, to a microsecond or only to a
millisecond; a jump is what neither rounding nor any rate explains. What lies between two jumps
gives the rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

RATE_TOLERANCE = 1e-3
"""A rate that is off by a larger share is told: energy and frequency are off as much."""
_JUMP_S = 0.01
_JUMP_STEPS = 3.0
_TOLD = 3
_KEPT = 1000

Floats = NDArray[np.float64]


class TimeStamps:
    """Takes the known stamps [s] of a record stretch by stretch, in their order.

    `resolution` [s] is what the stamps are rounded to, 0 where it is not known. `jumps` are the
    samples at which the time has jumped, with by how much [s]; of very many the first are kept.
    """

    def __init__(self, resolution: float = 0.0) -> None:
        self._resolution = resolution
        self._last: tuple[int, float] | None = None
        self._step = math.nan
        self._calm = [0.0, 0.0]
        self._steps = [math.inf, -math.inf]
        self.jumps: list[tuple[int, float]] = []
        self.count = 0

    def add(self, index: NDArray[np.int64], times: Floats) -> None:
        """The samples (n,) that have a stamp, and their stamps."""
        if not len(index):
            return
        if self._last is not None:
            index = np.concatenate([[self._last[0]], index])
            times = np.concatenate([[self._last[1]], times])
        self._last = int(index[-1]), float(times[-1])
        apart, passed = np.diff(index), np.diff(times)
        if not len(apart):
            return
        if math.isnan(self._step):
            self._step = _typical(apart, passed)
        off = passed - apart * self._step
        jumped = np.abs(off) > max(_JUMP_S, _JUMP_STEPS * abs(self._step))
        calm = ~jumped
        self._calm[0] += float(apart[calm].sum())
        self._calm[1] += float(passed[calm].sum())
        each = passed[calm] / apart[calm]
        if len(each):
            self._steps = [min(self._steps[0], each.min()), max(self._steps[1], each.max())]
        places = np.flatnonzero(jumped)
        self.count += len(places)
        for k in places[: _KEPT - len(self.jumps)]:
            self.jumps.append((int(index[k + 1]), float(off[k])))

    @property
    def rate(self) -> float:
        """Samples a second [Hz] between the jumps; NaN where the stamps do not run on."""
        apart, passed = self._calm
        return apart / passed if passed > 0.0 else math.nan

    def is_off(self, rate: float) -> bool:
        """Whether samples at `rate` [Hz] would not have these stamps.

        A recorder that adds up a rounded step has stamps that are off by as much as it rounds; what
        runs twice as fast, or half, is no time in seconds: a count of samples, or another unit.
        """
        if not 0.5 < self.rate / rate < 2.0:
            return False
        constant = self._steps[1] - self._steps[0] < 1e-3 * self._resolution
        slack = self._resolution if constant else 0.0
        step = 1.0 / rate
        return abs(1.0 / self.rate - step) > RATE_TOLERANCE * step + slack

    def notes(self, what: str, rate: float, stated: str) -> list[str]:
        """What is wrong, in words: of `what`, beside the rate [Hz] that `stated` says."""
        told = []
        if self.is_off(rate):
            told.append(
                f"{stated} {rate:.6g} S/s, and {what} runs at {self.rate:.6g} S/s "
                f"({100.0 * (self.rate / rate - 1.0):+.3g} %): where that is right, frequency and "
                "energy are off as much; --rate states the true rate"
            )
        if self.jumps:
            listed = ", ".join(
                f"{off:+.{3 if abs(off) < 1e3 else 9}g} s at sample {sample}"
                for sample, off in self.jumps[:_TOLD]
            )
            more = f" and {self.count - _TOLD} more" if self.count > _TOLD else ""
            told.append(
                f"{what} has gaps or repeats: {listed}{more}; the samples are measured as if they "
                "followed each other, and times behind such a place are off by as much"
            )
        return told


def _typical(apart: NDArray[np.int64], passed: Floats) -> float:
    """The time from one sample to the next [s], most of a stretch's stamps being good."""
    middle = float(np.median(passed / apart))
    calm = np.abs(passed - apart * middle) <= _JUMP_S
    return float(passed[calm].sum() / apart[calm].sum()) if calm.any() else middle
