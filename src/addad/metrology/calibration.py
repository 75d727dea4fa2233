"""From an ADC's counts to volts and amperes: gain, offset, and each channel's delay.

A transformer's phase displacement, a filter's lag and the skew of channels converted one after the
other are the same thing to a meter: the channel comes late. All channels are brought to one time by
a fractional-delay filter, a Kaiser-windowed sinc, that runs gapless from block to block.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.kernels import kernel

TAPS = 24
_BETA = 9.0
_SHIFT_MAX = 8
"""Whole samples that a channel may be late or early."""
_HISTORY = TAPS - 1 + 2 * _SHIFT_MAX

Counts = NDArray[np.int16] | NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the channels' counts mean, a value for each channel.

    value = (count - `offset`) times `gain` [V or A per count], at a time `delay` [s] earlier than
    the count was taken. No delays at all means that none is corrected. Raises InputError for
    lists of different lengths or values that are not finite.
    """

    gain: tuple[float, ...]
    offset: tuple[float, ...] = ()
    delay: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("gain", "offset", "delay"):
            values = getattr(self, name)
            if values and len(values) != len(self.gain):
                raise InputError(f"{len(values)} values of {name} for {len(self.gain)} gains")
            if not all(math.isfinite(v) for v in values):
                raise InputError(f"{name} {values}: give finite numbers")
        if not self.gain:
            raise InputError("a calibration without channels: give a gain for each")


@kernel
def _filter(
    counts: NDArray[np.float64],
    taps: NDArray[np.float64],
    shift: NDArray[np.int64],
    gain: NDArray[np.float64],
    offset: NDArray[np.float64],
    values: NDArray[np.float32],
) -> None:
    for j in range(values.shape[0]):
        for n in range(values.shape[1]):
            for c in range(values.shape[2]):
                total = 0.0
                for k in range(taps.shape[1]):
                    total += taps[c, k] * counts[j, n + shift[c] + k, c]
                values[j, n, c] = np.float32((total - offset[c]) * gain[c])


class Calibrator:
    """Counts (meters, n, channels) in, volts and amperes of the same shape out, block by block.

    `sample_rate` [Hz]. Raises InputError for a delay of more than eight samples.
    """

    def __init__(self, calibration: Calibration, sample_rate: float) -> None:
        channels = len(calibration.gain)
        self._gain = np.array(calibration.gain)
        self._offset = np.array(calibration.offset or (0.0,) * channels)
        ahead = np.array(calibration.delay or (0.0,) * channels) * sample_rate
        if (np.abs(ahead) > _SHIFT_MAX).any():
            raise InputError(
                f"delays of {max(calibration.delay, key=abs)} s: at {sample_rate} Hz the longest "
                f"that can be corrected is {_SHIFT_MAX / sample_rate} s"
            )
        whole = np.round(ahead).astype(np.int64)
        self._shift = _SHIFT_MAX + whole
        self._taps = _fractional_delay(ahead - whole)
        self._filters = bool(calibration.delay)
        self._history: NDArray[np.float64] | None = None

    @property
    def latency(self) -> int:
        """Samples that the values are fewer than the counts, once, at the stream's begin."""
        return _HISTORY if self._filters else 0

    def values(self, counts: Counts) -> NDArray[np.float32]:
        """The next block's values [V, A] (meters, n, channels), float32.

        With delays to correct, the first blocks come out shorter by `latency` samples in all.
        """
        if counts.ndim != 3 or counts.shape[2] != len(self._gain):
            raise InputError(f"counts of shape {counts.shape}: give (meters, n, {len(self._gain)})")
        if not self._filters:
            return np.asarray((counts - self._offset) * self._gain, np.float32)
        stretch = counts.astype(np.float64)
        if self._history is not None:
            stretch = np.concatenate([self._history, stretch], axis=1)
        self._history = stretch[:, max(stretch.shape[1] - _HISTORY, 0) :].copy()
        n = max(stretch.shape[1] - _HISTORY, 0)
        values = np.empty((counts.shape[0], n, counts.shape[2]), np.float32)
        _filter(stretch, self._taps, self._shift, self._gain, self._offset, values)
        return values


def _fractional_delay(ahead: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filters (channels, taps) that look `ahead` of a sample, -0.5 to 0.5.

    A windowed sinc, corrected so that a cubic passes unchanged: at the fundamental gain and delay
    are exact to a millionth, at the harmonics up to 0.4 of the sampling rate to 2e-4.
    """
    place = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - ahead[:, None]
    inside = np.clip(1.0 - (2.0 * place / (TAPS + 1)) ** 2, 0.0, None)
    window = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    taps = np.sinc(place) * window
    powers = (2.0 * place[:, None, :] / TAPS) ** np.arange(4)[None, :, None]
    missing = np.array([1.0, 0.0, 0.0, 0.0]) - np.einsum("cpk,ck->cp", powers, taps)
    shapes = powers * window[:, None, :]
    amounts = np.linalg.solve(np.einsum("cpk,cqk->cpq", powers, shapes), missing[..., None])
    return np.asarray(taps + np.einsum("cpk,cp->ck", shapes, amounts[..., 0]))
