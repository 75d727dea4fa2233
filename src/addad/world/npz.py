"""NumPy recordings: one array a channel, or arrays of many records of the same shape.

The format is numpy's own; pickled objects are refused.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import IO, BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.channel_names import meanings, split_unit
from addad.world.recording import Blocks, ChoiceError, Reading, RecordedChannel, Recording

MAX_ARRAY_OCTETS = 2 << 30
MAX_ARRAYS = 1000

_RATES = ("sample_rate", "samplerate", "sampling_rate", "fs", "rate", "sr", "sampling_frequency")
_TIMES = ("t", "time", "time_s", "times")
Arrays = Mapping[str, NDArray[np.generic]]


def open_npz(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open NPZ or NPY file; InputError for what is none.

    Arrays of one dimension are channels; of two, (items, samples). A scalar named `sample_rate`
    or `fs`, or an array `time` [s], gives the rate; else items of one cycle each are recognised
    and the nominal frequency gives it.
    """
    arrays = _load(file, name)
    signals = _signals(arrays, name)
    shape = next(iter(signals.values())).shape
    channels, factors = _channels(tuple(signals))
    stack = np.stack([signals[key] for key in signals], axis=-1) * np.array(factors)
    items = _items(arrays, shape[0]) if len(shape) == 2 else ()
    if len(shape) == 1:
        stack = stack[np.newaxis]
    elif reading.item is not None:
        if not 0 <= reading.item < shape[0]:
            raise ChoiceError(f"{name}: has items 0 to {shape[0] - 1}, not {reading.item}")
        stack = stack[reading.item : reading.item + 1]
        items = (items[reading.item],)
    stack = np.where(np.isfinite(stack), stack, np.nan)
    voltages = [k for k, channel in enumerate(channels) if channel.kind == "voltage"]
    reference = stack[:, :, voltages[0] if voltages else 0]
    rate, assumed, notes = _rate(arrays, reference, reading, name)

    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        for first in range(0, stack.shape[1], block_samples):
            yield np.ascontiguousarray(stack[:, first : first + block_samples, list(columns)])

    return Recording(
        format="NumPy arrays",
        sample_rate=rate,
        samples=stack.shape[1],
        channels=channels,
        reader=blocks,
        items=items,
        rate_assumed=assumed,
        notes=tuple(notes),
    )


def _load(file: BinaryIO, name: str) -> dict[str, NDArray[np.generic]]:
    """The arrays by name, their size bounded before they are read."""
    try:
        if file.read(2) != b"PK":
            file.seek(0)
            return {"U1": _bounded_array(file, name)}
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
            if not members or len(members) > MAX_ARRAYS:
                raise InputError(f"{name}: a ZIP file with {len(members)} NumPy arrays")
            if sum(member.file_size for member in members) > MAX_ARRAY_OCTETS:
                raise InputError(f"{name}: its arrays are larger than {MAX_ARRAY_OCTETS >> 30} GiB")
            arrays = {}
            for member in members:
                with archive.open(member) as stream:
                    _check_header(stream, member.file_size)
                with archive.open(member) as stream:
                    arrays[member.filename[:-4]] = np.lib.format.read_array(
                        stream, allow_pickle=False
                    )
            return arrays
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, RuntimeError) as error:
        raise InputError(f"{name}: no readable NumPy file ({error}); save it again") from None


def _bounded_array(file: BinaryIO, name: str) -> NDArray[np.generic]:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_ARRAY_OCTETS:
        raise InputError(f"{name}: its array is larger than {MAX_ARRAY_OCTETS >> 30} GiB")
    _check_header(file, size)
    file.seek(0)
    array: NDArray[np.generic] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _check_header(stream: IO[bytes], size: int) -> None:
    """ValueError for a header that claims more octets than follow it."""
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"format version {version}")
    header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = header(stream)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects")
    if math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"an array claims {math.prod(shape)} values, more than the file holds")


def _signals(arrays: Arrays, name: str) -> dict[str, NDArray[np.float64]]:
    """The arrays that are waveforms: numeric, of one shape, named neither rate nor time."""
    numeric = {
        key: np.asarray(array, dtype=np.float64)
        for key, array in arrays.items()
        if array.dtype.kind in "fiu"
        and array.ndim in (1, 2)
        and key.lower() not in (*_RATES, *_TIMES)
    }
    if not numeric:
        raise InputError(f"{name}: holds no numeric array of one or two dimensions")
    shape = max((array.shape for array in numeric.values()), key=lambda s: (len(s), np.prod(s)))
    return {key: array for key, array in numeric.items() if array.shape == shape}


def _channels(names: tuple[str, ...]) -> tuple[tuple[RecordedChannel, ...], list[float]]:
    split = [split_unit(name) for name in names]
    told = meanings([s[0] for s in split], [s[1] for s in split], [""] * len(names))
    channels = tuple(
        RecordedChannel(name, m.kind, m.phase, m.unit) for name, m in zip(names, told, strict=True)
    )
    return channels, [m.factor for m in told]


def _items(arrays: Arrays, count: int) -> tuple[str, ...]:
    """A name for each item: its number, and its label where the file has one."""
    for array in arrays.values():
        if array.ndim == 1 and array.dtype.kind in "US" and len(array) == count:
            return tuple(f"{k} ({label!s})" for k, label in enumerate(array.astype(str)))
    return tuple(str(k) for k in range(count))


def _rate(
    arrays: Arrays, reference: NDArray[np.float64], reading: Reading, name: str
) -> tuple[float, bool, list[str]]:
    """The sampling rate [Hz], whether it is assumed, and why; `reference` (items, n) [V]."""
    if reading.rate is not None:
        return reading.rate, False, []
    for key, array in arrays.items():
        if key.lower() in _RATES and array.size == 1 and array.dtype.kind in "fiu":
            return float(array.reshape(-1)[0].item()), False, []
        if key.lower() in _TIMES and array.size > 1 and array.dtype.kind in "fiu":
            times = array.reshape(-1).astype(np.float64)
            if times[-1] > times[0]:
                return float((times.size - 1) / (times[-1] - times[0])), False, []
    if not _is_one_cycle(reference):
        raise InputError(f"{name}: states no sampling rate; give it with --rate")
    nominal, samples = reading.nominal_frequency, reference.shape[1]
    why = ""
    if nominal is None:
        rms = float(np.sqrt(np.nanmean(reference**2)))
        nominal = 60.0 if 100.0 <= rms <= 135.0 else 50.0
        why = f" (as grids of {rms:.0f} V have)"
    return (
        samples * nominal,
        True,
        [
            f"the file states no sampling rate; each item is one cycle by its spectrum: {samples} "
            f"samples × {nominal:g} Hz{why} = {samples * nominal:g} S/s is assumed; "
            "--rate or --nominal corrects it"
        ],
    )


def _is_one_cycle(reference: NDArray[np.float64]) -> bool:
    """Whether the fundamental is one period per item, over the items (items, n)."""
    spectrum = np.abs(np.fft.rfft(np.nan_to_num(reference), axis=1)).mean(axis=0)
    return bool(spectrum.size > 3 and spectrum[1:].argmax() == 0)
