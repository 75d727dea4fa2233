"""The drawing of a front end: which sensors, filters and converter, and errors put in on purpose.

The resistor of 1 kΩ and the capacitor of 33 nF are those of the circuits that this project
implements; all other components are assumed, and ordinary for a meter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from addad.world.front_end_converter import Converter
from addad.world.front_end_filter import LowPass
from addad.world.front_end_rogowski import RogowskiCoil
from addad.world.front_end_transformers import (
    CurrentTransformer,
    ResistiveDivider,
    Unit,
    VoltageTransformer,
)

REFERENCE_HZ = 50.0
VOLTAGES = 3
_SLOPE_ROOM = 2.5
"""How much steeper than the largest sine the signal of a coil may be: 40 % of fifth harmonic at the
maximum current make it three times as steep, and 1.25 times are left anyhow."""

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
        if not 0.0 < self.sample_rate < math.inf:
            raise ValueError(f"sample rate {self.sample_rate} Hz: give more than 0")

    @property
    def channels(self) -> int:
        """Three voltages and the currents."""
        return VOLTAGES + self.currents

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
            amplifier = at_50_hz / (2.0 * np.pi * REFERENCE_HZ * 0.5e-6)
            coil = RogowskiCoil(nominal_current=nominal, amplifier=float(amplifier))
        return replace(self, current=coil)
