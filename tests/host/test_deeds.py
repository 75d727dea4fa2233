"""What is done to a meter: a scenario that counts from the first look, and typed actions."""

from datetime import UTC, datetime, timedelta

import pytest

from addad.errors import InputError
from addad.host.deeds import Deeds
from addad.world.scenario import Conditions, Scenario

NOW = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)


def test_nothing_is_done_without_a_scenario() -> None:
    assert Deeds().conditions(NOW) == Conditions()


def test_moments_count_from_the_first_look() -> None:
    deeds = Deeds(Scenario.parse("+10 open_cover, +20 close_cover"))
    looks = [deeds.conditions(NOW + timedelta(seconds=s)).cover_open for s in (0, 9, 11, 19, 21)]
    assert looks == [False, False, True, True, False]


def test_a_button_is_pressed_once() -> None:
    deeds = Deeds(Scenario.parse("+1 manual_reconnect"))
    looks = [deeds.conditions(NOW + timedelta(seconds=s)).manual_reconnect for s in (0, 2, 3)]
    assert looks == [False, True, False]


def test_what_is_typed_happens_at_once_and_lasts() -> None:
    deeds = Deeds()
    deeds.conditions(NOW)
    deeds.do("open_cover", NOW + timedelta(seconds=5))
    assert deeds.conditions(NOW + timedelta(seconds=6)).cover_open
    deeds.do("manual_reconnect", NOW + timedelta(seconds=7))
    seen = deeds.conditions(NOW + timedelta(seconds=8))
    assert seen.cover_open
    assert seen.manual_reconnect


def test_a_word_that_is_no_action_is_refused_and_changes_nothing() -> None:
    deeds = Deeds()
    with pytest.raises(InputError, match="open_cover"):
        deeds.do("explode", NOW)
    assert deeds.conditions(NOW) == Conditions()
