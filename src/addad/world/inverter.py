"""The three-phase inverter between the panels and the house.

It feeds current only into a live network: it stops when the voltage is gone, and waits before it
feeds again. Waiting time, ramp and distortion are those of an ordinary product, assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.world.grid import ORDERS

# at rated power, in percent of the fundamental: (order, percent, degrees)
DISTORTION: tuple[tuple[int, float, float], ...] = (
    *((1, 100.0, 0.0), (3, 0.4, 40.0), (5, 1.3, 160.0), (7, 1.0, -75.0)),
    *((9, 0.2, 10.0), (11, 0.7, 120.0), (13, 0.5, -30.0), (17, 0.3, 80.0)),
)


@dataclass(frozen=True, slots=True)
class Inverter:
    """Ratings: alternating-current power [W], the wait and the ramp after a return [s]."""

    rated_w: float = 5_000.0
    restart_delay_s: float = 60.0
    ramp_s: float = 60.0
    loss_share: float = 0.018
    idle_loss_w: float = 22.0

    def power(
        self, available: NDArray[np.float64], live_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Power fed (n,) [W] from `available` at its input (n,) [W], `live_s` after the return."""
        square = 0.012 * available**2 / self.rated_w
        fed = available * (1.0 - self.loss_share) - self.idle_loss_w - square
        fed = np.where(fed < 0.004 * self.rated_w, 0.0, np.minimum(fed, self.rated_w))
        allowed = np.clip((live_s - self.restart_delay_s) / self.ramp_s, 0.0, 1.0)
        return np.asarray(np.minimum(fed, self.rated_w * allowed))

    def currents(
        self, voltages: NDArray[np.complex128], power: NDArray[np.float64]
    ) -> NDArray[np.complex128]:
        """Phasors (n, 3, orders) [A] fed into `voltages` (n, 3, orders) [V], a third a phase.

        Distortion falls slower than the power, so that it is worst, in percent, at low sun.
        """
        shape = np.zeros(len(ORDERS), dtype=np.complex128)
        for order, percent, degrees in DISTORTION:
            shape[ORDERS.index(order)] = percent / 100.0 * np.exp(1j * np.radians(degrees))
        magnitude = np.abs(voltages[:, :, 0])
        share = power[:, None] / 3.0 / np.maximum(magnitude, 1.0)
        rated = self.rated_w / 3.0 / np.maximum(magnitude, 1.0)
        turn = voltages[:, :, 0] / np.maximum(magnitude, 1e-9)
        turns = turn[:, :, None] ** np.array(ORDERS)
        level = np.where(share > 0.0, 0.25 * rated + 0.75 * share, 0.0)
        sizes = np.repeat(level[:, :, None], len(ORDERS), axis=2)
        sizes[:, :, 0] = share
        return np.asarray(sizes * shape * turns)
