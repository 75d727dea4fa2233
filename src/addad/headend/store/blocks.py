"""A day of rows as one block of octets: delta, zigzag, byte shuffle, zlib.

Columns of 64-bit integers, each as differences from row to row (the first from zero), the sign
folded into the lowest bit, the octets of equal weight laid together, deflated at level 1. A codec
id of one octet stands beside the data, so that another codec can come later.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from addad.errors import InputError, StorageError

CODEC_DELTA_SHUFFLE_ZLIB = 1
MAX_ROWS = 20_000
MAX_COLUMNS = 64
NOTHING = -(2**63)
"""Stands in a column where the meter had no value."""

Columns = npt.NDArray[np.int64]


def pack(rows: Columns) -> bytes:
    """Octets of an array of shape `(rows, columns)`; raises `InputError` above the limits."""
    n, width = rows.shape
    if n > MAX_ROWS or width > MAX_COLUMNS:
        raise InputError(f"a block holds at most {MAX_ROWS} rows of {MAX_COLUMNS} columns")
    values = rows.astype(np.int64, copy=False).view(np.uint64)
    delta = values.copy()
    delta[1:] -= values[:-1]
    signed = delta.view(np.int64)
    folded = (delta << np.uint64(1)) ^ (signed >> np.int64(63)).view(np.uint64)
    by_column = np.ascontiguousarray(folded.T.astype("<u8"))
    planes = by_column.view(np.uint8).reshape(width * n, 8).T
    return zlib.compress(np.ascontiguousarray(planes).tobytes(), 1)


def unpack(octets: bytes, n: int, width: int, codec: int = CODEC_DELTA_SHUFFLE_ZLIB) -> Columns:
    """The array of shape `(n, width)` behind `octets`; raises `StorageError` if it is not that."""
    if codec != CODEC_DELTA_SHUFFLE_ZLIB:
        raise StorageError(f"readings are stored in codec {codec}, which this version cannot read")
    size = n * width * 8
    inflate = zlib.decompressobj()
    try:
        plain = inflate.decompress(octets, size + 1)
    except zlib.error as error:
        raise StorageError(f"a block of readings is damaged: {error}") from error
    if len(plain) != size or not inflate.eof:
        raise StorageError("a block of readings is damaged: its size is not that of its rows")
    planes = np.frombuffer(plain, np.uint8).reshape(8, width * n)
    folded = np.ascontiguousarray(planes.T).view("<u8").reshape(width, n).astype(np.uint64)
    delta = (folded >> np.uint64(1)) ^ (np.uint64(0) - (folded & np.uint64(1)))
    return np.ascontiguousarray(np.cumsum(delta, axis=1, dtype=np.uint64).T).view(np.int64)


def merge(old: Columns, new: Columns) -> Columns:
    """All different rows of both in order of their first column; a row twice is kept once.

    Rows of equal time stamp and different content (a clock set back) are all kept, the older first.
    """
    if old.shape[0] == 0 and new.shape[0] <= 1:
        return new
    together = np.concatenate([old, new])
    _, first = np.unique(together, axis=0, return_index=True)
    kept = together[np.sort(first)]
    return kept[np.argsort(kept[:, 0], kind="stable")]
