"""What a channel's input does to its frequencies, as the taps of a filter: pole, delay, coil.

The resistor and capacitor before a converter are one pole; a converter that samples its channels
one after the other sees them at different times; a coil gives the slope. All are linear, and become
one filter whose response is that of the drawing up to 0.42 of the sampling rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

TAPS = 40
CENTRE = TAPS // 2
"""Samples that the taps come late, all channels alike."""
REFERENCE_TEMPERATURE = 23.0
_HIGHEST = 0.42
_GRID = 240
_LOW = 0.015
_LOW_WEIGHT = 100.0


@dataclass(frozen=True, slots=True)
class LowPass:
    """A resistor in series and a capacitor to ground, before the converter.

    `tolerance` is the standard deviation of the pole of a channel, as a share; `drift_ppm` that of
    its change with temperature [1e-6/K].
    """

    series_ohm: float = 1_000.0
    farad: float = 33e-9
    tolerance: float = 0.02
    drift_ppm: float = 30.0

    def time_constant(self, source_ohm: float, spread: float, drift: float, warmer: float) -> float:
        """(R + source) C [s] of a channel drawn by `spread` and `drift`, `warmer` [K]."""
        off = (1.0 + self.tolerance * spread) * (1.0 + 1e-6 * self.drift_ppm * drift * warmer)
        return (self.series_ohm + source_ohm) * self.farad * off


def low_pass(frequency: Floats, time_constant: float) -> Complexes:
    """1 / (1 + jωτ) of one pole."""
    return np.asarray(1.0 / (1.0 + 2j * np.pi * frequency * time_constant))


def sampled_later(frequency: Floats, seconds: float) -> Complexes:
    """e^(jω·seconds) of a channel that is sampled `seconds` [s] after its time stamp."""
    return np.asarray(np.exp(2j * np.pi * frequency * seconds))


def grid(sample_rate: float) -> Floats:
    """The frequencies [Hz] (240,) at which the taps are made to fit, from zero on."""
    return np.linspace(0.0, _HIGHEST * sample_rate, _GRID)


@cache
def _fit(slope: bool) -> Floats:
    """The matrix (TAPS, 480) that makes taps of what is wanted on the grid, by least squares.

    Errors count as shares of a response that is level, or of a slope; a hundredfold near the
    fundamental.
    """
    turn = 2.0 * np.pi * np.linspace(0.0, _HIGHEST, _GRID)
    weight = 1.0 / np.maximum(turn, 0.02 * turn[-1]) if slope else np.ones(_GRID)
    weight *= 1.0 + _LOW_WEIGHT * np.exp(-((turn / (2.0 * np.pi * _LOW)) ** 2))
    rows = np.exp(-1j * turn[:, None] * np.arange(TAPS)) * weight[:, None]
    solved = np.linalg.pinv(np.concatenate([rows.real, rows.imag]), rcond=1e-12)
    return np.asarray(solved * np.concatenate([weight, weight]))


def taps_of(wanted: Complexes, slope: bool = False) -> Floats:
    """Taps (TAPS,) whose response is `wanted` on `grid`, CENTRE samples late."""
    turn = 2.0 * np.pi * np.linspace(0.0, _HIGHEST, _GRID)
    goal = wanted * np.exp(-1j * turn * CENTRE)
    return np.asarray(_fit(slope) @ np.concatenate([goal.real, goal.imag]))


def response(taps: Floats, frequency: float, sample_rate: float) -> complex:
    """What the taps do to `frequency` [Hz], their common delay taken off."""
    place = np.arange(len(taps)) - (CENTRE if len(taps) > 1 else 0)
    return complex(np.exp(-2j * np.pi * frequency / sample_rate * place) @ taps)
