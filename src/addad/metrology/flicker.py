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
from addad.metrology.lamp import CUT_OFF, LAMPS, lamp_sections

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
_EVERY = 2
_LOST = 1.4
_BINS = 8_192
_LOWEST, _HIGHEST = 1e-6, 1e6
_SECTIONS = 7
_DEAD = 1e-9
_FORGET = 0.005

Floats = NDArray[np.float64]
Section = tuple[float, float, float, float, float]


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
        if self.nominal_frequency not in CUT_OFF:
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
        decimation = max(1, round(settings.sample_rate / _INNER_RATE))
        rate = settings.sample_rate / decimation
        self._taps = _decimating_taps(decimation)
        self._sections = lamp_sections(settings.lamp, settings.nominal_frequency, rate)
        shape = (settings.meters, LANES)
        self._sums = np.zeros((settings.meters, _SPAN + 1, LANES))
        self._state = np.zeros((*shape, _SECTIONS, 2))
        self._level = np.zeros((*shape, 3))
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
            samples, wanted.phases, self._taps, self._sections, self._rates.plan, self._sums,
            self._state, self._level, self._counts, self._ticks,
        )  # fmt: skip

    @property
    def measured_s(self) -> float:
        """Seconds that the classifier has seen since the last short-term value."""
        return float(self._ticks[0, 1]) * _EVERY / self._rates.rate

    @property
    def instantaneous(self) -> Floats:
        """P_inst of the newest sample (meters, phases)."""
        return np.asarray(self._level[:, : self.settings.phases, 1]).copy()

    @property
    def instantaneous_max(self) -> Floats:
        """The largest P_inst that the classifier has seen since the last short-term value."""
        return np.asarray(self._level[:, : self.settings.phases, 2]).copy()

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
        self._level[:, :, 2] = 0.0
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


@kernel
def _section(b: Section, s: float, t: float, x: float) -> tuple[float, float, float]:
    """One section, transposed direct form: what comes out, and its two states."""
    y = b[0] * x + s
    return y, b[1] * x - b[3] * y + t, b[2] * x - b[4] * y


@kernel
def _coefficients(sections: Floats, k: int) -> Section:
    return sections[k, 0], sections[k, 1], sections[k, 2], sections[k, 3], sections[k, 4]


@kernel
def _class_of(p: float, plan: Floats) -> int:
    """The class of the histogram that a sensation falls into."""
    k = int((math.log(max(p, _LOWEST)) - plan[2]) * plan[3])
    return min(max(k, 0), _BINS - 1)


@kernel
def _sense(
    inner: Floats,
    phase: int,
    sections: Floats,
    plan: Floats,
    state: Floats,
    level: Floats,
    counts: NDArray[np.int64],
    tick: int,
) -> None:
    """Adaption, filters and classifier of one phase over inner samples of u² (n, lanes).

    All that is remembered (sections, 2) stays in registers from one inner sample to the next.
    """
    b0, b1, b2 = _coefficients(sections, 0), _coefficients(sections, 1), _coefficients(sections, 2)
    b3, b4, b5 = _coefficients(sections, 3), _coefficients(sections, 4), _coefficients(sections, 5)
    b6 = _coefficients(sections, 6)
    s0, t0, s1, t1 = state[0, 0], state[0, 1], state[1, 0], state[1, 1]
    s2, t2, s3, t3 = state[2, 0], state[2, 1], state[3, 0], state[3, 1]
    s4, t4, s5, t5 = state[4, 0], state[4, 1], state[5, 0], state[5, 1]
    s6, t6 = state[6, 0], state[6, 1]
    mean, p, highest = level[0], level[1], level[2]
    for n in range(len(inner)):
        square = inner[n, phase]
        # until the adaption's own time has passed the mean is that of all there was
        mean += max(plan[0], 1.0 / (tick + 1.0)) * (square - mean)
        # half the square: a fluctuation dV/V of the voltage is one of dV/V here
        v = 0.5 * (square / mean - 1.0) if mean > _DEAD else 0.0
        v, s0, t0 = _section(b0, s0, t0, v)
        v, s1, t1 = _section(b1, s1, t1, v)
        v, s2, t2 = _section(b2, s2, t2, v)
        v, s3, t3 = _section(b3, s3, t3, v)
        v, s4, t4 = _section(b4, s4, t4, v)
        v, s5, t5 = _section(b5, s5, t5, v)
        p, s6, t6 = _section(b6, s6, t6, v * v)
        tick += 1
        if tick > plan[1] and tick % _EVERY == 0:
            highest = max(highest, p)
            if mean > _DEAD:
                counts[_class_of(p, plan)] += 1
    state[0, 0], state[0, 1], state[1, 0], state[1, 1] = s0, t0, s1, t1
    state[2, 0], state[2, 1], state[3, 0], state[3, 1] = s2, t2, s3, t3
    state[4, 0], state[4, 1], state[5, 0], state[5, 1] = s4, t4, s5, t5
    state[6, 0], state[6, 1] = s6, t6
    level[0], level[1], level[2] = mean, p, highest


@kernel
def _decimate(
    x: NDArray[np.float32] | NDArray[np.float64],
    phases: int,
    taps: Floats,
    place: int,
    kept: Floats,
    inner: Floats,
) -> tuple[int, int]:
    """Squares of the samples (n, phases) at the inner rate; gives how many, and the new place.

    `kept` (5, lanes) holds the sums under way, and a short mean of the newest squares, which stands
    in for one that is not finite.
    """
    decimation = len(taps) // _SPAN
    square = np.zeros(LANES)
    count = 0
    for n in range(x.shape[0]):
        for c in range(phases):
            v = float(x[n, c])
            power = v * v
            square[c] = power if power < math.inf else kept[_SPAN, c]
        for k in range(_SPAN):
            w = taps[(_SPAN - 1 - k) * decimation + place]
            for c in range(LANES):
                kept[k, c] += w * square[c]
        place += 1
        if place == decimation:
            place = 0
            inner[count] = kept[0]
            for c in range(phases):
                kept[_SPAN, c] += _FORGET * (kept[0, c] - kept[_SPAN, c])
            count += 1
            for k in range(_SPAN - 1):
                kept[k] = kept[k + 1]
            kept[_SPAN - 1] = 0.0
    return count, place


@kernel
def _run(
    samples: NDArray[np.float32] | NDArray[np.float64],
    phases: int,
    taps: Floats,
    sections: Floats,
    plan: Floats,
    sums: Floats,
    state: Floats,
    level: Floats,
    counts: NDArray[np.int64],
    ticks: NDArray[np.int64],
) -> None:
    """All meters; `ticks` (meters, 3): inner samples, classified ones, place in an inner sample."""
    decimation = len(taps) // _SPAN
    inner = np.empty((samples.shape[1] // decimation + 1, LANES))
    for j in range(samples.shape[0]):
        count, ticks[j, 2] = _decimate(samples[j], phases, taps, ticks[j, 2], sums[j], inner)
        tick = ticks[j, 0]
        for c in range(phases):
            if tick == 0 and count:
                level[j, c, 0] = inner[0, c]
            _sense(inner[:count], c, sections, plan, state[j, c], level[j, c], counts[j, c], tick)
        ticks[j, 0] = tick + count
        settled = int(plan[1])
        ticks[j, 1] += max(tick + count, settled) // _EVERY - max(tick, settled) // _EVERY
