"""Where a meter's samples come from: the site through its front end, or a recording, for ever.

A source is pulled: it gives the next samples [V, A] in the order U1 U2 U3 I1 I2 I3 IN, and is told
whether the relay lets current flow.
"""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from addad.errors import InputError
from addad.host.recording_files import opened
from addad.host.sun import Sun
from addad.metrology.calibration import Calibration, Calibrator, ErrorCurve
from addad.metrology.instrument import Instrument
from addad.metrology.settings import InstrumentSettings
from addad.world import front_end
from addad.world.channel_map import ChannelMap, guess
from addad.world.front_end import Conversion, FrontEnd
from addad.world.front_end_settings import FrontEndSettings
from addad.world.recording import Recording
from addad.world.scenario import Conditions
from addad.world.site import Site
from addad.world.star import with_star

logger = logging.getLogger(__name__)

VOLTAGES = 3
CHANNELS = 7
LOOP_VALUES_MAX = 1 << 22
"""What a loop may hold in memory: an hour of one channel at 1 kHz, ten minutes of seven."""
_NAMES = ("U1", "U2", "U3", "I1", "I2", "I3", "I4")
_CYCLE_SLACK = 1e-3
_FULL = 0.995
"""The share of full scale that counts as saturated: filters ripple, and each channel has an offset.
"""
_SEAM_SAMPLES_MAX = 4096
_WARM_UP_SAMPLES = 64
_CONDITIONS = Conditions()


class SourceBlock(NamedTuple):
    """Samples (n, 7) [V, A], and what the inverter says that it feeds [W], if there is one."""

    samples: NDArray[np.float32] | NDArray[np.float64]
    pv_power_w: float | None


class Source(Protocol):
    """What the running meter asks for its samples."""

    @property
    def instrument(self) -> InstrumentSettings:
        """The settings of an instrument for these samples."""
        ...

    def block(
        self, samples: int, *, connected: bool, conditions: Conditions = _CONDITIONS
    ) -> SourceBlock:
        """The next samples; with the relay open no current flows."""
        ...


class SiteSource:
    """The house in Fez, sampled by a front end and brought back to volts and amperes.

    `start` (aware) is the house's own time, which need not be the meter's. The front end is
    calibrated as a laboratory would, from what it finds of this unit. The sun is computed in
    another process. Everything slow is done here, so that the first block comes at once.
    """

    def __init__(self, seed: int, start: datetime, *, pv_peak_w: float = 5_500.0) -> None:
        """Raises `InputError` when the panels' library is not installed."""
        self.site = Site(seed, start=start, pv_peak_w=pv_peak_w, compute_sun=Sun())
        self.site.prepare(start)
        rate = self.site.sample_rate
        self._front_end = FrontEnd(FrontEndSettings(sample_rate=rate), seed=seed)
        calibration = calibration_of(self._front_end.actual)
        self._calibrator = Calibrator(calibration, rate)
        self._has_pv = pv_peak_w > 0
        self._taken = 0
        front_end.warm_up()
        Calibrator(calibration, rate).values(np.zeros((1, _WARM_UP_SAMPLES, CHANNELS), np.int32))

    @property
    def instrument(self) -> InstrumentSettings:
        """See `Source`."""
        found, full = self._front_end.actual, _FULL * self._front_end.full_scale_counts
        return InstrumentSettings(
            sample_rate=self.site.sample_rate,
            minimum_voltage=10.0,
            voltage_limit=full * min(found.volts_per_count),
            current_limit=full * min(found.amperes_per_count),
        )

    def block(
        self, samples: int, *, connected: bool, conditions: Conditions = _CONDITIONS
    ) -> SourceBlock:
        """See `Source`. The first ones come a little short: the calibration looks ahead."""
        lived = self.site.block(
            self._taken / self.site.sample_rate,
            samples,
            connected=connected,
            voltage=conditions.voltage,
            extra_load_w=conditions.extra_load_w,
        )
        self._taken += samples
        counts = self._front_end.counts(lived.samples)
        pv_power_w = float(lived.truth.pv_w.sum()) if self._has_pv else None
        return SourceBlock(self._calibrator.values(counts[None])[0], pv_power_w)


def calibration_of(found: Conversion) -> Calibration:
    """What a laboratory found of a front end, as the calibration that undoes it."""
    curves = [
        ErrorCurve(
            current=tuple(e.current for e in curve),
            ratio_error=tuple(e.ratio_error for e in curve),
            lead=tuple(e.lead for e in curve),
        )
        for curve in found.curves
    ]
    return Calibration(
        gain=(*found.volts_per_count, *found.amperes_per_count),
        offset=found.offset_counts,
        delay=found.delay_s,
        lead=found.lead,
        curves=((None,) * VOLTAGES + tuple(curves)) if curves else (),
    )


class RecordingSource:
    """A recording played in a loop of whole cycles; values as the file has them."""

    def __init__(self, recording: Recording, channels: ChannelMap) -> None:
        """Raises `InputError` for a recording that a meter cannot live on, with what to do."""
        _check(recording, channels)
        columns = (*channels.voltages, *channels.currents, channels.neutral)
        self._lanes = [lane for lane, column in enumerate(columns) if column is not None]
        nominal = recording.nominal_frequency
        self._settings = InstrumentSettings(
            sample_rate=float(recording.sample_rate),
            nominal_frequency=50.0 if nominal is not None and nominal < 55.0 else 60.0,
            absent=frozenset(_NAMES[n] for n, column in enumerate(columns) if column is None),
        )
        samples = recording.waveform(channels.columns).samples.astype(np.float32)
        frequency = self._frequency(samples)
        if nominal is None and frequency < 55.0:
            self._settings = replace(self._settings, nominal_frequency=50.0)
        voltages = samples[:, : sum(lane < VOLTAGES for lane in self._lanes)]
        cycle = self._settings.sample_rate / (frequency or self._settings.nominal_frequency)
        self._loop = samples[: _seam(voltages, cycle)]
        self._next = 0

    @property
    def instrument(self) -> InstrumentSettings:
        """See `Source`."""
        return self._settings

    @property
    def loop_samples(self) -> int:
        """How many samples go by before the recording begins anew."""
        return len(self._loop)

    def block(
        self, samples: int, *, connected: bool, conditions: Conditions = _CONDITIONS
    ) -> SourceBlock:
        """See `Source`. Of the conditions it can only follow those of the voltage."""
        index = (self._next + np.arange(samples)) % len(self._loop)
        self._next = int((self._next + samples) % len(self._loop))
        block = self._spread(self._loop[index])
        block[:, :VOLTAGES] *= np.array(conditions.voltage, np.float32)
        if not connected:
            block[:, VOLTAGES:] = 0.0
        return SourceBlock(block, None)

    def _frequency(self, samples: NDArray[np.float32]) -> float:
        """The median frequency of the record [Hz], 0 where none is found."""
        instrument = Instrument(self._settings)
        windows = (*instrument.process(self._spread(samples)[None]), *instrument.flush())
        known = [float(w.frequency[0]) for w in windows if np.isfinite(w.frequency[0])]
        return float(np.median(known)) if known else 0.0

    def _spread(self, taken: NDArray[np.float32]) -> NDArray[np.float32]:
        block = np.zeros((len(taken), CHANNELS), np.float32)
        block[:, self._lanes] = taken
        return block


def _check(recording: Recording, channels: ChannelMap) -> None:
    if not channels.has_voltage:
        raise InputError(
            "a meter needs a voltage, and no channel of the recording is known as one; "
            "`addad measure FILE --list` shows what it holds"
        )
    if recording.items:
        raise InputError(
            f"the file holds {len(recording.items)} records, and a meter plays one: "
            "save the one you want as a file of its own"
        )
    if recording.rate_assumed:
        raise InputError(
            "the file does not say its sampling rate, and a wrong one would count wrong energy: "
            "save it as CSV with a column of time, as COMTRADE or as WAV"
        )
    values = recording.samples * len(channels.columns)
    if values > LOOP_VALUES_MAX:
        raise InputError(
            f"{recording.duration_s:.0f} s of {len(channels.columns)} channels are too long to be "
            f"played in a loop; cut it to {recording.duration_s * LOOP_VALUES_MAX / values:.0f} s"
        )
    if not recording.calibrated:
        logger.warning("the recording holds no volts: its fractions of full scale count as such")


def _seam(voltages: NDArray[np.float32], cycle: float) -> int:
    """Where a loop of `voltages` (n, phases), of `cycle` samples each, best joins on its begin.

    A short record is cut to whole cycles. In a long one, whose frequency wanders, it is where the
    next cycle looks most like the first.
    """
    length, shape = len(voltages), math.ceil(cycle)
    searched = min(length // 10, _SEAM_SAMPLES_MAX)
    if searched < 2 * shape:
        return round(int(length / cycle + _CYCLE_SLACK) * cycle) or length
    tail = sliding_window_view(voltages[length - searched :], shape, axis=0)
    unlike = np.square(tail - voltages[:shape].T).sum(axis=(1, 2))
    return length - searched + int(np.argmin(unlike))


def recording_source(path: Path) -> RecordingSource:
    """A source that plays a recording file; raises `InputError` with what to do."""
    with opened(path) as file:
        recording = with_star(file)
        channels, _ = guess(recording.channels)
        try:
            return RecordingSource(recording, channels)
        except InputError as fault:
            raise InputError(f"{path.name}: {fault}") from fault
