"""RMS of one cycle, refreshed each half-cycle: what dips, swells and interruptions are seen in.

Urms(1/2) is that of IEC 61000-4-30: over a cycle that begins at a zero crossing of the fundamental,
half a cycle after the one before. The edges follow the sequence component of the voltages that is
the stronger one; while there is none, and through a jump of its phase, they run on as they were.

    U(k)² = (1/2H) ∫ u² dt      from t(k) to t(k) + 2H,   t(k + 1) = t(k) + H

A half is summed once, between edges that a cubic B-spline has smoothed, and a cycle is two halves.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.metrology.blocks import BEYOND
from addad.metrology.cycles import cubic_step
from addad.metrology.kernels import kernel
from addad.metrology.power_quality.voltage_store import VoltageStore
from addad.metrology.quads import LANES, Quad, Quads, quad_at, quad_of
from addad.metrology.quantities import PHASES
from addad.metrology.vectors import write

_BEFORE, _AFTER = 1, 3
"""Samples that an edge needs before its own whole sample, and from it on."""
_TRACKING = 0.2
"""Halves are followed up to this part beyond the nominal one, either way."""
_BEND, _BEND_FAST = 0.1, 0.5
"""Parts of the way to the half measured that a half goes: in step, and before."""
_PULL = 0.1
"""Part of the way to the zero crossing that an edge goes."""
_PULL_MAX = 0.005
"""What an edge goes at most, as a part of a half: a step of the phase is no frequency."""
_JUMP_RAD = 0.15
"""A phase that turns by more from one half to the next has jumped."""
_STEP = 0.005
"""So has a strength that changes by more than this part."""
_STRANGE_MAX = 50
"""Halves after which what jumped is what there is: the edges are sought anew."""
_SETTLED_RAD = 0.02
"""Halves whose phase turns by less are in step."""
_SETTLED_HALVES = 6
"""As many in a row put the edges onto the zero crossings."""
_FIRST = 2

BEGIN, END, RMS = 0, 1, 2
HALF_SQUARE = RMS + PHASES
_COLUMNS = HALF_SQUARE + PHASES

Floats = NDArray[np.float64]
Sums = tuple[Quad, Quad, Quad]

_EDGE, _HALF, _LENGTH, _LAST, _HOP, _PHASE, _STRENGTH, _CALM, _STRANGE, _HALVES = range(10)
"""What the clock's array holds.

The next half begins at the edge [samples]. A half is so many samples long, the next one will be
`_LENGTH` and the last one was `_LAST`. The last cycle began a hop [samples] behind the one before
it, with the fundamental at a phase [rad] and of a strength [V]. Then: halves in step, halves whose
phase or strength jumped, and halves that follow each other without a break.
"""


@dataclass(frozen=True, slots=True)
class HalfCycles:
    """Values of Urms(1/2) in their order, (k,) and (k, 3), which are columns of `values`."""

    values: Floats

    @property
    def begin(self) -> Floats:
        """Where the cycle of a value begins [samples since the stream's first]."""
        return np.asarray(self.values[:, BEGIN])

    @property
    def end(self) -> Floats:
        """Where it ends."""
        return np.asarray(self.values[:, END])

    @property
    def rms(self) -> Floats:
        """Its RMS [V], NaN without a channel, and where one of its samples is not finite."""
        return np.asarray(self.values[:, RMS:HALF_SQUARE])


class HalfCycleRms:
    """IEC 61000-4-30: Urms(1/2) of the voltages of one meter, block by block.

    `sample_rate` [Hz]; `voltages` 1 to 3; `alive` [V] is what a fundamental must have to lead the
    edges. `store` keeps the newest samples, at least `kept` of them. How the stream is cut into
    blocks changes nothing.
    """

    def __init__(
        self,
        sample_rate: float,
        nominal_frequency: float,
        voltages: int,
        alive: float,
        kept: int = 0,
    ) -> None:
        half = 0.5 * sample_rate / nominal_frequency
        longest = math.ceil(half * (1.0 + _TRACKING)) + _BEFORE + _AFTER + 2
        self._half = half
        self._voltages = voltages
        self._alive = alive
        self.store = VoltageStore(voltages, max(longest, kept))
        self._clock = np.zeros(10)
        self._clock[[_EDGE, _HALF, _LENGTH]] = float(_BEFORE), half, half
        self._sums = np.zeros((2, 3, LANES))
        self._unknown = [np.zeros(0, np.int64)] * voltages

    def process(self, samples: NDArray[np.float32] | NDArray[np.float64]) -> HalfCycles:
        """Take the next samples (n, voltages or more) [V]; what is not finite has no RMS."""
        parts = []
        for n in range(0, len(samples), self.store.room):
            part = samples[n : n + self.store.room]
            if not self.store.take(part):
                self._note_unknown(part)
            parts.append(self._advance())
            self._withhold(parts[-1])
        return joined(parts)

    def gap(self, samples: int) -> None:
        """So many samples are missing here: the edges begin anew behind them."""
        self.store.gap(samples)
        self._clock[[_EDGE, _CALM, _STRANGE, _HALVES]] = self.store.origin + _BEFORE, 0, 0, 0

    def _note_unknown(self, part: NDArray[np.float32] | NDArray[np.float64]) -> None:
        """Remember where the samples that were taken last are no voltages."""
        begin = self.store.origin + self.store.filled - len(part)
        for k, known in enumerate((np.abs(part[:, : self._voltages]) < BEYOND).T):
            places = begin + np.flatnonzero(~known)
            self._unknown[k] = np.concatenate([self._unknown[k], places])

    def _withhold(self, cycles: HalfCycles) -> None:
        """Let values be NaN that were found with samples which are no voltages."""
        if not any(map(len, self._unknown)) or not len(cycles.values):
            return
        first = np.floor(cycles.begin) - _BEFORE
        last = np.floor(cycles.end) + _AFTER
        for k, places in enumerate(self._unknown):
            found = np.searchsorted(places, last) > np.searchsorted(places, first)
            cycles.values[found, RMS + k] = np.nan
            self._unknown[k] = places[np.searchsorted(places, first[-1]) :]

    def _advance(self) -> HalfCycles:
        store = self.store
        fresh = store.origin + store.filled - float(self._clock[_EDGE])
        shortest = self._half * (1.0 - _TRACKING) * (1.0 - _PULL_MAX)
        values = np.empty((max(int(fresh / shortest), 0) + 2, _COLUMNS))
        n = _halves(
            store.x, store.origin, store.filled, self._clock, self._sums, self._half,
            self._alive, self._voltages, values,
        )  # fmt: skip
        return HalfCycles(values[:n])


def joined(parts: list[HalfCycles]) -> HalfCycles:
    """The values of several stretches in one."""
    if len(parts) == 1:
        return parts[0]
    return HalfCycles(np.concatenate([np.empty((0, _COLUMNS)), *(p.values for p in parts)]))


@kernel
def _turn(c: float, s: float, step_c: float, step_s: float) -> tuple[float, float]:
    """cos and sin of an angle, a step on."""
    return c * step_c - s * step_s, s * step_c + c * step_s


@kernel
def _with_sample(sums: Sums, u: Quad, w: float, c: float, s: float) -> Sums:
    """The sums with a sample of weight `w` at an angle of cos `c` and sin `s`."""
    p, r, i = sums
    weighted = u * w
    return p + weighted * u, r + weighted * c, i - weighted * s


@kernel
def _inner_sums(
    x: Quads, n0: int, n1: int, turn: tuple[float, float, float, float], sums: Sums
) -> tuple[Sums, float, float]:
    """The sums with the whole samples n0 .. n1 - 1; and cos and sin at n1.

    `turn` is cos and sin at n0, and of one step. Every other sample has an oscillator of its own,
    so that they need not wait for each other.
    """
    c, s, step_c, step_s = turn
    next_c, next_s = _turn(c, s, step_c, step_s)
    double_c, double_s = _turn(step_c, step_s, step_c, step_s)
    p, r, i = sums
    for n in range(n0, n1 - 1, 2):
        u, v = quad_at(x, n), quad_at(x, n + 1)
        p += u * u + v * v
        r += u * c + v * next_c
        i -= u * s + v * next_s
        c, s = _turn(c, s, double_c, double_s)
        next_c, next_s = _turn(next_c, next_s, double_c, double_s)
    found = p, r, i
    if n1 > n0 and (n1 - n0) & 1:
        found = _with_sample(found, quad_at(x, n1 - 1), 1.0, c, s)
        c, s = next_c, next_s
    return found, c, s


@kernel
def _half_sums(
    x: Quads, first: int, fraction: float, length: float, edges: Floats, sums: Quads
) -> None:
    """Rows of u², u cos, -u sin (3, lanes) of a half that begins `fraction` behind `first`.

    `edges` (2, 4) is room for the weights at its begin and end.
    """
    omega = math.pi / length
    head, tail = edges
    cubic_step(fraction, head)
    end = fraction + length
    last = math.floor(end)
    cubic_step(end - last, tail)
    angle = -omega * (_BEFORE + fraction)
    c, s = math.cos(angle), math.sin(angle)
    step_c, step_s = math.cos(omega), math.sin(omega)
    found = quad_of(0.0), quad_of(0.0), quad_of(0.0)
    for e in range(4):
        found = _with_sample(found, quad_at(x, first + e - _BEFORE), head[e], c, s)
        c, s = _turn(c, s, step_c, step_s)
    found, c, s = _inner_sums(
        x, first + _AFTER, first + last - _BEFORE, (c, s, step_c, step_s), found
    )
    if last - _BEFORE < _AFTER:
        # so short that both edges touch the same samples
        angle = omega * (last - _BEFORE - fraction)
        c, s = math.cos(angle), math.sin(angle)
    for e in range(4):
        whole = 1.0 if last + e - _BEFORE >= _AFTER else 0.0
        found = _with_sample(found, quad_at(x, first + last + e - _BEFORE), whole - tail[e], c, s)
        c, s = _turn(c, s, step_c, step_s)
    for k, total in enumerate(found):
        write(total, sums, k)


@kernel
def _sequence(sums: Quads, length: float) -> tuple[float, float]:
    """Phase [rad] at the begin of a cycle of two halves, and RMS [V], of the stronger sequence."""
    turn_re, turn_im = -0.5, 0.5 * math.sqrt(3.0)
    best_re = best_im = best = 0.0
    for sign in (1.0, -1.0):
        re = im = 0.0
        turn = complex(1.0, 0.0)
        for k in range(PHASES):
            z = complex(sums[0, 1, k] - sums[1, 1, k], sums[0, 2, k] - sums[1, 2, k]) * turn
            re += z.real
            im += z.imag
            turn *= complex(turn_re, sign * turn_im)
        if re * re + im * im > best:
            best_re, best_im, best = re, im, re * re + im * im
    # a sine that begins here gives -j: its phase is that of j times the sum
    return math.atan2(best_re, -best_im), math.sqrt(0.5 * best) / length


@kernel
def _rest(angle: float, turn: float) -> float:
    """The angle within half a turn of zero."""
    return angle - turn * math.floor(angle / turn + 0.5)


@kernel
def _steer(clock: Floats, phase: float, strength: float, alive: float, nominal: float) -> None:
    """Let the clock follow the phase measured over the last cycle."""
    half = clock[_HALF]
    clock[_LENGTH] = half
    if strength < alive:
        return
    stepped = abs(strength - clock[_STRENGTH]) > _STEP * strength
    clock[_STRENGTH] = strength
    turned = _rest(phase - clock[_PHASE] - math.pi, 2.0 * math.pi)
    clock[_PHASE] = phase
    if clock[_HALVES] == _FIRST:
        return
    settled = clock[_CALM] >= _SETTLED_HALVES
    if settled and (stepped or abs(turned) > _JUMP_RAD):
        clock[_STRANGE] += 1
        if clock[_STRANGE] > _STRANGE_MAX:
            clock[_CALM] = clock[_STRANGE] = 0
        return
    if clock[_STRANGE] > 0:
        # the cycle before held the jump: its phase tells nothing of the frequency
        clock[_STRANGE] = 0
        return
    clock[_CALM] = clock[_CALM] + 1 if settled or abs(turned) < _SETTLED_RAD else 0
    measured = clock[_HOP] * (1.0 - turned / math.pi)
    half += (_BEND if settled else _BEND_FAST) * (measured - half)
    half = min(max(half, nominal * (1.0 - _TRACKING)), nominal * (1.0 + _TRACKING))
    ahead = _rest(phase, math.pi) / math.pi
    if clock[_CALM] == _SETTLED_HALVES:
        clock[_EDGE] += half * (-ahead if ahead <= 0.0 else 1.0 - ahead)
        clock[_HALVES] = 0
        ahead = 0.0
    clock[_HALF] = half
    clock[_LENGTH] = half * (1.0 - min(max(_PULL * ahead, -_PULL_MAX), _PULL_MAX))


@kernel
def _halves(
    x: Quads,
    origin: int,
    filled: int,
    clock: Floats,
    sums: Quads,
    nominal: float,
    alive: float,
    voltages: int,
    values: Floats,
) -> int:
    """Every half that is complete in the first `filled` rows; gives how many `values` it wrote."""
    count = 0
    edges = np.empty((2, _BEFORE + _AFTER))
    while count < values.shape[0]:
        begin, length = clock[_EDGE], clock[_LENGTH]
        first = math.floor(begin)
        fraction = begin - first
        if first - origin + math.floor(fraction + length) + _AFTER > filled:
            break
        sums[0] = sums[1]
        _half_sums(x, first - origin, fraction, length, edges, sums[1])
        cycle = clock[_LAST] + length
        clock[_LAST] = length
        clock[_EDGE] = begin + length
        clock[_HALVES] += 1
        if clock[_HALVES] < 2:
            clock[_LENGTH] = clock[_HALF]
            continue
        phase, strength = _sequence(sums, 0.5 * cycle)
        _steer(clock, phase, strength, alive, nominal)
        clock[_HOP] = cycle - length
        values[count, BEGIN] = begin + length - cycle
        values[count, END] = begin + length
        for k in range(PHASES):
            rms = square = math.nan
            if k < voltages:
                rms = math.sqrt(max(sums[0, 0, k] + sums[1, 0, k], 0.0) / cycle)
                square = max(sums[1, 0, k], 0.0) / length
            values[count, RMS + k], values[count, HALF_SQUARE + k] = rms, square
        count += 1
    return count
