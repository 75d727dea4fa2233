"""The iron of a transformer: what it takes to be magnetized is missing at the secondary.

With m the current that an inductance without iron's whims would take, y what is left of x:

    dm/dt = ω_c (x − e),   y = x − e,   e = (m + loss y) k(m) + m (|m| / m_s)^12
    k(m)  = 1 + rise / (1 + |m| / m_k)

ω_c is resistance over inductance; `rise` is how much more a weak field takes, so that phase
displacement and ratio error grow at low currents; beyond m_s the iron is saturated. A direct
current drives m up until e carries it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS_MAX = 40
_SETTLED = 1e-9
_STIFF = 0.7
_BALANCED = 1e-12
_POINTS = 128
_FAR = 3.0
_BEYOND = 1e9


class Core(NamedTuple):
    """A core in the units of its primary: `corner` is ω_c [rad/s]; a corner of 0 is no core."""

    corner: float = 0.0
    rise: float = 0.0
    knee: float = 1.0
    saturation: float = np.inf
    loss: float = 0.0


@njit(cache=True)
def _taken(m: float, rise: float, knee: float, saturation: float) -> tuple[float, float, float]:
    """k(m), the saturated part of e, and an upper bound of the slope of e over m."""
    size = abs(m)
    k = 1.0 + rise / (1.0 + size / knee)
    over = size / saturation
    if over < 0.05:
        return k, 0.0, k
    fourth = over * over * over * over
    twelfth = fourth * fourth * fourth
    return k, m * twelfth, k + 13.0 * twelfth


@njit(cache=True)
def magnetize(
    block: Floats, cores: Floats, state: Floats, rate: float, out: Floats
) -> None:  # pragma: no cover - compiled
    """Write `out` (channels, n): what the cores leave of `block` (n, channels).

    In place of a sample that is no number, or beyond 1e9, the last one holds. `cores` (channels, 5)
    are Core by channel; `state` (channels, 3) is x, m and y of the sample before. The trapezoidal
    rule, and deep in saturation the backward one of Euler, which does not ring; both by Newton's
    method.
    """
    for channel in range(block.shape[1]):
        corner, rise, knee, saturation, loss = cores[channel]
        last_x, m, y = state[channel, 0], state[channel, 1], state[channel, 2]
        half = 0.5 * corner / rate
        for n in range(block.shape[0]):
            x = block[n, channel]
            if not abs(x) < _BEYOND:
                x = last_x
            last_x = x
            if corner <= 0.0:
                out[channel, n] = x
                continue
            stiff = half * _taken(m, rise, knee, saturation)[2] > _STIFF
            base = m if stiff else m + half * y
            share = 2.0 * half if stiff else half
            for _ in range(_STEPS_MAX):
                k, saturated, slope = _taken(m, rise, knee, saturation)
                y = (x - m * k - saturated) / (1.0 + loss * k)
                step = (base + share * y - m) / (1.0 + share * slope)
                step = min(max(step, -0.5 * saturation), 0.5 * saturation)
                m += step
                if abs(step) <= _SETTLED * (abs(m) + share * abs(x)):
                    break
            k, saturated, _ = _taken(m, rise, knee, saturation)
            y = (x - m * k - saturated) / (1.0 + loss * k)
            out[channel, n] = y
        state[channel, 0], state[channel, 1], state[channel, 2] = last_x, m, y


def core_response(core: Core, frequency: float, rms: float) -> complex:
    """The fundamental of y over that of x, a sine of `rms` at `frequency` [Hz].

    One frequency is balanced: m is taken as a sine. That is exact where the core is not saturated,
    and tells nothing beyond it.
    """
    if core.corner <= 0.0:
        return complex(1.0)
    x = complex(np.sqrt(2.0) * max(rms, 1e-12))
    angle = 2.0 * np.pi * np.arange(_POINTS) / _POINTS
    turning, y = np.exp(1j * angle), x
    for _ in range(200):
        magnetizing = core.corner / (2j * np.pi * frequency) * y
        m, left = (magnetizing * turning).real, (y * turning).real
        k = 1.0 + core.rise / (1.0 + np.abs(m) / core.knee)
        taken = (m + core.loss * left) * k + m * np.minimum(np.abs(m) / core.saturation, _FAR) ** 12
        better = 0.5 * y + 0.5 * (x - 2.0 * complex(np.mean(taken * turning.conj())))
        better *= min(1.0, abs(x) / max(abs(better), 1e-300))
        settled = abs(better - y) <= _BALANCED * abs(x)
        y = better
        if settled:
            break
    return y / x
