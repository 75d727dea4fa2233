"""Current and voltage transformers, by what their data sheets say, and the resistive divider.

Ratio error and phase displacement are those of IEC 61869: the secondary times the ratio against the
primary; a positive displacement leads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from addad.world.front_end_core import Core

_REFERENCE_HZ = 50.0
_COPPER_PER_K = 3.93e-3
_KNEE_SHARE = 0.03
"""Where the iron begins to be better than at first, as a share of the flux at nominal current."""
_LOW_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Unit:
    """How one channel's sensor differs: draws of standard deviation one, and kelvins of warmth."""

    ratio: float = 0.0
    drift: float = 0.0
    lead: float = 0.0
    warmer: float = 0.0


@dataclass(frozen=True, slots=True)
class CurrentTransformer:
    """A transformer of `ratio` to 1 on a burden.

    `lead` [rad at 50 Hz] is its displacement at `nominal_current` [A], `low_lead` that at one
    percent of it; `loss` is what the iron burns, as a share of what magnetizes it: it makes the
    ratio error. It saturates where a sine of `saturation` times the nominal current drives it.
    `tolerance` is the standard deviation of ratio times burden, as a share, `lead_tolerance` that
    of the lead, `drift_ppm` that of the ratio's change [1e-6/K]; the lead changes with copper and
    iron over temperature (`iron_per_k`).
    """

    nominal_current: float = 60.0
    ratio: float = 2_500.0
    burden_ohm: float = 5.0
    winding_ohm: float = 40.0
    lead: float = 2.1e-3
    low_lead: float = 3.5e-3
    loss: float = 0.4
    saturation: float = 8.0
    tolerance: float = 0.003
    lead_tolerance: float = 0.1
    drift_ppm: float = 10.0
    iron_per_k: float = -1e-3

    def gain(self, unit: Unit) -> float:
        """Volts at the burden for an ampere, the core left out."""
        drift = 1.0 + 1e-6 * self.drift_ppm * unit.drift * unit.warmer
        return self.burden_ohm / self.ratio * (1.0 + self.tolerance * unit.ratio) * drift

    def core(self, unit: Unit) -> Core:
        """The iron of one unit."""
        if self.lead <= 0.0:
            return Core()
        more = max(self.low_lead, self.lead) / self.lead
        weak, strong = 1.0 / (1.0 + _LOW_SHARE / _KNEE_SHARE), 1.0 / (1.0 + 1.0 / _KNEE_SHARE)
        rise = (more - 1.0) / max(weak - strong * more, 0.05)
        share = math.tan(self.lead) / (1.0 + strong * rise)
        total = self.burden_ohm + self.winding_ohm
        hot = total + self.winding_ohm * _COPPER_PER_K * unit.warmer
        heat = hot / total / max(1.0 + self.iron_per_k * unit.warmer, 0.1)
        magnetizing = share * math.sqrt(2.0) * self.nominal_current
        spread = 1.0 + self.lead_tolerance * unit.lead
        return Core(
            corner=2.0 * math.pi * _REFERENCE_HZ * share * spread * heat,
            rise=rise,
            knee=_KNEE_SHARE * magnetizing,
            saturation=self.saturation * magnetizing,
            loss=self.loss * share,
        )


@dataclass(frozen=True, slots=True)
class VoltageTransformer:
    """A transformer of `ratio` to 1, and the divider behind it in the ratio.

    `ratio_error` (a share) and `lead` [rad at 50 Hz] are at `nominal_voltage` [V]; the lead is that
    of the magnetizing current over the winding. `leakage_s` is leakage inductance over burden.
    """

    nominal_voltage: float = 57.7
    ratio: float = 240.0
    source_ohm: float = 100.0
    ratio_error: float = -1e-3
    lead: float = 1.5e-3
    leakage_s: float = 1e-6
    saturation: float = 2.0
    tolerance: float = 0.001
    drift_ppm: float = 5.0

    def gain(self, unit: Unit) -> float:
        """Volts behind it for a volt before it, the core left out."""
        drift = 1.0 + 1e-6 * self.drift_ppm * unit.drift * unit.warmer
        return (1.0 + self.ratio_error + self.tolerance * unit.ratio) / self.ratio * drift

    def core(self, unit: Unit) -> Core:
        """The iron of one unit, its magnetizing current as a voltage over the winding."""
        if self.lead <= 0.0:
            return Core()
        share = math.tan(self.lead) * (1.0 + 0.1 * unit.lead)
        magnetizing = share * math.sqrt(2.0) * self.nominal_voltage
        return Core(
            corner=2.0 * math.pi * _REFERENCE_HZ * share * (1.0 + _COPPER_PER_K * unit.warmer),
            saturation=self.saturation * magnetizing,
        )


@dataclass(frozen=True, slots=True)
class ResistiveDivider:
    """A divider of two resistors; a channel's ratio is off by `tolerance`, standard deviation.

    `drift_ppm` is the standard deviation of the ratio's change with temperature [1e-6/K]: of the
    two resistors only the difference counts.
    """

    upper_ohm: float = 1e6
    lower_ohm: float = 1e3
    tolerance: float = 0.003
    drift_ppm: float = 10.0

    @property
    def source_ohm(self) -> float:
        """What the filter behind it sees."""
        return self.upper_ohm * self.lower_ohm / (self.upper_ohm + self.lower_ohm)

    def gain(self, unit: Unit) -> float:
        """Volts behind it for a volt before it."""
        ratio = self.lower_ohm / (self.upper_ohm + self.lower_ohm)
        drift = 1.0 + 1e-6 * self.drift_ppm * unit.drift * unit.warmer
        return ratio * (1.0 + self.tolerance * unit.ratio) * drift

    def core(self, unit: Unit) -> Core:
        """None."""
        return Core()
