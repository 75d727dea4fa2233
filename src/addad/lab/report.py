"""What was measured in a recording: values per phase and in total, and what was guessed for it.

Signs follow the load's arrow: import is positive, reactive power of the fundamental is positive
when an inductive load imports it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from addad.metrology import Window
from addad.world.channel_map import ChannelMap
from addad.world.recording import Recording, StatusChannel

Floats = NDArray[np.float64]
PHASE_NAMES = ("L1", "L2", "L3", "N")


@dataclass(frozen=True)
class Wave:
    """One voltage or current over the record, in its channel's `unit`.

    `rms` is over all windows, `lowest` and `highest` the RMS of single ones; `thd` is a ratio to
    the fundamental; `angle` [rad] is of the fundamental against the voltage of the first phase;
    `harmonics` hold the RMS value by order, order 0 the mean. `uncertainty` has that of each value
    in its place: half of the interval that holds the true value with 95 %.
    """

    channel: str
    unit: str
    rms: float
    lowest: float
    highest: float
    thd: float
    angle: float
    harmonics: Floats = field(repr=False)
    uncertainty: Wave | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Power:
    """Mean powers: `p` [W], `q` [var] of the fundamental, `s` [VA], and `pf` = P ÷ S, signed.

    `uncertainty` has that of each in its place, as a Wave's.
    """

    p: float
    q: float
    s: float
    pf: float
    uncertainty: Power | None = field(default=None, repr=False)


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

    NaN where there is none; `measured` is False where it was only assumed. `uncertainty` has that
    of each in its place, as a Wave's.
    """

    mean: float
    lowest: float
    highest: float
    lowest_10s: float
    highest_10s: float
    measured: bool
    uncertainty: Frequency | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ItemReport:
    """One record: most files hold one, and its name is then empty.

    `energy_uwh` are the total's registers by name in micro-units, None where no phase has power,
    `energy_uncertainty_uwh` the uncertainty of each;
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
    energy_uncertainty_uwh: dict[str, float] | None = None


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
class Trend:
    """Values by window, neighbours merged where they would be too many: all (k,) or (k, phases).

    `time` [s] is a window's middle; `u` [V], `i` [A] (L1 to L3, N), powers `p` [W] and `q` [var] in
    total, `frequency` [Hz], THD and the `unbalance` by the negative sequence as ratios. NaN where
    there is no channel. `uncertainty` has that of each value in its place; that of a mean of
    neighbours is the mean of theirs, which it never exceeds.
    """

    time: Floats
    frequency: Floats
    p: Floats
    q: Floats
    unbalance: Floats
    u: Floats
    i: Floats
    thd_u: Floats
    thd_i: Floats
    uncertainty: Trend | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RecordEvent:
    """A dip, swell, interruption or rapid change; `number` counts a record's events from 1.

    `voltage` is the residual one, a swell's largest, a rapid change's largest difference, in the
    voltages' unit, and `share` the same as a part of the declared voltage. `cut`: the record ended,
    or samples are missing, while it lasted, so that `duration_s` is only what was seen.
    `voltage_uncertainty`, and `time_uncertainty_s` of begin and duration alike, are of 95 %.
    """

    number: int
    kind: str
    start_s: float
    duration_s: float
    voltage: float
    share: float
    phases: tuple[str, ...]
    cut: bool
    voltage_uncertainty: float = math.nan
    time_uncertainty_s: float = math.nan


@dataclass(frozen=True)
class RecordQuality:
    """Power quality of one record against its `declared` voltage, `stated` by the user or found.

    `time` [s] (k,), `lowest` and `highest` (k, 3): the extremes of the half-cycle RMS in stretches
    of the record, in the voltages' unit. `flicker`: the begin [s] of each ten minutes, and Pst.
    """

    declared: float
    stated: bool
    events: tuple[RecordEvent, ...]
    time: Floats
    lowest: Floats
    highest: Floats
    flicker: tuple[tuple[float, tuple[float, ...]], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChange:
    """A digital channel (from 0, of RecordStates) that goes to `state` at `time_s` [s]."""

    time_s: float
    channel: int
    state: int


@dataclass(frozen=True)
class RecordStates:
    """The digital channels, their states `first`, and their changes in the order of time.

    `count` is that of all changes; of very many only the first are kept.
    """

    channels: tuple[StatusChannel, ...] = field(repr=False)
    first: tuple[int, ...] = field(repr=False)
    changes: tuple[StateChange, ...]
    count: int


@dataclass(frozen=True)
class Report:
    """Everything that was measured in one file, and how.

    `accuracy` says what the uncertainties are made of, `front_end` which limits of error the user
    stated for what made the recording.
    """

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
    trend: Trend | None = field(default=None, repr=False)
    quality: RecordQuality | None = field(default=None, repr=False)
    findings: tuple[str, ...] = ()
    accuracy: str = ""
    front_end: str = ""
    states: RecordStates | None = field(default=None, repr=False)


class Check(Protocol):
    """Looks at a record as it is measured, and says what it finds in whole sentences.

    `take` sees every window once, in their order; `findings` is asked at the end, with the report
    as it stands. `lab.checks` holds those that each measurement makes.
    """

    def take(self, window: Window) -> None:
        """See the next window."""

    def findings(self, report: Report) -> Sequence[str]:
        """What was found, the gravest first; nothing where all is well."""
