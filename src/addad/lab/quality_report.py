"""The report on a supply's quality by EN 50160: what was asked, what was found, what it means.

Less than a week is no verdict: what was seen so far is told, and that there is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from addad.lab.quality_record import WHOLE, QualityRecord
from addad.lab.quality_tolerance import Region, region
from addad.metrology.power_quality import EventKind, EventWaveform, VoltageEvent
from addad.metrology.power_quality import en50160 as en
from addad.metrology.power_quality.capture import LEAD_S
from addad.metrology.power_quality.en50160 import Quantity, Requirement, Result, Verdict

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PHASE_NAMES = ("L1", "L2", "L3")
CURRENT_NAMES = (*PHASE_NAMES, "N")
_CUT_CYCLES = 1.6
Columns = tuple[tuple[int, str], ...]
"""Columns of samples, each with the phase that it is of."""
KIND_WORDS = {
    EventKind.DIP: "dip",
    EventKind.SWELL: "swell",
    EventKind.INTERRUPTION: "interruption",
    EventKind.RAPID_CHANGE: "rapid change",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A requirement and what came of it by phase; `why` says why there is no result."""

    requirement: Requirement
    results: tuple[Result, ...]
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        """That of the worst phase; not measured only where no phase was."""
        order = (Verdict.FAILS, Verdict.BEYOND, Verdict.WITHIN, Verdict.CONFORMS)
        found = {result.verdict for result in self.results}
        return next((verdict for verdict in order if verdict in found), Verdict.NOT_MEASURED)

    @property
    def worst(self) -> Result | None:
        """The phase that is nearest to its limit, or farthest beyond it."""
        known = [result for result in self.results if result.counted]
        return max(known, key=lambda r: (r.verdict is self.verdict, r.used), default=None)


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """An event of the report; times are seconds since 1970, voltages [V] and shares of declared.

    `cut` says that the record ended, or samples are missing, while it lasted.
    `waveform` is its place in the record, or None. `of_interruption` is a dip that the
    interruption with it stands for.
    """

    number: int
    kind: str
    start_utc_s: float
    duration_s: float | None
    voltage: float
    share: float
    phases: tuple[str, ...]
    region: Region | None
    waveform: int | None
    of_interruption: bool
    cut: bool

    @property
    def begins(self) -> datetime:
        """When, in UTC."""
        return datetime.fromtimestamp(self.start_utc_s, UTC)

    @property
    def stem(self) -> str:
        """What its files are named, without a suffix."""
        kind = self.kind.replace(" ", "-")
        return f"event-{self.number:03d}-{kind}-{self.begins:%Y%m%dT%H%M%S}Z"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All that a page tells."""

    record: QualityRecord
    items: tuple[Item, ...]
    table: en.EventTable
    events: tuple[ReportedEvent, ...]
    made: datetime
    version: str

    @property
    def verdict(self) -> Verdict:
        """Of the whole: failed where anything does, and a verdict only over a week."""
        found = [item.verdict for item in self.items]
        if Verdict.FAILS in found:
            return Verdict.FAILS
        if not self.a_week or Verdict.CONFORMS not in found:
            if Verdict.BEYOND in found:
                return Verdict.BEYOND
            return Verdict.WITHIN if Verdict.WITHIN in found else Verdict.NOT_MEASURED
        return Verdict.BEYOND if Verdict.BEYOND in found else Verdict.CONFORMS

    @property
    def a_week(self) -> bool:
        """Whether enough of a week was measured for a verdict."""
        return self.record.measured_s >= en.COMPLETE * en.WEEK_S

    def of(self, quantity: Quantity) -> tuple[Item, ...]:
        """The items of a quantity."""
        return tuple(item for item in self.items if item.requirement.quantity is quantity)


def report(record: QualityRecord, made: datetime, version: str) -> QualityReport:
    """Hold a record against EN 50160. `made` is when, `version` the program's."""
    return QualityReport(
        record=record,
        items=tuple(_items(record)),
        table=en.event_table(record.events, record.supply.declared),
        events=_events(record),
        made=made,
        version=version,
    )


def counted(record: QualityRecord) -> Bools:
    """Which ten-minute intervals were measured whole (n,)."""
    return np.asarray(record.ten.coverage >= WHOLE)


def ten_minute_values(record: QualityRecord, quantity: Quantity) -> Floats:
    """What is judged of the ten-minute intervals (n, channels), in the limits' units.

    NaN where an interval was not measured whole.
    """
    ten, supply = record.ten, record.supply
    if quantity is Quantity.VOLTAGE:
        values = 100.0 * ten.voltage / supply.declared
    elif quantity is Quantity.UNBALANCE:
        values = 100.0 * ten.unbalance[:, :1]
    else:
        values = 100.0 * ten.distortion(min(en.THD_ORDER, supply.highest_order))
    return np.where(counted(record)[:, None], values, math.nan)


def harmonic_values(record: QualityRecord, order: int) -> Floats:
    """A harmonic of the ten-minute intervals (n, 3), in percent of the fundamental."""
    values = 100.0 * record.ten.harmonics[:, :, order].astype(np.float64)
    return np.where(counted(record)[:, None], values, math.nan)


def signalling_values(record: QualityRecord) -> Floats:
    """Mains signalling (n, 3), in percent of the declared voltage."""
    return 100.0 * record.signalling.values / record.supply.declared


def _items(record: QualityRecord) -> list[Item]:
    supply, ten, phases = record.supply, record.ten, record.supply.phases
    frequency = record.frequency
    items = [
        _item(wanted, frequency.values, frequency.flagged)
        for wanted in en.frequency_requirements(supply.nominal_frequency, supply.island)
    ]
    voltage = ten_minute_values(record, Quantity.VOLTAGE)
    items += [
        _item(wanted, voltage, ten.flagged, phases)
        for wanted in en.voltage_requirements(supply.island)
    ]
    items.append(_item(en.FLICKER, record.plt.values, record.plt.flagged, phases))
    unbalance = _item(en.UNBALANCE, ten_minute_values(record, Quantity.UNBALANCE), ten.flagged)
    if len(phases) < len(PHASE_NAMES):
        unbalance = replace(unbalance, why="it takes three voltages")
    items.append(unbalance)
    items.append(
        _item(en.DISTORTION, ten_minute_values(record, Quantity.DISTORTION), ten.flagged, phases)
    )
    for wanted in en.harmonic_requirements():
        item = _item(wanted, harmonic_values(record, wanted.order), ten.flagged, phases)
        if wanted.order > supply.highest_order:
            item = replace(item, why=f"{supply.sample_rate:g} samples a second do not show it")
        items.append(item)
    signalling = _signalling(record)
    return [*items, *([signalling] if signalling else [])]


def _signalling(record: QualityRecord) -> Item | None:
    supply = record.supply
    wanted = en.signalling_requirement(supply.signalling_hz or 175.0)
    if wanted is None:
        return None
    if not supply.signalling_hz:
        return Item(wanted, (), "no carrier was watched (--signalling)")
    series = record.signalling
    found = en.worst_day(
        wanted, series.start, signalling_values(record), series.flagged, supply.phases
    )
    return Item(wanted, found)


def _item(
    wanted: Requirement, values: Floats, flagged: Bools, channels: Sequence[int] = (0,)
) -> Item:
    results = en.judge(wanted, values, flagged, channels)
    why = ""
    if all(result.verdict is Verdict.NOT_MEASURED for result in results):
        length = {600.0: "ten minutes", 7_200.0: "two hours", 10.0: "ten seconds"}
        why = f"no whole {length[wanted.interval_s]} without a flag"
    return Item(wanted, results, why)


def _events(record: QualityRecord) -> tuple[ReportedEvent, ...]:
    places = {_key(w.event): k for k, w in enumerate(record.waveforms)}
    return tuple(
        _event(number, event, record, places.get(_key(event)))
        for number, event in enumerate(record.events, 1)
    )


def _event(
    number: int, event: VoltageEvent, record: QualityRecord, waveform: int | None
) -> ReportedEvent:
    share = event.voltage / record.supply.declared
    rapid = event.kind is EventKind.RAPID_CHANGE
    known = None if rapid or event.duration_s is None else region(event.duration_s, share)
    return ReportedEvent(
        number=number,
        kind=KIND_WORDS[event.kind],
        start_utc_s=event.start_s,
        duration_s=event.duration_s,
        voltage=event.voltage,
        share=share,
        phases=tuple(PHASE_NAMES[phase - 1] for phase in event.phases),
        region=known,
        waveform=waveform,
        of_interruption=en.part_of_interruption(event, record.events),
        cut=not rapid and _cut(event, record),
    )


def _cut(event: VoltageEvent, record: QualityRecord) -> bool:
    """Whether an event was last seen where samples end; a half-cycle may be on its way there."""
    if event.duration_s is None:
        return True
    ends = np.append(record.gaps[:, 0], record.end_utc_s)
    behind = (ends - event.start_s - event.duration_s) * record.supply.nominal_frequency
    return bool(((behind > -_CUT_CYCLES) & (behind < _CUT_CYCLES)).any())


def drawn_waveforms(report: QualityReport) -> tuple[ReportedEvent, ...]:
    """The events whose waveforms are shown: not of a dip that was an interruption at once."""
    gone = [e.start_utc_s for e in report.events if e.kind == KIND_WORDS[EventKind.INTERRUPTION]]
    return tuple(
        event
        for event in report.events
        if event.waveform is not None
        and not (
            event.of_interruption and any(-0.02 <= s - event.start_utc_s < LEAD_S for s in gone)
        )
    )


def _key(event: VoltageEvent) -> tuple[int, float]:
    return int(event.kind), event.start_s


def voltage_columns(record: QualityRecord) -> Columns:
    """The voltages of a waveform."""
    return tuple((k, PHASE_NAMES[phase]) for k, phase in enumerate(record.supply.phases))


def current_columns(record: QualityRecord) -> Columns:
    """The currents of a waveform."""
    first = len(record.supply.phases)
    return tuple((first + k, CURRENT_NAMES[lane]) for k, lane in enumerate(record.supply.currents))


def waveform_of(record: QualityRecord, event: ReportedEvent) -> EventWaveform | None:
    """The samples around an event, where they were kept."""
    return None if event.waveform is None else record.waveforms[event.waveform]
