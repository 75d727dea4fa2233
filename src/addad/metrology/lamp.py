"""What a lamp and an eye let through of a voltage's fluctuation, as digital filters.

The response is that of IEC 61000-4-15, for a lamp of 230 V and one of 120 V.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_HIGH_PASS_HZ = 0.05
_SMOOTHING_S = 0.3


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
CUT_OFF = {50.0: 35.0, 60.0: 42.0}
_REFERENCE = {230: (8.8, 0.24987), 120: (8.8, 0.32083)}
"""Sine modulation [Hz, % of dV/V, peak to peak] of the just perceptible flicker, P_inst = 1.

Published as 0.250 and 0.321; the digits behind are those that fit the rectangular test points best.
"""


def lamp_sections(volts: int, nominal_frequency: float, rate: float) -> Floats:
    """IEC 61000-4-15: second-order sections (7, 5) b0 b1 b2 a1 a2 at a sampling rate [Hz].

    High-pass, three of the Butterworth low-pass, two of lamp and eye; the last is the smoothing
    behind the squarer. The gain makes P_inst 1 at the reference modulation of the lamp.
    """
    lamp = LAMPS[volts]
    cut = CUT_OFF[nominal_frequency]
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
    hertz, percent = _REFERENCE[volts]
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
