"""The tables as a whole: no gaps between rows, and a stricter class is nowhere the laxer one."""

import itertools

import pytest

from addad.errors import InputError
from addad.metrology.accuracy_classes import AccuracyClass, Connection, Load
from addad.metrology.accuracy_tables import CLASSES, accuracy_class


@pytest.mark.parametrize("one", CLASSES, ids=lambda c: f"{c.standard}-{c.name}-{c.connection}")
def test_rows_of_a_factor_follow_without_gap(one: AccuracyClass) -> None:
    for load in Load:
        factors = {f for row in one.limits if row.load is load for f in row.factors}
        for factor in factors:
            rows = [r for r in one.limits if r.load is load and factor in r.factors]
            assert all(a.high == b.low for a, b in itertools.pairwise(rows))


def test_every_class_tells_where_its_numbers_are_from() -> None:
    assert all(any("memory" in source for source in one.sources) for one in CLASSES)


@pytest.mark.parametrize(
    ("standard", "strict", "lax"),
    [
        ("62053-21", "1", "2"),
        ("62053-22", "0.2S", "0.5S"),
        ("62053-23", "2", "3"),
        ("62053-24", "0.5S", "1S"),
        ("MI-003", "C", "B"),
        ("MI-003", "B", "A"),
    ],
)
def test_a_better_class_asks_for_more(standard: str, strict: str, lax: str) -> None:
    better = next(c for c in CLASSES if (c.standard, c.name) == (standard, strict))
    worse = next(c for c in CLASSES if (c.standard, c.name) == (standard, lax))
    assert better.start <= worse.start
    for row in worse.influences:
        same = [
            i for i in better.influences
            if (i.influence, i.factor, i.current) == (row.influence, row.factor, row.current)
        ]  # fmt: skip
        assert all(i.percent <= row.percent for i in same)


@pytest.mark.parametrize(
    ("standard", "name", "connection", "words"),
    [
        ("62053-99", "1", None, "62053-21"),
        ("62053-22", "1", None, "0.2S, 0.5S"),
        ("62053-22", "0.2S", Connection.DIRECT, "transformer meters only"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    standard: str, name: str, connection: Connection | None, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        accuracy_class(standard, name, connection)


def test_a_class_may_be_written_as_it_is_printed_elsewhere() -> None:
    assert accuracy_class("62053-22", "0,2s").name == "0.2S"
