"""Rapid voltage changes: from one steady level to another, without being a dip or a swell.

By IEC 61000-4-30 a voltage is steady while every Urms(1/2) of the last second is within a threshold
of their mean; polyphase, while all are. A rapid change begins where one leaves that band, and ends
where a steady second begins; half the threshold is the hysteresis while it lasts. If a dip, swell
or interruption comes in between, it is that and no rapid change.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.kernels import kernel
from addad.metrology.power_quality.events import EventKind, VoltageEvent
from addad.metrology.power_quality.half_cycle import BEGIN, HALF_SQUARE, RMS, HalfCycles
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.quantities import PHASES

Floats = NDArray[np.float64]

_COLUMNS = 6
_HYSTERESIS = 0.5


class RapidChanges:
    """IEC 61000-4-30: rapid voltage changes in the half-cycle values of one meter."""

    def __init__(self, settings: PowerQualitySettings) -> None:
        second = round(2 * settings.instrument.nominal_frequency)
        self._rate = float(settings.instrument.sample_rate)
        shares = settings.rapid_change, settings.dip, settings.swell
        self._bounds = settings.declared_voltage * np.array(shares)
        self._ring = np.zeros((second, PHASES + 1))
        # values in the ring, its place, whether a change lasts, its begin, spoiled, its phases
        self._state = np.zeros(6)
        # per phase: mean before, largest difference from it, sum of the last second
        self._levels = np.zeros((3, PHASES))
        self._present = np.zeros(PHASES, np.bool_)
        self._present[: settings.instrument.voltages] = settings.voltages_present

    def take(self, cycles: HalfCycles) -> list[tuple[int, VoltageEvent]]:
        """The changes that end in these values, each with how many of them tell it; not numbered.

        A voltage that is not known ends what was steady.
        """
        values = cycles.values
        records = np.empty((len(values), _COLUMNS))
        n = _walk(
            values, self._bounds, self._present, self._state, self._ring, self._levels, records
        )
        return [
            (
                int(row[5]),
                VoltageEvent(
                    number=0,
                    kind=EventKind.RAPID_CHANGE,
                    start_s=float(row[0]) / self._rate,
                    duration_s=float(row[1] - row[0]) / self._rate,
                    voltage=float(row[2]),
                    phases=tuple(c + 1 for c in range(PHASES) if int(row[4]) >> c & 1),
                    step=float(row[3]),
                ),
            )
            for row in records[:n]
        ]

    def gap(self) -> None:
        """Samples are missing: nothing is known of what was steady."""
        self._state[:] = 0.0
        self._ring[:] = 0.0
        self._levels[:] = 0.0


@kernel
def _steady(ring: Floats, band: float, means: Floats) -> bool:
    """Whether all values of the last second are within `band` of their means, which it writes."""
    steady = True
    for c in range(PHASES):
        total, low, high = 0.0, math.inf, -math.inf
        for n in range(ring.shape[0]):
            v = ring[n, c]
            total += v
            low = min(low, v)
            high = max(high, v)
        means[c] = total / ring.shape[0]
        steady &= high - means[c] <= band and means[c] - low <= band
    return steady


@kernel
def _leaves(sums: Floats, size: int, values: Floats, band: float) -> bool:
    """Whether one of the values is out of the band around the mean of the last second."""
    leaves = False
    for c in range(PHASES):
        leaves |= abs(values[c] - sums[c] / size) > band
    return leaves


@kernel
def _unknown(rms: Floats, present: NDArray[np.bool_]) -> bool:
    unknown = False
    for c in range(PHASES):
        unknown |= present[c] and math.isnan(rms[c])
    return unknown


@kernel
def _write(band: float, state: Floats, levels: Floats, means: Floats, record: Floats) -> None:
    """Begin, largest and lasting difference, and phases of a change to these `means`."""
    largest = step = 0.0
    for c in range(PHASES):
        remains = abs(means[c] - levels[0, c])
        step = max(step, remains)
        largest = max(largest, levels[1, c], remains)
        if remains > band:
            state[5] = float(int(state[5]) | 1 << c)
    record[0], record[2], record[3], record[4] = state[3], largest, step, state[5]


@kernel
def _walk(
    values: Floats,
    bounds: Floats,
    present: NDArray[np.bool_],
    state: Floats,
    ring: Floats,
    levels: Floats,
    records: Floats,
) -> int:
    """Writes begin, end, largest and lasting difference, and phases of each change that ends.

    The last column is how many values were needed to tell it.

    `bounds` [V]: the band around a steady voltage, and where dips and swells begin.
    """
    count = 0
    band, low, high = bounds
    size = ring.shape[0]
    means = np.empty(PHASES)
    for k in range(len(values)):
        begin, rms = values[k, BEGIN], values[k, RMS:HALF_SQUARE]
        if _unknown(rms, present):
            state[:], ring[:], levels[:] = 0.0, 0.0, 0.0
            continue
        full, lasts = state[0] >= size, state[2] == 1.0
        if (
            full
            and not lasts
            and _leaves(levels[2], size, rms, band)
            and _steady(ring, band, means)
        ):
            mask = 0
            spoiled = 0.0
            for c in range(PHASES):
                levels[0, c], levels[1, c] = means[c], 0.0
                if abs(rms[c] - levels[0, c]) > band:
                    mask |= 1 << c
                # out of a long dip or swell: its end
                if not math.isnan(rms[c]) and (means[c] < low or means[c] > high):
                    spoiled = 1.0
            if mask:
                state[2], state[3], state[4], state[5] = 1.0, begin, spoiled, float(mask)
                state[0] = 0.0
        for c in range(PHASES):
            v = 0.0 if math.isnan(rms[c]) else rms[c]
            oldest = ring[int(state[1]), c]
            if state[2] == 1.0 and state[0] >= size:
                # it was followed by no steady second: it is part of the change
                difference = abs(oldest - levels[0, c])
                levels[1, c] = max(levels[1, c], difference)
                if difference > band:
                    state[5] = float(int(state[5]) | 1 << c)
            levels[2, c] += v - oldest
            ring[int(state[1]), c] = v
        ring[int(state[1]), PHASES] = begin
        state[1] = (state[1] + 1.0) % size
        state[0] = min(state[0] + 1.0, float(size))
        if state[2] != 1.0:
            continue
        for c in range(PHASES):
            if rms[c] < low or rms[c] > high:
                state[4] = 1.0
        if state[0] < size or not _steady(ring, _HYSTERESIS * band, means):
            continue
        state[2] = 0.0
        if state[4] == 0.0:
            # the steady second begins with the oldest value that is kept
            end = ring[int(state[1]), PHASES]
            _write(band, state, levels, means, records[count])
            records[count, 1], records[count, 5] = end, k + 1.0
            count += 1
    return count
