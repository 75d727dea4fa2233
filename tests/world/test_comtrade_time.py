"""Dates and clocks of COMTRADE."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from addad.world.comtrade_time import clock, moment, written, written_zone


def test_the_order_of_day_and_month_is_the_revisions_unless_it_makes_no_date() -> None:
    day_first, _ = moment("06/04/2012,06:42:59.391076", american=False)
    month_first, _ = moment("06/04/2012,06:42:59.391076", american=True)
    swapped, _ = moment("11/18/2015,05:33:03.7", american=False)
    assert day_first == datetime(2012, 4, 6, 6, 42, 59, 391_076, UTC)
    assert month_first == datetime(2012, 6, 4, 6, 42, 59, 391_076, UTC)
    assert swapped == datetime(2015, 11, 18, 5, 33, 3, 700_000, UTC)


def test_a_leap_second_is_the_one_before_the_next_minute() -> None:
    at, _ = moment("30/06/2015,23:59:60.250000", american=False)
    assert at == datetime(2015, 7, 1, 0, 0, 0, 250_000, UTC)


@pytest.mark.parametrize("text", ["", ",", "00/00/0000,00:00:00", "31/02/2012,00:00:00", "x"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text, american=False)[0] is None


@pytest.mark.parametrize(
    ("text", "hours"), [("0", 0.0), ("+1", 1.0), ("-5h30", -5.5), ("10:30", 10.5), ("-4,-4", -4.0)]
)
def test_a_zone_is_hours_and_minutes(text: str, hours: float) -> None:
    assert clock(text, "").zone == timezone(timedelta(hours=hours))


@pytest.mark.parametrize("text", ["", "x", "99", "1h70", "zone"])
def test_what_is_no_zone_is_not_stated(text: str) -> None:
    assert clock(text, "").zone is None


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("0,0", ()),
        ("4,3", ()),
        ("9,0", ("the recorder's clock was right within 100 ms only",)),
        ("D,0", ("the recorder's clock was right within an unknown time only",)),
        ("f,2", ("the recorder's clock was not reliable (time quality F)",
                 "a leap second was left out in it")),
        ("?,?", ()),
    ],
)  # fmt: skip
def test_the_clock_tells_what_to_know_of_it(state: str, told: tuple[str, ...]) -> None:
    assert clock("0,x", state).notes() == told


def test_what_is_written_is_read_again() -> None:
    for hours in (0.0, 1.0, -5.5, 5.75):
        zone = timezone(timedelta(hours=hours))
        at = datetime(2026, 11, 22, 14, 3, 0, 70, zone)
        assert moment(written(at), american=False, zone=clock(written_zone(at), "").zone)[0] == at


@pytest.mark.parametrize(
    ("written_year", "year"), [("70", 1970), ("99", 1999), ("00", 2000), ("26", 2026), ("69", 2069)]
)
def test_two_digits_are_a_year_from_1970_on(written_year: str, year: int) -> None:
    at, _ = moment(f"03/04/{written_year},01:02:03.5", True)
    assert at is not None
    assert (at.year, at.month, at.day) == (year, 3, 4)
