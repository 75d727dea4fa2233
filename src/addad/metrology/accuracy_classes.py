"""What an accuracy class of an energy meter is: percentage error limits, and what else it asks for.

The terms are those of IEC 62053-21, IEC 62053-22, IEC 62053-23, IEC 62053-24, and MI-003 (Directive
2014/32/EU, annex V), whose influence limits are those of EN 50470-3. The classes themselves stand
in `accuracy_tables`; each tells how it was checked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

NO_LOAD_VOLTAGE = 1.15
"""The voltage of the no-load test, as a share of the nominal one."""
_EDGE = 1e-9


class Energy(StrEnum):
    """What a meter counts."""

    ACTIVE = "active"
    REACTIVE = "reactive"


class Connection(StrEnum):
    """How a meter is connected; it decides the current that the limits refer to."""

    DIRECT = "direct"
    TRANSFORMER = "transformer"


class Load(StrEnum):
    """How a polyphase meter is loaded; all its voltages are there in both."""

    BALANCED = "balanced"
    SINGLE_PHASE = "single-phase"


class Influence(StrEnum):
    """What is changed while the load stays as it was."""

    TEMPERATURE = "temperature"
    VOLTAGE = "voltage"
    FREQUENCY = "frequency"
    REVERSED_SEQUENCE = "reversed phase sequence"
    VOLTAGE_UNBALANCE = "voltage unbalance"
    HARMONICS = "harmonics in current and voltage"
    DC_AND_EVEN = "DC and even harmonics in the current"
    ODD_HARMONICS = "odd harmonics in the current"
    SUB_HARMONICS = "sub-harmonics in the current"


@dataclass(frozen=True, slots=True)
class Factor:
    """A power factor cos φ, or sin φ of reactive energy: a `value` above zero, and which side.

    `side` is "inductive", "capacitive", or empty at 1.
    """

    value: float
    side: str = ""

    def angle(self, energy: Energy) -> float:
        """φ [rad] by which the current lags its voltage."""
        size = math.acos(self.value) if energy is Energy.ACTIVE else math.asin(self.value)
        return -size if self.side == "capacitive" else size

    def __str__(self) -> str:
        return f"{self.value:g}{' ' + self.side if self.side else ''}"


UNITY = Factor(1.0)
HALF_INDUCTIVE = Factor(0.5, "inductive")
HALF_CAPACITIVE = Factor(0.5, "capacitive")
EIGHT_CAPACITIVE = Factor(0.8, "capacitive")
QUARTER_INDUCTIVE = Factor(0.25, "inductive")
QUARTER_CAPACITIVE = Factor(0.25, "capacitive")


@dataclass(frozen=True, slots=True)
class LoadLimit:
    """A row of a table of limits: currents `low` to below `high`, in shares of the reference one.

    `high` is None for the maximum current, which is included. `special` rows apply where a user
    asks for them.
    """

    load: Load
    factors: tuple[Factor, ...]
    low: float
    high: float | None
    percent: float
    special: bool = False


@dataclass(frozen=True, slots=True)
class InfluenceLimit:
    """How far the percentage error may move at one load: by `percent`, or by percent a kelvin.

    `current` is a share of the reference current, or of the maximum one with `of_maximum`; up to
    the maximum current the limit holds where `to_maximum` says so.
    """

    influence: Influence
    factor: Factor
    current: float
    percent: float
    of_maximum: bool = False
    to_maximum: bool = False


@dataclass(frozen=True, slots=True)
class TemperatureBand:
    """Operating temperatures [°C] and the error limits there, by row of the reference table."""

    low: float
    high: float
    percent: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AccuracyClass:
    """All that a class of a standard asks of a meter's accuracy.

    Currents are shares of the reference current (Ib or Iref when direct, In behind transformers).
    `start` is the starting current, `difference` [%] the most that the error under a single-phase
    load may be off the balanced one at the reference current, `repeatability` [%] the widest spread
    of equal tests, `no_load` the constant C of the no-load time: C / (k m Un Imax) [min], or with
    `no_load_by_start` C / (k m 1.15 Un Ist). `sources` says where the numbers are from, and which
    of them nobody here could check.
    """

    standard: str
    name: str
    energy: Energy
    connection: Connection
    limits: tuple[LoadLimit, ...]
    influences: tuple[InfluenceLimit, ...]
    start: float
    difference: float | None
    repeatability: float
    no_load: float
    no_load_by_start: bool = False
    bands: tuple[TemperatureBand, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def current_symbol(self) -> str:
        """The reference current's symbol in the standard."""
        if self.connection is Connection.TRANSFORMER:
            return "In"
        return "Iref" if self.standard == "MI-003" else "Ib"

    @property
    def factor_symbol(self) -> str:
        """cos φ or sin φ."""
        return "cos φ" if self.energy is Energy.ACTIVE else "sin φ"

    def limit(self, load: Load, factor: Factor, share: float, maximum: float) -> float | None:
        """The limit [%] at a current of `share` of the reference one; None where there is none.

        `maximum` is the maximum current, as a share too.
        """
        for row in self.limits:
            high = maximum * (1.0 + _EDGE) if row.high is None else row.high * (1.0 - _EDGE)
            if row.load is load and factor in row.factors:
                if row.low * (1.0 - _EDGE) <= share <= high:
                    return row.percent
        return None

    def no_load_minutes(
        self, constant: float, elements: int, volts: float, reference: float, maximum: float
    ) -> float:
        """Shortest time of the no-load test [min], at 1.15 Un.

        t = C / (k m Un Imax) of IEC 62053, t = C / (k m 1.15 Un Ist) of EN 50470-3, with k pulses a
        kWh or kvarh, m elements, Un [V], reference and maximum current [A].
        """
        by = NO_LOAD_VOLTAGE * self.start * reference if self.no_load_by_start else maximum
        return self.no_load / (constant * elements * volts * by)
