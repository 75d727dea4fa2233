"""Harmonic groups, interharmonic groups and interharmonic centred subgroups to order 50.

They are those of IEC 61000-4-7, over ten cycles at 50 Hz and twelve at 60 Hz: lines one N-th of
the fundamental apart, N = 10 or 12.

Line h N + j of a window is the line of order h of its grid after turning that on by j lines, so
each j takes one fold onto a single cycle, and each order a transform of a quarter of one.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import LANES
from addad.metrology.harmonics import ORDERS_MAX, fold_line, mirror, two_lines
from addad.metrology.kernels import kernel
from addad.metrology.resampling import CELLS, kernel_gain
from addad.metrology.rows import Rows

Floats = NDArray[np.float64]
Lines = NDArray[np.float32]

KINDS = 3
"""Groups, interharmonic groups, interharmonic centred subgroups."""
SMOOTHING_S = 1.5
"""Time constant of the low-pass that IEC 61000-4-7 puts behind each group [s]."""


@cache
def line_turns(cycles: int) -> Lines:
    """cos and sin (half + 1, 2, cells) of 0 .. N/2 lines' angles over the grid of N cycles."""
    cells = cycles * CELLS
    turns = np.outer(np.arange(cycles // 2 + 1), np.arange(cells)) % cells
    angle = 2.0 * math.pi / cells * turns
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.float32)


@cache
def power_gains(cycles: int) -> Floats:
    """Factors (orders + 2, 2, half + 1) from squared grid sums to squared RMS.

    Of the line j below and above each order; a sum over one sample per cell is taken as unit.
    """
    orders, beside = np.arange(ORDERS_MAX + 2), np.arange(cycles // 2 + 1) / cycles
    below = np.abs(orders[:, None] - beside[None, :])
    above = orders[:, None] + beside[None, :]
    gains = 2.0 / kernel_gain(np.stack([below, above], axis=1)) ** 2
    return np.ascontiguousarray(gains)


def work_rows(cycles: int) -> tuple[Lines, Lines, Lines]:
    """Room for what `groups` works in: two folded cycles, their parts, the lines' powers."""
    folded = np.zeros((2, CELLS, LANES), np.float32)
    parts = np.zeros((2, 4, CELLS // 4 + 1, LANES), np.float32)
    return folded, parts, np.zeros((ORDERS_MAX + 2, 2, cycles // 2 + 1, LANES), np.float32)


@kernel
def groups(
    grid: Rows,
    cycles: int,
    scale: float,
    highest: int,
    tables: tuple[Lines, Lines, Floats],
    work: tuple[Lines, Lines, Lines],
    out: Floats,
) -> None:
    """RMS of groups, interharmonic groups and centred subgroups: `out` (3, lanes, orders + 1).

    IEC 61000-4-7: with the lines' RMS C and N lines to an order,
    G_h² = C(hN - N/2)²/2 + sum C(hN + j)², -N/2 < j < N/2, + C(hN + N/2)²/2 from order 1 on;
    IG_h² = sum C(hN + j)², 0 < j < N; ICS_h² = sum C(hN + j)², 1 < j < N - 1, from order 0 on.
    `scale` is one over the samples in the window; `tables` are line_turns, the harmonics'
    order_turns and power_gains; `work` is `work_rows`.
    """
    turns, orders, gains = tables
    folded, parts, power = work
    half = cycles // 2
    for j in range(half + 1):
        fold_line(grid, cycles, turns[j], folded)
        mirror(folded[0], parts[0])
        mirror(folded[1], parts[1])
        for h in range(highest + 2):
            two_lines(parts, h & 1, orders[h], power[h, :, j])
    squared = scale * scale
    for c in range(LANES):
        for h in range(highest + 1):
            here, behind = power[h], power[h + 1]
            low, high, after = gains[h, 0], gains[h, 1], gains[h + 1, 0]
            group = high[0] * here[1, 0, c]
            between = high[half] * here[1, half, c]
            group += 0.5 * (low[half] * here[0, half, c] + between)
            for j in range(1, half):
                up = high[j] * here[1, j, c]
                group += low[j] * here[0, j, c] + up
                between += up + after[j] * behind[0, j, c]
            centred = between - high[1] * here[1, 1, c] - after[1] * behind[0, 1, c]
            out[0, c, h] = math.sqrt(group * squared) if h else math.nan
            out[1, c, h] = math.sqrt(between * squared)
            out[2, c, h] = math.sqrt(max(centred, 0.0) * squared)


def smoothed(groups: Floats, seconds: float, before: Floats | None = None) -> Floats:
    """Groups (n, ...) of windows `seconds` apart behind the low-pass of IEC 61000-4-7.

    y(k) = y(k-1) + (x(k) - y(k-1)) (1 - exp(-seconds / 1.5 s)); `before` is the value before the
    first, which is otherwise the first itself. A window without groups (NaN) has none here, and
    those behind it go on from what was before.
    """
    step = -math.expm1(-seconds / SMOOTHING_S)
    out = np.empty_like(groups)
    last = np.full(groups.shape[1:], math.nan) if before is None else before
    for k, value in enumerate(groups):
        moved = np.where(np.isnan(last), value, last + step * (value - last))
        last = np.where(np.isnan(value), last, moved)
        out[k] = np.where(np.isnan(value), math.nan, last)
    return out
