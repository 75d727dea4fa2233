"""Dips, swells and interruptions, over all phases together.

By IEC 61000-4-30 a dip or swell of a polyphase supply begins when the Urms(1/2) of one voltage
crosses its threshold, and ends when those of all are back by the hysteresis; an interruption begins
when all are below, and ends when one is back. The residual voltage of a dip is the lowest Urms(1/2)
of any phase, the largest of a swell the highest.

Begin and end are told within the half-cycle: where the mean square of the half-cycles around the
step shows it, as if the voltage had stepped from one level to the other,

    t = t(k) − Σ H (h(j) − h(before)) / (h(after) − h(before))     over the halves j that it touched
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from addad.metrology.kernels import kernel
from addad.metrology.power_quality.half_cycle import BEGIN, END, HALF_SQUARE, RMS, HalfCycles
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.quantities import PHASES

Floats = NDArray[np.float64]

_KINDS = 3
_KEPT = 8
"""Half-cycles kept: a step touches three of them at most, between the levels before and behind."""
_COLUMNS = 6
_BEGUN, _ENDED = 0, 1
_STEP = 0.01
"""A level that differs by less than this part has not stepped."""


class EventKind(IntEnum):
    """What happens to a voltage."""

    DIP = 0
    SWELL = 1
    INTERRUPTION = 2
    RAPID_CHANGE = 3


@dataclass(frozen=True, slots=True)
class VoltageEvent:
    """A disturbance; times are seconds since the stream's first sample.

    `number` is the same when an event begins and when it ends. Without `duration_s` it has only
    begun. `voltage` [V] is the residual voltage of a dip or interruption, the largest of a swell;
    of a rapid change it is the largest difference from the steady voltage before, and `step` [V]
    what remains of it. `phases` are those touched (1 to 3).
    """

    number: int
    kind: EventKind
    start_s: float
    duration_s: float | None
    voltage: float
    phases: tuple[int, ...]
    step: float = math.nan

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.duration_s is not None


class VoltageEvents:
    """IEC 61000-4-30: dips, swells and interruptions in the half-cycle values of one meter."""

    def __init__(self, settings: PowerQualitySettings, numbers: Iterator[int]) -> None:
        udin, hold = settings.declared_voltage, settings.hysteresis
        self._rate = float(settings.instrument.sample_rate)
        self._levels = udin * np.array(
            [
                [settings.dip, settings.dip + hold],
                [settings.swell, settings.swell - hold],
                [settings.interruption, settings.interruption + hold],
            ]
        )
        # for each kind: whether it lasts, its begin, its extreme, its phases, its halves, settled
        self._state = np.zeros((_KINDS, 6))
        self._halves = np.zeros((_KEPT, PHASES + 1))
        self._numbers = numbers
        self._open: dict[int, int] = {}

    @property
    def lasting_since_s(self) -> float:
        """When the first of those that last now began [s]; infinite without one."""
        if not self._open:
            return math.inf
        begun = self._state[self._state[:, 0] == 1.0, 1]
        return float(begun.min()) / self._rate

    def take(self, cycles: HalfCycles) -> list[VoltageEvent]:
        """What begins and ends in these values."""
        records = np.empty((2 * _KINDS * len(cycles.values), _COLUMNS))
        n = _detect(cycles.values, self._levels, self._state, self._halves, records)
        return [self._event(row) for row in records[:n]]

    def gap(self) -> list[VoltageEvent]:
        """Samples are missing: what lasts is cut off where it was last seen."""
        now = self._halves[-1, PHASES]
        cut = []
        for kind in np.flatnonzero(self._state[:, 0]):
            _, begin, extreme, phases, _, _ = self._state[kind]
            cut.append(self._event(np.array([kind, _ENDED, begin, now, extreme, phases])))
        self._state[:] = 0.0
        self._halves[:] = 0.0
        return cut

    def _event(self, row: Floats) -> VoltageEvent:
        kind, change, begin, end, extreme, mask = row.tolist()
        if change == _BEGUN:
            self._open[int(kind)] = next(self._numbers)
        number = self._open[int(kind)] if change == _BEGUN else self._open.pop(int(kind))
        return VoltageEvent(
            number=number,
            kind=EventKind(int(kind)),
            start_s=begin / self._rate,
            duration_s=max(end - begin, 0.0) / self._rate if change == _ENDED else None,
            voltage=extreme,
            phases=tuple(c + 1 for c in range(PHASES) if int(mask) >> c & 1),
        )


@kernel
def _within(kind: int, value: float, level: float) -> bool:
    """Whether a value is on the event's side of a level; swells are above theirs."""
    return value > level if kind == 1 else value < level


@kernel
def _touched(halves: Floats, phase: int, first: int, last: int) -> float:
    """Where the level of a phase stepped [samples]: somewhere in the kept halves first .. last.

    The halves before and behind these are the levels from and to which it stepped.
    """
    before, after = halves[first - 1, phase], halves[last + 1, phase]
    stepped = 0.0
    for j in range(first, last + 1):
        length = halves[j, PHASES] - halves[j - 1, PHASES]
        part = 0.0
        if after != before:
            part = (halves[j, phase] - before) / (after - before)
        stepped += length * min(max(part, 0.0), 1.0)
    return float(halves[last, PHASES] - stepped)


@kernel
def _detect(values: Floats, levels: Floats, state: Floats, halves: Floats, records: Floats) -> int:
    """Walk through the values; writes kind, change, begin, end, extreme and phases of each event.

    `halves` keeps the mean squares of the newest half-cycles with their ends. The begin of an event
    is refined one half-cycle later, when the level behind the step is known.
    """
    count = 0
    for k in range(len(values)):
        begin, end, rms = values[k, BEGIN], values[k, END], values[k, RMS:HALF_SQUARE]
        for j in range(_KEPT - 1):
            for c in range(PHASES + 1):
                halves[j, c] = halves[j + 1, c]
        for c in range(PHASES):
            halves[_KEPT - 1, c] = values[k, HALF_SQUARE + c]
        halves[_KEPT - 1, PHASES] = end
        for kind in range(_KINDS):
            low, back = levels[kind, 0], levels[kind, 1]
            inside = below = held = alive = phase = 0
            worst = leading = math.nan
            for c in range(PHASES):
                v = rms[c]
                if math.isnan(v):
                    continue
                alive += 1
                if _within(kind, v, low):
                    inside |= 1 << c
                    below += 1
                held += _within(kind, v, back)
                if math.isnan(worst) or _within(kind, v, worst):
                    worst = v
                # the last to fall makes an interruption, the farthest the others
                if math.isnan(leading) or (v > leading) == (kind != 0):
                    leading, phase = v, c
            starts = below == alive > 0 if kind == 2 else inside != 0
            ends_now = held < alive or alive == 0 if kind == 2 else held == 0
            s = state[kind]
            if s[0] == 0.0 and starts:
                s[0], s[1], s[2], s[3] = 1.0, begin, worst, float(inside)
                s[4], s[5] = 0.0, float(phase)
                records[count] = np.array([float(kind), 0.0, s[1], s[1], worst, s[3]])
                count += 1
            elif s[0] == 1.0:
                s[4] += 1.0
                if s[4] == 1.0 and halves[_KEPT - 6, PHASES] > 0.0:
                    s[1] = _first_gone(kind, halves, int(s[5]), s[1])
                if ends_now:
                    until = 0.5 * (halves[_KEPT - 2, PHASES] + end)
                    if kind != 2:
                        until = begin
                        if s[4] > 1.0 and halves[_KEPT - 5, PHASES] > 0.0:
                            until = _last_back(kind, halves, rms)
                    records[count] = np.array([float(kind), 1.0, s[1], until, s[2], s[3]])
                    count += 1
                    s[0] = 0.0
                else:
                    s[3] = float(int(s[3]) | inside)
                    if _within(kind, worst, s[2]):
                        s[2] = worst
    return count


@kernel
def _stepped(halves: Floats, phase: int, first: int, up: bool) -> bool:
    """Whether the level of a phase is higher, or lower, than it was before the half `first`."""
    before, after = halves[first - 1, phase], halves[_KEPT - 1, phase]
    return bool(abs(after - before) > _STEP * max(after, before)) and (after > before) == up


@kernel
def _first_gone(kind: int, halves: Floats, phase: int, begin: float) -> float:
    """When the phase that began the event stepped [samples]; `begin` where it is back already.

    A voltage that swells for one half-cycle and then collapses has only stepped the other way.
    """
    first = _KEPT - 4
    if not _stepped(halves, phase, first, kind == 1):
        return begin
    return _touched(halves, phase, first, _KEPT - 2)


@kernel
def _last_back(kind: int, halves: Floats, rms: Floats) -> float:
    """When the last of the voltages stepped back [samples]."""
    until, first = 0.0, _KEPT - 3
    for c in range(PHASES):
        if not math.isnan(rms[c]) and _stepped(halves, c, first, kind != 1):
            until = max(until, _touched(halves, c, first, _KEPT - 2))
    return until if until > 0.0 else halves[_KEPT - 2, PHASES]
