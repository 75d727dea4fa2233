"""All of power quality for one meter: samples in; windows, events, intervals and waveforms out.

The method is that of class A of IEC 61000-4-30: gapless windows of ten or twelve cycles that begin
anew at each tenth minute of UTC, half-cycle RMS beside them, flags from the one to the other.
"""

import itertools
import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.blocks import BEYOND, Samples, plain
from addad.metrology.flicker import RATE_MIN, Flickermeter, FlickerSettings
from addad.metrology.instrument import Instrument
from addad.metrology.power_quality.aggregation import (
    TEN_MINUTES_S,
    Aggregation,
    Frequency,
    QualityInterval,
)
from addad.metrology.power_quality.capture import EventWaveform, Waveforms
from addad.metrology.power_quality.events import EventKind, VoltageEvent, VoltageEvents
from addad.metrology.power_quality.half_cycle import HalfCycleRms, HalfCycles, joined
from addad.metrology.power_quality.rapid_change import RapidChanges
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.power_quality.signalling import SignallingVoltage
from addad.metrology.quantities import PHASES
from addad.metrology.sample_clock import JUMP_S
from addad.metrology.window import Window, WindowFlag

Floats = NDArray[np.float64]

_ALIVE = 0.05
"""A fundamental below this part of the declared voltage leads no half-cycles."""
_LATEST_S = 253_402_300_799.0
"""The end of the year 9999: no date is later."""
_PART_S = 0.25
"""Longer blocks are taken in parts, as nothing is kept for ever."""
_FLAGGING = (EventKind.DIP, EventKind.SWELL, EventKind.INTERRUPTION)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a block of samples brought to an end.

    `windows` come at once; `intervals` and `frequencies` a few half-cycles later, when it is known
    whether an event flags them. Of `events` some have only begun.
    """

    windows: tuple[Window, ...] = ()
    half_cycles: HalfCycles | None = None
    events: tuple[VoltageEvent, ...] = ()
    intervals: tuple[QualityInterval, ...] = ()
    frequencies: tuple[Frequency, ...] = ()
    waveforms: tuple[EventWaveform, ...] = ()


class PowerQuality:
    """Power quality of one meter, block by block; the samples' clock is an argument.

    `start_utc_s` [s since 1970] is the time of the stream's first sample. How the stream is cut
    into blocks changes no result.
    """

    def __init__(self, settings: PowerQualitySettings, start_utc_s: float) -> None:
        wanted = settings.instrument
        self.settings = settings
        self._instrument = Instrument(wanted)
        self._numbers = itertools.count(1)
        half = _half_cycles(settings)
        self._streams = _Streams(
            half=half,
            events=VoltageEvents(settings, self._numbers),
            changes=RapidChanges(settings),
            waveforms=Waveforms(wanted.sample_rate, wanted.voltages + wanted.currents),
            flicker=_flickermeter(settings),
            signalling=_signalling(settings, half),
        )
        window_s = wanted.window_cycles / wanted.nominal_frequency
        self._aggregation = Aggregation(settings.declared_voltage, window_s)
        self._waiting: deque[tuple[Window, float, Floats]] = deque()
        self._spans: deque[tuple[float, float]] = deque(maxlen=4096)
        self._utc_s = _time(start_utc_s)
        self._taken = 0
        self._tick = 0
        self._part = max(round(_PART_S * wanted.sample_rate), 1)
        self._seen = 0.0
        self._plan_tick()

    def process(self, samples: Samples) -> Findings:
        """Take the next samples (n, channels) [V, A]; InputError for the wrong shape or kind."""
        samples = plain(samples)
        channels = self.settings.instrument.channels
        if samples.ndim != 2 or samples.shape[1] != len(channels):
            raise InputError(
                f"a block of shape {samples.shape}: give (n, {len(channels)}) for the channels "
                f"{', '.join(channels)}"
            )
        windows: list[Window] = []
        cycles: list[HalfCycles] = []
        events: list[VoltageEvent] = []
        intervals: list[QualityInterval] = []
        begin = 0
        while begin < len(samples):
            n = min(len(samples) - begin, self._tick - self._taken, self._part)
            part = samples[begin : begin + n]
            fresh = self._instrument.process(part[None])
            voltages = self._voltages(part)
            if self._streams.flicker is not None:
                self._streams.flicker.process(voltages[None])
            halves = self._streams.half.process(voltages)
            told = self._events(halves)
            self._streams.waveforms.process(part, told)
            begin += n
            self._taken += n
            if self._taken == self._tick:
                self._turn_over()
            self._wait(fresh)
            intervals += self._settle(self._seen)
            windows += fresh
            cycles.append(halves)
            events += told
        return self._findings(windows, joined(cycles), events, intervals)

    def set_clock(self, utc_s: float) -> None:
        """Tell the time [s since 1970] of the next sample: the clock was set.

        A jump, of more than a tenth of a second, flags what is under way. InputError for no time.
        """
        before = self._utc_s
        self._utc_s = _time(utc_s) - self._taken / self.settings.instrument.sample_rate
        if abs(self._utc_s - before) > JUMP_S:
            self._instrument.flag_next(WindowFlag.CLOCK_JUMP)
        self._plan_tick(instead_of=self._tick)

    def gap(self, samples: int) -> Findings:
        """So many samples are missing here: what is under way ends, and the values say so."""
        windows = list(self._instrument.gap(samples))
        events = self._streams.events.gap()
        self._note(events)
        self._wait(windows)
        intervals = self._settle(math.inf)
        self._streams.changes.gap()
        self._streams.half.gap(samples)
        self._streams.waveforms.gap(samples)
        rate = self.settings.instrument.sample_rate
        self._spans.append((self._taken / rate, (self._taken + samples) / rate))
        ticked = self._taken + samples >= self._tick
        if ticked and self._streams.flicker is not None:
            self._tell_severity()
        self._taken += max(samples, 0)
        if ticked:
            self._plan_tick()
        return self._findings(windows, None, events, intervals)

    def flush(self) -> Findings:
        """End here: everything that is under way is told as far as it came."""
        windows = list(self._instrument.flush())
        events = self._streams.events.gap()
        self._note(events)
        self._wait(windows)
        intervals = self._settle(math.inf)
        if self._streams.flicker is not None:
            self._tell_severity()
        intervals += self._aggregation.finish()
        self._streams.waveforms.gap(0)
        return self._findings(windows, None, events, intervals)

    def _voltages(self, part: Samples) -> Samples:
        """The samples, NaN for voltages that are absent or beyond twice their limit."""
        wanted = self.settings.instrument
        if wanted.voltage_limit >= 0.5 * BEYOND and not wanted.absent:
            return part
        good = np.abs(part[:, : wanted.voltages]) < 2.0 * wanted.voltage_limit
        good &= self.settings.voltages_present
        if good.all():
            return part
        return np.where(good, part[:, : wanted.voltages], part.dtype.type(math.nan))

    def _findings(
        self,
        windows: list[Window],
        cycles: HalfCycles | None,
        events: list[VoltageEvent],
        intervals: list[QualityInterval],
    ) -> Findings:
        frequencies = tuple(self._aggregation.frequencies)
        self._aggregation.frequencies.clear()
        return Findings(
            tuple(windows), cycles, tuple(events), tuple(intervals), frequencies,
            tuple(self._streams.waveforms.collected()),
        )  # fmt: skip

    def _events(self, cycles: HalfCycles) -> list[VoltageEvent]:
        events: list[VoltageEvent] = []
        begin = 0
        # by the half-cycle that tells them, so that the numbers do not follow the blocks
        for end, change in self._streams.changes.take(cycles):
            events += self._streams.events.take(HalfCycles(cycles.values[begin:end]))
            events.append(replace(change, number=next(self._numbers)))
            begin = end
        events += self._streams.events.take(HalfCycles(cycles.values[begin:]))
        self._note(events)
        if len(cycles.values):
            self._seen = float(cycles.begin[-1]) / self.settings.instrument.sample_rate
        return events

    def _note(self, events: list[VoltageEvent]) -> None:
        """Remember when the voltage was disturbed."""
        for event in events:
            if event.kind in _FLAGGING and event.duration_s is not None:
                self._spans.append((event.start_s, event.start_s + event.duration_s))

    def _wait(self, windows: Iterable[Window]) -> None:
        """Keep windows until it is known what happened in them."""
        signalling = self._streams.signalling
        rate = self.settings.instrument.sample_rate
        for window in windows:
            level = np.full(PHASES, math.nan)
            if signalling is not None and int(window.cycles[0]):
                begin, length = float(window.start_s[0]) * rate, float(window.duration_s[0]) * rate
                level = signalling.rms(begin, length, int(window.cycles[0]))
            self._waiting.append((window, self._utc_s + float(window.start_s[0]), level))

    def _settle(self, seen_s: float) -> list[QualityInterval]:
        """Hand on the windows that end before the newest half-cycle value begins."""
        intervals: list[QualityInterval] = []
        since = self._streams.events.lasting_since_s
        while self._waiting:
            window, start_utc_s, level = self._waiting[0]
            start = float(window.start_s[0])
            end = start + float(window.duration_s[0])
            if end > seen_s:
                break
            self._waiting.popleft()
            while self._spans and self._spans[0][1] < start - TEN_MINUTES_S:
                self._spans.popleft()
            flagged = any(first < end and last > start for first, last in self._spans)
            flagged = flagged or end > since
            intervals += self._aggregation.take(window, start_utc_s, flagged, level)
        return intervals

    def _plan_tick(self, instead_of: int | None = None) -> None:
        """Begin a new window at the next tenth minute, and none where one was planned before."""
        rate = self.settings.instrument.sample_rate
        now = self._utc_s + self._taken / rate
        slot = math.floor(now / TEN_MINUTES_S + 1e-9) + 1
        self._tick = self._taken + max(round((slot * TEN_MINUTES_S - now) * rate), 1)
        self._instrument.resynchronise(self._tick, instead_of)

    def _turn_over(self) -> None:
        """The tenth minute has come."""
        if self._streams.flicker is not None:
            self._tell_severity()
        self._plan_tick()

    def _tell_severity(self) -> None:
        flicker = self._streams.flicker
        assert flicker is not None
        pst = np.full(PHASES, math.nan)
        measured = flicker.measured_s
        if not measured > 0.0:
            return
        found = flicker.short_term()[0]
        if measured >= 0.5 * TEN_MINUTES_S:
            pst[: len(found)] = found
        rate = self.settings.instrument.sample_rate
        within = self._utc_s + self._taken / rate - min(1.0, 0.5 * measured)
        self._aggregation.severity(within, pst)


@dataclass(frozen=True, slots=True)
class _Streams:
    """What each sees all samples."""

    half: HalfCycleRms
    events: VoltageEvents
    changes: RapidChanges
    waveforms: Waveforms
    flicker: Flickermeter | None
    signalling: SignallingVoltage | None


def _time(utc_s: float) -> float:
    if not abs(utc_s) <= _LATEST_S:
        raise InputError(f"a time of {utc_s} s since 1970: give seconds of a date to the year 9999")
    return utc_s


def _flickermeter(settings: PowerQualitySettings) -> Flickermeter | None:
    """None where the sampling rate is too low for flicker."""
    wanted = settings.instrument
    if wanted.sample_rate < RATE_MIN:
        return None
    return Flickermeter(
        FlickerSettings(
            wanted.sample_rate, wanted.nominal_frequency, settings.lamp, phases=wanted.voltages
        )
    )


def _half_cycles(settings: PowerQualitySettings) -> HalfCycleRms:
    """With a store of the voltages that holds a window for the mains signalling."""
    wanted = settings.instrument
    longest = math.ceil(1.25 * wanted.window_cycles * wanted.sample_rate / wanted.nominal_frequency)
    return HalfCycleRms(
        wanted.sample_rate,
        wanted.nominal_frequency,
        wanted.voltages,
        _ALIVE * settings.declared_voltage,
        2 * longest if settings.signalling_hz else 0,
    )


def _signalling(settings: PowerQualitySettings, half: HalfCycleRms) -> SignallingVoltage | None:
    if settings.signalling_hz == 0.0:
        return None
    return SignallingVoltage(settings.instrument.sample_rate, settings.signalling_hz, half.store)
