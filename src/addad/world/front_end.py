"""What stands between the terminals and the numbers: divider, current transformer, filter, ADC.

A voltage divider and a low-pass pole for each voltage; a current transformer (a high-pass pole: it
leads a little), its burden and the same low-pass for each current; then offset, noise, quantisation
and clipping. Component values are those of an ordinary meter, assumed; each unit differs by seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

_REFERENCE_HZ = 50.0
_VOLTAGES = 3


@dataclass(frozen=True, slots=True)
class FrontEndSettings:
    """Nominal components, and how far a unit may be off them.

    `full_scale` [V] is the converter's largest input of either sign; `low_pass` [Hz]; `ct_lead`
    [degrees at 50 Hz]; `noise` [V rms] and `offset` [V] at the converter; `tolerance` is the
    standard deviation of each ratio, as a share; the lead and the pole vary by ten percent.
    """

    sample_rate: float = 8_000.0
    currents: int = 4
    bits: int = 24
    full_scale: float = 1.2
    divider_ratio: float = 600.0
    ct_ratio: float = 2_500.0
    burden_ohm: float = 10.0
    ct_lead: float = 0.12
    low_pass: float = 15_000.0
    noise: float = 8e-6
    offset: float = 2e-4
    tolerance: float = 0.003

    @classmethod
    def ideal(cls, sample_rate: float, currents: int = 4, bits: int = 24) -> FrontEndSettings:
        """A front end that only quantises and clips."""
        return cls(
            sample_rate,
            currents,
            bits,
            ct_lead=0.0,
            low_pass=0.0,
            noise=0.0,
            offset=0.0,
            tolerance=0.0,
        )


@dataclass(frozen=True, slots=True)
class Conversion:
    """From counts back to the terminals, as plain numbers by channel (voltages, then currents).

    value = (count − offset_counts) · volts_per_count, or · amperes_per_count. A positive
    `delay_s` says that at 50 Hz the channel's counts come that much late.
    """

    volts_per_count: tuple[float, ...]
    amperes_per_count: tuple[float, ...]
    offset_counts: tuple[float, ...]
    delay_s: tuple[float, ...]


class FrontEnd:
    """One unit, drawn from `seed`; it remembers its filters and its noise from block to block."""

    def __init__(self, settings: FrontEndSettings | None = None, *, seed: int = 0) -> None:
        self.settings = settings or FrontEndSettings()
        s = self.settings
        if s.bits not in range(8, 33) or s.currents not in (3, 4) or s.sample_rate <= 0.0:
            raise ValueError("a front end has 8 to 32 bits, 3 or 4 currents, a positive rate")
        self._rng = np.random.default_rng([seed, 5])
        channels = _VOLTAGES + s.currents
        spread = self._rng.standard_normal((4, channels))
        self._gain = _nominal_gain(s) * (1.0 + s.tolerance * spread[0])
        self._offset = s.offset * spread[1]
        self._taps = np.empty((channels, 5))
        for channel in range(channels):
            lead = np.radians(s.ct_lead * (1.0 + 0.1 * spread[2, channel]))
            pole = s.low_pass * (1.0 + 0.1 * spread[3, channel])
            is_current = channel >= _VOLTAGES
            self._taps[channel] = _taps(s.sample_rate, float(lead) if is_current else 0.0, pole)
        self._state = np.zeros((channels, 3))
        self._fresh = True

    @property
    def full_scale_counts(self) -> int:
        """The largest count; the smallest is its negative less one."""
        return int(2 ** (self.settings.bits - 1) - 1)

    @property
    def nominal(self) -> Conversion:
        """What the drawing says: ratios only."""
        zeros = np.zeros(len(self._gain))
        return self._conversion(_nominal_gain(self.settings), zeros, zeros)

    @property
    def actual(self) -> Conversion:
        """What a laboratory would find of this unit at 50 Hz."""
        response = _response(self._taps, _REFERENCE_HZ / self.settings.sample_rate)
        delay = -np.angle(response) / (2.0 * np.pi * _REFERENCE_HZ)
        return self._conversion(self._gain * np.abs(response), self._offset / self._step, delay)

    def counts(self, samples: NDArray[np.float64]) -> NDArray[np.int32]:
        """Counts (n, channels) of `samples` (n, channels) [V, A] at the terminals.

        A sample that is no number is held at the last good one.
        """
        if samples.ndim != 2 or samples.shape[1] != len(self._gain):
            raise ValueError(f"samples of shape {samples.shape} for {len(self._gain)} channels")
        block = np.ascontiguousarray(samples, dtype=np.float64)
        noise = self._rng.standard_normal(block.shape)
        noise *= self.settings.noise
        noise += self._offset
        if self._fresh and len(block):
            first = np.nan_to_num(block[0], nan=0.0, posinf=0.0, neginf=0.0) * self._gain
            self._state[:] = first[:, None]
            self._fresh = False
        counts = np.empty(block.shape, dtype=np.int32)
        _convert(block, self._gain, self._taps, self._state, noise, self._step, counts)
        limit = self.full_scale_counts
        return np.clip(counts, -limit - 1, limit, out=counts)

    @property
    def _step(self) -> float:
        return float(self.settings.full_scale / 2.0 ** (self.settings.bits - 1))

    def _conversion(
        self, gain: NDArray[np.float64], offset: NDArray[np.float64], delay: NDArray[np.float64]
    ) -> Conversion:
        units = self._step / gain
        return Conversion(
            volts_per_count=tuple(float(x) for x in units[:_VOLTAGES]),
            amperes_per_count=tuple(float(x) for x in units[_VOLTAGES:]),
            offset_counts=tuple(float(x) for x in offset),
            delay_s=tuple(float(x) for x in delay),
        )


def warm_up() -> None:
    """Compile the kernel, or load it from its cache."""
    FrontEnd().counts(np.zeros((2, 7)))


def _nominal_gain(s: FrontEndSettings) -> NDArray[np.float64]:
    """Volts at the converter for a volt or an ampere at the terminals, by channel."""
    return np.array([1.0 / s.divider_ratio] * _VOLTAGES + [s.burden_ohm / s.ct_ratio] * s.currents)


def _taps(sample_rate: float, lead: float, pole: float) -> tuple[float, float, float, float, float]:
    """Coefficients (a, g, c, b0, b1) of the high-pass y = a y₁ + g (x − x₁) and of the low-pass.

    The high-pass is the bilinear image of a transformer that leads by `lead` [rad] at 50 Hz, the
    low-pass c, b0, b1 the ramp-invariant one of a pole at `pole` [Hz]; 0 leaves either out.
    """
    half = np.pi * _REFERENCE_HZ * np.tan(lead) / sample_rate
    a = (1.0 - half) / (1.0 + half)
    if pole <= 0.0:
        return float(a), float(0.5 * (1.0 + a)), 0.0, 1.0, 0.0
    ratio = sample_rate / (2.0 * np.pi * pole)
    c = np.exp(-1.0 / ratio)
    b0 = 1.0 - ratio * (1.0 - c)
    return float(a), float(0.5 * (1.0 + a)), float(c), float(b0), float(1.0 - c - b0)


def _response(taps: NDArray[np.float64], frequency: float) -> NDArray[np.complex128]:
    """Complex gain (channels,) at `frequency`, in cycles a sample."""
    z = np.exp(-2j * np.pi * frequency)
    a, g, c, b0, b1 = taps.T
    # a = 1 cancels the zero against the pole: no high-pass at all
    high = np.where(a < 1.0, g * (1.0 - z) / np.where(a < 1.0, 1.0 - a * z, 1.0), 1.0)
    return np.asarray(high * (b0 + b1 * z) / (1.0 - c * z))


@njit(cache=True)
def _convert(
    block: NDArray[np.float64],
    gain: NDArray[np.float64],
    taps: NDArray[np.float64],
    state: NDArray[np.float64],
    noise: NDArray[np.float64],
    step: float,
    counts: NDArray[np.int32],
) -> None:  # pragma: no cover - compiled
    """Filter, add offset and noise, quantise; state (channels, 3) is x, after the high-pass, y."""
    for channel in range(block.shape[1]):
        a, g, c, b0, b1 = taps[channel]
        last_x, last_high, last_low = state[channel, 0], state[channel, 1], state[channel, 2]
        for n in range(block.shape[0]):
            x = block[n, channel] * gain[channel]
            if not np.isfinite(x):
                x = last_x
            high = a * last_high + g * (x - last_x) if a < 1.0 else x
            low = c * last_low + b0 * high + b1 * last_high
            last_x, last_high, last_low = x, high, low
            value = np.rint((low + noise[n, channel]) / step)
            counts[n, channel] = np.int32(min(max(value, -2147483648.0), 2147483647.0))
        state[channel, 0], state[channel, 1], state[channel, 2] = last_x, last_high, last_low
