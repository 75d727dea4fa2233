"""From samples at any rate to a grid of equal steps per cycle, and from it to the spectrum.

The samples are not interpolated: each is spread over the grid cells around its place in the cycle,
weighted with a Kaiser-Bessel kernel, and the kernel's known transform is divided out of the
spectrum (the non-uniform fast Fourier transform of type 1). So each line of the spectrum is the
Fourier sum over the samples themselves, at any sampling rate, without droop and without images.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology import edges as edge
from addad.metrology.cycles import LANES
from addad.metrology.kernels import kernel

CELLS = 192
"""Grid cells per cycle."""
TAPS = 8
"""Grid cells that one sample is spread over."""
MARGIN = 320
"""Rows before and after the grid, where the edges of a window spill over."""
_STEPS = 512
_BATCH = 32
_BETA = 0.98 * math.pi * TAPS * (1.0 - 52.0 / CELLS)

Rows = NDArray[np.float32]
Cells = NDArray[np.int64]


def kernel_table() -> Rows:
    """The kernel's weights for a sample `step / steps` behind a cell, and their slopes to the next
    step: (2, steps + 1, taps).
    """
    behind = np.arange(_STEPS + 2)[:, None] / _STEPS
    distance = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - behind
    inside = np.clip(1.0 - (2.0 * distance / TAPS) ** 2, 0.0, None)
    weights = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    return np.asarray([weights[:-1], np.diff(weights, axis=0)], np.float32)


def kernel_gain(orders: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel's transform at these orders of the fundamental, to be divided out."""
    place = np.sqrt(_BETA**2 - (math.pi * TAPS * orders / CELLS) ** 2)
    return np.asarray(TAPS * np.sinh(place) / (place * np.i0(_BETA)))


@kernel
def _add_row(
    grid: Rows,
    cell: int,
    w: float,
    x0: float,
    x1: float,
    x2: float,
    x3: float,
    x4: float,
    x5: float,
    x6: float,
    x7: float,
) -> None:
    grid[cell, 0] += w * x0
    grid[cell, 1] += w * x1
    grid[cell, 2] += w * x2
    grid[cell, 3] += w * x3
    grid[cell, 4] += w * x4
    grid[cell, 5] += w * x5
    grid[cell, 6] += w * x6
    grid[cell, 7] += w * x7


@kernel
def _weights(
    x0: int, place: float, step: float, count: int, table: Rows, weights: Rows, cells: Cells
) -> None:
    """Kernel weights (count, 8) of the samples x0 .. behind `place`, and their first cells."""
    for q in range(count):
        t = place + (x0 + q) * step
        cell = int(t)
        fine = np.float32(t - cell) * np.float32(_STEPS)
        row = int(fine)
        part = fine - np.float32(row)
        cells[q] = cell - (TAPS // 2 - 1)
        w0 = table[0, row, 0] + part * table[1, row, 0]
        w1 = table[0, row, 1] + part * table[1, row, 1]
        w2 = table[0, row, 2] + part * table[1, row, 2]
        w3 = table[0, row, 3] + part * table[1, row, 3]
        w4 = table[0, row, 4] + part * table[1, row, 4]
        w5 = table[0, row, 5] + part * table[1, row, 5]
        w6 = table[0, row, 6] + part * table[1, row, 6]
        w7 = table[0, row, 7] + part * table[1, row, 7]
        weights[q, 0], weights[q, 1], weights[q, 2], weights[q, 3] = w0, w1, w2, w3
        weights[q, 4], weights[q, 5], weights[q, 6], weights[q, 7] = w4, w5, w6, w7


@kernel
def _spread(x: Rows, n0: int, n1: int, place: float, step: float, table: Rows, grid: Rows) -> None:
    """Add the rows n0 .. n1 - 1 of `x`, the first at the grid's `place`, to `grid` (cells, 8)."""
    weights = np.empty((_BATCH, TAPS), np.float32)
    cells = np.empty(_BATCH, np.int64)
    for m in range(n0, n1, _BATCH):
        count = min(_BATCH, n1 - m)
        _weights(m - n0, place, step, count, table, weights, cells)
        for q in range(count):
            n = m + q
            x0, x1, x2, x3 = x[n, 0], x[n, 1], x[n, 2], x[n, 3]
            x4, x5, x6, x7 = x[n, 4], x[n, 5], x[n, 6], x[n, 7]
            for k in range(TAPS):
                _add_row(grid, cells[q] + k, weights[q, k], x0, x1, x2, x3, x4, x5, x6, x7)


@kernel
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
