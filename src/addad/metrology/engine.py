"""The compiled loop: from stored samples of every meter to the results of each finished window.

Everything that decides where a window ends is a function of the samples up to its end, so that the
results do not depend on how the stream was cut into blocks.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS, LANES, MARKS
from addad.metrology.edges import AFTER, BEFORE
from addad.metrology.energy import count_energy
from addad.metrology.harmonics import subgroups, total_harmonic_distortion
from addad.metrology.interharmonics import groups
from addad.metrology.kernels import kernel
from addad.metrology.quantities import (
    PHASES,
    active_power,
    line_values,
    powers,
    reference_turn,
    turn_orders,
    window_means,
    window_peaks,
)
from addad.metrology.resampling import spread_window
from addad.metrology.search import ASSUMED, find_window, mark_flags, voltage_flags
from addad.metrology.state import Floats, Memory, Plan, Results, Scratch, Streams, Tables
from addad.metrology.window import WindowFlag

_HAIR_CYCLES = 0.01
"""A record off whole cycles by less than this part of one, and than a sample, is taken whole."""
_SAME_SAMPLES = 1e-6
"""Places nearer to each other [samples] are the same."""
_PARTIAL = int(WindowFlag.PARTIAL)
_OVERLAP = int(WindowFlag.OVERLAP)
_MISSING_L1 = int(WindowFlag.MISSING_L1)
_MISSING = int(WindowFlag.MISSING_L1 | WindowFlag.MISSING_L2 | WindowFlag.MISSING_L3)


@kernel
def record(
    plan: Plan,
    tables: Tables,
    scratch: Scratch,
    x: NDArray[np.float32],
    span: tuple[int, float, float, float],
    cycles: int,
    whole: bool,
    carry: Floats,
    results: Results,
    r: int,
    j: int,
) -> None:
    """Write means, spectrum and energy of one window as round r of meter j.

    `span` is where it begins (sample, fraction), its length, and how much of that, from the begin
    on, is to be counted as energy [samples].
    """
    first, fraction, length, counted = span
    means = scratch.means
    _spectrum(plan, tables, scratch, x, span, cycles, whole, results, r, j)
    rms = results.rms[r, j]
    for c in range(LANES):
        rms[c] = math.sqrt(max(means[0, c], 0.0)) if plan.present[c] else math.nan
    window_peaks(
        x, first + math.ceil(fraction), first + math.ceil(fraction + length), results.peaks[r, j]
    )
    line_values(means, plan.present, results.lines[r, j])
    phases, totals = results.phases[r, j], results.totals[r, j]
    fundamental = results.phasors[r, j, :, 1]
    powers(means, fundamental, plan.present, cycles > 0, phases, totals)
    if counted < length:
        phases, totals = np.empty((4, PHASES)), np.empty(4)
        window_means(x, first, fraction, counted, False, tables.edges, means)
        powers(means, fundamental, plan.present, cycles > 0, phases, totals)
    counts = np.empty((4, PHASES))
    counts[:3] = phases[:3]
    for c in range(PHASES):
        counts[3, c] = active_power(fundamental[c], fundamental[CURRENTS + c])
    gates = (plan.start_current, plan.no_load_power, plan.summation)
    count_energy(
        counts, rms[CURRENTS:], counted / plan.rate, gates, carry, results.energy[r, j]
    )  # fmt: skip


@kernel
def _spectrum(
    plan: Plan,
    tables: Tables,
    scratch: Scratch,
    x: NDArray[np.float32],
    span: tuple[int, float, float, float],
    cycles: int,
    whole: bool,
    results: Results,
    r: int,
    j: int,
) -> None:
    """Write harmonics, phasors, angles and THD of one window as round r of meter j."""
    first, fraction, length, _ = span
    harmonics, phasors = results.harmonics[r, j], results.phasors[r, j]
    if cycles:
        spread_window(
            x, first, fraction, length, whole, cycles, (tables.kernel, tables.edges), scratch.spread
        )
        subgroups(
            scratch.spread[2], cycles, 1.0 / length, plan.orders, cycles == plan.cycles,
            (tables.turns, tables.orders, tables.gains), scratch.work, harmonics, phasors,
        )  # fmt: skip
        phasors[:, 0] = scratch.means[1]
        missing = (results.flags[r, j] & _MISSING) // _MISSING_L1
        turn_orders(phasors, plan.orders, reference_turn(phasors[:, 1], plan.present, missing))
    if plan.interharmonics:
        between = results.groups[r, j]
        between[:] = math.nan
        if cycles == plan.cycles:
            groups(
                scratch.spread[2], cycles, 1.0 / length, plan.orders, tables.between,
                scratch.between, between,
            )  # fmt: skip
            for c in range(LANES):
                if not plan.present[c]:
                    between[:, c] = math.nan
    thd, angles = results.thd[r, j], results.angles[r, j]
    for c in range(LANES):
        if not (cycles and plan.present[c]):
            harmonics[c] = math.nan
            phasors[c] = math.nan
        harmonics[c, plan.orders + 1 :] = math.nan
        phasors[c, plan.orders + 1 :] = math.nan
        thd[c] = total_harmonic_distortion(harmonics[c], plan.orders)
        angles[c] = math.atan2(phasors[c, 1].imag, phasors[c, 1].real)


@kernel
def advance(memory: Memory, origin: int, filled: int, first_round: int) -> None:
    """Measure every window that is complete in the first `filled` rows.

    Row 0 is the sample `origin` of the stream. The windows go into the rounds from `first_round`.
    """
    plan, tables, scratch = memory.plan, memory.tables, memory.scratch
    streams, results = memory.streams, memory.results
    for j in range(streams.x.shape[0]):
        x = streams.x[j]
        r = first_round
        while streams.need[j] <= origin + filled and r < results.number.shape[0]:
            first, fraction = streams.edge[j] - origin, streams.fraction[j]
            need, f, flags = find_window(
                plan,
                tables,
                x,
                filled,
                first,
                fraction,
                plan.cycles,
                0.0,
                streams.frequency[j],
                scratch,
            )
            if need > filled:
                streams.need[j] = origin + need
                break
            length = plan.cycles * plan.rate / f
            flags |= mark_flags(x, first - BEFORE, need, scratch.means[1, MARKS])
            counted = _until_tick(streams, j, length)
            if counted < length:
                flags |= _OVERLAP
            _enter(plan, streams, results, r, j, first + origin + fraction, length, f, flags)
            results.cycles[r, j] = plan.cycles
            results.whole[r, j] = False
            record(
                plan, tables, scratch, x, (first, fraction, length, counted), plan.cycles, False,
                streams.carry[j], results, r, j,
            )  # fmt: skip
            end = fraction + counted
            streams.edge[j] += math.floor(end)
            streams.fraction[j] = end - math.floor(end)
            streams.need[j] = streams.edge[j] + math.floor(length)
            r += 1
        results.done[j] = r - first_round


@kernel
def _until_tick(streams: Streams, j: int, length: float) -> float:
    """How many samples of meter j's window stand before the next tick, all of them without one."""
    while streams.tick[j] < len(streams.ticks):
        before = streams.ticks[streams.tick[j]] - streams.edge[j] - streams.fraction[j]
        if before > _SAME_SAMPLES:
            return before if before < length - _SAME_SAMPLES else length
        streams.tick[j] += 1
    return length


@kernel
def _enter(
    plan: Plan,
    streams: Streams,
    results: Results,
    r: int,
    j: int,
    start: float,
    length: float,
    f: float,
    flags: int,
) -> None:
    """Write a window's head, and let the stream take over what it says."""
    results.number[r, j] = streams.number[j]
    results.start[r, j] = start / plan.rate
    results.duration[r, j] = length / plan.rate
    results.frequency[r, j] = math.nan if flags & ASSUMED else f
    results.flags[r, j] = flags | streams.pending[j]
    streams.number[j] += 1
    streams.pending[j] = 0
    if not flags & ASSUMED:
        streams.frequency[j] = f


@kernel
def _short_record(
    plan: Plan, tables: Tables, x: NDArray[np.float32], filled: int, guess: float, scratch: Scratch
) -> tuple[int, float, float, int, bool, float, int]:
    """Where to measure a stretch shorter than a window, given whole in `x`.

    (first, fraction, length, cycles, whole, frequency, flags); within a hair of whole cycles it is
    the whole stretch, else the whole cycles in it, and without any the whole stretch again.
    """
    f, flags = plan.nominal, ASSUMED
    span = float(filled - BEFORE - AFTER)
    if span > 1.5 * plan.rate / plan.nominal:
        _, f, flags = find_window(plan, tables, x, filled, BEFORE, 0.0, 1, span, guess, scratch)
    else:
        window_means(x, 0, 0.0, float(filled), True, tables.edges, scratch.means)
        flags |= voltage_flags(plan, scratch.means)
    period = plan.rate / f
    nearest = math.floor(filled / period + 0.5)
    off = abs(filled - nearest * period)
    inside = math.floor(span / period)
    if nearest > 0 and off <= 1.0 and off <= _HAIR_CYCLES * period:
        return 0, 0.0, float(filled), nearest, True, f, flags
    if inside > 0:
        return BEFORE, 0.0, inside * period, inside, False, f, flags
    return 0, 0.0, float(filled), 0, True, f, flags | ASSUMED


@kernel
def finish(memory: Memory, origin: int, filled: int, begin: int) -> None:
    """Measure what is left of a stretch that began with sample `begin`, one window for each meter.

    Behind whole windows it is the whole cycles left; a stretch without any goes to the rules of
    `_short_record`.
    """
    plan, tables, scratch = memory.plan, memory.tables, memory.scratch
    streams, results = memory.streams, memory.results
    for j in range(streams.x.shape[0]):
        x = streams.x[j]
        results.done[j] = 0
        first, fraction = streams.edge[j] - origin, streams.fraction[j]
        whole = False
        if streams.edge[j] == begin + BEFORE and fraction == 0.0:
            if filled <= begin - origin:
                continue
            x = x[begin - origin :]
            available = filled - (begin - origin)
            first, fraction, length, cycles, whole, f, flags = _short_record(
                plan, tables, x, available, streams.frequency[j], scratch
            )
            start = float(begin + first)
        else:
            available = filled
            guess = streams.frequency[j]
            room = filled - AFTER - first - fraction
            cycles = min(math.floor(room * guess / plan.rate), plan.cycles)
            f, flags, need = guess, 0, filled + 1
            while cycles > 1 and need > filled:
                need, f, flags = find_window(
                    plan, tables, x, filled, first, fraction, cycles, 0.0, guess, scratch
                )
                if need > filled:
                    cycles -= 1
            if cycles == 1:
                f, flags = guess, ASSUMED
            if cycles < 1:
                continue
            length = cycles * plan.rate / f
            start = origin + first + fraction
        window_means(x, first, fraction, length, whole, tables.edges, scratch.means)
        flags |= mark_flags(x, max(first - BEFORE, 0), available, scratch.means[1, MARKS])
        if cycles != plan.cycles:
            flags |= _PARTIAL
        _enter(plan, streams, results, 0, j, start, length, f, flags)
        results.cycles[0, j] = cycles
        results.whole[0, j] = whole
        record(
            plan, tables, scratch, x, (first, fraction, length, length), cycles, whole,
            streams.carry[j], results, 0, j,
        )  # fmt: skip
        results.done[j] = 1
