"""SE-14: three failures in a row are told, not too often, and lock where they come from."""

from itertools import pairwise

from addad.meter.door import FAILURES, MAX_PEERS, PAUSE_MAX_S, PAUSE_S, Door, Offence, host_of

HERE, THERE = "192.0.2.1", "192.0.2.2"


def told(
    door: Door,
    client_sap: int,
    attempts: int,
    offence: Offence = Offence.AUTHENTICATION,
    *,
    peer: str = HERE,
    lockable: bool = False,
) -> int:
    return sum(door.failed(client_sap, peer, offence, lockable=lockable) for _ in range(attempts))


def test_the_third_failure_in_a_row_is_told() -> None:
    assert told(Door(), 1, 1) == 0
    assert told(Door(), 1, FAILURES - 1) == 0
    assert told(Door(), 1, FAILURES) == 1


def test_a_success_between_them_begins_anew() -> None:
    door = Door()
    assert told(door, 1, FAILURES - 1) == 0
    door.came(1, HERE)
    assert told(door, 1, FAILURES - 1) == 0
    assert told(door, 1, 1) == 1


def test_each_client_has_its_own_count_and_each_offence() -> None:
    door = Door()
    assert told(door, 1, FAILURES - 1) + told(door, 2, FAILURES - 1) == 0
    assert told(door, 1, FAILURES - 1, Offence.DECIPHERING) == 0
    door.came(2, HERE)
    assert told(door, 1, 1) == 1


def test_a_replay_is_told_at_once_and_not_each_time() -> None:
    door = Door()
    assert told(door, 1, 1, Offence.REPLAY) == 1
    assert told(door, 1, 50, Offence.REPLAY) == 0
    door.step(PAUSE_S)
    assert told(door, 1, 1, Offence.REPLAY) == 1


def test_the_codes_of_the_fraud_log() -> None:
    assert [offence.event for offence in Offence] == [46, 49, 50]


def test_a_guesser_is_told_of_at_pauses_that_double() -> None:
    door = Door()
    moments = []
    for second in range(6 * 3600):
        if told(door, 1, 30):
            moments.append(second)
        door.came(1, THERE)  # the real client comes too
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


def locked(door: Door, peer: str = HERE, client_sap: int = 3) -> bool:
    return not door.admits(client_sap, peer)


def test_se_14_three_failures_lock_for_a_minute_then_two_up_to_an_hour() -> None:
    door = Door()
    told(door, 3, FAILURES - 1, lockable=True)
    assert not locked(door)
    lengths = []
    for _ in range(9):
        told(door, 3, FAILURES, lockable=True)
        seconds = 0
        while locked(door):
            door.step(1.0)
            seconds += 1
        lengths.append(seconds)
    assert lengths == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_se_14_a_lock_keeps_out_neither_another_client_nor_another_address() -> None:
    door = Door()
    for _ in range(10):
        told(door, 3, FAILURES, lockable=True)
    assert locked(door)
    assert not locked(door, THERE)
    assert not locked(door, HERE, client_sap=4)


def test_se_14_undeciphered_messages_lock_too_and_replays_do_not() -> None:
    door = Door()
    told(door, 3, FAILURES, Offence.REPLAY, lockable=True)
    assert not locked(door)
    told(door, 3, FAILURES, Offence.DECIPHERING, lockable=True)
    assert locked(door)


def test_se_14_a_client_with_a_password_is_never_locked_out() -> None:
    door = Door()
    told(door, 1, 1000)
    assert door.admits(1, HERE)


def test_se_14_who_is_let_in_has_no_past() -> None:
    door = Door()
    told(door, 3, FAILURES - 1, lockable=True)
    door.came(3, HERE)
    told(door, 3, FAILURES - 1, lockable=True)
    assert not locked(door)


def test_many_addresses_are_not_remembered_for_ever() -> None:
    door = Door()
    told(door, 3, FAILURES, lockable=True)
    for number in range(2 * MAX_PEERS):
        told(door, 3, 1, peer=f"192.0.2.{number}x", lockable=True)
        door.step(0.01)
    assert locked(door)
    assert len(door._locks) <= MAX_PEERS


def test_a_client_is_known_by_its_host_and_not_by_its_port() -> None:
    assert host_of("192.0.2.1:49152") == HERE
    assert host_of("[2001:db8::1]:4059") == "[2001:db8::1]"
    assert host_of("/dev/ttyUSB0") == "/dev/ttyUSB0"
    assert host_of("") == ""
