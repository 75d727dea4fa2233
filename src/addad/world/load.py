"""What the house draws: the day's switching, and the currents that follow the voltages.

A resistor's current is the voltage over its resistance, order by order; any other appliance
draws its signature, turned with the angle of its voltage.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from addad.world.appliances import HOUSE, Appliance
from addad.world.grid import NOMINAL_VOLTAGE, ORDERS, frame_times
from addad.world.habits import DAY_S, day_of_year
from addad.world.wander import Wander

# the house's clock is ahead of UTC by one hour
CLOCK_AHEAD_S = 3_600
# below this share of the nominal voltage every appliance draws as a resistor would
UNDERVOLTAGE = 0.7

_PHASES = ("L1", "L2", "L3")
_DAYS_KEPT = 4
_FLUTTER_S = (0.9, 6.0, 61.0)


def house_day(second: int) -> tuple[int, int]:
    """Day number and second of the day on the house's clock, of a second since 1970 UTC."""
    return divmod(second + CLOCK_AHEAD_S, DAY_S)


class Household:
    """People and their appliances, drawn from a seed; powers are a function of absolute time."""

    def __init__(self, seed: int, appliances: tuple[Appliance, ...] = HOUSE) -> None:
        self.appliances = appliances
        self._seed = seed
        rng = np.random.default_rng([seed, 2])
        self._flutter = {
            index: Wander.draw(rng, _shares(row.flutter), _FLUTTER_S)
            for index, row in enumerate(appliances)
            if row.flutter > 0.0
        }
        self._days: dict[int, NDArray[np.float64]] = {}
        self._phase = np.array([_PHASES.index(row.phase) for row in appliances], dtype=np.intp)
        self._shapes = _shapes(appliances)
        self._resistive = np.array([row.signature is None for row in appliances], dtype=bool)
        self._exponent = np.array([row.exponent for row in appliances])

    def powers(self, second: int) -> NDArray[np.float64]:
        """What each appliance would draw at 230 V in each frame (50, appliances) [W]."""
        day, clock = house_day(second)
        time = frame_times(second)[:-1]
        moment = time - second + clock
        rows = self._schedule(day)
        rows = rows[(rows[:, 1] < clock + 1) & (rows[:, 2] > clock)]
        levels = np.zeros((len(time), len(self.appliances)))
        for index, start, end, level in rows:
            on = np.where((moment >= start) & (moment < end), level, 0.0)
            levels[:, int(index)] = np.maximum(levels[:, int(index)], on)
        for index, wander in self._flutter.items():
            if levels[:, index].any():
                levels[:, index] *= 1.0 + wander.at(time)
        rated = np.array([row.power_w for row in self.appliances])
        return np.asarray(levels * rated)

    def currents(
        self, voltages: NDArray[np.complex128], powers: NDArray[np.float64]
    ) -> NDArray[np.complex128]:
        """Current phasors (frames, 3, orders) [A] drawn at `voltages` (frames, 3, orders) [V]."""
        magnitude = np.abs(voltages[:, :, 0])
        ratio = magnitude / NOMINAL_VOLTAGE
        turn = np.where(magnitude > 0.0, voltages[:, :, 0] / np.maximum(magnitude, 1e-9), 0.0)
        turns = turn[:, :, None] ** np.array(ORDERS)
        drawn = np.empty_like(voltages)
        for phase in range(3):
            here = self._phase == phase
            resistors = here & self._resistive
            others = here & ~self._resistive
            siemens = powers[:, resistors].sum(axis=1) / NOMINAL_VOLTAGE**2
            seen = np.maximum(ratio[:, phase, None], UNDERVOLTAGE)
            share = seen ** (self._exponent[others] - 1.0)
            share = share * np.minimum(ratio[:, phase, None] / UNDERVOLTAGE, 1.0)
            signed = (powers[:, others] * share) @ self._shapes[others]
            drawn[:, phase] = siemens[:, None] * voltages[:, phase] + signed * turns[:, phase]
        return drawn

    def names(self, powers: NDArray[np.float64]) -> tuple[str, ...]:
        """The appliances that draw anything in `powers` (frames, appliances)."""
        running = np.flatnonzero(powers.max(axis=0))
        return tuple(self.appliances[index].name for index in running)

    def _schedule(self, day: int) -> NDArray[np.float64]:
        """Rows (appliance, start, end, level), seconds of the day, with what yesterday left on."""
        if day not in self._days:
            rest = _pieces(self.appliances, self._seed, day - 1)
            rest[:, 1:3] -= DAY_S
            today = _pieces(self.appliances, self._seed, day)
            while len(self._days) >= _DAYS_KEPT:
                self._days.pop(next(iter(self._days)))
            self._days[day] = np.concatenate([rest[rest[:, 2] > 0.0], today])
        return self._days[day]


def _shares(flutter: float) -> tuple[float, ...]:
    return (0.5 * flutter, 0.3 * flutter, 0.2 * flutter)


def _shapes(appliances: tuple[Appliance, ...]) -> NDArray[np.complex128]:
    """Current phasors (appliances, orders) for 1 W of fundamental power at 230 V [A]."""
    shapes = np.zeros((len(appliances), len(ORDERS)), dtype=np.complex128)
    for index, row in enumerate(appliances):
        if row.signature is None:
            continue
        for order, percent, degrees in row.signature.harmonics:
            shapes[index, ORDERS.index(order)] = percent / 100.0 * np.exp(1j * np.radians(degrees))
        shapes[index] /= NOMINAL_VOLTAGE * shapes[index, 0].real
    return shapes


def _pieces(appliances: tuple[Appliance, ...], seed: int, day: int) -> NDArray[np.float64]:
    """A day's rows (appliance, start, end, level), inrush as pieces of their own."""
    rows: list[tuple[float, float, float, float]] = []
    for index, row in enumerate(appliances):
        machine = zlib.crc32(row.name.split(",")[0].encode())
        rng = np.random.default_rng([seed, 3, machine, day])
        for start, end, level in row.habit.pieces(rng, day_of_year(day)):
            rows.append((index, start, end, level))
            if row.inrush > 1.0:
                rows.append((index, start, start + row.inrush_s, level * row.inrush))
    return np.array(rows, dtype=np.float64).reshape(-1, 4)
