"""What a self-check of the wiring gathers from windows: products of phasors, and slopes.

No standard names these. The fundamentals of all channels of a meter are a vector z; the mean of
z z* holds every power, every angle and the sum of the currents, whatever the angle of a window.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.quantities import PHASES
from addad.metrology.window import Window, WindowFlag

CHANNELS = 7
"""U1 to U3, I1 to I3, the neutral's current."""
NEUTRAL = 6
PHASE_NAMES = ("L1", "L2", "L3")
_LIVE = 0.1
"""A voltage below this part of the highest one is none."""
_NO_SHARE = 0.02
"""A current below this part of the largest one has an angle that proves nothing."""
_NOISE_SHARE = 0.25
_BOTH_WAYS = 0.05
_SPOILT = int(
    WindowFlag.NO_VOLTAGE | WindowFlag.DC_ONLY | WindowFlag.NOT_FINITE | WindowFlag.UNSTEADY
)
_HARMONICS = slice(2, 26)
_STEP = 0.1
"""A switched load changes a phase's apparent power by at least this part of its largest."""
_OWN_MOVE = 4.0
"""A change of power that its own voltage explains is at most 2; what counts is beyond this."""

Floats = NDArray[np.float64]
Phasors = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of an installation beforehand.

    A current below `least_current` [A] is none. `generation` names the phases that something
    generates on ("L1" ..); None is not known, and findings then say "if".
    """

    least_current: float = 0.02
    generation: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.least_current < math.inf:
            raise InputError(f"least_current is {self.least_current}: give more than 0 A")
        unknown = (self.generation or frozenset()) - set(PHASE_NAMES)
        if unknown:
            raise InputError(f"generation on {', '.join(sorted(unknown))}: give L1, L2, L3")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one meter's windows say together; phases are (3,), channels (7,).

    `products` (7, 7) is the mean of z z*; `known` tells which channels there are; `noise` [A] (4,)
    is what of the currents is at no harmonic; `thd` of the currents; `follows` is the currents'
    conductance at the voltages' harmonics over that at the fundamental: 1 of a resistor, 0 of a
    current that does not follow the voltage's shape, NaN of a voltage without harmonics.
    `imports` and `exports` are the shares of windows; `response` is the t-value of the slope of
    voltage over active power in steps of load: negative where drawing more lowers the voltage.
    """

    products: Phasors
    known: NDArray[np.bool_]
    noise: Floats
    thd: Floats
    follows: Floats
    imports: Floats
    exports: Floats
    response: Floats
    windows: int

    @property
    def rms(self) -> Floats:
        """RMS of the fundamentals (7,) [V, A]."""
        return np.asarray(np.sqrt(np.maximum(np.diagonal(self.products).real, 0.0)))

    def angle(self, a: int, b: int) -> float:
        """How far channel b is behind channel a [degree], -180 to 180."""
        return float(np.degrees(np.angle(self.products[a, b])))

    def power(self, phase: int) -> complex:
        """P + jQ of the fundamental of a phase [W, var]."""
        return complex(self.products[phase, PHASES + phase])

    def live(self) -> list[int]:
        """Phases with a voltage."""
        rms = np.where(self.known, self.rms, 0.0)[:PHASES]
        return [k for k in range(PHASES) if rms[k] > 0.0 and rms[k] >= _LIVE * rms.max()]

    def carrying(self, least_current: float) -> list[int]:
        """Phases with a voltage and a current [A] that is more than noise."""
        rms = np.where(self.known, self.rms, 0.0)[PHASES:NEUTRAL]
        least = np.maximum(least_current, _NOISE_SHARE * self.noise[:PHASES])
        return [k for k in self.live() if rms[k] >= max(least[k], _NO_SHARE * rms.max())]

    def both_ways(self, phase: int) -> bool:
        """Power was drawn for a while and fed back for a while: no mean angle tells anything."""
        return bool(min(self.imports[phase], self.exports[phase]) >= _BOTH_WAYS)


class Gathering:
    """Gathers the evidence of a fleet of `meters`, without keeping windows."""

    def __init__(self, meters: int) -> None:
        self._weight = np.zeros(meters)
        self._windows = np.zeros(meters, np.int64)
        self._known = np.zeros((meters, CHANNELS), np.bool_)
        self._products = np.zeros((meters, CHANNELS, CHANNELS), np.complex128)
        self._noise = np.zeros((meters, 4))
        self._shape = np.zeros((4, meters, PHASES))
        """Squares of the currents' distortion, harmonic power, squares of harmonic voltage, and
        of the fundamental one."""
        self._signs = np.zeros((2, meters, PHASES))
        self._steps = Steps(meters)

    def add(self, window: Window) -> None:
        """Take a window of some meters; unsteady, dead or spoilt ones are passed over."""
        usable = np.flatnonzero((window.flags & _SPOILT) == 0)
        if not len(usable):
            return
        rows, weights = window.meters[usable], window.duration_s[usable]
        lines, rms = _channels(window, usable)
        first = lines[:, :, 1]
        known = np.isfinite(first)
        z = np.nan_to_num(first)
        self._weight[rows] += weights
        self._windows[rows] += 1
        self._known[rows] |= known
        self._products[rows] += weights[:, None, None] * z[:, :, None] * z[:, None, :].conj()
        squares = np.nan_to_num(np.square(np.abs(lines)))
        rest = np.square(np.nan_to_num(rms)) - squares.sum(axis=2)
        self._noise[rows] += weights[:, None] * np.maximum(rest[:, PHASES:], 0.0)
        self._add_shape(rows, weights, lines, squares)
        power = (z[:, :PHASES] * z[:, PHASES:NEUTRAL].conj()).real
        apparent = np.abs(z[:, :PHASES] * z[:, PHASES:NEUTRAL])
        flows = np.abs(power) > 0.2 * apparent
        self._signs[0][rows] += weights[:, None] * (flows & (power > 0.0))
        self._signs[1][rows] += weights[:, None] * (flows & (power < 0.0))
        self._steps.add(rows, np.abs(z[:, :PHASES]), power, apparent)

    def _add_shape(
        self, rows: NDArray[np.int64], weights: Floats, lines: Phasors, squares: Floats
    ) -> None:
        u, i = lines[:, :PHASES, _HARMONICS], lines[:, PHASES:NEUTRAL, _HARMONICS]
        parts = (
            squares[:, PHASES:NEUTRAL, 2:].sum(axis=2),
            np.nan_to_num((u * i.conj()).real).sum(axis=2),
            squares[:, :PHASES, _HARMONICS].sum(axis=2),
            squares[:, :PHASES, 1],
        )
        for kept, part in zip(self._shape, parts, strict=True):
            kept[rows] += weights[:, None] * part

    def evidence(self, meter: int) -> Evidence | None:
        """What is known of one meter; None before its first usable window."""
        weight = self._weight[meter]
        if not weight > 0.0:
            return None
        products = self._products[meter] / weight
        distortion, harmonic, squares, first = (part[meter] / weight for part in self._shape)
        currents = np.diagonal(products).real[PHASES:NEUTRAL]
        power = np.diagonal(products[:PHASES, PHASES:NEUTRAL]).real
        with np.errstate(divide="ignore", invalid="ignore"):
            thd = np.sqrt(distortion / currents)
            follows = (harmonic / squares) / (power / first)
        shaped = squares > np.square(2e-3) * first
        return Evidence(
            products=products,
            known=self._known[meter],
            noise=np.sqrt(self._noise[meter] / weight),
            thd=thd,
            follows=np.where(shaped & np.isfinite(follows), follows, np.nan),
            imports=self._signs[0][meter] / weight,
            exports=self._signs[1][meter] / weight,
            response=self._steps.response(meter),
            windows=int(self._windows[meter]),
        )


class Steps:
    """The slope of each phase's voltage over its active power, from one window to the next.

    A load that is switched on lowers the voltage behind the network's resistance, whoever
    generates; a voltage that moves by itself changes the power of a resistor by twice its own
    part, so only changes of power well beyond that are counted.
    """

    def __init__(self, meters: int) -> None:
        self._last = np.full((3, meters, PHASES), np.nan)
        self._sums = np.zeros((4, meters, PHASES))

    def add(
        self, rows: NDArray[np.int64], voltage: Floats, power: Floats, apparent: Floats
    ) -> None:
        """Take fundamentals (k, 3) [V, W, VA] of the meters `rows`."""
        last_voltage, last_power, largest = (kept[rows] for kept in self._last)
        largest = np.fmax(largest, apparent)
        dy, dx = voltage - last_voltage, power - last_power
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.abs(dx) / np.fmax(apparent, np.abs(last_power))
            switched = (np.abs(dx) >= _STEP * largest) & (moved >= _OWN_MOVE * np.abs(dy) / voltage)
        counted = switched & np.isfinite(dx) & np.isfinite(dy) & (voltage > 0.0)
        dx, dy = np.where(counted, dx, 0.0), np.where(counted, dy, 0.0)
        for kept, part in zip(self._sums, (counted, dx * dx, dx * dy, dy * dy), strict=True):
            kept[rows] += part
        for kept, now in zip(self._last, (voltage, power, largest), strict=True):
            kept[rows] = now

    def response(self, meter: int) -> Floats:
        """t-values (3,) of the slopes; NaN with fewer than eight steps.

        b = Σ dx dy / Σ dx², t = b / s, s² = (Σ dy² - b Σ dx dy) / ((n - 1) Σ dx²).
        """
        n, xx, xy, yy = (part[meter] for part in self._sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = xy / xx
            spread = np.sqrt(np.maximum(yy - slope * xy, 1e-12 * yy) / ((n - 1.0) * xx))
            return np.where(n >= 8.0, slope / spread, np.nan)


def _channels(window: Window, usable: NDArray[np.int64]) -> tuple[Phasors, Floats]:
    """Phasors (k, 7, orders) and RMS (k, 7) of the usable rows, NaN without a channel."""
    u, i = window.u_phasors[usable], window.i_phasors[usable]
    lines = np.full((len(usable), CHANNELS, u.shape[2]), np.nan, np.complex128)
    lines[:, :PHASES] = u
    lines[:, PHASES : PHASES + i.shape[1]] = i
    rms = np.full((len(usable), CHANNELS), np.nan)
    rms[:, :PHASES] = window.u_rms[usable]
    rms[:, PHASES : PHASES + i.shape[1]] = window.i_rms[usable]
    return lines, rms
