"""The converter: taps of the input, crosstalk, jitter, offset, noise, quantisation, clipping.

Its properties are what data sheets of metering converters state; a digital integrator of a Rogowski
coil runs on its counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STRETCH = 512


@dataclass(frozen=True, slots=True)
class Converter:
    """An analog-to-digital converter for all channels.

    `full_scale` [V] is the largest input of either sign; `offset` [V] the standard deviation of a
    channel's, `offset_drift` [V/K] that of its change; `noise` [V rms]; `jitter_s` [s rms] of the
    clock that samples all channels; `crosstalk` the share of a channel that its neighbours see
    (order U1 U2 U3 I1 ...); `skew_s` [s] how much later each channel is sampled than the one
    before; `reference_drift_ppm` [1e-6/K] the standard deviation of the reference's change, all
    channels alike.
    """

    bits: int = 24
    full_scale: float = 0.5
    offset: float = 1e-4
    offset_drift: float = 1e-6
    noise: float = 4e-6
    jitter_s: float = 2e-9
    crosstalk: float = 1e-6
    skew_s: float = 0.0
    reference_drift_ppm: float = 10.0

    @property
    def step(self) -> float:
        """Volts of a count."""
        return float(self.full_scale / 2.0 ** (self.bits - 1))

    @property
    def largest(self) -> int:
        """The largest count; the smallest is its negative less one."""
        return int(2 ** (self.bits - 1) - 1)


@njit(cache=True)
def filtered(
    x: Floats, taps: Floats, gain: Floats, out: Floats
) -> None:  # pragma: no cover - compiled
    """Write `out` (channels, n): what the taps (channels, k) leave of x (channels, n + k − 1) [V].

    The sums run sample beside sample, in one order for each, so that cutting changes nothing.
    """
    length, count = taps.shape[1], out.shape[1]
    for c in range(out.shape[0]):
        for begin in range(0, count, _STRETCH):
            end = min(begin + _STRETCH, count)
            total = out[c, begin:end]
            total[:] = 0.0
            for k in range(length):
                weight = taps[c, k]
                late = x[c, begin + length - 1 - k : end + length - 1 - k]
                for n in range(end - begin):
                    total[n] += weight * late[n]
            for n in range(end - begin):
                total[n] *= gain[c]


@njit(cache=True)
def convert(
    volts: Floats,
    jitter: Floats,
    noise: Floats,
    converter: tuple[float, float, float],
    integrators: Floats,
    state: Floats,
    counts: NDArray[np.int32],
) -> None:  # pragma: no cover - compiled
    """Counts (n, channels) of what stands at the converter, `volts` (channels, n).

    `jitter` (n,) in samples, `noise` (n, channels) with the offset [V]; `converter` is (step,
    largest, crosstalk); `integrators` (channels, 3) are those of `integrator_taps`, zeros for none;
    `state` (channels, 4) is the last input, and the integrator's memory.
    """
    step, largest, crosstalk = converter
    channels = counts.shape[1]
    row = np.empty(channels + 2)
    row[0] = row[channels + 1] = 0.0
    for n in range(counts.shape[0]):
        for c in range(channels):
            now = volts[c, n]
            row[c + 1] = now + (now - state[c, 0]) * jitter[n]
            state[c, 0] = now
        for c in range(channels):
            near = row[c] + row[c + 2]
            value = np.rint((row[c + 1] + crosstalk * near + noise[n, c]) / step)
            value = min(max(value, -largest - 1.0), largest)
            a, g, b = integrators[c]
            if b != 0.0:
                high = a * state[c, 2] + g * (value - state[c, 1])
                total = a * state[c, 3] + b * (high + state[c, 2])
                state[c, 1], state[c, 2], state[c, 3] = value, high, total
                value = min(max(np.rint(total), -largest - 1.0), largest)
            counts[n, c] = np.int32(value)
