"""A calibration from a reference source: what it states, against what the counts show.

Three points are enough: the basic current at power factor 1 and at 0.5, and a low current at 0.5;
with them the counts without input. Further currents make the curve finer. Uncertainties are those
of JCGM 100: the scatter of the stretches and what the source states, added in squares.

    gain = |X_stated| / |X_counted|,   phase = arg X_counted − arg X_stated   (against U1)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.calibration import (
    Calibration,
    CalibrationUncertainty,
    ErrorCurve,
    turned_back,
)
from addad.metrology.calibration_phasors import CountPhasors, count_phasors

_VOLTAGES = 3
_SAME_CURRENT = 0.05
"""Points whose currents differ by less than this part are one point of a curve."""
_STEADY = 0.01
"""A point whose scatter is more than this part of it is not steady."""
_DRIVEN_NOISES = 30.0
"""What is driven stands this far above its scatter, and above a count."""
_DRIVEN_COUNTS = 1.0
_ANGLE_OFF_MAX = math.radians(10.0)
_GAIN_OFF_MAX = 0.2
"""Beyond this part of the nominal gain the source's range, or the ratio, is another one."""
_AGREE_GAIN = 2e-3
_AGREE_PHASE = math.radians(0.2)
"""What points at the same current may differ by, besides their scatter."""
_LOW = 0.1
"""A curve should reach down to this part of the basic current."""

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Each = float | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ReferenceUncertainty:
    """Standard uncertainties of a source: of U and I as shares, of an angle [rad]."""

    voltage: float = 1e-4
    current: float = 1e-4
    lag: float = 5e-5


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePoint:
    """Counts (n, channels) of one point, and what the source states of it.

    `voltage` [V rms], `current` [A rms] and `lag` [rad], by which each current is behind its
    voltage, are one number for all or one each; a fourth current is stated against the voltage of
    L1. The voltages are in positive sequence. A current of 0 A is not driven at this point.
    """

    counts: NDArray[np.generic]
    voltage: Each
    current: Each
    lag: Each = 0.0
    frequency: float = 50.0
    uncertainty: ReferenceUncertainty = field(default_factory=ReferenceUncertainty)

    def stated(self) -> Complexes:
        """RMS phasors (channels,) of voltages and currents; 0 where nothing is driven.

        Raises InputError for what is not stated, or stated as something that cannot be.
        """
        if self.counts.ndim != 2 or self.counts.shape[1] <= _VOLTAGES:
            raise InputError(
                f"counts of shape {self.counts.shape}: give (n, channels), U1 U2 U3 I1 ..."
            )
        currents = self.counts.shape[1] - _VOLTAGES
        u, i = _each(self.voltage, _VOLTAGES, "voltage"), _each(self.current, currents, "current")
        lag = _each(self.lag, currents, "lag")
        if not (u > 0.0).all() or (i < 0.0).any() or not math.isfinite(self.frequency):
            raise InputError(
                f"the reference states {self.voltage} V and {self.current} A: give the RMS values "
                "of three voltages that are there, and of the currents"
            )
        phase = -2.0 * np.pi / 3.0 * np.arange(_VOLTAGES)
        behind = phase[np.arange(currents) % _VOLTAGES] - lag
        return np.concatenate([u * np.exp(1j * phase), i * np.exp(1j * behind)])


@dataclass(frozen=True, slots=True)
class ReferenceCalibration:
    """A calibration, its standard uncertainties by channel, and what the points did not tell."""

    calibration: Calibration
    uncertainty: CalibrationUncertainty
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """One point's factors (channels,): stated over counted; NaN where nothing was driven."""

    factor: Complexes
    scatter: Floats
    source: Floats
    source_phase: Floats
    current: Floats
    found: CountPhasors


def calibrate_by_reference(
    points: Sequence[ReferencePoint],
    *,
    sample_rate: float,
    zero: NDArray[np.generic] | None = None,
    full_scale_counts: int | None = None,
    nominal: Calibration | None = None,
    skew: tuple[float, ...] = (),
) -> ReferenceCalibration:
    """The calibration of one meter from points of a reference source, uncertain by JCGM 100.

    The first point's current is where the gain holds; other currents give the curves of ratio and
    phase. `zero` are counts without any input. `nominal` serves for currents that no point drives,
    and to find a range that is wrong. `skew` [s] is how much later each channel is sampled, from
    the converter's data sheet: it becomes delay, what a current is ahead besides becomes lead.
    Raises InputError for a point that cannot be used, naming it, the channel and the cure.
    """
    if not points:
        raise InputError("no points: give counts of the source at the basic current, and others")
    channels = points[0].counts.shape[-1]
    if skew and len(skew) != channels:
        raise InputError(f"{len(skew)} values of skew for {channels} channels")
    readings = [
        _read(n, point, channels, sample_rate, full_scale_counts, nominal)
        for n, point in enumerate(points, 1)
    ]
    notes: list[str] = []
    offset, offset_spread = _offsets(readings, zero, channels, notes)
    later = np.array(skew or (0.0,) * channels)
    later -= later[0]
    frequency = readings[0].found.frequency
    omega = 2.0 * np.pi * frequency
    gain, gain_u, phase_u = np.empty(channels), np.empty(channels), np.empty(channels)
    delay, lead = -later, np.zeros(channels)
    curves: list[ErrorCurve | None] = [None] * channels
    for c in range(channels):
        nodes = _nodes(readings, c)
        if not nodes:
            gain[c] = _undriven(c, nominal, notes)
            gain_u[c] = phase_u[c] = np.nan
            continue
        gain[c], gain_u[c] = _mean([abs(r.factor[c]) for r in nodes[0]], nodes[0], c, True)
        ahead, phase_u[c] = _mean([-_angle(r.factor[c]) for r in nodes[0]], nodes[0], c, False)
        if c < _VOLTAGES:
            delay[c] = -ahead / omega
            continue
        leads = [float(np.mean([-_angle(r.factor[c]) for r in node])) for node in nodes]
        rest = np.array(leads) + omega * delay[c]
        # a sensor only leads: what lags is the filters' difference, and comes late alike
        behind = min(float(rest.min()), 0.0)
        delay[c] -= behind / omega
        back = [turned_back(float(angle), frequency, sample_rate) for angle in rest - behind]
        lead[c] = back[0][0]
        gain[c] /= back[0][1]
        curves[c] = _curve(nodes, c, gain[c], back, notes)
    calibration = Calibration(
        gain=tuple(gain.tolist()),
        offset=tuple(offset.tolist()),
        delay=tuple((delay - delay[0]).tolist()),
        lead=tuple(lead.tolist()),
        curves=tuple(curves),
    )
    uncertainty = CalibrationUncertainty(
        tuple(gain_u.tolist()), tuple(phase_u.tolist()), tuple(offset_spread.tolist())
    )
    return ReferenceCalibration(calibration, uncertainty, tuple(notes))


def name_of(channel: int) -> str:
    """U1 .. U3, I1 .. I4."""
    return f"U{channel + 1}" if channel < _VOLTAGES else f"I{channel - _VOLTAGES + 1}"


def check_scale(what: str, counts: NDArray[np.generic], full_scale_counts: int | None) -> None:
    """Raise InputError when a channel of `counts` reaches the end of the converter's scale."""
    if full_scale_counts is None:
        return
    worst = np.abs(np.asarray(counts, np.float64)).max(axis=0)
    for c in np.flatnonzero(worst >= full_scale_counts):
        raise InputError(
            f"{what}: {name_of(int(c))} reaches the end of the converter's scale "
            f"({full_scale_counts} counts): lower the source, or choose a larger range"
        )


def _each(value: Each, count: int, name: str) -> Floats:
    values = value if isinstance(value, tuple) else (value,) * count
    if len(values) != count or not all(math.isfinite(v) for v in values):
        raise InputError(f"the reference states {name} {value}: give a number, or {count} of them")
    return np.array(values, np.float64)


def _angle(z: complex) -> float:
    return math.atan2(z.imag, z.real)


def _read(
    number: int,
    point: ReferencePoint,
    channels: int,
    sample_rate: float,
    full_scale_counts: int | None,
    nominal: Calibration | None,
) -> _Reading:
    what = f"point {number}"
    stated = point.stated()
    if len(stated) != channels:
        raise InputError(f"{what} has {len(stated)} channels, and the first one {channels}")
    check_scale(what, point.counts, full_scale_counts)
    try:
        found = count_phasors(point.counts, sample_rate, point.frequency)
    except InputError as fault:
        raise InputError(f"{what}: {fault}") from fault
    factor = np.full(channels, np.nan, np.complex128)
    for c in np.flatnonzero(stated):
        factor[c] = _factor(what, int(c), stated[c], found, nominal)
    is_voltage = np.arange(channels) < _VOLTAGES
    sure = point.uncertainty
    return _Reading(
        factor=factor,
        scatter=found.spread / np.maximum(np.abs(found.phasors), 1e-30),
        source=np.where(is_voltage, sure.voltage, sure.current),
        source_phase=np.full(channels, sure.lag),
        current=np.abs(stated),
        found=found,
    )


def _factor(
    what: str, c: int, stated: complex, found: CountPhasors, nominal: Calibration | None
) -> complex:
    """Stated over counted of one channel, when the counts show what was stated."""
    name, size = name_of(c), abs(found.phasors[c])
    unit = "V" if c < _VOLTAGES else "A"
    if size < max(_DRIVEN_NOISES * found.spread[c], _DRIVEN_COUNTS):
        raise InputError(
            f"{what}: {abs(stated):g} {unit} are stated at {name}, and its counts show nothing: "
            "check the wiring, and that the source is on"
        )
    if found.spread[c] > _STEADY * size:
        raise InputError(f"{what}: {name} is not steady: wait until the source has settled")
    factor = complex(stated / found.phasors[c])
    off = math.degrees(_angle(factor))
    if abs(off) > math.degrees(_ANGLE_OFF_MAX):
        raise InputError(
            f"{what}: {name} lies {abs(off):.0f}° {'behind' if off > 0 else 'ahead of'} where the "
            "reference states it: it is reversed, of another phase, or lag has the wrong sign"
        )
    if nominal is not None:
        ratio = abs(factor) / nominal.gain[c]
        if abs(ratio - 1.0) > _GAIN_OFF_MAX:
            raise InputError(
                f"{what}: {name} shows {100.0 / ratio:.0f} % of what is stated by its nominal "
                "gain: check the source's range and the ratio"
            )
    return factor


def _offsets(
    readings: list[_Reading],
    zero: NDArray[np.generic] | None,
    channels: int,
    notes: list[str],
) -> tuple[Floats, Floats]:
    if zero is None:
        notes.append("offsets are means under load: direct current of the source is in them")
        return readings[0].found.offset, readings[0].found.offset_spread
    x = np.asarray(zero, np.float64)
    if x.ndim != 2 or x.shape[1] != channels or len(x) < 100 or not np.isfinite(x).all():
        raise InputError(f"zero of shape {x.shape}: give counts (n, {channels}) without input")
    parts = np.array([part.mean(axis=0) for part in np.array_split(x, 10)])
    return x.mean(axis=0), np.std(parts, axis=0, ddof=1) / np.sqrt(10.0)


def _nodes(readings: list[_Reading], c: int) -> list[list[_Reading]]:
    """The points that drive a channel, those of one current together, the first one's first."""
    nodes: list[list[_Reading]] = []
    for reading in readings:
        if np.isnan(reading.factor[c]):
            continue
        size = reading.current[c]
        for node in nodes:
            same = abs(size / node[0].current[c] - 1.0) <= _SAME_CURRENT
            if same or c < _VOLTAGES:
                node.append(reading)
                break
        else:
            nodes.append([reading])
    return nodes


def _mean(values: list[float], node: list[_Reading], c: int, gain: bool) -> tuple[float, float]:
    """Mean and standard uncertainty of points that should agree; InputError when they do not."""
    mean = float(np.mean(values))
    scatter = math.sqrt(sum(r.scatter[c] ** 2 for r in node)) / len(node)
    limit = (_AGREE_GAIN * mean if gain else _AGREE_PHASE) + 6.0 * scatter * (mean if gain else 1.0)
    if max(values) - min(values) > limit:
        apart = max(values) - min(values)
        by = f"{100.0 * apart / mean:.2f} %" if gain else f"{60.0 * math.degrees(apart):.0f}′"
        raise InputError(
            f"{name_of(c)} has the same value at several points, and they differ by {by}: "
            "a point is stated wrong, or the source had not settled"
        )
    source = max((r.source if gain else r.source_phase)[c] for r in node)
    return mean, math.hypot(scatter, source)


def _curve(
    nodes: list[list[_Reading]],
    c: int,
    gain: float,
    back: list[tuple[float, float]],
    notes: list[str],
) -> ErrorCurve | None:
    """Ratio error and lead over the current, by the leads at 50 Hz and what turning back does."""
    currents = [float(np.mean([r.current[c] for r in node])) for node in nodes]
    if min(currents) > _LOW * currents[0]:
        notes.append(
            f"{name_of(c)}: no point at a tenth of {currents[0]:g} A or below: "
            "what its sensor does at low currents is not known"
        )
    if len(nodes) == 1:
        return None
    errors = [
        float(gain) * size / float(np.mean([abs(r.factor[c]) for r in node])) - 1.0
        for node, (_, size) in zip(nodes, back, strict=True)
    ]
    order = np.argsort(currents)
    return ErrorCurve(
        current=tuple(currents[k] for k in order),
        ratio_error=tuple(errors[k] for k in order),
        lead=tuple(back[k][0] for k in order),
    )


def _undriven(c: int, nominal: Calibration | None, notes: list[str]) -> float:
    if nominal is None:
        raise InputError(
            f"no point drives {name_of(c)}: state its current at one of them, or give its nominal "
            "gain"
        )
    notes.append(f"{name_of(c)}: no point drives it, its gain is the nominal one")
    return nominal.gain[c]
