"""The instrument's memory as the compiled loop sees it: plan, tables, streams, results.

To hand over each of its arrays with every call would take as long as a fifth of a window does; so
they stand in one object, and a call hands over its address.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import types
from numba.experimental import structref
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS, LANES, MARKS
from addad.metrology.energy import REGISTERS, SUMS
from addad.metrology.harmonics import ORDERS_MAX
from addad.metrology.kernels import kernel
from addad.metrology.quantities import PHASES
from addad.metrology.rows import all_within, row_at, sample_at
from addad.metrology.vectors import write

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
    interharmonics: bool
    minimum_voltage: float
    start_current: float
    no_load_power: float
    summation: int
    present: NDArray[np.bool_]


class Tables(NamedTuple):
    """What is computed once: kernel, edges, line turns, order turns, line gains.

    `between` is that of the interharmonics: line turns, order turns, gains.
    """

    kernel: NDArray[np.float32]
    edges: Floats
    turns: NDArray[np.float32]
    orders: NDArray[np.float32]
    gains: Floats
    between: tuple[NDArray[np.float32], NDArray[np.float32], Floats]


class Scratch(NamedTuple):
    """Working memory of one window."""

    turn: NDArray[np.float32]
    phasors: NDArray[np.complex128]
    spread: tuple[NDArray[np.float32], Integers, NDArray[np.float32]]
    work: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
    between: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
    means: Floats


class Streams(NamedTuple):
    """Where each meter is: its samples (m, capacity, lanes), and the begin of its next window.

    `ticks` are the places in the stream where all begin a new window; `tick` is each one's next.
    """

    x: NDArray[np.float32]
    edge: Integers
    fraction: Floats
    need: Integers
    frequency: Floats
    number: Integers
    pending: Integers
    carry: Floats
    ticks: Integers
    tick: Integers


class Results(NamedTuple):
    """Finished windows (round, meter, ...), by lane, phase or sum; `done` of them for each meter.

    `phases` and `totals` hold P, Q, S, PF; `lines` U12, U23, U31 and the calculated neutral.
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
    peaks: Floats
    lines: Floats
    phases: Floats
    totals: Floats
    thd: Floats
    angles: Floats
    harmonics: Floats
    phasors: NDArray[np.complex128]
    groups: Floats
    energy: Integers


@structref.register
class _MemoryType(types.StructRef):
    """The compiler's name of an instrument's memory."""


class Memory(structref.StructRefProxy):
    """All that an instrument works with, by one address; made by `memory_of`."""

    plan: Plan
    tables: Tables
    scratch: Scratch
    streams: Streams
    results: Results


structref.define_proxy(  # type: ignore[no-untyped-call]
    Memory, _MemoryType, ["plan", "tables", "scratch", "streams", "results"]
)


@kernel
def memory_of(
    plan: Plan, tables: Tables, scratch: Scratch, streams: Streams, results: Results
) -> Memory:
    """An instrument's memory of these parts; the arrays stay shared with them."""
    return Memory(plan, tables, scratch, streams, results)  # type: ignore[no-untyped-call]


@kernel
def renew(memory: Memory, streams: Streams, results: Results) -> None:
    """Let the memory have other streams and results."""
    memory.streams = streams
    memory.results = results


def results_for(rounds: int, meters: int, kinds: int) -> Results:
    """Room for the results of some rounds of windows, with so many kinds of groups."""
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
        peaks=np.empty((*shape, LANES)),
        lines=np.empty((*shape, PHASES + 1)),
        phases=np.empty((*shape, 4, PHASES)),
        totals=np.empty((*shape, 4)),
        thd=np.empty((*shape, LANES)),
        angles=np.empty((*shape, LANES)),
        harmonics=np.empty((*shape, LANES, ORDERS_MAX + 1)),
        phasors=np.empty((*shape, LANES, ORDERS_MAX + 1), np.complex128),
        groups=np.empty((*shape, kinds, LANES, ORDERS_MAX + 1)),
        energy=np.zeros((*shape, SUMS, REGISTERS), np.int64),
    )


@kernel
def _mend(
    sample: NDArray[np.float32] | NDArray[np.float64],
    voltages: int,
    limits: tuple[float, float],
    row: NDArray[np.float32],
) -> None:
    """Write a sample in which something may be not finite or reach its limit, with its marks."""
    mark = 0
    for k in range(sample.shape[0]):
        v, limit = float(sample[k]), limits[0] if k < voltages else limits[1]
        if not abs(v) < limit:
            saturated = abs(v) <= 2.0 * limit
            mark |= MARK_SATURATED if saturated else MARK_NOT_FINITE
            v = math.copysign(limit, v) if saturated else 0.0
        row[k if k < voltages else CURRENTS + k - voltages] = np.float32(v)
    row[MARKS] = np.float32(mark)


@kernel
def store(
    samples: NDArray[np.float32] | NDArray[np.float64],
    n0: int,
    n1: int,
    voltages: int,
    limits: tuple[float, float],
    x: NDArray[np.float32],
    filled: int,
) -> None:
    """Append the samples n0 .. n1 - 1 of (m, n, channels) to the rows of `x` from `filled` on.

    What is not finite, or beyond twice its channel's limit, is stored as 0, what else reaches the
    limit as the limit; the marks' lane tells it. `limits` are those of voltages and currents.
    """
    currents = samples.shape[2] - voltages
    both = np.empty((1, LANES), np.float32)
    both[0, :CURRENTS], both[0, CURRENTS:] = limits
    highest = row_at(both, 0)
    for j in range(samples.shape[0]):
        s, y = samples[j], x[j]
        # what is read at once reaches beyond the row, and must not beyond the samples
        left = (samples.shape[0] - j) * s.size
        last = min(n1, (left - voltages - CURRENTS) // s.shape[1] + 1)
        for n in range(n0, last):
            row = sample_at(s, n, voltages, currents)
            write(row, y, filled + n - n0)
            if not all_within(row, highest):
                _mend(s[n], voltages, limits, y[filled + n - n0])
        for n in range(max(last, n0), n1):
            y[filled + n - n0] = np.float32(0.0)
            _mend(s[n], voltages, limits, y[filled + n - n0])


@kernel
def shift(x: NDArray[np.float32], drop: int, filled: int) -> None:
    """Move the rows drop .. filled - 1 of every meter to the front."""
    for j in range(x.shape[0]):
        for n in range(filled - drop):
            for c in range(LANES):
                x[j, n, c] = x[j, n + drop, c]
