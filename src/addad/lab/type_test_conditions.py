"""What a meter under test says of itself, and what the source is set to for one measurement.

Loads and waveforms are those of IEC 62053-21, IEC 62053-22, IEC 62053-23, IEC 62053-24; the source
itself stands in `world`, and knows nothing of the meter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from addad.errors import InputError
from addad.metrology.accuracy_classes import UNITY, AccuracyClass, Connection, Energy, Factor
from addad.world.reference_source import (
    Lines,
    ReferenceSource,
    burst,
    half_wave,
    phase_fired,
    sine,
    with_fifth,
)

PHASES = (0, 1, 2)
REFERENCE_TEMPERATURE = 23.0
VOLTAGE_FIFTH, CURRENT_FIFTH = 0.10, 0.40
"""Fifth harmonics of the harmonics test, in shares of the fundamental."""
_BAND = 0.45
"""Waves are made of lines up to this part of the sampling rate, as a converter's filter leaves."""
_FIRED_ORDERS_MAX = 120
_VOLTS_MAX = 1000.0
_SHARE_MAX = 1000.0


class Waveform(StrEnum):
    """The current's form; with FIFTH the voltage's too."""

    SINE = "sine"
    FIFTH = "fifth harmonic"
    HALF_WAVE = "half-wave rectified"
    PHASE_FIRED = "phase-fired at 90°"
    BURST = "two cycles on, two off"


@dataclass(frozen=True, slots=True)
class Nameplate:
    """What is written on the meter: volts phase to neutral, amperes, pulses a kWh or kvarh."""

    accuracy: AccuracyClass
    nominal_voltage: float
    reference_current: float
    maximum_current: float
    constant: int
    nominal_frequency: float = 50.0
    serial: str = "addad-0001"

    def __post_init__(self) -> None:
        for name in ("nominal_voltage", "reference_current", "maximum_current", "constant"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise InputError(f"{name} is {value}: give a number above zero")
        if self.nominal_voltage > _VOLTS_MAX:
            raise InputError(
                f"{self.nominal_voltage:g} V: a meter's own voltage, behind transformers, is "
                f"at most {_VOLTS_MAX:g} V"
            )
        if self.maximum_current > _SHARE_MAX * self.reference_current:
            raise InputError(
                f"{self.current_words}: the maximum current is more than {_SHARE_MAX:g} times the "
                "reference current, which no meter has"
            )
        if self.maximum_current < self.reference_current:
            raise InputError(
                f"the maximum current {self.maximum_current:g} A is below the reference current "
                f"{self.reference_current:g} A"
            )

    @property
    def maximum_share(self) -> float:
        """The maximum current over the reference current."""
        return self.maximum_current / self.reference_current

    @property
    def starting_current(self) -> float:
        """The current at which it must begin to count [A]."""
        return self.accuracy.start * self.reference_current

    @property
    def current_words(self) -> str:
        """As on a nameplate: `5(10) A`."""
        return f"{self.reference_current:g}({self.maximum_current:g}) A"

    @property
    def unit(self) -> str:
        """kWh or kvarh."""
        return "kWh" if self.accuracy.energy is Energy.ACTIVE else "kvarh"


def usual_nameplate(accuracy: AccuracyClass, frequency: float = 50.0) -> Nameplate:
    """A 3 × 230/400 V meter as it is usually sold: 5(80) A direct, 5(10) A behind transformers."""
    direct = accuracy.connection is Connection.DIRECT
    return Nameplate(
        accuracy,
        nominal_voltage=230.0,
        reference_current=5.0,
        maximum_current=80.0 if direct else 10.0,
        constant=10_000 if direct else 50_000,
        nominal_frequency=frequency,
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """What the source and the room are set to.

    `share` is the current over the reference current, 0 with the current circuits open; `volts` and
    `frequency` are shares of the nominal values; `missing` are phases without voltage, and so
    without power; `repeat` tells equal conditions apart that are measured one after the other.
    """

    share: float
    factor: Factor = UNITY
    loaded: tuple[int, ...] = PHASES
    volts: float = 1.0
    frequency: float = 1.0
    reversed_sequence: bool = False
    missing: tuple[int, ...] = ()
    waveform: Waveform = Waveform.SINE
    temperature: float = REFERENCE_TEMPERATURE
    export: bool = False
    repeat: int = 0


def source_of(nameplate: Nameplate, condition: Condition, sample_rate: float) -> ReferenceSource:
    """The source as the condition has it; its powers are the truth."""
    frequency = nameplate.nominal_frequency * condition.frequency
    volts = nameplate.nominal_voltage * condition.volts
    amperes = nameplate.reference_current * condition.share
    highest = math.floor(_BAND * sample_rate / frequency)
    lag = condition.factor.angle(nameplate.accuracy.energy) + (math.pi * condition.export)
    voltages: list[Lines] = []
    currents: list[Lines] = []
    for phase in PHASES:
        turn = 2.0 * math.pi / 3.0 * phase
        angle = turn if condition.reversed_sequence else -turn
        live = phase not in condition.missing
        voltages.append(_voltage(condition.waveform, volts, angle) if live else {})
        carries = live and phase in condition.loaded and amperes > 0.0
        form = condition.waveform
        currents.append(_current(form, amperes, angle - lag, highest) if carries else {})
    return ReferenceSource(
        frequency,
        (voltages[0], voltages[1], voltages[2]),
        (currents[0], currents[1], currents[2]),
    )


def reference_power(nameplate: Nameplate, source: ReferenceSource) -> float:
    """The power that the meter should count [W, var], negative when it flows back."""
    active = nameplate.accuracy.energy is Energy.ACTIVE
    return float((source.active_power if active else source.reactive_power).sum())


def _voltage(waveform: Waveform, volts: float, angle: float) -> Lines:
    if waveform is Waveform.FIFTH:
        return with_fifth(volts, VOLTAGE_FIFTH, angle)
    return sine(volts, angle)


def _current(waveform: Waveform, amperes: float, angle: float, highest: int) -> Lines:
    match waveform:
        case Waveform.FIFTH:
            return with_fifth(amperes, CURRENT_FIFTH, angle)
        case Waveform.HALF_WAVE:
            return half_wave(amperes, angle, highest)
        case Waveform.PHASE_FIRED:
            return phase_fired(amperes, angle, min(highest, _FIRED_ORDERS_MAX))
        case Waveform.BURST:
            return burst(amperes, angle, highest)
        case _:
            return sine(amperes, angle)
