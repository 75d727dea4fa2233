"""The voltage of mains signalling: the RMS of the lines nearest to its carrier.

By IEC 61000-4-30, over each window of ten or twelve cycles: the four lines of the spectrum that are
nearest to the carrier, but for the mains' own harmonics, or the line itself where the carrier lies
on one.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import cubic_step
from addad.metrology.kernels import kernel
from addad.metrology.power_quality.voltage_store import VoltageStore
from addad.metrology.quads import LANES, Quad, Quads, quad_at, quad_of
from addad.metrology.quantities import PHASES
from addad.metrology.vectors import write

Floats = NDArray[np.float64]
Sums = tuple[Quad, Quad, Quad, Quad, Quad, Quad]

_ON_LINE = 0.05
"""A carrier so near to a line [lines] lies on it."""
_BEFORE, _AFTER = 1, 3
_EDGE = _BEFORE + _AFTER


class SignallingVoltage:
    """The mains signalling on the voltages of one meter, whose newest samples are in `store`.

    `sample_rate` and `carrier` [Hz].
    """

    def __init__(self, sample_rate: float, carrier: float, store: VoltageStore) -> None:
        self._rate = sample_rate
        self._carrier = carrier
        self._store = store

    def rms(self, begin: float, length: float, cycles: int) -> Floats:
        """IEC 61000-4-30: RMS [V] (3,) in the window that begins at a place of the stream [sample].

        NaN when its samples are not kept, or no longer.
        """
        found = np.full(PHASES, math.nan)
        store = self._store
        line = self._carrier * length / self._rate
        _rms(store.x, store.filled, begin - store.origin, length, line, cycles, found)
        return found


@kernel
def _near(line: float, length: float, cycles: int, steps: Quads, counted: Floats) -> None:
    """The four lines of a window around a place in its spectrum.

    cos and sin of their angles from sample to sample, as rows of `steps`, and which of them count:
    the nearest and, unless the place is on that one, those that are no harmonics of the mains.
    """
    lowest, nearest = math.floor(line) - LANES // 2 + 1, math.floor(line + 0.5)
    for k in range(LANES):
        here = lowest + k
        angle = 2.0 * math.pi * here / length
        steps[0, k], steps[1, k] = math.cos(angle), math.sin(angle)
        beside = abs(line - nearest) > _ON_LINE and here % cycles != 0
        counted[k] = 1.0 if beside or here == nearest else 0.0


@kernel
def _turn(c: Quad, s: Quad, step_c: Quad, step_s: Quad) -> tuple[Quad, Quad]:
    """cos and sin of the angles, a step on."""
    return c * step_c - s * step_s, s * step_c + c * step_s


@kernel
def _with_sample(sums: Sums, x: Quads, n: int, c: Quad, s: Quad) -> Sums:
    """The sums with row n of `x`, each voltage times cos and sin of the four lines."""
    a, b, d, e, f, g = sums
    u1, u2, u3 = x[n, 0], x[n, 1], x[n, 2]
    return a + c * u1, b + s * u1, d + c * u2, e + s * u2, f + c * u3, g + s * u3


@kernel
def _line_sums(
    x: Quads, n0: int, n1: int, weights: Floats, step_c: Quad, step_s: Quad, sums: Quads
) -> None:
    """Sums of u cos and u sin of each voltage over the rows n0 .. n1 - 1, as rows of `sums`.

    The first four samples and the last four have `weights`. Every other sample has an oscillator of
    its own, so that they need not wait for each other.
    """
    zero = quad_of(0.0)
    c, s = quad_of(1.0), zero
    found = zero, zero, zero, zero, zero, zero
    for k in range(_EDGE):
        found = _with_sample(found, x, n0 + k, c * weights[k], s * weights[k])
        c, s = _turn(c, s, step_c, step_s)
    next_c, next_s = _turn(c, s, step_c, step_s)
    double_c, double_s = _turn(step_c, step_s, step_c, step_s)
    last = n1 - _EDGE
    for n in range(n0 + _EDGE, last - 1, 2):
        found = _with_sample(found, x, n, c, s)
        found = _with_sample(found, x, n + 1, next_c, next_s)
        c, s = _turn(c, s, double_c, double_s)
        next_c, next_s = _turn(next_c, next_s, double_c, double_s)
    if (last - n0) & 1:
        found = _with_sample(found, x, last - 1, c, s)
        c, s = next_c, next_s
    for k in range(_EDGE):
        w = weights[_EDGE + k]
        found = _with_sample(found, x, last + k, c * w, s * w)
        c, s = _turn(c, s, step_c, step_s)
    for k, total in enumerate(found):
        write(total, sums, k)


@kernel
def _rms(
    x: Quads, filled: int, begin: float, length: float, line: float, cycles: int, found: Floats
) -> None:
    """RMS (phases) of the lines around a place in the spectrum of a window, if it is in `x`."""
    first = math.floor(begin)
    fraction = begin - first
    last = math.floor(fraction + length)
    if first < _BEFORE or first + last + _AFTER > filled:
        return
    weights, steps, counted = np.empty(2 * _EDGE), np.empty((2, LANES)), np.empty(LANES)
    cubic_step(fraction, weights)
    cubic_step(fraction + length - last, weights[_EDGE:])
    weights[_EDGE:] = 1.0 - weights[_EDGE:]
    _near(line, length, cycles, steps, counted)
    sums = np.empty((2 * PHASES, LANES))
    _line_sums(
        x, first - _BEFORE, first + last + _AFTER, weights, quad_at(steps, 0), quad_at(steps, 1),
        sums,
    )  # fmt: skip
    for c in range(PHASES):
        power = 0.0
        for k in range(LANES):
            power += counted[k] * (sums[2 * c, k] ** 2 + sums[2 * c + 1, k] ** 2)
        found[c] = math.sqrt(2.0 * power) / length
