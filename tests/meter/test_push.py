"""The push queue: attempts, retries, rounds, and nothing lost."""

from datetime import UTC, datetime

from addad.meter.push import ROUND_PAUSE_S, PushAttempt, PushQueue

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def attempts(queue: PushQueue, seconds: int, *, delivered: bool = False) -> list[int]:
    """The seconds at which an attempt was made; each ends at once."""
    made = []
    for second in range(seconds):
        if queue.step(1.0) is not None:
            made.append(second)
            queue.done(delivered, NOON)
    return made


def test_nothing_is_pushed_without_a_request() -> None:
    assert attempts(PushQueue(), 1000) == []


def test_a_delivered_push_is_made_once() -> None:
    queue = PushQueue()
    queue.request(NOON)
    assert attempts(queue, 1000, delivered=True) == [0]
    assert not queue.pending


def test_pu_03_a_round_has_one_attempt_and_the_retries_and_then_a_pause() -> None:
    queue = PushQueue(retries=2, delay_s=5)
    queue.request(NOON)
    first = attempts(queue, 20)
    assert first == [0, 5, 10]
    assert queue.pending
    second = attempts(queue, int(ROUND_PAUSE_S) + 20)
    assert len(second) == 3


def test_a_new_alarm_in_the_pause_starts_a_round_at_once() -> None:
    queue = PushQueue(retries=0)
    queue.request(NOON)
    assert attempts(queue, 10) == [0]
    queue.request(NOON)
    assert attempts(queue, 10) == [0]


def test_an_alarm_while_a_push_is_under_way_is_told_by_another() -> None:
    queue = PushQueue()
    queue.request(NOON)
    push = queue.step(1.0)
    assert push == PushAttempt(1, NOON, 1)
    queue.request(NOON)
    assert queue.step(1.0) is None
    queue.done(True, NOON)
    following = queue.step(1.0)
    assert following is not None
    assert following.invoke_id == 2


def test_a_repetition_keeps_its_number() -> None:
    queue = PushQueue(delay_s=1)
    queue.request(NOON)
    first = queue.step(1.0)
    queue.done(False, NOON)
    second = queue.step(1.0)
    assert first is not None
    assert second == first._replace(attempt=2)


def test_what_is_pending_survives_a_power_cut_even_when_under_way() -> None:
    queue = PushQueue(retries=7, delay_s=9)
    queue.request(NOON)
    queue.step(1.0)
    again = PushQueue()
    again.restore(queue.snapshot())
    assert again.pending
    assert (again.retries, again.delay_s) == (7, 9)
    push = again.step(1.0)
    assert push is not None
    assert push.invoke_id == 1


def test_an_answer_to_nothing_changes_nothing() -> None:
    queue = PushQueue()
    queue.done(False, NOON)
    assert not queue.pending


def test_what_is_forgotten_is_not_told_even_when_it_was_under_way() -> None:
    queue = PushQueue()
    queue.request(NOON)
    assert queue.step(1.0) is not None
    queue.request(NOON)
    queue.forget()
    queue.done(False, NOON)
    assert attempts(queue, 10_000) == []
    queue.request(NOON)
    assert attempts(queue, 1, delivered=True) == [0]
