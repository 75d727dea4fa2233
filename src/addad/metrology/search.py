"""Where a window ends, from what its frequency is, and what is wrong with it.

What a flag means stands in `window.py`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.cycles import CURRENTS, LANES, MARKS, track
from addad.metrology.edges import AFTER
from addad.metrology.kernels import kernel
from addad.metrology.quantities import PHASES, window_means
from addad.metrology.state import MARK_NOT_FINITE, MARK_SATURATED, Plan, Scratch, Tables
from addad.metrology.window import WindowFlag

Floats = NDArray[np.float64]

_COHERENCE_MIN = 0.25
"""Phasors of single cycles that agree less are no tone; of noise alone they agree by 1 / cycles."""
_COHERENCE_STEADY = 0.98
"""Where they agree less, voltage or frequency has changed within the window."""
_SHARE_MIN = 0.1
"""A fundamental has at least this part of the power that is not direct."""
_DEAD_PHASE = 0.05
"""A voltage below this part of the highest one is missing."""
_ROUNDING = 1e-9
"""What alternates with less than this part of the mean square is a direct value's rounding."""
_RANGE = 0.15
"""The range of IEC 61000-4-30: 42.5 to 57.5 Hz, 51 to 69 Hz."""

_NO_VOLTAGE = int(WindowFlag.NO_VOLTAGE)
_MISSING = int(WindowFlag.MISSING_L1)
_DC_ONLY = int(WindowFlag.DC_ONLY)
_OUT_OF_RANGE = int(WindowFlag.FREQUENCY_OUT_OF_RANGE)
ASSUMED = int(WindowFlag.FREQUENCY_ASSUMED)
_NOT_FINITE = int(WindowFlag.NOT_FINITE)
_SATURATED = int(WindowFlag.SATURATED)
_UNSTEADY = int(WindowFlag.UNSTEADY)


@kernel
def _is_tone(
    low: int, high: int, count: int, period: float, coherence: float, scratch: Scratch
) -> bool:
    """Whether the lanes carry a fundamental at all: enough of their power, and coherent.

    Of direct values there is left what rounding leaves: that is none.
    """
    tone = total = whole = 0.0
    for c in range(low, high):
        for k in range(count):
            z = scratch.phasors[k, c]
            tone += z.real**2 + z.imag**2
        total += scratch.means[0, c] - scratch.means[1, c] ** 2
        whole += scratch.means[0, c]
    tone *= 2.0 / (count * period * period)
    return coherence > _COHERENCE_MIN and tone > _SHARE_MIN * total and tone > _ROUNDING * whole


@kernel
def voltage_flags(plan: Plan, means: Floats) -> int:
    """Which voltages are missing, or direct ones."""
    flags = 0
    highest = 0.0
    for c in range(PHASES):
        highest = max(highest, means[0, c] - means[1, c] ** 2)
    alive = direct = 0
    floor = max(plan.minimum_voltage**2, _DEAD_PHASE**2 * highest)
    for c in range(PHASES):
        if plan.present[c]:
            power = means[0, c] - means[1, c] ** 2
            if power > 0.0 and power >= floor and power > _ROUNDING * means[0, c]:
                alive += 1
            else:
                flags |= _MISSING << c
                if means[1, c] ** 2 > max(plan.minimum_voltage**2, power):
                    direct += 1
    if alive == 0:
        flags |= _NO_VOLTAGE
        if direct:
            flags |= _DC_ONLY
    return flags


@kernel
def mark_flags(x: NDArray[np.float32], n0: int, n1: int, sum_of_marks: float) -> int:
    if sum_of_marks == 0.0:
        return 0
    marks = 0
    for n in range(n0, n1):
        marks |= int(x[n, MARKS])
    flags = 0
    if marks & MARK_NOT_FINITE:
        flags |= _NOT_FINITE
    if marks & MARK_SATURATED:
        flags |= _SATURATED
    return flags


@kernel
def find_window(
    plan: Plan,
    tables: Tables,
    x: NDArray[np.float32],
    available: int,
    first: int,
    fraction: float,
    cycles: int,
    span: float,
    guess: float,
    scratch: Scratch,
) -> tuple[int, float, int]:
    """(samples needed, frequency, flags) of the window that begins at first + fraction.

    The voltages tell the frequency; without them the currents; without both it is the nominal one.
    `scratch.means` holds the means over the window of that length.
    """
    flags = 0
    need = 0
    for attempt in range(2):
        low, high = (0, PHASES) if attempt == 0 else (CURRENTS, LANES)
        need, f, coherence = track(
            x, available, first, fraction, cycles, span, plan.rate,
            (plan.lowest, guess, plan.highest), (low, high), scratch.turn, scratch.phasors,
        )  # fmt: skip
        if need > available:
            return need, f, 0
        length = span if span > 0.0 else cycles * plan.rate / f
        need = max(need, first + math.floor(fraction + length) + AFTER)
        if need > available:
            return need, f, 0
        window_means(x, first, fraction, length, False, tables.edges, scratch.means)
        if attempt == 0:
            flags = voltage_flags(plan, scratch.means)
        period = plan.rate / f
        count = cycles
        if span > 0.0:
            count = min(max(int(span / period), 2), scratch.phasors.shape[0])
        heard = attempt == 1 or not flags & _NO_VOLTAGE
        if heard and _is_tone(low, high, count, period, coherence, scratch):
            if plan.lowest < f < plan.highest:
                if abs(f - plan.nominal) > _RANGE * plan.nominal:
                    flags |= _OUT_OF_RANGE
                if coherence < _COHERENCE_STEADY:
                    flags |= _UNSTEADY
                return need, f, flags
            flags |= _OUT_OF_RANGE
            break
        if attempt == 0:
            flags |= _NO_VOLTAGE
    f = plan.nominal
    length = span if span > 0.0 else cycles * plan.rate / f
    need = max(need, first + math.floor(fraction + length) + AFTER)
    if need <= available:
        window_means(x, first, fraction, length, False, tables.edges, scratch.means)
        flags |= voltage_flags(plan, scratch.means) | ASSUMED
    return need, f, flags
