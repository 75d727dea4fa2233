"""Clients that fail to authenticate: told after three in a row, and not too often."""

from itertools import pairwise

from addad.meter.door import FAILURES, PAUSE_MAX_S, PAUSE_S, Door


def told(door: Door, client_sap: int, attempts: int) -> int:
    return sum(door.came(client_sap, let_in=False) for _ in range(attempts))


def test_the_third_failure_in_a_row_is_told() -> None:
    assert [Door().came(1, False)] == [False]
    assert told(Door(), 1, FAILURES - 1) == 0
    assert told(Door(), 1, FAILURES) == 1


def test_a_success_between_them_begins_anew() -> None:
    door = Door()
    assert told(door, 1, FAILURES - 1) == 0
    assert not door.came(1, let_in=True)
    assert told(door, 1, FAILURES - 1) == 0
    assert told(door, 1, 1) == 1


def test_each_client_has_its_own_count() -> None:
    door = Door()
    assert told(door, 1, FAILURES - 1) + told(door, 2, FAILURES - 1) == 0
    door.came(2, let_in=True)
    assert told(door, 1, 1) == 1


def test_a_guesser_is_told_of_at_pauses_that_double() -> None:
    door = Door()
    moments = []
    for second in range(6 * 3600):
        if told(door, 1, 30):
            moments.append(second)
        door.came(1, let_in=True)  # the real client comes too
        door.step(1.0)
    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[:3] == [PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S]
    assert pauses[-1] == PAUSE_MAX_S
    assert len(moments) < 20


def test_after_a_quiet_time_the_pause_is_short_again() -> None:
    door = Door()
    for _ in range(4):
        door.step(PAUSE_MAX_S)
        assert told(door, 1, FAILURES) == 1
    door.step(PAUSE_S)
    assert told(door, 1, FAILURES) == 1
