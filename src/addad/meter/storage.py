"""What survives a power cut: two slots for the state, rings for the rows, one commit for both.

A commit first makes the new rows durable, then the state that counts them, in the slot that does
not hold the last good state: after a cut at any moment the meter stands at a whole commit. CRC-32
and sequence number find the newer good slot. A write or sync that failed is never taken as half
done: the area is written anew as a whole, on a fresh file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from struct import Struct
from typing import Final, NamedTuple, Protocol, TypeAlias, TypedDict
from zlib import crc32

from addad.errors import StorageError
from addad.meter.row_table import RowTable

State: TypeAlias = dict[str, list[int | str]]

SLOTS: Final = ("slot-a", "slot-b")
MAX_STATE_OCTETS: Final = 16_384
PAGE_OCTETS: Final = 4096

_HEADER: Final = Struct(">8sHQI")
_CRC: Final = Struct(">I")
_MAGIC: Final = b"addadmtr"
_VERSION: Final = 1


class Memory(Protocol):
    """Named areas of octets that outlive the process. Every call may raise OSError."""

    def read(self, area: str) -> bytes:
        """The whole area; empty if it was never written."""
        ...

    def write(self, area: str, offset: int, octets: bytes) -> None:
        """Write all octets at an offset; durable only after `sync`."""
        ...

    def sync(self, area: str) -> None:
        """Make all writes to the area durable."""
        ...

    def replace(self, area: str, octets: bytes) -> None:
        """Put new content in place of the area, durably, whole or not at all."""
        ...

    def identity(self, area: str) -> bytes:
        """What tells this area, as it stands here, from every copy of it."""
        ...


class VolatileMemory:
    """A `Memory` that lives as long as the object: for meters that need not outlive a run."""

    def __init__(self) -> None:
        self.areas: dict[str, bytearray] = {}

    def read(self, area: str) -> bytes:
        """See `Memory`."""
        return bytes(self.areas.get(area, b""))

    def write(self, area: str, offset: int, octets: bytes) -> None:
        """See `Memory`."""
        content = self.areas.setdefault(area, bytearray())
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(octets)] = octets

    def sync(self, area: str) -> None:
        """See `Memory`."""

    def replace(self, area: str, octets: bytes) -> None:
        """See `Memory`."""
        self.areas[area] = bytearray(octets)

    def identity(self, area: str) -> bytes:
        """See `Memory`: nothing of it can be copied."""
        return b""


class SlotContent(TypedDict):
    """The content of a slot: the state, and {table: [first, next]}."""

    state: State
    tables: dict[str, list[int]]


class Condition(Enum):
    """How the memory was found."""

    FRESH = "never written"
    GOOD = "a whole state"
    DAMAGED = "no readable state, though there was one"


class Found(NamedTuple):
    """What was read at the start; `lost_rows` counts rows that should be there and are not."""

    condition: Condition
    state: State
    lost_rows: int


class Commit(NamedTuple):
    """One atomic step of storage: rows, then the state that counts them."""

    state: bytes
    writes: dict[str, list[tuple[int, bytes]]]
    images: dict[str, bytes]
    saved: dict[str, int]


class Store:
    """Keeps state and tables on a memory.

    `checkpoint` and `stored` belong to the meter's thread; `write` may run in another one, one at a
    time, and touches the memory only.
    """

    def __init__(self, memory: Memory, tables: tuple[RowTable, ...]) -> None:
        self._memory = memory
        self._tables = tables
        self._suspect: set[str] = set()
        self._sequence = 0
        self._good_slot: str | None = None
        self.found = Found(Condition.FRESH, {}, 0)
        self.unsaved_s = 0.0

    def read(self) -> Found:
        """Load the newest whole state, and the tables as it counts them; `found` keeps it.

        Raises `StorageError` when the memory cannot be read, or was written by another make.
        """
        self.found = self._load()
        return self.found

    def _load(self) -> Found:
        areas = {slot: self._read(slot) for slot in SLOTS}
        rings = {table.name: self._read(table.name) for table in self._tables}
        states = {slot: _decode_slot(octets) for slot, octets in areas.items()}
        good = {slot: state for slot, state in states.items() if state is not None}
        if not good:
            return self._without_state(rings, written=any(areas.values()) or any(rings.values()))
        newest = max(good, key=lambda slot: good[slot][0])
        self._sequence, payload = good[newest]
        self._good_slot = newest
        counted = payload["tables"]
        lost = 0
        for table in self._tables:
            bounds = counted.get(table.name, [0, 0])
            area = rings[table.name]
            if not area and bounds[0] == bounds[1]:
                table.next = bounds[1]
                table.mark_saved(bounds[1])
                self._suspect.add(table.name)
                continue
            lost += table.load(area, (bounds[0], bounds[1]))
            if table.saved != table.next or not area.startswith(table.header()):
                self._suspect.add(table.name)
        return Found(Condition.GOOD, payload["state"], lost)

    def _without_state(self, rings: dict[str, bytes], *, written: bool) -> Found:
        self._suspect.update(table.name for table in self._tables)
        self._suspect.update(SLOTS)
        if not written:
            return Found(Condition.FRESH, {}, 0)
        for table in self._tables:
            table.load(rings[table.name], None)
        return Found(Condition.DAMAGED, {}, 0)

    def read_area(self, area: str) -> bytes:
        """An area that is kept as a whole beside the state; empty if it was never written."""
        return self._read(area)

    def checkpoint(self, state: State, areas: Mapping[str, bytes] | None = None) -> Commit:
        """Freeze state and new rows for `write`, and whole areas that have changed.

        Raises `StorageError` if the state is too long.
        """
        tables = {table.name: [table.first, table.next] for table in self._tables}
        octets = json.dumps({"state": state, "tables": tables}, separators=(",", ":")).encode()
        if len(octets) > MAX_STATE_OCTETS:
            raise StorageError(f"a state of {len(octets)} octets is longer than a slot")
        writes: dict[str, list[tuple[int, bytes]]] = {}
        images = dict(areas or {})
        for table in self._tables:
            if table.saved == table.next:
                continue
            if table.name in self._suspect or table.next - table.saved > table.capacity:
                images[table.name] = table.image()
            else:
                writes[table.name] = table.pending_writes()
        return Commit(octets, writes, images, {table.name: table.next for table in self._tables})

    def write(self, commit: Commit) -> StorageError | None:
        """Make a commit durable; the error if it is not, and then nothing of it counts."""
        area = ""
        try:
            if self._good_slot is None:
                # before any row: so that rows without a slot are known as damage
                area = SLOTS[0]
                self._memory.replace(area, self._slot(b'{"state":{},"tables":{}}'))
                self._slot_written(area)
            for area, image in commit.images.items():
                self._memory.replace(area, image)
                self._suspect.discard(area)
            for area, pieces in commit.writes.items():
                for offset, octets in pieces:
                    self._memory.write(area, offset, octets)
                self._memory.sync(area)
            area = SLOTS[0] if self._good_slot == SLOTS[1] else SLOTS[1]
            octets = self._slot(commit.state)
            if area in self._suspect:
                self._memory.replace(area, octets)
            else:
                self._memory.write(area, 0, octets)
                self._memory.sync(area)
            self._slot_written(area)
        except OSError as problem:
            self._suspect.add(area)
            return StorageError(
                f"{area} could not be written ({problem.strerror or problem}): the meter goes on "
                f"and tries again; free space on the disk, or make it writable"
            )
        return None

    def stored(self, commit: Commit) -> None:
        """Tell the tables that a commit is durable."""
        for table in self._tables:
            table.mark_saved(commit.saved[table.name])

    def not_durable(self) -> None:
        """Nothing new is durable for now: clients see all there is."""
        for table in self._tables:
            table.durable_only = False

    def _slot(self, payload: bytes) -> bytes:
        """A slot's octets, filled up to whole pages: writing it again needs no new space."""
        body = _HEADER.pack(_MAGIC, _VERSION, self._sequence + 1, len(payload)) + payload
        whole = body + _CRC.pack(crc32(body))
        return whole.ljust(-len(whole) // PAGE_OCTETS * -PAGE_OCTETS, b"\0")

    def _slot_written(self, slot: str) -> None:
        self._sequence += 1
        self._good_slot = slot
        self._suspect.discard(slot)

    def _read(self, area: str) -> bytes:
        try:
            return self._memory.read(area)
        except OSError as problem:
            raise StorageError(
                f"{area} cannot be read ({problem.strerror or problem}); "
                f"check the permissions of the data folder, or use another one"
            ) from problem


def _decode_slot(octets: bytes) -> tuple[int, SlotContent] | None:
    """(sequence, content) of a slot, None if it is not whole."""
    if len(octets) < _HEADER.size + _CRC.size:
        return None
    magic, version, sequence, length = _HEADER.unpack_from(octets)
    end = _HEADER.size + length
    if magic != _MAGIC or length > MAX_STATE_OCTETS or len(octets) < end + _CRC.size:
        return None
    if _CRC.pack(crc32(octets[:end])) != octets[end : end + _CRC.size]:
        return None
    if version > _VERSION:
        raise StorageError("the data were written by a newer version of this program; use that one")
    content: SlotContent = json.loads(octets[_HEADER.size : end])
    return sequence, content
