"""Harmonic subgroups and phasors to order 50, THD.

Subgroups (a harmonic's line and the line on either side of it, over ten or twelve cycles) and the
distortion over them are those of IEC 61000-4-7 and IEC 61000-4-30.

The grid of a window is folded onto a single cycle three times: as it is, for the lines on the
harmonics, and turned by one line, for those beside them. What is left is a transform of one cycle.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import LANES
from addad.metrology.kernels import kernel
from addad.metrology.resampling import CELLS, MARGIN, kernel_gain
from addad.metrology.rows import Rows, nothing, root, row_at
from addad.metrology.vectors import write

ORDERS_MAX = 50
_HALF = CELLS // 2
_QUARTER = CELLS // 4

Floats = NDArray[np.float64]
Cycles = NDArray[np.float32]
Phasors = NDArray[np.complex128]


@cache
def fold_turns(cycles: int) -> Rows:
    """cos and sin (2, cells) of one line's angle over the grid of a window of `cycles` cycles."""
    angle = 2.0 * math.pi * np.arange(cycles * CELLS) / (cycles * CELLS)
    return np.asarray([np.cos(angle), np.sin(angle)], np.float32)


@cache
def order_turns() -> Rows:
    """cos and sin (orders + 2, 2, quarter + 1) of each order's angle over a quarter of a cycle.

    Interharmonics behind the highest order are found from the order after it.
    """
    angle = 2.0 * math.pi * np.outer(np.arange(ORDERS_MAX + 2), np.arange(_QUARTER + 1)) / CELLS
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.float32)


def work_rows() -> tuple[Rows, Rows, Rows]:
    """Room for what `subgroups` works in: folded cycles, their parts, the orders' sums."""
    folded = np.zeros((3, CELLS, LANES), np.float32)
    parts = np.zeros((3, 4, _QUARTER + 1, LANES), np.float32)
    return folded, parts, np.zeros((ORDERS_MAX + 1, 3, LANES), np.float32)


@cache
def line_gains(cycles: int) -> Floats:
    """Factors (orders + 1, 3) from grid sums over `cycles` cycles to RMS, for a line below, on and
    above each order, a sum over one sample per cell taken as unit; order 0 has no lines beside it.
    """
    orders = np.arange(ORDERS_MAX + 1)
    lines = np.array([orders - 1.0 / cycles, orders, orders + 1.0 / cycles])
    gains = math.sqrt(2.0) / kernel_gain(np.abs(lines))
    gains[:, 0] = 0.0, gains[1, 0] / math.sqrt(2.0), 0.0
    return np.ascontiguousarray(gains.T)


@kernel
def _fold(grid: Rows, cycles: int, folded: Rows) -> None:
    """Fold the grid onto one cycle (cells, lanes)."""
    for g in range(CELLS):
        straight = nothing()
        for n in range(g, g + cycles * CELLS, CELLS):
            straight += row_at(grid, MARGIN + n)
        write(straight, folded, g)


@kernel
def _fold_turned(grid: Rows, cycles: int, turns: Rows, folded: Rows) -> None:
    """Fold the grid onto one cycle: `folded` (3, cells, lanes) straight, times cos, times sin."""
    for g in range(CELLS):
        straight, cosine, sine = nothing(), nothing(), nothing()
        for n in range(g, g + cycles * CELLS, CELLS):
            row = row_at(grid, MARGIN + n)
            straight += row
            cosine += row * turns[0, n]
            sine += row * turns[1, n]
        write(straight, folded[0], g)
        write(cosine, folded[1], g)
        write(sine, folded[2], g)


@kernel
def fold_line(grid: Rows, cycles: int, turns: Rows, folded: Cycles) -> None:
    """Fold the grid onto one cycle: `folded` (2, cells, lanes) times cos and sin of `turns`."""
    for g in range(CELLS):
        cosine, sine = nothing(), nothing()
        for n in range(g, g + cycles * CELLS, CELLS):
            row = row_at(grid, MARGIN + n)
            cosine += row * turns[0, n]
            sine += row * turns[1, n]
        write(cosine, folded[0], g)
        write(sine, folded[1], g)


@kernel
def two_lines(parts: Cycles, parity: int, turns: Rows, out: Cycles) -> None:
    """Squares of the lines below and above an order: `out` (2, lanes), from `fold_line`'s parts."""
    even0, even1 = parts[0, parity], parts[1, parity]
    odd0, odd1 = parts[0, 2 + parity], parts[1, 2 + parity]
    c, d, e, f = nothing(), nothing(), nothing(), nothing()
    for g in range(_QUARTER + 1):
        cosine, sine = turns[0, g], turns[1, g]
        c += row_at(even0, g) * cosine
        d += row_at(odd0, g) * sine
        e += row_at(even1, g) * cosine
        f += row_at(odd1, g) * sine
    up, up_im, low, low_im = c - f, d + e, c + f, d - e
    write(low * low + low_im * low_im, out, 0)
    write(up * up + up_im * up_im, out, 1)


@kernel
def mirror(cycle: Rows, parts: Rows) -> None:
    """Split a cycle (cells, lanes) by its symmetries into `parts` (4, quarter + 1, lanes).

    What meets the cosines of the even orders, the cosines of the odd ones, the sines of the even
    ones and the sines of the odd ones: a quarter of a cycle is left of each.
    """
    first, middle = row_at(cycle, 0), row_at(cycle, _HALF)
    near, far = row_at(cycle, _QUARTER), row_at(cycle, _HALF + _QUARTER)
    write(first + middle, parts[0], 0)
    write(first - middle, parts[1], 0)
    write(near + far, parts[0], _QUARTER)
    write(near - far, parts[3], _QUARTER)
    for k, g in ((2, 0), (3, 0), (1, _QUARTER), (2, _QUARTER)):
        write(nothing(), parts[k], g)
    for g in range(1, _QUARTER):
        a, b = row_at(cycle, g), row_at(cycle, CELLS - g)
        d, e = row_at(cycle, _HALF - g), row_at(cycle, _HALF + g)
        write((a + b) + (d + e), parts[0], g)
        write((a + b) - (d + e), parts[1], g)
        write((a - b) - (d - e), parts[2], g)
        write((a - b) + (d - e), parts[3], g)


@kernel
def _subgroup(parts: Cycles, parity: int, turns: Rows, gains: Floats, out: Rows) -> None:
    """A subgroup's RMS, and the real and imaginary part of its own line, as rows of `out` (3, 8).

    `parts` are the three folded cycles', `gains` (3) those of the lines below, on and above. The
    line above turns on by one line; the one below is the mirror image of such a one.
    """
    even0, even1, even2 = parts[0, parity], parts[1, parity], parts[2, parity]
    odd0, odd1, odd2 = parts[0, 2 + parity], parts[1, 2 + parity], parts[2, 2 + parity]
    a, b, c, d, e, f = nothing(), nothing(), nothing(), nothing(), nothing(), nothing()
    for g in range(_QUARTER + 1):
        cosine, sine = turns[0, g], turns[1, g]
        a += row_at(even0, g) * cosine
        b += row_at(odd0, g) * sine
        c += row_at(even1, g) * cosine
        d += row_at(odd1, g) * sine
        e += row_at(even2, g) * cosine
        f += row_at(odd2, g) * sine
    re, im = a * gains[1], b * gains[1]
    up, up_im = (c - f) * gains[2], (d + e) * gains[2]
    low, low_im = (c + f) * gains[0], (d - e) * gains[0]
    power = re * re + im * im + up * up + up_im * up_im + low * low + low_im * low_im
    write(root(power), out, 0)
    write(re, out, 1)
    write(im, out, 2)


@kernel
def _line(parts: Cycles, parity: int, turns: Rows, gain: float, out: Rows) -> None:
    """As `_subgroup`, of the order's own line alone."""
    even, odd = parts[0, parity], parts[0, 2 + parity]
    re, im = nothing(), nothing()
    for g in range(_QUARTER + 1):
        re += row_at(even, g) * turns[0, g]
        im += row_at(odd, g) * turns[1, g]
    re, im = re * gain, im * gain
    write(root(re * re + im * im), out, 0)
    write(re, out, 1)
    write(im, out, 2)


@kernel
def subgroups(
    grid: Rows,
    cycles: int,
    scale: float,
    highest: int,
    beside: bool,
    tables: tuple[Rows, Rows, Floats],
    work: tuple[Rows, Rows, Rows],
    rms: Floats,
    phasors: Phasors,
) -> None:
    """RMS of each order's subgroup, and RMS phasors of each order's own line (lanes, orders + 1).

    IEC 61000-4-7: Gsg,h² = C²(hN - 1) + C²(hN) + C²(hN + 1), C the lines' RMS, N lines an order.

    Order 0 is the mean, as a magnitude and with its sign; the phasors are those of cosines at the
    grid's begin. `scale` is one over the samples in the window; without `beside` only the line on
    each harmonic counts. `tables` are fold_turns, order_turns and line_gains; `work` is
    `work_rows`.
    """
    turns, orders, gains = tables
    folded, parts, lines = work
    if beside:
        _fold_turned(grid, cycles, turns, folded)
    else:
        _fold(grid, cycles, folded[0])
    for k in range(3 if beside else 1):
        mirror(folded[k], parts[k])
    for h in range(highest + 1):
        if beside:
            _subgroup(parts, h & 1, orders[h], gains[h], lines[h])
        else:
            _line(parts, h & 1, orders[h], gains[h, 1], lines[h])
    for c in range(LANES):
        for h in range(highest + 1):
            rms[c, h] = lines[h, 0, c] * scale
            phasors[c, h] = complex(lines[h, 1, c] * scale, -lines[h, 2, c] * scale)


@kernel
def total_harmonic_distortion(rms: Floats, highest: int) -> float:
    """IEC 61000-4-7: THD = sqrt(Σ G_h²) / G_1, a ratio, of h = 2 .. `highest`; NaN without order 1.

    `rms` (orders + 1) are the subgroups G_h.
    """
    power = 0.0
    for h in range(2, highest + 1):
        power += rms[h] * rms[h]
    if rms[1] > 0.0:
        return math.sqrt(power) / float(rms[1])
    return math.nan
