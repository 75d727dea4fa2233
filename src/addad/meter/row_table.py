"""A bounded table of rows of one size, kept encoded: what a profile or a log answers with.

Rows stand one behind the other in one block of memory, so that a slice of them is an answer. Each
row has a sequence number for storage and a time stamp for selection by range.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from struct import Struct
from typing import Final
from zlib import crc32

from addad.errors import StorageError

SPARE_ROWS: Final = 64
MAX_ROW_OCTETS: Final = 512
MAX_ROWS: Final = 1_000_000

_HEADER: Final = Struct(">8sHHI")
_HEADER_OCTETS: Final = _HEADER.size + 4
_MAGIC: Final = b"addadrow"
_VERSION: Final = 1
_RECORD: Final = Struct(">Qq")
_CRC: Final = Struct(">I")


class RowTable:
    """At most `capacity` rows of `row_octets` octets; the oldest gives way.

    `first` and `next` are sequence numbers: rows first..next-1 are kept; those from `saved` on are
    not yet where they belong on the memory. With `durable_only`, a client sees what would survive a
    power cut now; without, everything.
    """

    def __init__(self, name: str, row_octets: int, capacity: int) -> None:
        if not (0 < row_octets <= MAX_ROW_OCTETS and 0 < capacity <= MAX_ROWS):
            raise StorageError(f"table {name}: {capacity} rows of {row_octets} octets are too much")
        self.name = name
        self.row_octets = row_octets
        self.capacity = capacity
        self.next = 0
        self.saved = 0
        self.durable_only = False
        self._durable = 0
        self._rows = bytearray()
        self._stamps = array("q")
        self._stepped_back = 0

    def __len__(self) -> int:
        return len(self._stamps)

    @property
    def visible(self) -> int:
        """How many rows a client sees, from the oldest on."""
        return max(0, self._durable - self.first) if self.durable_only else len(self)

    def mark_saved(self, after: int) -> None:
        """All rows before this sequence number are durable, and where they belong.

        Rows that were shown meanwhile, because nothing was durable, are not hidden again.
        """
        self.saved = max(self.saved, after)
        self._durable = max(self._durable, after if self.durable_only else self.next)
        self.durable_only = True

    @property
    def first(self) -> int:
        """The sequence number of the oldest row that is kept."""
        return self.next - len(self._stamps)

    def append(self, row: bytes, stamp_s: int) -> None:
        """Keep one more row, stamped in seconds since 1970 (UTC)."""
        if len(row) != self.row_octets:
            raise StorageError(f"{self.name}: a row of {len(row)} octets, not {self.row_octets}")
        if self._stamps and stamp_s < self._stamps[-1]:
            self._stepped_back = self.next
        self._rows += row
        self._stamps.append(stamp_s)
        self.next += 1
        if len(self._stamps) > self.capacity:
            del self._rows[: self.row_octets]
            del self._stamps[0]

    def clear(self) -> None:
        """Forget all rows; sequence numbers go on."""
        self._rows.clear()
        del self._stamps[:]

    def row(self, index: int) -> bytes:
        """One row by index; negative counts from the newest. Raises IndexError."""
        at = range(len(self))[index] * self.row_octets
        return bytes(self._rows[at : at + self.row_octets])

    def stamps_s(self) -> Sequence[int]:
        """The stamps of all rows, oldest first; a view that is good until the next row."""
        return self._stamps

    @property
    def in_order(self) -> bool:
        """Whether no stamp is before the one of an older row: whether they can be searched."""
        return self._stepped_back <= self.first

    # --- the image of the table on a memory: a ring of records behind a header

    @property
    def ring_rows(self) -> int:
        """How many records the ring holds: spare ones, so that a commit overwrites no kept row."""
        return self.capacity + SPARE_ROWS

    @property
    def record_octets(self) -> int:
        """The length of a record: sequence number, stamp, row, CRC."""
        return _RECORD.size + self.row_octets + _CRC.size

    def header(self) -> bytes:
        """The first octets of the area."""
        fixed = _HEADER.pack(_MAGIC, _VERSION, self.row_octets, self.ring_rows)
        return fixed + _CRC.pack(crc32(fixed))

    def offset(self, sequence: int) -> int:
        """Where the record of a row stands in the area."""
        return _HEADER_OCTETS + sequence % self.ring_rows * self.record_octets

    def record(self, sequence: int) -> bytes:
        """The record of one kept row."""
        index = sequence - self.first
        body = _RECORD.pack(sequence, self._stamps[index]) + self.row(index)
        return body + _CRC.pack(crc32(body))

    def pending_writes(self) -> list[tuple[int, bytes]]:
        """(offset, octets) of the rows that are not durable, neighbours in one piece."""
        writes: list[tuple[int, bytes]] = []
        for sequence in range(max(self.saved, self.first), self.next):
            offset, record = self.offset(sequence), self.record(sequence)
            if writes and writes[-1][0] + len(writes[-1][1]) == offset:
                writes[-1] = (writes[-1][0], writes[-1][1] + record)
            else:
                writes.append((offset, record))
        return writes

    def image(self) -> bytes:
        """The whole area, for a fresh start on another file."""
        area = bytearray(self.header())
        for sequence in range(self.first, self.next):
            at = self.offset(sequence)
            record = self.record(sequence)
            if len(area) < at:
                area.extend(bytes(at - len(area)))
            area[at : at + len(record)] = record
        return bytes(area)

    def load(self, area: bytes, bounds: tuple[int, int] | None) -> int:
        """Take the rows first..next-1 of `bounds` from an area; gives how many were unreadable.

        Without bounds, which is when no state has survived, every readable row is taken. If rows
        are missing, or the ring has another size, `saved` stays behind: the area wants a fresh
        image. Raises `StorageError` when the rows of the area are of another make.
        """
        first, after = bounds or (0, 0)
        ring_rows = self._ring_rows_of(area)
        if ring_rows is None:
            self.next = self.saved = self._durable = after
            return after - first
        found = self._records_of(area, ring_rows)
        if bounds is None:
            chosen = sorted(found)
            after = chosen[-1] + 1 if chosen else 0
            missing = 0
        else:
            chosen = [sequence for sequence in range(first, after) if sequence in found]
            missing = after - first - len(chosen)
        self.next = after - len(chosen)
        for sequence in chosen:
            stamp_s, row = found[sequence]
            self.append(row, stamp_s)
        self._durable = self.next
        self.durable_only = bounds is not None
        stale = missing or bounds is None or ring_rows != self.ring_rows
        self.saved = self.first if stale else self.next
        return missing

    def _ring_rows_of(self, area: bytes) -> int | None:
        """The size of the ring by its header, None if the header is unreadable."""
        if len(area) < _HEADER_OCTETS:
            return None
        fixed = area[: _HEADER.size]
        magic, version, row_octets, ring_rows = _HEADER.unpack(fixed)
        if magic != _MAGIC or _CRC.pack(crc32(fixed)) != area[_HEADER.size : _HEADER_OCTETS]:
            return None
        if version > _VERSION:
            raise StorageError(
                f"table {self.name} was written by a newer version of this program; use that one"
            )
        if row_octets != self.row_octets:
            raise StorageError(
                f"table {self.name} holds rows of {row_octets} octets, this meter captures rows of "
                f"{self.row_octets}; use the settings it was written with, or another data folder"
            )
        return int(ring_rows) if 0 < ring_rows <= MAX_ROWS + SPARE_ROWS else None

    def _records_of(self, area: bytes, ring_rows: int) -> dict[int, tuple[int, bytes]]:
        """Every readable record of the ring: {sequence: (stamp, row)}."""
        found = {}
        size = self.record_octets
        end = min(len(area), _HEADER_OCTETS + ring_rows * size)
        for at in range(_HEADER_OCTETS, end - size + 1, size):
            body = area[at : at + size - _CRC.size]
            if _CRC.pack(crc32(body)) != area[at + size - _CRC.size : at + size]:
                continue
            sequence, stamp_s = _RECORD.unpack_from(body)
            if sequence % ring_rows == (at - _HEADER_OCTETS) // size:
                found[sequence] = (stamp_s, body[_RECORD.size :])
        return found
