"""The panels: a sun that fits Fez, clouds from the seed, a clear word when pvlib is missing."""

import sys
from datetime import date

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.habits import DAY_S
from addad.world.pv import SolarArray, SolarDay, sky

PEAK_W = 5_000.0


def number(month: int, day: int) -> int:
    return (date(2026, month, day) - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def array() -> SolarArray:
    return SolarArray(1, PEAK_W)


def yields(array: SolarArray, month: int) -> list[float]:
    """Energy of ten days [kWh per kWp]."""
    return [float(array.day(number(month, d))[:-1].sum()) / 60.0 / PEAK_W for d in range(11, 21)]


def test_june_and_december_yield_what_panels_yield_in_morocco(array: SolarArray) -> None:
    june, december = yields(array, 6), yields(array, 12)
    assert 5.5 < max(june) < 7.2
    assert 4.5 < np.mean(june) < 7.0
    assert 3.5 < max(december) < 5.5
    assert np.mean(december) < np.mean(june)
    assert np.std(december) > 0.2, "there are clouds"


def test_no_sun_at_midnight_and_most_of_it_near_noon(array: SolarArray) -> None:
    day = array.day(number(6, 11))
    assert day[0] == 0.0
    assert day[-1] == 0.0
    assert day.min() == 0.0
    assert day.max() < 1.05 * PEAK_W
    rising = np.flatnonzero(day > 50.0)
    assert 5.0 < rising[0] / 60.0 < 7.5
    assert 17.5 < rising[-1] / 60.0 < 20.5


def test_power_runs_between_the_minutes(array: SolarArray) -> None:
    day = number(6, 11)
    at = day * DAY_S + 12 * 3_600.0
    between = array.power(at + np.array([0.0, 30.0, 60.0]))
    assert between[1] == pytest.approx((between[0] + between[2]) / 2.0)
    assert between[0] == array.day(day)[720]


def test_the_same_day_of_the_same_seed_is_the_same(array: SolarArray) -> None:
    day = number(4, 2)
    np.testing.assert_array_equal(array.day(day), SolarArray(1, PEAK_W).day(day))
    days = [SolarArray(seed, PEAK_W).day(day).sum() for seed in (2, 3, 4)]
    assert len(set(days)) == 3


def test_clouds_take_beam_first() -> None:
    for day in range(40):
        beam, diffuse = sky(np.random.default_rng([1, day]), 20)
        assert 0.0 <= beam.min() <= beam.max() <= 1.0
        assert 0.0 < diffuse.min() <= diffuse.max() <= 1.25
        assert (diffuse >= beam - 0.01).all()


def test_days_can_be_computed_elsewhere_and_are_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def elsewhere(wanted: SolarDay) -> np.ndarray:
        asked.append((wanted.seed, wanted.peak_w, wanted.day))
        return np.linspace(0.0, 1_440.0, 1_441)

    monkeypatch.setitem(sys.modules, "pvlib", None)
    array = SolarArray(9, PEAK_W, compute=elsewhere)
    for minute in (1, 700, 1_439):
        assert array.power(np.array([100 * DAY_S + 60.0 * minute]))[0] == minute
    assert asked == [(9, PEAK_W, 100)]


@pytest.mark.parametrize("library", ["pvlib", "pandas"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=r"addad\[site\]"):
        SolarArray(1, PEAK_W)
