"""Where a meter's samples come from: the site through its front end, or a recording, for ever.

A source is pulled: it gives the next samples [V, A] in the order U1 U2 U3 I1 I2 I3 IN, and is told
whether the relay lets current flow.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.host.recording_files import opened
from addad.metrology.calibration import Calibration, Calibrator
from addad.metrology.instrument import Instrument
from addad.metrology.settings import InstrumentSettings
from addad.world.channel_map import ChannelMap, guess
from addad.world.front_end import FrontEnd, FrontEndSettings
from addad.world.recording import Reading, Recording, open_recording
from addad.world.scenario import Conditions
from addad.world.site import Site

VOLTAGES = 3
CHANNELS = 7
RECORDING_SECONDS_MAX = 3600.0
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
    calibrated as a laboratory would, from what it finds of this unit.
    """

    def __init__(self, seed: int, start: datetime, *, pv_peak_w: float = 5_500.0) -> None:
        self._site = Site(seed, start=start, pv_peak_w=pv_peak_w)
        rate = self._site.sample_rate
        self._front_end = FrontEnd(FrontEndSettings(sample_rate=rate), seed=seed)
        found = self._front_end.actual
        calibration = Calibration(
            gain=(*found.volts_per_count, *found.amperes_per_count),
            offset=found.offset_counts,
            delay=found.delay_s,
        )
        self._calibrator = Calibrator(calibration, rate)
        self._has_pv = pv_peak_w > 0
        self._taken = 0

    @property
    def instrument(self) -> InstrumentSettings:
        """See `Source`."""
        return InstrumentSettings(sample_rate=self._site.sample_rate, minimum_voltage=10.0)

    def block(
        self, samples: int, *, connected: bool, conditions: Conditions = _CONDITIONS
    ) -> SourceBlock:
        """See `Source`."""
        lived = self._site.block(
            self._taken / self._site.sample_rate,
            samples,
            connected=connected,
            voltage=conditions.voltage,
            extra_load_w=conditions.extra_load_w,
        )
        self._taken += samples
        counts = self._front_end.counts(lived.samples)
        pv_power_w = float(lived.truth.pv_w.sum()) if self._has_pv else None
        return SourceBlock(self._calibrator.values(counts[None])[0], pv_power_w)


class RecordingSource:
    """A recording played in a loop of whole cycles; values as the file has them."""

    def __init__(self, recording: Recording, channels: ChannelMap) -> None:
        """Raises `InputError` for a recording without a voltage, too long, or too slow."""
        if not channels.has_voltage:
            raise InputError("a meter needs a voltage, and no channel of the recording is one")
        if recording.duration_s > RECORDING_SECONDS_MAX:
            raise InputError(
                f"a recording of {recording.duration_s:.0f} s is too long to be played in a loop; "
                f"{RECORDING_SECONDS_MAX:.0f} s are possible"
            )
        self._rate = recording.sample_rate
        self._nominal = 60.0 if (recording.nominal_frequency or 50.0) > 55.0 else 50.0
        columns = (*channels.voltages, *channels.currents, channels.neutral)
        names = self.instrument.channels
        self._absent = frozenset(
            name for name, column in zip(names, columns, strict=True) if column is None
        )
        taken = recording.waveform(channels.columns).samples
        samples = np.zeros((len(taken), CHANNELS))
        where = [lane for lane, column in enumerate(columns) if column is not None]
        samples[:, where] = taken
        self._samples = samples[: self._whole_cycles(samples)]
        self._next = 0

    @property
    def instrument(self) -> InstrumentSettings:
        """See `Source`."""
        absent: frozenset[str] = getattr(self, "_absent", frozenset())
        return InstrumentSettings(
            sample_rate=self._rate, nominal_frequency=self._nominal, absent=absent
        )

    def _whole_cycles(self, samples: NDArray[np.float64]) -> int:
        """The length of the longest loop that joins on itself at a whole cycle."""
        instrument = Instrument(self.instrument)
        windows = (*instrument.process(samples[None]), *instrument.flush())
        known = [float(w.frequency[0]) for w in windows if np.isfinite(w.frequency[0])]
        if not known:
            return len(samples)
        cycle = self._rate / float(np.median(known))
        return round(int(len(samples) / cycle + 1e-3) * cycle) or len(samples)

    def block(
        self, samples: int, *, connected: bool, conditions: Conditions = _CONDITIONS
    ) -> SourceBlock:
        """See `Source`."""
        index = (self._next + np.arange(samples)) % len(self._samples)
        self._next = int((self._next + samples) % len(self._samples))
        block = self._samples[index]
        block[:, :VOLTAGES] *= conditions.voltage
        if not connected:
            block[:, VOLTAGES:] = 0.0
        return SourceBlock(block, None)


def recording_source(path: Path) -> RecordingSource:
    """A source that plays a recording file; raises `InputError` with what to do."""
    with opened(path) as files:
        recording = open_recording(files, path.name, Reading())
        channels, _ = guess(recording.channels)
        return RecordingSource(recording, channels)
