"""The public network at the end of the street: its frequency, voltages, distortion, impedance.

Levels are ordinary low-voltage practice in round numbers, not quoted from a standard.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from addad.world.wander import Wander

NOMINAL_FREQUENCY = 50.0
NOMINAL_VOLTAGE = 230.0
FRAMES_PER_S = 50
ORDERS: tuple[int, ...] = tuple(range(1, 26, 2))

# the line and the neutral from the transformer to the house, at 50 Hz [ohm]
PHASE_IMPEDANCE = 0.20 + 0.09j
NEUTRAL_IMPEDANCE = 0.12 + 0.06j

_PHASE_ANGLE = np.array([0.0, -2.0 * np.pi / 3.0, 2.0 * np.pi / 3.0])
_FREQUENCY_HZ = (0.004, 0.006, 0.008, 0.010, 0.012, 0.012, 0.010)
_FREQUENCY_S = (7.0, 19.0, 47.0, 130.0, 410.0, 1_500.0, 5_400.0)
_VOLTAGE_RATIO = (0.0002, 0.0003, 0.0005, 0.0010, 0.0020, 0.0035, 0.0040)
_VOLTAGE_S = (0.13, 0.71, 3.7, 23.0, 170.0, 1_300.0, 7_000.0)
_BACKGROUND_RATIO = {3: 0.006, 5: 0.018, 7: 0.012, 9: 0.002, 11: 0.006, 13: 0.004}


def frame_times(second: int) -> NDArray[np.float64]:
    """Edges (51,) of the fifty frames of a second [s since 1970, UTC]."""
    return second + np.arange(FRAMES_PER_S + 1) / FRAMES_PER_S


def impedance(at_50_hz: complex) -> NDArray[np.complex128]:
    """R + jhX for each of `ORDERS` [ohm]."""
    return np.array([complex(at_50_hz.real, h * at_50_hz.imag) for h in ORDERS])


class Grid:
    """A network drawn from a seed; everything it does is a closed form of absolute time."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 1])
        self._frequency = Wander.draw(rng, _FREQUENCY_HZ, _FREQUENCY_S)
        self._levels = tuple(Wander.draw(rng, _VOLTAGE_RATIO, _VOLTAGE_S) for _ in range(3))
        self._unbalance = rng.uniform(-0.004, 0.004, 3)
        self._skew = rng.uniform(-0.004, 0.004, 3)
        self._distortion = np.zeros((3, len(ORDERS)), dtype=np.complex128)
        for order, ratio in _BACKGROUND_RATIO.items():
            angle = rng.uniform(-np.pi, np.pi) + rng.normal(0.0, 0.1, 3)
            size = ratio * rng.uniform(0.7, 1.2) * rng.uniform(0.9, 1.1, 3)
            self._distortion[:, ORDERS.index(order)] = size * np.exp(1j * angle)
        self._distortion[:, 0] = 1.0
        self._swell = Wander.draw(rng, (0.10, 0.15), (900.0, 11_000.0))

    def advance(self, second: int) -> NDArray[np.float64]:
        """How far the phase is ahead of 50 Hz at each edge (51,) of the second's frames [rad]."""
        return 2.0 * np.pi * self._frequency.integral(frame_times(second))

    def frequency(self, second: int) -> NDArray[np.float64]:
        """Mean frequency of each frame (50,) of a second [Hz]."""
        turned = np.diff(self.advance(second)) / (2.0 * np.pi)
        return NOMINAL_FREQUENCY + turned * FRAMES_PER_S

    def voltages(self, second: int) -> NDArray[np.complex128]:
        """Open-circuit rms phasors (50, 3, orders) of a second [V]."""
        time = frame_times(second)[:-1]
        level = np.stack([wander.at(time) for wander in self._levels], axis=1)
        hour = (second + 3_600) % 86_400 / 3_600.0
        evening = -0.018 * np.exp(-(((hour - 20.5) / 2.2) ** 2))
        magnitude = NOMINAL_VOLTAGE * (1.012 + evening + self._unbalance + level)
        shape = np.repeat(self._distortion[None], len(time), axis=0)
        shape[:, :, 1:] *= 1.0 + self._swell.at(time)[:, None, None]
        angle = np.array(ORDERS) * (_PHASE_ANGLE + self._skew)[:, None]
        return np.asarray(magnitude[:, :, None] * shape * np.exp(1j * angle))
