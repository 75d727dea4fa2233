"""Energy as integer quanta with carry: active, reactive in four quadrants, apparent, fundamental.

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
"""No power is as large [W, var, VA]; a window's quanta then fit 64 bits."""
_ARITHMETIC, _ABSOLUTE, _FERRARIS = 1, 2, 3
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
    FUNDAMENTAL_IMPORT_UWH = 8
    FUNDAMENTAL_EXPORT_UWH = 9
    NONACTIVE_UVARH = 10


METER_REGISTERS = 8
"""The first so many are those of a meter; an instrument counts the others besides."""
REGISTERS = len(EnergyRegister)


class SummationLaw(IntEnum):
    """How the phases' powers make the total's registers.

    With P = +A and −B in two phases: VECTOR counts the balance, A − B, to the side that is
    stronger; ARITHMETIC counts A as import and B as export, each phase by itself; ABSOLUTE counts
    A + B as import, so that a reversed transformer saves nothing; FERRARIS counts the balance like
    a disc with a stop, which does not run backwards. Names after makers' manuals, which agree but
    for the last: some call the balance itself Ferraris.
    """

    VECTOR = 0
    ARITHMETIC = 1
    ABSOLUTE = 2
    FERRARIS = 3


@dataclass(frozen=True, slots=True)
class EnergySettings:
    """What the registers do not count, and how the total is made of the phases.

    A phase whose current is below `start_current` [A] counts nothing; in one above it, active
    and reactive power below `no_load_power` [W, var] count nothing either.
    """

    start_current: float = 0.02
    no_load_power: float = 1.0
    summation: SummationLaw = SummationLaw.VECTOR

    def __post_init__(self) -> None:
        for name in ("start_current", "no_load_power"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"{name} is {value}: give a finite number, 0 or more")


@dataclass(frozen=True, slots=True)
class EnergyIncrement:
    """What one window adds to the registers of each meter.

    `quanta` is int64 (meters, 4, 11): L1, L2, L3 and the total, by EnergyRegister. The total counts
    by the summation law of the settings; S is summed arithmetically by all of them, and FERRARIS
    counts none of it while the balance is negative. Reactive energy is that of the fundamental; the
    nonactive one is that of sqrt(S² − P²), which has no direction.
    """

    quanta: NDArray[np.int64]

    @property
    def total(self) -> NDArray[np.int64]:
        """The quanta of the total (meters, 11), by EnergyRegister."""
        return np.asarray(self.quanta[:, SUMS - 1, :])

    def of(self, register: EnergyRegister) -> NDArray[np.int64]:
        """One register's quanta (meters, 4): L1, L2, L3, total."""
        return np.asarray(self.quanta[:, :, register])


@kernel
def _count(
    powers: tuple[float, float, float, float, float],
    seconds: float,
    carry: NDArray[np.float64],
    quanta: NDArray[np.int64],
) -> None:
    """Count P, Q, S, the fundamental's P and N of one phase, or of the total."""
    p, q, s, fundamental, nonactive = powers
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
    if fundamental > 0.0:
        carry[8] += fundamental * scale
    elif fundamental < 0.0:
        carry[9] -= fundamental * scale
    carry[10] += nonactive * scale
    for r in range(REGISTERS):
        whole = math.floor(carry[r])
        quanta[r] = int(whole)
        carry[r] -= whole


@kernel
def _gated(value: float, flows: bool, least: float) -> float:
    """A power that counts: finite, above the no-load gate, in a phase whose current flows."""
    return value if flows and least <= abs(value) < _POWER_MAX else 0.0


@kernel
def count_energy(
    phases: NDArray[np.float64],
    i_rms: NDArray[np.float64],
    seconds: float,
    gates: tuple[float, float, int],
    carry: NDArray[np.float64],
    quanta: NDArray[np.int64],
) -> None:
    """IEC 62053-21, IEC 62053-22: count a window of `seconds` [s] into `quanta` (4, 11).

    carry ← carry + P T / 3600 · 10⁶, quanta = floor(carry), carry ← carry - quanta, each register.

    `phases` (4, 3) are P, Q, S and the fundamental's P of each phase [W, var, VA, W]; `carry` (4,
    11) keeps each register's fraction of a quantum; `gates` are the start current [A], the no-load
    power [W, var] and the summation law. What is not finite counts nothing.
    """
    start_current, no_load_power, law = gates
    p_total = q_total = s_total = fundamental_total = nonactive_total = 0.0
    for phase in range(SUMS - 1):
        flows = i_rms[phase] >= start_current
        p = _gated(phases[0, phase], flows, no_load_power)
        q = _gated(phases[1, phase], flows, no_load_power)
        fundamental = _gated(phases[3, phase], flows, no_load_power)
        s = phases[2, phase]
        if (p == 0.0 and q == 0.0) or not s < _POWER_MAX:
            s = 0.0
        nonactive = math.sqrt(max(s * s - p * p, 0.0))
        _count((p, q, s, fundamental, nonactive), seconds, carry[phase], quanta[phase])
        turn = -1.0 if law == _ABSOLUTE and p < 0.0 else 1.0
        p_total += turn * p
        q_total += turn * q
        fundamental_total += abs(fundamental) if law == _ABSOLUTE else fundamental
        s_total += s
        nonactive_total += nonactive
    if law == _ARITHMETIC:
        for r in range(REGISTERS):
            quanta[SUMS - 1, r] = quanta[0, r] + quanta[1, r] + quanta[2, r]
        return
    if law == _FERRARIS:
        if p_total < 0.0:
            p_total = s_total = 0.0
        fundamental_total = max(fundamental_total, 0.0)
    total = (p_total, q_total, s_total, fundamental_total, nonactive_total)
    _count(total, seconds, carry[SUMS - 1], quanta[SUMS - 1])
