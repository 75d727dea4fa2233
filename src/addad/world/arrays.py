"""Named arrays of numbers, as NumPy, MATLAB and HDF5 files hold them, made a recording.

Which dimension of an array is what, is told by its names and shape in `npz_layout`; which of them
say the rate and the times, by their names here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.channel_names import meanings, split_unit
from addad.world.npz_layout import is_one_cycle, laid_out
from addad.world.recording import Blocks, ChoiceError, Reading, RecordedChannel, Recording

MAX_ARRAY_OCTETS = 2 << 30
MAX_ARRAYS = 1000

_RATE_NAMES = ("sample_rate", "samplerate", "sampling_rate", "fs", "rate", "sampling_frequency")
RATES = ("sr", *_RATE_NAMES, *(f"{name}_hz" for name in _RATE_NAMES))
_TIMES = ("t", "time", "time_s", "times")
Arrays = Mapping[str, NDArray[np.generic]]


def recording_of(arrays: Arrays, format_name: str, name: str, reading: Reading) -> Recording:
    """The recording in the arrays of a file; InputError where none of them is one.

    Arrays of one dimension are channels; of two, samples and channels where one dimension is
    short, else (items, samples). A scalar named `sample_rate` or `fs`, or times [s], gives the
    rate; else items of one cycle each are recognised and the nominal frequency gives it.
    """
    stated = _stated_rate(arrays, reading)
    laid = laid_out(_numeric(arrays, name), arrays, stated is not None)
    stack, items = laid.values, laid.items
    if reading.item is not None:
        if not 0 <= reading.item < len(stack):
            held = f"items 0 to {len(stack) - 1}" if items else "one record"
            raise ChoiceError(f"{name}: has {held}, not {reading.item}")
        stack = stack[reading.item : reading.item + 1]
        items = items[reading.item : reading.item + 1]
    channels, factors = _channels(laid.names, laid.units)
    with np.errstate(over="ignore", invalid="ignore"):
        stack = np.where(np.isfinite(stack), stack * np.array(factors), np.nan)
    voltages = [k for k, channel in enumerate(channels) if channel.kind == "voltage"]
    rate, notes = stated or laid.rate, list(laid.notes)
    assumed = rate is None
    if rate is None:
        rate, why = _assumed_rate(stack[:, :, voltages[0] if voltages else 0], reading, name)
        notes.insert(0, why)

    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        for first in range(0, stack.shape[1], block_samples):
            yield np.ascontiguousarray(stack[:, first : first + block_samples, list(columns)])

    return Recording(
        format=format_name,
        sample_rate=rate,
        samples=stack.shape[1],
        channels=channels,
        reader=blocks,
        items=items,
        rate_assumed=assumed,
        notes=tuple(notes),
    )


def _numeric(arrays: Arrays, name: str) -> dict[str, NDArray[np.float64]]:
    """The arrays that may be waveforms: numeric, named neither rate nor time."""
    numeric = {
        key: np.asarray(array, dtype=np.float64)
        for key, array in arrays.items()
        if array.dtype.kind in "fiu"
        and array.ndim in (1, 2)
        and array.size > 0
        and leaf(key) not in (*RATES, *_TIMES)
    }
    if not numeric:
        raise InputError(f"{name}: holds no numeric array of one or two dimensions")
    return numeric


def _channels(
    names: Sequence[str], units: Sequence[str]
) -> tuple[tuple[RecordedChannel, ...], list[float]]:
    """The channels, and the factors that make volts and amperes of their values."""
    split = [split_unit(name) for name in names]
    told = meanings(
        [s[0] for s in split],
        [unit or s[1] for unit, s in zip(units, split, strict=True)],
        [""] * len(names),
    )
    channels = tuple(
        RecordedChannel(s[0], m.kind, m.phase, m.unit) for s, m in zip(split, told, strict=True)
    )
    return channels, [m.factor for m in told]


def _stated_rate(arrays: Arrays, reading: Reading) -> float | None:
    """The sampling rate [Hz] by the user, by a scalar, or by an array of times."""
    if reading.rate is not None:
        return reading.rate
    for key, array in arrays.items():
        if leaf(key) in RATES and array.size == 1 and array.dtype.kind in "fiu":
            return float(array.reshape(-1)[0].item())
    for key, array in arrays.items():
        if leaf(key) in _TIMES and array.size > 1 and array.dtype.kind in "fiu":
            times = array.reshape(-1).astype(np.float64)
            if times[-1] > times[0]:
                return float((times.size - 1) / (times[-1] - times[0]))
    return None


def _assumed_rate(reference: NDArray[np.float64], reading: Reading, name: str) -> tuple[float, str]:
    """The sampling rate [Hz] of single cycles `reference` (items, n) [V], and why."""
    if not is_one_cycle(reference):
        raise InputError(f"{name}: states no sampling rate; give it with --rate")
    nominal, samples = reading.nominal_frequency, reference.shape[1]
    why = ""
    if nominal is None:
        rms = float(np.sqrt(np.nanmean(reference**2)))
        nominal = 60.0 if 100.0 <= rms <= 135.0 else 50.0
        why = f" (as grids of {rms:.0f} V have)"
    return samples * nominal, (
        f"the file states no sampling rate; each item is one cycle by its spectrum: {samples} "
        f"samples × {nominal:g} Hz{why} = {samples * nominal:g} S/s is assumed; "
        "--rate or --nominal corrects it"
    )


def leaf(key: str) -> str:
    """The last part of a name such as `scope.fs` or `run/fs`, in lower case."""
    return key.replace("/", ".").rpartition(".")[2].lower()


def shortened(arrays: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """The same by their last names alone, where no other has that; else by their whole paths."""
    lasts = [key.replace("/", ".").rpartition(".")[2] for key in arrays]
    return {
        last if lasts.count(last) == 1 else key: array
        for (key, array), last in zip(arrays.items(), lasts, strict=True)
    }
