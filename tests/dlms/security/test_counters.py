"""SE-04 and SE-06: a counter is sent once, accepted once, and has an end."""

from __future__ import annotations

import pytest

from addad.dlms.security.counters import (
    COUNTER_END,
    COUNTER_WARNING,
    VolatileCounters,
    take_counter,
)
from addad.dlms.security.keys import KeyId
from addad.errors import LocalProtocolError, SecurityError, SecurityFault

KEY = KeyId.GLOBAL_UNICAST_ENCRYPTION
BROADCAST = KeyId.GLOBAL_BROADCAST_ENCRYPTION
TITLE = b"ABC00001"
OTHER = b"ABC00002"


def test_sent_counters_rise_by_one_each_key_for_itself() -> None:
    counters = VolatileCounters(5)
    assert [counters.next(KEY) for _ in range(3)] == [5, 6, 7]
    assert counters.next(BROADCAST) == 5


def test_SE_06_at_the_end_nothing_is_sent_any_more() -> None:
    counters = VolatileCounters(COUNTER_END - 1)
    assert counters.next(KEY) == COUNTER_END - 1
    for _ in range(2):
        with pytest.raises(SecurityError) as caught:
            counters.next(KEY)
        assert caught.value.fault is SecurityFault.COUNTER_EXHAUSTED


def test_SE_06_the_end_is_not_accepted_either() -> None:
    counters = VolatileCounters()
    take_counter(counters, KEY, TITLE, COUNTER_END - 1, verified=True)
    with pytest.raises(SecurityError) as caught:
        take_counter(counters, KEY, TITLE, COUNTER_END, verified=True)
    assert caught.value.fault is SecurityFault.COUNTER_EXHAUSTED


def test_SE_06_the_warning_comes_long_before_the_end() -> None:
    assert COUNTER_WARNING == 2_000_000_000 < COUNTER_END


def test_SE_04_a_counter_is_taken_once_for_each_sender_and_key() -> None:
    counters = VolatileCounters()
    assert counters.last(KEY, TITLE) == -1
    take_counter(counters, KEY, TITLE, 0, verified=True)
    take_counter(counters, KEY, TITLE, 7, verified=True)
    take_counter(counters, KEY, OTHER, 0, verified=True)
    take_counter(counters, BROADCAST, TITLE, 0, verified=True)
    for counter in (0, 6, 7):
        with pytest.raises(SecurityError) as caught:
            take_counter(counters, KEY, TITLE, counter, verified=True)
        assert caught.value.fault is SecurityFault.REPLAY
        assert caught.value.expected_counter == 8
    assert counters.last(KEY, TITLE) == 7


def test_SE_11_who_proved_no_key_is_told_no_counter() -> None:
    counters = VolatileCounters()
    take_counter(counters, KEY, TITLE, 7, verified=True)
    with pytest.raises(SecurityError) as caught:
        take_counter(counters, KEY, TITLE, 7, verified=False)
    assert caught.value.expected_counter is None


def test_SE_04_an_unverified_counter_is_not_kept() -> None:
    counters = VolatileCounters()
    take_counter(counters, KEY, TITLE, 0xFFFFFFF0, verified=False)
    assert counters.last(KEY, TITLE) == -1


def test_an_accepted_counter_never_falls() -> None:
    counters = VolatileCounters()
    assert counters.accept(KEY, TITLE, 9)
    assert not counters.accept(KEY, TITLE, 3)
    assert not counters.accept(KEY, TITLE, 9)
    counters.settle()
    assert counters.last(KEY, TITLE) == 9


@pytest.mark.parametrize("first", [-1, 2**32])
def test_a_counter_that_no_message_can_carry_is_refused(first: int) -> None:
    with pytest.raises(LocalProtocolError, match="0 to 4294967295"):
        VolatileCounters(first)
