"""A timeline read from words does what it says, when it says, and refuses what it cannot read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from addad.errors import InputError
from addad.world.scenario import ACTIONS, Conditions, Scenario

START = datetime(2026, 6, 15, 11, 30, tzinfo=UTC)


def at(scenario: Scenario, seconds: float, look: float = 1.0) -> Conditions:
    now = START + timedelta(seconds=seconds)
    return scenario.conditions(START, now - timedelta(seconds=look), now)


def test_a_cover_is_open_from_then_to_then() -> None:
    day = Scenario.parse("12:00 open_cover, 12:05 close_cover")
    assert [at(day, s).cover_open for s in (0, 1_799, 1_800, 2_099, 2_100)] == [
        *(False, False, True, True, False)
    ]


def test_moments_are_of_the_day_or_after_the_start() -> None:
    for moment, seconds in [
        ("11:30", 0),
        ("11:30:20", 20),
        ("+20", 20),
        ("+1:05", 65),
        ("+2.5s", 2.5),
    ]:
        day = Scenario.parse(f"{moment} apply_magnet")
        assert at(day, seconds).magnet
        assert not at(day, seconds - 0.1).magnet


def test_a_time_of_day_that_has_passed_is_tomorrows() -> None:
    day = Scenario.parse("11:00 open_terminal_cover")
    assert not at(day, 3_600.0).terminal_cover_open
    assert at(day, 23.5 * 3_600.0).terminal_cover_open


def test_time_of_day_is_read_in_the_zone_of_the_start() -> None:
    start = datetime(2026, 6, 15, 11, 30, tzinfo=timezone(timedelta(hours=1)))
    day = Scenario.parse("12:00 open_cover")
    now = datetime(2026, 6, 15, 11, 0, tzinfo=UTC)
    assert day.conditions(start, start, now).cover_open
    assert not day.conditions(start, start, now - timedelta(seconds=1)).cover_open


def test_a_button_is_seen_by_one_look_only_however_wide() -> None:
    day = Scenario.parse("+10 manual_reconnect")
    seen = [at(day, s / 4, look=0.25).manual_reconnect for s in range(1, 80)]
    assert seen.count(True) == 1
    assert at(day, 500.0, look=499.0).manual_reconnect
    assert not at(day, 500.0, look=10.0).manual_reconnect


def test_voltage_and_load_by_phase() -> None:
    day = Scenario.parse(
        """
        +1 voltage_loss L2   # a fuse
        +2 voltage_dip 0.4 L1 L3
        +3 voltage_return; +4 extra_load 6000 L1
        +5 extra_load 500
        +6 remove_load L1
        """
    )
    assert at(day, 1).voltage == (1.0, 0.0, 1.0)
    assert at(day, 2).voltage == (0.4, 0.0, 0.4)
    assert at(day, 3).voltage == (1.0, 1.0, 1.0)
    assert at(day, 4).extra_load_w == (6_000.0, 0.0, 0.0)
    assert at(day, 5).extra_load_w == (500.0, 500.0, 500.0)
    assert at(day, 6).extra_load_w == (0.0, 500.0, 500.0)


def test_at_the_same_moment_the_later_word_counts() -> None:
    assert at(Scenario.parse("+1 extra_load 1, +1 extra_load 2"), 1).extra_load_w[0] == 2.0
    assert at(Scenario.parse("+2 close_cover, +1 open_cover"), 1).cover_open


def test_nothing_is_a_scenario_too() -> None:
    assert at(Scenario.parse(" # quiet\n\n"), 5.0) == Conditions()


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_changes_something(action: str) -> None:
    words = {"voltage_dip": " 0.5", "extra_load": " 100"}.get(action, "")
    before = {"close_cover": "open_cover", "close_terminal_cover": "open_terminal_cover"}
    before |= {"remove_magnet": "apply_magnet", "voltage_return": "voltage_loss"}
    before |= {"remove_load": "extra_load 9"}
    first = f"+1 {before[action]}, " if action in before else ""
    day = Scenario.parse(f"{first}+2 {action}{words}")
    assert at(day, 2.0) != at(day, 1.5, look=0.1)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("open_cover", "moment and an action"),
        ("12:00 explode", "open_cover"),
        ("25:00 open_cover", "no moment"),
        ("12:00:61 open_cover", "no moment"),
        ("noon open_cover", "no moment"),
        ("-5 open_cover", "no moment"),
        ("12:00 open_cover wide", "takes no words"),
        ("12:00 extra_load", "one number from 0 to 1e\\+06"),
        ("12:00 extra_load many", "one number"),
        ("12:00 extra_load -3", "one number"),
        ("12:00 extra_load nan", "one number"),
        ("12:00 extra_load 1 2", "one number"),
        ("12:00 voltage_dip 40", "0 to 1.5"),
        ("12:00 voltage_loss 3", "some of L1 L2 L3"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_cure(text: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        Scenario.parse(text)


def test_length_is_bounded() -> None:
    with pytest.raises(InputError, match="10000 are possible"):
        Scenario.parse("+1 open_cover\n" * 10_001)
