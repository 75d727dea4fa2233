"""A laboratory's source: steady three-phase waves made of lines, whose powers are known exactly.

The waveforms are those that IEC 62053-21 and IEC 62053-22 put a meter to: sine, fifth harmonic,
half-wave rectified, phase-fired and burst currents, each as its Fourier series, so that powers
follow from phasors in double precision and not from samples. A line of order h of x is

    x_h(t) = √2 |X_h| sin(2π h f t + arg X_h),   x_0 = X_0,   P = Σ Re(U_h conj I_h)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Lines = Mapping[Fraction, complex]
"""Complex rms phasors by order; an order that is no whole number is a sub- or interharmonic."""

BURST_CYCLES = 2
"""Cycles that a burst current is on, and then off."""
_FIRST = Fraction(1)
_BLOCK = 8192
_WHOLE_SAMPLES = 1e-9


def sine(rms: float, angle: float = 0.0) -> dict[Fraction, complex]:
    """A sine of `rms`, its positive zero `angle` [rad] early."""
    return {_FIRST: complex(rms * np.exp(1j * angle))}


def with_fifth(rms: float, share: float, angle: float = 0.0) -> dict[Fraction, complex]:
    """A sine of `rms` and its fifth harmonic, of `share`, both at their positive zero together."""
    fifth = share * rms * np.exp(5j * angle)
    return {**sine(rms, angle), Fraction(5): complex(fifth)}


def half_wave(rms: float, angle: float, highest: int) -> dict[Fraction, complex]:
    """The positive half-waves of a sine, of `rms` in all, to order `highest`.

    Of amplitude Â = 2 rms: Â/π + Â/2 sin θ − (2Â/π) Σ cos(2kθ) / (4k² − 1).
    """
    peak = 2.0 * rms
    lines = {Fraction(0): complex(peak / math.pi)}
    lines[_FIRST] = complex(0.5 * peak / math.sqrt(2.0))
    for order in range(2, highest + 1, 2):
        size = -2.0 * peak / (math.pi * (order**2 - 1.0)) / math.sqrt(2.0)
        lines[Fraction(order)] = 1j * size
    return _turned(lines, angle)


def phase_fired(
    rms: float, angle: float, highest: int, firing: float = 0.5 * math.pi
) -> dict[Fraction, complex]:
    """A sine that begins `firing` [rad] late in each half-wave, of `rms` in all, to `highest`."""
    share = (math.pi - firing + 0.5 * math.sin(2.0 * firing)) / math.pi
    peak = rms * math.sqrt(2.0 / share)
    lines = {}
    for order in range(1, highest + 1, 2):
        # sine and cosine parts of the half-wave from `firing` to π, and of its negative
        down, up = order - 1, order + 1
        high = (_sine_step(up, firing), _cosine_step(up, firing))
        low = (_sine_step(down, firing), _cosine_step(down, firing))
        sines, cosines = (low[0] - high[0]) / math.pi, (low[1] - high[1]) / math.pi
        lines[Fraction(order)] = complex(sines, cosines) * peak / math.sqrt(2.0)
    return _turned(lines, angle)


def burst(rms: float, angle: float, highest: int) -> dict[Fraction, complex]:
    """A sine that is on for two cycles and off for two, of `rms` over both, to order `highest`.

    It begins and ends at zeros. Over a period of 8π: c_k = (1 − e^{−jkπ}) / (8π (1 − k²/16)) for
    order k/4, and −j/4 at order one.
    """
    peak = 2.0 * rms
    lines = {_FIRST: complex(0.5 * peak / math.sqrt(2.0))}
    for k in range(1, 4 * highest + 1, 2):
        c = 2.0 / (8.0 * math.pi * (1.0 - k**2 / 16.0))
        lines[Fraction(k, 2 * BURST_CYCLES)] = 1j * (math.sqrt(2.0) * c * peak)
    return _turned(lines, angle)


@dataclass(frozen=True)
class ReferenceSource:
    """Three voltages, three currents, and the neutral that they make, at `frequency` [Hz]."""

    frequency: float
    voltages: tuple[Lines, Lines, Lines]
    currents: tuple[Lines, Lines, Lines]

    @property
    def active_power(self) -> Floats:
        """P (3,) [W], of all lines."""
        return np.array([_power(u, i).real for u, i in self._phases])

    @property
    def reactive_power(self) -> Floats:
        """Q (3,) [var] of the fundamental, positive when the current lags."""
        pairs = (({_FIRST: u[_FIRST]}, i) if _FIRST in u else ({}, i) for u, i in self._phases)
        return np.array([_power(u, i).imag for u, i in pairs])

    @property
    def pattern_s(self) -> float:
        """After how long all waves repeat together [s]."""
        return float(1.0 / (self._unit * Fraction(self.frequency)))

    def samples(self, first: int, count: int, sample_rate: float) -> Floats:
        """Samples (count, 7) [V, A] from sample `first` on: U1 to U3, I1 to I3, neutral."""
        orders, weights = self._weights()
        turns = float(self._unit) * self.frequency / sample_rate
        period = 1.0 / turns
        if count > period + 1.0 and abs(period - round(period)) < _WHOLE_SAMPLES:
            table = self.samples(0, round(period), sample_rate)
            return np.asarray(table[np.arange(first, first + count) % len(table)])
        made = np.empty((count, 7))
        for begin in range(0, count, _BLOCK):
            n = np.arange(first + begin, first + min(begin + _BLOCK, count), dtype=np.float64)
            made[begin : begin + len(n)] = _basis(n * turns % 1.0, orders) @ weights
        return made

    def _weights(self) -> tuple[list[int], Floats]:
        """Orders in units, and what their cosines and sines (2 orders, 7) add to each channel."""
        columns = (*self.voltages, *self.currents)
        orders = sorted({int(order / self._unit) for lines in columns for order in lines})
        rows = {order: 2 * place for place, order in enumerate(orders)}
        weights = np.zeros((2 * len(orders), 7))
        for column, lines in enumerate(columns):
            for order, phasor in lines.items():
                row = rows[int(order / self._unit)]
                if order == 0:
                    weights[row, column] = phasor.real
                else:
                    weights[row : row + 2, column] = (
                        math.sqrt(2.0) * phasor.imag,
                        math.sqrt(2.0) * phasor.real,
                    )
        weights[:, 6] = weights[:, 3:6].sum(axis=1)
        return orders, weights

    @property
    def _phases(self) -> list[tuple[Lines, Lines]]:
        return list(zip(self.voltages, self.currents, strict=True))

    @cached_property
    def _unit(self) -> Fraction:
        """The order that all orders are whole multiples of."""
        every = {o for lines in (*self.voltages, *self.currents) for o in lines if o}
        bottom = math.lcm(*(o.denominator for o in every)) if every else 1
        top = math.gcd(*(int(o * bottom) for o in every)) if every else 1
        return Fraction(top, bottom)


def _basis(turn: Floats, orders: list[int]) -> Floats:
    """cos and sin (n, 2 orders) of each order's angle, its fundamental at `turn` [cycles]."""
    found = np.empty((len(turn), 2 * len(orders)))
    for place, order in enumerate(orders):
        angle = 2.0 * np.pi * (turn * order % 1.0)
        found[:, 2 * place], found[:, 2 * place + 1] = np.cos(angle), np.sin(angle)
    return found


def _power(u: Lines, i: Lines) -> complex:
    return sum((u[order] * i[order].conjugate() for order in u if order in i), 0j)


def _turned(lines: Lines, angle: float) -> dict[Fraction, complex]:
    """The whole wave earlier by `angle` [rad of the fundamental]."""
    return {o: complex(x * np.exp(1j * float(o) * angle)) for o, x in lines.items()}


def _sine_step(order: int, firing: float) -> float:
    """∫ cos(order θ) dθ from `firing` to π."""
    if order == 0:
        return math.pi - firing
    return (math.sin(order * math.pi) - math.sin(order * firing)) / order


def _cosine_step(order: int, firing: float) -> float:
    """−∫ sin(order θ) dθ from `firing` to π."""
    if order == 0:
        return 0.0
    return (math.cos(order * math.pi) - math.cos(order * firing)) / order
