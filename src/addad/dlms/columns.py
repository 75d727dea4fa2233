"""A load profile whose rows are alike, to numpy columns and back, in one pass over memory.

Green Book, IEC 62056-5-3 (array of structures, A-XDR). The only numpy here, imported on use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Final

from addad.dlms.clock_time import DEVIATION_MAX
from addad.dlms.data import NUMBER_FORMS, Tag
from addad.dlms.octets import Cursor, encode_length
from addad.dlms.row_shape import (
    CLOCK_OCTETS,
    MAX_COLUMNS,
    STRINGS,
    Field,
    read_row_shape,
)
from addad.errors import DecodeError, InputError, LocalProtocolError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_ROWS: Final = 10_000_000
PIECE_ROWS: Final = 256
"""How many rows `column_pieces` encodes at once."""

_NO_DEVIATION: Final = -0x8000
_DTYPES: Final = {
    **{tag: f">{'if'[form.format[-1] in 'fd']}{form.size}" for tag, form in NUMBER_FORMS.items()},
    **{tag: f">u{form.size}" for tag, form in NUMBER_FORMS.items() if form.format[-1] in "BHIQ"},
    Tag.BOOLEAN: "u1",
}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a profile, n rows.

    `values` are numbers (n,) in their own width; for a clock `datetime64[s]` (n,) in UTC, with
    `status` the octet and `deviation` [min] of each row; for other strings octets (n, size).
    """

    tag: Tag
    values: NDArray[np.generic]
    status: NDArray[np.uint8] | None = None
    deviation: NDArray[np.int16] | None = None

    @property
    def is_clock(self) -> bool:
        """Whether the values are moments."""
        return self.status is not None

    def __len__(self) -> int:
        return len(self.values)


def _numpy() -> ModuleType:
    try:
        import numpy
    except ImportError:
        raise InputError(
            "profile columns need numpy: pip install 'addad[meter]' or 'addad[headend]'"
        ) from None
    return numpy


def decode_columns(octets: bytes, deviation_min: int | None = None) -> list[Column] | None:
    """The columns of an array of structures; None unless every row has the first row's tags.

    A compact array of structures will do too. For others, and for wildcards, nulls or nested
    structures, `data.decode` has the answer, or the `DecodeError`. `deviation_min` is that of
    clocks that specify none; octets of a clock that is no moment stay octets. An empty array has
    no columns. Raises `InputError` without numpy.
    """
    numpy = _numpy()
    try:
        layout = read_row_shape(Cursor(octets))
    except DecodeError:
        return None
    if layout is None:
        return None
    rows, start, shape = layout
    if rows == 0:
        return []
    if rows > MAX_ROWS or len(octets) != start + rows * shape.width:
        return None
    table = numpy.frombuffer(octets, numpy.uint8, rows * shape.width, start).reshape(
        rows, shape.width
    )
    for first, end in shape.fixed_runs():
        if not (table[:, first:end] == table[0, first:end]).all():
            return None
    columns = []
    for field in shape.fields:
        column = _column(octets, start, table, field, deviation_min)
        if column is None:
            return None
        columns.append(column)
    return columns


def _column(
    octets: bytes, start: int, table: NDArray[np.uint8], field: Field, deviation_min: int | None
) -> Column | None:
    numpy = _numpy()
    tag, offset, size = field
    rows, width = table.shape
    dtype = _DTYPES.get(tag)
    if dtype is not None:
        view = numpy.ndarray((rows,), dtype, octets, start + offset, (width,))
        values = view != 0 if tag == Tag.BOOLEAN else view.astype(view.dtype.newbyteorder("="))
        return Column(tag, values)
    raw = table[:, offset : offset + size]
    if size == CLOCK_OCTETS and tag in (Tag.OCTET_STRING, Tag.DATE_TIME):
        clock = _clock(raw, tag, deviation_min)
        if clock is not None or tag == Tag.DATE_TIME:
            return clock
    return Column(tag, raw.copy())


# Clocks


def _days(
    numpy: ModuleType, year: NDArray[np.int64], month: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Days from 1970-01-01 to the first of the month, by the Gregorian calendar."""
    months = (year - 1970) * 12 + month - 1
    days: NDArray[np.int64] = (
        months.astype("datetime64[M]").astype("datetime64[D]").astype(numpy.int64)
    )
    return days


def _clock(raw: NDArray[np.uint8], tag: Tag, deviation_min: int | None) -> Column | None:
    """Twelve octets a row as UTC; None if one of them is no moment."""
    numpy = _numpy()
    octet = numpy.ascontiguousarray(raw.T)
    year, month, day = _big_endian(octet[:2]), octet[2], octet[3].astype(numpy.int64)
    hour, minute, second = octet[5], octet[6], octet[7]
    possible = (
        year.min() >= 1
        and year.max() <= 9999
        and month.min() >= 1
        and month.max() <= 12
        and day.min() >= 1
        and hour.max() <= 23
        and minute.max() <= 59
        and second.max() <= 59
    )
    if not possible:
        return None
    # A profile's months are few: the calendar is asked once for each of them.
    months, which = numpy.unique(year * 12 + month - 1, return_inverse=True)
    first = _days(numpy, months // 12, months % 12 + 1)
    length = _days(numpy, (months + 1) // 12, (months + 1) % 12 + 1) - first
    if (day > length[which]).any():
        return None
    deviation = _big_endian(octet[9:11]).astype(numpy.uint16).view(numpy.int16)
    unspecified = deviation == _NO_DEVIATION
    if unspecified.any():
        if deviation_min is None:
            return None
        deviation = numpy.where(unspecified, deviation_min, deviation).astype(numpy.int16)
    if numpy.abs(deviation).max() > DEVIATION_MAX:
        return None
    days = first[which] + day - 1
    seconds = ((days * 24 + hour) * 60 + minute + deviation) * 60 + second
    return Column(tag, seconds.astype("datetime64[s]"), octet[11].copy(), deviation)


def _big_endian(pair: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The numbers of two rows of octets, the high one first."""
    numbers: NDArray[np.int64] = pair[0].astype("int64") * 256 + pair[1]
    return numbers


def _date_octets(days: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Year, month, day and weekday of days since 1970-01-01 (n, 5)."""
    numpy = _numpy()
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    year = date.astype("datetime64[Y]").astype(numpy.int64) + 1970
    out: NDArray[np.uint8] = numpy.empty((len(days), 5), numpy.uint8)
    out[:, 0], out[:, 1] = year >> 8, year & 0xFF
    out[:, 2] = month.astype(numpy.int64) % 12 + 1
    out[:, 3] = (date - month).astype(numpy.int64) + 1
    out[:, 4] = (days + 3) % 7 + 1
    return out


def _write_clock(out: NDArray[np.uint8], at: int, column: Column, first: int, end: int) -> None:
    """The rows' local times of twelve octets from octet `at` of each; hundredths are 0."""
    numpy = _numpy()
    status, deviation = column.status, column.deviation
    assert status is not None
    seconds = column.values[first:end].astype("datetime64[s]").view(numpy.int64)
    if deviation is not None:
        offset = deviation[first:end]
        _strided(out, at + 9, ">i2")[:] = offset
        seconds = seconds - offset * numpy.int64(60)
    days = seconds // 86400
    low, span = int(days.min()), int(days.max()) - int(days.min()) + 1
    which = days - low
    if span > len(days):  # else the calendar is asked once for each day
        low, span, which = 0, 0, numpy.arange(len(days))
    dates = _date_octets(numpy.arange(low, low + span) if span else days)
    _strided(out, at, "V5")[:] = dates.view("V5")[:, 0].take(which)
    of_day = (seconds - days * 86400).astype(numpy.int32)
    minutes, hours = of_day // 60, of_day // 3600
    out[:, at + 5], out[:, at + 6] = hours, minutes - hours * 60
    out[:, at + 7] = of_day - minutes * 60
    out[:, at + 11] = status[first:end]


def _strided(out: NDArray[np.uint8], at: int, dtype: str) -> NDArray[np.generic]:
    """What stands from octet `at` of each row, as values of a type."""
    numpy = _numpy()
    rows, width = out.shape
    view: NDArray[np.generic] = numpy.ndarray((rows,), dtype, out, at, (width,))
    return view


# Encoding


def clock_column(
    moments: NDArray[np.datetime64],
    *,
    deviation_min: int = 0,
    status: NDArray[np.uint8] | None = None,
) -> Column:
    """A column of moments in UTC, to be written as octet-strings of one deviation."""
    numpy = _numpy()
    rows = len(moments)
    octets = numpy.zeros(rows, numpy.uint8) if status is None else status
    deviation = numpy.full(rows, deviation_min, numpy.int16)
    return Column(Tag.OCTET_STRING, moments.astype("datetime64[s]"), octets, deviation)


def encode_columns(columns: Sequence[Column]) -> bytes:
    """The array of structures; raises `LocalProtocolError` for columns of unequal length."""
    total = _count(columns)
    head = _head(total)
    return _rows(columns, 0, total, head) if total else head


def column_pieces(columns: Sequence[Column], rows: int = PIECE_ROWS) -> Iterator[bytes]:
    """The same octets in pieces of so many rows, each made when it is pulled."""
    return _pieces(columns, _count(columns), rows)


def _count(columns: Sequence[Column]) -> int:
    lengths = {len(column) for column in columns}
    if len(lengths) > 1 or len(columns) > MAX_COLUMNS:
        raise LocalProtocolError(f"{len(columns)} columns of {sorted(lengths)} rows")
    return max(lengths, default=0)


def _head(rows: int) -> bytes:
    return bytes((Tag.ARRAY,)) + encode_length(rows)


def _pieces(columns: Sequence[Column], total: int, rows: int) -> Iterator[bytes]:
    yield _head(total)
    for first in range(0, total, rows):
        yield _rows(columns, first, min(first + rows, total))


def _rows(columns: Sequence[Column], first: int, end: int, head: bytes = b"") -> bytes:
    numpy = _numpy()
    row = bytes((Tag.STRUCTURE,)) + encode_length(len(columns))
    offsets = []
    for column in columns:
        marks, size = _marks(column)
        offsets.append((len(row) + len(marks), size))
        row += marks + bytes(size)
    whole = numpy.empty(len(head) + (end - first) * len(row), numpy.uint8)
    whole[: len(head)] = numpy.frombuffer(head, numpy.uint8)
    out = whole[len(head) :].reshape(end - first, len(row))
    out[:] = numpy.frombuffer(row, numpy.uint8)
    for column, (at, size) in zip(columns, offsets, strict=True):
        if column.is_clock:
            _write_clock(out, at, column, first, end)
        elif column.tag in _DTYPES:
            _write_numbers(out, at, column, first, end)
        else:
            out[:, at : at + size] = column.values[first:end]
    octets: bytes = whole.tobytes()
    return octets


def _marks(column: Column) -> tuple[bytes, int]:
    """The tag, and length if there is one, of each value of a column, and a value's octets."""
    tag, values = column.tag, column.values
    if column.is_clock:
        length = b"" if tag == Tag.DATE_TIME else bytes((CLOCK_OCTETS,))
        return bytes((tag,)) + length, CLOCK_OCTETS
    if tag in _DTYPES:
        return bytes((tag,)), 1 if tag == Tag.BOOLEAN else NUMBER_FORMS[tag].size
    if tag not in STRINGS or values.ndim != 2 or values.dtype.str != "|u1":
        raise LocalProtocolError(f"a column of {tag.name} and {values.dtype} cannot be written")
    size: int = values.shape[1]
    return bytes((tag,)) + encode_length(size * (8 if tag == Tag.BIT_STRING else 1)), size


def _write_numbers(out: NDArray[np.uint8], at: int, column: Column, first: int, end: int) -> None:
    """The numbers of the rows from octet `at` of each; raises `LocalProtocolError`."""
    numpy = _numpy()
    values, dtype = column.values[first:end], numpy.dtype(_DTYPES[column.tag])
    if not numpy.can_cast(values.dtype, dtype, "safe") and dtype.kind != "f":
        if (values.astype(dtype) != values).any():
            raise LocalProtocolError(f"a column of {column.tag.name} cannot hold its values")
    _strided(out, at, dtype.str)[:] = values
