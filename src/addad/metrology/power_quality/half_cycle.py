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

from addad.metrology.cycles import cubic_step
from addad.metrology.kernels import kernel
from addad.metrology.power_quality.voltage_store import VoltageStore
from addad.metrology.quantities import PHASES

_BEFORE, _AFTER = 1, 3
_TRACKING = 0.2
_BEND, _BEND_FAST = 0.1, 0.5
_PULL = 0.1
_PULL_MAX = 0.005
_JUMP_RAD = 0.15
_STEP = 0.005
_STRANGE_MAX = 50
_SETTLED_RAD = 0.02
_SETTLED_HALVES = 6
_FIRST = 2

Floats = NDArray[np.float64]


_EDGE, _HALF, _LENGTH, _LAST, _HOP, _PHASE, _STRENGTH, _CALM, _STRANGE, _HALVES = range(10)
"""What the clock's array holds.

The next half begins at the edge [samples]. A half is so many samples long, the next one will be
`_LENGTH` and the last one was `_LAST`. The last cycle began a hop [samples] behind the one before
it, with the fundamental at a phase [rad] and of a strength [V]. Then: halves in step, halves whose
phase or strength jumped, and halves that follow each other without a break.
"""


@dataclass(frozen=True, slots=True)
class HalfCycles:
    """Values of Urms(1/2) in their order: (k,) and (k, 3).

    `begin` and `end` [samples since the stream's first] bound the cycle of a value; `rms` [V] is
    its RMS, `half_square` [V²] the mean square of its second half, both NaN without a channel.
    """

    begin: Floats
    end: Floats
    rms: Floats
    half_square: Floats


class HalfCycleRms:
    """The half-cycle values of the voltages of one meter, block by block.

    `sample_rate` [Hz]; `voltages` 1 to 3; `alive` [V] is what a fundamental must have to lead the
    edges. How the stream is cut into blocks changes nothing.
    """

    def __init__(
        self, sample_rate: float, nominal_frequency: float, voltages: int, alive: float
    ) -> None:
        half = 0.5 * sample_rate / nominal_frequency
        longest = math.ceil(half * (1.0 + _TRACKING)) + _BEFORE + _AFTER + 2
        self._half = half
        self._voltages = voltages
        self._alive = alive
        self._store = VoltageStore(voltages, longest)
        self._clock = np.zeros(10)
        self._clock[[_EDGE, _HALF, _LENGTH]] = float(_BEFORE), half, half
        self._sums = np.zeros((3, PHASES, 2))

    def process(self, samples: NDArray[np.float32] | NDArray[np.float64]) -> HalfCycles:
        """Take the next samples (n, voltages or more) [V]; what is not finite counts as zero."""
        parts = []
        for n in range(0, len(samples), self._store.room):
            self._store.take(samples[n : n + self._store.room])
            parts.append(self._advance())
        return parts[0] if len(parts) == 1 else joined(parts)

    def gap(self, samples: int) -> None:
        """So many samples are missing here: the edges begin anew behind them."""
        self._store.gap(samples)
        self._clock[[_EDGE, _CALM, _STRANGE, _HALVES]] = self._store.origin + _BEFORE, 0, 0, 0

    def _advance(self) -> HalfCycles:
        store = self._store
        room = int(store.filled / (self._half * (1.0 - _TRACKING))) + 2
        out = np.empty((room, 2 + 2 * PHASES))
        n = _halves(
            store.x, store.origin, store.filled, self._clock, self._sums, self._half,
            self._alive, out,
        )  # fmt: skip
        out = out[:n]
        out[:, 2 + self._voltages : 2 + PHASES] = math.nan
        out[:, 2 + PHASES + self._voltages :] = math.nan
        return HalfCycles(out[:, 0], out[:, 1], out[:, 2 : 2 + PHASES], out[:, 2 + PHASES :])


def joined(parts: list[HalfCycles]) -> HalfCycles:
    """The values of several stretches in one."""
    if not parts:
        none = np.empty(0)
        return HalfCycles(none, none, np.empty((0, PHASES)), np.empty((0, PHASES)))
    return HalfCycles(
        np.concatenate([p.begin for p in parts]),
        np.concatenate([p.end for p in parts]),
        np.concatenate([p.rms for p in parts]),
        np.concatenate([p.half_square for p in parts]),
    )


@kernel
def _weighted(x: Floats, n: int, w: float, c: float, s: float, sums: Floats) -> None:
    """Add a sample of weight `w` at an angle of cos `c` and sin `s` to the sums."""
    for k in range(PHASES):
        u = w * x[n, k]
        sums[0, k] += u * x[n, k]
        sums[1, k] += u * c
        sums[2, k] -= u * s


@kernel
def _inner_sums(
    x: Floats, n0: int, n1: int, turn: tuple[float, float, float, float], sums: Floats
) -> tuple[float, float]:
    """Add the whole samples n0 .. n1 - 1 to the sums; gives cos and sin at n1.

    `turn` is cos and sin at n0, and of one step.
    """
    c, s, step_c, step_s = turn
    p0 = p1 = p2 = r0 = r1 = r2 = i0 = i1 = i2 = 0.0
    for n in range(n0, n1):
        u0, u1, u2 = x[n, 0], x[n, 1], x[n, 2]
        p0 += u0 * u0
        p1 += u1 * u1
        p2 += u2 * u2
        r0 += u0 * c
        r1 += u1 * c
        r2 += u2 * c
        i0 += u0 * s
        i1 += u1 * s
        i2 += u2 * s
        c, s = c * step_c - s * step_s, s * step_c + c * step_s
    sums[0, 0] += p0
    sums[0, 1] += p1
    sums[0, 2] += p2
    sums[1, 0] += r0
    sums[1, 1] += r1
    sums[1, 2] += r2
    sums[2, 0] -= i0
    sums[2, 1] -= i1
    sums[2, 2] -= i2
    return c, s


@kernel
def _half_sums(x: Floats, first: int, fraction: float, length: float, sums: Floats) -> None:
    """Sums (3, phases) of u², u cos, -u sin over a half that begins `fraction` behind `first`."""
    sums[:] = 0.0
    omega = math.pi / length
    head, tail = np.empty(4), np.empty(4)
    cubic_step(fraction, head)
    end = fraction + length
    last = math.floor(end)
    cubic_step(end - last, tail)
    angle = -omega * (_BEFORE + fraction)
    c, s = math.cos(angle), math.sin(angle)
    step_c, step_s = math.cos(omega), math.sin(omega)
    for e in range(4):
        _weighted(x, first + e - _BEFORE, head[e], c, s, sums)
        c, s = c * step_c - s * step_s, s * step_c + c * step_s
    c, s = _inner_sums(x, first + _AFTER, first + last - _BEFORE, (c, s, step_c, step_s), sums)
    if last - _BEFORE < _AFTER:
        # so short that both edges touch the same samples
        angle = omega * (last - _BEFORE - fraction)
        c, s = math.cos(angle), math.sin(angle)
    for e in range(4):
        whole = 1.0 if last + e - _BEFORE >= _AFTER else 0.0
        _weighted(x, first + last + e - _BEFORE, whole - tail[e], c, s, sums)
        c, s = c * step_c - s * step_s, s * step_c + c * step_s


@kernel
def _sequence(sums: Floats, length: float) -> tuple[float, float]:
    """Phase [rad] at the begin of a cycle of two halves, and RMS [V], of the stronger sequence."""
    turn_re, turn_im = -0.5, 0.5 * math.sqrt(3.0)
    best_re = best_im = best = 0.0
    for sign in (1.0, -1.0):
        re = im = 0.0
        turn = complex(1.0, 0.0)
        for k in range(PHASES):
            z = complex(sums[1, k, 0] - sums[1, k, 1], sums[2, k, 0] - sums[2, k, 1]) * turn
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
    x: Floats,
    origin: int,
    filled: int,
    clock: Floats,
    sums: Floats,
    nominal: float,
    alive: float,
    out: Floats,
) -> int:
    """Every half that is complete in the first `filled` rows; gives the values written to `out`."""
    count = 0
    part = np.empty((3, PHASES))
    while count < out.shape[0]:
        begin, length = clock[_EDGE], clock[_LENGTH]
        first = math.floor(begin)
        fraction = begin - first
        if first - origin + math.floor(fraction + length) + _AFTER > filled:
            break
        _half_sums(x, first - origin, fraction, length, part)
        sums[:, :, 0] = sums[:, :, 1]
        sums[:, :, 1] = part
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
        out[count, 0] = begin + length - cycle
        out[count, 1] = begin + length
        for k in range(PHASES):
            out[count, 2 + k] = math.sqrt(max(sums[0, k, 0] + sums[0, k, 1], 0.0) / cycle)
            out[count, 2 + PHASES + k] = max(sums[0, k, 1], 0.0) / length
        count += 1
    return count
