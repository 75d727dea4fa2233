"""How a record went: its values by window, and the RMS of its cycles, in a bounded number of steps.

Voltage unbalance is the negative sequence over the positive one, as IEC 61000-4-30 has it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from addad.lab.averages import MAX_STEPS, NO_FREQUENCY, UNUSABLE, Steps
from addad.lab.report import Trend
from addad.metrology import Window
from addad.metrology.sequence import sequence_components
from addad.metrology.uncertainty import WindowUncertainty

Floats = NDArray[np.float64]
_SINGLE = ("frequency", "p", "q", "unbalance")
_WIDTHS = {**dict.fromkeys(_SINGLE, 1), "u": 3, "i": 4, "thd_u": 3, "thd_i": 4}
_WINDOWS = {"p": "p_total", "q": "q_total", "unbalance": "u2", "u": "u_rms", "i": "i_rms"}
"""Names of the windows' values and uncertainties, where they are others."""


class Trends:
    """Gathers the windows of one record."""

    def __init__(self) -> None:
        self._steps = Steps()

    def add(self, windows: Window, found: WindowUncertainty) -> None:
        """Take the next windows (k) and their uncertainties.

        What was not to be measured in a window is a gap in the trend.
        """
        usable = (windows.flags & UNUSABLE) == 0
        known = usable & ((windows.flags & NO_FREQUENCY) == 0)
        values: list[Floats] = []
        within: list[Floats] = []
        for name in _WIDTHS:
            of = _WINDOWS.get(name, name)
            value = sequence_components(windows).u2 if name == "unbalance" else getattr(windows, of)
            expanded = getattr(found, of).expanded
            there = usable if name in ("p", "q", "u", "i") else known
            for parts, part in ((values, value), (within, expanded)):
                columns = part.reshape(len(there), -1)
                parts.append(np.where(there[:, None], columns, np.nan))
        middle = windows.start_s + 0.5 * windows.duration_s
        for row in np.concatenate([middle[:, None], *values, *within], axis=1):
            self._steps.add(row)

    def trend(self) -> Trend:
        """The values so far."""
        width = sum(_WIDTHS.values())
        rows = self._steps.rows(1 + 2 * width)
        within = _taken(rows[:, 0], rows[:, 1 + width :])
        return replace(_taken(rows[:, 0], rows[:, 1 : 1 + width]), uncertainty=within)


def _taken(time: Floats, rows: Floats) -> Trend:
    """Columns in the order of _WIDTHS as a trend."""
    begins = np.cumsum([0, *_WIDTHS.values()])
    frequency, p, q, unbalance = (rows[:, k] for k in range(len(_SINGLE)))
    u, i, thd_u, thd_i = (rows[:, begins[k] : begins[k + 1]] for k in range(len(_SINGLE), 8))
    return Trend(time, frequency, p, q, unbalance, u, i, thd_u, thd_i)


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
