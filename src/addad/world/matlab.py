"""MATLAB recordings: the variables of a .mat file, structures and cells among them.

Versions 5 to 7 are read by `matlab_elements`, 7.3 is HDF5 and read by `hdf5`. A structure's fields
are arrays by their names, `signals(2).values` with a label is the channel so labelled, a cell or
matrix of texts named `names` or `channels` names the channels.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.arrays import MAX_ARRAY_OCTETS, recording_of, shortened
from addad.world.matlab_elements import Cells, Damaged, Elements, Structures
from addad.world.recording import Reading, Recording

_HDF5 = b"\x89HDF\r\n\x1a\n"
_SAVE = "save arrays or structures of them: save('record.mat', 'u', 'i', 'fs', '-v7')"


def looks_like_matlab(head: bytes) -> bool:
    """Whether a file begins as those of MATLAB 5 to 7.3 do."""
    return head[:8] == b"MATLAB 5" or head[:8] == b"MATLAB 7"


def is_hdf5(head: bytes) -> bool:
    """Whether a file is HDF5, or MATLAB 7.3, which has it behind its own heading."""
    return head[:8] == _HDF5 or (looks_like_matlab(head) and head[512:520] == _HDF5)


def open_matlab(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open .mat file of version 5 to 7; InputError for what is none."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_ARRAY_OCTETS:
        raise InputError(f"{name}: larger than {MAX_ARRAY_OCTETS >> 30} GiB")
    file.seek(0)
    octets = file.read(size)
    if not looks_like_matlab(octets):
        raise InputError(f"{name}: no MATLAB file of version 5 to 7.3; {_SAVE}")
    try:
        variables = dict(Elements(octets, MAX_ARRAY_OCTETS).variables())
    except Damaged as error:
        raise InputError(f"{name}: no readable MATLAB file: {error}; save it again") from None
    arrays: dict[str, NDArray[np.generic]] = {}
    for key, value in variables.items():
        arrays.update(_flat(key, value))
    if not any(array.dtype.kind in "fiu" and array.size > 1 for array in arrays.values()):
        held = ", ".join(list(variables)[:8]) or "nothing"
        raise InputError(f"{name}: holds no array of numbers, only {held}; {_SAVE}")
    return recording_of(shortened(arrays), "MATLAB arrays", name, reading)


def _flat(key: str, value: object) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """The arrays within a variable, by the path to them; one of a single row is a plain one."""
    if isinstance(value, str):
        yield key, np.array([value.strip()])
    elif isinstance(value, np.ndarray):
        yield key, value.reshape(-1) if value.size == max(value.shape) else value
    elif isinstance(value, Cells):
        texts = [cell.strip() for cell in value.elements if isinstance(cell, str)]
        if texts and len(texts) == len(value.elements):
            yield key, np.array(texts)
            return
        for k, cell in enumerate(value.elements, 1):
            yield from _flat(f"{key}({k})", cell)
    elif isinstance(value, Structures):
        for k, fields in enumerate(value.elements, 1):
            path = key if len(value.elements) == 1 else f"{key}({k})"
            label = fields.get("label", fields.get("name"))
            for name, part in fields.items():
                named = name in ("values", "data") and isinstance(label, str) and label.strip()
                yield from _flat(str(label).strip() if named else f"{path}.{name}", part)
