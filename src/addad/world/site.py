"""A house in Fez with panels on its roof, at a three-phase 230/400 V connection: samples and truth.

At every instant and in every phase the current at the meter is the load's less the inverter's;
the neutral carries the sum. Everything is a function of seed and absolute time, except that the
inverter remembers when its voltage came back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from addad.world.appliances import HOUSE, Appliance
from addad.world.grid import (
    FRAMES_PER_S,
    NEUTRAL_IMPEDANCE,
    NOMINAL_VOLTAGE,
    ORDERS,
    PHASE_IMPEDANCE,
    Grid,
    frame_times,
    impedance,
)
from addad.world.habits import DAY_S
from addad.world.inverter import Inverter
from addad.world.load import Household
from addad.world.pv import SolarArray, SolarDay, solar_day
from addad.world.truth import SiteState, site_state
from addad.world.waveform import Channel, Waveform, carrier, synthesize

CHANNELS: tuple[Channel, ...] = (
    Channel("UL1", "voltage", "L1", "V"),
    Channel("UL2", "voltage", "L2", "V"),
    Channel("UL3", "voltage", "L3", "V"),
    Channel("IL1", "current", "L1", "A"),
    Channel("IL2", "current", "L2", "A"),
    Channel("IL3", "current", "L3", "A"),
    Channel("IN", "current", "N", "A"),
)
# the inverter lets go when a phase of the network falls below this share of its voltage
ISLANDING_RATIO = 0.8

_PASSES = 3
_KEPT = 2


class Supply(NamedTuple):
    """What is done to the house from outside during a block.

    `connected`: the meter's relay is closed. `voltage`: share of the network's voltage in each
    phase (0 is an open conductor, 0.4 a dip). `extra_load_w`: a resistor more in each phase, its
    power at 230 V [W].
    """

    connected: bool = True
    voltage: tuple[float, float, float] = (1.0, 1.0, 1.0)
    extra_load_w: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def live(self) -> bool:
        """The inverter has a network to feed into."""
        return self.connected and min(self.voltage) >= ISLANDING_RATIO


@dataclass(frozen=True, slots=True, eq=False)
class SiteBlock:
    """Samples at the meter's terminals (n, 7) [V, A] in the order of `CHANNELS`, and the truth.

    `load_current` and `pv_current` (n, 3) [A] are the two sides of the balance:
    samples[:, 3:6] = load_current − pv_current.
    """

    samples: NDArray[np.float64]
    load_current: NDArray[np.float64]
    pv_current: NDArray[np.float64]
    truth: SiteState


class _Second(NamedTuple):
    """One whole second: phasors (50, 3, orders) and samples (sample rate, 9)."""

    frequency: NDArray[np.float64]
    voltage: NDArray[np.complex128]
    load: NDArray[np.complex128]
    pv: NDArray[np.complex128]
    samples: NDArray[np.float64]
    running: tuple[str, ...]


class Site:
    """The house, drawn from `seed`; `start` (aware) is the instant of its sample 0.

    `sample_rate` [Hz] is a multiple of 50; `pv_peak_w` [W] of panels needs the extra `addad[site]`
    (InputError without it), 0 is a house without. `compute_sun` may do `pv.solar_day` elsewhere.
    ValueError for what cannot be.
    """

    def __init__(
        self,
        seed: int,
        *,
        start: datetime,
        sample_rate: float = 8_000.0,
        pv_peak_w: float = 5_500.0,
        compute_sun: Callable[[SolarDay], NDArray[np.float64]] = solar_day,
        appliances: tuple[Appliance, ...] = HOUSE,
        inverter: Inverter | None = None,
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("the start of a site needs a time zone")
        rate = round(sample_rate)
        if rate != sample_rate or rate <= 2 * 50 * ORDERS[-1] or rate % FRAMES_PER_S:
            raise ValueError(
                f"a site is sampled at a multiple of 50 Hz above 2.5 kHz, not {sample_rate}"
            )
        self.start = start
        self.sample_rate = float(rate)
        self._first = round(start.timestamp() * rate)
        self._grid = Grid(seed)
        self._household = Household(seed, appliances)
        self._array = SolarArray(seed, pv_peak_w, compute=compute_sun) if pv_peak_w > 0.0 else None
        self._inverter = inverter or Inverter(rated_w=max(pv_peak_w, 1.0) * 0.91)
        self._seconds: dict[tuple[int, Supply, float | None], _Second] = {}
        self._live_since: float | None = -np.inf
        self._end = self._first

    def block(
        self,
        start_s: float,
        samples: int,
        *,
        connected: bool = True,
        voltage: tuple[float, float, float] = (1.0, 1.0, 1.0),
        extra_load_w: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> SiteBlock:
        """`samples` of them from `start_s` [s] after the start; see `Supply` for the rest.

        The same instant gives the same samples however the time is cut into blocks. Going back in
        time forgets past interruptions.
        """
        if samples < 1:
            raise ValueError("a block has at least one sample")
        rate = int(self.sample_rate)
        first = self._first + round(start_s * rate)
        supply = Supply(connected, voltage, extra_load_w)
        if first < self._end:
            self._live_since = -np.inf
        if not supply.live:
            self._live_since = None
        elif self._live_since is None:
            self._live_since = first / rate
        self._end = first + samples
        parts = []
        while samples > 0:
            second, offset = divmod(first, rate)
            count = min(samples, rate - offset)
            parts.append((self._second(second, supply), offset, count))
            first, samples = first + count, samples - count
        return self._assembled(parts, start_s)

    def prepare(self, moment: datetime) -> None:
        """Compute the sun of a moment's UTC day ahead: it takes a second at the first call."""
        if self._array is not None:
            self._array.day(int(moment.timestamp() // DAY_S))

    def waveform(self, start_s: float, samples: int) -> Waveform:
        """A stretch of undisturbed samples as a record."""
        begin = self.start + timedelta(seconds=start_s)
        return Waveform(self.sample_rate, CHANNELS, self.block(start_s, samples).samples, begin)

    def _assembled(self, parts: list[tuple[_Second, int, int]], start_s: float) -> SiteBlock:
        raw = np.concatenate(
            [second.samples[offset : offset + count] for second, offset, count in parts]
        )
        samples = np.empty((len(raw), 7))
        samples[:, :3] = raw[:, :3]
        np.subtract(raw[:, 3:6], raw[:, 6:9], out=samples[:, 3:6])
        samples[:, 6] = samples[:, 3:6].sum(axis=1)
        truth = site_state(
            start_s,
            len(raw) / self.sample_rate,
            np.concatenate(
                [_weights(offset, count, self.sample_rate) for _, offset, count in parts]
            ),
            np.concatenate([second.frequency for second, _, _ in parts]),
            np.concatenate([second.voltage for second, _, _ in parts]),
            np.concatenate([second.load for second, _, _ in parts]),
            np.concatenate([second.pv for second, _, _ in parts]),
            tuple(dict.fromkeys(name for second, _, _ in parts for name in second.running)),
        )
        return SiteBlock(samples, raw[:, 3:6], raw[:, 6:9], truth)

    def _second(self, second: int, supply: Supply) -> _Second:
        since = self._live_since
        settled_s = self._inverter.restart_delay_s + self._inverter.ramp_s
        if since is not None and second - since > settled_s:
            since = -np.inf
        key = (second, supply, since)
        if key not in self._seconds:
            while len(self._seconds) >= _KEPT:
                self._seconds.pop(next(iter(self._seconds)))
            self._seconds[key] = self._compute(second, supply, since)
        return self._seconds[key]

    def _compute(self, second: int, supply: Supply, since: float | None) -> _Second:
        source = self._grid.voltages(second) * np.array(supply.voltage)[:, None]
        powers = self._household.powers(second) * supply.connected
        fed = self._fed(second, since)
        extra = np.array(supply.extra_load_w) * supply.connected / NOMINAL_VOLTAGE**2
        line, neutral = impedance(PHASE_IMPEDANCE), impedance(NEUTRAL_IMPEDANCE)
        voltage = source
        for _ in range(_PASSES):
            load = self._household.currents(voltage, powers) + extra[:, None] * voltage
            pv = self._inverter.currents(voltage, fed)
            grid = load - pv
            drop = line * grid + neutral * grid.sum(axis=1, keepdims=True)
            voltage = np.where(source[:, :, :1] == 0.0, 0.0, source - drop)
        fundamental = carrier(self._grid.advance(second), int(self.sample_rate) // FRAMES_PER_S)
        samples = synthesize(np.concatenate([voltage, load, pv], axis=1), ORDERS, fundamental)
        running = self._household.names(powers)
        return _Second(self._grid.frequency(second), voltage, load, pv, samples, running)

    def _fed(self, second: int, since: float | None) -> NDArray[np.float64]:
        """What the inverter feeds in each frame (50,) [W]."""
        time = frame_times(second)[:-1]
        if self._array is None or since is None:
            return np.zeros(len(time))
        return self._inverter.power(self._array.power(time), time - since)


def _weights(offset: int, count: int, sample_rate: float) -> NDArray[np.float64]:
    """How many samples of each of the second's frames (50,) lie in the block."""
    edges = np.arange(FRAMES_PER_S + 1) * (sample_rate / FRAMES_PER_S)
    return np.diff(np.clip(edges, offset, offset + count))
