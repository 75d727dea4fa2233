"""The data file of a COMTRADE recording: ASCII, BINARY, BINARY32 and FLOAT32, block by block.

Written from real files and public descriptions of IEEE C37.111; no clause is cited because none
has been read here.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.world.number_rows import parse_rows
from addad.world.recording import UNKNOWN_STATE, Blocks, States
from addad.world.time_stamps import TimeStamps

MAX_LINE_OCTETS = 1 << 16
MISSING_TIME = 0xFFFFFFFF
_TURN, _HALF_TURN = 2.0**32, 2.0**31
MISSING_ASCII = 99999.0

_ANALOG = {"BINARY": "<i2", "BINARY32": "<i4", "FLOAT32": "<f4"}
_CHUNK = 1 << 20
_MOST_AT_ONCE = 1 << 26
"""Octets of rows that are held at once, however long a row is."""
_TEXT = b"0123456789+-.,eE \t\r\n\x1a"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a row is written: the encoding, (gain, offset) per analog channel, digital channels.

    `markers` are the values that stand for a missing one in ASCII, NaN for none.
    """

    encoding: str
    gains: tuple[tuple[float, float], ...]
    digitals: int
    markers: tuple[float, ...] = ()

    def row(self) -> np.dtype[np.void]:
        """The binary row: number, time stamp, analog values, digital words of sixteen."""
        return np.dtype(
            [
                ("number", "<u4"),
                ("time", "<u4"),
                ("analog", _ANALOG[self.encoding], (len(self.gains),)),
                ("digital", "<u2", ((self.digitals + 15) // 16,)),
            ]
        )


def encoding_of(file: BinaryIO) -> str:
    """ASCII or BINARY by the data themselves, as 1991 may leave it to be seen."""
    file.seek(0)
    head = file.read(256)
    return "ASCII" if head and not head.strip(_TEXT) else "BINARY"


class DataFile:
    """An open .dat read by the layout that its configuration states."""

    def __init__(self, file: BinaryIO, layout: Layout, name: str) -> None:
        if layout.encoding != "ASCII" and layout.encoding not in _ANALOG:
            raise InputError(
                f"{name}: data encoding {layout.encoding!r}; "
                "ASCII, BINARY, BINARY32 and FLOAT32 are read"
            )
        self._file = file
        self._layout = layout
        self._name = name

    @property
    def _is_ascii(self) -> bool:
        return self._layout.encoding == "ASCII"

    def samples(self, stated: int | None = None) -> int:
        """How many whole rows the file holds; InputError when its rows are of another shape.

        A last line of text without its end may be cut within a number: it counts only where it
        makes the count `stated`, or none is.
        """
        if self._is_ascii:
            count, is_open = self._count_lines()
            return count - 1 if is_open and stated not in (None, count) else count
        row = self._layout.row().itemsize
        size = self._file.seek(0, io.SEEK_END)
        if size == 0:
            raise InputError(f"{self._name}: its data file is empty")
        self._check_numbers()
        return size // row

    def blocks(self, columns: tuple[int, ...], first: int, last: int, block_samples: int) -> Blocks:
        """Rows `first` to `last` (out) of some analog channels, scaled: (1, n, columns)."""
        gains = np.array([self._layout.gains[column] for column in columns], dtype=np.float64)
        scale, offset = gains.reshape(-1, 2).T
        read = self._ascii_blocks if self._is_ascii else self._binary_blocks
        for raw in read(columns, first, last, block_samples):
            yield (raw * scale + offset)[np.newaxis]

    def states(self, first: int, last: int, block_samples: int) -> States:
        """The digital channels of rows `first` to `last` (out): 0, 1 or UNKNOWN_STATE (n, k)."""
        count = max(1, min(block_samples, _MOST_AT_ONCE // (8 * max(1, self._layout.digitals))))
        if self._is_ascii:
            begin = 2 + len(self._layout.gains)
            columns = list(range(begin, begin + self._layout.digitals))
            for number, lines in self._lines(first, last, count):
                values = parse_rows(lines, ",", columns, number + 1, f"{self._name}: data")
                yield np.where(np.isnan(values), UNKNOWN_STATE, values != 0.0).astype(np.uint8)
            return
        for start in range(first, last, count):
            words = self._whole_rows(start, min(count, last - start))["digital"]
            bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), 1, bitorder="little")
            yield bits[:, : self._layout.digitals]

    def time_stamps(self, first: int, last: int, unit_s: float) -> TimeStamps:
        """How the rows' time stamps run [s]; as if there were none where they are no numbers."""
        stamps = TimeStamps(unit_s)
        try:
            for index, times in self._known_times(first, last):
                stamps.add(index, times * unit_s)
        except InputError:
            return TimeStamps(unit_s)
        return stamps

    def rate_by_time_stamps(self, first: int, last: int, unit_s: float) -> tuple[float, list[str]]:
        """The mean sampling rate [Hz] by the rows' time stamps, and notes on their evenness."""
        ends: list[tuple[int, float]] = []
        for index, times in self._known_times(first, last):
            ends = [ends[0] if ends else (index[0], times[0]), (index[-1], times[-1])]
        if not ends or not ends[1][1] > ends[0][1]:
            raise InputError(
                f"{self._name}: states no sampling rate, and its data has no time stamps that "
                "run on; give the rate with --rate"
            )
        (begin, start), (end, stop) = ends
        step = (stop - start) / (end - begin)
        worst = max(
            float(np.max(np.abs(times - start - step * (index - begin)))) / step
            for index, times in self._known_times(first, last)
        )
        notes = ["sampling rate by the time stamps of the data"]
        if worst > 0.5:
            notes.append(
                f"the time stamps are uneven, up to {worst:.1f} samples from even spacing: "
                "frequency and harmonics suffer"
            )
        return float(1.0 / (step * unit_s)), notes

    def _check_numbers(self) -> None:
        """Rows count up by one; a wrong layout shows at once."""
        rows = self._read_rows(0, 64)
        steps = np.diff(rows["number"].astype(np.int64))
        if steps.size and np.count_nonzero(steps == 1) * 2 < steps.size:
            raise InputError(
                f"{self._name}: its data file is not in rows of {self._layout.row().itemsize} "
                f"octets ({self._layout.encoding}, {len(self._layout.gains)} analog and "
                f"{self._layout.digitals} digital channels); is it of another recording?"
            )

    def _read_rows(self, first: int, count: int) -> NDArray[np.void]:
        row = self._layout.row()
        self._file.seek(first * row.itemsize)
        octets = self._file.read(count * row.itemsize)
        return np.frombuffer(octets[: len(octets) // row.itemsize * row.itemsize], dtype=row)

    def _whole_rows(self, first: int, count: int) -> NDArray[np.void]:
        rows = self._read_rows(first, count)
        if len(rows) < count:
            raise InputError(f"{self._name}: its data file became shorter while being read")
        return rows

    def _binary_blocks(
        self, columns: tuple[int, ...], first: int, last: int, block_samples: int
    ) -> Iterator[NDArray[np.float64]]:
        missing = {"BINARY": -(2**15), "BINARY32": -(2**31)}.get(self._layout.encoding)
        step = max(1, min(block_samples, _MOST_AT_ONCE // self._layout.row().itemsize))
        for start in range(first, last, step):
            rows = self._whole_rows(start, min(step, last - start))
            raw = rows["analog"][:, list(columns)]
            with np.errstate(invalid="ignore"):
                values = raw.astype(np.float64)
            values[~np.isfinite(values) if missing is None else raw == missing] = np.nan
            yield values

    def _ascii_blocks(
        self, columns: tuple[int, ...], first: int, last: int, block_samples: int
    ) -> Iterator[NDArray[np.float64]]:
        chosen = [column + 2 for column in columns]
        markers = self._layout.markers or (MISSING_ASCII,) * len(self._layout.gains)
        missing = np.array([markers[column] for column in columns])
        for number, lines in self._lines(first, last, block_samples):
            values = parse_rows(lines, ",", chosen, number + 1, f"{self._name}: data")
            values[values == missing] = np.nan
            yield values

    def _lines(self, first: int, last: int, count: int) -> Iterator[tuple[int, list[str]]]:
        """Stretches of lines as (row of the first, lines)."""
        self._file.seek(0)
        rows = (line for line in _bounded(self._file, self._name) if line.strip(b"\x1a\r\n \t\x00"))
        for _ in islice(rows, first):
            pass
        position = first
        while position < last:
            lines = [line.decode("latin-1") for line in islice(rows, min(count, last - position))]
            if not lines:
                raise InputError(f"{self._name}: its data file became shorter while being read")
            yield position, lines
            position += len(lines)

    def _known_times(
        self, first: int, last: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Rows (counted from `first`) that have a time stamp, and their time stamps.

        A stamp of 32 bits begins anew after 71 minutes of microseconds; here it runs on.
        """
        position, before, turns = 0, -math.inf, 0
        for stamps in self._times(first, last):
            known = np.flatnonzero(np.isfinite(stamps))
            if known.size:
                times = stamps[known]
                fallen = np.diff(times, prepend=before) < -_HALF_TURN
                yield known + position, times + _TURN * (turns + np.cumsum(fallen))
                before, turns = times[-1], turns + int(fallen.sum())
            position += len(stamps)

    def _times(self, first: int, last: int) -> Iterator[NDArray[np.float64]]:
        if self._is_ascii:
            for number, lines in self._lines(first, last, _CHUNK >> 4):
                yield parse_rows(lines, ",", [1], number + 1, f"{self._name}: data")[:, 0]
            return
        count = max(1, _CHUNK // self._layout.row().itemsize)
        for start in range(first, last, count):
            raw = self._read_rows(start, min(count, last - start))["time"]
            times = raw.astype(np.float64)
            times[raw == MISSING_TIME] = np.nan
            yield times

    def _count_lines(self) -> tuple[int, bool]:
        """The lines that have all their fields, and whether the last of them has no end."""
        self._file.seek(0)
        fields = 2 + len(self._layout.gains) + self._layout.digitals
        count = 0
        last = b""
        for line in _bounded(self._file, self._name):
            if not line.strip(b"\x1a\r\n \t\x00"):
                continue
            if count == 0 and line.count(b",") + 1 != fields:
                raise InputError(
                    f"{self._name}: its data file has {line.count(b',') + 1} fields a row, "
                    f"the configuration states {fields}; is it of another recording?"
                )
            count += 1
            last = line
        if count == 0:
            raise InputError(f"{self._name}: its data file is empty")
        is_open = not last.endswith((b"\n", b"\r", b"\x1a"))
        if is_open and (last.count(b",") + 1 < fields or last.endswith(b",")):
            return count - 1, False
        return count, is_open


def _bounded(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The lines of a text file; InputError for one without end."""
    while line := file.readline(MAX_LINE_OCTETS):
        if len(line) == MAX_LINE_OCTETS:
            raise InputError(f"{name}: a line of its data is longer than {MAX_LINE_OCTETS} octets")
        yield line
