"""MATLAB recordings: the variables of a .mat file, structures and cells among them.

Versions 4 to 7 are read by SciPy, 7.3 is HDF5 and read by `hdf5`. A structure's fields are arrays
by their names, `signals(2).values` with a label is the channel so labelled, a cell or matrix of
texts named `names` or `channels` names the channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.arrays import MAX_ARRAY_OCTETS, MAX_ARRAYS, recording_of, shortened
from addad.world.recording import Reading, Recording

MAX_DEPTH = 8

_HDF5 = b"\x89HDF\r\n\x1a\n"
_SAVE = "save arrays or structures of them: save('record.mat', 'u', 'i', 'fs', '-v7')"


def looks_like_matlab(head: bytes) -> bool:
    """Whether a file begins as those of MATLAB 5 to 7.3 do."""
    return head[:8] == b"MATLAB 5" or head[:8] == b"MATLAB 7"


def is_hdf5(head: bytes) -> bool:
    """Whether a file is HDF5, or MATLAB 7.3, which has it behind its own heading."""
    return head[:8] == _HDF5 or (looks_like_matlab(head) and head[512:520] == _HDF5)


def open_matlab(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open .mat file of version 4 to 7; InputError for what is none."""
    try:
        from scipy import io as scipy_io
    except ImportError:
        raise InputError(
            f"{name}: MATLAB files need scipy, which is not installed: "
            "pip install 'addad[recordings]'"
        ) from None
    try:
        file.seek(0)
        listed = scipy_io.whosmat(file)
        octets = 8 * sum(_size(shape) for _, shape, _ in listed)
        if octets > MAX_ARRAY_OCTETS or len(listed) > MAX_ARRAYS:
            raise InputError(
                f"{name}: {len(listed)} variables of up to {octets >> 20} MiB; at most "
                f"{MAX_ARRAYS} of {MAX_ARRAY_OCTETS >> 30} GiB can be read"
            )
        file.seek(0)
        variables = scipy_io.loadmat(file, squeeze_me=True)
    except InputError:
        raise
    except Exception as error:  # SciPy raises of many kinds for what is damaged
        told = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(f"{name}: no readable MATLAB file ({told}); save it again") from None
    arrays: dict[str, NDArray[np.generic]] = {}
    for key, value in variables.items():
        if not key.startswith("__"):
            arrays.update(_flat(key, value, MAX_DEPTH))
    if not any(array.dtype.kind in "fiu" and array.size > 1 for array in arrays.values()):
        held = ", ".join(f"{key} ({kind})" for key, _, kind in listed[:8]) or "nothing"
        raise InputError(f"{name}: holds no array of numbers, only {held}; {_SAVE}")
    return recording_of(shortened(arrays), "MATLAB arrays", name, reading)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _flat(key: str, value: object, depth: int) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """The arrays within a variable, by the path to them."""
    if isinstance(value, str):
        yield key, np.array([value.strip()])
        return
    array = np.asarray(value)
    if array.dtype.names is not None:
        yield from _structures(key, array, depth)
    elif array.dtype.kind == "O":
        cells = array.reshape(-1).tolist()
        if cells and all(isinstance(cell, str) for cell in cells):
            yield key, np.array([cell.strip() for cell in cells])
        elif depth and len(cells) <= MAX_ARRAYS:
            for k, cell in enumerate(cells, 1):
                if not isinstance(cell, np.ndarray) or cell is not value:
                    yield from _flat(f"{key}({k})", cell, depth - 1)
    elif array.dtype.kind in "US":
        yield key, np.array([text.strip() for text in array.reshape(-1).astype(str).tolist()])
    else:
        yield key, array.reshape(1) if array.ndim == 0 else array


def _structures(
    key: str, array: NDArray[Any], depth: int
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """The arrays within a structure, or within an array of structures."""
    if not depth or array.size > MAX_ARRAYS:
        return
    names = array.dtype.names or ()
    columns = {name: np.asarray(array.reshape(-1)[name]) for name in names}
    for k in range(array.size):
        path = key if array.size == 1 else f"{key}({k + 1})"
        fields = {name: column[k] for name, column in columns.items()}
        label = fields.get("label", fields.get("name"))
        for name, held in fields.items():
            is_wrapped = isinstance(held, np.ndarray) and held.ndim == 0 and held.dtype.kind == "O"
            value = held.item() if is_wrapped else held
            is_labelled = name in ("values", "data") and isinstance(label, str) and label.strip()
            yield from _flat(str(label) if is_labelled else f"{path}.{name}", value, depth - 1)
