"""What was measured in a recording: values per phase and in total, and what was guessed for it.

Signs follow the load's arrow: import is positive, reactive power of the fundamental is positive
when an inductive load imports it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from addad.world.channel_map import ChannelMap
from addad.world.recording import Recording

Floats = NDArray[np.float64]
PHASE_NAMES = ("L1", "L2", "L3", "N")


@dataclass(frozen=True)
class Wave:
    """One voltage or current over the record, in its channel's `unit`.

    `rms` is over all windows, `lowest` and `highest` the RMS of single ones; `thd` is a ratio to
    the fundamental; `angle` [rad] is of the fundamental against the voltage of the first phase;
    `harmonics` hold the RMS value by order, order 0 the mean.
    """

    channel: str
    unit: str
    rms: float
    lowest: float
    highest: float
    thd: float
    angle: float
    harmonics: Floats = field(repr=False)


@dataclass(frozen=True)
class Power:
    """Mean powers: `p` [W], `q` [var] of the fundamental, `s` [VA], and `pf` = P ÷ S, signed."""

    p: float
    q: float
    s: float
    pf: float


@dataclass(frozen=True)
class PhaseReport:
    """One phase; what the recording does not hold is None."""

    phase: str
    voltage: Wave | None
    current: Wave | None
    power: Power | None


@dataclass(frozen=True)
class Frequency:
    """The frequency [Hz]: mean, extremes of single windows, extremes of means over 10 s.

    NaN where there is none; `measured` is False where it was only assumed.
    """

    mean: float
    lowest: float
    highest: float
    lowest_10s: float
    highest_10s: float
    measured: bool


@dataclass(frozen=True)
class ItemReport:
    """One record: most files hold one, and its name is then empty.

    `energy_uwh` are the total's registers by name in micro-units, None where no phase has power;
    `skipped` windows held missing samples, `flags` is the union of what the windows said.
    """

    name: str
    windows: int
    skipped: int
    frequency: Frequency
    phases: tuple[PhaseReport, ...]
    total: Power | None
    energy_uwh: dict[str, int] | None
    flags: int


@dataclass(frozen=True)
class Course:
    """How one record went, in at most some thousands of steps.

    `time` [s] (k,), `frequency` [Hz] (k,), `power` [W] (k,) by window; `cycle_time` [s] (c,) and
    `cycle_rms` (c, 7), the RMS of stretches of a cycle or more: L1 to L3 of voltage, of current, N.
    """

    time: Floats
    frequency: Floats
    power: Floats
    cycle_time: Floats
    cycle_rms: Floats


@dataclass(frozen=True)
class Report:
    """Everything that was measured in one file, and how."""

    file: str
    recording: Recording = field(repr=False)
    channels: ChannelMap
    nominal: tuple[float | None, float]
    window_cycles: int
    measured_s: float
    partial: str
    highest_order: int
    items: tuple[ItemReport, ...]
    notes: tuple[str, ...]
    course: Course | None = field(default=None, repr=False)
