"""Notices: no alarm without a log entry, no push without an alarm that passed its filter."""

from datetime import UTC, datetime, timedelta

import pytest

from addad.meter.clock import MeterClock
from addad.meter.event_codes import LOG_OF, Log
from addad.meter.limiter import Limiter
from addad.meter.notices import Notices
from addad.meter.settings import PushSettings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def notices() -> Notices:
    clock = MeterClock()
    clock.advance(NOON, 0.0)
    return Notices(clock, Limiter(6000), PushSettings("head-end:4059", 3, 5), 10)


@pytest.mark.parametrize("code", sorted(LOG_OF))
def test_every_event_goes_into_its_own_log(notices: Notices, code: int) -> None:
    notices.note(code)
    assert [log for log in Log if notices.logs[log].count] == [LOG_OF[code]]
    (event,) = notices.take_fresh()
    assert (event.log, event.code, event.at, event.number) == (LOG_OF[code], code, NOON, 1)
    assert notices.take_fresh() == ()


def test_several_events_keep_their_order_and_may_be_older_than_now(notices: Notices) -> None:
    notices.note(1, at=NOON - timedelta(hours=1))
    notices.note(64, 59)
    assert [(event.code, event.at) for event in notices.take_fresh()] == [
        (1, NOON - timedelta(hours=1)),
        (64, NOON),
        (59, NOON),
    ]


def test_only_alarms_that_pass_the_filter_are_pushed(notices: Notices) -> None:
    notices.note(62, 2)
    assert not notices.queue.pending
    notices.note(44)
    assert notices.queue.pending


def test_clearing_is_logged_only_when_it_cleared(notices: Notices) -> None:
    notices.clear_alarm_register(0, 0)
    notices.clear_alarm_descriptor(0, 0)
    assert notices.take_fresh() == ()
    notices.note(14)
    notices.clear_alarm_register(0, 0)
    notices.clear_alarm_descriptor(0, 0)
    assert [event.code for event in notices.take_fresh()] == [14, 11, 11]


@pytest.mark.parametrize("to", [b"192.0.2.1:4059", b"[2001:db8::1]:4059", b"head-end.example:1"])
def test_destinations(notices: Notices, to: bytes) -> None:
    assert notices.set_destination(to)
    assert notices.destination == to.decode()


@pytest.mark.parametrize(
    "to",
    [
        b":4059",
        b"host",
        b"host:",
        b"host:x",
        b"a b:1",
        b"\xe9:1",
        b"host:0",
        b"host:65536",
        b"host:1\n",
        b"a..b:1",
        b"x" * 64 + b":1",
        b"[::1:1",
        b"::1:1",
        b".".join([b"x" * 60] * 4) + b":1",
    ],
)
def test_what_is_no_destination_changes_nothing(notices: Notices, to: bytes) -> None:
    assert not notices.set_destination(to)
    assert notices.destination == "head-end:4059"
    assert notices.take_fresh() == ()
