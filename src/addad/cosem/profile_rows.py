"""Selective access to a profile's buffer: which entries and columns a GET asks for.

Blue Book class 7: selector 1 by range (both ends included) and selector 2 by entry (from 1, 0 means
the last). An entry's clock column is the restricting object of a range.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Final, Protocol

from addad.cosem.classes.measurement import ProfileSelection, Rows
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import CaptureObject, EntrySelection, RangeSelection
from addad.dlms.data import Data
from addad.dlms.profile_compression import RowFormat, compress
from addad.dlms.results import DataAccessResult
from addad.dlms.types import DateTimeOctets
from addad.errors import AccessError, DecodeError

CLOCK_CLASS_ID: Final = 8
CLOCK_TIME_INDEX: Final = 2


class Entries(Protocol):
    """What a profile must tell of its entries: the oldest is number 0 (or as it is sorted)."""

    @property
    def capture_objects(self) -> Sequence[CaptureObject]:
        """The columns."""
        ...

    def times_s(self) -> Sequence[int]:
        """The clock column: seconds since 1970 in UTC, one for each entry."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether the times never step back, so that they can be searched and not only looked at.

        A request may ask for 256 ranges: to look at all times for each takes long.
        """
        ...

    def encode_row(self, index: int, columns: Sequence[int] | None) -> bytes:
        """One entry as an encoded structure, of these columns or of all."""
        ...


def select_rows(
    entries: Entries,
    selection: ProfileSelection,
    zone: tzinfo = UTC,
    *,
    null_data_period_s: int | None = None,
) -> Rows:
    """The rows that a GET of the buffer answers, encoded as the blocks leave.

    `zone` is the meter's own, for a range whose times have no deviation. With
    `null_data_period_s`, the capture period, rows leave out what repeats; their values are then
    never null-data themselves. Raises `AccessError`: an unknown column or restricting object is out
    of scope, an end that is no moment is unmatched.
    """
    times_s = entries.times_s()
    columns: Sequence[int] | None = None
    if selection is None:
        chosen: Sequence[int] = range(len(times_s))
    elif isinstance(selection, EntrySelection):
        chosen = _numbered(selection.from_entry, selection.to_entry, len(times_s))
        width = len(entries.capture_objects)
        columns = _numbered(selection.from_column, selection.to_column, width)
    else:
        chosen = _within(selection, entries, times_s, zone)
        if selection.columns:
            columns = _columns(selection, entries.capture_objects)
    encode_row = entries.encode_row

    def octets() -> Iterator[bytes]:
        for index in chosen:
            yield encode_row(index, columns)

    if null_data_period_s is None:
        return Rows(len(chosen), octets())
    shown = entries.capture_objects
    if columns is not None:
        shown = [shown[column] for column in columns]
    return Rows(len(chosen), _without_repeats(octets(), shown, null_data_period_s))


def _without_repeats(
    rows: Iterator[bytes], columns: Sequence[CaptureObject], period_s: int
) -> Iterator[bytes]:
    clocks = [place for place, column in enumerate(columns) if _is_clock(column)]
    form = RowFormat(len(columns), clocks, period_s)
    whole = (axdr.decode(octets).value for octets in rows)
    cells = (row for row in whole if isinstance(row, tuple))
    for row in compress(cells, form):
        yield axdr.encode(row)


def _is_clock(column: CaptureObject) -> bool:
    return (column.class_id, column.attribute_index) == (CLOCK_CLASS_ID, CLOCK_TIME_INDEX)


def _numbered(first: int, last: int, count: int) -> range:
    """Numbers from 1, both included, 0 for the last one; as a range from 0."""
    if first < 1:
        raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    end = count if last == 0 else min(last, count)
    return range(first - 1, max(end, first - 1))


def _within(
    selection: RangeSelection,
    entries: Entries,
    times_s: Sequence[int],
    zone: tzinfo,
) -> Sequence[int]:
    restricting = selection.restricting
    if not _is_clock(restricting) or restricting.logical_name not in {
        c.logical_name for c in entries.capture_objects
    }:
        raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    first_s = _moment_s(selection.from_value, zone)
    last_s = _moment_s(selection.to_value, zone)
    if entries.in_order:
        first = bisect_left(times_s, first_s)
        return range(first, max(first, bisect_right(times_s, last_s)))
    chosen = [index for index, time_s in enumerate(times_s) if first_s <= time_s <= last_s]
    if chosen and chosen[-1] - chosen[0] + 1 == len(chosen):
        return range(chosen[0], chosen[-1] + 1)  # a request may ask for this 256 times
    return array("I", chosen)


def _columns(selection: RangeSelection, captured: Sequence[CaptureObject]) -> list[int]:
    numbers = {tuple(column): index for index, column in enumerate(captured)}
    try:
        return [numbers[tuple(column)] for column in selection.columns]
    except KeyError:
        raise AccessError(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED) from None


def _moment_s(end: Data, zone: tzinfo) -> float:
    try:
        return DateTimeOctets.from_data(end).to_datetime(zone).timestamp()
    except DecodeError:
        raise AccessError(DataAccessResult.TYPE_UNMATCHED) from None
