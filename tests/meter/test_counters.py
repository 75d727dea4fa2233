"""SE-05, SE-06: counters over power cuts, full disks, damage and copies."""

from itertools import pairwise
from zlib import crc32

import pytest

from addad.dlms.security.counters import COUNTER_END, COUNTER_WARNING
from addad.dlms.security.keys import KeyId
from addad.errors import SecurityError, SecurityFault, StorageError
from addad.meter.counters import (
    AREA,
    MAX_RECORDS,
    MAX_SENDERS,
    WINDOW,
    CounterArea,
    KeyCounters,
)
from addad.meter.storage import VolatileMemory

AREA_ID = b"area-id-16octets"
KEY, OTHER = b"key-fingerprint1", b"key-fingerprint2"
CLIENT, STRANGER = b"CLI00001", b"CLI00002"


def begun(memory: VolatileMemory) -> CounterArea:
    area = CounterArea(memory, AREA_ID)
    area.renew(AREA_ID)
    return area


class Exchange:
    """A meter that answers: what it sent, accepted and executed is remembered outside of it."""

    def __init__(self, memory: VolatileMemory) -> None:
        self.area = CounterArea(memory, AREA_ID)
        self.sent = -1
        self.seen = self.executed = -1

    def step(self, number: int) -> None:
        """The client sends `number`; each third one is a SET, each fifth begins a new window."""
        self.area.accept(KEY, CLIENT, number)
        self.seen = number
        if number % 3 == 0:
            self.area.settle()
            self.executed = number
        if number % 5 == 0:
            self.sent = max(self.sent, *(self.area.next(KEY) for _ in range(WINDOW // 2 + 1)))


def test_se_05_a_cut_at_any_write_repeats_no_number_and_lets_nothing_executed_in_again(
    traced_memory, cuts
) -> None:
    memory = traced_memory()
    begun(memory)
    life = Exchange(memory)
    states = [(len(memory.calls), life.sent, life.executed, life.seen)]
    for number in range(1, 17):
        life.step(number)
        states.append((len(memory.calls), life.sent, life.executed, life.seen))
    checked = 0
    for (before, sent, executed, _), (after, _, _, seen) in pairwise(states):
        for calls in range(before, after + 1):
            for remains in cuts(memory.calls[:calls]):
                area = CounterArea(remains, AREA_ID)
                assert area.refusal == ""
                assert executed <= area.last(KEY, CLIENT) <= seen
                assert area.next(KEY) > sent
                checked += 1
    assert checked > 200


def test_se_05_kill_9_forgets_nothing_that_was_accepted() -> None:
    memory = VolatileMemory()
    begun(memory)
    for number in range(0, 400, 7):
        CounterArea(memory, AREA_ID).accept(KEY, CLIENT, number)
        assert CounterArea(memory, AREA_ID).last(KEY, CLIENT) == number


def test_se_05_a_cut_while_the_area_is_begun_leaves_nothing_that_looks_used(
    traced_memory, cuts
) -> None:
    memory = traced_memory()
    begun(memory)
    for calls in range(len(memory.calls) + 1):
        for remains in cuts(memory.calls[:calls]):
            area = CounterArea(remains, AREA_ID)
            assert area.last(KEY, CLIENT) == -1
            area.renew(AREA_ID)
            assert area.next(KEY) == 0


def test_se_05_sending_goes_on_above_what_was_reserved() -> None:
    memory = VolatileMemory()
    area = begun(memory)
    assert [area.next(KEY) for _ in range(WINDOW + 2)] == list(range(WINDOW + 2))
    assert CounterArea(memory, AREA_ID).next(KEY) == 2 * WINDOW
    assert CounterArea(memory, AREA_ID).next(KEY) == 3 * WINDOW


def test_se_05_a_get_costs_one_write_and_no_sync(traced_memory) -> None:
    memory = traced_memory()
    area = begun(memory)
    area.accept(KEY, CLIENT, 0)
    before = len(memory.calls)
    assert area.accept(KEY, CLIENT, 1)
    assert not area.accept(KEY, CLIENT, 1)
    assert [call.kind for call in memory.calls[before:]] == ["write"]
    assert len(memory.calls[-1].octets) <= 128
    area.settle()
    area.settle()
    assert [call.kind for call in memory.calls[before + 1 :]] == ["sync"]


@pytest.mark.parametrize("failures", [1, 2, 5])
def test_se_05_a_disk_that_fails_at_any_call_stops_but_never_repeats(
    traced_memory, cuts, failures: int
) -> None:
    for fails_at in range(4, 34):
        memory = traced_memory(fails_at, failures)
        begun(memory)
        life = Exchange(memory)
        numbers: list[int] = []
        faults: set[SecurityFault] = set()
        for number in range(1, 30):
            try:
                life.area.accept(KEY, CLIENT, number)
                life.area.settle()
                life.executed = number
                numbers += [life.area.next(KEY) for _ in range(WINDOW // 3)]
            except SecurityError as refused:
                faults.add(refused.fault)
            for remains in cuts(memory.calls) if memory.failed and number % 7 == 0 else ():
                again = CounterArea(remains, AREA_ID)
                assert again.last(KEY, CLIENT) >= life.executed
                assert again.next(KEY) > max(numbers, default=-1)
        assert len(set(numbers)) == len(numbers)
        assert life.executed == 29
        assert faults <= {SecurityFault.COUNTERS}


def test_se_05_a_failed_sync_is_followed_by_all_octets_anew(traced_memory) -> None:
    memory = traced_memory()
    area = begun(memory)
    area.accept(OTHER, CLIENT, 4)
    area.settle()
    memory._fails_at = len(memory.calls) + 1
    area.accept(KEY, CLIENT, 1)
    with pytest.raises(SecurityError, match="could not be written"):
        area.settle()
    before = len(memory.calls)
    area.settle()
    assert len(memory.calls[before].octets) == len(memory.areas[AREA])


def test_se_05_a_memory_that_takes_nothing_refuses_to_send(traced_memory) -> None:
    memory = traced_memory()
    begun(memory)
    memory._fails_at, memory._failures = len(memory.calls) + 1, 10**6
    area = CounterArea(memory, AREA_ID)
    for _ in range(3):
        with pytest.raises(SecurityError, match="No space left"):
            area.next(KEY)
        with pytest.raises(SecurityError, match="No space left"):
            area.accept(KEY, CLIENT, 1)


def used(memory: VolatileMemory) -> CounterArea:
    area = begun(memory)
    area.next(KEY)
    for number in (5, 6, 9):
        area.accept(KEY, CLIENT, number)
        area.settle()
    return area


def test_se_05_no_flipped_octet_takes_a_counter_back() -> None:
    memory = VolatileMemory()
    used(memory)
    octets = memory.areas[AREA]
    for position in (*range(128 + 3 * 256), len(octets) - 200, len(octets) - 1):
        for bit in (0x01, 0x80):
            octets[position] ^= bit
            area = CounterArea(memory, AREA_ID)
            octets[position] ^= bit
            assert area.refusal or (area.last(KEY, CLIENT) == 9)
            assert not area.refusal  # all is there twice


def test_se_05_what_was_damaged_is_whole_again_after_the_next_write() -> None:
    memory = VolatileMemory()
    used(memory)
    whole = bytes(memory.areas[AREA])
    memory.areas[AREA][200] ^= 1
    area = CounterArea(memory, AREA_ID)
    area.settle()
    assert CounterArea(memory, AREA_ID).last(KEY, CLIENT) == 9
    assert memory.areas[AREA][:128] == whole[:128]


@pytest.mark.parametrize("octets", [64, 128, 512, 4096])
def test_se_05_a_lost_stretch_goes_back_to_nothing_older(octets: int) -> None:
    for start in range(0, 128 + 4 * 256, 64):
        memory = VolatileMemory()
        used(memory)
        memory.areas[AREA][start : start + octets] = bytes(octets)
        area = CounterArea(memory, AREA_ID)
        if not area.refusal:
            assert area.last(KEY, CLIENT) == 9
            assert area.next(KEY) == WINDOW
            continue
        with pytest.raises(SecurityError, match="--new-keys") as refused:
            area.next(KEY)
        assert refused.value.fault is SecurityFault.COUNTERS
        with pytest.raises(SecurityError):
            area.accept(KEY, CLIENT, 100)


@pytest.mark.parametrize("left", [0, 1, 64, 1000])
def test_se_05_an_area_that_is_cut_short_or_gone_is_not_used(left: int) -> None:
    memory = VolatileMemory()
    used(memory)
    del memory.areas[AREA][left:]
    assert "--new-keys" in CounterArea(memory, AREA_ID).refusal


class Place(VolatileMemory):
    """A memory that stands somewhere."""

    def __init__(self, name: bytes) -> None:
        super().__init__()
        self.name = name

    def identity(self, area: str) -> bytes:
        return self.name


def test_se_05_a_copy_refuses_the_old_keys_and_says_the_cure() -> None:
    original, copy = Place(b"here"), Place(b"there")
    used(original)
    copy.areas = {AREA: bytearray(original.areas[AREA])}
    assert CounterArea(original, AREA_ID).refusal == ""
    area = CounterArea(copy, AREA_ID)
    assert "copy" in area.refusal
    assert "addad meter --new-keys" in area.refusal
    with pytest.raises(SecurityError):
        area.next(KEY)
    area.renew(b"another-area-id.")
    assert area.next(OTHER) == 0
    assert CounterArea(copy, b"another-area-id.").refusal == ""


def test_se_05_counters_of_other_keys_are_not_taken_for_ours() -> None:
    memory = VolatileMemory()
    used(memory)
    assert "other keys" in CounterArea(memory, b"another-area-id.").refusal


def test_se_06_a_new_key_begins_at_0_and_an_old_one_goes_on() -> None:
    area = used(VolatileMemory())
    assert area.last(OTHER, CLIENT) == -1
    assert area.next(OTHER) == 0
    assert area.last(KEY, CLIENT) == 9
    assert area.next(KEY) == 1


def test_se_06_the_end_of_the_counter_is_refused() -> None:
    area = begun(VolatileMemory())
    area.next(KEY)
    record = area._records[1, KEY, b""]
    record.used = record.limit = record.value = COUNTER_END - 2
    assert [area.next(KEY), area.next(KEY)] == [COUNTER_END - 2, COUNTER_END - 1]
    for _ in range(2):
        with pytest.raises(SecurityError) as refused:
            area.next(KEY)
        assert refused.value.fault is SecurityFault.COUNTER_EXHAUSTED


def test_se_06_a_high_counter_is_told_once() -> None:
    told: list[bytes] = []
    memory = VolatileMemory()
    begun(memory)
    area = CounterArea(memory, AREA_ID, told.append)
    area.accept(KEY, CLIENT, COUNTER_WARNING - 1)
    assert told == []
    area.accept(KEY, CLIENT, COUNTER_WARNING)
    area.accept(KEY, CLIENT, COUNTER_WARNING + 5)
    assert told == [KEY]
    area.next(OTHER)
    record = area._records[1, OTHER, b""]
    record.used = record.limit = record.value = COUNTER_WARNING - WINDOW
    for _ in range(3 * WINDOW):
        area.next(OTHER)
    assert told == [KEY, OTHER]


def test_each_sender_has_its_own_number_and_there_are_not_too_many() -> None:
    area = begun(VolatileMemory())
    area.accept(KEY, CLIENT, 7)
    assert area.last(KEY, STRANGER) == -1
    for number in range(MAX_SENDERS - 1):
        area.accept(KEY, b"%08d" % number, 1)
    with pytest.raises(SecurityError, match="senders"):
        area.accept(KEY, STRANGER, 1)
    area.accept(KEY, CLIENT, 8)


def test_counters_of_former_keys_make_room_the_oldest_first() -> None:
    memory = VolatileMemory()
    area = begun(memory)
    area.activate(frozenset((KEY,)))
    area.accept(KEY, CLIENT, 1)
    for number in range(MAX_RECORDS + 5):
        area.accept(b"%016d" % number, CLIENT, number + 1)
    area.settle()
    again = CounterArea(memory, AREA_ID)
    assert again.last(KEY, CLIENT) == 1
    assert again.last(b"%016d" % 5, CLIENT) == -1
    assert again.last(b"%016d" % 6, CLIENT) == 7
    area.activate(frozenset(name[1] for name in area._records))
    with pytest.raises(SecurityError, match="in use"):
        area.accept(OTHER, CLIENT, 1)


def test_counters_of_one_set_of_keys_are_found_by_their_use() -> None:
    area = begun(VolatileMemory())
    unicast, broadcast = KeyId.GLOBAL_UNICAST_ENCRYPTION, KeyId.GLOBAL_BROADCAST_ENCRYPTION
    counters = KeyCounters(area, {unicast: KEY, broadcast: OTHER})
    assert counters.last(unicast, CLIENT) == -1
    counters.accept(unicast, CLIENT, 3)
    counters.accept(unicast, CLIENT, 2)
    counters.settle()
    assert (counters.last(unicast, CLIENT), counters.last(broadcast, CLIENT)) == (3, -1)
    assert (counters.next(unicast), counters.next(broadcast)) == (0, 0)


def test_a_memory_that_cannot_be_read_says_so() -> None:
    class Unreadable(VolatileMemory):
        def read(self, area: str) -> bytes:
            raise PermissionError(13, "Permission denied")

    with pytest.raises(StorageError, match="Permission denied"):
        CounterArea(Unreadable(), AREA_ID)


def test_data_of_a_newer_version_are_left_alone() -> None:
    memory = VolatileMemory()
    used(memory)
    for half in (0, 64):
        header = bytearray(memory.areas[AREA][half : half + 58])
        header[9] = 2
        memory.areas[AREA][half : half + 62] = header + crc32(header).to_bytes(4, "big")
    with pytest.raises(StorageError, match="newer version"):
        CounterArea(memory, AREA_ID)
