"""Rows of a profile that leave out what repeats, to full rows and back.

Green Book, IEC 62056-5-3 (null-data and delta values in a buffer); Blue Book class 7. Null-data
stands for the value of the row before, in a clock's column for its time and one capture period.
That a delta wraps in the type of the last full value, and may be narrower, is what implementations
do; no vector of it is published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from struct import Struct
from typing import Final

from addad.dlms.clock_time import DateTime
from addad.dlms.data import MAX_ELEMENTS, NULL, NUMBER_FORMS, Data, Tag
from addad.errors import DecodeError, LocalProtocolError

Row = tuple[Data, ...]

_CLOCK_OCTETS: Final = 12
_CLOCKS: Final = frozenset((Tag.OCTET_STRING, Tag.DATE_TIME))
_SIGNED_DELTAS: Final = (Tag.DELTA_INTEGER, Tag.DELTA_LONG, Tag.DELTA_DOUBLE_LONG)
_UNSIGNED_DELTAS: Final = (
    Tag.DELTA_UNSIGNED,
    Tag.DELTA_LONG_UNSIGNED,
    Tag.DELTA_DOUBLE_LONG_UNSIGNED,
)
_DELTAS: Final = frozenset(_SIGNED_DELTAS + _UNSIGNED_DELTAS)
_SIGNED: Final = frozenset((Tag.INTEGER, Tag.LONG, Tag.DOUBLE_LONG, Tag.LONG64))
_UNSIGNED: Final = frozenset(
    (Tag.UNSIGNED, Tag.LONG_UNSIGNED, Tag.DOUBLE_LONG_UNSIGNED, Tag.LONG64_UNSIGNED)
)


@dataclass(frozen=True, slots=True)
class RowFormat:
    """What must be known of a profile: how many columns, which of them are clocks, its period.

    `period_s` is the capture period, 0 when there is none; `newest_first` is the order of a
    buffer that is sorted last in, first out.
    """

    columns: int
    clocks: Collection[int] = ()
    period_s: int = 0
    newest_first: bool = False


def expand(rows: Iterable[Data], form: RowFormat, *, short_rows: bool = False) -> list[Row]:
    """The full rows; raises `DecodeError` for what nothing before explains.

    `short_rows` is a quirk to be declared: a row that ends early repeats the rest. The first row
    must have a time, and no delta; a null in it stays null.
    """
    full: list[Row] = []
    above: Row | None = None
    for number, row in enumerate(rows):
        cells = row.value
        if row.tag != Tag.STRUCTURE or not isinstance(cells, tuple):
            raise DecodeError(f"row {number} is a {row.tag.name}, no structure")
        given = len(cells)
        if given != form.columns and not (short_rows and above and given < form.columns):
            raise DecodeError(f"row {number} has {given} of {form.columns} columns")
        if (number + 1) * form.columns > MAX_ELEMENTS:
            raise DecodeError(f"more than {MAX_ELEMENTS} values in a profile")
        above = tuple(
            _expanded(_cell(cells, place), None if above is None else above[place], form, place)
            for place in range(form.columns)
        )
        full.append(above)
    return full


def _cell(cells: tuple[object, ...], place: int) -> Data:
    cell = cells[place] if place < len(cells) else NULL
    if not isinstance(cell, Data):
        raise DecodeError(f"{cell!r} is no value of a row")
    return cell


def _expanded(cell: Data, above: Data | None, form: RowFormat, place: int) -> Data:
    tag = cell.tag
    if tag in _DELTAS:
        return _added(cell, above)
    if tag != Tag.NULL_DATA:
        return cell
    if place not in form.clocks:
        return cell if above is None else above
    following = None if above is None else _following(above, form)
    if following is None:
        raise DecodeError("a time is left out that no row, period and deviation before it tell")
    return following


def _added(delta: Data, above: Data | None) -> Data:
    """The sum in the type of the value above, in which it wraps."""
    if above is None or above.tag not in _SIGNED | _UNSIGNED:
        raise DecodeError(f"a {delta.tag.name} without a number before it")
    form = NUMBER_FORMS[above.tag]
    if NUMBER_FORMS[delta.tag].size > form.size:
        raise DecodeError(f"a {delta.tag.name} is wider than the {above.tag.name} before it")
    assert isinstance(above.value, int)
    assert isinstance(delta.value, int)
    return Data(above.tag, _wrapped(above.value + delta.value, form, above.tag in _SIGNED))


def _wrapped(value: int, form: Struct, signed: bool) -> int:
    span = 1 << 8 * form.size
    value %= span
    return value - span if signed and value >= span // 2 else value


def _following(above: Data, form: RowFormat) -> Data | None:
    """The time one capture period on; None when it cannot be told."""
    octets = above.value
    if above.tag not in _CLOCKS or not isinstance(octets, bytes) or len(octets) != _CLOCK_OCTETS:
        return None
    moment = DateTime.decode(octets)
    if moment.deviation is None or form.period_s <= 0:
        return None
    period = timedelta(seconds=-form.period_s if form.newest_first else form.period_s)
    try:
        following = DateTime.from_datetime(moment.to_datetime() + period, moment.status)
    except OverflowError:
        raise DecodeError("a time beyond the calendar") from None
    if moment.weekday is None or moment.hundredths is None:
        following = _wildcards_of(moment, following)
    return Data(above.tag, following.encode())


def _wildcards_of(moment: DateTime, following: DateTime) -> DateTime:
    """What is not specified above is not specified below."""
    return DateTime(
        following.year,
        following.month,
        following.day,
        None if moment.weekday is None else following.weekday,
        following.hour,
        following.minute,
        following.second,
        None if moment.hundredths is None else following.hundredths,
        following.deviation,
        following.status,
    )


def compress(rows: Iterable[Row], form: RowFormat, *, deltas: bool = False) -> Iterator[Data]:
    """The rows as structures that leave out what repeats; the first one is complete.

    `deltas` writes what grows by little as narrower deltas: only when both ends have agreed to
    them. Raises `LocalProtocolError` for a row of another width, and for a null that follows a
    value, which a reader would take for that value.
    """
    above: Row | None = None
    for row in rows:
        if len(row) != form.columns:
            raise LocalProtocolError(f"{form.columns} values wanted, not {len(row)}")
        if above is None:
            yield Data(Tag.STRUCTURE, row)
        else:
            pairs = enumerate(zip(row, above, strict=True))
            cells = [_left_out(cell, before, form, at, deltas) for at, (cell, before) in pairs]
            yield Data(Tag.STRUCTURE, tuple(cells))
        above = row


def _left_out(cell: Data, above: Data, form: RowFormat, place: int, deltas: bool) -> Data:
    if cell.tag == Tag.NULL_DATA and above.tag != Tag.NULL_DATA:
        raise LocalProtocolError("a null after a value cannot be told from a repetition")
    if place in form.clocks:
        return NULL if cell == _following(above, form) else cell
    if cell == above:
        return NULL
    return _delta(cell, above) if deltas else cell


def _delta(cell: Data, above: Data) -> Data:
    """The narrowest delta that is narrower than the value itself, else the value."""
    tag, value, before = cell.tag, cell.value, above.value
    if tag != above.tag or not isinstance(value, int) or not isinstance(before, int):
        return cell
    kinds = _SIGNED_DELTAS if tag in _SIGNED else _UNSIGNED_DELTAS if tag in _UNSIGNED else ()
    change = value - before
    for kind in kinds:
        form = NUMBER_FORMS[kind]
        if form.size >= NUMBER_FORMS[tag].size:
            break
        if change == _wrapped(change, form, tag in _SIGNED):
            return Data(kind, change)
    return cell
