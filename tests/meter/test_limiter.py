"""The limiter: LM-01 to LM-12 for the normal threshold."""

from datetime import UTC, datetime, timedelta

import pytest

from addad.cosem.classes.control import EmergencyProfile
from addad.dlms.clock_time import DateTime
from addad.errors import InputError
from addad.meter.clock import Zone
from addad.meter.limiter import MAX_GROUPS, Limiter, LimiterAction, Reclosing

OVER, UNDER, RECLOSE = LimiterAction
ZONE = Zone()
NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
AT_NOON = EmergencyProfile(7, DateTime.from_datetime(ZONE.local(NOON)), 600)


def run(limiter: Limiter, *stretches: tuple[float, float], step_s: float = 0.2) -> list[tuple]:
    """Feed (power, seconds) stretches; the (second, action) that came out."""
    out, windows = [], 0
    for power, seconds in stretches:
        for _ in range(round(seconds / step_s)):
            windows += 1
            out += [(round(windows * step_s, 1), action) for action in limiter.step(power, step_s)]
    return out


def awake(threshold_w: int = 6000, over_s: int = 30, **more: object) -> Limiter:
    limiter = Limiter(threshold_w, over_s, **more)
    limiter.step(0.0, 0.2)
    return limiter


def test_lm_01_over_acts_once_after_the_whole_duration() -> None:
    assert run(awake(), (6001.0, 100.0)) == [(30.0, OVER)]


def test_lm_01_a_dip_starts_the_duration_anew_and_equal_is_not_over() -> None:
    assert run(awake(), (6300.0, 29.0), (5999.0, 0.2), (6300.0, 29.0)) == []
    assert run(awake(), (6000.0, 100.0)) == []


def test_lm_02_under_acts_once_after_its_own_duration() -> None:
    limiter = awake(over_s=1, under_s=10)
    assert run(limiter, (7000.0, 1.0), (0.0, 60.0)) == [(1.0, OVER), (11.0, UNDER)]


def test_lm_04_nothing_happens_on_the_first_value_after_a_start() -> None:
    limiter = Limiter(6000, over_s=0)
    assert limiter.step(9000.0, 0.2) == ()
    assert limiter.step(9000.0, 0.2) == (OVER,)


@pytest.mark.parametrize("step_s", [0.2, 1.0])
def test_lm_07_a_second_less_does_not_trip_and_a_second_more_does(step_s: float) -> None:
    assert run(awake(), (6300.0, 29.0), (0.0, 1.0), step_s=step_s) == []
    assert run(awake(), (6300.0, 31.0), step_s=step_s) == [(30.0, OVER)]


def test_a_change_of_the_threshold_starts_the_timer_anew() -> None:
    limiter = awake(over_s=10)
    assert run(limiter, (7000.0, 9.0)) == []
    assert limiter.configure(limiter.rules._replace(normal_w=6500))
    assert not limiter.configure(limiter.rules)
    assert run(limiter, (7000.0, 9.8)) == []
    assert run(limiter, (7000.0, 1.0)) == [(0.2, OVER)]


def test_a_threshold_of_zero_switches_it_off() -> None:
    assert run(awake(threshold_w=0), (90_000.0, 100.0)) == []


@pytest.mark.parametrize(("power", "seconds"), [(-1, 30), (10_000_001, 30), (1, -1), (1, 86_401)])
def test_values_out_of_range_are_refused_and_change_nothing(power: int, seconds: int) -> None:
    limiter = awake()
    with pytest.raises(InputError, match="must be 0"):
        limiter.configure(limiter.rules._replace(normal_w=power, over_s=seconds))
    with pytest.raises(InputError, match="must be 0"):
        limiter.configure(limiter.rules._replace(emergency_w=power, under_s=seconds))
    assert (limiter.threshold_w, limiter.rules.over_s) == (6000, 30)


def test_lm_08_recloses_after_the_wait() -> None:
    limiter = awake(over_s=1, reclosing=Reclosing(wait_s=60.0, attempts=3))
    assert run(limiter, (7000.0, 1.0))[-1][1] is OVER
    limiter.tripped()
    assert run(limiter, (0.0, 59.8)) == [(10.0, UNDER)]
    assert limiter.step(0.0, 0.2) == (RECLOSE,)


def test_lm_09_gives_up_after_the_attempts() -> None:
    limiter = awake(over_s=1, reclosing=Reclosing(wait_s=10.0, attempts=3, calm_s=1800.0))
    recloses = 0
    for _ in range(10):
        run(limiter, (7000.0, 2.0))
        limiter.tripped()
        if any(action is RECLOSE for _, action in run(limiter, (0.0, 10.0))):
            limiter.reclosed()
            recloses += 1
    assert recloses == 3
    assert run(limiter, (0.0, 4000.0), step_s=1.0) == []


def test_lm_11_a_calm_time_gives_all_attempts_back() -> None:
    limiter = awake(over_s=1, reclosing=Reclosing(wait_s=10.0, attempts=1, calm_s=100.0))
    for _ in range(2):
        run(limiter, (7000.0, 2.0))
        limiter.tripped()
        assert RECLOSE in [action for _, action in run(limiter, (0.0, 12.0))]
        limiter.reclosed()
        run(limiter, (100.0, 101.0))


def test_only_its_own_cut_off_is_closed_again() -> None:
    limiter = awake(over_s=1, reclosing=Reclosing(wait_s=10.0))
    run(limiter, (7000.0, 2.0))
    limiter.tripped()
    limiter.released()
    assert all(action is UNDER for _, action in run(limiter, (0.0, 100.0)))


def test_a_power_cut_keeps_settings_and_attempts_but_no_timer() -> None:
    limiter = awake(over_s=10, reclosing=Reclosing(wait_s=10.0, attempts=2))
    run(limiter, (7000.0, 10.0))
    limiter.tripped()
    run(limiter, (0.0, 9.0))
    again = Limiter(1, 1, reclosing=Reclosing(wait_s=10.0, attempts=2))
    again.restore(limiter.snapshot())
    assert again.rules == limiter.rules
    again.step(0.0, 0.2)
    assert run(again, (0.0, 9.6)) == []
    assert again.step(0.0, 0.4) == (RECLOSE,)


def in_emergency(profile: EmergencyProfile = AT_NOON, groups: tuple[int, ...] = (3, 7)) -> Limiter:
    limiter = awake(over_s=10)
    limiter.configure(limiter.rules._replace(emergency_w=1000, emergency=profile, groups=groups))
    return limiter


@pytest.mark.parametrize(("seconds", "active"), [(-1, False), (0, True), (599, True), (600, False)])
def test_lm_03_an_emergency_lasts_from_its_time_for_its_duration(
    seconds: int, active: bool
) -> None:
    limiter = in_emergency()
    assert limiter.look(NOON + timedelta(seconds=seconds), ZONE) is active
    assert limiter.emergency_active is active
    assert limiter.threshold_w == (1000 if active else 6000)


def test_lm_03_a_profile_that_is_in_no_group_does_nothing() -> None:
    limiter = in_emergency(groups=(3, 8))
    assert not limiter.look(NOON, ZONE)
    assert limiter.threshold_w == 6000


def test_lm_03_a_time_with_wildcards_never_comes() -> None:
    limiter = in_emergency(AT_NOON._replace(emergency_activation_time=DateTime(2026, None, 21)))
    assert not limiter.look(NOON, ZONE)


def test_lm_03_a_time_without_deviation_is_local() -> None:
    local = DateTime(2026, 6, 21, None, 13, 0, 0)
    limiter = in_emergency(AT_NOON._replace(emergency_activation_time=local))
    assert not limiter.look(NOON - timedelta(seconds=1), ZONE)
    assert limiter.look(NOON, ZONE)


def test_lm_03_the_timers_start_anew_at_both_ends() -> None:
    limiter = in_emergency()
    assert run(limiter, (7000.0, 9.0)) == []
    assert limiter.look(NOON, ZONE)
    assert run(limiter, (7000.0, 9.0)) == []
    assert not limiter.look(NOON, ZONE)
    assert limiter.look(NOON + timedelta(seconds=600), ZONE)
    assert run(limiter, (7000.0, 9.0)) == []
    assert run(limiter, (7000.0, 1.0)) == [(1.0, OVER)]


def test_an_emergency_survives_a_power_cut_and_is_not_told_twice() -> None:
    limiter = in_emergency()
    limiter.look(NOON, ZONE)
    again = Limiter(1, 1)
    again.restore(limiter.snapshot())
    assert again.rules == limiter.rules
    assert not again.look(NOON + timedelta(seconds=5), ZONE)
    assert again.threshold_w == 1000


def test_what_was_kept_before_there_were_emergencies_is_understood() -> None:
    limiter = Limiter(1, 1)
    limiter.restore([6000, 45, 2, 1])
    assert (limiter.rules.normal_w, limiter.rules.over_s, limiter.attempts) == (6000, 45, 2)


def test_groups_are_bounded() -> None:
    limiter = awake()
    with pytest.raises(InputError, match="groups"):
        limiter.configure(limiter.rules._replace(groups=tuple(range(MAX_GROUPS + 1))))
