"""RMS, peak, active, reactive and apparent power, power factor.

Names and equations are those of IEEE 1459; the sign of Q is that of IEC 62053: an import of
inductive reactive energy is positive. Powers follow the load's arrow: import is positive.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS, LANES
from addad.metrology.edges import AFTER, BEFORE, TAPS, edge_weights
from addad.metrology.kernels import kernel
from addad.metrology.rows import BATCH, Rows, currents_first, next_phase, nothing, row_at
from addad.metrology.vectors import add, larger

PHASES = 3

Floats = NDArray[np.float64]


@kernel
def _add_squares(x: Rows, n0: int, n1: int, sums: Floats) -> None:
    """Add what `window_means` sums up over the rows n0 .. n1 - 1 to `sums` (4, lanes)."""
    for m in range(n0, n1, BATCH):
        squares, values, products, lines = nothing(), nothing(), nothing(), nothing()
        squares2, values2, products2, lines2 = nothing(), nothing(), nothing(), nothing()
        neutral = neutral2 = np.float32(0.0)
        last = min(m + BATCH, n1)
        for n in range(m, last, 2):
            row = row_at(x, n)
            line = row - next_phase(row)
            squares += row * row
            values += row
            products += row * currents_first(row)
            lines += line * line
            current = x[n, CURRENTS] + x[n, CURRENTS + 1] + x[n, CURRENTS + 2]
            neutral += current * current
            k = n + 1
            if k < last:
                row = row_at(x, k)
                line = row - next_phase(row)
                squares2 += row * row
                values2 += row
                products2 += row * currents_first(row)
                lines2 += line * line
                current = x[k, CURRENTS] + x[k, CURRENTS + 1] + x[k, CURRENTS + 2]
                neutral2 += current * current
        add(squares + squares2, sums, 0)
        add(values + values2, sums, 1)
        add(products + products2, sums, 2)
        add(lines + lines2, sums, 3)
        sums[3, PHASES] += neutral + neutral2


@kernel
def window_peaks(x: Rows, n0: int, n1: int, peaks: Floats) -> None:
    """The largest magnitude (lanes) of the rows n0 .. n1 - 1."""
    highest = nothing()
    for n in range(n0, n1):
        highest = larger(highest, row_at(x, n))
    peaks[:] = 0.0
    add(highest, peaks.reshape(1, LANES), 0)


@kernel
def _add_edge(x: Rows, first: int, weights: Floats, sign: float, sums: Floats) -> None:
    for e in range(TAPS):
        w = sign * weights[e]
        for c in range(LANES):
            v = float(x[first + e, c])
            sums[0, c] += w * v * v
            sums[1, c] += w * v
        neutral = 0.0
        for c in range(PHASES):
            v, i = float(x[first + e, c]), float(x[first + e, CURRENTS + c])
            line = v - float(x[first + e, (c + 1) % PHASES])
            neutral += i
            sums[2, c] += w * v * i
            sums[3, c] += w * line * line
        sums[3, PHASES] += w * neutral * neutral


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
    """Mean squares, means and mean products over a window: `means` (4, lanes) [V², A², V, A, W].

    IEEE 1459: U² = Σ w u² / Σ w, P = Σ w u i / Σ w, with the weights w of the window's edges.

    The rows are the squares, the values, u i of L1 to L3, and the squares of u1 - u2, u2 - u3,
    u3 - u1 and i1 + i2 + i3; what else stands in the last two means nothing.

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
    """IEEE 1459: Q1 = Im(U1 I1*) [var] of RMS phasors; positive where the current lags."""
    return float((u1 * i1.conjugate()).imag)


@kernel
def active_power(u1: complex, i1: complex) -> float:
    """IEEE 1459: P1 = Re(U1 I1*) [W] of RMS phasors."""
    return float((u1 * i1.conjugate()).real)


@kernel
def power_factor(p: float, s: float) -> float:
    """IEEE 1459: PF = P / S, with the sign of P, within -1 and 1; NaN without apparent power."""
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
    """IEEE 1459: P, Q1, S = U I and PF of each phase (4, 3) and in total (4) [W, var, VA, 1].

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
def line_values(means: Floats, present: NDArray[np.bool_], lines: Floats) -> None:
    """RMS of the voltages from line to line U12, U23, U31 [V] and of the neutral's current [A].

    The neutral is the one calculated, i1 + i2 + i3. What has not all its channels is NaN.
    """
    for c in range(PHASES):
        both = present[c] and present[(c + 1) % PHASES]
        lines[c] = math.sqrt(max(means[3, c], 0.0)) if both else math.nan
    every = present[CURRENTS] and present[CURRENTS + 1] and present[CURRENTS + 2]
    lines[PHASES] = math.sqrt(max(means[3, PHASES], 0.0)) if every else math.nan


@kernel
def reference_turn(
    fundamental: NDArray[np.complex128], present: NDArray[np.bool_], missing: int
) -> complex:
    """What turns a phasor so that the reference's fundamental has the angle 0: of magnitude 1.

    The reference is the voltage of L1; where it is missing, by bit 0 of `missing`, the next one
    that lives; without any voltage, the first current.
    """
    for c in range(LANES):
        if c < PHASES and (missing >> c) & 1:
            continue
        size = abs(fundamental[c])
        if present[c] and size > 0.0:
            return complex(fundamental[c].conjugate() / size)
    return complex(1.0, 0.0)


@kernel
def turn_orders(phasors: NDArray[np.complex128], highest: int, turn: complex) -> None:
    """Turn the phasors (lanes, orders) of order h by `turn` to the power of h.

    They come as those of cosines at the window's begin and go as those of sines at the positive
    zero of the reference's fundamental: x(t) = sqrt(2) sum X_h sin(h w t + angle of X_h).
    """
    quarter = complex(0.0, 1.0)
    sine = turn / quarter
    step = quarter
    for h in range(1, highest + 1):
        step *= sine
        for c in range(LANES):
            phasors[c, h] *= step
