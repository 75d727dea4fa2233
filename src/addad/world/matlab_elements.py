"""The elements of a MATLAB file of version 5 to 7: numbers, texts, cells, structures.

Written from public descriptions of the format. Every length is held against what is there before
anything is made of it, as a damaged file must cost an error and no more.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADING = 128
MAX_DEPTH = 16
MAX_CELLS = 10_000

_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8",
          13: "u8", 16: "u1", 17: "u2", 18: "u4"}  # fmt: skip
_MATRIX, _COMPRESSED, _UTF8 = 14, 15, 16
_CELL, _STRUCT, _OBJECT, _CHAR = 1, 2, 3, 4
_NUMBERS = range(6, 16)
_COMPLEX = 0x800


class Damaged(ValueError):
    """The octets are not what their tags say."""


@dataclass(frozen=True, slots=True)
class Structures:
    """An array of structures, each a mapping of its fields."""

    elements: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Cells:
    """A cell array, in the order of its columns."""

    elements: list[object]


class Elements:
    """Reads the variables of a file; `limit` octets may come out of compressed ones in total."""

    def __init__(self, octets: bytes, limit: int) -> None:
        if len(octets) < HEADING:
            raise Damaged("its heading is cut off")
        self._octets = octets
        self._order = {b"IM": "<", b"MI": ">"}.get(octets[126:128], "")
        self._left = limit
        if not self._order:
            raise Damaged("its heading states no order of octets")

    def variables(self) -> Iterator[tuple[str, object]]:
        """Names and values: an array, a text, `Cells`, `Structures`; None for any other kind."""
        place = HEADING
        while place < len(self._octets):
            kind, data, place = self._element(self._octets, place)
            if kind == _COMPRESSED:
                kind, data, _ = self._element(self._inflated(data), 0)
            if kind == _MATRIX:
                yield self._matrix(data, 0)

    def _inflated(self, octets: bytes) -> bytes:
        engine = zlib.decompressobj()
        try:
            made = engine.decompress(octets, self._left + 1)
        except zlib.error as error:
            raise Damaged(f"a compressed variable cannot be unpacked: {error}") from None
        self._left -= len(made)
        if self._left < 0:
            raise Damaged("its variables are larger than can be held")
        return made

    def _element(self, octets: bytes, place: int) -> tuple[int, bytes, int]:
        """Type, data and the place behind of the element at a place."""
        if place + 8 > len(octets):
            raise Damaged("it breaks off within a tag")
        kind = self._word(octets, place)
        if kind >> 16:
            length, kind, first, after = kind >> 16, kind & 0xFFFF, place + 4, place + 8
            if length > 4:
                raise Damaged("a short element states more than four octets")
        else:
            length, first = self._word(octets, place + 4), place + 8
            after = first + length + (0 if kind == _COMPRESSED else -length % 8)
        if first + length > len(octets):
            raise Damaged("it breaks off within a variable")
        return kind, octets[first : first + length], after

    def _word(self, octets: bytes, place: int) -> int:
        return int.from_bytes(octets[place : place + 4], "little" if self._order == "<" else "big")

    def _values(self, octets: bytes, place: int) -> tuple[NDArray[np.generic], int]:
        """The numbers of the element at a place."""
        kind, data, after = self._element(octets, place)
        if kind not in _TYPES:
            raise Damaged(f"an element of type {kind} where numbers should be")
        dtype = np.dtype(self._order + _TYPES[kind])
        return np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype), after

    def _matrix(self, octets: bytes, depth: int) -> tuple[str, object]:
        if not octets or depth > MAX_DEPTH:
            return "", None
        flags, place = self._values(octets, 0)
        stated, place = self._values(octets, place)
        name, place = self._values(octets, place)
        if not flags.size:
            raise Damaged("a variable without its class")
        told = name.astype(np.uint8).tobytes().decode("utf-8", "replace")
        shape = tuple(int(length) for length in stated.tolist())
        if len(shape) < 2 or min(shape) < 0:
            raise Damaged(f"{told}: dimensions {shape}")
        return told, self._content(octets, place, int(flags[0]), shape, depth)

    def _content(
        self, octets: bytes, place: int, flags: int, shape: tuple[int, ...], depth: int
    ) -> object:
        kind, count = flags & 0xFF, math.prod(shape)
        if kind in _NUMBERS:
            if flags & _COMPLEX:
                return None
            values, _ = self._values(octets, place)
            if values.size != count:
                raise Damaged(f"{values.size} numbers where {shape} are stated")
            return values.reshape(shape, order="F")
        if kind == _CHAR:
            return self._text(octets, place, shape)
        if kind not in (_CELL, _STRUCT, _OBJECT):
            return None
        if count > MAX_CELLS:
            raise Damaged(f"{count} cells; at most {MAX_CELLS} are read")
        if kind == _CELL:
            cells, _ = self._parts(octets, place, count, depth)
            return Cells(cells)
        if kind == _OBJECT:
            _, _, place = self._element(octets, place)
        return self._structures(octets, place, count, depth)

    def _structures(self, octets: bytes, place: int, count: int, depth: int) -> Structures:
        lengths, place = self._values(octets, place)
        letters, place = self._values(octets, place)
        width = int(lengths[0]) if lengths.size else 0
        if width < 1:
            raise Damaged("a structure without the length of its fields' names")
        raw = letters.astype(np.uint8).tobytes()
        names = [raw[k : k + width].split(b"\x00")[0] for k in range(0, len(raw), width)]
        fields = [name.decode("utf-8", "replace") for name in names]
        if count * len(fields) > MAX_CELLS:
            raise Damaged(f"{count} structures of {len(fields)} fields")
        elements = []
        for _ in range(count):
            values, place = self._parts(octets, place, len(fields), depth)
            elements.append(dict(zip(fields, values, strict=True)))
        return Structures(elements)

    def _parts(self, octets: bytes, place: int, count: int, depth: int) -> tuple[list[object], int]:
        """So many variables without names, one behind the other."""
        values = []
        for _ in range(count):
            kind, data, place = self._element(octets, place)
            if kind != _MATRIX:
                raise Damaged(f"an element of type {kind} where a variable should be")
            values.append(self._matrix(data, depth + 1)[1])
        return values, place

    def _text(self, octets: bytes, place: int, shape: tuple[int, ...]) -> object:
        """A text, or one for each row of a matrix of letters."""
        if 0 in shape:
            return ""
        kind, data, _ = self._element(octets, place)
        if kind == _UTF8:
            letters = list(data.decode("utf-8", "replace"))
        else:
            codes = self._values(octets, place)[0].astype(np.int64).tolist()
            letters = [chr(code) if 0 < code < 0x11_0000 else " " for code in codes]
        if shape[0] == 1:
            return "".join(letters)
        if len(letters) != math.prod(shape):
            raise Damaged(f"{len(letters)} letters where {shape} are stated")
        return Cells(["".join(letters[k :: shape[0]]).strip() for k in range(shape[0])])
