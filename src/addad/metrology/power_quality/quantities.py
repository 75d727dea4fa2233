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
from addad.metrology.kernels import kernel
from addad.metrology.quantities import PHASES
from addad.metrology.window import Window

Floats = NDArray[np.float64]
Phasors = NDArray[np.complex128]

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


COLUMNS, COUNT = _columns(
    ("u_rms", PHASES),
    ("i_rms", CURRENTS),
    ("u_under", PHASES),
    ("u_over", PHASES),
    ("u_signalling", PHASES),
    ("unbalance", 2),
    ("u_harmonics", PHASES * _ORDERS),
    ("i_harmonics", CURRENTS * _ORDERS),
    ("p", PHASES),
    ("q", PHASES),
    ("s", PHASES),
    ("totals", 3),
    ("frequency", 1),
)
"""Where each value stands in a window's vector, in the order in which `_fill` writes them."""
_SQUARES = COLUMNS["p"].start
"""So many are averaged by their squares, those behind them plainly."""


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


@kernel
def unbalance(u1: Phasors) -> tuple[float, float]:
    """IEC 61000-4-30: u2 = |U-| / |U+| and u0 = |U0| / |U+| of phasors (3,)."""
    positive = abs(u1[0] + _TURN * u1[1] + _BACK * u1[2])
    if not positive > 0.0:
        return math.nan, math.nan
    negative = abs(u1[0] + _BACK * u1[1] + _TURN * u1[2])
    return negative / positive, abs(u1[0] + u1[1] + u1[2]) / positive


@kernel
def _put(values: Floats, room: int, row: Floats, k: int) -> int:
    """Write some values from the place `k` of a row on, NaN behind them; gives the next place."""
    for n in range(room):
        row[k + n] = values[n] if n < len(values) else math.nan
    return k + room


@kernel
def _fill(
    voltages: tuple[Floats, Floats, Phasors],
    currents: tuple[Floats, Floats],
    powers: tuple[Floats, Floats, Floats],
    totals: tuple[Floats, Floats, Floats],
    frequency: Floats,
    signalling: Floats,
    declared: float,
    row: Floats,
) -> None:
    """A window's values by COLUMNS, from its arrays of one meter.

    Of the voltages and the currents: RMS, harmonics; and the voltages' phasors.
    """
    u_rms, u_harmonics, u_phasors = voltages
    i_rms, i_harmonics = currents
    k = _put(u_rms[0], PHASES, row, 0)
    k = _put(i_rms[0], CURRENTS, row, k)
    for c in range(PHASES):
        u = u_rms[0, c]
        row[k + c] = declared if u > declared else u
        row[k + PHASES + c] = declared if u < declared else u
    k = _put(signalling, PHASES, row, k + 2 * PHASES)
    row[k], row[k + 1] = unbalance(u_phasors[0, :, 1])
    k += 2
    for c in range(PHASES):
        k = _put(u_harmonics[0, c], _ORDERS, row, k)
    for c in range(CURRENTS):
        known = i_harmonics[0, c] if c < i_harmonics.shape[1] else i_rms[0, :0]
        k = _put(known, _ORDERS, row, k)
    for n in range(k):
        row[n] *= row[n]
    for power in powers:
        k = _put(power[0], PHASES, row, k)
    for total in totals:
        k = _put(total, 1, row, k)
    row[k] = frequency[0]


def row_of(window: Window, declared: float, signalling: Floats) -> Floats:
    """The values of a window of one meter, by COLUMNS: squares, and behind them plain ones."""
    row = np.empty(COUNT)
    _fill(
        (window.u_rms, window.u_harmonics, window.u_phasors),
        (window.i_rms, window.i_harmonics),
        (window.p, window.q, window.s),
        (window.p_total, window.q_total, window.s_total),
        window.frequency,
        signalling,
        declared,
        row,
    )
    return row


def values_of(means: Floats, declared: float) -> QualityValues:
    """IEC 61000-4-30: the values of an interval from the means of its windows' rows.

    u_under = (Udin - rms(min(U, Udin))) / Udin, u_over = (rms(max(U, Udin)) - Udin) / Udin.
    """
    roots = np.sqrt(means[:_SQUARES])
    return QualityValues(
        u_rms=roots[COLUMNS["u_rms"]],
        i_rms=roots[COLUMNS["i_rms"]],
        u_under=(declared - roots[COLUMNS["u_under"]]) / declared,
        u_over=(roots[COLUMNS["u_over"]] - declared) / declared,
        u_signalling=roots[COLUMNS["u_signalling"]],
        unbalance=roots[COLUMNS["unbalance"]],
        u_harmonics=roots[COLUMNS["u_harmonics"]].reshape(PHASES, _ORDERS),
        i_harmonics=roots[COLUMNS["i_harmonics"]].reshape(CURRENTS, _ORDERS),
        p=means[COLUMNS["p"]],
        q=means[COLUMNS["q"]],
        s=means[COLUMNS["s"]],
        totals=means[COLUMNS["totals"]],
        frequency=float(means[COLUMNS["frequency"]][0]),
    )
