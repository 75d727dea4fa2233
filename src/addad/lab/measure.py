"""From a recording's file to what it measures: world reads it, metrology measures, a report tells.

Only this room may bring the two together; each stays ignorant of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.lab.averages import Averages
from addad.lab.averages_uncertainty import AverageUncertainties, SteadyNoise, stacked
from addad.lab.checks import checks
from addad.lab.events import find_events
from addad.lab.measure_plan import Plan, stretches_of
from addad.lab.report import Course, RecordQuality, Report, Trend
from addad.lab.states import find_states
from addad.lab.tell import item_reports, without_frequency, words
from addad.lab.trends import CycleRms, Trends
from addad.metrology import EnergySettings, Instrument, InstrumentSettings, Window, WindowFlag
from addad.metrology.uncertainty import WindowUncertainty, uncertainties
from addad.world.recording import Recording

_JUDGED_TOGETHER = 256

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
OnWindows = Callable[[Window, WindowUncertainty], None]
"""Sees windows (k), each once and in their order, with their uncertainties."""


def measure(
    wanted: Plan, on_windows: OnWindows | None = None, on_progress: Progress | None = None
) -> Report:
    """Measure the whole record, block by block; InputError where its file breaks off."""
    recording = wanted.recording
    items = max(1, len(recording.items))
    instrument = Instrument(_settings(wanted))
    gathered = _Gathered(wanted, instrument.settings, on_windows)
    done = 0

    def take(windows: tuple[Window, ...]) -> None:
        for window in windows:
            gathered.add(window)

    shortest = recording.sample_rate * instrument.settings.window_cycles / wanted.nominal[1]
    for block in wanted.blocks():
        whole = slice(0, block.shape[1])
        if items == 1 and recording.samples < shortest:
            whole = _longest_whole(block[0])
            if whole != slice(0, block.shape[1]):
                instrument.gap(whole.start)
        for part, flags in _by_time(block[:, whole], done + whole.start, recording):
            instrument.flag_next(flags)
            take(instrument.process(part))
        if items == 1:
            gathered.cycles.add(block[0])
        done += block.shape[1]
        if on_progress is not None:
            on_progress(done, recording.samples)
    take(instrument.flush())
    return gathered.report()


def _longest_whole(samples: Floats) -> slice:
    """The longest stretch (n, 7) where no channel that has any number is without one."""
    found = np.isfinite(samples)
    good = np.all(found | ~found.any(axis=0), axis=1)
    best, at = slice(0, len(samples)), 0
    longest = 0
    for stretch, missing in stretches_of(samples, good):
        if len(stretch) > longest:
            best, longest = slice(at, at + len(stretch)), len(stretch)
        at += len(stretch) + missing
    return best


def _by_time(
    block: Floats, begin: int, recording: Recording
) -> Iterator[tuple[Floats, WindowFlag]]:
    """A block cut where its time stamps jump, with what the next window must say of the time."""
    always = WindowFlag.SAMPLE_RATE_OFF if recording.rate_off else WindowFlag.NONE
    end = begin + block.shape[1]
    jumps = [jump for jump in recording.jumps if begin < jump < end]
    for first, last in pairwise([begin, *jumps, end]):
        jumped = WindowFlag.CLOCK_JUMP if first in recording.jumps else WindowFlag.NONE
        yield block[:, first - begin : last - begin], always | jumped


class _Gathered:
    """All that the windows of a record come to."""

    def __init__(
        self, wanted: Plan, settings: InstrumentSettings, on_windows: OnWindows | None
    ) -> None:
        recording = wanted.recording
        self._settings = settings
        self._given = wanted.given
        self._wanted = wanted
        self._on_windows = on_windows
        self._checks = checks(wanted.channels, settings.meters)
        self._averages = Averages(settings.meters)
        self._uncertainties = AverageUncertainties(settings.meters, self._given.clock)
        self._trends = Trends()
        self._noise = SteadyNoise()
        self._waiting: list[Window] = []
        self._reasons: dict[str, int] = {}
        self.cycles = CycleRms(recording.sample_rate, wanted.nominal[1], recording.samples)

    @property
    def _one(self) -> bool:
        """Whether it is one record, which has a course."""
        return len(self._wanted.recording.items) <= 1

    def add(self, window: Window) -> None:
        self._averages.add(window)
        if self._waiting and self._waiting[0].partial != window.partial:
            self._judge()
        self._waiting.append(window)
        if len(self._waiting) * self._settings.meters >= _JUDGED_TOGETHER:
            self._judge()
        if window.reason:
            self._reasons[window.reason] = self._reasons.get(window.reason, 0) + 1
        for check in self._checks:
            check.take(window)

    def _judge(self) -> None:
        """Ask for the uncertainties of the windows that wait, all at once."""
        if not self._waiting:
            return
        windows = stacked(self._waiting)
        noise = self._noise.of(windows, self._settings) if self._one else None
        found = uncertainties(windows, self._given, self._settings, noise)
        self._uncertainties.add(windows, found)
        if self._one:
            self._trends.add(windows, found)
        if self._on_windows is not None:
            self._on_windows(windows, found)
        self._waiting.clear()

    def report(self) -> Report:
        """The report, its events found and its checks asked."""
        self._judge()
        wanted, totals, settings = self._wanted, self._averages.totals(), self._settings
        if not totals.windows.any():
            raise InputError(
                f"{wanted.file}: nothing could be measured; its samples are missing (no number) "
                "throughout"
            )
        spreads = self._uncertainties.totals()
        found = item_reports(wanted.recording, wanted.channels, totals, spreads)
        trend, course, quality = self._over_time() if self._one else (None, None, None)
        report = Report(
            file=wanted.file,
            recording=wanted.recording,
            channels=wanted.channels,
            nominal=wanted.nominal,
            window_cycles=settings.window_cycles,
            measured_s=float(totals.duration_s.max()),
            partial=words(self._reasons, int(totals.windows.max())),
            highest_order=settings.highest_order,
            items=found,
            notes=(*wanted.notes, *without_frequency(found), *(quality.notes if quality else ())),
            course=course,
            trend=trend,
            quality=quality,
            accuracy=_accuracy(wanted),
            front_end=wanted.accuracy.text,
            states=find_states(wanted.recording),
        )
        said = tuple(line for check in self._checks for line in check.findings(report))
        return replace(report, findings=said)

    def _over_time(self) -> tuple[Trend, Course, RecordQuality | None]:
        """How the one record went."""
        trend = self._trends.trend()
        course = Course(trend.time, trend.frequency, trend.p, *self.cycles.rows())
        return trend, course, find_events(self._wanted, course, self._noise.median())


def _settings(wanted: Plan) -> InstrumentSettings:
    names = ("U1", "U2", "U3", "I1", "I2", "I3", "I4")
    return InstrumentSettings(
        sample_rate=wanted.recording.sample_rate,
        meters=max(1, len(wanted.recording.items)),
        nominal_frequency=wanted.nominal[1],
        voltages=3,
        currents=4,
        absent=frozenset(
            name for name, slot in zip(names, wanted.slots, strict=True) if slot is None
        ),
        energy=EnergySettings(start_current=0.0, no_load_power=0.0),
    )


def _accuracy(wanted: Plan) -> str:
    """What the uncertainties are made of, in a sentence."""
    chosen = wanted.channels
    every = (*chosen.voltages, *chosen.currents, chosen.neutral)
    powered = any(
        u is not None and i is not None
        for u, i in zip(chosen.voltages, chosen.currents, strict=True)
    )
    return wanted.accuracy.told(tuple(column is not None for column in every), powered)
