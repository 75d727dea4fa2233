"""The voltage of mains signalling: the RMS of the lines nearest to its carrier.

By IEC 61000-4-30, over each window of ten or twelve cycles: the four lines of the spectrum that are
nearest to the carrier, or the line itself where the carrier lies on one.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import cubic_step
from addad.metrology.kernels import kernel
from addad.metrology.power_quality.voltage_store import VoltageStore
from addad.metrology.quantities import PHASES

Floats = NDArray[np.float64]

_ON_LINE = 0.05
_NEIGHBOURS = 4
_BEFORE, _AFTER = 1, 3


class SignallingVoltage:
    """The mains signalling on the voltages of one meter.

    `carrier` [Hz]; `longest` [samples] is what a window may have.
    """

    def __init__(self, sample_rate: float, carrier: float, voltages: int, longest: int) -> None:
        self._rate = sample_rate
        self._carrier = carrier
        self._store = VoltageStore(voltages, 2 * longest)

    def process(self, samples: NDArray[np.float32] | NDArray[np.float64]) -> None:
        """Keep the newest samples (n, voltages or more) [V]."""
        for n in range(0, len(samples), self._store.room):
            self._store.take(samples[n : n + self._store.room])

    def gap(self, samples: int) -> None:
        """So many samples are missing here."""
        self._store.gap(samples)

    def rms(self, begin: float, length: float, cycles: int) -> Floats:
        """RMS [V] (3,) in the window that begins at a place of the stream [samples].

        NaN when its samples are not kept, or no longer.
        """
        store = self._store
        found = np.full(PHASES, math.nan)
        first = math.floor(begin) - store.origin
        last = math.floor(begin - math.floor(begin) + length)
        if first < _BEFORE or first + last + _AFTER > store.filled:
            return found
        line = self._carrier * length / self._rate
        nearest = round(line)
        lines = [nearest]
        if abs(line - nearest) > _ON_LINE:
            lowest = math.floor(line) - _NEIGHBOURS // 2 + 1
            lines = list(range(lowest, lowest + _NEIGHBOURS))
        lines = [k for k in lines if k % cycles or k == nearest]
        power = np.zeros(PHASES)
        _lines(store.x, first, begin - math.floor(begin), length, np.array(lines), power)
        return np.asarray(np.sqrt(2.0 * power) / length)


@kernel
def _lines(
    x: Floats, first: int, fraction: float, length: float, lines: NDArray[np.int64], power: Floats
) -> None:
    """Sums of squared magnitudes (phases) of some lines of a window's spectrum."""
    head, tail = np.empty(4), np.empty(4)
    cubic_step(fraction, head)
    end = fraction + length
    last = math.floor(end)
    cubic_step(end - last, tail)
    re, im = np.empty(PHASES), np.empty(PHASES)
    for line in lines:
        omega = 2.0 * math.pi * line / length
        c, s = 1.0, 0.0
        step_c, step_s = math.cos(omega), math.sin(omega)
        re[:] = 0.0
        im[:] = 0.0
        for n in range(-_BEFORE, last + _AFTER):
            w = 1.0
            if n < _AFTER:
                w = head[n + _BEFORE]
            if n >= last - _BEFORE:
                w -= tail[n - last + _BEFORE]
            for k in range(PHASES):
                u = w * x[first + n, k]
                re[k] += u * c
                im[k] += u * s
            c, s = c * step_c - s * step_s, s * step_c + c * step_s
        for k in range(PHASES):
            power[k] += re[k] ** 2 + im[k] ** 2
