"""How a record went: its values by window, and the RMS of its cycles, in a bounded number of steps.

Voltage unbalance is the negative sequence over the positive one, as IEC 61000-4-30 has it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from addad.lab.averages import NO_FREQUENCY, UNUSABLE, Steps
from addad.lab.report import Trend
from addad.metrology import Window
from addad.metrology.sequence import NEGATIVE, POSITIVE, components

MAX_STEPS = 4096

Floats = NDArray[np.float64]
_NAMES = ("time", "frequency", "p", "q", "unbalance", "u", "i", "thd_u", "thd_i")


class Trends:
    """Gathers the windows of one record."""

    def __init__(self) -> None:
        self._steps = Steps(MAX_STEPS)
        self._widths: tuple[int, ...] = (1, 1, 1, 1, 1, 3, 4, 3, 4)

    def add(self, window: Window) -> None:
        """Take the next window; what was not to be measured in it is a gap in the trend."""
        flags = int(window.flags[0])
        usable = not flags & UNUSABLE
        known = usable and not flags & NO_FREQUENCY
        row = [
            [float(window.start_s[0] + 0.5 * window.duration_s[0])],
            [float(window.frequency[0]) if known else math.nan],
            [float(window.p_total[0])],
            [float(window.q_total[0])],
            [_unbalance(window) if known else math.nan],
            window.u_rms[0],
            window.i_rms[0],
            window.thd_u[0] * (1.0 if known else math.nan),
            window.thd_i[0] * (1.0 if known else math.nan),
        ]
        self._widths = tuple(len(part) for part in row)
        values = np.concatenate([np.asarray(part, dtype=np.float64) for part in row])
        if not usable:
            values[1:] = math.nan
        self._steps.add(values)

    def trend(self) -> Trend:
        """The values so far."""
        rows = self._steps.rows(sum(self._widths))
        parts: dict[str, Floats] = {}
        begin = 0
        for name, width in zip(_NAMES, self._widths, strict=True):
            parts[name] = rows[:, begin] if name in _NAMES[:5] else rows[:, begin : begin + width]
            begin += width
        return Trend(**parts)


class CycleRms:
    """RMS of every nominal cycle of a record, or of several where they would be too many."""

    def __init__(self, rate: float, frequency: float, samples: int) -> None:
        cycle = max(1, round(rate / frequency))
        self._length = cycle * max(1, math.ceil(samples / cycle / MAX_STEPS))
        self._rate = rate
        self._rest = np.empty((0, 7))
        self._rows: list[Floats] = []

    def add(self, block: Floats) -> None:
        """Take samples (n, 7)."""
        kept = np.concatenate([self._rest, block])
        whole = len(kept) // self._length
        cut = kept[: whole * self._length].reshape(whole, self._length, kept.shape[1])
        self._rows.append(np.sqrt(np.mean(cut**2, axis=1)))
        self._rest = kept[whole * self._length :]

    def rows(self) -> tuple[Floats, Floats]:
        """Times [s] (k,) of the middles, and RMS (k, 7)."""
        rms = np.concatenate(self._rows) if self._rows else np.empty((0, 7))
        times: Floats = (np.arange(len(rms), dtype=np.float64) + 0.5) * self._length / self._rate
        return times, rms


def _unbalance(window: Window) -> float:
    """Negative over positive sequence of the fundamentals; NaN without all three voltages."""
    sequence = np.abs(components(window.u_phasors[0, :, 1]))
    positive = float(sequence[POSITIVE])
    return float(sequence[NEGATIVE]) / positive if positive > 0.0 else math.nan
