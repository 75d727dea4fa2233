"""What is done to a meter: a scenario that counts from the first look, and typed actions."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from addad.errors import InputError
from addad.host.deeds import Deeds
from addad.world.scenario import STEPS_MAX, Conditions, Scenario

NOW = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)


def test_nothing_is_done_without_a_scenario() -> None:
    assert Deeds().conditions(NOW) == Conditions()


def test_moments_count_from_the_first_look() -> None:
    deeds = Deeds(Scenario.parse("+10 open_cover, +20 close_cover"))
    looks = [deeds.conditions(NOW + timedelta(seconds=s)).cover_open for s in (0, 9, 11, 19, 21)]
    assert looks == [False, False, True, True, False]


def test_a_time_of_day_is_meant_by_the_clock_of_the_house() -> None:
    scene = datetime(2026, 2, 15, 1, 59, 30, tzinfo=ZoneInfo("Africa/Casablanca"))
    deeds = Deeds(Scenario.parse("02:00 open_cover, 13:00 close_cover"), scene)
    looks = {s: deeds.conditions(NOW + timedelta(seconds=s)).cover_open for s in (0, 29, 31)}
    assert looks == {0: False, 29: False, 31: True}
    noon_s = 11 * 3600
    assert deeds.conditions(NOW + timedelta(seconds=noon_s)).cover_open
    assert not deeds.conditions(NOW + timedelta(seconds=noon_s + 31)).cover_open


def test_what_is_typed_has_a_limit() -> None:
    deeds = Deeds(Scenario.parse("\n".join(["+1 open_cover"] * STEPS_MAX)))
    with pytest.raises(InputError, match="possible"):
        deeds.do("close_cover", NOW)
    assert deeds.conditions(NOW + timedelta(seconds=2)).cover_open


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
