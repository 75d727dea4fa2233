"""Whether the heaps of an HDF5 file are whole: where names, and texts of any length, lie.

Written from public descriptions of the format. Its library walks a heap by the lengths in it, and a
damaged one keeps it walking for ever, or has it take gigabytes; so they are held against each other
and the file's size before it may.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

_MARK, _NAMES_MARK = b"GCOL\x01\x00\x00\x00", b"HEAP\x00\x00\x00\x00"
_CHUNK = 1 << 20
_HEADER = 16
_ALIGNED = 8
_NONE = 1
MAX_HEAP_OCTETS = 64 << 20


class DamagedHeapError(ValueError):
    """The lengths in a heap cannot be."""


def check_heaps(file: BinaryIO, octets: tuple[int, int], base: int = 0) -> None:
    """DamagedHeapError where a heap of an open file is not as long as the objects in it.

    `octets` are how many an address and a length take, as the file's heading says; addresses count
    from `base`.
    """
    address_octets, length_octets = octets
    size = file.seek(0, io.SEEK_END)
    for place in _places(file, _NAMES_MARK):
        stated = _length(file, place, length_octets)
        free = int.from_bytes(file.read(length_octets), "little")
        address = base + int.from_bytes(file.read(address_octets), "little")
        if address + stated > size:
            raise DamagedHeapError(f"a heap of names at {place} states {stated} octets")
        file.seek(address)
        _follow(file.read(stated), free, length_octets, place)
    for place in _places(file, _MARK):
        stated = _length(file, place, length_octets)
        if not _HEADER <= stated <= min(MAX_HEAP_OCTETS, size - place):
            raise DamagedHeapError(f"a heap at {place} states {stated} octets")
        file.seek(place)
        _walk(file.read(stated), length_octets, place)


def _length(file: BinaryIO, place: int, length_octets: int) -> int:
    file.seek(place + len(_MARK))
    return int.from_bytes(file.read(length_octets), "little")


def _follow(heap: bytes, free: int, length_octets: int, place: int) -> None:
    """Follow the list of what is free: each names the next, and the last one none."""
    seen: set[int] = set()
    while free not in (_NONE, (1 << 8 * length_octets) - 1):
        if free in seen or free + 2 * length_octets > len(heap):
            raise DamagedHeapError(f"a heap of names at {place} with a list without end")
        seen.add(free)
        free = int.from_bytes(heap[free : free + length_octets], "little")


def _walk(heap: bytes, length_octets: int, place: int) -> None:
    at = _HEADER
    while at + _HEADER <= len(heap):
        index = int.from_bytes(heap[at : at + 2], "little")
        length = int.from_bytes(heap[at + 8 : at + 8 + length_octets], "little")
        taken = _HEADER + length + -length % _ALIGNED if index else length
        if not _HEADER <= taken <= len(heap) - at:
            raise DamagedHeapError(f"an object of {length} octets in a heap at {place}")
        at += taken


def _places(file: BinaryIO, mark: bytes) -> Iterator[int]:
    """Where heaps begin."""
    begin, kept = 0, b""
    while True:
        file.seek(begin + len(kept))
        fresh = file.read(_CHUNK)
        if not fresh:
            return
        octets = kept + fresh
        found = octets.find(mark)
        while found >= 0:
            yield begin + found
            found = octets.find(mark, found + 1)
        kept = octets[-(len(mark) - 1) :]
        begin += len(octets) - len(kept)
