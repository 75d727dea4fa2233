"""What is averaged over the intervals of power quality, as one vector a window.

By IEC 61000-4-30 values of longer intervals are root mean squares of those of ten or twelve cycles;
powers and flags of direction, which may change sign, are plain means.
"""

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.metrology.harmonics import ORDERS_MAX
from addad.metrology.quantities import PHASES
from addad.metrology.window import Window

Floats = NDArray[np.float64]

_ORDERS = ORDERS_MAX + 1
_TURN = cmath.exp(2j * cmath.pi / 3.0)
_BACK = _TURN.conjugate()
CURRENTS = 4


def _columns(*widths: tuple[str, int]) -> tuple[dict[str, slice], int]:
    places: dict[str, slice] = {}
    at = 0
    for name, width in widths:
        places[name] = slice(at, at + width)
        at += width
    return places, at


SQUARES, SQUARE_COUNT = _columns(
    ("u_rms", PHASES),
    ("i_rms", CURRENTS),
    ("u_under", PHASES),
    ("u_over", PHASES),
    ("u_signalling", PHASES),
    ("unbalance", 2),
    ("u_harmonics", PHASES * _ORDERS),
    ("i_harmonics", CURRENTS * _ORDERS),
)
MEANS, MEAN_COUNT = _columns(
    ("p", PHASES), ("q", PHASES), ("s", PHASES), ("totals", 3), ("frequency", 1)
)


@dataclass(frozen=True, slots=True)
class QualityValues:
    """Means of an interval. Voltages [V] (3,), currents [A] (4,), harmonics (channels, 51).

    `u_under` and `u_over` are the deviations below and above the declared voltage, as shares of
    it; `u_signalling` [V] is that of the mains signalling; `unbalance` holds the negative and the
    zero sequence's share of the positive one. Powers [W, var, VA] are by phase and in total.
    NaN is what has no channel, or was not asked for.
    """

    u_rms: Floats
    i_rms: Floats
    u_under: Floats
    u_over: Floats
    u_signalling: Floats
    unbalance: Floats
    u_harmonics: Floats
    i_harmonics: Floats
    p: Floats
    q: Floats
    s: Floats
    totals: Floats
    frequency: float

    @property
    def thd_u(self) -> Floats:
        """Distortion of the voltages (3,) over all orders measured, as a ratio."""
        return _distortion(self.u_harmonics)

    @property
    def thd_i(self) -> Floats:
        """Distortion of the currents (4,), as a ratio."""
        return _distortion(self.i_harmonics)


def _distortion(harmonics: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.nansum(harmonics[:, 2:] ** 2, axis=1)) / harmonics[:, 1])


def unbalance(u1: NDArray[np.complex128]) -> tuple[float, float]:
    """u2 and u0: negative and zero sequence over the positive one, of phasors (3,)."""
    first, second, third = u1.tolist()
    positive = abs(first + _TURN * second + _BACK * third)
    if not positive > 0.0:
        return math.nan, math.nan
    negative = abs(first + _BACK * second + _TURN * third)
    return negative / positive, abs(first + second + third) / positive


def squares_of(window: Window, declared: float, signalling: Floats) -> Floats:
    """The squared values of a window of one meter, by SQUARES."""
    row = np.full(SQUARE_COUNT, np.nan)
    u = window.u_rms[0]
    row[SQUARES["u_rms"]] = u
    currents = window.i_rms.shape[1]
    row[SQUARES["i_rms"]][:currents] = window.i_rms[0]
    row[SQUARES["u_under"]] = np.minimum(u, declared)
    row[SQUARES["u_over"]] = np.maximum(u, declared)
    row[SQUARES["u_signalling"]] = signalling
    row[SQUARES["unbalance"]] = unbalance(window.u_phasors[0, :, 1])
    row[SQUARES["u_harmonics"]] = window.u_harmonics[0].ravel()
    row[SQUARES["i_harmonics"]][: currents * _ORDERS] = window.i_harmonics[0].ravel()
    return np.asarray(row * row)


def means_of(window: Window) -> Floats:
    """The plainly averaged values of a window of one meter, by MEANS."""
    row = np.empty(MEAN_COUNT)
    row[MEANS["p"]] = window.p[0]
    row[MEANS["q"]] = window.q[0]
    row[MEANS["s"]] = window.s[0]
    row[MEANS["totals"]] = window.p_total[0], window.q_total[0], window.s_total[0]
    row[MEANS["frequency"]] = window.frequency[0]
    return row


def values_of(squares: Floats, means: Floats, declared: float) -> QualityValues:
    """The values of an interval from its mean squares and means."""
    roots = np.sqrt(squares)
    frequency = means[MEANS["frequency"]][0]
    return QualityValues(
        u_rms=roots[SQUARES["u_rms"]],
        i_rms=roots[SQUARES["i_rms"]],
        u_under=(declared - roots[SQUARES["u_under"]]) / declared,
        u_over=(roots[SQUARES["u_over"]] - declared) / declared,
        u_signalling=roots[SQUARES["u_signalling"]],
        unbalance=roots[SQUARES["unbalance"]],
        u_harmonics=roots[SQUARES["u_harmonics"]].reshape(PHASES, _ORDERS),
        i_harmonics=roots[SQUARES["i_harmonics"]].reshape(CURRENTS, _ORDERS),
        p=means[MEANS["p"]],
        q=means[MEANS["q"]],
        s=means[MEANS["s"]],
        totals=means[MEANS["totals"]],
        frequency=float(frequency),
    )
