"""Each habit makes days that a household could have."""

import numpy as np
import pytest

from addad.world.habits import (
    DAY_S,
    HOTTEST_DAY,
    Always,
    Habit,
    Modulating,
    Programme,
    Thermostat,
    Visits,
    day_of_year,
    summer,
)

JANUARY, JULY = 15, HOTTEST_DAY
HABITS: tuple[Habit, ...] = (
    Always(),
    Visits(((6.0, 8.0, 3.0), (19.0, 23.9, 2.0)), (5.0, 180.0), (0.5, 1.0)),
    Thermostat(10.0, 20.0, summer_factor=1.5),
    Programme((9.0, 10.0), 1.0, ((5.0, 0.5), (3.0, 0.0), (10.0, 1.0))),
    Modulating(((13.0, 17.0),)),
)


def rng(day: int = 0) -> np.random.Generator:
    return np.random.default_rng([5, day])


@pytest.mark.parametrize("habit", HABITS, ids=lambda h: type(h).__name__)
def test_pieces_are_stretches_of_the_day_and_repeat_from_the_seed(habit: Habit) -> None:
    pieces = habit.pieces(rng(), JULY)
    assert pieces
    assert pieces == habit.pieces(rng(), JULY)
    for piece in pieces:
        assert 0.0 <= piece.start_s < piece.end_s
        assert piece.start_s <= DAY_S
        assert 0.0 < piece.level <= 1.0


def test_seasons() -> None:
    assert summer(HOTTEST_DAY) == pytest.approx(1.0)
    assert summer(22) < 0.01


def test_a_refrigerator_works_longer_in_summer() -> None:
    habit = Thermostat(14.0, 26.0, summer_factor=1.5)
    on = [sum(p.end_s - p.start_s for p in habit.pieces(rng(), day)) for day in (JANUARY, JULY)]
    assert 0.30 < on[0] / DAY_S < 0.42
    assert on[1] > 1.2 * on[0]


def test_heaters_and_coolers_keep_to_their_season() -> None:
    heater = Thermostat(9.0, 8.0, threshold=0.6, winter=True)
    cooler = Modulating(((13.0, 17.0),))
    assert heater.pieces(rng(), JANUARY)
    assert not heater.pieces(rng(), JULY)
    assert cooler.pieces(rng(), JULY)
    assert not cooler.pieces(rng(), JANUARY)


def test_visits_come_as_often_as_stated() -> None:
    habit = Visits(((6.0, 8.0, 1.5),), (2.0, 4.0))
    counts = [len(habit.pieces(rng(day), JULY)) for day in range(400)]
    assert np.mean(counts) == pytest.approx(1.5, abs=0.2)


def test_a_programme_runs_whole_or_not_at_all() -> None:
    habit = Programme((9.0, 10.0), 0.5, ((5.0, 0.5), (3.0, 0.0), (10.0, 1.0)))
    lengths = [len(habit.pieces(rng(day), JULY)) for day in range(100)]
    assert set(lengths) == {0, 2}
    assert 30 < lengths.count(2) < 70


def test_days_are_counted_from_1970() -> None:
    assert day_of_year(0) == 1
    assert day_of_year(-1) == 365
    assert day_of_year(19_723 + 59) == 60, "29 February 2024"
