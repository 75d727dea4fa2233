"""Symmetrical components of three phases, and unbalance.

Unbalance by the negative and the zero sequence is that of IEC 61000-4-30; the components are
Fortescue's. All functions work on arrays over meters and are calculated when asked.
"""

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.metrology.quantities import PHASES
from addad.metrology.window import Window, of_phases

Floats = NDArray[np.float64]
Phasors = NDArray[np.complex128]

_TURN = cmath.exp(2j * math.pi / PHASES)
ZERO, POSITIVE, NEGATIVE = range(3)
"""The columns of components."""
_TO_COMPONENTS = (
    np.array([[1, 1, 1], [1, _TURN, _TURN**2], [1, _TURN**2, _TURN]], np.complex128) / PHASES
)


def components(phases: Phasors) -> Phasors:
    """Fortescue's zero, positive and negative sequence (..., 3) of phasors of L1 to L3 (..., 3).

    X0 = (X1 + X2 + X3)/3, X+ = (X1 + a X2 + a² X3)/3, X- = (X1 + a² X2 + a X3)/3, a = exp(2πj/3).
    """
    return np.asarray(phases @ _TO_COMPONENTS.T)


@dataclass(frozen=True, slots=True)
class SequenceComponents:
    """Fundamentals of a window as zero, positive and negative sequence: `u` and `i` (m, 3) [V, A].

    NaN where one of the three channels is not there.
    """

    u: Phasors
    i: Phasors

    @property
    def u2(self) -> Floats:
        """IEC 61000-4-30: unbalance u2 = |U-| / |U+| of the voltages (m,), as a ratio."""
        return _ratio(self.u, NEGATIVE)

    @property
    def u0(self) -> Floats:
        """IEC 61000-4-30: unbalance u0 = |U0| / |U+| of the voltages (m,), as a ratio."""
        return _ratio(self.u, ZERO)

    @property
    def i2(self) -> Floats:
        """Negative over positive sequence of the currents (m,), as a ratio."""
        return _ratio(self.i, NEGATIVE)

    @property
    def i0(self) -> Floats:
        """Zero over positive sequence of the currents (m,), as a ratio."""
        return _ratio(self.i, ZERO)

    @property
    def reversed(self) -> NDArray[np.bool_]:
        """Where the voltages follow each other L1, L3, L2 (m,)."""
        return np.asarray(np.abs(self.u[:, NEGATIVE]) > np.abs(self.u[:, POSITIVE]))


def _ratio(parts: Phasors, of: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(parts[:, of]) / np.abs(parts[:, POSITIVE])
    return np.where(np.isinf(ratio), np.nan, ratio)


def sequence_components(window: Window) -> SequenceComponents:
    """The symmetrical components of a window's fundamentals."""
    currents = of_phases(window.i_phasors[:, :, 1])
    return SequenceComponents(components(window.u_phasors[:, :, 1]), components(currents))


def negative_sequence_of_lines(u_line: Floats) -> Floats:
    """IEC 61000-4-30: u2 (...), a ratio, from the RMS of U12, U23, U31 (..., 3), fundamental alone.

    u2 = sqrt((1 - r)/(1 + r)), r = sqrt(3 - 6 b), b = Σ U⁴ / (Σ U²)²: what three wires allow.
    """
    squares = np.square(u_line)
    beta = np.sum(np.square(squares), axis=-1) / np.square(np.sum(squares, axis=-1))
    root = np.sqrt(np.clip(3.0 - 6.0 * beta, 0.0, 1.0))
    return np.asarray(np.sqrt((1.0 - root) / (1.0 + root)))
