"""What of a recording will be measured: its channels, their scales, the nominal values.

As the file says it, or as its names and first samples let guess; and as the user corrects that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.lab.measure_accuracy import UNSTATED, Accuracy
from addad.metrology.blocks import BEYOND
from addad.metrology.uncertainty_inputs import InputUncertainty
from addad.world.channel_map import ChannelMap, crossed, guess, parse_map, parse_scales
from addad.world.recording import (
    BLOCK_SAMPLES,
    Blocks,
    ChoiceError,
    Recording,
    Side,
)
from addad.world.star import with_star

LOWEST_SAMPLES_PER_CYCLE = 6.0
"""As few as the instrument takes."""
NOMINAL_FREQUENCIES = (50.0, 60.0)

_SCALE_SAMPLES = 4096
_HIGHEST_RATE = 1e7
_LOWEST_HZ = 10.0
_STRONGER = 20.0
"""A line outside of 35 to 75 Hz with so many times the power of those within is the supply's."""

Floats = NDArray[np.float64]
Stretch = tuple[Floats | NDArray[np.float32], int]
"""Samples (n, columns), and how many are missing behind them."""


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
        """The samples (items, n, 7): U1 to U3, I1 to I4, scaled; zero where absent.

        NaN where there is no number, or one that no channel measures.
        """
        recording = self.recording
        items = max(1, len(recording.items))
        raw = recording.blocks(self.columns, max(64, block_samples // items))
        gain = np.array([self.gains[column] for column in self.columns])
        for block in raw:
            samples = np.zeros((block.shape[0], block.shape[1], 7))
            for slot, place in enumerate(self.slots):
                if place is not None:
                    with np.errstate(over="ignore", invalid="ignore"):
                        scaled = block[:, :, place] * gain[place]
                        samples[:, :, slot] = np.where(np.abs(scaled) < BEYOND, scaled, np.nan)
            yield samples


def plan(file: str, recording: Recording, request: Request) -> Plan:
    """Which channels are measured, and against which nominal values.

    ChoiceError for a wish that the recording cannot meet, InputError for what is no waveform.
    """
    if request.side:
        recording = recording.on_side(request.side)
    recording = with_star(recording)
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
    _check_scale(made)
    frequency, frequency_notes = _nominal_frequency(made, request)
    _check_rate(recording, frequency)
    return replace(
        made,
        nominal=(request.nominal_voltage, frequency),
        notes=(*recording.notes, *notes, *frequency_notes, *_channel_notes(made)),
        accuracy=request.accuracy,
    )


def stretches_of(samples: Floats, good: NDArray[np.bool_]) -> Iterator[Stretch]:
    """The good ones (n,) of samples (n, columns) in stretches, the others counted as missing."""
    edges = [0, *(np.flatnonzero(np.diff(good)) + 1).tolist(), len(samples)]
    for begin, end in pairwise(edges):
        if end > begin:
            yield (samples[begin:end], 0) if good[begin] else (samples[:0], end - begin)


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
    waving = frequencies > _LOWEST_HZ
    if spectrum[waving].max() > _STRONGER * spectrum[band].max():
        line = float(frequencies[waving][spectrum[waving].argmax()])
        return found, [
            f"the strongest line of its spectrum lies at {line:.3g} Hz, but supplies of 50 and "
            f"60 Hz are measured: {found:g} Hz is assumed; is the sampling rate right (--rate)?"
        ]
    return found, [f"nominal frequency by its spectrum: {found:g} Hz; --nominal corrects it"]


def _check_scale(made: Plan) -> None:
    """InputError for a channel most of whose first samples are beyond what is measured."""
    block = next(iter(made.recording.blocks(made.columns, _SCALE_SAMPLES)), None)
    if block is None:
        return
    for place, column in enumerate(made.columns):
        channel, values = made.recording.channels[column], np.abs(block[:, :, place])
        values = values[np.isfinite(values)]
        with np.errstate(over="ignore"):
            usual = float(np.median(values)) * abs(made.gains[column]) if len(values) else 0.0
        if usual >= BEYOND:
            unit = "A" if channel.kind == "current" else "V"
            raise InputError(
                f"{made.file}: {channel.name} has samples of {usual:.3g} {unit}, and at most "
                f"{BEYOND:.0e} {unit} is measured; --scale '{channel.name}=…' states by what to "
                "multiply them"
            )


def _nearest(frequency: float) -> float:
    return 50.0 if frequency < 55.0 else 60.0


def _check_rate(recording: Recording, frequency: float) -> None:
    if recording.sample_rate < LOWEST_SAMPLES_PER_CYCLE * frequency:
        raise InputError(
            f"{recording.sample_rate:.6g} samples a second are fewer than "
            f"{LOWEST_SAMPLES_PER_CYCLE:g} a cycle at {frequency:g} Hz: these are no waveforms; "
            "if the rate is wrong, state it with --rate"
        )
    if recording.sample_rate > _HIGHEST_RATE:
        raise InputError(
            f"{recording.sample_rate:.6g} samples a second are more than {_HIGHEST_RATE:.0e}, the "
            "most that is measured; if its times are no seconds, state the rate with --rate"
        )


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
