"""What stands between the terminals and the numbers: sensors, filters, converter, of one unit.

Each unit of a drawing (`front_end_settings`) differs by its seed; temperature is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.world import front_end_filter as filters
from addad.world.front_end_converter import convert, filtered
from addad.world.front_end_core import Core, core_response, magnetize
from addad.world.front_end_filter import REFERENCE_TEMPERATURE
from addad.world.front_end_rogowski import RogowskiCoil, integrator_response, integrator_taps
from addad.world.front_end_settings import REFERENCE_HZ, VOLTAGES, Each, FrontEndSettings
from addad.world.front_end_transformers import (
    CurrentTransformer,
    ResistiveDivider,
    Unit,
    VoltageTransformer,
)

_CHANNELS_MAX = 7
_DRAWS = 8
_CURVE_SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0)

Floats = NDArray[np.float64]


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
        currents = range(s.channels - VOLTAGES)
        self._gain[VOLTAGES:] *= [1.0 + _of_current(s.current_error, k) for k in currents]
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
        slow = np.array([self._slow(c, REFERENCE_HZ, self._usual(c)) for c in range(s.channels)])
        fast = np.array([self._fast(c, REFERENCE_HZ) for c in range(s.channels)])
        gain = self._gain * np.abs(slow) * np.abs(fast)
        delay = -np.angle(fast) / (2.0 * np.pi * REFERENCE_HZ)
        offset = self._offset / s.converter.step * (self._integrators()[:, 2] == 0.0)
        curves = tuple(self._curve(c, slow[c]) for c in range(VOLTAGES, s.channels))
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
        return (s.voltage if channel < VOLTAGES else s.current), unit

    def _taps_of(self, channel: int) -> Floats | None:
        """The filter, skew and slope of a channel as taps; None when it has none."""
        s = self.settings
        tau, later = self._pole_and_skew(channel)
        coil = s.current if channel >= VOLTAGES and isinstance(s.current, RogowskiCoil) else None
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
        is_voltage = channel < VOLTAGES
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
        ahead = 0.0 if is_voltage else _of_current(s.phase_error, channel - VOLTAGES)
        return tau, s.converter.skew_s * channel + ahead / (2.0 * np.pi * REFERENCE_HZ)

    def _integrators(self) -> Floats:
        """`integrator_taps` (channels, 3) of the currents with a digital integrator, else zeros."""
        s = self.settings
        taps = np.zeros((s.channels, 3))
        if isinstance(s.current, RogowskiCoil) and s.current.integrator == "digital":
            taps[VOLTAGES:] = integrator_taps(s.current.corner_hz, s.sample_rate)
        return taps

    def _usual(self, channel: int) -> float:
        return 230.0 if channel < VOLTAGES else self.settings.current.nominal_current

    def _slow(self, channel: int, frequency: float, rms: float) -> complex:
        """What leads at low frequencies: the core, or what an integrator forgets."""
        s = self.settings
        if channel >= VOLTAGES and isinstance(s.current, RogowskiCoil):
            if s.current.integrator == "digital":
                rate = s.sample_rate
                whole = integrator_response(s.current.corner_hz, rate, frequency)
                return whole * 1j * frequency / REFERENCE_HZ
        return core_response(Core(*self._cores[channel]), frequency, rms)

    def _fast(self, channel: int, frequency: float) -> complex:
        """What the taps do, a coil's slope taken off."""
        s = self.settings
        found = filters.response(self._taps[channel], frequency, s.sample_rate)
        if channel >= VOLTAGES and isinstance(s.current, RogowskiCoil):
            if s.current.integrator == "digital":
                return found / (1j * frequency / REFERENCE_HZ)
        return found

    def _curve(self, channel: int, usual: complex) -> tuple[CurrentError, ...]:
        """A current's ratio error and lead, from a thousandth to twice its nominal current."""
        nominal = self._usual(channel)
        found = [self._slow(channel, REFERENCE_HZ, nominal * share) for share in _CURVE_SHARES]
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
            volts_per_count=tuple(units[:VOLTAGES]),
            amperes_per_count=tuple(units[VOLTAGES:]),
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
