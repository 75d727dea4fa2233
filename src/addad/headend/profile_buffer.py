"""From the buffer of a profile, as octets, to rows with UTC time stamps; and event logs.

Columns by the fast path when every row has the first row's types, else row by row. What a meter
leaves out of a row is what stands in the row before it, and a time stamp one period later.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from addad import obis
from addad.cosem.classes.measurement import CaptureObject, ProfileGeneric, Register
from addad.dlms import data as axdr
from addad.dlms.apdu.descriptors import RangeSelection
from addad.dlms.clock_time import DateTime
from addad.dlms.columns import Column, decode_columns
from addad.dlms.data import Data, Tag
from addad.dlms.profile_compression import RowFormat, expand
from addad.errors import AccessError, AddadError, DecodeError
from addad.headend import event_words
from addad.headend.link import MeterClient, elements, number, text
from addad.headend.store.blocks import NOTHING
from addad.headend.store.events import MeterEvent
from addad.headend.store.readings import ProfileColumn, ProfileLayout, ProfileRows
from addad.obis import Obis
from addad.units import ScalerUnit

CLOCK_CLASS: Final = 8
REGISTER_CLASSES: Final = (3, 4)
MAX_COLUMNS: Final = 60
MAX_OCTETS: Final = 4 * 1024 * 1024
MAX_EVENT_OCTETS: Final = 256 * 1024
"""More than a day of rows, or of events, can be; a buffer above it is not worked on."""
EVENT_MARGIN: Final = timedelta(days=1)
"""How far ahead of our clock a meter's may be before its rows are left alone."""
STATUS_OBJECTS: Final = (obis.PROFILE_STATUS_LOAD, obis.PROFILE_STATUS_DAILY)


class Unreadable(AddadError):
    """A buffer that came whole and makes no sense; the link it came on is sound."""


@dataclass(frozen=True)
class Capture:
    """How a profile's rows are built: what each of its columns is."""

    logical_name: Obis
    layout: ProfileLayout
    width: int
    clock: int
    status: int | None
    values: tuple[int, ...]
    restricting: CaptureObject

    def after(self, first: datetime, last: datetime) -> RangeSelection:
        """The rows from `first` to `last`, both included."""
        return _between(self.restricting, first, last)


async def capture_of(client: MeterClient, logical_name: Obis) -> Capture:
    """Ask how a profile is built; raises `AccessError`, `DecodeError` for one without a clock."""
    columns = await client.get(logical_name, ProfileGeneric.capture_objects)
    period_s = await client.get(logical_name, ProfileGeneric.capture_period)
    clocks = [at for at, one in enumerate(columns) if one.class_id == CLOCK_CLASS]
    if not clocks or len(columns) > MAX_COLUMNS:
        raise DecodeError(f"profile {logical_name} has no clock, or above {MAX_COLUMNS} columns")
    stati = [at for at, one in enumerate(columns) if one.logical_name in STATUS_OBJECTS]
    status = stati[0] if stati else None
    values = tuple(at for at in range(len(columns)) if at not in (clocks[0], status))
    registers = [columns[at] for at in values if columns[at].class_id in REGISTER_CLASSES]
    units = await _units(client, registers)
    layout = ProfileLayout(
        str(logical_name), period_s, tuple(_column(columns[at], units) for at in values)
    )
    clock = clocks[0]
    return Capture(logical_name, layout, len(columns), clock, status, values, columns[clock])


def rows_of(octets: bytes, capture: Capture, zone: tzinfo) -> ProfileRows:
    """The rows in a buffer; `zone` is for clocks without deviation. Raises `DecodeError`."""
    columns = decode_columns(octets)
    if columns and len(columns) == capture.width and columns[capture.clock].is_clock:
        return _from_columns(columns, capture)
    return _row_by_row(octets, capture, zone)


def _from_columns(columns: list[Column], capture: Capture) -> ProfileRows:
    at_s = columns[capture.clock].values.astype("datetime64[s]").astype(np.int64)
    status = np.full(at_s.size, NOTHING, np.int64)
    if capture.status is not None:
        status = _integers(columns[capture.status])
    table = np.full((at_s.size, len(capture.values)), NOTHING, np.int64)
    for column, position in enumerate(capture.values):
        table[:, column] = _integers(columns[position])
    return ProfileRows(capture.layout, at_s, status, table)


def _integers(column: Column) -> npt.NDArray[np.int64]:
    """A column of integers; `NOTHING` for what is none or does not fit."""
    values = column.values
    if values.ndim != 1 or values.dtype.kind not in "iu" or column.tag == Tag.BOOLEAN:
        return np.full(len(values), NOTHING, np.int64)
    whole: npt.NDArray[np.int64] = values.astype(np.int64)
    if values.dtype.kind == "u" and values.dtype.itemsize == 8:
        whole[whole < 0] = NOTHING
    return whole


def _row_by_row(octets: bytes, capture: Capture, zone: tzinfo) -> ProfileRows:
    form = RowFormat(capture.width, (capture.clock,), capture.layout.period_s)
    entries = expand(elements(axdr.decode(octets)), form)
    at_s = np.zeros(len(entries), np.int64)
    status = np.full(len(entries), NOTHING, np.int64)
    table = np.full((len(entries), len(capture.values)), NOTHING, np.int64)
    for row, fields in enumerate(entries):
        at_s[row] = int(_time(fields[capture.clock], zone).timestamp())
        if capture.status is not None:
            status[row] = _bounded(fields[capture.status])
        for column, position in enumerate(capture.values):
            table[row, column] = _bounded(fields[position])
    return ProfileRows(capture.layout, at_s, status, table)


def plausible(rows: ProfileRows, first: datetime, last: datetime) -> ProfileRows:
    """Only the rows from `first` to `last`: a mad clock must not fill the store."""
    fits = (rows.at_s >= first.timestamp()) & (rows.at_s <= last.timestamp())
    return ProfileRows(rows.layout, rows.at_s[fits], rows.status[fits], rows.values[fits])


async def read_rows(
    client: MeterClient, capture: Capture, first: datetime, last: datetime, zone: tzinfo
) -> ProfileRows:
    """Read the rows from `first` to `last`, both included; raises `Unreadable`."""
    selection = capture.after(first, last)
    octets = await client.get_octets(ProfileGeneric.buffer.of(capture.logical_name, selection))
    if len(octets) > MAX_OCTETS:
        raise Unreadable(f"profile {capture.logical_name} has too many rows: {len(octets)} octets")
    try:
        rows = await asyncio.to_thread(rows_of, octets, capture, zone)
        return plausible(rows, first, last)
    except DecodeError as error:
        raise Unreadable(f"profile {capture.logical_name} cannot be read: {error}") from error


async def read_events(
    client: MeterClient, log: Obis, first: datetime, last: datetime, zone: tzinfo
) -> list[MeterEvent]:
    """Read an event log from `first` to `last`: clock, code, what was captured; `Unreadable`."""
    columns = await client.get(log, ProfileGeneric.capture_objects)
    clocks = [at for at, one in enumerate(columns) if one.class_id == CLOCK_CLASS]
    if not clocks or len(columns) < 2:
        raise Unreadable(f"event log {log} has no clock or no code")
    selection = _between(columns[clocks[0]], first, last)
    octets = await client.get_octets(ProfileGeneric.buffer.of(log, selection))
    name = event_words.LOGS.get(str(log), str(log))
    if len(octets) > MAX_EVENT_OCTETS:
        raise Unreadable(f"event log {log} has too many events: {len(octets)} octets")
    try:
        entries = [elements(entry) for entry in elements(axdr.decode(octets))]
        whole = [fields for fields in entries if len(fields) == len(columns)]
        told = [_event(fields, columns, clocks[0], name, zone) for fields in whole]
    except DecodeError as error:
        raise Unreadable(f"event log {log} cannot be read: {error}") from error
    return [event for event in told if event is not None and first <= event.at <= last]


def _between(restricting: CaptureObject, first: datetime, last: datetime) -> RangeSelection:
    ends = (DateTime.from_datetime(first), DateTime.from_datetime(last))
    return RangeSelection.between(restricting, *ends)


async def _units(
    client: MeterClient, registers: list[CaptureObject]
) -> dict[Obis, ScalerUnit | AccessError]:
    names = list(dict.fromkeys(Obis(one.logical_name) for one in registers))
    if not names:
        return {}
    answers = await client.get_many([(name, Register.scaler_unit) for name in names])
    return dict(zip(names, answers, strict=True))


def _column(one: CaptureObject, units: dict[Obis, ScalerUnit | AccessError]) -> ProfileColumn:
    unit = units.get(Obis(one.logical_name))
    if not isinstance(unit, ScalerUnit) or one.attribute_index != 2:
        unit = ScalerUnit(0, 255)
    name = str(Obis(one.logical_name))
    return ProfileColumn(one.class_id, name, one.attribute_index, unit.scaler, unit.unit)


def _bounded(data: Data) -> int:
    value = number(data)
    return value if value is not None and NOTHING < value < 2**63 else NOTHING


def _time(data: Data, zone: tzinfo) -> datetime:
    value = data.value
    moment = DateTime.decode(value) if isinstance(value, bytes) else value
    if not isinstance(moment, DateTime):
        raise DecodeError("a time stamp is no date-time")
    try:
        return moment.to_datetime(zone).astimezone(UTC)
    except OverflowError:
        raise DecodeError("a time stamp lies outside of all calendars") from None


def _event(
    fields: tuple[Data, ...],
    columns: tuple[CaptureObject, ...],
    clock: int,
    log: str,
    zone: tzinfo,
) -> MeterEvent | None:
    at = _time(fields[clock], zone)
    rest = [at for at in range(len(fields)) if at != clock]
    code = number(fields[rest[0]])
    if code is None:
        return None
    told = (f"{Obis(columns[at].logical_name)}={_told(fields[at])}" for at in rest[1:])
    severity, words = event_words.meaning(log, code)
    return MeterEvent(at, log, code, severity, words, ", ".join(told)[:500])


def _told(data: Data) -> str:
    value = number(data)
    return str(value) if value is not None else text(data)
