"""The events of a record: dips, swells, interruptions and rapid changes of its voltages.

The instrument's power quality (IEC 61000-4-30) runs over the record once more, with the voltages
scaled so that the declared one is 100: a recording may be in volts of any size, or in none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from addad.lab.measure_plan import Plan, Stretch, stretches_of
from addad.lab.report import PHASE_NAMES, Course, RecordEvent, RecordQuality
from addad.metrology import InstrumentSettings
from addad.metrology.power_quality import (
    EventKind,
    Findings,
    IntervalKind,
    PowerQuality,
    PowerQualitySettings,
    VoltageEvent,
)
from addad.metrology.uncertainty_inputs import COVERAGE_FACTOR

Floats = NDArray[np.float64]

KIND_WORDS = {
    EventKind.DIP: "dip",
    EventKind.SWELL: "swell",
    EventKind.INTERRUPTION: "interruption",
    EventKind.RAPID_CHANGE: "rapid change",
}
SHORTEST_CYCLES = 3.0
_DECLARED = 100.0
_STEADY = 0.01
_METHOD = 2e-4
"""How far the method may be off in a residual voltage, of the declared one."""
_ALIVE = 0.5
_FAR = 0.25
_ENVELOPE_STEPS = 4096


def steady_voltage(rms: Floats) -> float | None:
    """The voltage that a record had while it was steady: RMS of cycles (k, voltages) to one value.

    The median over all cycles that live (more than half of what a high one has) and differ by less
    than a hundredth from the one before; of those that live, where none is steady.
    """
    if not rms.size or not np.isfinite(rms).any():
        return None
    top = np.nanpercentile(rms, 95, axis=0)
    if not top.max() > 0.0:
        return None
    lives = rms > _ALIVE * top.max()
    steady = lives.copy()
    steady[0] = False
    steady[1:] &= np.abs(np.diff(rms, axis=0)) < _STEADY * rms[:-1]
    chosen = rms[steady] if steady.any() else rms[lives]
    return float(np.median(chosen))


def find_events(wanted: Plan, course: Course, noise: Floats) -> RecordQuality | None:
    """Power quality of a record that has voltages and some cycles; None for one that has not.

    `noise` is the standard deviation of noise in the samples by channel, L1 to L3 of voltage first.
    """
    recording = wanted.recording
    present = [p for p in range(3) if wanted.channels.voltages[p] is not None]
    cycles = recording.duration_s * wanted.nominal[1]
    if not present or recording.rate_assumed or cycles < SHORTEST_CYCLES:
        return None
    own = steady_voltage(course.cycle_rms[:, present])
    stated = wanted.nominal[0]
    declared = own if stated is None else stated
    if declared is None:
        return None
    start_utc_s = recording.start.timestamp() if recording.start else 0.0
    analyser = PowerQuality(
        PowerQualitySettings(
            InstrumentSettings(
                sample_rate=recording.sample_rate,
                nominal_frequency=wanted.nominal[1],
                voltages=len(present),
                currents=0,
            ),
            declared_voltage=_DECLARED,
        ),
        start_utc_s,
    )
    gathered = _Gathered(wanted, noise, present, declared)
    for stretch, missing in _stretches(wanted, present, _DECLARED / declared):
        if missing:
            gathered.take(analyser.gap(missing), cut=True)
        else:
            gathered.take(analyser.process(stretch))
    gathered.take(analyser.flush(), cut=True)
    quality = gathered.quality(stated is not None, start_utc_s)
    notes = _notes(declared, own if stated is not None else None)
    odd = _odd_channels(wanted, course, present, declared) if not notes else ()
    return replace(quality, notes=(*notes, *odd))


class _Gathered:
    """What the analyser told, turned back to the record's own unit and phases."""

    def __init__(self, wanted: Plan, noise: Floats, present: list[int], declared: float) -> None:
        self._rate, samples = wanted.recording.sample_rate, wanted.recording.samples
        self._wanted, self._noise = wanted, noise
        self._present = present
        self._declared, self._unit = declared, declared / _DECLARED
        self._events: list[RecordEvent] = []
        self._flicker: list[tuple[float, tuple[float, ...]]] = []
        self._step = max(1.0, samples / _ENVELOPE_STEPS)
        count = min(samples, _ENVELOPE_STEPS) + 1
        self._lowest = np.full((count, 3), np.inf)
        self._highest = np.full((count, 3), -np.inf)

    def take(self, findings: Findings, cut: bool = False) -> None:
        self._events += [self._event(event, cut) for event in findings.events if event.over]
        for interval in findings.intervals:
            if interval.kind is IntervalKind.TEN_MINUTES and np.isfinite(interval.flicker).any():
                values = self._by_phase(interval.flicker)
                self._flicker.append((interval.start_utc_s, tuple(values.tolist())))
        half = findings.half_cycles
        if half is None or not len(half.end):
            return
        places = np.minimum(
            (0.5 * (half.begin + half.end) / self._step).astype(np.int64), len(self._lowest) - 1
        )
        rms = self._by_phase(half.rms * self._unit)
        np.minimum.at(self._lowest, places, np.where(np.isnan(rms), np.inf, rms))
        np.maximum.at(self._highest, places, np.where(np.isnan(rms), -np.inf, rms))

    def quality(self, stated: bool, start_utc_s: float) -> RecordQuality:
        """All of it; events in their order."""
        ordered = sorted(self._events, key=lambda event: (event.start_s, event.kind))
        there = np.isfinite(self._lowest).any(axis=1)
        lowest, highest = (
            np.where(np.isfinite(values[there]), values[there], math.nan)
            for values in (self._lowest, self._highest)
        )
        places = np.flatnonzero(there).astype(np.float64)
        return RecordQuality(
            declared=self._declared,
            stated=stated,
            events=tuple(replace(event, number=n) for n, event in enumerate(ordered, 1)),
            time=np.asarray((places + 0.5) * self._step / self._rate),
            lowest=lowest,
            highest=highest,
            flicker=tuple((start - start_utc_s, values) for start, values in self._flicker),
        )

    def _by_phase(self, values: Floats) -> Floats:
        """Columns (…, 3) of L1 to L3 from those of the voltages that are there."""
        placed = np.full((*values.shape[:-1], 3), math.nan)
        placed[..., self._present] = values[..., : len(self._present)]
        return placed

    def _event(self, event: VoltageEvent, cut: bool) -> RecordEvent:
        assert event.duration_s is not None
        return RecordEvent(
            number=event.number,
            kind=KIND_WORDS[event.kind],
            start_s=float(event.start_s),
            duration_s=float(event.duration_s),
            voltage=float(event.voltage) * self._unit,
            share=float(event.voltage) / _DECLARED,
            phases=tuple(PHASE_NAMES[self._present[phase - 1]] for phase in event.phases),
            cut=cut,
            voltage_uncertainty=self._uncertainty(event),
            time_uncertainty_s=0.5 / self._wanted.nominal[1],
        )

    def _uncertainty(self, event: VoltageEvent) -> float:
        """U² = 4 ((V g)² + σ²/N + (a² + b²)/3), of the phase where it is greatest.

        g is the gain's share, σ²/N what noise makes of one cycle's RMS, a = 0.02 % of the declared
        voltage, b = σ²/2V what noise adds to it.
        """
        voltage = float(event.voltage) * self._unit
        samples = self._rate / self._wanted.nominal[1]
        gains, found = self._wanted.given.gain, 0.0
        for phase in event.phases:
            place = self._present[phase - 1]
            sigma = float(np.nan_to_num(self._noise[place]))
            added = min(sigma * sigma / (2.0 * voltage), sigma) if voltage > 0.0 else sigma
            limits = (_METHOD * self._declared) ** 2 + added**2
            drawn = (voltage * gains[place]) ** 2 + sigma**2 / samples
            found = max(found, drawn + limits / 3.0)
        return COVERAGE_FACTOR * math.sqrt(found)


def _stretches(wanted: Plan, present: list[int], factor: float) -> Iterator[Stretch]:
    """The voltages (n, present) in stretches without a missing one, and the gaps between."""
    for block in wanted.blocks():
        samples = np.ascontiguousarray(block[0][:, present] * factor)
        yield from stretches_of(samples, np.isfinite(samples).all(axis=1))


def _notes(declared: float, own: float | None) -> tuple[str, ...]:
    """Whether the voltage that the user states is that of the record."""
    if own is None or abs(own / declared - 1.0) < _FAR:
        return ()
    share = f"the record's steady voltage is {100.0 * own / declared:.0f} % of --nominal"
    if abs(own * math.sqrt(3.0) / declared - 1.0) < 0.1:
        return (f"{share}: is that the voltage between phases? {own:.4g} V would be to neutral",)
    return (f"{share}: every cycle of it counts as a dip or a swell",)


def _odd_channels(
    wanted: Plan, course: Course, present: list[int], declared: float
) -> tuple[str, ...]:
    """A note for each voltage that is far from the declared one while it is steady itself."""
    notes = []
    for phase in present:
        column = wanted.channels.voltages[phase]
        assert column is not None
        channel = wanted.recording.channels[column]
        named = f"{channel.name} ({PHASE_NAMES[phase]})"
        own = steady_voltage(course.cycle_rms[:, [phase]])
        if own is None:
            notes.append(f"{named} is zero throughout: is it connected, or the map right (--map)?")
        elif not 1.0 - 2 * _FAR < own / declared < 1.0 + 2 * _FAR:
            unit = (channel.unit or "V").replace("full scale", "FS")
            notes.append(
                f"{named} has {own:.4g} {unit} while steady, where {declared:.4g} {unit} is "
                "expected: is its scale right (--scale), and is it that phase (--map)?"
            )
    return tuple(notes)
