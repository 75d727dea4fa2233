"""Read a profile: its columns, and the rows of a range of time or the last ones.

Blue Book class 7. A meter may leave out what repeats: null-data in a row stands for the value
above it, in the clock's column for the time of the row above and one capture period.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from addad.cosem.classes import Clock, ProfileGeneric, Register, find_class
from addad.dlms.apdu.descriptors import CaptureObject, EntrySelection
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag, decode
from addad.errors import DecodeError
from addad.net.client import Client
from addad.obis import Obis
from addad.units import ScalerUnit


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """Rows of a profile: a cell is a `DateTime` in a clock's column, else a general value."""

    logical_name: Obis
    columns: tuple[CaptureObject, ...]
    rows: tuple[tuple[DateTime | Data, ...], ...]

    @property
    def titles(self) -> tuple[str, ...]:
        """A name for each column: the OBIS code, and the attribute where it is not the value."""
        return tuple(column_title(column) for column in self.columns)


def column_title(column: CaptureObject) -> str:
    """`1-0:1.8.0`, or `0-0:1.0.0 time` for another attribute than number 2 of a plain value."""
    known = find_class(column.class_id, 0)
    attribute = None if known is None else known.attributes.get(column.attribute_index)
    name = f"attribute {column.attribute_index}" if attribute is None else attribute.name
    title = str(column.logical_name) if name == "value" else f"{column.logical_name} {name}"
    return f"{title} [{column.data_index}]" if column.data_index else title


async def read_units(client: Client, columns: Sequence[CaptureObject]) -> dict[Obis, ScalerUnit]:
    """Scaler and unit of the columns that are registers, where the meter tells them."""
    value = (Register.class_id, Register.value.index)
    names = [c.logical_name for c in columns if (c.class_id, c.attribute_index) == value]
    wanted = [Register.scaler_unit.of(name) for name in names]
    answers = await client.get_many_octets(wanted)
    units = {}
    for name, answer in zip(names, answers, strict=True):
        with contextlib.suppress(DecodeError):
            if isinstance(answer, bytes):
                units[name] = Register.scaler_unit.type.decode(answer)
    return units


async def read_range(
    client: Client, logical_name: Obis, first: datetime, last: datetime
) -> ProfileTable:
    """The rows from `first` to `last`, both included; both aware."""
    reading = await client.read_profile(logical_name, first, last)
    period_s = await client.get(logical_name, ProfileGeneric.capture_period)
    return table(logical_name, reading.capture_objects, reading.octets, period_s)


async def read_last(client: Client, logical_name: Obis, count: int) -> tuple[ProfileTable, int]:
    """The last `count` rows, and how many the meter keeps."""
    columns = await client.get(logical_name, ProfileGeneric.capture_objects)
    in_use = await client.get(logical_name, ProfileGeneric.entries_in_use)
    period_s = await client.get(logical_name, ProfileGeneric.capture_period)
    if not in_use:
        return ProfileTable(logical_name, columns, ()), 0
    selection = EntrySelection(max(1, in_use - count + 1))
    octets = await client.get_octets(ProfileGeneric.buffer.of(logical_name, selection))
    return table(logical_name, columns, octets, period_s), in_use


def table(
    logical_name: Obis, columns: Sequence[CaptureObject], octets: bytes, period_s: int = 0
) -> ProfileTable:
    """The rows in a buffer's octets, with what was left out put back; raises `DecodeError`."""
    buffer = decode(octets)
    if buffer.tag not in (Tag.ARRAY, Tag.COMPACT_ARRAY) or not isinstance(buffer.value, tuple):
        raise DecodeError(f"a profile's buffer is an array, not {buffer.tag.name}")
    rows: list[tuple[DateTime | Data, ...]] = []
    period = timedelta(seconds=period_s)
    for number, entry in enumerate(buffer.value):
        cells = entry.value if isinstance(entry, Data) else None
        if not isinstance(cells, tuple) or len(cells) != len(columns):
            raise DecodeError(f"row {number} of {logical_name} has not {len(columns)} columns")
        above = rows[-1] if rows else None
        rows.append(
            tuple(
                _cell(column, cell, above[place] if above else None, period)
                for place, (column, cell) in enumerate(zip(columns, cells, strict=True))
                if isinstance(cell, Data)
            )
        )
    return ProfileTable(logical_name, tuple(columns), tuple(rows))


def _cell(
    column: CaptureObject, cell: Data, above: DateTime | Data | None, period: timedelta
) -> DateTime | Data:
    is_clock = (column.class_id, column.attribute_index) == (Clock.class_id, Clock.time.index)
    if cell.tag == Tag.NULL_DATA and above is not None:
        if not is_clock or not isinstance(above, DateTime):
            return above
        return _later(above, period)
    if is_clock and cell.tag in (Tag.OCTET_STRING, Tag.DATE_TIME):
        return Clock.time.type.from_data(cell)
    return cell


def _later(moment: DateTime, period: timedelta) -> DateTime:
    if moment.deviation is None or not period:
        raise DecodeError("a row without a time needs a capture period and a known deviation")
    return DateTime.from_datetime(moment.to_datetime() + period, moment.status)
