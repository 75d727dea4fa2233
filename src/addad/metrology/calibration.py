"""From an ADC's counts to volts and amperes: gain, offset, delay, and what a transformer takes.

What comes late alike at all frequencies (a filter, channels converted one after the other) is a
delay, undone by a fractional-delay filter. What leads like a high-pass (a transformer's magnetizing
current, an integrator that forgets) is undone by a leaky integral; it may change with the current.
Ratio error and phase displacement are those of IEC 61869. All runs gapless from block to block.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.kernels import kernel

TAPS = 24
_BETA = 9.0
"""The window's shape: flat to 0.4 of the sampling rate within 2e-4."""
_SHIFT_MAX = 8
"""Whole samples that a channel may be late or early."""
_HISTORY = TAPS - 1 + 2 * _SHIFT_MAX
_REFERENCE_HZ = 50.0
_LEAK_HZ = 0.25
"""Corner of the leaky integral: low against the mains, and high enough to forget offsets."""
_TRACKED_S = 0.2
"""Time over which a current's size is averaged to find its place on a curve."""
_UPDATE = 16
"""Samples from one look at a current's size to the next."""
_LEAD_MAX = 0.2
_RATIO_ERROR_MAX = 0.5

Counts = NDArray[np.int16] | NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ErrorCurve:
    """A sensor's errors over its current: straight between the points over the current's logarithm.

    `current` [A rms] ascends; `ratio_error` is a share of the gain's ratio, `lead` [rad at 50 Hz]
    takes the place of the calibration's. Outside, the nearest point holds. Raises InputError for
    points that are not ascending, finite and small.
    """

    current: tuple[float, ...]
    ratio_error: tuple[float, ...]
    lead: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.current) == len(self.ratio_error) == len(self.lead) > 0:
            raise InputError("a curve has a ratio error and a lead for each current")
        steps = (0.0, *self.current)
        if not all(a < b < math.inf for a, b in zip(steps, self.current, strict=False)):
            raise InputError(f"a curve's currents {self.current}: give ascending amperes")
        if not all(abs(e) <= _RATIO_ERROR_MAX for e in self.ratio_error):
            raise InputError(f"ratio errors {self.ratio_error}: give shares up to one half")
        if not all(abs(e) <= _LEAD_MAX for e in self.lead):
            raise InputError(f"leads {self.lead}: give radians, up to {_LEAD_MAX}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the channels' counts mean, a value for each channel.

    value = (count - `offset`) times `gain` [V or A per count], at a time `delay` [s] earlier than
    the count was taken; a sensor that leads as a high-pass does, by `lead` [rad at 50 Hz], is
    turned back without changing its size at 50 Hz; `curves` say how ratio and lead change with the
    current, None where they do not. An empty tuple corrects nothing. Raises InputError for
    lists of different lengths or values that are not finite.
    """

    gain: tuple[float, ...]
    offset: tuple[float, ...] = ()
    delay: tuple[float, ...] = ()
    lead: tuple[float, ...] = ()
    curves: tuple[ErrorCurve | None, ...] = ()

    def __post_init__(self) -> None:
        for name in ("gain", "offset", "delay", "lead", "curves"):
            values = getattr(self, name)
            if values and len(values) != len(self.gain):
                raise InputError(f"{len(values)} values of {name} for {len(self.gain)} gains")
            if name != "curves" and not all(math.isfinite(v) for v in values):
                raise InputError(f"{name} {values}: give finite numbers")
        if not self.gain:
            raise InputError("a calibration without channels: give a gain for each")
        if not all(abs(v) <= _LEAD_MAX for v in self.lead):
            raise InputError(f"lead {self.lead}: give radians, up to {_LEAD_MAX}")


@dataclass(frozen=True, slots=True)
class CalibrationUncertainty:
    """Standard uncertainties of a calibration, by channel; NaN where nothing was found.

    `gain` is a share, `phase` [rad at 50 Hz] is against the voltage of L1, `offset` in counts.
    """

    gain: tuple[float, ...]
    phase: tuple[float, ...]
    offset: tuple[float, ...]


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


@kernel
def _errors_at(square: float, curve: Floats, points: int) -> tuple[float, float]:
    """Ratio error and lead of a curve (3, points) at a mean square [A²]; row 0 is ln A."""
    if points == 1 or square <= 0.0:
        return curve[1, 0], curve[2, 0]
    place = 0.5 * math.log(square)
    if place <= curve[0, 0]:
        return curve[1, 0], curve[2, 0]
    for k in range(1, points):
        if place < curve[0, k]:
            part = (place - curve[0, k - 1]) / (curve[0, k] - curve[0, k - 1])
            error = curve[1, k - 1] + part * (curve[1, k] - curve[1, k - 1])
            return error, curve[2, k - 1] + part * (curve[2, k] - curve[2, k - 1])
    return curve[1, points - 1], curve[2, points - 1]


@kernel
def _turn_back(
    values: NDArray[np.float32],
    curves: Floats,
    points: NDArray[np.int64],
    leak: tuple[float, float, float, float],
    average: float,
    done: int,
    state: Floats,
) -> None:
    """Undo each channel's lead and ratio error in place; `points` is 0 for channels without.

    `leak` is (a, b) of the leaky integral w = a w₁ + b (x + x₁) and its response at 50 Hz. `state`
    (meters, channels, 5) is x, w, mean square, share of w, scale; `done` counts samples before.
    """
    a, b, re, im = leak
    for j in range(values.shape[0]):
        for c in range(values.shape[2]):
            if points[c] == 0:
                continue
            last, w, square = state[j, c, 0], state[j, c, 1], state[j, c, 2]
            share, scale = state[j, c, 3], state[j, c, 4]
            for n in range(values.shape[1]):
                counted = float(values[j, n, c])
                # what is no number is told on, and must not stay in the integral
                x = counted if abs(counted) < math.inf else 0.0
                w = a * w + b * (x + last)
                last = x
                square += (x * x - square) * max(average, 1.0 / (done + n + 1))
                if (done + n) % _UPDATE == 0:
                    error, lead = _errors_at(square, curves[c], points[c])
                    share = -math.tan(lead) / (im + math.tan(lead) * re)
                    scale = 1.0 / (math.hypot(1.0 + share * re, share * im) * (1.0 + error))
                values[j, n, c] = np.float32((counted + share * w) * scale)
            state[j, c, 0], state[j, c, 1], state[j, c, 2] = last, w, square
            state[j, c, 3], state[j, c, 4] = share, scale


class Calibrator:
    """Counts (meters, n, channels) in, volts and amperes of the same shape out, block by block.

    `sample_rate` [Hz]. Raises InputError for a rate that is none, and for a delay of more than
    eight samples.
    """

    def __init__(self, calibration: Calibration, sample_rate: float) -> None:
        if not 0.0 < sample_rate < math.inf:
            raise InputError(f"sampling rate {sample_rate} Hz: give more than 0")
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
        self._history: Floats | None = None
        self._curves, self._points = _curve_table(calibration)
        self._leak, self._average = _leaky_integral(sample_rate), 1.0 / (_TRACKED_S * sample_rate)
        self._memory: Floats | None = None
        self._done = 0

    @property
    def latency(self) -> int:
        """Samples that the values are fewer than the counts, once, at the stream's begin."""
        return _HISTORY if self._filters else 0

    def values(self, counts: Counts) -> NDArray[np.float32]:
        """The next block's values [V, A] (meters, n, channels), float32.

        With delays to correct, the first blocks come out shorter by `latency` samples in all.
        Raises InputError for counts of another shape, also of other meters than in the first block.
        """
        if counts.ndim != 3 or counts.shape[2] != len(self._gain):
            raise InputError(f"counts of shape {counts.shape}: give (meters, n, {len(self._gain)})")
        if self._memory is None:
            self._memory = np.zeros((*counts.shape[::2], 5))
        if len(counts) != len(self._memory):
            raise InputError(
                f"counts of {len(counts)} meters: before there were {len(self._memory)}"
            )
        values = self._undelayed(counts)
        if self._points.any():
            _turn_back(
                values, self._curves, self._points, self._leak, self._average, self._done,
                self._memory,
            )  # fmt: skip
            self._done += values.shape[1]
        return values

    def _undelayed(self, counts: Counts) -> NDArray[np.float32]:
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


def _curve_table(calibration: Calibration) -> tuple[Floats, NDArray[np.int64]]:
    """Curves (channels, 3, points) as ln A, ratio error, lead; how many points, 0 for no change."""
    channels = len(calibration.gain)
    curves = calibration.curves or (None,) * channels
    leads = calibration.lead or (0.0,) * channels
    longest = max(len(curve.current) if curve else 1 for curve in curves)
    table, points = np.zeros((channels, 3, longest)), np.zeros(channels, np.int64)
    for c, (curve, lead) in enumerate(zip(curves, leads, strict=True)):
        if curve is not None:
            points[c] = len(curve.current)
            table[c, :, : points[c]] = np.log(curve.current), curve.ratio_error, curve.lead
        elif lead != 0.0:
            points[c], table[c, 2, 0] = 1, lead
    return table, points


def turned_back(lead: float, frequency: float, sample_rate: float) -> tuple[float, float]:
    """What a lead [rad] seen at a frequency [Hz] is at 50 Hz, and its turning back's size there.

    Turning back by 1 + s W(f), W the leaky integral's response, keeps the size at 50 Hz alone:
    s = -tan(lead) / (Im W(f) + tan(lead) Re W(f)), size = |1 + s W(f)| / |1 + s W(50 Hz)|.
    """
    a, b, re, im = _leaky_integral(sample_rate)
    seen = _response(a, b, frequency / sample_rate)
    share = -math.tan(lead) / (seen.imag + math.tan(lead) * seen.real)
    there, here = 1.0 + share * seen, 1.0 + share * complex(re, im)
    return -math.atan2(here.imag, here.real), abs(there) / abs(here)


def _leaky_integral(sample_rate: float) -> tuple[float, float, float, float]:
    """(a, b) of the bilinear leaky integral times 2π·50, and its response at 50 Hz."""
    half = math.pi * _LEAK_HZ / sample_rate
    a, b = (1.0 - half) / (1.0 + half), math.pi * _REFERENCE_HZ / sample_rate / (1.0 + half)
    found = _response(a, b, _REFERENCE_HZ / sample_rate)
    return a, b, found.real, found.imag


def _response(a: float, b: float, turns: float) -> complex:
    """Of the leaky integral, at so many turns a sample."""
    z = complex(np.exp(-2j * np.pi * turns))
    return b * (1.0 + z) / (1.0 - a * z)


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
