"""Counters that were accepted: loaded when they are asked for, kept once, told as a replay."""

from collections.abc import Mapping

import pytest

from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.errors import SecurityError, SecurityFault
from addad.reader.received_counters import ReceivedCounters, Taken, check_taken, name_of

UNICAST, BROADCAST = KeyId.GLOBAL_UNICAST_ENCRYPTION, KeyId.GLOBAL_BROADCAST_ENCRYPTION
METER, OTHER = b"ADDMTR01", b"ADDMTR02"
KEYS = SymmetricKeys(bytes(16), bytes(16), bytes(range(16)))


class Shelf:
    """A keeper that notes how often it wrote."""

    def __init__(self) -> None:
        self.marks: dict[str, int] = {}
        self.written = 0

    def mark(self, name: str) -> int:
        return self.marks.get(name, 0)

    def take(self, taken: Mapping[str, Taken]) -> None:
        check_taken(taken, self.marks)
        self.marks |= {name: last + 1 for name, (_, last) in taken.items()}
        self.written += 1


def test_many_are_kept_at_once_when_it_is_settled() -> None:
    shelf = Shelf()
    counters = ReceivedCounters(KEYS, shelf)
    for number in (3, 4, 9):
        counters.accept(UNICAST, METER, number)
    counters.accept(BROADCAST, OTHER, 1)
    counters.accept(UNICAST, METER, 2)
    assert (counters.last(UNICAST, METER), shelf.written) == (9, 0)
    counters.settle()
    counters.settle()
    assert shelf.written == 1
    again = ReceivedCounters(KEYS, shelf)
    assert [again.last(UNICAST, METER), again.last(BROADCAST, OTHER)] == [9, 1]
    assert again.last(UNICAST, OTHER) == -1


def test_what_is_drained_is_its_takers_to_keep() -> None:
    shelf = Shelf()
    counters = ReceivedCounters(KEYS, shelf)
    counters.accept(UNICAST, METER, 3)
    counters.accept(UNICAST, METER, 7)
    taken = counters.drain()
    assert taken == {name_of(KEYS, UNICAST, METER): Taken(3, 7)}
    counters.settle()
    assert shelf.written == 0
    assert counters.last(UNICAST, METER) == 7


def test_one_that_another_took_in_between_is_a_replay() -> None:
    shelf = Shelf()
    one, two = ReceivedCounters(KEYS, shelf), ReceivedCounters(KEYS, shelf, at_once=True)
    one.accept(UNICAST, METER, 5)
    two.accept(UNICAST, METER, 6)
    with pytest.raises(SecurityError) as fault:
        one.settle()
    assert fault.value.fault is SecurityFault.REPLAY


def test_each_key_and_title_has_a_name_that_tells_nothing() -> None:
    other = SymmetricKeys(bytes(16), bytes(16), bytes(16))
    names = {
        name_of(keys, key, title)
        for keys in (KEYS, other)
        for key in (UNICAST, BROADCAST)
        for title in (METER, OTHER)
    }
    assert len(names) == 6  # the unicast key is the same in both
    assert all(len(name) == 32 for name in names)
