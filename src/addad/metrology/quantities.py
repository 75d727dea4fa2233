"""RMS, active, reactive and apparent power, power factor.

Names and equations are those of IEEE 1459; the sign of Q is that of IEC 62053: an import of
inductive reactive energy is positive. Powers follow the load's arrow: import is positive.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS, LANES
from addad.metrology.edges import AFTER, BEFORE, TAPS, edge_weights
from addad.metrology.kernels import kernel
from addad.metrology.rows import BATCH, Rows, add, nothing, plus, plus_squares

PHASES = 3

Floats = NDArray[np.float64]


@kernel
def _add_squares(x: Rows, n0: int, n1: int, sums: Floats) -> None:
    """Add squares, values and products u i of the rows n0 .. n1 - 1 to `sums` (3, lanes)."""
    for m in range(n0, n1, BATCH):
        squares, values = nothing(), nothing()
        p1 = p2 = p3 = np.float32(0.0)
        for n in range(m, min(m + BATCH, n1)):
            squares = plus_squares(squares, x, n)
            values = plus(values, x, n)
            p1 += x[n, 0] * x[n, 4]
            p2 += x[n, 1] * x[n, 5]
            p3 += x[n, 2] * x[n, 6]
        add(squares, sums, 0)
        add(values, sums, 1)
        sums[2, 0] += p1
        sums[2, 1] += p2
        sums[2, 2] += p3


@kernel
def _add_edge(x: Rows, first: int, weights: Floats, sign: float, sums: Floats) -> None:
    for e in range(TAPS):
        w = sign * weights[e]
        for c in range(LANES):
            v = float(x[first + e, c])
            sums[0, c] += w * v * v
            sums[1, c] += w * v
        for c in range(CURRENTS):
            sums[2, c] += w * float(x[first + e, c]) * float(x[first + e, CURRENTS + c])


@kernel
def window_means(
    x: Rows,
    first: int,
    fraction: float,
    length: float,
    whole: bool,
    edges: Floats,
    means: Floats,
) -> None:
    """Mean square, mean and mean product u i over a window: `means` (3, lanes) [V², V, W].

    The window begins `fraction` behind the sample `first` and is `length` samples long; with
    `whole` it is the samples first .. first + length - 1, each at full weight. `edges` is the edge
    table.
    """
    means[:] = 0.0
    if whole:
        _add_squares(x, first, first + int(length), means)
    else:
        weights = np.empty(TAPS, np.float64)
        edge_weights(fraction, edges, weights)
        _add_edge(x, first - BEFORE, weights, 1.0, means)
        end = fraction + length
        last = math.floor(end)
        _add_squares(x, first + AFTER, first + last + AFTER, means)
        edge_weights(end - last, edges, weights)
        _add_edge(x, first + last - BEFORE, weights, -1.0, means)
    means /= length


@kernel
def reactive_power(u1: complex, i1: complex) -> float:
    """Q of the fundamental [var] from RMS phasors: positive where the current lags the voltage."""
    return float((u1 * i1.conjugate()).imag)


@kernel
def power_factor(p: float, s: float) -> float:
    """P / S with the sign of P, within -1 and 1; NaN where there is no apparent power."""
    if s > 0.0:
        return min(max(p / s, -1.0), 1.0)
    return math.nan


@kernel
def powers(
    means: Floats,
    fundamental: NDArray[np.complex128],
    present: NDArray[np.bool_],
    sines: bool,
    phases: Floats,
    totals: Floats,
) -> None:
    """P, Q, S and PF of each phase (4, 3) and in total (4) [W, var, VA, 1].

    A phase without voltage or current channel is NaN and no part of the totals; without `sines`
    there is no Q. The totals of P and Q are vector sums, that of S is the arithmetic one.
    """
    totals[:] = math.nan
    for c in range(PHASES):
        if not (present[c] and present[CURRENTS + c]):
            phases[:, c] = math.nan
            continue
        phases[0, c] = means[2, c]
        phases[1, c] = math.nan
        if sines:
            phases[1, c] = reactive_power(fundamental[c], fundamental[CURRENTS + c])
        phases[2, c] = math.sqrt(max(means[0, c] * means[0, CURRENTS + c], 0.0))
        phases[3, c] = power_factor(phases[0, c], phases[2, c])
        for k in range(3):
            totals[k] = phases[k, c] if math.isnan(totals[k]) else totals[k] + phases[k, c]
    totals[3] = power_factor(totals[0], totals[2])


@kernel
def angles_to_reference(
    fundamental: NDArray[np.complex128], present: NDArray[np.bool_], angles: Floats
) -> None:
    """Phase angles (lanes) [rad], -pi to pi, against the voltage of L1, or the first that lives."""
    reference = complex(1.0, 0.0)
    for c in range(PHASES):
        if present[c] and abs(fundamental[c]) > 0.0:
            reference = fundamental[c].conjugate()
            break
    for c in range(LANES):
        angles[c] = math.nan
        if present[c]:
            turned = fundamental[c] * reference
            angles[c] = math.atan2(turned.imag, turned.real)
