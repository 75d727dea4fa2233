"""Energy as integer quanta with carry: active, reactive in four quadrants, apparent.

Quadrants and signs are those of IEC 62053: I and IV import active energy, I and II reactive energy.
Start current and no-load gates are those that IEC 62053-21 and IEC 62053-22 test.

A quantum is one microwatt-hour, microvar-hour or microvolt-ampere-hour. What is left below one is
carried to the next window, so that the registers are the integral of the power to the quantum.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.kernels import kernel

QUANTA_PER_UNIT_HOUR = 1_000_000
_QUANTA_PER_UNIT_SECOND = QUANTA_PER_UNIT_HOUR / 3600.0
_POWER_MAX = 1e15
SUMS = 4
"""L1, L2, L3 and their total."""


class EnergyRegister(IntEnum):
    """The columns of an energy increment."""

    ACTIVE_IMPORT_UWH = 0
    ACTIVE_EXPORT_UWH = 1
    REACTIVE_Q1_UVARH = 2
    REACTIVE_Q2_UVARH = 3
    REACTIVE_Q3_UVARH = 4
    REACTIVE_Q4_UVARH = 5
    APPARENT_IMPORT_UVAH = 6
    APPARENT_EXPORT_UVAH = 7


REGISTERS = len(EnergyRegister)


@dataclass(frozen=True, slots=True)
class EnergySettings:
    """What the registers do not count.

    A phase whose current is below `start_current` [A] counts nothing; in one above it, active
    and reactive power below `no_load_power` [W, var] count nothing either.
    """

    start_current: float = 0.02
    no_load_power: float = 1.0

    def __post_init__(self) -> None:
        for name in ("start_current", "no_load_power"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"{name} is {value}: give a finite number, 0 or more")


@dataclass(frozen=True, slots=True)
class EnergyIncrement:
    """What one window adds to the registers of each meter.

    `quanta` is int64 (meters, 4, 8): L1, L2, L3 and the total, by EnergyRegister. The total counts
    the vector sums of P and Q, and the arithmetic sum of S.
    """

    quanta: NDArray[np.int64]

    @property
    def total(self) -> NDArray[np.int64]:
        """The quanta of the total (meters, 8), by EnergyRegister."""
        return np.asarray(self.quanta[:, SUMS - 1, :])

    def of(self, register: EnergyRegister) -> NDArray[np.int64]:
        """One register's quanta (meters, 4): L1, L2, L3, total."""
        return np.asarray(self.quanta[:, :, register])


@kernel
def _count(
    p: float,
    q: float,
    s: float,
    seconds: float,
    carry: NDArray[np.float64],
    quanta: NDArray[np.int64],
) -> None:
    scale = seconds * _QUANTA_PER_UNIT_SECOND
    if p > 0.0:
        carry[0] += p * scale
        carry[6] += s * scale
    elif p < 0.0:
        carry[1] -= p * scale
        carry[7] += s * scale
    elif s > 0.0:
        carry[6] += s * scale
    if q > 0.0:
        carry[3 if p < 0.0 else 2] += q * scale
    elif q < 0.0:
        carry[4 if p < 0.0 else 5] -= q * scale
    for r in range(REGISTERS):
        whole = math.floor(carry[r])
        quanta[r] = int(whole)
        carry[r] -= whole


@kernel
def count_energy(
    p: NDArray[np.float64],
    q: NDArray[np.float64],
    s: NDArray[np.float64],
    i_rms: NDArray[np.float64],
    seconds: float,
    gates: tuple[float, float],
    carry: NDArray[np.float64],
    quanta: NDArray[np.int64],
) -> None:
    """Count a window of `seconds` [s] of p, q, s (3) [W, var, VA] into `quanta` (4, 8).

    `carry` (4, 8) keeps each register's fraction of a quantum; `gates` are the start current [A]
    and the no-load power [W, var]. What is not finite counts nothing.
    """
    start_current, no_load_power = gates
    p_total = q_total = s_total = 0.0
    for phase in range(SUMS - 1):
        p1, q1, s1 = p[phase], q[phase], s[phase]
        if not (i_rms[phase] >= start_current and no_load_power <= abs(p1) < _POWER_MAX):
            p1 = 0.0
        if not (i_rms[phase] >= start_current and no_load_power <= abs(q1) < _POWER_MAX):
            q1 = 0.0
        if (p1 == 0.0 and q1 == 0.0) or not s1 < _POWER_MAX:
            s1 = 0.0
        _count(p1, q1, s1, seconds, carry[phase], quanta[phase])
        p_total += p1
        q_total += q1
        s_total += s1
    _count(p_total, q_total, s_total, seconds, carry[SUMS - 1], quanta[SUMS - 1])
