"""What an instrument tells of one window, and what was wrong with it."""

from dataclasses import dataclass
from enum import IntFlag
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from addad.metrology.energy import EnergyIncrement
from addad.metrology.quantities import PHASES

Floats = NDArray[np.float64]
Phasors = NDArray[np.complex128]
_Number = TypeVar("_Number", np.float64, np.complex128)


class WindowFlag(IntFlag):
    """What keeps a window from being a plain measurement of whole cycles."""

    NONE = 0
    NO_VOLTAGE = 1
    """No voltage to measure the frequency from: the currents tell it, or the window is nominal."""
    MISSING_L1 = 2
    MISSING_L2 = 4
    MISSING_L3 = 8
    DC_ONLY = 16
    """The voltages are direct ones: the window has its nominal length."""
    FREQUENCY_OUT_OF_RANGE = 32
    """Beyond 0.85 to 1.15 of the nominal frequency."""
    FREQUENCY_ASSUMED = 64
    """The frequency could not be measured: the window has its nominal length."""
    NOT_FINITE = 128
    """Samples were NaN, infinite, or beyond twice their channel's limit, and count as zero."""
    SATURATED = 256
    """Samples reached the limit of their channel, and count as the limit."""
    GAP = 512
    """Samples are missing before this window."""
    UNSTEADY = 1024
    """Voltage or frequency changed so much within the window that its frequency is blurred."""
    PARTIAL = 2048
    """Shorter than a window."""
    OVERLAP = 4096
    """The stream was resynchronised in this window: the next one begins before this one ends."""
    SAMPLE_RATE_OFF = 8192
    """Samples do not come at the rate they are said to: frequency and energy are off as much."""
    CLOCK_JUMP = 16384
    """The time of day jumped before this window."""


_ENERGY_IN_DOUBT = int(
    WindowFlag.NOT_FINITE | WindowFlag.SATURATED | WindowFlag.GAP | WindowFlag.SAMPLE_RATE_OFF
)


@dataclass(frozen=True)
class Window:
    """Measurements of one window of whole cycles, as arrays over meters (m).

    Voltages come as (m, 3) [V], currents as (m, C) [A] by the settings' currents, powers as (m, 3)
    [W, var, VA]; what has no channel is NaN. Totals (m,) are vector sums of P and Q, and the plain
    sum of S; PF = P / S; THD is a ratio, to the fundamental. Angles [rad] are against the
    fundamental of the voltage of L1, or of the first voltage that lives, or without any of the
    first current. Powers follow the load's arrow: import is positive, Q of the fundamental is
    positive when an inductive load imports it.
    `index` counts a meter's windows; `start_s` is seconds from the stream's first sample.
    Harmonics hold RMS values by order, order 0 the mean's magnitude, NaN above `highest_order`.
    Phasors (m, channels, 51) are complex RMS values of the lines on the harmonics: those of sines,
    their time counted from the positive zero of the reference's fundamental, so that
    x(t) = X_0 + sqrt(2) sum |X_h| sin(h w t + arg X_h) and P_h = Re(U_h conj I_h); X_0 is the mean.
    Peaks are the largest magnitudes; `u_line_rms` (m, 3) is U12, U23, U31;
    `i_neutral_calculated` (m,) is the RMS of i1 + i2 + i3.
    With the setting `interharmonics`, RMS values by order (m, channels, 51) of harmonic groups, of
    interharmonic groups (behind their order) and, as interharmonics, of the centred subgroups
    within those; NaN in a partial window.
    """

    meters: NDArray[np.int64]
    index: NDArray[np.int64]
    start_s: Floats
    duration_s: Floats
    cycles: NDArray[np.int64]
    frequency: Floats
    u_rms: Floats
    i_rms: Floats
    u_peak: Floats
    i_peak: Floats
    u_line_rms: Floats
    i_neutral_calculated: Floats
    p: Floats
    q: Floats
    s: Floats
    pf: Floats
    p_total: Floats
    q_total: Floats
    s_total: Floats
    pf_total: Floats
    thd_u: Floats
    thd_i: Floats
    u_harmonics: Floats
    i_harmonics: Floats
    u_phasors: Phasors
    i_phasors: Phasors
    u_angle: Floats
    i_angle: Floats
    highest_order: int
    energy: EnergyIncrement
    flags: NDArray[np.int64]
    u_groups: Floats | None = None
    i_groups: Floats | None = None
    u_interharmonic_groups: Floats | None = None
    i_interharmonic_groups: Floats | None = None
    u_interharmonics: Floats | None = None
    i_interharmonics: Floats | None = None
    partial: bool = False
    reason: str = ""

    @property
    def energy_in_doubt(self) -> NDArray[np.bool_]:
        """Whether the energy of each meter's window, or before it, is not all that flowed (m,)."""
        return np.asarray(self.flags & _ENERGY_IN_DOUBT != 0)


def of_phases(currents: NDArray[_Number]) -> NDArray[_Number]:
    """Values of the currents (m, C, ...) as those of L1 to L3 (m, 3, ...), NaN without a channel.

    The neutral's, if there is a fourth, is left out.
    """
    found = currents[:, :PHASES]
    if found.shape[1] == PHASES:
        return found
    placed = np.full((len(currents), PHASES, *currents.shape[2:]), np.nan, currents.dtype)
    placed[:, : found.shape[1]] = found
    return placed
