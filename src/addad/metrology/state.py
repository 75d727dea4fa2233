"""The instrument's memory as the compiled loop sees it: plan, tables, streams, results."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from addad.metrology.cycles import LANES, MARKS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MARK_NOT_FINITE, MARK_SATURATED = 1, 2


class Plan(NamedTuple):
    """What is fixed for an instrument."""

    rate: float
    nominal: float
    lowest: float
    highest: float
    cycles: int
    orders: int
    minimum_voltage: float
    start_current: float
    no_load_power: float
    present: NDArray[np.bool_]


class Tables(NamedTuple):
    """What is computed once: kernel, edges, line turns, order turns, line gains."""

    kernel: NDArray[np.float32]
    edges: Floats
    turns: NDArray[np.float32]
    orders: NDArray[np.float32]
    gains: Floats


class Scratch(NamedTuple):
    """Working memory of one window."""

    turn: NDArray[np.float32]
    phasors: NDArray[np.complex128]
    grid: NDArray[np.float32]
    folded: NDArray[np.float32]
    means: Floats


class Streams(NamedTuple):
    """Where each meter is: its samples (m, capacity, lanes), and the begin of its next window."""

    x: NDArray[np.float32]
    edge: Integers
    fraction: Floats
    need: Integers
    frequency: Floats
    number: Integers
    pending: Integers
    carry: Floats


class Results(NamedTuple):
    """Finished windows (round, meter, ...); `done` of them for each meter."""

    done: Integers
    number: Integers
    start: Floats
    length: Floats
    cycles: Integers
    whole: NDArray[np.bool_]
    frequency: Floats
    flags: Integers
    rms: Floats
    p: Floats
    q: Floats
    fundamental: NDArray[np.complex128]
    harmonics: Floats
    energy: Integers


@njit(cache=True)
def store(
    samples: NDArray[np.float32] | NDArray[np.float64],
    n0: int,
    n1: int,
    lanes: Integers,
    limits: Floats,
    x: NDArray[np.float32],
    filled: int,
) -> None:
    """Append the samples n0 .. n1 - 1 of (m, n, channels) to the rows of `x` from `filled` on.

    What is not finite, or beyond twice its channel's limit, is stored as 0, what else reaches the
    limit as the limit; the marks' lane tells it.
    """
    for j in range(samples.shape[0]):
        for n in range(n0, n1):
            row = filled + n - n0
            mark = 0
            for c in range(lanes.shape[0]):
                v = float(samples[j, n, c])
                limit = limits[c]
                if not abs(v) < limit:
                    if abs(v) <= 2.0 * limit:
                        v = limit if v > 0.0 else -limit
                        mark |= MARK_SATURATED
                    else:
                        v = 0.0
                        mark |= MARK_NOT_FINITE
                x[j, row, lanes[c]] = np.float32(v)
            x[j, row, MARKS] = np.float32(mark)


@njit(cache=True)
def shift(x: NDArray[np.float32], drop: int, filled: int) -> None:
    """Move the rows drop .. filled - 1 of every meter to the front."""
    for j in range(x.shape[0]):
        for n in range(filled - drop):
            for c in range(LANES):
                x[j, n, c] = x[j, n + drop, c]
