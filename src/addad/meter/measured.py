"""The newest measurement: what the instantaneous registers show until the next one.

A reading is one meter's share of one window of the instrument, as plain numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from addad.meter.registers import Quantity
from addad.meter.transformers import Transformers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from addad.metrology.window import Window

PHASES: Final = 3
_REGISTERS: Final = len(Quantity)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """One window of one meter: quantities [Hz, V, A, W, var, VA, rad] by phase L1, L2, L3 (, N).

    `start_s` counts from the stream's first sample; `energy` is the 32 increments that
    `Registers.add` takes; NaN is what has no channel. `in_doubt`: samples were missing, no
    numbers, at the converter's limit or at another rate, so that the energy is not all that flowed.
    """

    start_s: float
    duration_s: float
    frequency: float
    u_rms: list[float]
    i_rms: list[float]
    p: list[float]
    q: list[float]
    pf: list[float]
    p_total: float
    q_total: float
    s_total: float
    pf_total: float
    thd_u: list[float]
    thd_i: list[float]
    u_angle: list[float]
    i_angle: list[float]
    energy: list[int]
    flags: int
    in_doubt: bool = False


def readings_of(window: Window) -> dict[int, Reading]:
    """The readings of a window of the instrument, by number of the meter."""
    fields = zip(
        window.meters.tolist(),
        window.start_s.tolist(),
        window.duration_s.tolist(),
        window.frequency.tolist(),
        window.u_rms.tolist(),
        window.i_rms.tolist(),
        window.p.tolist(),
        window.q.tolist(),
        window.pf.tolist(),
        window.p_total.tolist(),
        window.q_total.tolist(),
        window.s_total.tolist(),
        window.pf_total.tolist(),
        window.thd_u.tolist(),
        window.thd_i.tolist(),
        window.u_angle.tolist(),
        window.i_angle.tolist(),
        window.energy.quanta[:, :, :_REGISTERS].reshape(len(window.meters), -1).tolist(),
        window.flags.tolist(),
        window.energy_in_doubt.tolist(),
        strict=True,
    )
    return {meter: Reading(*values) for meter, *values in fields}


class WindowSource(Protocol):
    """What the meter needs of an instrument; one for a single meter."""

    def process(self, samples: NDArray[np.float32] | NDArray[np.float64]) -> tuple[Window, ...]:
        """Take the next samples (1, n, channels); the windows that they complete."""
        ...

    def gap(self, samples: int) -> tuple[Window, ...]:
        """So many samples are missing here; the windows that end with them."""
        ...

    def time_is(self, utc_s: float) -> int:
        """The next sample comes at this time [s since 1970]; what is wrong with that is flagged."""
        ...


class MeasurementTime(NamedTuple):
    """When the newest window began, ended, and had been processed: us since 1970, UTC."""

    window_start_us: int
    window_end_us: int
    processed_us: int


class Measured:
    """Holds the newest reading, and tells when it was."""

    def __init__(
        self,
        instrument: WindowSource | None = None,
        sample_rate: float = 0.0,
        transformers: Transformers | None = None,
    ) -> None:
        self.transformers = transformers or Transformers(None)
        self.reading: Reading | None = None
        self.pv_power: float | None = None
        self._instrument = instrument
        self._sample_rate = sample_rate
        self._samples = 0
        self._start = _EPOCH
        self._end = _EPOCH
        self._processed = _EPOCH

    def sample(
        self,
        samples: NDArray[np.float32] | NDArray[np.float64],
        now: datetime,
        missed: int = 0,
    ) -> tuple[Reading, ...]:
        """Run the instrument over samples (n, channels) that end at `now`, after `missed` ones."""
        if self._instrument is None:
            return ()
        windows = self._instrument.gap(missed) if missed else ()
        self._instrument.time_is(now.timestamp() - len(samples) / self._sample_rate)
        windows += self._instrument.process(samples[None, ...])
        self._samples += missed + len(samples)
        readings = tuple(readings_of(window)[0] for window in windows)
        return self.take(readings, now, self._samples / self._sample_rate)

    def take(
        self, readings: tuple[Reading, ...], now: datetime, stream_s: float | None = None
    ) -> tuple[Reading, ...]:
        """Show the last of `readings`; the stream stands at `stream_s`, or at its end, at `now`.

        Gives the readings as they are shown: of the primary side, where there are transformers.
        """
        if not readings:
            return ()
        readings = tuple(self.transformers.shown(reading) for reading in readings)
        newest = self.reading = readings[-1]
        end_s = newest.start_s + newest.duration_s
        late_s = 0.0 if stream_s is None else max(0.0, stream_s - end_s)
        self._end = now - timedelta(seconds=late_s)
        self._start = self._end - timedelta(seconds=newest.duration_s)
        self._processed = max(self._processed, now)
        return readings

    def stamp_processed(self, at: datetime) -> None:
        """The processing of the newest window ended at an aware time."""
        self._processed = at

    @property
    def time(self) -> MeasurementTime:
        """When the newest reading was measured and processed; zeros before the first one."""
        times = (self._start, self._end, self._processed)
        return MeasurementTime(*((time - _EPOCH) // _MICROSECOND for time in times))
