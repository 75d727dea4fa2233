"""Flicker: how much the light of a lamp on this voltage disturbs an eye.

The flickermeter is that of IEC 61000-4-15: the voltage is normalised and squared, what a lamp and
an eye let through of its fluctuation is squared and smoothed to the instantaneous sensation
P_inst, and the levels that it exceeds for given shares of the time make the short-term severity

    Pst = sqrt(0.0314 P0.1 + 0.0525 P1s + 0.0657 P3s + 0.28 P10s + 0.08 P50s)

and twelve of those the long-term one, Plt = (mean of Pst³)^(1/3). Pst = 1 is where half of all
people call it irritating.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.kernels import kernel

LANES = 4
"""Voltages side by side in a vector register; a meter has up to three."""
SETTLING_S = 15.0
"""How long after the begin the filters' swinging-in is kept out of the classifier."""
RATE_MIN = 800.0
"""The lowest sampling rate [Hz]: squares of the voltage reach to twice the mains frequency."""
LONG_TERM = 12
"""Short-term values in a long-term one."""

_INNER_RATE = 1_000.0
_SPAN = 4
_ADAPTION_S = 27.3
_HIGH_PASS_HZ = 0.05
_SMOOTHING_S = 0.3
_EVERY = 2
_LOST = 1.4
_BINS = 8_192
_LOWEST, _HIGHEST = 1e-6, 1e6
_SECTIONS = 7
_DEAD = 1e-9

Floats = NDArray[np.float64]
Lanes = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp's and an eye's response: k ω₁ s (1 + s/ω₂) / ((s² + 2λs + ω₁²)(1 + s/ω₃)(1 + s/ω₄)).

    `gain` is k, the others are frequencies [Hz]. Source: the tables of IEC 61000-4-15 as three
    open implementations have them.
    """

    gain: float
    damping: float
    first: float
    second: float
    third: float
    fourth: float


LAMPS = {
    230: Lamp(1.74802, 4.05981, 9.15494, 2.27979, 1.22535, 21.9),
    120: Lamp(1.6357, 4.167375, 9.077169, 2.939902, 1.394468, 17.31512),
}
"""The 60 W coiled-coil filament lamps of 230 V and 120 V."""
_CUT_OFF = {50.0: 35.0, 60.0: 42.0}
_REFERENCE = {230: (8.8, 0.24987), 120: (8.8, 0.32083)}
"""Sine modulation [Hz, % of dV/V, peak to peak] of the just perceptible flicker, P_inst = 1.

Published as 0.250 and 0.321; the digits behind are those that fit the rectangular test points best.
"""


@dataclass(frozen=True, slots=True)
class FlickerSettings:
    """What a flickermeter is told: `sample_rate` [Hz], the mains' frequency, the lamp [V].

    Raises InputError for what cannot be.
    """

    sample_rate: float
    nominal_frequency: float = 50.0
    lamp: int = 230
    meters: int = 1
    phases: int = 3

    def __post_init__(self) -> None:
        if self.lamp not in LAMPS:
            raise InputError(f"a lamp of {self.lamp} V: give 230 or 120")
        if self.nominal_frequency not in _CUT_OFF:
            raise InputError(f"nominal frequency {self.nominal_frequency} Hz: give 50 or 60")
        if not self.sample_rate >= RATE_MIN:
            raise InputError(
                f"sampling rate {self.sample_rate} Hz: flicker needs {RATE_MIN:.0f} Hz or more"
            )
        if self.meters < 1 or not 1 <= self.phases <= LANES:
            raise InputError(
                f"{self.meters} meters of {self.phases} phases: give 1 or more of 1 to {LANES}"
            )


class Flickermeter:
    """A flickermeter for each voltage of one meter, or of a fleet that samples together."""

    def __init__(self, settings: FlickerSettings) -> None:
        self.settings = settings
        self._decimation = max(1, round(settings.sample_rate / _INNER_RATE))
        rate = settings.sample_rate / self._decimation
        self._taps = _decimating_taps(self._decimation)
        self._sections = _sections(settings, rate)
        shape = (settings.meters, LANES)
        self._sums = np.zeros((settings.meters, _SPAN, LANES))
        self._state = np.zeros((settings.meters, _SECTIONS, 2, LANES))
        self._level = np.zeros((settings.meters, 3, LANES))
        self._counts = np.zeros((*shape, _BINS), np.int64)
        self._ticks = np.zeros((settings.meters, 3), np.int64)
        self._rates = _Rates(rate)

    def process(self, samples: NDArray[np.float32] | NDArray[np.float64]) -> None:
        """Take the next samples of the voltages (meters, n, phases or more columns) [V].

        How the stream is cut into blocks changes nothing. What is not finite counts as no
        fluctuation. Raises InputError for a block of the wrong shape.
        """
        wanted = self.settings
        if (
            samples.ndim != 3
            or samples.shape[0] != wanted.meters
            or samples.shape[2] < wanted.phases
        ):
            raise InputError(
                f"a block of shape {samples.shape}: give ({wanted.meters}, n, {wanted.phases})"
            )
        _run(
            samples, wanted.phases, self._taps, self._decimation, self._sections,
            self._rates.plan, self._sums, self._state, self._level, self._counts, self._ticks,
        )  # fmt: skip

    @property
    def measured_s(self) -> float:
        """Seconds that the classifier has seen since the last short-term value."""
        return float(self._ticks[0, 1]) * _EVERY / self._rates.rate

    @property
    def instantaneous(self) -> Floats:
        """P_inst of the newest sample (meters, phases)."""
        return np.asarray(self._level[:, 1, : self.settings.phases]).copy()

    @property
    def instantaneous_max(self) -> Floats:
        """The largest P_inst that the classifier has seen since the last short-term value."""
        return np.asarray(self._level[:, 2, : self.settings.phases]).copy()

    def short_term(self) -> Floats:
        """Pst (meters, phases) of what came since the last call, which begins a new interval.

        NaN where nothing was classified: in the first seconds, or without a voltage.
        """
        phases = self.settings.phases
        counts = self._counts[:, :phases]
        found = np.full((self.settings.meters, phases), math.nan)
        for meter in range(self.settings.meters):
            for phase in range(phases):
                if counts[meter, phase].any():
                    found[meter, phase] = severity(counts[meter, phase])
        self._counts[:] = 0
        self._ticks[:, 1] = 0
        self._level[:, 2] = 0.0
        return found


class _Rates:
    """The inner sampling rate, and the coefficients that follow from it."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.plan = np.array(
            [
                1.0 - math.exp(-1.0 / (rate * _ADAPTION_S)),
                SETTLING_S * rate,
                math.log(_LOWEST),
                _BINS / (math.log(_HIGHEST) - math.log(_LOWEST)),
            ]
        )


def severity(counts: NDArray[np.int64]) -> float:
    """Pst of a histogram of P_inst over the classes of equal ratio."""
    above = np.concatenate([np.cumsum(counts[::-1])[::-1], [0]]).astype(np.float64)
    share = 100.0 * above / above[0]
    edges = np.linspace(math.log(_LOWEST), math.log(_HIGHEST), _BINS + 1)

    def level(percent: float) -> float:
        """The level exceeded for so much of the time, straight within a class."""
        k = int(np.searchsorted(-share, -percent, side="right"))
        k = min(max(k, 1), _BINS)
        high, low = share[k - 1], share[k]
        part = (high - percent) / (high - low) if high > low else 1.0
        return math.exp(edges[k - 1] + min(max(part, 0.0), 1.0) * (edges[k] - edges[k - 1]))

    def mean(*percents: float) -> float:
        return sum(level(percent) for percent in percents) / len(percents)

    return math.sqrt(
        0.0314 * level(0.1)
        + 0.0525 * mean(0.7, 1.0, 1.5)
        + 0.0657 * mean(2.2, 3.0, 4.0)
        + 0.28 * mean(6.0, 8.0, 10.0, 13.0, 17.0)
        + 0.08 * mean(30.0, 50.0, 80.0)
    )


def long_term(short_terms: NDArray[np.float64]) -> Floats:
    """Plt (...) of the last axis of Pst (..., 12): the cubic mean; NaN if one of them is."""
    return np.asarray(np.cbrt(np.mean(np.asarray(short_terms) ** 3, axis=-1)))


def _decimating_taps(decimation: int) -> Floats:
    """Weights (4 decimation) of the samples in an inner one: a triangle, sharpened.

    The triangle has double zeros at all multiples of the inner rate, so that nothing is folded back
    into what an eye sees. A difference of second order gives back what the triangle takes from it,
    1/12 of the squared angle, and what the bilinear image of the lamp's slope (falling with the
    power of 1.4 from 20 to 40 Hz) does.
    """
    box = np.ones(decimation) / decimation
    triangle = np.convolve(box, box)
    given = (1.0 - 1.0 / decimation**2 + _LOST) / 12.0
    sharper = np.zeros(2 * decimation + 1)
    sharper[[0, decimation, -1]] = -given, 1.0 + 2.0 * given, -given
    taps = np.zeros(_SPAN * decimation)
    flat = np.convolve(triangle, sharper)
    taps[: len(flat)] = flat
    return taps


def _sections(settings: FlickerSettings, rate: float) -> Floats:
    """Second-order sections (7, 5) b0 b1 b2 a1 a2 at the inner rate.

    High-pass, three of the Butterworth low-pass, two of lamp and eye; the last is the smoothing
    behind the squarer. The gain makes P_inst 1 at the reference modulation of the lamp.
    """
    lamp = LAMPS[settings.lamp]
    cut = _CUT_OFF[settings.nominal_frequency]
    turn = 2.0 * math.pi
    rows = [_bilinear((0.0, 1.0, 0.0), (turn * _HIGH_PASS_HZ, 1.0, 0.0), rate, 0.0)]
    for k in range(3):
        damping = 2.0 * math.sin(math.pi * (2 * k + 1) / 12.0)
        w = turn * cut
        rows.append(_bilinear((w * w, 0.0, 0.0), (w * w, damping * w, 1.0), rate, cut))
    first = turn * lamp.first
    rows.append(
        _bilinear(
            (0.0, lamp.gain * first, 0.0),
            (first * first, 2.0 * turn * lamp.damping, 1.0),
            rate,
            lamp.first,
        )
    )
    second, third, fourth = (turn * f for f in (lamp.second, lamp.third, lamp.fourth))
    rows.append(
        _bilinear(
            (1.0, 1.0 / second, 0.0),
            (1.0, 1.0 / third + 1.0 / fourth, 1.0 / (third * fourth)),
            rate,
            lamp.first,
        )
    )
    rows.append(_bilinear((1.0, 0.0, 0.0), (1.0, _SMOOTHING_S, 0.0), rate, 0.0))
    sections = np.array(rows)
    hertz, percent = _REFERENCE[settings.lamp]
    swing = percent / 200.0 * _gain(sections[:-1], hertz / rate)
    # the squarer makes swing²/2 (1 - cos), of which the smoothing leaves a ripple
    peak = 0.5 * swing * swing * (1.0 + _gain(sections[-1:], 2.0 * hertz / rate))
    sections[5, :3] /= math.sqrt(peak)
    return sections


def _bilinear(
    above: tuple[float, float, float], below: tuple[float, float, float], rate: float, exact: float
) -> tuple[float, float, float, float, float]:
    """Digital section of (a₀ + a₁s + a₂s²) / (b₀ + b₁s + b₂s²), exact at a frequency [Hz]."""
    w = 2.0 * math.pi * exact
    c = w / math.tan(0.5 * w / rate) if exact > 0.0 else 2.0 * rate
    (n0, n1, n2), (d0, d1, d2) = above, below
    scale = d0 + d1 * c + d2 * c * c
    return (
        (n0 + n1 * c + n2 * c * c) / scale,
        2.0 * (n0 - n2 * c * c) / scale,
        (n0 - n1 * c + n2 * c * c) / scale,
        2.0 * (d0 - d2 * c * c) / scale,
        (d0 - d1 * c + d2 * c * c) / scale,
    )


def _gain(sections: Floats, cycles: float) -> float:
    """Magnitude of the sections in a row at a frequency in cycles a sample."""
    z = np.exp(-2j * math.pi * cycles)
    over = sections[:, 0] + sections[:, 1] * z + sections[:, 2] * z * z
    under = 1.0 + sections[:, 3] * z + sections[:, 4] * z * z
    return float(np.abs(np.prod(over / under)))


@kernel
def _section(b: Floats, state: Floats, x: Lanes) -> Lanes:
    """Run a value through one section (5), transposed direct form; `state` is (2, lanes)."""
    b0, b1, b2, a1, a2 = b[0], b[1], b[2], b[3], b[4]
    y0, y1 = b0 * x[0] + state[0, 0], b0 * x[1] + state[0, 1]
    y2, y3 = b0 * x[2] + state[0, 2], b0 * x[3] + state[0, 3]
    state[0, 0] = b1 * x[0] - a1 * y0 + state[1, 0]
    state[0, 1] = b1 * x[1] - a1 * y1 + state[1, 1]
    state[0, 2] = b1 * x[2] - a1 * y2 + state[1, 2]
    state[0, 3] = b1 * x[3] - a1 * y3 + state[1, 3]
    state[1, 0], state[1, 1] = b2 * x[0] - a2 * y0, b2 * x[1] - a2 * y1
    state[1, 2], state[1, 3] = b2 * x[2] - a2 * y2, b2 * x[3] - a2 * y3
    return (y0, y1, y2, y3)


@kernel
def _classify(level: Floats, plan: Floats, counts: NDArray[np.int64]) -> None:
    for c in range(LANES):
        p = level[1, c]
        level[2, c] = max(level[2, c], p)
        if level[0, c] > _DEAD:
            k = int((math.log(max(p, _LOWEST)) - plan[2]) * plan[3])
            counts[c, min(max(k, 0), counts.shape[1] - 1)] += 1


@kernel
def _step(
    sections: Floats,
    plan: Floats,
    square: Floats,
    state: Floats,
    level: Floats,
    counts: NDArray[np.int64],
    ticks: NDArray[np.int64],
) -> None:
    """One inner sample of u² (lanes): adaption, filters, classifier."""
    if ticks[0] == 0:
        level[0, :] = square
    # until the adaption's own time has passed the mean is that of all there was
    share = max(plan[0], 1.0 / (ticks[0] + 1.0))
    for c in range(LANES):
        level[0, c] += share * (square[c] - level[0, c])
        # half the square: a fluctuation dV/V of the voltage is one of dV/V here
        square[c] = 0.5 * (square[c] / level[0, c] - 1.0) if level[0, c] > _DEAD else 0.0
    v = (square[0], square[1], square[2], square[3])
    for k in range(_SECTIONS - 1):
        v = _section(sections[k], state[k], v)
    v = (v[0] * v[0], v[1] * v[1], v[2] * v[2], v[3] * v[3])
    v = _section(sections[_SECTIONS - 1], state[_SECTIONS - 1], v)
    level[1, 0], level[1, 1], level[1, 2], level[1, 3] = v
    ticks[0] += 1
    if ticks[0] > plan[1] and ticks[0] % _EVERY == 0:
        ticks[1] += 1
        _classify(level, plan, counts)


@kernel
def _run(
    samples: NDArray[np.float32] | NDArray[np.float64],
    phases: int,
    taps: Floats,
    decimation: int,
    sections: Floats,
    plan: Floats,
    sums: Floats,
    state: Floats,
    level: Floats,
    counts: NDArray[np.int64],
    ticks: NDArray[np.int64],
) -> None:
    """Square, decimate and step; `ticks` (meters, 3): inner samples, classified, place in one."""
    square = np.zeros(LANES)
    for j in range(samples.shape[0]):
        x, kept = samples[j], sums[j]
        place = ticks[j, 2]
        for n in range(x.shape[0]):
            for c in range(phases):
                v = float(x[n, c])
                power = v * v
                square[c] = power if power < math.inf else level[j, 0, c]
            for k in range(_SPAN):
                w = taps[(_SPAN - 1 - k) * decimation + place]
                for c in range(LANES):
                    kept[k, c] += w * square[c]
            place += 1
            if place < decimation:
                continue
            place = 0
            square[:] = kept[0]
            for k in range(_SPAN - 1):
                kept[k] = kept[k + 1]
            kept[_SPAN - 1] = 0.0
            _step(sections, plan, square, state[j], level[j], counts[j], ticks[j])
            square[phases:] = 0.0
        ticks[j, 2] = place
