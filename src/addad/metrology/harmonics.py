"""Harmonic subgroups to order 50, phasors of the fundamental, THD.

Subgroups (a harmonic's line and the line on either side of it, over ten or twelve cycles) and the
distortion over them are those of IEC 61000-4-7 and IEC 61000-4-30.

The grid of a window is folded onto a single cycle three times: as it is, for the lines on the
harmonics, and turned by one line, for those beside them. What is left is a transform of one cycle.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from addad.metrology.cycles import LANES
from addad.metrology.resampling import CELLS, MARGIN, kernel_gain

ORDERS_MAX = 50
_HALF = CELLS // 2

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]


def fold_turns(cycles: int) -> Rows:
    """cos and sin (2, cells) of one line's angle over the grid of a window of `cycles` cycles."""
    angle = 2.0 * math.pi * np.arange(cycles * CELLS) / (cycles * CELLS)
    return np.asarray([np.cos(angle), np.sin(angle)], np.float32)


def order_turns() -> Rows:
    """cos and sin (2, orders + 1, half a cycle + 1) of each order's angle over the cells."""
    angle = 2.0 * math.pi * np.outer(np.arange(ORDERS_MAX + 1), np.arange(_HALF + 1)) / CELLS
    return np.asarray([np.cos(angle), np.sin(angle)], np.float32)


def line_gains(cycles: int) -> Floats:
    """Factors (3, orders + 1) from grid sums over `cycles` cycles to RMS, for a line below, on and
    above each order, a sum over one sample per cell taken as unit.
    """
    orders = np.arange(ORDERS_MAX + 1)
    lines = np.array([orders - 1.0 / cycles, orders, orders + 1.0 / cycles])
    gains = math.sqrt(2.0) / kernel_gain(np.abs(lines))
    gains[1, 0] /= math.sqrt(2.0)
    return np.asarray(gains)


@njit(cache=True, fastmath=True, error_model="numpy")
def _fold(grid: Rows, cycles: int, turns: Rows, beside: bool, folded: Rows) -> None:
    """Fold the grid onto one cycle: `folded` (3, cells, lanes), straight, times cos, times sin."""
    for g in range(CELLS):
        for c in range(LANES):
            folded[0, g, c] = grid[MARGIN + g, c]
        for q in range(1, cycles):
            for c in range(LANES):
                folded[0, g, c] += grid[MARGIN + q * CELLS + g, c]
        if beside:
            for c in range(LANES):
                folded[1, g, c] = grid[MARGIN + g, c] * turns[0, g]
                folded[2, g, c] = grid[MARGIN + g, c] * turns[1, g]
            for q in range(1, cycles):
                w, v = turns[0, q * CELLS + g], turns[1, q * CELLS + g]
                for c in range(LANES):
                    folded[1, g, c] += grid[MARGIN + q * CELLS + g, c] * w
                    folded[2, g, c] += grid[MARGIN + q * CELLS + g, c] * v


@njit(cache=True, fastmath=True, error_model="numpy")
def _mirror(folded: Rows) -> None:
    """Replace one folded cycle (cells, lanes) by its even part, and its odd part behind that."""
    for g in range(1, _HALF):
        for c in range(LANES):
            a = folded[g, c]
            b = folded[CELLS - g, c]
            folded[g, c] = a + b
            folded[CELLS - g, c] = a - b


@njit(cache=True, fastmath=True, error_model="numpy")
def _sums(folded: Rows, h: int, orders: Rows, out: Rows) -> None:
    """Cosine and sine sums (2, lanes) of a mirrored cycle at order h."""
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = np.float32(0.0)
    b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = np.float32(0.0)
    for g in range(_HALF + 1):
        w = orders[0, h, g]
        a0 += folded[g, 0] * w
        a1 += folded[g, 1] * w
        a2 += folded[g, 2] * w
        a3 += folded[g, 3] * w
        a4 += folded[g, 4] * w
        a5 += folded[g, 5] * w
        a6 += folded[g, 6] * w
        a7 += folded[g, 7] * w
    for g in range(1, _HALF):
        w = orders[1, h, g]
        b0 += folded[CELLS - g, 0] * w
        b1 += folded[CELLS - g, 1] * w
        b2 += folded[CELLS - g, 2] * w
        b3 += folded[CELLS - g, 3] * w
        b4 += folded[CELLS - g, 4] * w
        b5 += folded[CELLS - g, 5] * w
        b6 += folded[CELLS - g, 6] * w
        b7 += folded[CELLS - g, 7] * w
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = a0, a1, a2, a3
    out[0, 4], out[0, 5], out[0, 6], out[0, 7] = a4, a5, a6, a7
    out[1, 0], out[1, 1], out[1, 2], out[1, 3] = b0, b1, b2, b3
    out[1, 4], out[1, 5], out[1, 6], out[1, 7] = b4, b5, b6, b7


@njit(cache=True)
def subgroups(
    grid: Rows,
    cycles: int,
    scale: float,
    highest: int,
    beside: bool,
    tables: tuple[Rows, Rows, Floats],
    folded: Rows,
    rms: Floats,
    fundamental: NDArray[np.complex128],
) -> None:
    """RMS of each order's subgroup (lanes, orders + 1) and the fundamental's RMS phasors (lanes).

    Order 0 is the mean's magnitude. `scale` is one over the samples in the window; without `beside`
    only the line on each harmonic counts. `tables` are fold_turns, order_turns and line_gains.
    """
    turns, orders, gains = tables
    _fold(grid, cycles, turns, beside, folded)
    out = np.empty((3, 2, LANES), np.float32)
    for part in range(3 if beside else 1):
        _mirror(folded[part])
    for h in range(highest + 1):
        _sums(folded[0], h, orders, out[0])
        if beside:
            _sums(folded[1], h, orders, out[1])
            _sums(folded[2], h, orders, out[2])
        for c in range(LANES):
            re, im = out[0, 0, c] * gains[1, h], out[0, 1, c] * gains[1, h]
            power = re * re + im * im
            if h == 1:
                fundamental[c] = complex(re, -im) * scale
            if beside and h > 0:
                # line above: straight minus j turned; line below: the conjugate of its mirror
                re = (out[1, 0, c] - out[2, 1, c]) * gains[2, h]
                im = (out[1, 1, c] + out[2, 0, c]) * gains[2, h]
                power += re * re + im * im
                re = (out[1, 0, c] + out[2, 1, c]) * gains[0, h]
                im = (out[1, 1, c] - out[2, 0, c]) * gains[0, h]
                power += re * re + im * im
            rms[c, h] = math.sqrt(power) * scale


def total_harmonic_distortion(rms: Floats) -> Floats:
    """THD as a ratio: orders 2 and up over order 1 of `rms` (..., orders + 1), NaN without it."""
    fundamental = rms[..., 1]
    above = np.sqrt(np.einsum("...h,...h->...", rms[..., 2:], rms[..., 2:]))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / np.where(fundamental > 0.0, fundamental, np.nan))
