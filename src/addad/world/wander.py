"""Slow bounded variation as a closed form of time: a few sinusoids of seeded phase.

No standard governs it. A closed form gives the same value at the same instant in whatever order
the instants are asked for, and its integral is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Wander:
    """Σ aₖ sin(2πt/Tₖ + φₖ): `amplitude` in the user's unit, `period` [s], `phase` [rad], (k,)."""

    amplitude: NDArray[np.float64]
    period: NDArray[np.float64]
    phase: NDArray[np.float64]

    @classmethod
    def draw(
        cls, rng: np.random.Generator, amplitudes: tuple[float, ...], periods: tuple[float, ...]
    ) -> Wander:
        """Draw phases, and periods up to a tenth off the given ones so that houses differ."""
        count = len(periods)
        period = np.array(periods) * rng.uniform(0.9, 1.1, count)
        return cls(np.array(amplitudes), period, rng.uniform(0.0, 2.0 * np.pi, count))

    @property
    def bound(self) -> float:
        """No value is ever further from zero than this."""
        return float(np.abs(self.amplitude).sum())

    def at(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values (n,) at `time` (n,) [s]."""
        angle = 2.0 * np.pi * time[:, None] / self.period + self.phase
        return np.asarray((self.amplitude * np.sin(angle)).sum(axis=1))

    def integral(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Antiderivative (n,) at `time` (n,) [s], in the unit times seconds; bounded too."""
        angle = 2.0 * np.pi * time[:, None] / self.period + self.phase
        scale = self.amplitude * self.period / (2.0 * np.pi)
        return np.asarray((-scale * np.cos(angle)).sum(axis=1))
