"""Harmonic subgroups and phasors to order 50, THD.

Subgroups (a harmonic's line and the line on either side of it, over ten or twelve cycles) and the
distortion over them are those of IEC 61000-4-7 and IEC 61000-4-30.

The grid of a window is folded onto a single cycle three times: as it is, for the lines on the
harmonics, and turned by one line, for those beside them. What is left is a transform of one cycle.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import LANES
from addad.metrology.kernels import kernel
from addad.metrology.resampling import CELLS, MARGIN, kernel_gain
from addad.metrology.rows import Rows, nothing, plus, plus_times, write

ORDERS_MAX = 50
_HALF = CELLS // 2
_QUARTER = CELLS // 4

Floats = NDArray[np.float64]


def fold_turns(cycles: int) -> Rows:
    """cos and sin (2, cells) of one line's angle over the grid of a window of `cycles` cycles."""
    angle = 2.0 * math.pi * np.arange(cycles * CELLS) / (cycles * CELLS)
    return np.asarray([np.cos(angle), np.sin(angle)], np.float32)


def order_turns() -> Rows:
    """cos and sin (orders + 1, 2, quarter + 1) of each order's angle over a quarter of a cycle."""
    angle = 2.0 * math.pi * np.outer(np.arange(ORDERS_MAX + 1), np.arange(_QUARTER + 1)) / CELLS
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.float32)


def work_rows() -> tuple[Rows, Rows, Floats]:
    """Room for what `subgroups` works in: folded cycles, their parts, the orders' powers."""
    folded = np.zeros((3, CELLS, LANES), np.float32)
    parts = np.zeros((3, 4, _QUARTER + 1, LANES), np.float32)
    return folded, parts, np.zeros((ORDERS_MAX + 1, LANES))


def line_gains(cycles: int) -> Floats:
    """Factors (3, orders + 1) from grid sums over `cycles` cycles to RMS, for a line below, on and
    above each order, a sum over one sample per cell taken as unit; order 0 has no lines beside it.
    """
    orders = np.arange(ORDERS_MAX + 1)
    lines = np.array([orders - 1.0 / cycles, orders, orders + 1.0 / cycles])
    gains = math.sqrt(2.0) / kernel_gain(np.abs(lines))
    gains[:, 0] = 0.0, gains[1, 0] / math.sqrt(2.0), 0.0
    return np.asarray(gains)


@kernel
def _fold(grid: Rows, cycles: int, folded: Rows) -> None:
    """Fold the grid onto one cycle (cells, lanes)."""
    for g in range(CELLS):
        straight = nothing()
        for n in range(g, g + cycles * CELLS, CELLS):
            straight = plus(straight, grid, MARGIN + n)
        write(straight, folded, g)


@kernel
def _fold_turned(grid: Rows, cycles: int, turns: Rows, folded: Rows) -> None:
    """Fold the grid onto one cycle: `folded` (3, cells, lanes) straight, times cos, times sin."""
    for g in range(CELLS):
        straight, cosine, sine = nothing(), nothing(), nothing()
        for n in range(g, g + cycles * CELLS, CELLS):
            straight = plus(straight, grid, MARGIN + n)
            cosine = plus_times(cosine, grid, MARGIN + n, turns[0, n])
            sine = plus_times(sine, grid, MARGIN + n, turns[1, n])
        write(straight, folded[0], g)
        write(cosine, folded[1], g)
        write(sine, folded[2], g)


@kernel
def _mirror(cycle: Rows, parts: Rows) -> None:
    """Split a cycle (cells, lanes) by its symmetries into `parts` (4, quarter + 1, lanes).

    What meets the cosines of the even orders, the cosines of the odd ones, the sines of the even
    ones and the sines of the odd ones: a quarter of a cycle is left of each.
    """
    for c in range(LANES):
        first, middle = cycle[0, c], cycle[_HALF, c]
        parts[0, 0, c] = first + middle
        parts[1, 0, c] = first - middle
        parts[2, 0, c] = parts[3, 0, c] = 0.0
        near, far = cycle[_QUARTER, c], cycle[_HALF + _QUARTER, c]
        parts[0, _QUARTER, c] = near + far
        parts[3, _QUARTER, c] = near - far
        parts[1, _QUARTER, c] = parts[2, _QUARTER, c] = 0.0
    for g in range(1, _QUARTER):
        for c in range(LANES):
            a, b = cycle[g, c], cycle[CELLS - g, c]
            d, e = cycle[_HALF - g, c], cycle[_HALF + g, c]
            parts[0, g, c] = (a + b) + (d + e)
            parts[1, g, c] = (a + b) - (d + e)
            parts[2, g, c] = (a - b) - (d - e)
            parts[3, g, c] = (a - b) + (d - e)


@kernel
def _sums(even: Rows, odd: Rows, turns: Rows, out: Rows) -> None:
    """Sums (2, lanes) of the rows of `even` times cos and of `odd` times sin of `turns` (2, n)."""
    cosine, sine = nothing(), nothing()
    for g in range(_QUARTER + 1):
        cosine = plus_times(cosine, even, g, turns[0, g])
        sine = plus_times(sine, odd, g, turns[1, g])
    write(cosine, out, 0)
    write(sine, out, 1)


@kernel
def _power_of_lines(lines: Rows, gains: Floats, power: Floats) -> None:
    """Squares (lanes) of a harmonic's line and of the two beside it, from their sums (3, 2, lanes).

    The line above turns on by one line; the one below is the mirror image of such a one.
    """
    below, on, above = gains[0] * gains[0], gains[1] * gains[1], gains[2] * gains[2]
    for c in range(LANES):
        re, im = lines[0, 0, c], lines[0, 1, c]
        up, up_im = lines[1, 0, c] - lines[2, 1, c], lines[1, 1, c] + lines[2, 0, c]
        low, low_im = lines[1, 0, c] + lines[2, 1, c], lines[1, 1, c] - lines[2, 0, c]
        sides = (up * up + up_im * up_im) * above + (low * low + low_im * low_im) * below
        power[c] = (re * re + im * im) * on + sides


@kernel
def subgroups(
    grid: Rows,
    cycles: int,
    scale: float,
    highest: int,
    beside: bool,
    tables: tuple[Rows, Rows, Floats],
    work: tuple[Rows, Rows, Floats],
    rms: Floats,
    phasors: NDArray[np.complex128],
) -> None:
    """RMS of each order's subgroup, and RMS phasors of each order's own line (lanes, orders + 1).

    Order 0 is the mean, as a magnitude and with its sign; the phasors are those of cosines at the
    grid's begin. `scale` is one over the samples in the window; without `beside` only the line on
    each harmonic counts. `tables` are fold_turns, order_turns and line_gains; `work` is
    `work_rows`.
    """
    turns, orders, gains = tables
    folded, parts, power = work
    if beside:
        _fold_turned(grid, cycles, turns, folded)
    else:
        _fold(grid, cycles, folded[0])
    kinds = 3 if beside else 1
    for k in range(kinds):
        _mirror(folded[k], parts[k])
    lines = np.zeros((3, 2, LANES), np.float32)
    for h in range(highest + 1):
        odd = h & 1
        for k in range(kinds if h else 1):
            _sums(parts[k, odd], parts[k, 2 + odd], orders[h], lines[k])
        on = gains[1, h] * scale
        for c in range(LANES):
            phasors[c, h] = complex(lines[0, 0, c] * on, -lines[0, 1, c] * on)
        _power_of_lines(lines, gains[:, h], power[h])
    for c in range(LANES):
        for h in range(highest + 1):
            rms[c, h] = math.sqrt(power[h, c]) * scale


@kernel
def total_harmonic_distortion(rms: Floats, highest: int) -> float:
    """THD as a ratio: orders 2 to `highest` over order 1 of `rms` (orders + 1); NaN without it."""
    power = 0.0
    for h in range(2, highest + 1):
        power += rms[h] * rms[h]
    if rms[1] > 0.0:
        return math.sqrt(power) / float(rms[1])
    return math.nan
