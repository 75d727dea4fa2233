"""From samples at any rate to a grid of equal steps per cycle, and from it to the spectrum.

The samples are not interpolated: each is spread over the grid cells around its place in the cycle,
weighted with a Kaiser-Bessel kernel, and the kernel's known transform is divided out of the
spectrum (the non-uniform fast Fourier transform of type 1). So each line of the spectrum is the
Fourier sum over the samples themselves, at any sampling rate, without droop and without images.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from addad.metrology import edges as edge
from addad.metrology.cycles import CYCLES_MAX, LANES
from addad.metrology.kernels import kernel
from addad.metrology.rows import Rows, nothing, row_at
from addad.metrology.vectors import add, write

CELLS = 192
"""Grid cells per cycle."""
TAPS = 8
"""Grid cells that one sample is spread over."""
MARGIN = 384
"""Rows before and after the grid, where the edges of a window spill over."""
_STEPS = 512
"""Rows of the table from one cell to the next; it is straight in between."""
_BETA = 0.98 * math.pi * TAPS * (1.0 - 52.0 / CELLS)
"""The kernel's shape: what is folded back is least, up to order 50 and the lines beside it."""

Cells = NDArray[np.int64]


@cache
def kernel_table() -> Rows:
    """The kernel's weights for a sample `step / steps` behind a cell: (2 steps + 2, taps).

    Below each row of weights are their slopes to the next step.
    """
    behind = np.arange(_STEPS + 2)[:, None] / _STEPS
    distance = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - behind
    inside = np.clip(1.0 - (2.0 * distance / TAPS) ** 2, 0.0, None)
    weights = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    rows = np.stack([weights[:-1], np.diff(weights, axis=0)], axis=1)
    return np.asarray(rows.reshape(-1, TAPS), np.float32)


def kernel_gain(orders: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel's transform at these orders of the fundamental, to be divided out."""
    place = np.sqrt(_BETA**2 - (math.pi * TAPS * orders / CELLS) ** 2)
    return np.asarray(TAPS * np.sinh(place) / (place * np.i0(_BETA)))


def work_rows(samples: int) -> tuple[Rows, Cells, Rows]:
    """Room for what `spread_window` works in, for windows of so many samples at most."""
    rows = samples + 4 * edge.TAPS
    weights = np.zeros((rows, TAPS), np.float32)
    grid = np.zeros((CYCLES_MAX * CELLS + 2 * MARGIN, LANES), np.float32)
    return weights, np.zeros(rows, np.int64), grid


@kernel
def _weigh(place: float, step: float, count: int, table: Rows, weights: Rows, cells: Cells) -> None:
    """Kernel weights (count, 8) of samples `step` cells apart, the first at `place`.

    `cells` (count) are the first cells that they fall on.
    """
    for n in range(count):
        t = place + n * step
        cell = int(t)
        fine = np.float32(t - cell) * np.float32(_STEPS)
        row = int(fine)
        cells[n] = cell - (TAPS // 2 - 1)
        part = fine - np.float32(row)
        write(row_at(table, 2 * row) + row_at(table, 2 * row + 1) * part, weights, n)


@kernel
def _scatter(x: Rows, n0: int, count: int, weights: Rows, cells: Cells, grid: Rows) -> None:
    """Spread the rows n0 .. n0 + count - 1 of `x`, each with its weights, over the grid.

    Writes the grid from the first cell to the last one that a sample falls on. The cells that
    samples still fall on are held in registers.
    """
    a, b, c, d = nothing(), nothing(), nothing(), nothing()
    e, f, g, h = nothing(), nothing(), nothing(), nothing()
    cell = cells[0]
    for n in range(count):
        while cell < cells[n]:
            write(a, grid, cell)
            a, b, c, d, e, f, g, h = b, c, d, e, f, g, h, nothing()
            cell += 1
        row = row_at(x, n0 + n)
        a += row * weights[n, 0]
        b += row * weights[n, 1]
        c += row * weights[n, 2]
        d += row * weights[n, 3]
        e += row * weights[n, 4]
        f += row * weights[n, 5]
        g += row * weights[n, 6]
        h += row * weights[n, 7]
    for _ in range(TAPS):
        write(a, grid, cell)
        a, b, c, d, e, f, g = b, c, d, e, f, g, h
        cell += 1


@kernel
def _taper(begin: float, end: float, last: int, edges: NDArray[np.float64], weights: Rows) -> None:
    """Weaken the weights (count, taps) of the samples around both edges of a window.

    `begin` and `end` are the edges' fractions of a sample, `last` whole samples lie between them.
    """
    rising, falling = np.empty(edge.TAPS, np.float64), np.empty(edge.TAPS, np.float64)
    edge.edge_weights(begin, edges, rising)
    edge.edge_weights(end, edges, falling)
    for n in range(min(edge.TAPS, last)):
        for k in range(TAPS):
            weights[n, k] *= np.float32(rising[n])
    for n in range(last, len(weights)):
        high = rising[n] if n < edge.TAPS else 1.0
        for k in range(TAPS):
            weights[n, k] *= np.float32(high - falling[n - last])


@kernel
def spread_window(
    x: Rows,
    first: int,
    fraction: float,
    length: float,
    whole: bool,
    cycles: int,
    tables: tuple[Rows, NDArray[np.float64]],
    work: tuple[Rows, Cells, Rows],
) -> None:
    """Spread a window of samples over `cycles` times CELLS grid rows behind a margin of MARGIN.

    What the edges and the kernel push over an end is added at the other end. `tables` are the
    kernel's and the edges', `work` is `work_rows`: weights and cells of the samples, and the grid.
    """
    kernel_rows, edges = tables
    weights, places, grid = work
    cells = cycles * CELLS
    step = cells / length
    last = int(length) if whole else math.floor(fraction + length)
    before, after = (0, 0) if whole else (edge.BEFORE, edge.AFTER)
    count = last + before + after
    _weigh(MARGIN - (before + fraction) * step, step, count, kernel_rows, weights, places)
    if not whole:
        _taper(fraction, fraction + length - last, last, edges, weights[:count])
    spill = min(math.ceil(after * step) + TAPS, MARGIN)
    grid[MARGIN - spill : places[0]] = 0.0
    grid[places[count - 1] + TAPS : MARGIN + cells + spill] = 0.0
    _scatter(x, first - before, count, weights, places, grid)
    for g in range(spill):
        add(row_at(grid, MARGIN - 1 - g), grid, MARGIN + cells - 1 - g)
        add(row_at(grid, MARGIN + cells + g), grid, MARGIN + g)
