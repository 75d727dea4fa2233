"""Times as they are told."""

from datetime import UTC, datetime, timedelta, timezone

from addad.headend.payloads import iso


def test_times_are_told_in_utc_with_a_z() -> None:
    at = datetime(2026, 11, 22, 13, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert iso(at) == "2026-11-22T12:00:30Z"
    assert iso(datetime(2026, 1, 1, 0, 0, 0, 250_000, UTC)) == "2026-01-01T00:00:00.250000Z"
