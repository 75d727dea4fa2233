"""What stands between the terminals and the numbers: sensors, filters, converter, of one unit.

Each unit differs by its seed; temperature is an argument. The resistor of 1 kΩ and the capacitor of
33 nF are those of the circuits that this project implements; all other components are assumed, and
ordinary for a meter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from addad.world import front_end_filter as filters
from addad.world.front_end_converter import Converter, convert, filtered
from addad.world.front_end_core import Core, core_response, magnetize
from addad.world.front_end_filter import REFERENCE_TEMPERATURE, LowPass
from addad.world.front_end_rogowski import RogowskiCoil, integrator_response, integrator_taps
from addad.world.front_end_transformers import (
    CurrentTransformer,
    ResistiveDivider,
    Unit,
    VoltageTransformer,
)

_REFERENCE_HZ = 50.0
_VOLTAGES = 3
_CHANNELS_MAX = 7
_DRAWS = 8
_CURVE_SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0)

_SLOPE_ROOM = 2.5
"""How much steeper than the largest sine the signal of a coil may be: 40 % of fifth harmonic at the
maximum current make it three times as steep, and 1.25 times are left anyhow."""

Floats = NDArray[np.float64]
Each = float | tuple[float, ...]
"""One number for all currents, or one for each."""


@dataclass(frozen=True, slots=True)
class FrontEndSettings:
    """The drawing of a front end; `current_error` and `phase_error` are put in on purpose.

    `current_error` (a share) is added to a current's ratio, `phase_error` [rad at 50 Hz] makes a
    current lead: what a laboratory puts in behind a calibration. One number is for all currents,
    a tuple has one each, from I1 on, and nothing for those that it does not reach.
    """

    sample_rate: float = 8_000.0
    currents: int = 4
    voltage: ResistiveDivider | VoltageTransformer = field(default_factory=ResistiveDivider)
    current: CurrentTransformer | RogowskiCoil = field(default_factory=CurrentTransformer)
    voltage_filter: LowPass = field(default_factory=lambda: LowPass(series_ohm=0.0))
    current_filter: LowPass = field(default_factory=LowPass)
    converter: Converter = field(default_factory=Converter)
    current_error: Each = 0.0
    phase_error: Each = 0.0

    def __post_init__(self) -> None:
        if self.converter.bits not in range(8, 33) or self.currents not in (3, 4):
            raise ValueError("a front end has 8 to 32 bits and 3 or 4 currents")
        if not self.sample_rate > 0.0:
            raise ValueError(f"sample rate {self.sample_rate} Hz is not positive")

    @property
    def channels(self) -> int:
        """Three voltages and the currents."""
        return _VOLTAGES + self.currents

    @classmethod
    def ideal(cls, sample_rate: float, currents: int = 4, bits: int = 24) -> FrontEndSettings:
        """A front end that only quantises and clips: 600 to 1 for volts, 4 mV for an ampere."""
        return cls(
            sample_rate,
            currents,
            ResistiveDivider(599.0, 1.0, 0.0, 0.0),
            CurrentTransformer(burden_ohm=10.0, lead=0.0, tolerance=0.0, drift_ppm=0.0),
            LowPass(0.0, 0.0, 0.0, 0.0),
            LowPass(0.0, 0.0, 0.0, 0.0),
            Converter(bits, 1.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        )

    @classmethod
    def sixteen_bit(
        cls,
        sample_rate: float = 10_000.0,
        *,
        nominal_current: float = 5.0,
        maximum_current: float = 10.0,
        currents: int = 4,
    ) -> FrontEndSettings:
        """A transformer-operated meter of class 0.2S: 16 bits, sampled one after the other.

        The burden is chosen so that 1.25 times the peak of `maximum_current` [A] is full scale.
        """
        converter = Converter(
            bits=16, offset=2e-4, noise=8e-6, crosstalk=3e-6, skew_s=2e-6, reference_drift_ppm=5.0
        )
        ratio = 400.0 * nominal_current
        burden = converter.full_scale * ratio / (1.25 * 2.0**0.5 * maximum_current)
        transformer = CurrentTransformer(
            nominal_current=nominal_current,
            ratio=ratio,
            burden_ohm=burden,
            winding_ohm=80.0,
            saturation=6.0 * max(maximum_current / nominal_current, 1.0),
        )
        return cls(sample_rate, currents, current=transformer, converter=converter)

    @classmethod
    def twenty_four_bit(
        cls, sample_rate: float = 10_000.0, *, maximum_current: float = 80.0, currents: int = 4
    ) -> FrontEndSettings:
        """A direct connected meter: 24 bits, all channels sampled at once."""
        burden = 0.5 * 2_500.0 / (1.25 * 2.0**0.5 * maximum_current)
        nominal = 0.125 * maximum_current
        transformer = CurrentTransformer(
            nominal_current=nominal, burden_ohm=burden, saturation=6.0 * 8.0
        )
        return cls(sample_rate, currents, current=transformer)

    def dc_tolerant(self) -> FrontEndSettings:
        """The same with transformers that half a wave of current does not saturate.

        Their iron takes forty times as much, steadily: they lead by 4.5°, at any current.
        """
        if not isinstance(self.current, CurrentTransformer):
            return self
        core = replace(
            self.current, lead=0.0785, low_lead=0.0785, loss=0.02, saturation=60.0, iron_per_k=-2e-4
        )
        return replace(self, current=core)

    def rogowski(self, coil: RogowskiCoil | None = None) -> FrontEndSettings:
        """The same with Rogowski coils, fitted to the full scale when none is given.

        A coil shows the slope of the current, in which harmonics stand out by their order: it gets
        room for them.
        """
        if coil is None:
            nominal = self.current.nominal_current
            at_50_hz = self.current.gain(Unit()) / _SLOPE_ROOM
            amplifier = at_50_hz / (2.0 * np.pi * _REFERENCE_HZ * 0.5e-6)
            coil = RogowskiCoil(nominal_current=nominal, amplifier=float(amplifier))
        return replace(self, current=coil)


@dataclass(frozen=True, slots=True)
class CurrentError:
    """What a sensor does at `current` [A rms] against its nominal current: ratio error, lead."""

    current: float
    ratio_error: float
    lead: float


@dataclass(frozen=True, slots=True)
class Conversion:
    """From counts back to the terminals, as plain numbers by channel (voltages, then currents).

    value = (count − offset_counts) · volts_per_count, or · amperes_per_count. A positive `delay_s`
    says that the channel's counts come that much late; `lead` [rad] that at 50 Hz its sensor leads,
    as a high-pass does, at nominal current. `curves` are for the currents.
    """

    volts_per_count: tuple[float, ...]
    amperes_per_count: tuple[float, ...]
    offset_counts: tuple[float, ...]
    delay_s: tuple[float, ...]
    lead: tuple[float, ...]
    curves: tuple[tuple[CurrentError, ...], ...] = ()


class FrontEnd:
    """One unit, drawn from `seed`, at `temperature` [°C]; it remembers from block to block."""

    def __init__(
        self,
        settings: FrontEndSettings | None = None,
        *,
        seed: int = 0,
        temperature: float = REFERENCE_TEMPERATURE,
    ) -> None:
        self.settings = settings or FrontEndSettings()
        self._draws = np.random.default_rng([seed, 5]).standard_normal((_DRAWS, _CHANNELS_MAX))
        self._chance = (np.random.default_rng([seed, 6]), np.random.default_rng([seed, 7]))
        channels = self.settings.channels
        self._magnetized = np.zeros((channels, 3))
        self._converted = np.zeros((channels, 4))
        self._before: Floats | None = None
        self.temperature = temperature

    @property
    def temperature(self) -> float:
        """Of the unit [°C]; it may be changed between blocks."""
        return self._temperature

    @temperature.setter
    def temperature(self, celsius: float) -> None:
        self._temperature = float(celsius)
        s, warmer = self.settings, self._temperature - REFERENCE_TEMPERATURE
        drift = 1.0 + 1e-6 * s.converter.reference_drift_ppm * self._draws[7, 0] * warmer
        sensors = [self._sensor(c) for c in range(s.channels)]
        self._gain = np.array([sensor.gain(unit) for sensor, unit in sensors]) / drift
        currents = range(s.channels - _VOLTAGES)
        self._gain[_VOLTAGES:] *= [1.0 + _of_current(s.current_error, k) for k in currents]
        self._cores = np.array([sensor.core(unit) for sensor, unit in sensors])
        rows = [self._taps_of(c) for c in range(s.channels)]
        plain = all(taps is None for taps in rows)
        unit_taps = np.eye(1, filters.TAPS, filters.CENTRE)[0]
        self._taps = (
            np.ones((s.channels, 1))
            if plain
            else np.array([unit_taps if taps is None else taps for taps in rows])
        )
        drawn = (
            s.converter.offset * self._draws[2]
            + s.converter.offset_drift * warmer * (self._draws[6])
        )
        self._offset = drawn[: s.channels]

    @property
    def full_scale_counts(self) -> int:
        """The largest count; the smallest is its negative less one."""
        return self.settings.converter.largest

    @property
    def latency(self) -> int:
        """Samples that all counts come late, alike: the converter's own filter."""
        return filters.CENTRE if self._taps.shape[1] > 1 else 0

    @property
    def nominal(self) -> Conversion:
        """What the drawing says: ratios only."""
        s = self.settings
        zeros = np.zeros(s.channels)
        gain = np.array([self._sensor(c)[0].gain(Unit()) for c in range(s.channels)])
        return self._conversion(gain, zeros, zeros, zeros, ())

    @property
    def actual(self) -> Conversion:
        """What a laboratory would find of this unit at 50 Hz, nominal current and 230 V."""
        s = self.settings
        slow = np.array([self._slow(c, _REFERENCE_HZ, self._usual(c)) for c in range(s.channels)])
        fast = np.array([self._fast(c, _REFERENCE_HZ) for c in range(s.channels)])
        gain = self._gain * np.abs(slow) * np.abs(fast)
        delay = -np.angle(fast) / (2.0 * np.pi * _REFERENCE_HZ)
        offset = self._offset / s.converter.step * (self._integrators()[:, 2] == 0.0)
        curves = tuple(self._curve(c, slow[c]) for c in range(_VOLTAGES, s.channels))
        return self._conversion(gain, offset, delay, np.angle(slow), curves)

    def response(self, frequency: float, rms: float | None = None) -> NDArray[np.complex128]:
        """Volts at the converter for a volt or an ampere (channels,) of a sine at `frequency` [Hz].

        `rms` [V, A] is how large it is; by default 230 V and the nominal current.
        """
        return np.array(
            [
                self._gain[c]
                * self._slow(c, frequency, self._usual(c) if rms is None else rms)
                * self._fast(c, frequency)
                for c in range(self.settings.channels)
            ]
        )

    def counts(self, samples: Floats) -> NDArray[np.int32]:
        """Counts (n, channels) of `samples` (n, channels) [V, A] at the terminals.

        A sample that is no number is held at the last good one.
        """
        s = self.settings
        if samples.ndim != 2 or samples.shape[1] != s.channels:
            raise ValueError(f"samples of shape {samples.shape} for {s.channels} channels")
        block = np.ascontiguousarray(samples, dtype=np.float64)
        if not len(block):
            return np.empty(block.shape, np.int32)
        reach = self._taps.shape[1] - 1
        sensed = np.empty((s.channels, reach + len(block)))
        magnetize(block, self._cores, self._magnetized, s.sample_rate, sensed[:, reach:])
        if self._before is None:
            self._before = np.repeat(sensed[:, reach : reach + 1], reach, axis=1)
            rest = self._taps.sum(axis=1) * self._gain * sensed[:, reach]
            self._converted[:, 0] = rest
            self._converted[:, 1] = (rest + self._offset) / s.converter.step
        sensed[:, :reach] = self._before
        self._before = sensed[:, len(block) :].copy()
        volts = np.empty((s.channels, len(block)))
        filtered(sensed, self._taps, self._gain, volts)
        noise = self._chance[0].standard_normal(block.shape) * s.converter.noise + self._offset
        jitter = self._chance[1].standard_normal(len(block)) * s.converter.jitter_s * s.sample_rate
        converter = (s.converter.step, float(s.converter.largest), s.converter.crosstalk)
        counts = np.empty(block.shape, dtype=np.int32)
        convert(volts, jitter, noise, converter, self._integrators(), self._converted, counts)
        return counts

    def _sensor(
        self, channel: int
    ) -> tuple[ResistiveDivider | VoltageTransformer | CurrentTransformer | RogowskiCoil, Unit]:
        """The sensor of a channel, and how it differs."""
        d = self._draws[:, channel]
        warmer = self._temperature - REFERENCE_TEMPERATURE
        unit = Unit(float(d[0]), float(d[4]), float(d[1]), warmer)
        s = self.settings
        return (s.voltage if channel < _VOLTAGES else s.current), unit

    def _taps_of(self, channel: int) -> Floats | None:
        """The filter, skew and slope of a channel as taps; None when it has none."""
        s = self.settings
        tau, later = self._pole_and_skew(channel)
        coil = s.current if channel >= _VOLTAGES and isinstance(s.current, RogowskiCoil) else None
        if tau == 0.0 and later == 0.0 and coil is None:
            return None
        at = filters.grid(s.sample_rate)
        wanted = filters.low_pass(at, tau) * filters.sampled_later(at, later)
        if coil is not None:
            wanted = wanted * coil.slope(at)
        return filters.taps_of(wanted, slope=coil is not None)

    def _pole_and_skew(self, channel: int) -> tuple[float, float]:
        """Time constant of a channel's input [s], and how much later it is sampled [s]."""
        s, d = self.settings, self._draws[:, channel]
        is_voltage = channel < _VOLTAGES
        low_pass = s.voltage_filter if is_voltage else s.current_filter
        source = (
            s.current.burden_ohm
            if not is_voltage
            else s.voltage.source_ohm  # of the divider, or of the transformer's winding
        )
        warmer = self._temperature - REFERENCE_TEMPERATURE
        tau = low_pass.time_constant(source, float(d[3]), float(d[5]), warmer)
        if is_voltage and isinstance(s.voltage, VoltageTransformer):
            tau += s.voltage.leakage_s
        ahead = 0.0 if is_voltage else _of_current(s.phase_error, channel - _VOLTAGES)
        return tau, s.converter.skew_s * channel + ahead / (2.0 * np.pi * _REFERENCE_HZ)

    def _integrators(self) -> Floats:
        """`integrator_taps` (channels, 3) of the currents with a digital integrator, else zeros."""
        s = self.settings
        taps = np.zeros((s.channels, 3))
        if isinstance(s.current, RogowskiCoil) and s.current.integrator == "digital":
            taps[_VOLTAGES:] = integrator_taps(s.current.corner_hz, s.sample_rate)
        return taps

    def _usual(self, channel: int) -> float:
        return 230.0 if channel < _VOLTAGES else self.settings.current.nominal_current

    def _slow(self, channel: int, frequency: float, rms: float) -> complex:
        """What leads at low frequencies: the core, or what an integrator forgets."""
        s = self.settings
        if channel >= _VOLTAGES and isinstance(s.current, RogowskiCoil):
            if s.current.integrator == "digital":
                rate = s.sample_rate
                whole = integrator_response(s.current.corner_hz, rate, frequency)
                return whole * 1j * frequency / _REFERENCE_HZ
        return core_response(Core(*self._cores[channel]), frequency, rms)

    def _fast(self, channel: int, frequency: float) -> complex:
        """What the taps do, a coil's slope taken off."""
        s = self.settings
        found = filters.response(self._taps[channel], frequency, s.sample_rate)
        if channel >= _VOLTAGES and isinstance(s.current, RogowskiCoil):
            if s.current.integrator == "digital":
                return found / (1j * frequency / _REFERENCE_HZ)
        return found

    def _curve(self, channel: int, usual: complex) -> tuple[CurrentError, ...]:
        """A current's ratio error and lead, from a thousandth to twice its nominal current."""
        nominal = self._usual(channel)
        found = [self._slow(channel, _REFERENCE_HZ, nominal * share) for share in _CURVE_SHARES]
        return tuple(
            CurrentError(nominal * share, float(abs(z) / abs(usual)) - 1.0, float(np.angle(z)))
            for share, z in zip(_CURVE_SHARES, found, strict=True)
        )

    def _conversion(
        self,
        gain: Floats,
        offset: Floats,
        delay: Floats,
        lead: Floats,
        curves: tuple[tuple[CurrentError, ...], ...],
    ) -> Conversion:
        units = [float(x) for x in self.settings.converter.step / gain]
        return Conversion(
            volts_per_count=tuple(units[:_VOLTAGES]),
            amperes_per_count=tuple(units[_VOLTAGES:]),
            offset_counts=tuple(float(x) for x in offset),
            delay_s=tuple(float(x) for x in delay),
            lead=tuple(float(x) for x in lead),
            curves=curves,
        )


def _of_current(value: Each, place: int) -> float:
    """What `value` says of a current: `place` is 0 for I1."""
    if isinstance(value, tuple):
        return value[place] if place < len(value) else 0.0
    return value


def warm_up() -> None:
    """Compile the kernels, or load them from their cache."""
    FrontEnd().counts(np.zeros((2, 7)))
