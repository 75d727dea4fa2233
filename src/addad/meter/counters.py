"""Invocation counters that survive: no number sent twice, none accepted twice, whatever happens.

Green Book, IEC 62056-5-3 (invocation counter), with the house's own way to keep it. A counter
belongs to a key, not to its place: it is found by the key's fingerprint, so a key that comes back
goes on where it stood, and a new one begins at 0.

What is sent is reserved in windows, durable before the first number of one is used; after a restart
the next window begins. What was accepted is written before anything is executed, and durable before
a SET or ACTION. A record lies in two blocks, written by turns so that the one which is durable is
never touched; a block holds its content twice, so that a torn write leaves one whole. Where both
are lost the area is damaged, and nothing is sent or executed until there are new keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from struct import Struct
from typing import Final
from zlib import crc32

from addad.dlms.security.counters import COUNTER_END, COUNTER_WARNING, exhausted
from addad.dlms.security.keys import KeyId
from addad.errors import SecurityError, SecurityFault, StorageError
from addad.meter.storage import Memory

WINDOW: Final = 1000
"""How many numbers are reserved at once for sending."""
MAX_RECORDS: Final = 256
MAX_SENDERS: Final = 16
"""How many system titles may send under one key."""
FINGERPRINT_OCTETS: Final = 16
AREA_ID_OCTETS: Final = 16

AREA: Final = "counters"
CURE: Final = "make new ones: addad meter --new-keys"

_HALF: Final = 64
_BLOCK: Final = 2 * _HALF
_RECORD: Final = 2 * _BLOCK
_HEADER: Final = Struct(">8sH16s32s")
_OWNER: Final = Struct(">BxxxI16s8s")
_STAND: Final = Struct(">QQ")
_CRC: Final = Struct(">I")
_MAGIC: Final = b"addadctr"
_VERSION: Final = 1
_UNBOUND: Final = bytes(32)
_CONTENT_OCTETS: Final = _OWNER.size + _STAND.size

_EMPTY, _SENT, _ACCEPTED = range(3)
_NO_OWNER: Final = _OWNER.pack(_EMPTY, 0, b"", b"")


class _Record:
    """One counter: its slot, whose it is, what it holds, and which block is written next."""

    __slots__ = ("dirty", "limit", "loose", "owner", "sequence", "slot", "used", "value")

    def __init__(self, slot: int, owner: bytes = _NO_OWNER, sequence: int = 0, value: int = 0):
        self.slot = slot
        self.owner = owner
        self.sequence = sequence
        self.value = value
        self.loose = 0
        self.dirty = False
        self.used = self.limit = value
        """Of what is sent: the next number, and the end of what is durably reserved."""

    @property
    def name(self) -> tuple[int, bytes, bytes]:
        """Sent or accepted, under which key, from which title."""
        kind, _, key, title = _OWNER.unpack(self.owner)
        return kind, key, b"" if kind == _SENT else title

    @property
    def born(self) -> int:
        """Which counter of this area it was: older ones have smaller numbers."""
        return int(_OWNER.unpack(self.owner)[1])

    def block(self) -> bytes:
        """What stands in a block of it."""
        return _sealed(self.owner + _STAND.pack(self.sequence, self.value)) * 2


def _sealed(octets: bytes) -> bytes:
    return (octets + _CRC.pack(crc32(octets))).ljust(_HALF, b"\0")


def _opened(half: bytes, size: int) -> bytes | None:
    octets = half[:size]
    return octets if half[size : size + _CRC.size] == _CRC.pack(crc32(octets)) else None


def _read_record(slot: int, octets: bytes) -> tuple[_Record, bool] | None:
    """The record in a slot's octets, and whether all of it is whole; None if it is lost."""
    found: _Record | None = None
    whole = True
    for number in (0, 1):
        best: _Record | None = None
        for at in (number * _BLOCK, number * _BLOCK + _HALF):
            half = _opened(octets[at : at + _HALF], _CONTENT_OCTETS)
            if half is None:
                continue
            record = _Record(slot, half[: _OWNER.size], *_STAND.unpack(half[_OWNER.size :]))
            record.loose = 1 - number
            if best is None or record.sequence > best.sequence:
                best = record
        if best is None:
            return None
        whole &= octets[number * _BLOCK : (number + 1) * _BLOCK] == best.block()
        if found is None or best.sequence > found.sequence:
            found = best
    assert found is not None
    return found, whole


def _unusable(why: str) -> SecurityError:
    return SecurityError(why, SecurityFault.COUNTERS)


class CounterArea:
    """All counters of a meter in one area of its memory.

    `area_id` is what the keys expect to find: counters of other keys, none at all, damaged ones or
    those of a copied memory are not used. `refusal` says why, and is empty when they are good.
    `on_high` is told the fingerprint of a key whose counter passes `COUNTER_WARNING`.
    """

    def __init__(
        self, memory: Memory, area_id: bytes, on_high: Callable[[bytes], None] | None = None
    ) -> None:
        """Raises `StorageError` when the memory cannot be read."""
        self._memory = memory
        self._area_id = area_id
        self._on_high = on_high or (lambda _key: None)
        self._records: dict[tuple[int, bytes, bytes], _Record] = {}
        self._free: list[_Record] = []
        self._active: frozenset[bytes] = frozenset()
        self._dirty: list[_Record] = []
        self._suspect = False
        self._born = 0
        self.refusal = self._load()

    def renew(self, area_id: bytes) -> None:
        """Begin anew, for keys that were never used. May raise OSError: then nothing is usable."""
        self.refusal = "the counters were not begun; " + CURE
        self._area_id = area_id
        image = _header(area_id, _UNBOUND) + _Record(0).block() * (2 * MAX_RECORDS)
        self._memory.replace(AREA, image)
        self._memory.write(AREA, 0, _header(area_id, self._binding()))
        self._memory.sync(AREA)
        self._records, self._dirty = {}, []
        self._free = [_Record(slot) for slot in range(MAX_RECORDS)]
        self._suspect, self._born, self.refusal = False, 0, ""

    def activate(self, fingerprints: frozenset[bytes]) -> None:
        """These keys are in use: their counters stay; others go when there is no room."""
        self._active = fingerprints

    # --- sending

    def next(self, key: bytes) -> int:
        """The number to send now under a key; raises `SecurityError` when there is none."""
        record = self._records.get((_SENT, key, b""))
        if record is None:
            record = self._new(_SENT, key, b"")
        number = record.used
        if number >= COUNTER_END:
            raise exhausted()
        if number >= record.limit:
            self._reserve(record, number)
        self._check()
        record.used = number + 1
        return number

    def _reserve(self, record: _Record, number: int) -> None:
        self._check()
        self._put(record, min(number + WINDOW, COUNTER_END))
        self._sync()
        record.limit = record.value
        if record.limit - WINDOW < COUNTER_WARNING <= record.limit:
            self._on_high(record.name[1])

    # --- receiving

    def last(self, key: bytes, title: bytes) -> int:
        """The last number accepted from a sender under a key, -1 before the first."""
        record = self._records.get((_ACCEPTED, key, title))
        return -1 if record is None else record.value

    def accept(self, key: bytes, title: bytes, counter: int) -> bool:
        """Write a number as accepted; False, and nothing is changed, for one that is not greater.

        Raises `SecurityError` when it cannot be written, or too many senders use the key.
        """
        self._check()
        record = self._records.get((_ACCEPTED, key, title))
        if record is None:
            senders = sum(kind == _ACCEPTED and of == key for kind, of, _ in self._records)
            if senders >= MAX_SENDERS:
                raise _unusable(f"more than {MAX_SENDERS} senders under one key")
            record = self._new(_ACCEPTED, key, title)
        elif counter <= record.value:
            return False
        before = record.value
        self._put(record, counter)
        if before < COUNTER_WARNING <= counter:
            self._on_high(key)
        return True

    def settle(self) -> None:
        """Make what was accepted durable; raises `SecurityError` when that fails."""
        if self._dirty or self._suspect:
            self._check()
            self._sync()

    # --- the area

    def _check(self) -> None:
        if self.refusal:
            raise _unusable(self.refusal)

    def _binding(self) -> bytes:
        return sha256(b"addad counters" + self._memory.identity(AREA)).digest()

    def _load(self) -> str:
        try:
            octets = self._memory.read(AREA)
            if not octets:
                return "there are no counters for these keys; " + CURE
            binding = self._binding()
        except OSError as problem:
            raise StorageError(
                f"{AREA} cannot be read ({problem.strerror or problem}); check the permissions of "
                "the data folder, or use another one"
            ) from problem
        headers = [_read_header(octets[at : at + _HALF]) for at in (0, _HALF)]
        known = [header for header in headers if header is not None]
        if len(octets) != _BLOCK + MAX_RECORDS * _RECORD or not known:
            return "the counters are damaged, and with them the keys are of no use; " + CURE
        if self._area_id not in [area_id for area_id, _ in known]:
            return "the counters belong to other keys; " + CURE
        if (self._area_id, binding) not in known:
            return (
                "this data folder is a copy, and keys that are used in two places protect nothing; "
                + CURE
            )
        self._suspect = octets[:_BLOCK] != _header(self._area_id, binding)
        refusal = self._load_records(octets)
        try:
            self._memory.sync(AREA)  # what is believed from here on must be durable
        except OSError:
            self._suspect = True
        return refusal

    def _load_records(self, octets: bytes) -> str:
        for slot in range(MAX_RECORDS):
            at = _BLOCK + slot * _RECORD
            found = _read_record(slot, octets[at : at + _RECORD])
            if found is None:
                return "a counter is damaged, and with it the keys are of no use; " + CURE
            record, whole = found
            self._suspect |= not whole
            self._born = max(self._born, record.born)
            if record.name[0] == _EMPTY:
                self._free.append(record)
            else:
                self._records[record.name] = record
        return ""

    def _new(self, kind: int, key: bytes, title: bytes) -> _Record:
        self._check()
        record = self._free.pop(0) if self._free else self._oldest_of_former_keys()
        self._born += 1
        record.owner = _OWNER.pack(kind, self._born, key, title)
        record.value, record.used, record.limit = -1 if kind == _ACCEPTED else 0, 0, 0
        self._records[kind, key, title] = record
        return record

    def _oldest_of_former_keys(self) -> _Record:
        former = [item for item in self._records.items() if item[0][1] not in self._active]
        if not former:
            raise _unusable(f"more than {MAX_RECORDS} counters of keys that are in use")
        name, record = min(former, key=lambda item: item[1].born)
        del self._records[name]
        return record

    def _put(self, record: _Record, value: int) -> None:
        before = record.sequence, record.value
        try:
            if self._suspect:
                self._rewrite()
            record.sequence, record.value = record.sequence + 1, value
            at = _BLOCK + record.slot * _RECORD + record.loose * _BLOCK
            self._memory.write(AREA, at, record.block())
        except OSError as problem:
            record.sequence, record.value = before
            raise self._failed(problem) from problem
        if not record.dirty:
            record.dirty = True
            self._dirty.append(record)

    def _sync(self) -> None:
        try:
            if self._suspect:
                self._rewrite()
            self._memory.sync(AREA)
        except OSError as problem:
            raise self._failed(problem) from problem
        for record in self._dirty:
            record.dirty = False
            record.loose = 1 - record.loose
        self._dirty.clear()

    def _rewrite(self) -> None:
        """Write all that is believed anew: pages whose sync failed count as written."""
        blocks = {record.slot: record.block() for record in self._free}
        for record in self._records.values():
            blocks[record.slot] = record.block() if record.value >= 0 else _Record(0).block()
        image = b"".join(blocks[slot] * 2 for slot in range(MAX_RECORDS))
        self._memory.write(AREA, 0, _header(self._area_id, self._binding()) + image)
        self._memory.sync(AREA)
        self._suspect = False

    def _failed(self, problem: OSError) -> SecurityError:
        self._suspect = True
        return _unusable(
            f"the counters could not be written ({problem.strerror or problem}): nothing is sent "
            "or done under these keys; free space on the disk, or make it writable"
        )


class KeyCounters:
    """The counters of one set of keys, by what each key is for; see `Counters`."""

    __slots__ = ("_area", "_fingerprints")

    def __init__(self, area: CounterArea, fingerprints: Mapping[KeyId, bytes]) -> None:
        self._area = area
        self._fingerprints = dict(fingerprints)

    def next(self, key: KeyId) -> int:
        """The counter to send now; raises `SecurityError` when there is none."""
        return self._area.next(self._fingerprints[key])

    def last(self, key: KeyId, title: bytes) -> int:
        """The last counter accepted from a sender under a key, -1 before the first."""
        return self._area.last(self._fingerprints[key], title)

    def accept(self, key: KeyId, title: bytes, counter: int) -> bool:
        """Take a counter as used; raises `SecurityError` when that cannot be written.

        False, and nothing is changed, for one that is not greater than the last.
        """
        return self._area.accept(self._fingerprints[key], title, counter)

    def settle(self) -> None:
        """Make all accepted counters durable; raises `SecurityError` when that fails."""
        self._area.settle()


def _header(area_id: bytes, binding: bytes) -> bytes:
    return _sealed(_HEADER.pack(_MAGIC, _VERSION, area_id, binding)) * 2


def _read_header(half: bytes) -> tuple[bytes, bytes] | None:
    octets = _opened(half, _HEADER.size)
    if octets is None:
        return None
    magic, version, area_id, binding = _HEADER.unpack(octets)
    if version > _VERSION:
        raise StorageError("the counters were written by a newer version of this program")
    return (area_id, binding) if magic == _MAGIC else None
