"""The clock: aware, followed by its source, shown in local time with deviation."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from addad.errors import InputError
from addad.meter.clock import MeterClock, Zone, ZoneChange

NOON = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
RAMADAN = Zone(
    -60,
    (
        ZoneChange(datetime(2026, 2, 15, 2, 0, tzinfo=UTC), 0),
        ZoneChange(datetime(2026, 3, 22, 2, 0, tzinfo=UTC), -60),
    ),
)
EUROPE = Zone(
    -60,
    (
        ZoneChange(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), -120, daylight=True),
        ZoneChange(datetime(2026, 10, 25, 1, 0, tzinfo=UTC), -60),
    ),
)


def started(**more: object) -> MeterClock:
    clock = MeterClock(**more)
    clock.advance(NOON, 0.0)
    return clock


def test_morocco_shows_utc_plus_one_as_deviation_minus_sixty() -> None:
    shown = started().date_time()
    assert (shown.hour, shown.minute, shown.deviation, shown.status) == (13, 0, -60, 0)
    assert shown.to_datetime() == NOON


def test_changes_of_the_deviation_come_from_a_table() -> None:
    clock = MeterClock(RAMADAN)
    clock.advance(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), 0.0)
    assert (clock.date_time().hour, clock.date_time().deviation) == (12, 0)
    assert RAMADAN.utc(2026, 3, 1) == datetime(2026, 3, 1, tzinfo=UTC)
    assert RAMADAN.utc(2026, 4, 1) == datetime(2026, 3, 31, 23, tzinfo=UTC)


def test_ti_04_the_doubled_hour_is_told_apart_by_deviation_and_daylight_bit() -> None:
    clock = MeterClock(EUROPE)
    first = clock.date_time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second = clock.date_time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert (first.hour, first.minute) == (second.hour, second.minute) == (2, 30)
    assert (first.deviation, first.status) == (-120, 0x80)
    assert (second.deviation, second.status) == (-60, 0)


def test_it_follows_a_source_that_keeps_time_however_small_the_steps() -> None:
    clock = started()
    for second in range(1, 100):
        now = NOON + timedelta(seconds=second * 1.0001)
        assert clock.advance(now, 1.0) is None
    assert clock.time == now


def test_a_jump_of_the_source_beyond_the_limit_is_an_adjustment() -> None:
    clock = started(limit_s=10)
    assert clock.advance(NOON + timedelta(seconds=11), 1.0) is None
    change = clock.advance(NOON + timedelta(seconds=11 - 3600), 1.0)
    assert change is not None
    assert (change.old, change.new) == (
        NOON + timedelta(seconds=12),
        NOON + timedelta(seconds=11 - 3600),
    )
    assert clock.time == change.new


def test_ti_02_setting_within_the_limit_is_no_adjustment() -> None:
    clock = started(limit_s=10)
    assert not clock.set(NOON + timedelta(seconds=10)).beyond_limit
    assert clock.set(NOON + timedelta(seconds=21)).beyond_limit


def test_what_was_set_lasts_over_steps_and_a_restart() -> None:
    clock = started()
    clock.valid = False
    clock.set(NOON + timedelta(hours=2))
    assert clock.valid
    clock.advance(NOON + timedelta(seconds=1), 1.0)
    assert clock.time == NOON + timedelta(hours=2, seconds=1)
    again = MeterClock()
    again.restore(clock.snapshot())
    assert again.last_alive == clock.time
    again.advance(NOON + timedelta(seconds=5), 0.0)
    assert again.time == NOON + timedelta(hours=2, seconds=5)


def test_a_restart_takes_any_time_without_calling_it_a_jump() -> None:
    again = MeterClock()
    again.restore(started().snapshot())
    assert again.advance(NOON + timedelta(days=9), 0.0) is None


def test_an_invalid_clock_shows_it() -> None:
    clock = started()
    clock.valid = False
    assert clock.date_time().status == 0x01


def test_times_without_a_zone_and_reading_before_the_first_step_are_refused() -> None:
    with pytest.raises(InputError, match="aware"):
        MeterClock().advance(datetime(2026, 1, 1), 0.0)
    with pytest.raises(InputError, match="first step"):
        _ = MeterClock().time


def test_a_source_in_another_zone_is_the_same_moment() -> None:
    clock = MeterClock()
    clock.advance(NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), 0.0)
    assert clock.time == NOON
    assert clock.time.utcoffset() == timedelta(0)
