"""The truth about a stretch of the site's life, from its phasors and not from its samples.

Definitions as in the instrument's contract: rms over all orders, P of all orders, Q of the
fundamental, import of active and of inductive reactive power positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.world.grid import ORDERS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SiteState:
    """Means over a block; arrays are (3,) by phase, currents (4,) with the neutral last.

    Powers balance by phase: grid_w = load_w − pv_w. `u_harmonics` (3, orders) [V] and
    `i_harmonics` (4, orders) [A] are rms values by `orders`; angles [rad] are of the
    fundamentals, relative to the voltage of L1. `running` names the appliances that were on.
    """

    start_s: float
    duration_s: float
    frequency: float
    u_rms: Floats
    i_rms: Floats
    p: Floats
    q1: Floats
    pv_w: Floats
    load_w: Floats
    u_angle: Floats
    i_angle: Floats
    u_harmonics: Floats
    i_harmonics: Floats
    orders: tuple[int, ...]
    running: tuple[str, ...]

    @property
    def grid_w(self) -> Floats:
        """Power taken from the network (3,) [W], negative when it is fed."""
        return self.p

    @property
    def thd_u(self) -> Floats:
        """Distortion of the voltages (3,), as a ratio to the fundamental."""
        return _thd(self.u_harmonics)

    @property
    def thd_i(self) -> Floats:
        """Distortion of the currents (4,), as a ratio to the fundamental; 0 without current."""
        return _thd(self.i_harmonics)


def site_state(
    start_s: float,
    duration_s: float,
    weights: Floats,
    frequency: Floats,
    voltage: NDArray[np.complex128],
    load: NDArray[np.complex128],
    pv: NDArray[np.complex128],
    running: tuple[str, ...],
) -> SiteState:
    """Average frames: `weights` and `frequency` (n,), rms phasors (n, 3, orders) [V, A]."""
    share = weights / max(float(weights.sum()), 1.0)
    grid = load - pv
    current = np.concatenate([grid, grid.sum(axis=1, keepdims=True)], axis=1)
    load_w = _mean(share, (voltage * load.conj()).real.sum(axis=2))
    pv_w = _mean(share, (voltage * pv.conj()).real.sum(axis=2))
    u_squares = _mean(share, np.abs(voltage) ** 2)
    i_squares = _mean(share, np.abs(current) ** 2)
    reference = voltage[:, :1, 0].conj()
    return SiteState(
        start_s=start_s,
        duration_s=duration_s,
        frequency=float(share @ frequency),
        u_rms=np.sqrt(u_squares.sum(axis=1)),
        i_rms=np.sqrt(i_squares.sum(axis=1)),
        p=load_w - pv_w,
        q1=_mean(share, (voltage[:, :, 0] * grid[:, :, 0].conj()).imag),
        pv_w=pv_w,
        load_w=load_w,
        u_angle=np.angle(np.tensordot(share, voltage[:, :, 0] * reference, 1)),
        i_angle=np.angle(np.tensordot(share, current[:, :, 0] * reference, 1)),
        u_harmonics=np.sqrt(u_squares),
        i_harmonics=np.sqrt(i_squares),
        orders=ORDERS,
        running=running,
    )


def _mean(share: Floats, values: Floats) -> Floats:
    return np.asarray(np.tensordot(share, values, 1))


def _thd(harmonics: Floats) -> Floats:
    first = harmonics[:, 0]
    rest = np.sqrt((harmonics[:, 1:] ** 2).sum(axis=1))
    return np.where(first > 0.0, rest / np.where(first > 0.0, first, 1.0), 0.0)
