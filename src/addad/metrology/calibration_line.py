"""A calibration without a reference source, from the line itself, and what it cannot tell.

Nobody can learn the size of a volt or an ampere, and so of a kilowatt-hour, from the line alone.
What can be learnt: offsets, from long means; ratios and delays of inputs that see the same wave; a
current's phase, from a load whose phase is declared; ratios of currents, from Kirchhoff's law.
Uncertainties are standard ones after JCGM 100.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.calibration import Calibration, CalibrationUncertainty
from addad.metrology.calibration_phasors import CountPhasors, count_phasors
from addad.metrology.calibration_reference import check_scale, name_of

_VOLTAGES = 3
_SEEN_NOISES = 30.0
"""What is seen stands this far above its scatter."""
_HARMONIC_SHARE = 2e-3
"""A harmonic below this part of the fundamental tells nothing of a delay."""
_ORDERS = (3, 5, 7, 9, 11, 13)
_SAME_WAVE = math.radians(5.0)
_SAME_SIZE = 0.1
"""Inputs on one and the same wave differ by no more, in angle and in size."""
_LOAD_ANGLE_MAX = math.radians(10.0)
"""A load further from where it was declared is another one."""
_CONDITION_MAX = 300.0
"""Loads that are so nearly in proportion do not tell the transformers apart."""
_ALIKE_MIN = 20
"""Windows that a comparison of the currents takes at least."""

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

ALWAYS_UNKNOWN = (
    "the size of a volt and of an ampere: all gains are nominal ones, or in proportion to them",
    "direct current and direct voltage of the line itself: they are taken for offsets",
)


@dataclass(frozen=True, slots=True)
class DeclaredLoad:
    """What the user declares of the load during the measurement: the angle of its current.

    `lag` [rad] is how far each phase's current is behind its voltage: 0 for a kettle or heater, π
    for an inverter at noon that feeds in at power factor 1. `uncertainty` [rad] is how sure that
    is: a resistive load is within 1′, an inverter at best within 1°.
    """

    lag: float = 0.0
    uncertainty: float = 3e-4


@dataclass(frozen=True, slots=True)
class LineCalibration:
    """A calibration, standard uncertainties by channel, and in words what is not known.

    The uncertainty of a gain is that against the other channels that were compared, and NaN
    where none were: against a true volt or ampere it is not known.
    """

    calibration: Calibration
    uncertainty: CalibrationUncertainty
    unknown: tuple[str, ...]


def calibrate_from_line(
    counts: NDArray[np.generic],
    *,
    sample_rate: float,
    nominal: Calibration,
    frequency: float = 50.0,
    load: DeclaredLoad | None = None,
    voltages_in_parallel: bool = False,
    currents_in_series: bool = False,
    full_scale_counts: int | None = None,
) -> LineCalibration:
    """What `counts` (n, channels) of the line, U1 U2 U3 I1 .., tell beyond the `nominal` gains.

    Uncertainties by JCGM 100.

    `voltages_in_parallel` and `currents_in_series` declare that those inputs saw one and the same
    wave: they then get the ratios and delays of the first. `load` declares the phase of the
    currents: they get a lead, and from its harmonics a delay. Raises InputError when what is
    declared does not fit what the counts show.
    """
    channels = len(nominal.gain)
    if counts.ndim != 2 or counts.shape[1] != channels or channels <= _VOLTAGES:
        raise InputError(f"counts of shape {counts.shape}: give (n, {channels}), U1 U2 U3 I1 ...")
    check_scale("the line", counts, full_scale_counts)
    found = count_phasors(counts, sample_rate, frequency, orders=_ORDERS)
    gain, delay = np.array(nominal.gain), np.zeros(channels)
    lead = np.array(nominal.lead or (0.0,) * channels)
    gain_u, phase_u = np.full(channels, np.nan), np.full(channels, np.nan)
    unknown = list(ALWAYS_UNKNOWN)
    for group, declared, what in (
        (list(range(_VOLTAGES)), voltages_in_parallel, "voltages in parallel"),
        (list(range(_VOLTAGES, channels)), currents_in_series, "currents in series"),
    ):
        if declared:
            _align(found, group, what, gain, delay, gain_u, phase_u)
        else:
            unknown.append(f"ratios and delays between channels, without {what}")
    if load is None:
        unknown.append("the phase of currents against voltages, without a declared load")
    else:
        _take_load(found, load, lead, delay, phase_u)
        unknown.append("how ratio and phase change with the current: one load shows one point")
    calibration = replace(
        nominal,
        gain=tuple(gain.tolist()),
        offset=tuple(found.offset.tolist()),
        delay=tuple(delay.tolist()),
        lead=tuple(lead.tolist()),
    )
    uncertainty = CalibrationUncertainty(
        tuple(gain_u.tolist()), tuple(phase_u.tolist()), tuple(found.offset_spread.tolist())
    )
    return LineCalibration(calibration, uncertainty, tuple(unknown))


def balance_by_neutral(phasors: Complexes) -> tuple[Complexes, Floats]:
    """Factors (3,) for I1, I2, I3 that make their sum the neutral's current, and uncertainties.

    `phasors` (windows, 4) are those of I1 I2 I3 I4 [A]; the sum of the phases returns in the
    neutral, I4 = I1 + I2 + I3, whichever way its transformer looks. Only ratios to the neutral's
    transformer are known, and only when the loads of the phases varied each on its own: InputError
    when they did not.
    """
    good = phasors[np.isfinite(phasors).all(axis=1)]
    if phasors.ndim != 2 or phasors.shape[1] != _VOLTAGES + 1 or len(good) < _ALIKE_MIN:
        raise InputError(f"phasors of shape {phasors.shape}: give ({_ALIKE_MIN} or more, 4)")
    phases, neutral = good[:, :_VOLTAGES], good[:, _VOLTAGES]
    if np.linalg.norm(neutral + phases.sum(axis=1)) < np.linalg.norm(neutral - phases.sum(axis=1)):
        neutral = -neutral
    size = np.linalg.norm(phases, axis=0)
    if not (size > 0.0).all() or np.linalg.cond(phases / np.maximum(size, 1e-30)) > _CONDITION_MAX:
        raise InputError(
            "the loads of the phases changed only together, or not at all: measure while single "
            "loads are switched on each phase"
        )
    factors, *_ = np.linalg.lstsq(phases, neutral, rcond=None)
    left = neutral - phases @ factors
    scatter = float(np.vdot(left, left).real) / (len(good) - _VOLTAGES)
    spread = np.sqrt(scatter * np.diag(np.linalg.inv(phases.conj().T @ phases)).real)
    return np.asarray(factors), np.asarray(spread / np.sqrt(2.0))


def _seen(found: CountPhasors, c: int) -> None:
    if abs(found.phasors[c]) < max(_SEEN_NOISES * found.spread[c], 1.0):
        raise InputError(f"{name_of(c)} shows nothing: measure while it is under load")


def _align(
    found: CountPhasors,
    group: list[int],
    what: str,
    gain: Floats,
    delay: Floats,
    gain_u: Floats,
    phase_u: Floats,
) -> None:
    """Give the channels of a group the ratio and the delay that make them the first one."""
    head = group[0]
    _seen(found, head)
    gain_u[head] = 0.0
    if head == 0:
        phase_u[head] = 0.0
    for c in group[1:]:
        _seen(found, c)
        ratio = complex(found.phasors[c] / found.phasors[head])
        behind = -math.atan2(ratio.imag, ratio.real)
        size = abs(ratio) * gain[c] / gain[head]
        if abs(behind) > _SAME_WAVE or abs(size - 1.0) > _SAME_SIZE:
            raise InputError(
                f"{name_of(c)} is not the wave of {name_of(head)} (size {100 * size:.0f} %, "
                f"{math.degrees(behind):.1f}° behind), and {what} were declared: check the wiring"
            )
        relative = math.hypot(
            found.spread[c] / abs(found.phasors[c]), found.spread[head] / abs(found.phasors[head])
        )
        gain[c] = gain[head] / abs(ratio)
        delay[c] = delay[head] + behind / (2.0 * np.pi * found.frequency)
        gain_u[c] = relative
        phase_u[c] = relative


def _take_load(
    found: CountPhasors, load: DeclaredLoad, lead: Floats, delay: Floats, phase_u: Floats
) -> None:
    """Give each current the lead, and the delay, that the declared load shows.

    A load of one impedance at all frequencies has arg(I_h / U_h) = lead / h − h ω delay; where its
    harmonics are too small, all is lead, or delay when it lags.
    """
    omega = 2.0 * np.pi * found.frequency
    for c in range(_VOLTAGES, len(lead)):
        phase = (c - _VOLTAGES) % _VOLTAGES
        size = abs(found.phasors[c])
        if size < max(_SEEN_NOISES * found.spread[c], 1.0):
            continue
        seen = found.phasors[c] / found.phasors[phase]
        ahead = [_ahead(seen, load.lag) + omega * (delay[c] - delay[phase])]
        if abs(ahead[0]) > _LOAD_ANGLE_MAX:
            raise InputError(
                f"{name_of(c)} is {math.degrees(-ahead[0]):.0f}° behind where the declared load "
                f"puts it against {name_of(phase)}: another load, reversed, or of another phase"
            )
        orders, weights = [1], [1.0]
        for row, order in zip(found.harmonics, _ORDERS, strict=True):
            share = min(abs(row[c]) / size, abs(row[phase] / found.phasors[phase]))
            if share > _HARMONIC_SHARE and abs(load.lag) < _LOAD_ANGLE_MAX:
                orders.append(order)
                weights.append(share)
                ahead.append(
                    _ahead(row[c] / row[phase], 0.0) + order * omega * (delay[c] - delay[phase])
                )
        found_lead, late = _split(np.array(orders), np.array(ahead), np.array(weights), omega)
        lead[c] = found_lead * found.frequency / 50.0
        delay[c] += late
        noise = float(found.spread[c]) / size
        phase_u[c] = math.hypot(load.uncertainty, noise)


def _ahead(seen: complex, lag: float) -> float:
    turned = seen * complex(math.cos(lag), math.sin(lag))
    return math.atan2(turned.imag, turned.real)


def _split(orders: Floats, ahead: Floats, weights: Floats, omega: float) -> tuple[float, float]:
    """Lead [rad] and delay [s] of lead / h − h ω delay, the fundamental met exactly."""
    if len(orders) > 1:
        # with lead = ahead₁ + ω delay the harmonics have one unknown left
        slope = omega * (1.0 / orders[1:] - orders[1:])
        rest = ahead[1:] - ahead[0] / orders[1:]
        weight = weights[1:] ** 2
        late = float((weight * slope * rest).sum() / (weight * slope * slope).sum())
        lead = float(ahead[0]) + omega * late
        if lead >= 0.0:
            return lead, late
    if ahead[0] >= 0.0:
        return float(ahead[0]), 0.0
    return 0.0, float(-ahead[0] / omega)
