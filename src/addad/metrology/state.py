"""The instrument's memory as the compiled loop sees it: plan, tables, streams, results."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import LANES, MARKS
from addad.metrology.energy import REGISTERS, SUMS
from addad.metrology.harmonics import ORDERS_MAX
from addad.metrology.kernels import kernel
from addad.metrology.quantities import PHASES

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
    work: tuple[NDArray[np.float32], NDArray[np.float32]]
    means: Floats
    fundamental: NDArray[np.complex128]


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
    """Finished windows (round, meter, ...), by lane, phase or sum; `done` of them for each meter.

    `phases` and `totals` hold P, Q, S, PF.
    """

    done: Integers
    number: Integers
    cycles: Integers
    whole: NDArray[np.bool_]
    flags: Integers
    start: Floats
    duration: Floats
    frequency: Floats
    rms: Floats
    phases: Floats
    totals: Floats
    thd: Floats
    angles: Floats
    harmonics: Floats
    energy: Integers


def results_for(rounds: int, meters: int) -> Results:
    """Room for the results of some rounds of windows."""
    shape = (rounds, meters)
    return Results(
        done=np.zeros(meters, np.int64),
        number=np.zeros(shape, np.int64),
        cycles=np.zeros(shape, np.int64),
        whole=np.zeros(shape, np.bool_),
        flags=np.zeros(shape, np.int64),
        start=np.empty(shape),
        duration=np.empty(shape),
        frequency=np.empty(shape),
        rms=np.empty((*shape, LANES)),
        phases=np.empty((*shape, 4, PHASES)),
        totals=np.empty((*shape, 4)),
        thd=np.empty((*shape, LANES)),
        angles=np.empty((*shape, LANES)),
        harmonics=np.empty((*shape, LANES, ORDERS_MAX + 1)),
        energy=np.zeros((*shape, SUMS, REGISTERS), np.int64),
    )


@kernel
def _mend(
    sample: NDArray[np.float32] | NDArray[np.float64],
    lanes: Integers,
    limits: Floats,
    row: NDArray[np.float32],
) -> None:
    """Write a sample in which something is not finite or reaches its limit, with its marks."""
    mark = 0
    for c in range(lanes.shape[0]):
        v, limit = float(sample[c]), limits[c]
        if not abs(v) < limit:
            saturated = abs(v) <= 2.0 * limit
            mark |= MARK_SATURATED if saturated else MARK_NOT_FINITE
            v = math.copysign(limit, v) if saturated else 0.0
        row[lanes[c]] = np.float32(v)
    row[MARKS] = np.float32(mark)


@kernel
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
            good = True
            for c in range(lanes.shape[0]):
                v = float(samples[j, n, c])
                good &= abs(v) < limits[c]
                x[j, row, lanes[c]] = np.float32(v)
            x[j, row, MARKS] = np.float32(0.0)
            if not good:
                _mend(samples[j, n], lanes, limits, x[j, row])


@kernel
def shift(x: NDArray[np.float32], drop: int, filled: int) -> None:
    """Move the rows drop .. filled - 1 of every meter to the front."""
    for j in range(x.shape[0]):
        for n in range(filled - drop):
            for c in range(LANES):
                x[j, n, c] = x[j, n + drop, c]
