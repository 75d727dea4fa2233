"""From a recording's file to what it measures: world reads it, metrology measures, a report tells.

Only this room may bring the two together; each stays ignorant of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.lab.averages import Averages
from addad.lab.averages_uncertainty import AverageUncertainties, SteadyNoise, stacked
from addad.lab.checks import checks
from addad.lab.events import find_events
from addad.lab.measure_accuracy import UNSTATED, Accuracy
from addad.lab.report import Course, RecordQuality, Report, Trend
from addad.lab.states import find_states
from addad.lab.tell import item_reports, without_frequency, words
from addad.lab.trends import CycleRms, Trends
from addad.metrology import EnergySettings, Instrument, InstrumentSettings, Window, WindowFlag
from addad.metrology.uncertainty import InputUncertainty, WindowUncertainty, uncertainties
from addad.world.channel_map import ChannelMap, crossed, guess, parse_map, parse_scales
from addad.world.recording import (
    BLOCK_SAMPLES,
    Blocks,
    ChoiceError,
    Recording,
    Side,
)

LOWEST_SAMPLES_PER_CYCLE = 6.0
NOMINAL_FREQUENCIES = (50.0, 60.0)
_JUDGED_TOGETHER = 256

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
OnWindows = Callable[[Window, WindowUncertainty], None]
"""Sees windows (k), each once and in their order, with their uncertainties."""


@dataclass(frozen=True)
class Request:
    """How the user corrects the guess: see `addad measure --help`.

    `nominal_voltage` [V] and `nominal_frequency` [Hz] are None where they are not stated.
    """

    map: str | None = None
    circuit: str | None = None
    scales: tuple[str, ...] = ()
    nominal_voltage: float | None = None
    nominal_frequency: float | None = None
    side: Side = ""
    accuracy: Accuracy = UNSTATED


@dataclass(frozen=True)
class Plan:
    """What will be measured: the channels, a factor for each, the nominal values [V], [Hz]."""

    file: str
    recording: Recording
    channels: ChannelMap
    gains: tuple[float, ...]
    nominal: tuple[float | None, float]
    notes: tuple[str, ...]
    accuracy: Accuracy = UNSTATED

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns to read, each once."""
        return tuple(dict.fromkeys(self.channels.columns))

    @property
    def slots(self) -> tuple[int | None, ...]:
        """For U1 to U3 and I1 to I4 the place in `columns`; currents stand in for no voltage."""
        chosen = self.channels
        voltages = chosen.voltages if chosen.has_voltage else chosen.currents
        every = (*voltages, *chosen.currents, chosen.neutral)
        return tuple(None if c is None else self.columns.index(c) for c in every)

    @property
    def given(self) -> InputUncertainty:
        """The uncertainties of the seven channels: what is stated, and what the file can hold."""
        steps = [
            0.0 if place is None else self.recording.channels[column].step * abs(self.gains[column])
            for place in self.slots
            for column in (self.columns[place or 0],)
        ]
        return self.accuracy.inputs(tuple(steps), self.nominal[1])

    def blocks(self, block_samples: int = BLOCK_SAMPLES) -> Blocks:
        """The samples (items, n, 7): U1 to U3, I1 to I4, scaled; zero where absent."""
        recording = self.recording
        items = max(1, len(recording.items))
        raw = recording.blocks(self.columns, max(64, block_samples // items))
        gain = np.array([self.gains[column] for column in self.columns])
        for block in raw:
            samples = np.zeros((block.shape[0], block.shape[1], 7))
            for slot, place in enumerate(self.slots):
                if place is not None:
                    samples[:, :, slot] = block[:, :, place] * gain[place]
            yield samples


def plan(file: str, recording: Recording, request: Request) -> Plan:
    """Which channels are measured, and against which nominal values.

    ChoiceError for a wish that the recording cannot meet, InputError for what is no waveform.
    """
    if request.side:
        recording = recording.on_side(request.side)
    if request.map is not None:
        channels = parse_map(recording.channels, request.map)
        notes = crossed(recording.channels, channels)
    else:
        channels, notes = guess(recording.channels, request.circuit)
    gains = parse_scales(recording.channels, request.scales)
    scaled = tuple(
        replace(channel, unit={"voltage": "V", "current": "A"}.get(channel.kind, channel.unit))
        if channel.unit == "full scale" and gain != 1.0
        else channel
        for channel, gain in zip(recording.channels, gains, strict=True)
    )
    recording = replace(recording, channels=scaled)
    made = Plan(file, recording, channels, gains, (request.nominal_voltage, 50.0), ())
    frequency, frequency_notes = _nominal_frequency(made, request)
    _check_rate(recording, frequency)
    return replace(
        made,
        nominal=(request.nominal_voltage, frequency),
        notes=(*recording.notes, *notes, *frequency_notes, *_channel_notes(made)),
        accuracy=request.accuracy,
    )


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

    for block in wanted.blocks():
        for part, flags in _by_time(block, done, recording):
            instrument.flag_next(flags)
            take(instrument.process(part))
        if items == 1:
            gathered.cycles.add(block[0])
        done += block.shape[1]
        if on_progress is not None:
            on_progress(done, recording.samples)
    take(instrument.flush())
    return gathered.report()


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


def _nominal_frequency(made: Plan, request: Request) -> tuple[float, list[str]]:
    """50 or 60 Hz: as stated by the user, by the file, or as the first samples show."""
    stated = request.nominal_frequency
    if stated is not None:
        if stated not in NOMINAL_FREQUENCIES:
            raise ChoiceError(f"--nominal: {stated:g} Hz; 50Hz and 60Hz are measured")
        return stated, []
    if made.recording.nominal_frequency in NOMINAL_FREQUENCIES:
        return made.recording.nominal_frequency, []
    if made.recording.rate_assumed:
        return _nearest(made.recording.sample_rate / made.recording.samples), []
    rate = made.recording.sample_rate
    block = next(iter(made.blocks(min(BLOCK_SAMPLES, max(64, int(2 * rate))))), None)
    waves = np.nan_to_num(np.zeros((64, 1)) if block is None else block[0])
    length = max(len(waves), min(int(4 * rate), 1 << 20))
    window = np.hanning(len(waves))
    powers = (np.abs(np.fft.rfft(wave * window, length)) ** 2 for wave in waves.T)
    spectrum = sum(powers, start=np.zeros(length // 2 + 1))  # of the sum, balanced phases leave 0
    frequencies = np.fft.rfftfreq(length, 1.0 / rate)
    band = (frequencies > 35.0) & (frequencies < 75.0)
    if not band.any() or not spectrum[band].max() > 0.0:
        return 50.0, ["nominal frequency taken as 50 Hz; --nominal 60Hz corrects it"]
    found = _nearest(float(frequencies[band][spectrum[band].argmax()]))
    return found, [f"nominal frequency by its spectrum: {found:g} Hz; --nominal corrects it"]


def _nearest(frequency: float) -> float:
    return 50.0 if frequency < 55.0 else 60.0


def _check_rate(recording: Recording, frequency: float) -> None:
    if recording.sample_rate < LOWEST_SAMPLES_PER_CYCLE * frequency:
        raise InputError(
            f"{recording.sample_rate:.6g} samples a second are fewer than "
            f"{LOWEST_SAMPLES_PER_CYCLE:g} a cycle at {frequency:g} Hz: these are no waveforms; "
            "if the rate is wrong, state it with --rate"
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


def _channel_notes(made: Plan) -> list[str]:
    channels = [made.recording.channels[column] for column in made.columns]
    notes = []
    if any(channel.unit == "full scale" for channel in channels):
        notes.append(
            "uncalibrated: amplitudes are fractions of full scale; --scale 'U*=325' makes volts"
        )
    if any(channel.unit == "" for channel in channels):
        notes.append("the file states no units: values are taken as volts and amperes")
    if not made.channels.has_voltage:
        notes.append("no voltage: the frequency is the currents', and there is no power")
    return notes
