"""The relay against the whole table of transitions, and the safety properties RC-01 to RC-08."""

import csv
from itertools import permutations, product
from pathlib import Path

import pytest

from addad.cosem.classes.control import ControlMode, ControlState
from addad.meter.relay import (
    LETTERS,
    MODES,
    TRANSITIONS,
    Answer,
    ContactWatch,
    Relay,
    RelayLimits,
    Trigger,
)

DISCONNECTED, CONNECTED, READY = ControlState
TABLE = Path(__file__).with_name("disconnect_truth_table.csv")
ROWS = list(csv.DictReader(TABLE.open()))
FREE = RelayLimits(pause_s=0.0, closings_per_hour=1_000_000)


def relay(mode: int, state: int) -> Relay:
    return Relay(ControlMode(mode), ControlState(state), FREE)


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda r: f"{r['control_mode']}-{r['state_name']}-{r['trigger']}"
)
def test_every_mode_state_and_trigger_does_what_the_table_says(row: dict[str, str]) -> None:
    device = relay(int(row["control_mode"]), int(row["state"]))
    outcome = device.request(Trigger(row["trigger"]), 0.0)
    assert device.state == int(row["next_state"])
    assert device.closed is (row["output_state"] == "1")
    assert (outcome.letter or "-") == row["transition"]
    assert (outcome.answer is Answer.DONE) is (row["transition"] != "-")


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 132
    assert sum(row["transition"] != "-" for row in ROWS) == len(TRANSITIONS) == 42
    assert [(mode, len(letters)) for mode, letters in MODES.items()] == [
        (ControlMode(number), size) for number, size in enumerate((0, 6, 6, 5, 5, 7, 6, 7))
    ]


def _modes_with(trigger: Trigger, source: ControlState, target: ControlState) -> set[int]:
    return {
        int(mode)
        for (mode, state, by), letter in TRANSITIONS.items()
        if (state, by) == (source, trigger) and LETTERS[letter].target is target
    }


def test_rc_01_which_modes_allow_what() -> None:
    assert _modes_with(Trigger.REMOTE_RECONNECT, DISCONNECTED, CONNECTED) == {2, 4, 7}
    assert _modes_with(Trigger.REMOTE_RECONNECT, DISCONNECTED, READY) == {1, 3, 5, 6}
    assert _modes_with(Trigger.MANUAL_DISCONNECT, CONNECTED, READY) == {1, 2, 5}
    assert _modes_with(Trigger.LOCAL_RECONNECT, READY, CONNECTED) == {5, 6, 7}


def test_rc_02_nobody_at_the_meter_restores_a_supply_that_was_cut_remotely() -> None:
    at_the_meter = [trigger for trigger in Trigger if not trigger.value.startswith("remote")]
    for mode in ControlMode:
        if mode is ControlMode.MODE_0:
            continue
        for triggers in product(at_the_meter, repeat=4):
            device = relay(mode, DISCONNECTED)
            for trigger in triggers:
                device.request(trigger, 0.0)
            assert device.state is DISCONNECTED


def test_rc_02_no_change_of_mode_restores_it_either() -> None:
    device = relay(4, DISCONNECTED)
    assert not device.set_mode(ControlMode.MODE_0)
    for mode in list(ControlMode)[1:]:
        assert device.set_mode(mode)
        assert device.state is DISCONNECTED
    assert device.mode is ControlMode.MODE_7


def test_rc_03_what_the_mode_does_not_allow_changes_and_logs_nothing() -> None:
    for mode, state, trigger in product(ControlMode, ControlState, Trigger):
        if (mode, state, trigger) in TRANSITIONS or (mode == 0 and state != CONNECTED):
            continue
        device = relay(mode, state)
        outcome = device.request(trigger, 0.0)
        assert outcome.answer is Answer.NOT_ALLOWED
        assert outcome.events == ()
        assert (device.state, device.operations) == (state, 0)


def test_rc_04_a_contact_that_does_not_follow_within_two_seconds_is_one_failure() -> None:
    watch = ContactWatch()
    begins = [
        watch.step(closed=True, contact_closed=False, load=False, elapsed_s=0.5) for _ in range(20)
    ]
    assert begins.index(True) == 4
    assert sum(begins) == 1
    assert not watch.step(closed=True, contact_closed=True, load=False, elapsed_s=0.5)
    assert not watch.failed


def test_rc_04_load_through_an_open_relay_for_more_than_ten_seconds_is_a_failure() -> None:
    watch = ContactWatch()
    steps = [
        watch.step(closed=False, contact_closed=None, load=True, elapsed_s=1.0) for _ in range(15)
    ]
    assert steps.index(True) == 10
    assert sum(steps) == 1
    closed = ContactWatch()
    assert not any(
        closed.step(closed=True, contact_closed=None, load=True, elapsed_s=1.0) for _ in range(15)
    )


def test_rc_05_state_mode_and_last_cause_come_back_and_drive_the_contact() -> None:
    device = relay(5, CONNECTED)
    device.request(Trigger.LOCAL_DISCONNECT, 0.0)
    restored = Relay(ControlMode.MODE_4)
    restored.restore(device.snapshot())
    assert (restored.state, restored.mode, restored.last_letter) == (READY, ControlMode.MODE_5, "g")
    assert restored.operations == 1
    assert not restored.closed


@pytest.mark.parametrize("mode", list(ControlMode)[1:])
def test_rc_05_the_state_can_be_told_from_the_events_alone(mode: ControlMode) -> None:
    for triggers in product(Trigger, repeat=3):
        device = relay(mode, CONNECTED)
        logged = [code for t in triggers for code in device.request(t, 0.0).events]
        recovered = relay(mode, CONNECTED)
        recovered.recover(reversed(logged))
        assert recovered.state is device.state


@pytest.mark.parametrize("mode", list(ControlMode))
def test_rc_07_simultaneous_triggers_give_one_serial_result(mode: ControlMode) -> None:
    trios = [
        (Trigger.REMOTE_DISCONNECT, Trigger.MANUAL_RECONNECT, Trigger.LOCAL_DISCONNECT),
        (Trigger.REMOTE_RECONNECT, Trigger.MANUAL_DISCONNECT, Trigger.LOCAL_RECONNECT),
    ]
    states = [CONNECTED] if mode is ControlMode.MODE_0 else list(ControlState)
    for trio, start in product(trios, states):
        for order in permutations(trio):
            device = relay(mode, start)
            logged = [device.request(trigger, 0.0) for trigger in order]
            walked = start
            for outcome in logged:
                if outcome.letter:
                    assert LETTERS[outcome.letter].source is walked
                    walked = LETTERS[outcome.letter].target
            assert device.state is walked


def test_rc_08_closing_waits_and_opening_never_does() -> None:
    device = Relay(ControlMode.MODE_4, limits=RelayLimits(pause_s=10.0, closings_per_hour=3))
    assert device.request(Trigger.REMOTE_DISCONNECT, 100.0).answer is Answer.DONE
    assert device.request(Trigger.REMOTE_RECONNECT, 105.0).answer is Answer.TOO_SOON
    assert device.request(Trigger.REMOTE_RECONNECT, 110.0).answer is Answer.DONE
    assert device.request(Trigger.REMOTE_DISCONNECT, 110.1).answer is Answer.DONE
    for uptime_s in (130.0, 150.0):
        assert device.request(Trigger.REMOTE_RECONNECT, uptime_s).answer is Answer.DONE
        assert device.request(Trigger.REMOTE_DISCONNECT, uptime_s).answer is Answer.DONE
    assert device.request(Trigger.REMOTE_RECONNECT, 200.0).answer is Answer.TOO_SOON
    assert device.request(Trigger.REMOTE_RECONNECT, 110.0 + 3600.0).answer is Answer.DONE


def test_events_name_who_moved_it() -> None:
    device = relay(5, CONNECTED)
    walk = [
        (Trigger.LOCAL_DISCONNECT, (64, 59)),
        (Trigger.LOCAL_RECONNECT, (69,)),
        (Trigger.MANUAL_DISCONNECT, (60, 59)),
        (Trigger.MANUAL_RECONNECT, (61,)),
        (Trigger.REMOTE_DISCONNECT, (62,)),
        (Trigger.REMOTE_RECONNECT, (59,)),
        (Trigger.MANUAL_RECONNECT, (61,)),
    ]
    assert [device.request(trigger, 0.0).events for trigger, _ in walk] == [e for _, e in walk]


def test_mode_0_stands_connected_whatever_it_was_made_with() -> None:
    assert Relay(ControlMode.MODE_0, DISCONNECTED).closed
