"""Read a profile: its columns, and the rows of a range of time, by number, or all.

Blue Book, class 7. What a meter leaves out of its rows is put back; what it does otherwise than the
standard has it is declared as a quirk.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from addad.cosem.classes import Clock, ProfileGeneric, find_class
from addad.cosem.classes.measurement import ScalerUnitType, SortMethod
from addad.cosem.interface_class import Attribute
from addad.dlms.apdu.descriptors import (
    AnySelection,
    AttributeDescriptor,
    CaptureObject,
    EntrySelection,
    RangeSelection,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, decode
from addad.dlms.profile_compression import RowFormat, expand
from addad.dlms.types import DateTimeOctets
from addad.errors import AccessError, DecodeError, InputError
from addad.net.client import Client
from addad.obis import Obis
from addad.reader.quirks import NO_QUIRKS, Quirk, Quirks, asked, understood
from addad.reader.scan import SCALED, SCALER_UNIT
from addad.units import ScalerUnit

T = TypeVar("T")
Cell: TypeAlias = DateTime | Data
Units: TypeAlias = Mapping[CaptureObject, ScalerUnit]
_CLOCK: Final = (Clock.class_id, Clock.time.index)
_MOMENTS: Final = (Tag.OCTET_STRING, Tag.DATE_TIME)


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """What must be known of a profile before its rows can be read.

    `in_use` is how many entries it has, None where the meter does not tell.
    """

    logical_name: Obis
    columns: tuple[CaptureObject, ...]
    period_s: int = 0
    newest_first: bool = False
    in_use: int | None = None

    @property
    def clocks(self) -> tuple[int, ...]:
        """The places of the columns that are clocks."""
        return tuple(place for place, column in enumerate(self.columns) if is_clock(column))


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """Rows of a profile: a cell is a `DateTime` in a clock's column, else a general value."""

    logical_name: Obis
    columns: tuple[CaptureObject, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def titles(self) -> tuple[str, ...]:
        """A name for each column: the OBIS code, and the attribute where it is not the value."""
        return tuple(column_title(column) for column in self.columns)


def is_clock(column: CaptureObject) -> bool:
    """Whether a column has the time of its rows."""
    return (column.class_id, column.attribute_index) == _CLOCK


def column_title(column: CaptureObject) -> str:
    """`1-0:1.8.0`, or `0-0:1.0.0 time` for another attribute than number 2 of a plain value."""
    known = find_class(column.class_id, 0)
    attribute = None if known is None else known.attributes.get(column.attribute_index)
    name = f"attribute {column.attribute_index}" if attribute is None else attribute.name
    title = str(column.logical_name) if name == "value" else f"{column.logical_name} {name}"
    return f"{title} [{column.data_index}]" if column.data_index else title


async def read_units(client: Client, columns: Sequence[CaptureObject]) -> Units:
    """Scaler and unit of the columns that are registers, where the meter tells them."""
    scaled = [c for c in columns if c.attribute_index in SCALED.get(c.class_id, ())]
    wanted = [
        AttributeDescriptor(c.class_id, c.logical_name, SCALER_UNIT[c.class_id]) for c in scaled
    ]
    answers = await client.get_many_octets(wanted)
    units = {}
    for column, answer in zip(scaled, answers, strict=True):
        with contextlib.suppress(DecodeError):
            if isinstance(answer, bytes):
                units[column] = ScalerUnitType.decode(answer)
    return units


async def read_form(client: Client, logical_name: Obis) -> ProfileForm:
    """The columns, the period, the order and the count; raises `AccessError` without columns."""
    wanted: tuple[Attribute[Any], ...] = (
        ProfileGeneric.capture_objects,
        ProfileGeneric.entries_in_use,
        ProfileGeneric.capture_period,
        ProfileGeneric.sort_method,
    )
    answers = await client.get_many_octets([one.of(logical_name) for one in wanted])
    if isinstance(answers[0], AccessError):
        raise answers[0]
    columns = ProfileGeneric.capture_objects.type.decode(answers[0])
    in_use, period_s, order = (
        _told(attribute, answer) for attribute, answer in zip(wanted[1:], answers[1:], strict=True)
    )
    return ProfileForm(logical_name, columns, period_s or 0, order is SortMethod.LIFO, in_use)


def _told(attribute: Attribute[T], answer: bytes | AccessError) -> T | None:
    if isinstance(answer, AccessError):
        return None
    try:
        return attribute.type.decode(answer)
    except DecodeError:
        return None


async def read_range(
    client: Client,
    form: ProfileForm,
    first: datetime,
    last: datetime,
    quirks: Quirks = NO_QUIRKS,
) -> ProfileTable:
    """The rows from `first` to `last`, both included; both aware.

    Raises `AccessError` where the meter refuses ranges, `InputError` without a clock column.
    """
    if not form.clocks:
        raise InputError(
            f"{form.logical_name} has no clock column to choose by; choose by number: --last"
        )
    place = form.clocks[0]
    if Quirk.WHOLE_BUFFER in quirks:
        whole = await read_all(client, form, quirks)
        rows = [row for row in whole.rows if _within(row[place], first, last)]
        return ProfileTable(form.logical_name, form.columns, tuple(rows))
    ends = [asked(DateTime.from_datetime(moment), quirks) for moment in (first, last)]
    tagged = Quirk.TAGGED_DATE in quirks
    begin, end = (
        Data(Tag.DATE_TIME, one.encode()) if tagged else DateTimeOctets.to_data(one) for one in ends
    )
    return await _read(client, form, RangeSelection(form.columns[place], begin, end), quirks)


def _within(cell: Cell, first: datetime, last: datetime) -> bool:
    try:
        return isinstance(cell, DateTime) and first <= cell.to_datetime(first.tzinfo) <= last
    except DecodeError:
        return False


async def read_last(
    client: Client, form: ProfileForm, count: int, quirks: Quirks = NO_QUIRKS
) -> ProfileTable:
    """The last `count` rows, in the meter's order; none is asked for with 0.

    Raises `AccessError` without entry access, `InputError` for less than none.
    """
    if count < 0:
        raise InputError(f"the last {count} rows: give 0 or more")
    if count == 0:
        return ProfileTable(form.logical_name, form.columns, ())
    in_use = form.in_use
    if in_use is None or Quirk.WHOLE_BUFFER in quirks:
        whole = await read_all(client, form, quirks)
        rows = whole.rows[:count] if form.newest_first else whole.rows[-count:]
        return ProfileTable(form.logical_name, form.columns, rows)
    if not in_use:
        return ProfileTable(form.logical_name, form.columns, ())
    if count >= in_use:
        selection = EntrySelection(1)
    elif form.newest_first:
        selection = EntrySelection(1, count)
    else:
        selection = EntrySelection(in_use - count + 1)
    return await _read(client, form, selection, quirks)


async def read_all(client: Client, form: ProfileForm, quirks: Quirks = NO_QUIRKS) -> ProfileTable:
    """Every row."""
    return await _read(client, form, None, quirks)


async def _read(
    client: Client, form: ProfileForm, selection: AnySelection | None, quirks: Quirks
) -> ProfileTable:
    descriptor = ProfileGeneric.buffer.of(form.logical_name, selection)
    return table(form, await client.get_octets(descriptor), quirks)


def table(form: ProfileForm, octets: bytes, quirks: Quirks = NO_QUIRKS) -> ProfileTable:
    """The rows in a buffer's octets, with what was left out put back; raises `DecodeError`."""
    buffer = decode(octets)
    if buffer.tag not in (Tag.ARRAY, Tag.COMPACT_ARRAY) or not isinstance(buffer.value, tuple):
        raise DecodeError(f"a profile's buffer is an array, not {buffer.tag.name}")
    clocks = form.clocks
    full = expand(
        [row for row in buffer.value if isinstance(row, Data)],
        RowFormat(len(form.columns), clocks, form.period_s, form.newest_first),
        short_rows=Quirk.SHORT_ROWS in quirks,
    )
    rows = tuple(
        tuple(_moment(cell, quirks) if place in clocks else cell for place, cell in enumerate(row))
        for row in full
    )
    return ProfileTable(form.logical_name, form.columns, rows)


def _moment(cell: Data, quirks: Quirks) -> Cell:
    if cell.tag not in _MOMENTS:
        return cell
    try:
        return understood(Clock.time.type.from_data(cell), quirks)
    except DecodeError:
        return cell  # one broken time is shown as it came, and costs no other row
