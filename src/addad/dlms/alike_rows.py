"""Rows that are alike, in one pass: an array of structures of the same types and sizes.

Green Book, IEC 62056-5-3 (array of structures, A-XDR). The first row says where tags and lengths
stand; if they stand there in every row, the values are read by columns. Any other array is read
element by element, with the same result and the same errors.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import repeat
from struct import Struct
from typing import Any, Final, NamedTuple

from addad.dlms.octets import Cursor
from addad.dlms.tags import (
    DONT_CARE,
    FIXED_OCTETS,
    MAX_DEPTH,
    NULL,
    NUMBER_FORMS,
    Data,
    Tag,
)
from addad.errors import DecodeError

MIN_ROWS: Final = 8
"""Fewer rows are not worth the look at the first one."""
MAX_COLUMNS: Final = 64
_SHAPES: Final = 64
"""How many row shapes are kept."""

_FORMS: Final = {
    **{int(tag): form.format[1:] for tag, form in NUMBER_FORMS.items()},
    **{int(tag): f"{size}s" for tag, size in FIXED_OCTETS.items()},
    int(Tag.BOOLEAN): "?",
    int(Tag.NULL_DATA): "",
    int(Tag.DONT_CARE): "",
}
_SIZES: Final = {tag: Struct(">" + form).size for tag, form in _FORMS.items()}
_STRINGS: Final = frozenset((Tag.OCTET_STRING, Tag.VISIBLE_STRING))
_make: Final[Callable[[tuple[Tag, Any]], Data]] = partial(tuple.__new__, Data)
_text: Final = partial(str, encoding="latin-1")


class _Shape(NamedTuple):
    """What rows share: their octets, which of them are tags and lengths, and their values."""

    row: Struct
    fixed: tuple[int, ...]
    tags: tuple[Tag, ...]


def _first_row(cursor: Cursor) -> bytes | None:
    """The tags and lengths of the row at the cursor; None for one that has no fixed size."""
    if cursor.u8() != Tag.STRUCTURE:
        return None
    count = cursor.u8()
    if not 1 <= count <= MAX_COLUMNS:
        return None
    marks = bytearray()
    for _ in range(count):
        tag = cursor.u8()
        marks.append(tag)
        if tag in _STRINGS:
            size = cursor.u8()
            if size >= 0x80:
                return None
            marks.append(size)
            cursor.skip(size)
        elif tag in _FORMS:
            cursor.skip(_SIZES[tag])
        else:
            return None
    return bytes(marks)


@lru_cache(_SHAPES)
def _shape(marks: bytes) -> _Shape:
    """The shape of rows with these tags and lengths."""
    form, at, fixed, tags = [">2x"], 2, [0, 1], []
    left = iter(marks)
    for tag in left:
        tags.append(Tag(tag))
        fixed.append(at)
        if tag in _STRINGS:
            size = next(left)
            fixed.append(at + 1)
            form.append(f"2x{size}s")
            at += 2 + size
        else:
            form.append("x" + _FORMS[tag])
            at += 1 + _SIZES[tag]
    return _Shape(Struct("".join(form)), tuple(fixed), tuple(tags))


def _alike(
    cursor: Cursor, count: int, depth: int, budget: list[int]
) -> tuple[_Shape, bytes] | None:
    """The shape and octets of `count` rows; None, and nothing is read, unless all are alike."""
    if count < MIN_ROWS or depth + 1 >= MAX_DEPTH:
        return None
    start = cursor.position
    try:
        marks = _first_row(cursor)
        cursor.position = start
        if marks is None:
            return None
        shape = _shape(marks)
        if count * len(shape.tags) > budget[0]:
            return None
        rows = cursor.take(count * shape.row.size)
    except DecodeError:
        cursor.position = start
        return None
    width = shape.row.size
    for at in shape.fixed:
        if rows[at::width].count(rows[at]) != count:
            cursor.position = start
            return None
    budget[0] -= count * len(shape.tags)
    return shape, rows


def read_alike(
    cursor: Cursor, count: int, depth: int, budget: list[int]
) -> tuple[Data, ...] | None:
    """The rows of an array of which `count` was read; None, and nothing is read, for others."""
    alike = _alike(cursor, count, depth, budget)
    if alike is None:
        return None
    collecting = gc.isenabled()
    gc.disable()  # many objects and no cycle: a collector that counts them would run in vain
    try:
        return _built(*alike, count)
    finally:
        if collecting:
            gc.enable()


def _built(shape: _Shape, rows: bytes, count: int) -> tuple[Data, ...]:
    values = zip(*shape.row.iter_unpack(rows), strict=True)
    columns = [_column(tag, values, count) for tag in shape.tags]
    cells = zip(*columns, strict=True)
    return tuple(map(_make, zip(repeat(Tag.STRUCTURE), cells)))


def pass_alike(cursor: Cursor, count: int, depth: int, budget: list[int]) -> bool:
    """Pass over the rows of an array of which `count` was read; False, and nothing is read."""
    return _alike(cursor, count, depth, budget) is not None


def _column(tag: Tag, values: Iterator[tuple[Any, ...]], count: int) -> Iterable[Data]:
    if tag == Tag.NULL_DATA:
        return repeat(NULL, count)
    if tag == Tag.DONT_CARE:
        return repeat(DONT_CARE, count)
    column: Iterable[Any] = next(values)
    if tag == Tag.VISIBLE_STRING:
        column = map(_text, column)
    return map(_make, zip(repeat(tag), column))
