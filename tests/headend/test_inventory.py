"""A meter exchange never breaks a customer's history."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.errors import InputError
from addad.headend.inventory import (
    Installation,
    Meter,
    ServicePoint,
    check_free,
    installed_at,
    parse_multiplier,
    parse_time,
    scaled_wh,
    stitched,
    zone,
)

DAY = datetime(2026, 11, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_index_goes_on_over_an_exchange() -> None:
    old = Installation("A", 1, DAY, DAY + HOUR, Fraction(1), 1000, 50, 1700, 80)
    new = Installation("A", 2, DAY + HOUR, None, Fraction(40), 5, 0)
    both = [old, new]
    assert stitched(both, old, 1700, 80).import_wh == 700
    assert stitched(both, new, 5, 0).import_wh == 700
    assert stitched(both, new, 5, 0).export_wh == 30
    assert stitched(both, new, 7, 1).import_wh == 780
    assert stitched(both, new, 7, 1).export_wh == 70


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 400)), min_size=1
    )
)
def test_no_exchange_lowers_or_jumps_the_index(parts: list[tuple[int, int, int]]) -> None:
    installations, at = [], DAY
    for meter, (start, counted, ratio) in enumerate(parts):
        one = Installation("A", meter, at, at + HOUR, Fraction(ratio), start, 0, start + counted, 0)
        installations.append(one)
        at += HOUR
    shown = 0
    for one in installations:
        first = stitched(installations, one, one.start_import_wh, 0).import_wh
        last = stitched(installations, one, one.end_import_wh or 0, 0).import_wh
        assert first == shown
        assert last >= first
        shown = last
    assert shown == sum(counted * ratio for _, counted, ratio in parts)


def test_at_the_moment_of_an_exchange_the_older_meter_counts() -> None:
    old = Installation("A", 1, DAY, DAY + HOUR)
    new = Installation("A", 2, DAY + HOUR)
    assert installed_at([new, old], DAY + HOUR) == old
    assert installed_at([new, old], DAY + 2 * HOUR) == new
    assert installed_at([new, old], DAY - HOUR) is None


def test_a_fraction_is_multiplied_without_rounding_twice() -> None:
    assert scaled_wh(1_000_011, 11, Fraction(2000, 11)) == 1_000_000 * 2000 // 11


@pytest.mark.parametrize(
    ("begin", "end", "free"),
    [(0, 1, False), (1, 2, True), (-1, 0, True), (-1, 3, False), (0, None, False)],
)
def test_installations_of_one_place_do_not_overlap(begin: int, end: int | None, free: bool) -> None:
    there = Installation("A", 1, DAY, DAY + HOUR)
    new = Installation("A", 2, DAY + begin * HOUR, None if end is None else DAY + end * HOUR)
    if free:
        check_free([there], new)
    else:
        with pytest.raises(InputError, match="service point is taken"):
            check_free([there], new)


def test_a_meter_is_at_one_place_and_it_says_at_which() -> None:
    there = Installation("A", 1, DAY)
    with pytest.raises(InputError, match=r"in service at A since .* once another meter is"):
        check_free([there], Installation("B", 1, DAY + HOUR))


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 41, "-a", "a\n", "<b>"])
def test_an_identifier_is_plain(name: str) -> None:
    with pytest.raises(InputError):
        ServicePoint(name, "House")


@pytest.mark.parametrize(
    "wrong",
    [
        {"serial": "a b"},
        {"host": ""},
        {"host": "a b"},
        {"port": 0},
        {"port": 70_000},
    ],
)
def test_a_meter_that_cannot_be_reached_is_refused(wrong: dict[str, object]) -> None:
    fields = {"id": 0, "serial": "1", "logical_device_name": "", "host": "h", "port": 4059}
    with pytest.raises(InputError):
        Meter(**{**fields, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", Fraction(1)),
        ("", Fraction(1)),
        ("2000/11", Fraction(2000, 11)),
        ("1.5", Fraction(3, 2)),
    ],
)
def test_a_multiplier_is_read(text: str, value: Fraction) -> None:
    assert parse_multiplier(text) == value


@pytest.mark.parametrize("text", ["x", "0", "-1", "1/0", "1e9", "nan"])
def test_a_multiplier_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_multiplier(text)


def test_a_time_needs_a_zone() -> None:
    assert parse_time("2026-11-22T14:00:00+01:00") == DAY + 13 * HOUR
    for text in ("2026-11-22T14:00:00", "yesterday", ""):
        with pytest.raises(InputError):
            parse_time(text)
    for name in ("Mars/Olympus", "", "../etc"):
        with pytest.raises(InputError):
            zone(name)
