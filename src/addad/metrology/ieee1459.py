"""Powers and what goes with them by IEEE 1459, of one phase and of three.

Symbols are those of IEEE 1459, written as V where the rest of the package says U. The sign of Q is
that of IEC 62053. All functions work on a window's arrays over meters (m) and are calculated when
asked, so that the stream does not pay for them.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.sequence import POSITIVE, components
from addad.metrology.window import Window, of_phases

Floats = NDArray[np.float64]
Phasors = NDArray[np.complex128]

SIGN_OF_Q = (
    "Q1 = Im(U1 conj I1), load's arrow: positive when the current lags, "
    "an import of inductive (or export of capacitive) reactive power"
)
"""The convention of every Q of this package, in words."""
_RESOLUTION = 1e-6
"""Part of a mean square below which a difference of two is rounding."""


class HarmonicSource(IntEnum):
    """Which side an order's active power comes from."""

    INSTALLATION = -1
    NONE = 0
    SUPPLY = 1


@dataclass(frozen=True, slots=True)
class SinglePhase:
    """IEEE 1459 for each phase by itself, (m, 3).

    Fundamental `p1` [W], `q1` [var], `s1` [VA], `pf1` (displacement power factor); `ph` [W] is what
    is not of the fundamental; current, voltage and harmonic distortion power `d_i`, `d_v` [var],
    `s_h` [VA], `d_h` [var]; non-fundamental `s_n` [VA]; non-active `n` [var]; `pf` of all;
    `pollution` is S_N / S_1.
    """

    p: Floats
    s: Floats
    pf: Floats
    n: Floats
    p1: Floats
    q1: Floats
    s1: Floats
    pf1: Floats
    ph: Floats
    d_i: Floats
    d_v: Floats
    s_h: Floats
    d_h: Floats
    s_n: Floats
    pollution: Floats


@dataclass(frozen=True, slots=True)
class ThreePhase:
    """IEEE 1459 for three phases together, (m,).

    Effective `v_e`, `v_e1`, `v_eh` [V], `i_e`, `i_e1`, `i_eh` [A]; effective apparent `s_e`,
    `s_e1`, `s_en`, `s_eh` [VA] and distortion `d_ei`, `d_ev`, `d_eh` [var]; positive sequence
    `s1_plus` [VA], `p1_plus` [W], `q1_plus` [var], `pf1_plus`; `s_u1` [VA] is the unbalance;
    `n` [var]; `pf` is P / S_e; `pollution` S_eN / S_e1, `load_unbalance` S_U1 / S_1+.
    """

    p: Floats
    ph: Floats
    v_e: Floats
    v_e1: Floats
    v_eh: Floats
    i_e: Floats
    i_e1: Floats
    i_eh: Floats
    s_e: Floats
    s_e1: Floats
    s_en: Floats
    s_eh: Floats
    d_ei: Floats
    d_ev: Floats
    d_eh: Floats
    s1_plus: Floats
    p1_plus: Floats
    q1_plus: Floats
    pf1_plus: Floats
    s_u1: Floats
    n: Floats
    pf: Floats
    pollution: Floats
    load_unbalance: Floats


def single_phase(window: Window) -> SinglePhase:
    """IEEE 1459: fundamental, non-fundamental and distortion powers of each phase.

    S² = S1² + SN², SN² = DI² + DV² + SH², DI = V1 IH, DV = VH I1, SH = VH IH, DH² = SH² - PH²,
    PH = P - P1, N² = S² - P² = Q1² + SN² - (2 P1 + PH) PH.
    """
    v1, vh = _first_and_rest(window.u_rms, np.square(np.abs(window.u_phasors)))
    i1, ih = _first_and_rest(
        of_phases(window.i_rms), np.square(np.abs(of_phases(window.i_phasors)))
    )
    complex_power = window.u_phasors[:, :, 1] * of_phases(window.i_phasors)[:, :, 1].conj()
    p1, q1, s1 = complex_power.real, complex_power.imag, v1 * i1
    d_i, d_v, s_h = v1 * ih, vh * i1, vh * ih
    ph = _power_of_rest(window)
    s_n = np.sqrt(d_i * d_i + d_v * d_v + s_h * s_h)
    return SinglePhase(
        p=window.p,
        s=window.s,
        pf=window.pf,
        n=np.sqrt(np.maximum(q1 * q1 + s_n * s_n - (2.0 * p1 + ph) * ph, 0.0)),
        p1=p1,
        q1=q1,
        s1=s1,
        pf1=_ratio(p1, s1),
        ph=ph,
        d_i=d_i,
        d_v=d_v,
        s_h=s_h,
        d_h=_leg(s_h, ph),
        s_n=s_n,
        pollution=_ratio(s_n, s1),
    )


def three_phase(window: Window, wires: int = 4) -> ThreePhase:
    """IEEE 1459: effective, positive-sequence, unbalance and distortion powers of three phases.

    Four wires: Ve² = (3 Σ V² + Σ V_line²)/18, Ie² = (Σ I² + In²)/3, the neutral being i1 + i2 + i3;
    three wires: Ve² = Σ V_line²/9, Ie² = Σ I²/3. Se = 3 Ve Ie; SeN² = Se² - Se1²;
    SU1² = Se1² - (S1+)². NaN without three voltages and currents. Raises InputError for other
    wires.
    """
    if wires not in (3, 4):
        raise InputError(f"{wires} wires: give 3 or 4")
    voltages, currents = window.u_phasors, of_phases(window.i_phasors)
    u, i = voltages[:, :, 1], currents[:, :, 1]
    v_e = np.sqrt(_effective_voltage(window.u_rms, window.u_line_rms, wires))
    i_e = np.sqrt(_effective_current(of_phases(window.i_rms), window.i_neutral_calculated, wires))
    v_orders = _effective_voltage(voltages, voltages - np.roll(voltages, -1, axis=1), wires)
    i_orders = _effective_current(currents, currents.sum(axis=1), wires)
    v_e1, v_eh = _first_and_rest(v_e, v_orders)
    i_e1, i_eh = _first_and_rest(i_e, i_orders)
    positive = 3.0 * components(u)[:, POSITIVE] * components(i)[:, POSITIVE].conj()
    p, ph = window.p.sum(axis=1), _power_of_rest(window).sum(axis=1)
    s_e, s_e1, s_eh = 3.0 * v_e * i_e, 3.0 * v_e1 * i_e1, 3.0 * v_eh * i_eh
    d_ei, d_ev = 3.0 * v_e1 * i_eh, 3.0 * v_eh * i_e1
    s_en = np.sqrt(d_ei * d_ei + d_ev * d_ev + s_eh * s_eh)
    s1_plus = np.abs(positive)
    s_u1 = _leg(s_e1, s1_plus)
    return ThreePhase(
        p=p,
        ph=ph,
        v_e=v_e,
        v_e1=v_e1,
        v_eh=v_eh,
        i_e=i_e,
        i_e1=i_e1,
        i_eh=i_eh,
        s_e=s_e,
        s_e1=s_e1,
        s_en=s_en,
        s_eh=s_eh,
        d_ei=d_ei,
        d_ev=d_ev,
        d_eh=_leg(s_eh, ph),
        s1_plus=s1_plus,
        p1_plus=positive.real,
        q1_plus=positive.imag,
        pf1_plus=_ratio(positive.real, s1_plus),
        s_u1=s_u1,
        n=_leg(s_e, p),
        pf=_ratio(p, s_e),
        pollution=_ratio(s_en, s_e1),
        load_unbalance=_ratio(s_u1, s1_plus),
    )


def displacement_angle(window: Window) -> Floats:
    """IEEE 1459: φ1 = arg U1 - arg I1, the current behind its voltage (m, 3) [rad], -π to π."""
    u, i = window.u_phasors[:, :, 1], of_phases(window.i_phasors)[:, :, 1]
    return np.asarray(np.angle(u * i.conj()))


def quadrant(window: Window) -> NDArray[np.int64]:
    """Quadrant (m, 3) of each phase's fundamental, 1 to 4 by IEC 62053; 0 where there is none.

    I imports both, II exports active and imports reactive, III exports both, IV the rest.
    """
    power = window.u_phasors[:, :, 1] * of_phases(window.i_phasors)[:, :, 1].conj()
    upper, lower = np.where(power.real < 0.0, 2, 1), np.where(power.real < 0.0, 3, 4)
    found = np.where(power.imag < 0.0, lower, upper)
    return np.asarray(np.where(np.abs(power) > 0.0, found, 0), np.int64)


def crest_factor(peak: Floats, rms: Floats) -> Floats:
    """Peak over RMS (m, c), of voltages or currents; NaN where there is nothing."""
    return _ratio(peak, rms)


def k_factor(harmonics: Floats) -> Floats:
    """K = Σ h² I_h² / Σ I_h² of currents by order (..., orders + 1), from order 1 on.

    The harmonic loss factor of IEEE C57.110.
    """
    squares = np.square(np.nan_to_num(harmonics[..., 1:]))
    orders = np.arange(1, harmonics.shape[-1])
    return _ratio(np.sum(squares * orders**2, axis=-1), np.sum(squares, axis=-1))


def direct_components(window: Window) -> tuple[Floats, Floats]:
    """The means of voltages (m, 3) [V] and currents (m, C) [A], with their signs."""
    return window.u_phasors[:, :, 0].real, window.i_phasors[:, :, 0].real


def harmonic_power(window: Window) -> Phasors:
    """IEEE 1459: P_h + j Q_h = U_h I_h* of each order (m, 3, 51) [W, var]; order 0 is U0 I0."""
    return np.asarray(window.u_phasors * of_phases(window.i_phasors).conj())


def harmonic_source(window: Window, floor: float = 1e-4) -> NDArray[np.int64]:
    """HarmonicSource (m, 3, 51) of each order from 2 on, by the sign of its active power.

    An order whose power is below `floor` of S1 has none. The sign tells who prevails: where both
    sides pollute, or the power is nearly reactive, neither is acquitted.
    """
    power = harmonic_power(window)
    level = floor * np.abs(power[:, :, 1:2])
    found = np.sign(power.real) * (np.abs(power.real) > level)
    found[:, :, :2] = 0.0
    return np.asarray(np.nan_to_num(found), np.int64)


def who_pollutes(window: Window, row: int = 0, floor: float = 1e-4) -> tuple[str, ...]:
    """A sentence for each phase and order of one meter's window whose power has a direction."""
    power, sources = harmonic_power(window)[row].real, harmonic_source(window, floor)[row]
    sides = {
        HarmonicSource.INSTALLATION: "comes from this installation",
        HarmonicSource.SUPPLY: "comes from the supply",
    }
    return tuple(
        f"L{phase + 1}, order {order}: {abs(power[phase, order]):.3g} W {sides[source]}"
        for phase, order in zip(*np.nonzero(sources), strict=True)
        for source in (HarmonicSource(int(sources[phase, order])),)
    )


def _first_and_rest(rms: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """RMS of the fundamental, and of all that is not of it, from the squares of each order.

    What is between the harmonics belongs to the rest: rms² - X1². Where that is the sum of the
    harmonics' lines but for rounding, it is that sum.
    """
    known = np.nan_to_num(squares)
    lines = known.sum(axis=-1) - known[..., 1]
    rest = np.square(rms) - squares[..., 1]
    rounding = np.abs(rest - lines) <= _RESOLUTION * np.square(rms)
    rest = np.maximum(np.where(rounding, lines, rest), 0.0)
    return np.asarray(np.sqrt(squares[..., 1])), np.asarray(np.sqrt(rest))


def _power_of_rest(window: Window) -> Floats:
    """P - P1 of each phase (m, 3) [W]; where that is the sum of the P_h but for rounding, the sum.

    The direct components' power is part of it.
    """
    powers = harmonic_power(window).real
    known = np.nan_to_num(powers)
    lines = known.sum(axis=-1) - known[..., 1]
    rest = window.p - powers[..., 1]
    return np.where(np.abs(rest - lines) <= _RESOLUTION * window.s, lines, rest)


def _effective_voltage(phases: Floats | Phasors, lines: Floats | Phasors, wires: int) -> Floats:
    """Square of the effective voltage (m, ...) of phases and lines (m, 3, ...)."""
    of_lines = np.square(np.abs(lines)).sum(axis=1)
    if wires == 3:
        return np.asarray(of_lines / 9.0)
    return np.asarray((3.0 * np.square(np.abs(phases)).sum(axis=1) + of_lines) / 18.0)


def _effective_current(phases: Floats | Phasors, neutral: Floats | Phasors, wires: int) -> Floats:
    """Square of the effective current (m, ...) of phases (m, 3, ...) and neutral (m, ...)."""
    total = np.square(np.abs(phases)).sum(axis=1)
    if wires == 4:
        total = total + np.square(np.abs(neutral))
    return np.asarray(total / 3.0)


def _leg(hypotenuse: Floats, other: Floats) -> Floats:
    """sqrt(a² - b²), 0 where the difference is rounding or below 0."""
    squares = np.square(hypotenuse)
    difference = squares - np.square(other)
    kept = np.where(difference <= _RESOLUTION * squares, 0.0, difference)
    return np.asarray(np.sqrt(np.where(np.isnan(difference), np.nan, kept)))


def _ratio(a: Floats, b: Floats) -> Floats:
    """a / b, NaN where b is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(b > 0.0, a / b, np.nan))
