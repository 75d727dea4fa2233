"""Counting a meter's pulses against a reference: error of the energy between two of them.

The method of IEC 62053-21 and its kin: a pulse stands for 1 / k of a kWh or kvarh; between the
first and the last pulse counted the meter has registered (n − 1) / k, and the reference P t.
Uncertainty after JCGM 100 (GUM), type A from the scatter of the energy by pairs of windows, type B
from what a pulse and the source leave open.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.metrology import Window
from addad.metrology.accuracy_classes import Energy
from addad.metrology.energy import QUANTA_PER_UNIT_HOUR, EnergyRegister
from addad.metrology.pulses import PulseOutput

Floats = NDArray[np.float64]

SOURCE_UNCERTAINTY = 1e-6
"""Standard uncertainty of the reference's energy, a share: its samples are rounded doubles."""
_GROUP = 2
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571)
_KWH = 1000 * QUANTA_PER_UNIT_HOUR

_REGISTERS = {
    (Energy.ACTIVE, False): (EnergyRegister.ACTIVE_IMPORT_UWH,),
    (Energy.ACTIVE, True): (EnergyRegister.ACTIVE_EXPORT_UWH,),
    (Energy.REACTIVE, False): (EnergyRegister.REACTIVE_Q1_UVARH, EnergyRegister.REACTIVE_Q2_UVARH),
    (Energy.REACTIVE, True): (EnergyRegister.REACTIVE_Q3_UVARH, EnergyRegister.REACTIVE_Q4_UVARH),
}


@dataclass(frozen=True, slots=True)
class PulseCount:
    """The error between two pulses: `error` and its expanded uncertainty (95 %), in percent."""

    error: float
    uncertainty: float
    pulses: int
    seconds: float


class PulseRecord:
    """What a meter's light and register did, window by window.

    `constant` is pulses a kWh or kvarh; the register is that of one energy and direction.
    """

    def __init__(self, constant: int, energy: Energy, export: bool) -> None:
        self.quanta_per_pulse = _KWH / constant
        self._registers = _REGISTERS[energy, export]
        self._light = PulseOutput(constant, self._registers)
        self._pulses: list[Floats] = []
        self._edges: list[float] = []
        self._quanta: list[int] = []

    def add(self, window: Window) -> None:
        """Take the next window of a single meter."""
        if not self._edges:
            self._edges.append(float(window.start_s[0]))
            self._quanta.append(0)
        total = window.energy.total[0]
        self._edges.append(float(window.start_s[0] + window.duration_s[0]))
        self._quanta.append(self._quanta[-1] + sum(int(total[r]) for r in self._registers))
        self._pulses.append(self._light.take(window))

    @property
    def register_quanta(self) -> int:
        """What the register has counted, in micro-units."""
        return self._quanta[-1] if self._quanta else 0

    @property
    def edges(self) -> Floats:
        """Ends of windows [s], the begin of the first one before them."""
        return np.array(self._edges)

    @property
    def course(self) -> Floats:
        """The register at `edges`, in micro-units."""
        return np.array(self._quanta, dtype=np.float64)

    def times(self, after_s: float = 0.0) -> Floats:
        """When the pulses came [s], those from `after_s` on."""
        times = np.concatenate(self._pulses) if self._pulses else np.empty(0)
        return np.asarray(times[times >= after_s])


def count_pulses(
    record: PulseRecord, power: float, after_s: float, pattern_s: float = 0.0
) -> PulseCount | None:
    """The error against a reference of `power` [W, var], from the pulses after `after_s`.

    With a `pattern_s` the time between the pulses is as near to whole patterns as pulses allow.
    None with fewer than two pulses.
    """
    times = record.times(after_s)
    if len(times) < 2:
        return None
    last, off = len(times) - 1, 0.0
    if pattern_s > 0.0:
        spans = times[1:] - times[0]
        from_whole = np.abs(spans / pattern_s - np.round(spans / pattern_s)) * pattern_s
        late = len(spans) // 2
        last = late + int(np.argmin(from_whole[late:])) + 1
        off = float(from_whole[last - 1])
    seconds = float(times[last] - times[0])
    reference = abs(power) * seconds / 3600.0 * QUANTA_PER_UNIT_HOUR
    error = last * record.quanta_per_pulse / reference - 1.0
    scatter, freedom = _scatter(record, float(times[0]), float(times[last]))
    parts = (
        SOURCE_UNCERTAINTY,
        math.sqrt(2.0) / (math.sqrt(12.0) * last * record.quanta_per_pulse),
        off / (math.sqrt(3.0) * seconds),
    )
    fixed = sum(x * x for x in parts)
    combined = math.sqrt(scatter**2 + fixed)
    effective = freedom * (combined / scatter) ** 4 if scatter > 0.0 else math.inf
    expanded = coverage_factor(effective) * combined
    return PulseCount(100.0 * error, 100.0 * expanded, last + 1, seconds)


def coverage_factor(freedom: float) -> float:
    """Student's t for 95 % of both sides, by `freedom` degrees (JCGM 100, Welch-Satterthwaite)."""
    if freedom < len(_STUDENT):
        return float(np.interp(freedom, np.arange(1, len(_STUDENT) + 1), _STUDENT))
    z, z3 = 1.959964, 1.959964**3
    first = (z3 + z) / 4.0
    second = (5.0 * z**5 + 16.0 * z3 + 3.0 * z) / 96.0
    third = (3.0 * z**7 + 19.0 * z**5 + 17.0 * z3 - 15.0 * z) / 384.0
    return float(z + first / freedom + second / freedom**2 + third / freedom**3)


def spread(values: Sequence[float]) -> float:
    """The widest difference among equal tests."""
    return max(values) - min(values)


def _scatter(record: PulseRecord, first_s: float, last_s: float) -> tuple[float, float]:
    """Standard uncertainty of the mean power between two moments, a share, and its freedom."""
    edges, course = record.edges, record.course
    inside = np.flatnonzero((edges >= first_s) & (edges <= last_s))[::_GROUP]
    if len(inside) < 3:
        inside = np.arange(0, len(edges), _GROUP)
    powers = np.diff(course[inside]) / np.diff(edges[inside])
    if len(powers) < 2 or powers.mean() <= 0.0:
        return math.inf, 1.0
    share = powers.std(ddof=1) / powers.mean() / math.sqrt(len(powers))
    return float(share), float(len(powers) - 1)
