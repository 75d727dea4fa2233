"""Fundamental phasors of raw counts, for a calibration: what each channel shows beside the first.

A least-squares fit of sines, in stretches of ten cycles weighted by a Hann window, so that offsets
and harmonics do not leak into it:

    min over a, b, c of sum w(n)² (x(n) − a − b cos ωn − c sin ωn)²,   X = (b − jc) / sqrt(2)

The frequency is what the first channel's phase says from stretch to stretch.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError

_CYCLES = 10
_STRETCHES_MIN = 4
_FREQUENCY_OFF_MAX = 0.02
_SAMPLES_PER_CYCLE_MIN = 6.0

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class CountPhasors:
    """RMS phasors (channels,) of the fundamental in counts, turned to the angle of the first.

    `spread` (channels,) is the standard uncertainty of a phasor's parts [counts], `offset` the mean
    and `offset_spread` its standard uncertainty [counts]; `frequency` [Hz]. `harmonics` (orders,
    channels) are the same phasors of the orders asked for, of order h turned by h times the angle.
    """

    phasors: Complexes
    spread: Floats
    offset: Floats
    offset_spread: Floats
    frequency: float
    harmonics: Complexes


def count_phasors(
    counts: NDArray[np.generic],
    sample_rate: float,
    frequency: float,
    first: int = 0,
    orders: tuple[int, ...] = (),
) -> CountPhasors:
    """Measure counts (n, channels) whose fundamental is near `frequency` [Hz].

    `first` is the channel that the others are turned to. Raises InputError for counts that are not
    numbers, fewer than forty cycles or six samples in one, or another frequency.
    """
    if not 0.0 < _SAMPLES_PER_CYCLE_MIN * frequency <= sample_rate < math.inf:
        raise InputError(
            f"{frequency} Hz sampled at {sample_rate} Hz: give a frequency, and a rate of "
            f"{_SAMPLES_PER_CYCLE_MIN:.0f} times that or more"
        )
    x = np.asarray(counts, np.float64)
    if x.ndim != 2 or not np.isfinite(x).all():
        raise InputError(f"counts of shape {x.shape}: give finite counts (n, channels)")
    length = round(_CYCLES * sample_rate / frequency)
    stretches = len(x) // length
    if stretches < _STRETCHES_MIN:
        raise InputError(
            f"{len(x) / sample_rate:.2f} s of counts: a point takes "
            f"{_STRETCHES_MIN * length / sample_rate:.1f} s or more"
        )
    cut, begins = _cut(x, length, sample_rate)
    found = frequency
    for step in (round(length / _CYCLES), length, length, length):
        parts = _fit(*_cut(x[:, first : first + 1], step, sample_rate), found, sample_rate, 1)[0]
        lag = np.sum(parts[1:] * parts[:-1].conj())
        found += float(np.angle(lag)) * sample_rate / (2.0 * np.pi * step)
    if abs(found / frequency - 1.0) > _FREQUENCY_OFF_MAX:
        raise InputError(f"the counts show {found:.2f} Hz, and {frequency:.2f} Hz were stated")
    fitted, means = _fit(cut, begins, found, sample_rate, 1)
    turn = np.exp(-1j * np.angle(fitted[:, first]))
    level = fitted * turn[:, None]
    higher = [
        np.mean(_fit(cut, begins, found, sample_rate, h)[0] * turn[:, None] ** h, axis=0)
        for h in orders
    ]
    fewer = np.sqrt(stretches)
    return CountPhasors(
        phasors=np.asarray(level.mean(axis=0)),
        spread=np.std(level, axis=0, ddof=1) / np.sqrt(2.0) / fewer,
        offset=means.mean(axis=0),
        offset_spread=np.std(means, axis=0, ddof=1) / fewer,
        frequency=found,
        harmonics=np.array(higher, np.complex128).reshape(len(orders), x.shape[1]),
    )


def _cut(x: Floats, length: int, sample_rate: float) -> tuple[Floats, Floats]:
    """Whole stretches (m, length, channels) of x, and where they begin [s]."""
    stretches = len(x) // length
    cut = x[: stretches * length].reshape(stretches, length, x.shape[1])
    return cut, np.arange(stretches) * length / sample_rate


def _fit(
    cut: Floats, begins: Floats, frequency: float, sample_rate: float, order: int
) -> tuple[Complexes, Floats]:
    """RMS phasors of sines, and means, (stretches, channels) of stretches (m, length, channels)."""
    length = cut.shape[1]
    angle = 2.0 * np.pi * order * frequency * np.arange(length) / sample_rate
    window = np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
    basis = np.stack([np.ones(length), np.cos(angle), np.sin(angle)])
    weighted = basis * window
    matrix = np.linalg.solve(weighted @ basis.T, weighted)
    parts = np.einsum("kl,mlc->mkc", matrix, cut)
    phasors = (parts[:, 2] + 1j * parts[:, 1]) / np.sqrt(2.0)
    back = np.exp(-2j * np.pi * order * frequency * begins)
    return np.asarray(phasors * back[:, None]), np.asarray(parts[:, 0])
