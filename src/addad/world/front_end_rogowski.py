"""A Rogowski coil, which gives the slope of the current, and the integrator that undoes it.

An analog integrator stands before the converter and forgets direct current with a corner of its
own; a digital one stands behind it, integrates the converter's noise too, and keeps its offset out
by a high-pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from addad.world.front_end_core import Core
from addad.world.front_end_filter import Complexes, Floats
from addad.world.front_end_transformers import Unit

_REFERENCE_HZ = 50.0


@dataclass(frozen=True, slots=True)
class RogowskiCoil:
    """A coil of `mutual_h` [H] and an amplifier, so that `volts_per_ampere` come at 50 Hz.

    `tolerance` and `drift_ppm` [1e-6/K] are standard deviations of coil, amplifier and capacitor
    together; `corner_hz` is where the integrator forgets, and varies by ten percent.
    """

    nominal_current: float = 60.0
    mutual_h: float = 0.5e-6
    amplifier: float = 12.7
    integrator: Literal["analog", "digital"] = "digital"
    corner_hz: float = 0.3
    tolerance: float = 0.005
    drift_ppm: float = 15.0
    burden_ohm: float = 50.0

    @property
    def volts_per_ampere(self) -> float:
        """ω M times the amplifier, at 50 Hz."""
        return 2.0 * math.pi * _REFERENCE_HZ * self.mutual_h * self.amplifier

    def gain(self, unit: Unit) -> float:
        """Volts at 50 Hz for an ampere, what the integrator forgets left out."""
        drift = 1.0 + 1e-6 * self.drift_ppm * unit.drift * unit.warmer
        return self.volts_per_ampere * (1.0 + self.tolerance * unit.ratio) * drift

    def core(self, unit: Unit) -> Core:
        """The analog integrator's forgetting is that of a core without iron."""
        if self.integrator == "digital":
            return Core()
        return Core(corner=2.0 * math.pi * self.corner_hz * (1.0 + 0.1 * unit.lead))

    def slope(self, frequency: Floats) -> Complexes:
        """jω/ω₀ before a digital integrator; an analog one has taken it away already."""
        if self.integrator == "analog":
            return np.ones(len(frequency), np.complex128)
        return np.asarray(1j * frequency / _REFERENCE_HZ)


def integrator_taps(corner_hz: float, sample_rate: float) -> tuple[float, float, float]:
    """(a, g, b) of y = a y₁ + b (h + h₁), h = a h₁ + g (x − x₁): ω₀ s / (s + ω_c)², bilinear."""
    half = math.pi * corner_hz / sample_rate
    a = (1.0 - half) / (1.0 + half)
    return a, 0.5 * (1.0 + a), math.pi * _REFERENCE_HZ / sample_rate / (1.0 + half)


def integrator_response(corner_hz: float, sample_rate: float, frequency: float) -> complex:
    """What the digital integrator does to `frequency` [Hz]."""
    a, g, b = integrator_taps(corner_hz, sample_rate)
    z = complex(np.exp(-2j * np.pi * frequency / sample_rate))
    return g * (1.0 - z) / (1.0 - a * z) * b * (1.0 + z) / (1.0 - a * z)
