"""What the equations of uncertainty share: inputs by channel, sums of squares, what noise adds.

JCGM 100 (GUM). Arrays are (m, c): meters, channels; NaN where there is no channel.
"""

import math

import numpy as np
from numpy.typing import NDArray

from addad.metrology.quantities import PHASES
from addad.metrology.settings import InstrumentSettings
from addad.metrology.uncertainty_inputs import (
    COVERAGE_FACTOR,
    InputUncertainty,
    Uncertainty,
    noise_of,
)
from addad.metrology.window import Window

REFERENCE_FREQUENCY = 50.0
METHOD = 2e-6
"""Standard uncertainty that the method itself adds to RMS values, powers and angles: a share, rad.

It is the same from window to window, as far as anyone knows: systematic.
"""
_ONE_SIDED = 1.645
"""95 % of a normal distribution lie below so many standard deviations."""
_OF_MEDIAN = 0.951
"""Standard deviation of the noise's variance, a share, told by the median of one order."""
_ORDERS_MIN = 10

Floats = NDArray[np.float64]


class Given:
    """What a window and its input give to all equations: noise, and shares by channel.

    `doubt` is the standard uncertainty of what noise adds, as a share of it: the noise's variance
    is itself a median over orders, as far off as the median of so many chi-squares of four.
    """

    def __init__(
        self,
        window: Window,
        given: InputUncertainty,
        settings: InstrumentSettings,
        noise: tuple[Floats, Floats] | None,
    ) -> None:
        self.window = window
        self.correlation = given.gain_correlation
        self.clock = given.clock
        self.rate = settings.sample_rate
        self.samples = window.duration_s * settings.sample_rate
        self.doubt = _OF_MEDIAN / math.sqrt(max(window.highest_order - 2, _ORDERS_MIN))
        cut = settings.voltages
        nothing = (0.0,) * len(given.gain)
        every = (given.gain, given.phase, given.offset or nothing, given.quantum or nothing)
        self.u = np.array([padded(values[:cut], PHASES) for values in every])
        self.i = np.array([padded(values[cut:], window.i_rms.shape[1]) for values in every])
        noise_u, noise_i = noise or noise_of(window, settings)
        self.noise_u = np.maximum(noise_u, self.u[3] / math.sqrt(12.0))
        self.noise_i = np.maximum(noise_i, self.i[3] / math.sqrt(12.0))

    def of(self, letter: str) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """RMS (m, c), shares of gain (c,), offsets (c,), noise (m, c) and that of a mean (m, c)."""
        rms = self.window.u_rms if letter == "u" else self.window.i_rms
        shares = self.u if letter == "u" else self.i
        noise = self.noise_u if letter == "u" else self.noise_i
        return rms, shares[0], shares[2], noise, noise / np.sqrt(self.samples)[:, None]


def together(
    gains: Floats, others: Floats, noise: Floats, correlation: float, method: Floats
) -> Uncertainty:
    """u² = (1 - r) Σ g² + r (Σ g)² + Σ o² + method², and Σ n at random, over the last axis."""
    own, common = np.square(gains).sum(axis=-1), np.square(gains.sum(axis=-1))
    systematic = (1.0 - correlation) * own + correlation * common + np.square(others).sum(axis=-1)
    return Uncertainty(np.sqrt(systematic + np.square(method)), np.sqrt(noise.sum(axis=-1)))


def raised(found: Uncertainty, added: Floats, doubt: Floats) -> Uncertainty:
    """u² = max((b + 1.645 e) / 2, g)², g² = s² + r², e² = g² + u²(b), for a value with b of noise.

    That is known but for its `doubt` u(b), of one sign, and not taken off: 95 % of the errors are
    less than b + 1.645 e.
    """
    return reaching(found, added + _ONE_SIDED * np.hypot(found.standard, doubt))


def raised_root(
    found: Uncertainty, value: Floats, noise: Floats, orders: int, spread: float, others: Floats
) -> Uncertainty:
    """The same of a root x of a sum of squares of `orders` subgroups, small beside noise or not.

    x² = X² + noise: six squares of v an order, so that with T = x² - 6 n v, c = 12 n v² `spread`,
    95 % of all X² are above T + 2 z² v - z sqrt(4 T v + 4 z² v² + c), z = 1.645, and above 0. What
    else is uncertain, `others`, adds to what is then left of x by its square. v is `noise` squared.
    """
    v, z = np.square(noise), _ONE_SIDED
    rest = np.maximum(np.square(value) - 6.0 * orders * v, 0.0)
    wide = 4.0 * rest * v + (4.0 * z * z + 12.0 * orders * spread) * v * v
    lowest = np.maximum(rest + 2.0 * z * z * v - z * np.sqrt(wide), 0.0)
    middle = np.sqrt(rest)
    return reaching(found, value - middle + np.hypot(middle - np.sqrt(lowest), z * others))


def reaching(found: Uncertainty, below: Floats) -> Uncertainty:
    """An uncertainty whose interval holds what is `below` a value; what that adds is systematic."""
    whole = np.maximum(below / COVERAGE_FACTOR, found.standard)
    return Uncertainty(np.sqrt(np.square(whole) - np.square(found.random)), found.random)


def padded(values: tuple[float, ...] | Floats, to: int) -> Floats:
    """Values (..., c) as (..., to), NaN where there are none."""
    array = np.asarray(values, np.float64)
    wide = np.full((*array.shape[:-1], to), np.nan)
    kept = min(to, array.shape[-1])
    wide[..., :kept] = array[..., :kept]
    return wide


def rms_of(known: Given, letter: str) -> tuple[Uncertainty, Floats]:
    """u²(X) = (X g)² + (X0 o / X)² + (o² / 2X)², b = σ² / 2X;  at random σ²/N (1 + σ²/2X²)."""
    x, gain, offset, noise, mean = known.of(letter)
    phasors = known.window.u_phasors if letter == "u" else known.window.i_phasors
    direct = phasors[:, :, 0].real
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(x > 0.0, direct * offset / x, offset)
        second = np.where(x > 0.0, np.minimum(np.square(offset) / (2.0 * x), offset), 0.0)
        added = np.where(x > 0.0, np.minimum(np.square(noise) / (2.0 * x), noise), 0.0)
        spread = mean * np.sqrt(1.0 + np.square(noise / np.maximum(x, noise)) / 2.0)
    share = np.square(gain) + METHOD**2
    systematic = np.sqrt(np.square(x) * share + np.square(shift) + np.square(second))
    return Uncertainty(systematic, np.nan_to_num(spread) + 0.0 * x), added
