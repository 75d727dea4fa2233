"""Signals with analytic truth, shared with nothing in the product."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

Harmonics = dict[int, tuple[float, float]]
"""Order: (fraction of the fundamental's RMS, angle [deg])."""


@dataclass(frozen=True)
class Source:
    """A balanced three-phase source and load; `lag` [deg] of the current's fundamental."""

    frequency: float
    u: float = 230.0
    i: float = 10.0
    lag: float = 0.0
    u_harmonics: Harmonics = field(default_factory=dict)
    i_harmonics: Harmonics = field(default_factory=dict)
    turn: int = -1

    @property
    def u_rms(self) -> float:
        return self.u * math.sqrt(1.0 + sum(a * a for a, _ in self.u_harmonics.values()))

    @property
    def i_rms(self) -> float:
        return self.i * math.sqrt(1.0 + sum(a * a for a, _ in self.i_harmonics.values()))

    @property
    def p(self) -> float:
        """Active power of a phase [W]."""
        total = math.cos(math.radians(self.lag))
        for order in self.u_harmonics.keys() & self.i_harmonics.keys():
            (a, alpha), (b, beta) = self.u_harmonics[order], self.i_harmonics[order]
            total += a * b * math.cos(math.radians(alpha - beta))
        return self.u * self.i * total

    @property
    def q(self) -> float:
        """Reactive power of a phase's fundamental [var]."""
        return self.u * self.i * math.sin(math.radians(self.lag))

    def samples(
        self, sample_rate: float, seconds: float, begin: float = 0.0
    ) -> NDArray[np.float64]:
        """Samples (1, n, 6) [V, A]."""
        t = begin + np.arange(round(sample_rate * seconds)) / sample_rate
        columns = []
        for rms, lag, harmonics in (
            (self.u, 0.0, self.u_harmonics),
            (self.i, self.lag, self.i_harmonics),
        ):
            for phase in range(3):
                angle = 2.0 * math.pi * (self.frequency * t + self.turn * phase / 3.0)
                wave = np.sin(angle - math.radians(lag))
                for order, (part, shift) in harmonics.items():
                    wave += part * np.sin(order * angle + math.radians(shift))
                columns.append(math.sqrt(2.0) * rms * wave)
        return np.stack(columns, axis=-1)[None]


@pytest.fixture
def source() -> Callable[..., Source]:
    """Makes a Source from its frequency [Hz] and what differs from 230 V, 10 A, PF 1."""
    return Source


@pytest.fixture
def rich_harmonics() -> Callable[[int], Harmonics]:
    """Every order from 2 to the given one, between 0.3 and 5 % of the fundamental."""

    def make(highest: int) -> Harmonics:
        return {
            h: (0.05 if h < 10 else 0.02 if h < 30 else 0.003, 17.0 * h % 360.0)
            for h in range(2, highest + 1)
        }

    return make
