"""What an instrument is told about its samples, and what follows from it."""

import math
from dataclasses import dataclass, field

import numpy as np

from addad.errors import InputError
from addad.metrology.blocks import BEYOND
from addad.metrology.cycles import CURRENTS, LANES
from addad.metrology.energy import EnergySettings
from addad.metrology.harmonics import ORDERS_MAX
from addad.metrology.quantities import PHASES
from addad.metrology.state import Plan

_TRACKING = 0.2
"""Frequencies are followed up to this part of the nominal one beyond it, either way."""
_SAMPLES_PER_CYCLE_MIN = 6.0
"""Fewer leave nothing between the edges of a single cycle at the highest frequency followed."""
_HIGHEST_FREQUENCY_OF_RATE = 0.45
"""What a converter's own filter lets through unweakened."""
_RATE_MAX = 1e7
_LIMIT_MAX = BEYOND / 2.0


@dataclass(frozen=True, slots=True)
class InstrumentSettings:
    """What an instrument is told about its samples.

    `sample_rate` [Hz]; `nominal_frequency` 50 or 60 [Hz]; the columns of the samples are `voltages`
    (1 to 3, L1 first) and then `currents` (0 to 4: L1, L2, L3, N). A column named in `absent`
    ("U1" .. "U3", "I1" .. "I4") is there but carries nothing. A voltage below `minimum_voltage` [V]
    is none. `harmonics` is the highest order, 1 to 50; with `interharmonics` the windows tell
    groups too. `energy` says what the registers count. Samples that reach `voltage_limit`
    [V] or `current_limit` [A] count as that limit, and beyond twice of it as zero.
    Raises InputError for values that cannot be.
    """

    sample_rate: float
    meters: int = 1
    nominal_frequency: float = 50.0
    voltages: int = 3
    currents: int = 4
    absent: frozenset[str] = frozenset()
    harmonics: int = ORDERS_MAX
    interharmonics: bool = False
    minimum_voltage: float = 0.0
    voltage_limit: float = _LIMIT_MAX
    current_limit: float = _LIMIT_MAX
    energy: EnergySettings = field(default_factory=EnergySettings)

    def __post_init__(self) -> None:
        if self.nominal_frequency not in (50.0, 60.0):
            raise InputError(f"nominal frequency {self.nominal_frequency} Hz: give 50 or 60")
        lowest = _SAMPLES_PER_CYCLE_MIN * self.nominal_frequency
        if not lowest <= self.sample_rate <= _RATE_MAX:
            raise InputError(f"sampling rate {self.sample_rate} Hz: give {lowest:.0f} Hz to 10 MHz")
        if self.meters < 1:
            raise InputError(f"{self.meters} meters: give at least one")
        if not 1 <= self.voltages <= PHASES or not 0 <= self.currents <= LANES - CURRENTS:
            raise InputError(
                f"{self.voltages} voltages and {self.currents} currents: give 1 to 3 and 0 to 4"
            )
        if not 1 <= self.harmonics <= ORDERS_MAX:
            raise InputError(f"harmonics to order {self.harmonics}: give 1 to {ORDERS_MAX}")
        unknown = self.absent - set(self.channels)
        if unknown:
            raise InputError(
                f"absent {', '.join(sorted(unknown))}: the channels are {', '.join(self.channels)}"
            )
        if not 0.0 <= self.minimum_voltage < math.inf:
            raise InputError(f"minimum_voltage is {self.minimum_voltage}: give 0 or more")
        for name in ("voltage_limit", "current_limit"):
            if not 0.0 < getattr(self, name) <= _LIMIT_MAX:
                raise InputError(
                    f"{name} is {getattr(self, name)}: give more than 0, at most {_LIMIT_MAX:g}"
                )

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        voltages = tuple(f"U{k + 1}" for k in range(self.voltages))
        return voltages + tuple(f"I{k + 1}" for k in range(self.currents))

    @property
    def window_cycles(self) -> int:
        """Cycles in a window: ten at 50 Hz, twelve at 60 Hz."""
        return 10 if self.nominal_frequency == 50.0 else 12

    @property
    def highest_order(self) -> int:
        """The highest harmonic: `harmonics`, or what 0.45 of the sampling rate leaves of them."""
        limit = _HIGHEST_FREQUENCY_OF_RATE * self.sample_rate / self.nominal_frequency
        return min(self.harmonics, math.floor(limit + 1e-9))

    @property
    def lanes(self) -> tuple[int, ...]:
        """The lane of the sample store that each column goes to."""
        voltages = tuple(range(self.voltages))
        return voltages + tuple(CURRENTS + k for k in range(self.currents))


def plan_of(settings: InstrumentSettings) -> Plan:
    """The settings as the compiled loop takes them."""
    present = np.zeros(LANES, np.bool_)
    for name, lane in zip(settings.channels, settings.lanes, strict=True):
        present[lane] = name not in settings.absent
    nominal = float(settings.nominal_frequency)
    return Plan(
        rate=float(settings.sample_rate),
        nominal=nominal,
        lowest=nominal * (1.0 - _TRACKING),
        highest=nominal * (1.0 + _TRACKING),
        cycles=settings.window_cycles,
        orders=settings.highest_order,
        interharmonics=settings.interharmonics,
        minimum_voltage=float(settings.minimum_voltage),
        start_current=float(settings.energy.start_current),
        no_load_power=float(settings.energy.no_load_power),
        summation=int(settings.energy.summation),
        present=present,
    )
