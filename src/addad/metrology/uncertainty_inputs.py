"""What an uncertainty comes from: the calibration's own, and the noise that a window shows.

JCGM 100 (GUM): sensitivities times standard uncertainties, added in squares where independent.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.calibration import Calibration, CalibrationUncertainty
from addad.metrology.settings import InstrumentSettings
from addad.metrology.window import Window

COVERAGE_FACTOR = 2.0
"""Of expanded uncertainties: about 95 % of a normal distribution."""
_MEDIAN = 0.8391735
"""Median of the mean square of two of noise's lines over its mean: chi-square of four."""
_ORDERS_MIN = 10
"""Fewer orders have no median worth the name."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InputUncertainty:
    """Standard uncertainties of what comes into the instrument, a value for each channel.

    Channels are the instrument's: voltages, then currents. `gain` is a share; `phase` [rad at
    50 Hz] is a delay, whose angle grows with the order; `offset` and `quantum` (a step of the
    converter) are in V and A; `clock` is the share by which the sampling rate may be off. Gains of
    all channels have the correlation coefficient `gain_correlation`: 1 where they all come from one
    reference, 0 where nothing is known. Raises InputError for values that cannot be.
    """

    gain: tuple[float, ...]
    phase: tuple[float, ...]
    offset: tuple[float, ...] = ()
    quantum: tuple[float, ...] = ()
    clock: float = 0.0
    gain_correlation: float = 0.0

    def __post_init__(self) -> None:
        for name in ("gain", "phase", "offset", "quantum"):
            values = getattr(self, name)
            if len(values) not in ({len(self.gain)} if name == "phase" else {0, len(self.gain)}):
                raise InputError(f"{len(values)} values of {name} for {len(self.gain)} gains")
            if not all(0.0 <= value < math.inf for value in values):
                raise InputError(f"{name} {values}: give standard uncertainties of 0 or more")
        if not 0.0 <= self.clock < 1.0 or not 0.0 <= self.gain_correlation <= 1.0:
            raise InputError("clock and gain_correlation: give shares of 0 to 1")

    @classmethod
    def of(
        cls,
        calibration: Calibration,
        found: CalibrationUncertainty,
        clock: float = 0.0,
        gain_correlation: float = 0.0,
    ) -> "InputUncertainty":
        """Of a calibration and what it states; a count of its converter is the quantum."""
        steps = tuple(abs(gain) for gain in calibration.gain)
        offset = tuple(o * step for o, step in zip(found.offset, steps, strict=True))
        return cls(found.gain, found.phase, offset, steps, clock, gain_correlation)


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """JCGM 100: standard uncertainties of a quantity, in its unit and shape, in two parts."""

    systematic: Floats
    random: Floats

    @property
    def standard(self) -> Floats:
        """Both parts together, of one window."""
        return np.asarray(np.hypot(self.systematic, self.random))

    @property
    def expanded(self) -> Floats:
        """Half of the interval that holds the true value with about 95 % (k = 2)."""
        return np.asarray(COVERAGE_FACTOR * self.standard)

    def of_mean(self, windows: int) -> Floats:
        """Standard uncertainty of the mean of so many windows: only the random part shrinks."""
        return np.asarray(np.hypot(self.systematic, self.random / math.sqrt(windows)))


def noise_of(window: Window, settings: InstrumentSettings) -> tuple[Floats, Floats]:
    """Standard deviation of white noise in the samples of voltages (m, 3) and currents (m, C).

    The lines beside the harmonics hold nothing but noise: σ² = N / 4 times the mean square of the
    pairs, their mean taken from the median over the orders, so that a flickering fundamental or a
    few interharmonics do not count. A partial window, and one without lines beside, has what is at
    no harmonic: σ² = rms² - Σ X_h².
    """
    samples = window.duration_s * settings.sample_rate
    found = []
    for rms, groups, phasors in (
        (window.u_rms, window.u_harmonics, window.u_phasors),
        (window.i_rms, window.i_harmonics, window.i_phasors),
    ):
        squares = np.square(np.abs(phasors))
        beside = np.square(groups) - squares
        orders = beside[:, :, 3 : window.highest_order + 1]
        if window.partial or orders.shape[2] < _ORDERS_MIN:
            variance = np.square(rms) - np.nansum(squares, axis=2)
        else:
            variance = np.median(orders, axis=2) / _MEDIAN * samples[:, None] / 4.0
        found.append(np.sqrt(np.maximum(variance, 0.0)))
    return found[0], found[1]
