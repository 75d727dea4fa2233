"""NumPy recordings: an array a channel, an array of many channels, or of many records.

The format is numpy's own; pickled objects are refused. What the arrays are, is told in `arrays`.
"""

from __future__ import annotations

import io
import math
import struct
import tokenize
import zipfile
import zlib
from typing import IO, BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.arrays import MAX_ARRAY_OCTETS, MAX_ARRAYS, recording_of
from addad.world.recording import Reading, Recording

# what zipfile, zlib and numpy raise for a damaged file
_UNREADABLE = (
    ValueError, TypeError, OSError, EOFError, RuntimeError, MemoryError, OverflowError, SyntaxError,
    zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError,
)  # fmt: skip

_SMALL = 64 << 20
_MOST_PACKED = 100
"""Samples of mains are not packed to less than a hundredth: what claims more is made to fill."""


def open_npz(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open NPZ or NPY file; InputError for what is none."""
    return recording_of(read_arrays(file, name), "NumPy arrays", name, reading)


def read_arrays(
    file: BinaryIO, name: str, most: int = MAX_ARRAY_OCTETS
) -> dict[str, NDArray[np.generic]]:
    """The arrays by name, `most` octets of them at most; InputError for what is no such file."""
    try:
        if file.read(2) != b"PK":
            file.seek(0)
            return {"": _bounded_array(file, name, most)}
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
            if not members or len(members) > MAX_ARRAYS:
                raise InputError(f"{name}: a ZIP file with {len(members)} NumPy arrays")
            stated = sum(member.file_size for member in members)
            if stated > most:
                raise InputError(f"{name}: its arrays are larger than {most >> 20} MiB")
            if stated > _SMALL + _MOST_PACKED * sum(member.compress_size for member in members):
                raise InputError(
                    f"{name}: claims {stated >> 20} MiB of arrays: samples are never packed so"
                )
            arrays = {}
            for member in members:
                with archive.open(member) as stream:
                    _check_header(stream, member.file_size)
                with archive.open(member) as stream:
                    arrays[member.filename[:-4]] = np.lib.format.read_array(
                        stream, allow_pickle=False
                    )
            return arrays
    except _UNREADABLE as error:
        raise InputError(f"{name}: no readable NumPy file ({error}); save it again") from None


def _bounded_array(file: BinaryIO, name: str, most: int) -> NDArray[np.generic]:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > most:
        raise InputError(f"{name}: its array is larger than {most >> 20} MiB")
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
