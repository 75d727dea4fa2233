"""The tables as a whole: no gaps between rows, and a stricter class is nowhere the laxer one."""

import itertools

import pytest

from addad.errors import InputError
from addad.metrology.accuracy_classes import AccuracyClass, Connection, Factor, Load
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


PRINTED = """
62053-21 direct: 1 2
balanced 1 0.05-0.1: 1.5 2.5
balanced 1 0.1-max: 1 2
balanced 0.5i 0.1-0.2: 1.5 2.5
balanced 0.5i 0.2-max: 1 2
balanced 0.8c 0.1-0.2: 1.5 -
balanced 0.8c 0.2-max: 1 -
special 0.25i 0.2-1: 3.5 -
special 0.5c 0.2-1: 2.5 -
single-phase 1 0.1-max: 2 3
single-phase 0.5i 0.2-max: 2 3
temperature 1 0.1..: 0.05 0.1
temperature 0.5i 0.2..: 0.07 0.15
voltage 1 0.05..: 0.7 1
voltage 0.5i 0.1..: 1 1.5
frequency 1 0.05..: 0.5 0.8
frequency 0.5i 0.1..: 0.7 1
reversed phase sequence 1 0.1: 1.5 1.5
voltage unbalance 1 1: 2 4
harmonics in current and voltage 1 0.5 Imax: 0.8 1
DC and even harmonics in the current 1 0.707 Imax: 3 6
odd harmonics in the current 1 0.5: 3 6
sub-harmonics in the current 1 0.5: 3 6
start: 0.004 0.005
difference: 1.5 2.5
repeatability: 0.1 0.2
no-load: 6e+08 4.8e+08

62053-21 transformer: 1 2
balanced 1 0.02-0.05: 1.5 2.5
balanced 1 0.05-max: 1 2
balanced 0.5i 0.05-0.1: 1.5 2.5
balanced 0.5i 0.1-max: 1 2
balanced 0.8c 0.05-0.1: 1.5 -
balanced 0.8c 0.1-max: 1 -
special 0.25i 0.1-1: 3.5 -
special 0.5c 0.1-1: 2.5 -
single-phase 1 0.05-max: 2 3
single-phase 0.5i 0.1-max: 2 3
temperature 1 0.05..: 0.05 0.1
temperature 0.5i 0.1..: 0.07 0.15
voltage 1 0.02..: 0.7 1
voltage 0.5i 0.05..: 1 1.5
frequency 1 0.02..: 0.5 0.8
frequency 0.5i 0.05..: 0.7 1
reversed phase sequence 1 0.1: 1.5 1.5
voltage unbalance 1 1: 2 4
harmonics in current and voltage 1 0.5 Imax: 0.8 1
odd harmonics in the current 1 0.5: 3 6
sub-harmonics in the current 1 0.5: 3 6
start: 0.002 0.003
difference: 1.5 2.5
repeatability: 0.1 0.2
no-load: 6e+08 4.8e+08

62053-22 transformer: 0.2S 0.5S
balanced 1 0.01-0.05: 0.4 1
balanced 1 0.05-max: 0.2 0.5
balanced 0.5i 0.02-0.1: 0.5 1
balanced 0.5i 0.1-max: 0.3 0.6
balanced 0.8c 0.02-0.1: 0.5 1
balanced 0.8c 0.1-max: 0.3 0.6
special 0.25i 0.1-max: 0.5 1
special 0.5c 0.1-max: 0.5 1
single-phase 1 0.05-max: 0.3 0.6
single-phase 0.5i 0.1-max: 0.4 1
temperature 1 0.05..: 0.01 0.03
temperature 0.5i 0.1..: 0.02 0.05
voltage 1 0.05..: 0.1 0.2
voltage 0.5i 0.1..: 0.2 0.4
frequency 1 0.05..: 0.1 0.2
frequency 0.5i 0.1..: 0.1 0.2
reversed phase sequence 1 0.1: 0.05 0.1
voltage unbalance 1 1: 0.5 1
harmonics in current and voltage 1 0.5 Imax: 0.4 0.5
sub-harmonics in the current 1 0.5: 0.6 1.5
start: 0.001 0.001
difference: 0.4 1
repeatability: 0.02 0.05
no-load: 9e+08 6e+08

62053-23 direct: 2 3
balanced 1 0.05-0.1: 2.5 4
balanced 1 0.1-max: 2 3
balanced 0.5i 0.1-0.2: 2.5 4
balanced 0.5i 0.2-max: 2 3
balanced 0.5c 0.1-0.2: 2.5 4
balanced 0.5c 0.2-max: 2 3
balanced 0.25i 0.2-max: 2.5 4
balanced 0.25c 0.2-max: 2.5 4
single-phase 1 0.1-max: 3 4
single-phase 0.5i 0.2-max: 3 4
single-phase 0.5c 0.2-max: 3 4
temperature 1 0.1..: 0.1 0.15
temperature 0.5i 0.2..: 0.15 0.25
voltage 1 0.05..: 1 2
voltage 0.5i 0.1..: 1.5 3
frequency 1 0.05..: 2.5 2.5
frequency 0.5i 0.1..: 2.5 2.5
start: 0.005 0.01
difference: 2.5 3.5
repeatability: 0.2 0.3
no-load: 4.8e+08 3e+08

62053-23 transformer: 2 3
balanced 1 0.02-0.05: 2.5 4
balanced 1 0.05-max: 2 3
balanced 0.5i 0.05-0.1: 2.5 4
balanced 0.5i 0.1-max: 2 3
balanced 0.5c 0.05-0.1: 2.5 4
balanced 0.5c 0.1-max: 2 3
balanced 0.25i 0.1-max: 2.5 4
balanced 0.25c 0.1-max: 2.5 4
single-phase 1 0.05-max: 3 4
single-phase 0.5i 0.1-max: 3 4
single-phase 0.5c 0.1-max: 3 4
temperature 1 0.05..: 0.1 0.15
temperature 0.5i 0.1..: 0.15 0.25
voltage 1 0.02..: 1 2
voltage 0.5i 0.05..: 1.5 3
frequency 1 0.02..: 2.5 2.5
frequency 0.5i 0.05..: 2.5 2.5
start: 0.003 0.005
difference: 2.5 3.5
repeatability: 0.2 0.3
no-load: 4.8e+08 3e+08

62053-24 transformer: 0.5S 1S
balanced 1 0.01-0.05: 1 1.5
balanced 1 0.05-max: 0.5 1
balanced 0.5i 0.05-0.1: 1 1.5
balanced 0.5i 0.1-max: 0.5 1
balanced 0.5c 0.05-0.1: 1 1.5
balanced 0.5c 0.1-max: 0.5 1
balanced 0.25i 0.1-max: 1 2
balanced 0.25c 0.1-max: 1 2
single-phase 1 0.05-max: 0.7 1.5
single-phase 0.5i 0.1-max: 0.7 1.5
single-phase 0.5c 0.1-max: 0.7 1.5
temperature 1 0.05..: 0.03 0.05
temperature 0.5i 0.1..: 0.05 0.1
voltage 1 0.05..: 0.25 0.5
voltage 0.5i 0.1..: 0.5 1
frequency 1 0.05..: 0.5 1
frequency 0.5i 0.1..: 0.5 1
start: 0.001 0.002
difference: 0.7 1.5
repeatability: 0.05 0.1
no-load: 6e+08 6e+08

MI-003 direct: A B C
balanced 1 0.05-0.1: 3.5 2 -
balanced 0.5i 0.05-0.1: 3.5 2 -
balanced 0.8c 0.05-0.1: 3.5 2 -
balanced 1 0.03-0.1: - - 1
balanced 0.5i 0.03-0.1: - - 1
balanced 0.8c 0.03-0.1: - - 1
balanced 1 0.1-max: 3.5 2 0.7
balanced 0.5i 0.1-max: 3.5 2 0.7
balanced 0.8c 0.1-max: 3.5 2 0.7
single-phase 1 0.1-max: 4 2.5 1
single-phase 0.5i 0.1-max: 4 2.5 1
temperature 1 0.1..: 0.1 0.05 0.03
temperature 0.5i 0.2..: 0.15 0.07 0.05
voltage 1 0.1..: 1 0.7 0.2
voltage 0.5i 0.1..: 1.5 1 0.4
frequency 1 0.1..: 0.8 0.5 0.2
frequency 0.5i 0.1..: 1 0.7 0.2
reversed phase sequence 1 0.1: 1.5 1.5 0.3
voltage unbalance 1 1: 4 2 1
harmonics in current and voltage 1 0.5 Imax: 1 0.8 0.5
DC and even harmonics in the current 1 0.707 Imax: 6 3 1.5
odd harmonics in the current 1 0.5: 6 3 1.5
sub-harmonics in the current 1 0.5: 6 3 1.5
start: 0.005 0.004 0.004
repeatability: 0.35 0.2 0.07
no-load: 240000 240000 240000
-10..40 °C below Itr: 5 2.5 1.3
-10..40 °C from Itr: 4.5 2.5 1
-10..40 °C single-phase: 5 3 1.3
-25..55 °C below Itr: 7 3.5 1.7
-25..55 °C from Itr: 7 3.5 1.3
-25..55 °C single-phase: 7 4 1.7
-40..70 °C below Itr: 9 4 2
-40..70 °C from Itr: 9 4 1.5
-40..70 °C single-phase: 9 4.5 2

MI-003 transformer: A B C
balanced 1 0.02-0.05: 3.5 - -
balanced 0.5i 0.02-0.05: 3.5 - -
balanced 0.8c 0.02-0.05: 3.5 - -
balanced 1 0.01-0.05: - 2 1
balanced 0.5i 0.01-0.05: - 2 1
balanced 0.8c 0.01-0.05: - 2 1
balanced 1 0.05-max: 3.5 2 0.7
balanced 0.5i 0.05-max: 3.5 2 0.7
balanced 0.8c 0.05-max: 3.5 2 0.7
single-phase 1 0.05-max: 4 2.5 1
single-phase 0.5i 0.05-max: 4 2.5 1
temperature 1 0.05..: 0.1 0.05 0.03
temperature 0.5i 0.1..: 0.15 0.07 0.05
voltage 1 0.05..: 1 0.7 0.2
voltage 0.5i 0.05..: 1.5 1 0.4
frequency 1 0.05..: 0.8 0.5 0.2
frequency 0.5i 0.05..: 1 0.7 0.2
reversed phase sequence 1 0.1: 1.5 1.5 0.3
voltage unbalance 1 1: 4 2 1
harmonics in current and voltage 1 0.5 Imax: 1 0.8 0.5
odd harmonics in the current 1 0.5: 6 3 1.5
sub-harmonics in the current 1 0.5: 6 3 1.5
start: 0.003 0.002 0.001
repeatability: 0.35 0.2 0.07
no-load: 240000 240000 240000
-10..40 °C below Itr: 5 2.5 1.3
-10..40 °C from Itr: 4.5 2.5 1
-10..40 °C single-phase: 5 3 1.3
-25..55 °C below Itr: 7 3.5 1.7
-25..55 °C from Itr: 7 3.5 1.3
-25..55 °C single-phase: 7 4 1.7
-40..70 °C below Itr: 9 4 2
-40..70 °C from Itr: 9 4 1.5
-40..70 °C single-phase: 9 4.5 2
"""
"""The tables as documents print them: load or influence, cos φ or sin φ, shares of the reference
current ("..": and up to Imax), then a value for each class, "-" where it has none."""


def _factor(factor: Factor) -> str:
    return f"{factor.value:g}{factor.side[:1]}"


def _lines(one: AccuracyClass) -> dict[str, float]:
    """A class as lines of the tables above: what stands before the colon, and its value."""
    found: dict[str, float] = {}
    for row in one.limits:
        load = "special" if row.special else row.load.value
        high = "max" if row.high is None else f"{row.high:g}"
        for factor in row.factors:
            found[f"{load} {_factor(factor)} {row.low:g}-{high}"] = row.percent
    for influence in one.influences:
        where = f"{influence.current:.3g}" + " Imax" * influence.of_maximum
        where += ".." * influence.to_maximum
        found[f"{influence.influence.value} {_factor(influence.factor)} {where}"] = (
            influence.percent
        )
    for band in one.bands:
        for row_name, percent in zip(
            ("below Itr", "from Itr", "single-phase"), band.percent, strict=True
        ):
            found[f"{band.low:g}..{band.high:g} °C {row_name}"] = percent
    found |= {"start": one.start, "repeatability": one.repeatability, "no-load": one.no_load}
    if one.difference is not None:
        found["difference"] = one.difference
    return found


def _printed() -> dict[tuple[str, str, str], dict[str, float]]:
    tables: dict[tuple[str, str, str], dict[str, float]] = {}
    for table in PRINTED.strip().split("\n\n"):
        head, *rows = table.splitlines()
        where, names = head.split(": ")
        standard, connection = where.split()
        for k, name in enumerate(names.split()):
            values = [(row.split(": ")[0], row.split(": ")[1].split()[k]) for row in rows]
            tables[standard, name, connection] = {
                label: float(value) for label, value in values if value != "-"
            }
    return tables


@pytest.mark.parametrize("one", CLASSES, ids=lambda c: f"{c.standard}-{c.name}-{c.connection}")
def test_each_class_holds_what_its_table_prints_and_nothing_else(one: AccuracyClass) -> None:
    wanted = _printed()[one.standard, one.name, one.connection.value]
    assert _lines(one) == {label: pytest.approx(value) for label, value in wanted.items()}


def test_there_are_the_classes_that_are_printed() -> None:
    assert {(c.standard, c.name, c.connection.value) for c in CLASSES} == set(_printed())
