"""What the rows of a profile share: how many octets they have, and where tags and values stand.

Green Book, IEC 62056-5-3 (array of structures and compact array, A-XDR). The first row of an array
says it for all; a compact array says it before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from addad.dlms.octets import Cursor
from addad.dlms.tags import NUMBER_FORMS, Tag

MAX_COLUMNS: Final = 255
CLOCK_OCTETS: Final = 12
STRINGS: Final = frozenset((Tag.OCTET_STRING, Tag.VISIBLE_STRING, Tag.BIT_STRING))


class Field(NamedTuple):
    """One value of a row: its tag, its offset in the row, its octets without tag and length."""

    tag: Tag
    offset: int
    size: int


class RowShape(NamedTuple):
    """What all rows share: their octets, what is fixed in them, and where values stand."""

    width: int
    fixed: tuple[int, ...]
    fields: tuple[Field, ...]

    def fixed_runs(self) -> Iterator[tuple[int, int]]:
        """The fixed octets, each run of them as its first offset and its end."""
        first = end = 0
        for offset in self.fixed:
            if offset != end:
                if end > first:
                    yield first, end
                first = offset
            end = offset + 1
        if end > first:
            yield first, end


def read_row_shape(cursor: Cursor) -> tuple[int, int, RowShape] | None:
    """How many rows there are, where the first begins, and what all share."""
    tag = cursor.u8()
    if tag == Tag.COMPACT_ARRAY:
        return _compact_shape(cursor)
    if tag != Tag.ARRAY:
        return None
    rows = cursor.length()
    if rows == 0:
        cursor.expect_end()
        return 0, cursor.position, RowShape(0, (), ())
    start = cursor.position
    shape = _first_row(cursor)
    return None if shape is None else (rows, start, shape)


def _compact_shape(cursor: Cursor) -> tuple[int, int, RowShape] | None:
    """The same of a compact array: the tags stand before all rows, lengths of strings in each."""
    if cursor.u8() != Tag.STRUCTURE:
        return None
    tags = cursor.take(cursor.length())
    octets = cursor.length()
    start = cursor.position
    if octets != cursor.remaining or not 1 <= len(tags) <= MAX_COLUMNS:
        return None
    if octets == 0:
        return 0, start, RowShape(0, (), ())
    fixed: list[int] = []
    fields = []
    for tag in tags:
        at = cursor.position
        size = _value_octets(tag, cursor)
        if size is None:
            return None
        fixed += range(at - start, cursor.position - start)
        fields.append(Field(Tag(tag), cursor.position - start, size))
        cursor.skip(size)
    width = cursor.position - start
    rows, odd = divmod(octets, width) if width else (0, 1)
    return None if odd else (rows, start, RowShape(width, tuple(fixed), tuple(fields)))


def _value_octets(tag: int, cursor: Cursor) -> int | None:
    """The octets of a value of the tag, after a string's length; None for no fixed size."""
    if tag in NUMBER_FORMS:
        return NUMBER_FORMS[Tag(tag)].size
    if tag == Tag.BOOLEAN:
        return 1
    if tag == Tag.DATE_TIME:
        return CLOCK_OCTETS
    if tag not in STRINGS:
        return None
    size, odd = divmod(cursor.length(), 8 if tag == Tag.BIT_STRING else 1)
    return None if odd else size


def _first_row(cursor: Cursor) -> RowShape | None:
    """The shape of the row at the cursor; None for one that has no fixed width."""
    start = cursor.position
    if cursor.u8() != Tag.STRUCTURE:
        return None
    count = cursor.length()
    if not 1 <= count <= MAX_COLUMNS:
        return None
    fixed = list(range(cursor.position - start))
    fields = []
    for _ in range(count):
        at = cursor.position
        tag = cursor.u8()
        size = _value_octets(tag, cursor)
        if size is None:
            return None
        fixed += range(at - start, cursor.position - start)
        fields.append(Field(Tag(tag), cursor.position - start, size))
        cursor.skip(size)
    return RowShape(cursor.position - start, tuple(fixed), tuple(fields))
