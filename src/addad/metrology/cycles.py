"""Frequency, and windows of whole cycles with edges between the samples.

Gapless windows of ten cycles at 50 Hz and twelve at 60 Hz are the basic interval of IEC 61000-4-30.

The frequency is the maximum-likelihood one over the phasors of single cycles, all voltages jointly.
A single cycle is cut out by a rectangle that a cubic B-spline has smoothed, so that it keeps its
nulls at all harmonics although its edges lie between samples.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.kernels import kernel
from addad.metrology.rows import BATCH, Rows, nothing, row_at
from addad.metrology.vectors import add

LANES = 8
"""Channels in a row of the sample store: three voltages, the marks, four currents."""
MARKS = 3
"""The lane that carries what was wrong with a sample."""
CURRENTS = 4
"""The first lane of the currents."""
_AFTER = 3
"""Samples that an edge of a cycle needs from its own whole sample on."""
CYCLES_MAX = 16
"""Single cycles that a frequency is found from, at most."""
_PASSES_MAX = 10
_SETTLED = 5e-5
"""A step to a better frequency after which the error left is below a ten-thousandth of it."""
_COARSE_RAD = 0.8
"""Beyond this phase over the whole window a step of Newton's method may lead astray."""


@kernel
def cubic_step(fraction: float, weights: NDArray[np.float64]) -> None:
    """Weights of the samples floor(edge) - 1 .. floor(edge) + 2 in the cycle that begins there.

    `fraction` is how far the edge lies behind the sample floor(edge), 0 to 1. One minus these
    weights is what the cycle takes that ends there.
    """
    a = fraction
    b = 1.0 - a
    weights[0] = b**4 / 24.0
    weights[1] = (1.0 + 4.0 * b + 6.0 * b * b + 4.0 * b**3 - 3.0 * b**4) / 24.0
    weights[2] = 1.0 - (1.0 + 4.0 * a + 6.0 * a * a + 4.0 * a**3 - 3.0 * a**4) / 24.0
    weights[3] = 1.0 - a**4 / 24.0


@kernel
def _turned_rows(
    x: Rows, n0: int, n1: int, turn: NDArray[np.float32], j0: int, into: NDArray[np.float64]
) -> None:
    """Add the rows n0 .. n1 - 1, turned by the phasors from j0 on, to `into` (2, 8)."""
    for m in range(n0, n1, BATCH):
        re, im, re2, im2 = nothing(), nothing(), nothing(), nothing()
        last = min(m + BATCH, n1)
        for n in range(m, last - 1, 2):
            j = j0 + n - n0
            row, next_row = row_at(x, n), row_at(x, n + 1)
            re += row * turn[0, j]
            im += row * turn[1, j]
            re2 += next_row * turn[0, j + 1]
            im2 += next_row * turn[1, j + 1]
        if (last - m) & 1:
            row, j = row_at(x, last - 1), j0 + last - 1 - n0
            re += row * turn[0, j]
            im += row * turn[1, j]
        add(re + re2, into, 0)
        add(im + im2, into, 1)


@kernel
def fill_turns(period: float, turn: NDArray[np.float32]) -> None:
    """Write cos and -sin of the angles 2 pi n / period, for as many n as `turn` (2, n) holds."""
    omega = 2.0 * math.pi / period
    step, place = complex(math.cos(omega), -math.sin(omega)), complex(1.0, 0.0)
    places = np.empty((2, 8), np.float64)
    for j in range(8):
        places[0, j], places[1, j] = place.real, place.imag
        place *= step
    stride_re, stride_im = place.real, place.imag
    count = turn.shape[1]
    for n in range(0, count, 8):
        for j in range(min(8, count - n)):
            re, im = places[0, j], places[1, j]
            turn[0, n + j], turn[1, n + j] = re, im
            places[0, j] = re * stride_re - im * stride_im
            places[1, j] = re * stride_im + im * stride_re


@kernel
def cycle_phasors(
    x: Rows,
    first: int,
    fraction: float,
    hop: float,
    period: float,
    count: int,
    turn: NDArray[np.float32],
    phasors: NDArray[np.complex128],
) -> None:
    """Fundamental of `count` single cycles, each `hop` samples after the one before.

    The first begins `fraction` of a sample behind sample `first` of `x` (samples, lanes); `phasors`
    (count, lanes) are sums over the period [V times samples], all turned back to that begin.
    """
    omega = 2.0 * math.pi / period
    fill_turns(period, turn[:, : int(period) + 8])
    before = np.empty(4, np.float64)
    after = np.empty(4, np.float64)
    parts = np.empty((2, LANES), np.float64)
    for k in range(count):
        begin = fraction + k * hop
        a = math.floor(begin)
        cubic_step(begin - a, before)
        b = math.floor(begin + period)
        cubic_step(begin + period - b, after)
        n = first + a - 1
        parts[:] = 0.0
        inner = b - a - 4
        _turned_rows(x, n + 4, n + 4 + inner, turn, 4, parts)
        for c in range(LANES):
            re, im = parts[0, c], parts[1, c]
            for e in range(4):
                head = before[e] * x[n + e, c]
                tail = (1.0 - after[e]) * x[n + 4 + inner + e, c]
                re += head * turn[0, e] + tail * turn[0, 4 + inner + e]
                im += head * turn[1, e] + tail * turn[1, 4 + inner + e]
            parts[0, c] = re
            parts[1, c] = im
        angle = omega * (a - 1 - fraction)
        back = complex(math.cos(angle), -math.sin(angle))
        for c in range(LANES):
            phasors[k, c] = complex(parts[0, c], parts[1, c]) * back


@kernel
def phase_advance(
    phasors: NDArray[np.complex128], count: int, low: int, high: int
) -> tuple[float, float]:
    """Phase that the lanes low .. high - 1 gain jointly from one phasor to the next [rad].

    Far off, the argument of the lag-one sum; near, the step of Newton's method to the maximum of
    the likelihood. The second value is the coherence: 1 for a steady sine, 1 / count for noise.
    """
    lag = complex(0.0, 0.0)
    power = together = slope = bend = 0.0
    for c in range(low, high):
        s0 = s1 = s2 = complex(0.0, 0.0)
        for k in range(count):
            z = phasors[k, c]
            place = k - 0.5 * (count - 1)
            power += z.real**2 + z.imag**2
            s0 += z
            s1 += place * z
            s2 += place * place * z
            if k:
                lag += z * phasors[k - 1, c].conjugate()
        together += s0.real**2 + s0.imag**2
        slope += (s0.conjugate() * s1).imag
        bend += (s0.conjugate() * s2).real - s1.real**2 - s1.imag**2
    if power <= 0.0:
        return 0.0, 0.0
    coarse = math.atan2(lag.imag, lag.real)
    if abs(coarse) * count > _COARSE_RAD or bend <= 0.0:
        return coarse, (lag.real**2 + lag.imag**2) ** 0.5 / power * count / (count - 1)
    return slope / bend, together / (count * power)


@kernel
def track(
    x: Rows,
    available: int,
    first: int,
    fraction: float,
    cycles: int,
    span: float,
    rate: float,
    bounds: tuple[float, float, float],
    lanes: tuple[int, int],
    turn: NDArray[np.float32],
    phasors: NDArray[np.complex128],
) -> tuple[int, float, float]:
    """Frequency over the `cycles` cycles from an edge on, or over `span` samples if that is not 0.

    `bounds` is (lowest, guess, highest) [Hz]. Gives (samples that must be there, frequency [Hz],
    coherence); when the first is more than `available`, the others mean nothing yet.
    """
    lowest, f, highest = bounds
    coherence = 0.0
    need = 0
    for _ in range(_PASSES_MAX):
        period = rate / f
        hop, count, end = period, cycles, fraction + cycles * period
        if span > 0.0:
            count = min(max(int(span / period), 2), CYCLES_MAX)
            hop = (span - period) / (count - 1)
            end = fraction + span
        need = first + math.floor(end) + _AFTER
        if need > available:
            break
        cycle_phasors(x, first, fraction, hop, period, count, turn, phasors)
        advance, coherence = phase_advance(phasors, count, lanes[0], lanes[1])
        better = f + advance * rate / (2.0 * math.pi * hop)
        if not better > lowest:
            better = lowest
        elif better > highest:
            better = highest
        step = abs(better - f)
        f = better
        if step <= _SETTLED * f:
            break
    return need, f, coherence
