"""Whether the heaps of an HDF5 file are whole: where texts of any length lie.

Written from public descriptions of the format. Its library walks a heap by the lengths in it, and a
damaged one keeps it walking for ever; so they are held against each other before it may.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

_MARK = b"GCOL\x01\x00\x00\x00"
_CHUNK = 1 << 20
_HEADER = 16
_ALIGNED = 8
MAX_HEAP_OCTETS = 64 << 20


class DamagedHeapError(ValueError):
    """The lengths in a heap cannot be."""


def check_heaps(file: BinaryIO, length_octets: int) -> None:
    """DamagedHeapError where a heap of an open file is not as long as the objects in it.

    `length_octets` is how many octets a length takes, as the file's heading says.
    """
    size = file.seek(0, io.SEEK_END)
    for place in _places(file):
        file.seek(place + len(_MARK))
        stated = int.from_bytes(file.read(length_octets), "little")
        if not _HEADER <= stated <= min(MAX_HEAP_OCTETS, size - place):
            raise DamagedHeapError(f"a heap at {place} states {stated} octets")
        file.seek(place)
        _walk(file.read(stated), length_octets, place)


def _walk(heap: bytes, length_octets: int, place: int) -> None:
    at = _HEADER
    while at + _HEADER <= len(heap):
        index = int.from_bytes(heap[at : at + 2], "little")
        length = int.from_bytes(heap[at + 8 : at + 8 + length_octets], "little")
        taken = _HEADER + length + -length % _ALIGNED if index else length
        if not _HEADER <= taken <= len(heap) - at:
            raise DamagedHeapError(f"an object of {length} octets in a heap at {place}")
        at += taken


def _places(file: BinaryIO) -> Iterator[int]:
    """Where heaps begin."""
    begin, kept = 0, b""
    while True:
        file.seek(begin + len(kept))
        fresh = file.read(_CHUNK)
        if not fresh:
            return
        octets = kept + fresh
        found = octets.find(_MARK)
        while found >= 0:
            yield begin + found
            found = octets.find(_MARK, found + 1)
        kept = octets[-(len(_MARK) - 1) :]
        begin += len(octets) - len(kept)
