"""RMS, active, reactive and apparent power, power factor.

Names and equations are those of IEEE 1459; the sign of Q is that of IEC 62053: an import of
inductive reactive energy is positive. Powers follow the load's arrow: import is positive.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS, LANES
from addad.metrology.edges import AFTER, BEFORE, TAPS, edge_weights

PHASES = 3

Floats = NDArray[np.float64]


@njit(cache=True, fastmath=True, error_model="numpy")
def _add_squares(x: NDArray[np.float32], n0: int, n1: int, sums: Floats) -> None:
    """Add squares, products u i and values of the rows n0 .. n1 - 1 to `sums` (3, lanes)."""
    while n0 < n1:
        stop = min(n0 + 64, n1)
        q0 = q1 = q2 = q3 = q4 = q5 = q6 = q7 = np.float32(0.0)
        m0 = m1 = m2 = m3 = m4 = m5 = m6 = m7 = np.float32(0.0)
        p0 = p1 = p2 = p3 = np.float32(0.0)
        for n in range(n0, stop):
            q0 += x[n, 0] * x[n, 0]
            q1 += x[n, 1] * x[n, 1]
            q2 += x[n, 2] * x[n, 2]
            q3 += x[n, 3] * x[n, 3]
            q4 += x[n, 4] * x[n, 4]
            q5 += x[n, 5] * x[n, 5]
            q6 += x[n, 6] * x[n, 6]
            q7 += x[n, 7] * x[n, 7]
            m0 += x[n, 0]
            m1 += x[n, 1]
            m2 += x[n, 2]
            m3 += x[n, 3]
            m4 += x[n, 4]
            m5 += x[n, 5]
            m6 += x[n, 6]
            m7 += x[n, 7]
            p0 += x[n, 0] * x[n, 4]
            p1 += x[n, 1] * x[n, 5]
            p2 += x[n, 2] * x[n, 6]
            p3 += x[n, 3] * x[n, 7]
        sums[0, 0] += q0
        sums[0, 1] += q1
        sums[0, 2] += q2
        sums[0, 3] += q3
        sums[0, 4] += q4
        sums[0, 5] += q5
        sums[0, 6] += q6
        sums[0, 7] += q7
        sums[1, 0] += m0
        sums[1, 1] += m1
        sums[1, 2] += m2
        sums[1, 3] += m3
        sums[1, 4] += m4
        sums[1, 5] += m5
        sums[1, 6] += m6
        sums[1, 7] += m7
        sums[2, 0] += p0
        sums[2, 1] += p1
        sums[2, 2] += p2
        sums[2, 3] += p3
        n0 = stop


@njit(cache=True)
def _add_edge(
    x: NDArray[np.float32], first: int, weights: Floats, sign: float, sums: Floats
) -> None:
    for e in range(TAPS):
        w = sign * weights[e]
        for c in range(LANES):
            v = float(x[first + e, c])
            sums[0, c] += w * v * v
            sums[1, c] += w * v
        for c in range(CURRENTS):
            sums[2, c] += w * float(x[first + e, c]) * float(x[first + e, CURRENTS + c])


@njit(cache=True)
def window_means(
    x: NDArray[np.float32],
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


def apparent_power(u_rms: Floats, i_rms: Floats) -> Floats:
    """S = U I [VA] of each phase; `u_rms` [V] and `i_rms` [A] end in the phases."""
    return u_rms * i_rms


def reactive_power(u1: NDArray[np.complex128], i1: NDArray[np.complex128]) -> Floats:
    """Q of the fundamental [var] from RMS phasors: positive where the current lags the voltage."""
    return np.asarray((u1 * i1.conj()).imag)


def power_factor(p: Floats, s: Floats) -> Floats:
    """P / S with the sign of P, within -1 and 1; NaN where there is no apparent power."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(p / np.where(s > 0.0, s, np.nan), -1.0, 1.0)


def phase_total(values: Floats) -> Floats:
    """Sum over the phases (last axis) that are measured; NaN where none is.

    For P and Q it is the vector sum, for S the arithmetic one.
    """
    missing = np.isnan(values)
    total = np.where(missing, 0.0, values).sum(axis=-1)
    return np.asarray(np.where(missing.all(axis=-1), np.nan, total))


def angles_to_reference(
    u1: NDArray[np.complex128], i1: NDArray[np.complex128]
) -> tuple[Floats, Floats]:
    """Phase angles [rad], -pi to pi, against the voltage of L1, or of the first phase that has any.

    `u1` (..., 3) and `i1` (..., currents) are phasors of the fundamental.
    """
    live = np.abs(u1) > 0.0
    index = np.argmax(live, axis=-1)[..., None]
    reference = np.take_along_axis(u1, index, axis=-1)
    reference = np.where(np.abs(reference) > 0.0, reference, 1.0).conj()
    return np.angle(u1 * reference), np.angle(i1 * reference)
