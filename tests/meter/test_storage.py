"""The two-slot store: PF-01 to PF-05, with the power cut at every call and in every way."""

from zlib import crc32

import pytest

from addad.errors import StorageError
from addad.meter.row_table import SPARE_ROWS, RowTable
from addad.meter.storage import SLOTS, Condition, Store, VolatileMemory

CAPACITY = 5


def tables() -> tuple[RowTable, RowTable]:
    return RowTable("load", 40, CAPACITY), RowTable("log", 12, CAPACITY)


def row(table: RowTable, number: int) -> bytes:
    return (b"%08d" % number).ljust(table.row_octets, b".")


class Life:
    """A store and its tables, as a meter uses them: commit `n` has state n and rows up to n."""

    def __init__(self, memory: VolatileMemory) -> None:
        self.tables = tables()
        self.store = Store(memory, self.tables)
        self.found = self.store.read()
        self.number = int(self.found.state.get("n", [0])[0])

    def commit(self) -> StorageError | None:
        """One commit: every one has a row for the load table, every third one for the log."""
        self.number += 1
        load, log = self.tables
        load.append(row(load, self.number), self.number * 900)
        if self.number % 3 == 0:
            log.append(row(log, self.number), self.number)
        commit = self.store.checkpoint({"n": [self.number], "text": ["x" * 700]})
        error = self.store.write(commit)
        if error is None:
            self.store.stored(commit)
        return error

    def kept(self) -> list[list[bytes]]:
        return [[table.row(i) for i in range(len(table))] for table in self.tables]


def expected(number: int) -> list[list[bytes]]:
    """The rows that belong to commit `number`."""
    load, log = tables()
    numbers = range(1, number + 1)
    return [
        [row(load, n) for n in numbers][-CAPACITY:],
        [row(log, n) for n in numbers if n % 3 == 0][-CAPACITY:],
    ]


def assert_whole(memory: VolatileMemory, at_least: int, at_most: int) -> int:
    """A fresh life on this memory stands at one whole commit within the bounds."""
    life = Life(memory)
    assert at_least <= life.number <= at_most
    assert life.found.condition is not Condition.DAMAGED
    assert (life.found.condition is Condition.FRESH) <= (at_least == 0)
    assert life.found.lost_rows == 0
    assert life.kept() == expected(life.number)
    return life.number


def test_pf_02_pf_03_a_cut_at_any_call_leaves_one_whole_commit(traced_memory, cuts) -> None:
    memory = traced_memory()
    life = Life(memory)
    acknowledged = [0]
    for number in range(1, CAPACITY + SPARE_ROWS + 9):
        assert life.commit() is None
        acknowledged.append(len(memory.calls))
        if 8 < number < CAPACITY + SPARE_ROWS - 4:
            continue  # these are like their neighbours: the rings neither begin nor wrap
        for calls in range(acknowledged[-2], acknowledged[-1] + 1):
            done = number if calls == acknowledged[-1] else number - 1
            for remains in cuts(memory.calls[:calls]):
                assert_whole(remains, done, number)


def test_a_life_goes_on_after_every_cut(traced_memory, cuts) -> None:
    memory = traced_memory()
    life = Life(memory)
    for _ in range(4):
        life.commit()
    for calls in range(len(memory.calls) + 1):
        for remains in cuts(memory.calls[:calls]):
            second = Life(remains)
            first_number = second.number
            for _ in range(3):
                assert second.commit() is None
            assert assert_whole(remains, first_number + 3, first_number + 3)


@pytest.mark.parametrize("failures", [1, 3, 7])
def test_pf_05_a_failure_at_any_call_is_told_and_healed(traced_memory, cuts, failures) -> None:
    for fails_at in range(24):
        memory = traced_memory(fails_at, failures)
        life = Life(memory)
        durable = 0
        for _ in range(16):
            error = life.commit()
            if error is None:
                durable = life.number
                assert_whole(memory, durable, durable)
            else:
                assert "try" in str(error) or "tries again" in str(error)
                for remains in cuts(memory.calls):
                    assert_whole(remains, durable, life.number)
        assert durable == life.number
        assert memory.failed


def test_pf_05_what_failed_is_written_anew_as_a_whole(traced_memory) -> None:
    memory = traced_memory(fails_at=9)
    life = Life(memory)
    while not memory.failed:
        life.commit()
    area = memory.failed[0].area
    before = len(memory.calls)
    assert life.commit() is None
    assert life.commit() is None
    kinds = [call.kind for call in memory.calls[before:] if call.area == area]
    assert kinds[0] == "replace"


def test_pf_04_each_flipped_octet_of_the_newest_slot_falls_back_one_commit() -> None:
    memory = VolatileMemory()
    life = Life(memory)
    for _ in range(6):
        life.commit()
    newest = SLOTS[0] if life.number % 2 == 0 else SLOTS[1]
    assert Life(memory).number == 6
    for position in range(len(memory.areas[newest].rstrip(b"\0"))):
        for bit in (0x01, 0x80):
            memory.areas[newest][position] ^= bit
            fallen = Life(memory)
            assert fallen.found.condition is Condition.GOOD
            assert fallen.number == 5
            assert fallen.kept() == expected(5)
            memory.areas[newest][position] ^= bit


def test_pf_04_both_slots_bad_is_damage_and_keeps_every_readable_row() -> None:
    memory = VolatileMemory()
    life = Life(memory)
    for _ in range(7):
        life.commit()
    for slot in SLOTS:
        memory.areas[slot][30] ^= 0xFF
    damaged = Life(memory)
    assert damaged.found.condition is Condition.DAMAGED
    assert damaged.found.state == {}
    assert damaged.kept() == expected(7)
    assert damaged.commit() is None
    assert Life(memory).found.condition is Condition.GOOD


def test_slots_that_are_gone_while_rows_are_there_are_damage_not_a_new_meter() -> None:
    memory = VolatileMemory()
    Life(memory).commit()
    for slot in SLOTS:
        del memory.areas[slot]
    assert Life(memory).found.condition is Condition.DAMAGED


def test_each_flipped_octet_of_a_ring_loses_its_row_only_and_says_so() -> None:
    def nine_commits() -> VolatileMemory:
        memory = VolatileMemory()
        life = Life(memory)
        for _ in range(9):
            life.commit()
        return memory

    header = 20
    for position in range(len(nine_commits().areas["load"])):
        memory = nine_commits()
        memory.areas["load"][position] ^= 0x10
        found = Life(memory)
        kept = found.kept()[0]
        assert set(kept) <= set(expected(9)[0])
        assert found.found.lost_rows == CAPACITY - len(kept)
        assert position < header or len(kept) >= CAPACITY - 1
        assert found.commit() is None
        healed = Life(memory)
        assert healed.found.lost_rows == 0
        assert healed.kept()[0] == [*kept, expected(10)[0][-1]][-CAPACITY:]


def test_a_ring_of_another_length_is_taken_over() -> None:
    memory = VolatileMemory()
    life = Life(memory)
    for _ in range(9):
        life.commit()
    longer = RowTable("load", 40, 50), RowTable("log", 12, 3)
    store = Store(memory, longer)
    assert store.read().lost_rows == 0
    assert [len(table) for table in longer] == [CAPACITY, 3]
    longer[0].append(row(longer[0], 10), 9000)
    commit = store.checkpoint({"n": [10]})
    assert store.write(commit) is None
    again = RowTable("load", 40, 50), RowTable("log", 12, 3)
    assert Store(memory, again).read().lost_rows == 0
    assert [again[0].row(i) for i in range(6)] == [row(again[0], n) for n in range(5, 11)]


@pytest.mark.parametrize("was", ["shorter", "damaged"])
def test_a_ring_that_was_cleared_takes_rows_whatever_its_header_was(was: str) -> None:
    memory = VolatileMemory()

    def load_table(capacity: int) -> tuple[RowTable, Store]:
        table = RowTable("load", 40, capacity)
        store = Store(memory, (table,))
        assert store.read().lost_rows == 0
        return table, store

    def commit(table: RowTable, store: Store) -> None:
        made = store.checkpoint({"n": [table.next]})
        assert store.write(made) is None
        store.stored(made)

    table, store = load_table(CAPACITY)
    for number in range(100):
        table.append(row(table, number), number)
        commit(table, store)
    table.clear()
    commit(table, store)
    if was == "damaged":
        memory.areas["load"][3] ^= 1
    table, store = load_table(50 if was == "shorter" else CAPACITY)
    for number in range(3):
        table.append(row(table, number), number)
    commit(table, store)
    again, _ = load_table(table.capacity)
    assert [again.row(n) for n in range(len(again))] == [row(again, n) for n in range(3)]


def test_rows_of_another_make_are_refused_with_a_cure() -> None:
    memory = VolatileMemory()
    Life(memory).commit()
    with pytest.raises(StorageError, match="another data folder"):
        Store(memory, (RowTable("load", 44, CAPACITY),)).read()


def test_data_of_a_newer_version_are_refused_and_left_alone() -> None:
    memory = VolatileMemory()
    life = Life(memory)
    life.commit()
    slot = memory.areas[SLOTS[1]]
    slot[9] = 2
    end = 22 + int.from_bytes(slot[18:22], "big")
    slot[end : end + 4] = crc32(slot[:end]).to_bytes(4, "big")
    before = {area: bytes(octets) for area, octets in memory.areas.items()}
    with pytest.raises(StorageError, match="newer version"):
        Life(memory)
    assert {area: bytes(octets) for area, octets in memory.areas.items()} == before


def test_a_memory_that_cannot_be_read_says_so() -> None:
    class Unreadable(VolatileMemory):
        def read(self, area: str) -> bytes:
            raise PermissionError(13, "Permission denied")

    with pytest.raises(StorageError, match="Permission denied"):
        Life(Unreadable())


def test_a_state_longer_than_a_slot_is_refused() -> None:
    life = Life(VolatileMemory())
    with pytest.raises(StorageError, match="longer than a slot"):
        life.store.checkpoint({"n": ["x" * 20_000]})
