"""Harmonic subgroups to order 50, phasors of the fundamental, THD.

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

ORDERS_MAX = 50
_HALF = CELLS // 2
_QUARTER = CELLS // 4

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]


def fold_turns(cycles: int) -> Rows:
    """cos and sin (2, cells) of one line's angle over the grid of a window of `cycles` cycles."""
    angle = 2.0 * math.pi * np.arange(cycles * CELLS) / (cycles * CELLS)
    return np.asarray([np.cos(angle), np.sin(angle)], np.float32)


def order_turns() -> Rows:
    """cos and sin (orders + 1, 2, quarter + 1) of each order's angle over a quarter of a cycle."""
    angle = 2.0 * math.pi * np.outer(np.arange(ORDERS_MAX + 1), np.arange(_QUARTER + 1)) / CELLS
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.float32)


def work_rows() -> tuple[Rows, Rows]:
    """Room for a folded cycle and its parts, which `subgroups` works in."""
    cycle = np.zeros((CELLS, LANES), np.float32)
    return cycle, np.zeros((3, 4, _QUARTER + 1, LANES), np.float32)


def line_gains(cycles: int) -> Floats:
    """Factors (3, orders + 1) from grid sums over `cycles` cycles to RMS, for a line below, on and
    above each order, a sum over one sample per cell taken as unit.
    """
    orders = np.arange(ORDERS_MAX + 1)
    lines = np.array([orders - 1.0 / cycles, orders, orders + 1.0 / cycles])
    gains = math.sqrt(2.0) / kernel_gain(np.abs(lines))
    gains[1, 0] /= math.sqrt(2.0)
    return np.asarray(gains)


@kernel
def _fold_straight(grid: Rows, cycles: int, folded: Rows) -> None:
    """Fold the grid onto one cycle (cells, lanes)."""
    for g in range(CELLS):
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = np.float32(0.0)
        for n in range(MARGIN + g, MARGIN + g + cycles * CELLS, CELLS):
            a0 += grid[n, 0]
            a1 += grid[n, 1]
            a2 += grid[n, 2]
            a3 += grid[n, 3]
            a4 += grid[n, 4]
            a5 += grid[n, 5]
            a6 += grid[n, 6]
            a7 += grid[n, 7]
        folded[g, 0], folded[g, 1], folded[g, 2], folded[g, 3] = a0, a1, a2, a3
        folded[g, 4], folded[g, 5], folded[g, 6], folded[g, 7] = a4, a5, a6, a7


@kernel
def _fold_turned(grid: Rows, cycles: int, turn: Rows, folded: Rows) -> None:
    """Fold the grid, times the factors `turn` (cells), onto one cycle (cells, lanes)."""
    for g in range(CELLS):
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = np.float32(0.0)
        for q in range(g, g + cycles * CELLS, CELLS):
            n = MARGIN + q
            w = turn[q]
            a0 += grid[n, 0] * w
            a1 += grid[n, 1] * w
            a2 += grid[n, 2] * w
            a3 += grid[n, 3] * w
            a4 += grid[n, 4] * w
            a5 += grid[n, 5] * w
            a6 += grid[n, 6] * w
            a7 += grid[n, 7] * w
        folded[g, 0], folded[g, 1], folded[g, 2], folded[g, 3] = a0, a1, a2, a3
        folded[g, 4], folded[g, 5], folded[g, 6], folded[g, 7] = a4, a5, a6, a7


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
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = np.float32(0.0)
    b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = np.float32(0.0)
    for g in range(_QUARTER + 1):
        w, v = turns[0, g], turns[1, g]
        a0 += even[g, 0] * w
        a1 += even[g, 1] * w
        a2 += even[g, 2] * w
        a3 += even[g, 3] * w
        a4 += even[g, 4] * w
        a5 += even[g, 5] * w
        a6 += even[g, 6] * w
        a7 += even[g, 7] * w
        b0 += odd[g, 0] * v
        b1 += odd[g, 1] * v
        b2 += odd[g, 2] * v
        b3 += odd[g, 3] * v
        b4 += odd[g, 4] * v
        b5 += odd[g, 5] * v
        b6 += odd[g, 6] * v
        b7 += odd[g, 7] * v
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = a0, a1, a2, a3
    out[0, 4], out[0, 5], out[0, 6], out[0, 7] = a4, a5, a6, a7
    out[1, 0], out[1, 1], out[1, 2], out[1, 3] = b0, b1, b2, b3
    out[1, 4], out[1, 5], out[1, 6], out[1, 7] = b4, b5, b6, b7


@kernel
def subgroups(
    grid: Rows,
    cycles: int,
    scale: float,
    highest: int,
    beside: bool,
    tables: tuple[Rows, Rows, Floats],
    work: tuple[Rows, Rows],
    rms: Floats,
    fundamental: NDArray[np.complex128],
) -> None:
    """RMS of each order's subgroup (lanes, orders + 1) and the fundamental's RMS phasors (lanes).

    Order 0 is the mean's magnitude. `scale` is one over the samples in the window; without `beside`
    only the line on each harmonic counts. `tables` are fold_turns, order_turns and line_gains;
    `work` has room for a cycle and for three times four parts of it.
    """
    turns, orders, gains = tables
    cycle, parts = work
    _fold_straight(grid, cycles, cycle)
    _mirror(cycle, parts[0])
    if beside:
        for k in range(2):
            _fold_turned(grid, cycles, turns[k], cycle)
            _mirror(cycle, parts[1 + k])
    out = np.zeros((3, 2, LANES), np.float32)
    for h in range(highest + 1):
        odd = h & 1
        for part in range(3 if beside else 1):
            _sums(parts[part, odd], parts[part, 2 + odd], orders[h], out[part])
        below, on, above = gains[0, h] * scale, gains[1, h] * scale, gains[2, h] * scale
        if h == 1:
            for c in range(LANES):
                fundamental[c] = complex(out[0, 0, c] * on, -out[0, 1, c] * on)
        if h == 0 or not beside:
            below = above = 0.0
        for c in range(LANES):
            re, im = out[0, 0, c] * on, out[0, 1, c] * on
            # the line above turns on by one line, the one below is the mirror image of such a one
            up, up_im = (out[1, 0, c] - out[2, 1, c]) * above, (out[1, 1, c] + out[2, 0, c]) * above
            low, low_im = (
                (out[1, 0, c] + out[2, 1, c]) * below,
                (out[1, 1, c] - out[2, 0, c]) * below,
            )
            power = re * re + im * im + up * up + up_im * up_im + low * low + low_im * low_im
            rms[c, h] = math.sqrt(power)


@kernel
def total_harmonic_distortion(rms: Floats, highest: int) -> float:
    """THD as a ratio: orders 2 to `highest` over order 1 of `rms` (orders + 1); NaN without it."""
    power = 0.0
    for h in range(2, highest + 1):
        power += rms[h] * rms[h]
    if rms[1] > 0.0:
        return math.sqrt(power) / float(rms[1])
    return math.nan
