"""Power quality of a stream of samples, kept as a record: a recording's, or a stretch of a house's.

The method is that of class A of IEC 61000-4-30, which `addad.metrology.power_quality` has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from addad.lab.measure_plan import Stretch
from addad.lab.quality_record import (
    ORDERS,
    PHASES,
    QualityRecord,
    Series,
    Supply,
    TenMinutes,
)
from addad.metrology import InstrumentSettings
from addad.metrology.power_quality import (
    EventWaveform,
    Findings,
    IntervalKind,
    PowerQuality,
    PowerQualitySettings,
    QualityInterval,
    VoltageEvent,
)

Floats = NDArray[np.float64]

TEN_MINUTES_S = 600.0
WAVEFORMS_MAX = 400
WAVEFORM_VALUES_MAX = 30_000_000
"""The waveforms of the first events are kept; so many samples of all channels in all."""
_EDGE_S = 2e-3


def instrument_of(supply: Supply) -> InstrumentSettings:
    """The instrument for a supply: its columns are the voltages it has, then its currents."""
    return InstrumentSettings(
        sample_rate=supply.sample_rate,
        nominal_frequency=supply.nominal_frequency,
        voltages=len(supply.phases),
        currents=len(supply.currents),
    )


class QualityRun:
    """Power quality of a supply whose samples begin at `start_utc_s`.

    What begins before `keep_from_s` or from `keep_to_s` on is left out: the first is for filters to
    settle, the second for events and intervals to come to an end.
    """

    def __init__(
        self,
        supply: Supply,
        start_utc_s: float,
        keep_from_s: float = -math.inf,
        keep_to_s: float = math.inf,
    ) -> None:
        self._supply = supply
        self._start = start_utc_s
        self._keep = max(start_utc_s, keep_from_s), keep_to_s
        self._analyser = PowerQuality(
            PowerQualitySettings(
                instrument_of(supply),
                declared_voltage=supply.declared,
                signalling_hz=supply.signalling_hz,
                lamp=supply.lamp,
            ),
            start_utc_s,
        )
        self._samples = 0
        self._gaps: list[tuple[float, float]] = []
        self._intervals: list[QualityInterval] = []
        self._frequencies: list[tuple[float, float, bool]] = []
        self._events: dict[int, VoltageEvent] = {}
        self._waveforms: list[EventWaveform] = []
        self._values = 0
        self._extremes: dict[int, Floats] = {}

    @property
    def now_utc_s(self) -> float:
        """The time of the next sample."""
        return self._start + self._samples / self._supply.sample_rate

    @property
    def disturbed(self) -> bool:
        """Whether an event lasts."""
        return any(not event.over for event in self._events.values())

    def take(self, stretch: Stretch) -> None:
        """The next samples (n, columns of the supply), and how many are missing behind them."""
        samples, missing = stretch
        if len(samples):
            self._take(self._analyser.process(samples))
            self._samples += len(samples)
        if missing:
            begin = self.now_utc_s
            self._take(self._analyser.gap(missing))
            self._samples += missing
            self._note_gap(max(begin, self._keep[0]), min(self.now_utc_s, self._keep[1]))

    def finish(self) -> QualityRecord:
        """End here; the record of what was kept."""
        self._take(self._analyser.flush())
        first, last = self._keep[0], min(self._keep[1], self.now_utc_s)
        of_kind = {
            kind: [i for i in self._intervals if i.kind is kind and self._kept(i.start_utc_s)]
            for kind in IntervalKind
        }
        times = [row for row in self._frequencies if self._kept(row[0])]
        two, short = of_kind[IntervalKind.TWO_HOURS], of_kind[IntervalKind.SHORT]
        # of an event longer than its waveform the end became known later
        waves = [replace(w, event=self._events[w.event.number]) for w in self._waveforms]
        waves = [w for w in waves if self._kept(w.event.start_s)]
        return QualityRecord(
            supply=self._supply,
            begin_utc_s=first,
            end_utc_s=last,
            gaps=np.array(self._gaps, np.float64).reshape(-1, 2),
            ten=self._ten(of_kind[IntervalKind.TEN_MINUTES]),
            plt=_series(two, [self._by_phase(i.flicker) for i in two], PHASES),
            frequency=Series(
                np.array([row[0] for row in times]),
                np.array([[row[1]] for row in times]).reshape(-1, 1),
                np.array([row[2] for row in times], np.bool_),
            ),
            signalling=_series(
                short, [self._by_phase(i.values.u_signalling) for i in short], PHASES
            )
            if self._supply.signalling_hz
            else _series([], [], PHASES),
            events=tuple(
                sorted(
                    (event for event in self._events.values() if self._kept(event.start_s)),
                    key=lambda event: event.start_s,
                )
            ),
            waveforms=tuple(waves),
        )

    def _note_gap(self, begin: float, end: float) -> None:
        """Remember what is missing; gaps that touch are one."""
        if end <= begin:
            return
        if self._gaps and begin - self._gaps[-1][1] < _EDGE_S:
            begin = self._gaps.pop()[0]
        self._gaps.append((begin, end))

    def _kept(self, utc_s: float) -> bool:
        return self._keep[0] - _EDGE_S <= utc_s < self._keep[1] - _EDGE_S

    def _take(self, findings: Findings) -> None:
        wanted = (IntervalKind.TEN_MINUTES, IntervalKind.TWO_HOURS) + (
            (IntervalKind.SHORT,) if self._supply.signalling_hz else ()
        )
        self._intervals += [i for i in findings.intervals if i.kind in wanted]
        self._frequencies += findings.frequencies
        for event in findings.events:
            self._events[event.number] = self._placed(event)
        for wave in findings.waveforms:
            self._values += wave.samples.size
            if len(self._waveforms) < WAVEFORMS_MAX and self._values <= WAVEFORM_VALUES_MAX:
                self._waveforms.append(replace(wave, start_s=self._start + wave.start_s))
        half = findings.half_cycles
        if half is None or not len(half.end):
            return
        rate = self._supply.sample_rate
        slots = np.floor((self._start + half.begin / rate) / TEN_MINUTES_S).astype(np.int64)
        for slot in np.unique(slots).tolist():
            rms = half.rms[slots == slot, : len(self._supply.phases)]
            kept = self._extremes.setdefault(
                slot, np.array([[np.inf, -np.inf]] * PHASES)[: rms.shape[1]]
            )
            kept[:, 0] = np.fmin(kept[:, 0], np.fmin.reduce(rms, axis=0))
            kept[:, 1] = np.fmax(kept[:, 1], np.fmax.reduce(rms, axis=0))

    def _placed(self, event: VoltageEvent) -> VoltageEvent:
        """The event by its time of UTC and the supply's own phases."""
        return replace(
            event,
            start_s=self._start + event.start_s,
            phases=tuple(self._supply.phases[phase - 1] + 1 for phase in event.phases),
        )

    def _by_phase(self, values: Floats) -> Floats:
        """(3, …) of L1 to L3 from the first ones, which are those of the voltages there are."""
        placed = np.full((PHASES, *values.shape[1:]), math.nan)
        present = list(self._supply.phases)
        placed[present] = values[: len(present)]
        return placed

    def _ten(self, intervals: list[QualityInterval]) -> TenMinutes:
        count = len(intervals)
        extremes = np.full((count, PHASES, 2), math.nan)
        harmonics = np.full((count, PHASES, ORDERS), np.nan, np.float32)
        for k, interval in enumerate(intervals):
            slot = math.floor((interval.start_utc_s + _EDGE_S) / TEN_MINUTES_S)
            if slot in self._extremes:
                found = self._extremes[slot]
                extremes[k] = self._by_phase(np.where(np.isfinite(found), found, math.nan))
            u = self._by_phase(interval.values.u_harmonics)
            with np.errstate(divide="ignore", invalid="ignore"):
                harmonics[k] = u / u[:, 1:2]
            harmonics[k, :, self._supply.highest_order + 1 :] = np.nan
        whole = len(self._supply.phases) == PHASES
        return TenMinutes(
            start=np.array([i.start_utc_s for i in intervals]),
            coverage=np.array([i.coverage for i in intervals]),
            flagged=np.array([i.flagged for i in intervals], np.bool_),
            voltage=_rows([self._by_phase(i.values.u_rms) for i in intervals], PHASES),
            lowest=extremes[:, :, 0],
            highest=extremes[:, :, 1],
            unbalance=_rows(
                [i.values.unbalance if whole else np.full(2, math.nan) for i in intervals], 2
            ),
            harmonics=harmonics,
            pst=_rows([self._by_phase(i.flicker) for i in intervals], PHASES),
            power=np.array(
                [i.values.totals[0] if self._supply.currents else math.nan for i in intervals]
            ),
        )


def measured(supply: Supply, start_utc_s: float, stretches: Iterable[Stretch]) -> QualityRecord:
    """The record of a stream."""
    run = QualityRun(supply, start_utc_s)
    for stretch in stretches:
        run.take(stretch)
    return run.finish()


def _rows(rows: list[Floats], width: int) -> Floats:
    return np.array(rows, np.float64).reshape(-1, width)


def _series(intervals: list[QualityInterval], rows: list[Floats], width: int) -> Series:
    return Series(
        np.array([i.start_utc_s for i in intervals], np.float64),
        _rows(rows, width),
        np.array([i.flagged for i in intervals], np.bool_),
    )
