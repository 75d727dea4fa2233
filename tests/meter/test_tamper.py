"""Covers and magnets: one event for a beginning, one for an end, and their accounts."""

from datetime import UTC, datetime, timedelta

from addad.meter.tamper import Subject, Tamper

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUIET = dict.fromkeys(Subject, False)
COVER_OPEN = {**QUIET, Subject.COVER: True}
MAGNET = {**QUIET, Subject.MAGNET: True}


def test_ev_01_a_cover_is_told_once_when_opened_and_once_when_closed() -> None:
    tamper = Tamper()
    told = [
        tamper.step(sensed, NOON, 0.2)
        for sensed in (QUIET, COVER_OPEN, COVER_OPEN, COVER_OPEN, QUIET, QUIET)
    ]
    assert told == [(), (44,), (), (), (45,), ()]


def test_each_subject_has_its_own_events() -> None:
    tamper = Tamper()
    assert tamper.step(dict.fromkeys(Subject, True), NOON, 5.0) == (44, 40, 42)
    assert tamper.step(QUIET, NOON, 5.0) == (45, 41, 43)


def test_a_magnet_counts_after_a_second_only() -> None:
    tamper = Tamper()
    assert tamper.step(MAGNET, NOON, 0.6) == ()
    assert tamper.step(QUIET, NOON, 0.2) == ()
    assert tamper.step(MAGNET, NOON, 0.6) == ()
    assert tamper.step(MAGNET, NOON, 0.6) == (42,)


def test_the_account_keeps_count_beginning_and_durations() -> None:
    tamper = Tamper()
    for second in range(10):
        sensed = COVER_OPEN if second in (2, 3, 4, 7, 8) else QUIET
        tamper.step(sensed, NOON + timedelta(seconds=second), 1.0)
    account = tamper.accounts[Subject.COVER]
    assert (account.count, account.began) == (2, NOON + timedelta(seconds=7))
    assert (account.duration_s, account.total_s) == (2.0, 5.0)


def test_a_cover_opened_before_or_during_a_power_cut_is_not_told_twice_and_not_missed() -> None:
    tamper = Tamper()
    tamper.step(COVER_OPEN, NOON, 1.0)
    again = Tamper()
    again.restore(tamper.snapshot())
    assert again.snapshot() == tamper.snapshot()
    assert again.step(COVER_OPEN, NOON, 1.0) == ()
    opened_meanwhile = Tamper()
    opened_meanwhile.restore(Tamper().snapshot())
    assert opened_meanwhile.step(COVER_OPEN, NOON, 1.0) == (44,)
