"""From samples at any rate to a grid of equal steps per cycle, and from it to the spectrum.

The samples are not interpolated: each is spread over the grid cells around its place in the cycle,
weighted with a Kaiser-Bessel kernel, and the kernel's known transform is divided out of the
spectrum (the non-uniform fast Fourier transform of type 1). So each line of the spectrum is the
Fourier sum over the samples themselves, at any sampling rate, without droop and without images.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from addad.metrology import edges as edge
from addad.metrology.cycles import LANES

CELLS = 192
"""Grid cells per cycle."""
TAPS = 8
"""Grid cells that one sample is spread over."""
MARGIN = 320
"""Rows before and after the grid, where the edges of a window spill over."""
_STEPS = 512
_BETA = 0.98 * math.pi * TAPS * (1.0 - 52.0 / CELLS)

Rows = NDArray[np.float32]


def kernel_table() -> Rows:
    """The kernel's weights (steps + 1, taps) for a sample `step / steps` behind a cell."""
    behind = np.arange(_STEPS + 1)[:, None] / _STEPS
    distance = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - behind
    inside = np.clip(1.0 - (2.0 * distance / TAPS) ** 2, 0.0, None)
    return np.asarray(np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA), np.float32)


def kernel_gain(orders: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel's transform at these orders of the fundamental, to be divided out."""
    place = np.sqrt(_BETA**2 - (math.pi * TAPS * orders / CELLS) ** 2)
    return np.asarray(TAPS * np.sinh(place) / (place * np.i0(_BETA)))


@njit(cache=True, fastmath=True, inline="never", error_model="numpy")
def _spread(x: Rows, n0: int, n1: int, place: float, step: float, table: Rows, grid: Rows) -> None:
    """Add the rows n0 .. n1 - 1 of `x`, the first at the grid's `place`, to `grid` (cells, 8)."""
    for n in range(n0, n1):
        t = place + (n - n0) * step
        cell = int(t)
        fine = np.float32(t - cell) * np.float32(_STEPS)
        row = int(fine)
        part = fine - np.float32(row)
        x0, x1, x2, x3 = x[n, 0], x[n, 1], x[n, 2], x[n, 3]
        x4, x5, x6, x7 = x[n, 4], x[n, 5], x[n, 6], x[n, 7]
        base = cell - (TAPS // 2 - 1)
        for k in range(TAPS):
            w = table[row, k] + part * (table[row + 1, k] - table[row, k])
            grid[base + k, 0] += w * x0
            grid[base + k, 1] += w * x1
            grid[base + k, 2] += w * x2
            grid[base + k, 3] += w * x3
            grid[base + k, 4] += w * x4
            grid[base + k, 5] += w * x5
            grid[base + k, 6] += w * x6
            grid[base + k, 7] += w * x7


@njit(cache=True)
def spread_window(
    x: Rows,
    first: int,
    fraction: float,
    length: float,
    whole: bool,
    cycles: int,
    tables: tuple[Rows, NDArray[np.float64]],
    grid: Rows,
) -> None:
    """Spread a window of samples over `cycles` times CELLS grid rows behind a margin of MARGIN.

    What the edges and the kernel push over an end is added at the other end. `tables` are the
    kernel's and the edges'.
    """
    kernel, edges = tables
    cells = cycles * CELLS
    step = cells / length
    grid[: cells + 2 * MARGIN] = 0.0
    if whole:
        _spread(x, first, first + int(length), float(MARGIN), step, kernel, grid)
    else:
        last = math.floor(fraction + length)
        start = MARGIN + (edge.AFTER - fraction) * step
        _spread(x, first + edge.AFTER, first + last + edge.AFTER, start, step, kernel, grid)
        weights = np.empty(edge.TAPS, np.float64)
        rows = np.empty((edge.TAPS, LANES), np.float32)
        for end in range(2):
            near = first + end * last - edge.BEFORE
            edge.edge_weights(fraction + end * (length - last), edges, weights)
            for e in range(edge.TAPS):
                for c in range(LANES):
                    rows[e, c] = (1 - 2 * end) * weights[e] * x[near + e, c]
            start = MARGIN + (end * last - edge.BEFORE - fraction) * step
            _spread(rows, 0, edge.TAPS, start, step, kernel, grid)
    for g in range(MARGIN):
        for c in range(LANES):
            grid[cells + g, c] += grid[g, c]
            grid[MARGIN + g, c] += grid[MARGIN + cells + g, c]
