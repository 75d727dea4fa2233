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
from addad.metrology.blocks import BEYOND, Samples, plain
from addad.metrology.kernels import kernel
from addad.metrology.lamp import CUT_OFF, LAMPS, lamp_sections
from addad.metrology.quads import LANES, Quad, Quads, below_or, numbers_at, quad_at, quad_of
from addad.metrology.vectors import larger, write

SETTLING_S = 15.0
"""How long after the begin the filters' swinging-in is kept out of the classifier."""
RATE_MIN = 800.0
"""The lowest sampling rate [Hz]: squares of the voltage reach to twice the mains frequency."""
LONG_TERM = 12
"""Short-term values in a long-term one."""

_INNER_RATE = 1_000.0
"""Near this rate [Hz] the lamp's filters run: far above the 35 and 42 Hz that it lets through."""
_SPAN = 4
"""Inner samples that the decimating filter spans."""
_ADAPTION_S = 27.3
"""Time constant of the voltage adaptor [s]: 10 to 90 % of a step take it a minute."""
_EVERY = 2
"""Inner samples from one that is classified to the next."""
_LOST = 1.4
"""What the bilinear image of the lamp's slope loses towards 40 Hz, as a power of the frequency."""
_CLASS_BITS = 52 - 8
"""Bits of a number that tell places within a class: there are 256 classes to a doubling."""
_CLASSES = 40 << 8
_LOWEST = 2.0**-20
_LOWEST_CLASS = int(np.float64(_LOWEST).view(np.int64)) >> _CLASS_BITS
_SECTIONS = 7
_DEAD = 1e-9
"""A mean square [V²] below this is no voltage."""
_FORGET = 0.005
"""Part of an inner sample that the short mean takes over: 0.2 s, which stand in for lost ones."""

Floats = NDArray[np.float64]
Section = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class FlickerSettings:
    """What a flickermeter is told: `sample_rate` [Hz], the mains' frequency [Hz], the lamp [V].

    `meters` sample together, 1 to 4 voltages (`phases`) each. Raises InputError for what cannot be.
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
        if not RATE_MIN <= self.sample_rate < math.inf:
            raise InputError(
                f"sampling rate {self.sample_rate} Hz: flicker needs {RATE_MIN:.0f} Hz or more"
            )
        if self.meters < 1 or not 1 <= self.phases <= LANES:
            raise InputError(
                f"{self.meters} meters of {self.phases} phases: give 1 or more of 1 to {LANES}"
            )


class Flickermeter:
    """IEC 61000-4-15: a flickermeter for each voltage of one meter, or of a fleet together."""

    def __init__(self, settings: FlickerSettings) -> None:
        self.settings = settings
        decimation = max(1, round(settings.sample_rate / _INNER_RATE))
        rate = settings.sample_rate / decimation
        self._taps = _decimating_taps(decimation)
        self._sections = lamp_sections(settings.lamp, settings.nominal_frequency, rate)
        meters = settings.meters
        self._sums = np.zeros((meters, _SPAN + 1, LANES))
        self._state = np.zeros((meters, 2 * _SECTIONS, LANES))
        self._level = np.zeros((meters, 3, LANES))
        self._counts = np.zeros((meters, LANES, _CLASSES), np.int64)
        self._ticks = np.zeros((meters, 3), np.int64)
        self._rate = rate
        self._plan = 1.0 - math.exp(-1.0 / (rate * _ADAPTION_S)), int(SETTLING_S * rate)

    def process(self, samples: Samples) -> None:
        """Take the next samples of the voltages (meters, n, phases or more columns) [V].

        How the stream is cut into blocks changes nothing. What is not finite counts as no
        fluctuation. Raises InputError for a block of the wrong shape.
        """
        wanted, samples = self.settings, plain(samples)
        if (
            samples.ndim != 3
            or samples.shape[0] != wanted.meters
            or samples.shape[2] < wanted.phases
        ):
            raise InputError(
                f"a block of shape {samples.shape}: give ({wanted.meters}, n, {wanted.phases})"
            )
        _run(
            samples, wanted.phases, self._taps, self._sections, self._plan, self._sums,
            self._state, self._level, self._counts, self._ticks,
        )  # fmt: skip

    @property
    def measured_s(self) -> float:
        """Seconds that the classifier has seen since the last short-term value."""
        return float(self._ticks[0, 1]) * _EVERY / self._rate

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


def severity(counts: NDArray[np.int64]) -> float:
    """IEC 61000-4-15: Pst, as the module has it, of P_inst in classes, 256 to a doubling."""
    above = np.concatenate([np.cumsum(counts[::-1])[::-1], [0]]).astype(np.float64)
    share = 100.0 * above / above[0]
    edges = ((np.arange(_CLASSES + 1) + _LOWEST_CLASS) << _CLASS_BITS).view(np.float64)

    def level(percent: float) -> float:
        """The level exceeded for so much of the time, straight within a class."""
        k = int(np.searchsorted(-share, -percent, side="right"))
        k = min(max(k, 1), _CLASSES)
        high, low = share[k - 1], share[k]
        part = (high - percent) / (high - low) if high > low else 1.0
        return float(edges[k - 1] + min(max(part, 0.0), 1.0) * (edges[k] - edges[k - 1]))

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
    """IEC 61000-4-15: Plt = (mean of Pst³)^(1/3) (...) of the last axis of Pst (..., 12).

    NaN if one of them is.
    """
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
def _section(b: Section, s: Quad, t: Quad, x: Quad) -> tuple[Quad, Quad, Quad]:
    """One section, transposed direct form: what comes out, and its two states."""
    y = x * b[0] + s
    return y, x * b[1] - y * b[3] + t, x * b[2] - y * b[4]


@kernel
def _coefficients(sections: Floats, k: int) -> Section:
    return sections[k, 0], sections[k, 1], sections[k, 2], sections[k, 3], sections[k, 4]


@kernel
def _sense(
    inner: Quads,
    means: Quads,
    sections: Floats,
    adaption: float,
    tick: int,
    state: Quads,
    level: Quads,
) -> None:
    """Adaption and filters over inner samples of u² (n, lanes), which become those of P_inst.

    `means` are written: the means of u² that each stands against. All that is remembered (two of
    each section, the newest mean and P_inst) stays in registers from one to the next.
    """
    b0, b1, b2 = _coefficients(sections, 0), _coefficients(sections, 1), _coefficients(sections, 2)
    b3, b4, b5 = _coefficients(sections, 3), _coefficients(sections, 4), _coefficients(sections, 5)
    b6 = _coefficients(sections, 6)
    s0, t0, s1, t1 = quad_at(state, 0), quad_at(state, 1), quad_at(state, 2), quad_at(state, 3)
    s2, t2, s3, t3 = quad_at(state, 4), quad_at(state, 5), quad_at(state, 6), quad_at(state, 7)
    s4, t4, s5, t5 = quad_at(state, 8), quad_at(state, 9), quad_at(state, 10), quad_at(state, 11)
    s6, t6 = quad_at(state, 12), quad_at(state, 13)
    mean, p, dead = quad_at(level, 0), quad_at(level, 1), quad_of(_DEAD)
    for n in range(len(inner)):
        square = quad_at(inner, n)
        # until the adaption's own time has passed the mean is that of all there was
        mean += (square - mean) * max(adaption, 1.0 / (tick + n + 1.0))
        # half the square: a fluctuation dV/V of the voltage is one of dV/V here
        v = (square - mean) / larger(dead, mean) * 0.5
        v, s0, t0 = _section(b0, s0, t0, v)
        v, s1, t1 = _section(b1, s1, t1, v)
        v, s2, t2 = _section(b2, s2, t2, v)
        v, s3, t3 = _section(b3, s3, t3, v)
        v, s4, t4 = _section(b4, s4, t4, v)
        v, s5, t5 = _section(b5, s5, t5, v)
        p, s6, t6 = _section(b6, s6, t6, v * v)
        write(p, inner, n)
        write(mean, means, n)
    for k, memory in enumerate((s0, t0, s1, t1, s2, t2, s3, t3, s4, t4, s5, t5, s6, t6)):
        write(memory, state, k)
    write(mean, level, 0)
    write(p, level, 1)


@kernel
def _classify(
    sensed: Quads,
    means: Quads,
    phases: int,
    tick: int,
    settled: int,
    level: Quads,
    counts: NDArray[np.int64],
) -> None:
    """Count P_inst (n, lanes) of voltages that live into the classes, and keep the largest.

    Before the first of them came `tick` others. A class is told by the leading bits of a number:
    its exponent, and eight behind it.
    """
    bits = sensed.view(np.int64)
    begin = max(tick, settled) // _EVERY * _EVERY + _EVERY - 1 - tick
    for n in range(begin, len(sensed), _EVERY):
        for c in range(phases):
            level[2, c] = max(level[2, c], sensed[n, c])
            if means[n, c] > _DEAD:
                k = (bits[n, c] >> _CLASS_BITS) - _LOWEST_CLASS
                counts[c, min(max(k, 0), _CLASSES - 1)] += 1


@kernel
def _decimate(
    x: NDArray[np.float32] | NDArray[np.float64],
    phases: int,
    taps: Floats,
    place: int,
    kept: Quads,
    inner: Quads,
) -> tuple[int, int]:
    """Squares of the samples (n, phases) at the inner rate; gives how many, and the new place.

    `kept` (5, lanes) holds the sums under way, and a short mean of the newest squares, which stands
    in for one that is not finite.
    """
    decimation = len(taps) // _SPAN
    a, b, c, d = quad_at(kept, 0), quad_at(kept, 1), quad_at(kept, 2), quad_at(kept, 3)
    short, highest = quad_at(kept, _SPAN), quad_of(BEYOND**2)
    count = 0
    for n in range(x.shape[0]):
        v = numbers_at(x, n, phases)
        square = below_or(v * v, highest, short)
        a += square * taps[3 * decimation + place]
        b += square * taps[2 * decimation + place]
        c += square * taps[decimation + place]
        d += square * taps[place]
        place += 1
        if place == decimation:
            place = 0
            write(a, inner, count)
            short += (a - short) * _FORGET
            count += 1
            a, b, c, d = b, c, d, quad_of(0.0)
    for k, under_way in enumerate((a, b, c, d, short)):
        write(under_way, kept, k)
    return count, place


@kernel
def _run(
    samples: NDArray[np.float32] | NDArray[np.float64],
    phases: int,
    taps: Floats,
    sections: Floats,
    plan: tuple[float, int],
    sums: Floats,
    state: Floats,
    level: Floats,
    counts: NDArray[np.int64],
    ticks: NDArray[np.int64],
) -> None:
    """All meters; `ticks` (meters, 3): inner samples, classified ones, place in an inner sample.

    `plan` is the adaption's step, and when the filters have settled [inner samples].
    """
    decimation = len(taps) // _SPAN
    adaption, settled = plan
    room = np.empty((2, samples.shape[1] // decimation + 1, LANES))
    for j in range(samples.shape[0]):
        count, ticks[j, 2] = _decimate(samples[j], phases, taps, ticks[j, 2], sums[j], room[0])
        tick, inner, means = ticks[j, 0], room[0, :count], room[1, :count]
        if tick == 0 and count:
            level[j, 0] = inner[0]
        _sense(inner, means, sections, adaption, tick, state[j], level[j])
        _classify(inner, means, phases, tick, settled, level[j], counts[j])
        ticks[j, 0] = tick + count
        ticks[j, 1] += max(tick + count, settled) // _EVERY - max(tick, settled) // _EVERY
