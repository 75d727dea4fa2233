"""CSV recordings: a column a channel, in whatever dialect a laboratory's instrument writes.

No standard holds: delimiter, decimal comma, heading, units and the time column are found out.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO

import numpy as np

from addad.errors import InputError
from addad.world.channel_names import meanings, split_unit
from addad.world.number_rows import MISSING, parse_rows
from addad.world.recording import (
    BLOCK_SAMPLES,
    MAX_CHANNELS,
    Blocks,
    Reading,
    RecordedChannel,
    Recording,
)
from addad.world.text import decode_text
from addad.world.time_stamps import Floats, TimeStamps

MAX_LINE_OCTETS = 1 << 16
MAX_HEADING_LINES = 200
_SAMPLE_LINES = 64

_TIME_NAME = re.compile(
    r"(?i)(?:t|x|time|zeit|temps|time ?stamps?|date ?time|seconds?|sec|s|ms)\W*"
)
_TIME_UNITS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the text is written: `skipped` lines precede the data.

    `delimiter` None is white space.
    """

    encoding: str
    delimiter: str | None
    decimal_comma: bool
    skipped: int
    names: tuple[str, ...]
    units: tuple[str, ...]


def open_csv(file: BinaryIO, name: str, reading: Reading) -> Recording:
    """The recording in an open CSV file; InputError for what is none.

    The sampling rate [Hz] is `reading.rate`, else that of the time column between its jumps.
    """
    head = list(islice(_lines(file, name), _SAMPLE_LINES + MAX_HEADING_LINES))
    dialect, rows = _dialect(b"".join(head), name, reading)
    times = _time_column(dialect, rows)
    first, count, stamps = _extent(file, dialect, name, times)
    notes: list[str] = []
    rate, start = reading.rate, None
    if times is not None:
        start = _moment(first[times[0]].strip()) if len(first) > times[0] else None
        if rate is None and not math.isnan(stamps.rate):
            rate = stamps.rate
            notes.append("sampling rate by the time column")
        notes += stamps.notes("the time column", rate or stamps.rate, "--rate states")
    if rate is None:
        raise InputError(
            f"{name}: no column gives the time; state the sampling rate with --rate, in samples "
            "a second"
        )
    signals = [k for k in range(len(dialect.names)) if times is None or k != times[0]]
    if not signals:
        raise InputError(f"{name}: holds no column but the time")
    channels, factors = _channels(dialect, signals)
    blocks = _reader(file, dialect, [(signals[k], factors[k]) for k in range(len(signals))], name)
    return Recording(
        format="CSV",
        sample_rate=rate,
        samples=count,
        channels=channels,
        reader=blocks,
        start=start,
        notes=tuple(notes),
        jumps=tuple(sample for sample, _ in stamps.jumps),
        rate_off=stamps.is_off(rate),
    )


def _reader(
    file: BinaryIO, dialect: Dialect, signals: list[tuple[int, float]], name: str
) -> Callable[[tuple[int, ...], int], Blocks]:
    def blocks(columns: tuple[int, ...], block_samples: int) -> Blocks:
        chosen = [signals[column][0] for column in columns]
        factors = np.array([signals[column][1] for column in columns])
        number = dialect.skipped + 1
        rows = _data(file, dialect, name)
        while lines := list(islice(rows, block_samples)):
            values = parse_rows(lines, dialect.delimiter, chosen, number, f"{name}:")
            yield (values * factors)[np.newaxis]
            number += len(lines)

    return blocks


def _lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The lines from the file's beginning; InputError for one without end."""
    file.seek(0)
    while line := file.readline(MAX_LINE_OCTETS):
        if len(line) == MAX_LINE_OCTETS:
            if b"\r" in line:
                raise InputError(f"{name}: its lines end in CR alone; save it with LF line ends")
            raise InputError(
                f"{name}: a line is longer than {MAX_LINE_OCTETS} octets; "
                "not a recording in rows of samples"
            )
        yield line


def _data(file: BinaryIO, dialect: Dialect, name: str) -> Iterator[str]:
    """The rows of samples as text that `float` understands."""
    for line in islice(_lines(file, name), dialect.skipped, None):
        text = line.decode(dialect.encoding, "replace").strip("\r\n \x1a\x00")
        if text.strip():
            yield text.replace(",", ".") if dialect.decimal_comma else text


def _dialect(head: bytes, name: str, reading: Reading) -> tuple[Dialect, list[list[str]]]:
    """How the file is written, by its first lines, and some of its rows of fields."""
    text, encoding = decode_text(head, reading.encoding)
    lines = text.splitlines()
    best: tuple[int, int, str | None, bool] | None = None
    for delimiter, comma in (
        (";", True),
        ("\t", True),
        (";", False),
        ("\t", False),
        (",", False),
        ("|", False),
        (None, True),
        (None, False),
    ):
        width, first = _numeric_run(lines, delimiter, comma)
        if first is not None and (best is None or width > best[0]):
            best = (width, first, delimiter, comma)
    if best is None:
        raise InputError(
            f"{name}: not a recording; no rows of numbers are in its first lines. "
            "COMTRADE (.cfg and .dat, or .cff), WAV, CSV, NPZ, MATLAB and HDF5 are read"
        )
    width, first, delimiter, comma = best
    if width > MAX_CHANNELS:
        raise InputError(f"{name}: {width} columns; at most {MAX_CHANNELS} can be read")
    rows = [_fields(line, delimiter, comma) for line in lines[first:] if line.strip()]
    names, units = _heading(lines[:first], delimiter, width)
    return Dialect(encoding, delimiter, comma, first, names, units), rows


def _numeric_run(lines: list[str], delimiter: str | None, comma: bool) -> tuple[int, int | None]:
    """The number of columns and the first line of numbers, if the lines are so delimited."""
    for first, line in enumerate(lines):
        fields = _fields(line, delimiter, comma)
        if not _is_numeric(fields, comma):
            continue
        following = [_fields(each, delimiter, comma) for each in lines[first : first + 8] if each]
        if all(len(each) == len(fields) for each in following[:-1]):
            return len(fields), first
    return 0, None


def _is_numeric(fields: list[str], comma: bool) -> bool:
    """Whether a row is one of samples: numbers, with at most a leading time of day or gaps."""
    numbers = [bool(_NUMBER.fullmatch(text)) for text in fields]
    others = [
        text
        for k, text in enumerate(fields)
        if not numbers[k] and text.lower() not in MISSING and not (k == 0 and _moment(text))
    ]
    return any(numbers) and not others


def _fields(line: str, delimiter: str | None, comma: bool) -> list[str]:
    parts = [part.strip().strip('"') for part in line.strip("\r\n").split(delimiter)]
    if not comma:
        return parts
    return [p.replace(",", ".") if _DECIMAL_COMMA.fullmatch(p) else p for p in parts]


def _names(line: str, delimiter: str | None) -> list[str]:
    """The fields of a heading, in which a quoted name may hold the delimiter."""
    if delimiter is None or '"' not in line:
        return _fields(line, delimiter, False)
    quoted = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
    return [name.strip() for name in next(quoted, [])]


def _heading(
    lines: list[str], delimiter: str | None, width: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and units by the last lines before the numbers that have as many fields."""
    heading = [""] * width
    units = [""] * width
    rows = [_names(line.lstrip("#% "), delimiter) for line in lines if line.strip()]
    rows = [row for row in rows if len(row) == width]
    bracket = re.compile(r"[\[(].{0,12}[\])]")
    if len(rows) > 1 and all(bracket.fullmatch(text) or not text for text in rows[-1]):
        units = [text[1:-1] for text in rows.pop()]
    if rows:
        split = [split_unit(text) for text in rows[-1]]
        heading = [text for text, _ in split]
        units = [own or unit for (_, own), unit in zip(split, units, strict=True)]
    named = (text or f"column {k + 1}" for k, text in enumerate(heading))
    return tuple(named), tuple(units)


def _time_column(dialect: Dialect, rows: list[list[str]]) -> tuple[int, float] | None:
    """The column of the time and its unit [s]: by its name or unit, or because it only ascends."""
    for k, (name, unit) in enumerate(zip(dialect.names, dialect.units, strict=True)):
        tail = re.fullmatch(r"(?i)(.+?)[_ ](s|sec|ms|us|µs|ns)", name)
        written = unit or (tail[2] if tail else "")
        plain = tail[1] if tail else name
        if written in _TIME_UNITS or (_TIME_NAME.fullmatch(plain) and not unit):
            if name.lower() == "ms":
                written = "ms"
            return k, _TIME_UNITS.get(written, 1.0)
    values = [row[0] for row in rows if row]
    if values and _moment(values[0]) is not None:
        return 0, 1.0
    unnamed = dialect.names[0].startswith("column ")
    if unnamed and len(dialect.names) > 1 and _ascends_evenly(values):
        return 0, 1.0
    return None


def _ascends_evenly(texts: list[str]) -> bool:
    try:
        steps = np.diff([float(text) for text in texts if text])
    except ValueError:
        return False
    return steps.size > 4 and bool(np.all(steps > 0) and np.ptp(steps) < 0.2 * steps.mean())


def _extent(
    file: BinaryIO, dialect: Dialect, name: str, times: tuple[int, float] | None
) -> tuple[list[str], int, TimeStamps]:
    """The fields of the first row, how many rows there are, and how their times run."""
    first: list[str] = []
    count, stamps = 0, TimeStamps()
    rows = _data(file, dialect, name)
    while lines := list(islice(rows, BLOCK_SAMPLES)):
        first = first or lines[0].split(dialect.delimiter)
        if times is not None:
            found = _times(lines, dialect.delimiter, *times)
            known = np.flatnonzero(np.isfinite(found))
            stamps.add(known + count, found[known])
        count += len(lines)
    return first, count, stamps


def _times(lines: list[str], delimiter: str | None, column: int, unit_s: float) -> Floats:
    """The times in some rows [s], NaN where there is none."""
    try:
        return parse_rows(lines, delimiter, [column], 1, "")[:, 0] * unit_s
    except InputError:
        rows = (_seconds(line.split(delimiter), column, unit_s) for line in lines)
        return np.array([math.nan if seconds is None else seconds for seconds in rows])


def _seconds(row: list[str], column: int, unit_s: float) -> float | None:
    """The time in a row [s], counted from wherever the file counts."""
    text = row[column].strip().strip('"') if column < len(row) else ""
    moment = _moment(text)
    if moment is not None:
        return moment.timestamp()
    try:
        return float(text) * unit_s
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """A date and time; without a zone it is taken as UTC."""
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _channels(
    dialect: Dialect, signals: list[int]
) -> tuple[tuple[RecordedChannel, ...], list[float]]:
    names = [dialect.names[k] for k in signals]
    told = meanings(names, [dialect.units[k] for k in signals], [""] * len(names))
    channels = tuple(
        RecordedChannel(name, m.kind, m.phase, m.unit) for name, m in zip(names, told, strict=True)
    )
    return channels, [m.factor for m in told]
