"""Samples of a rate that follows the mains, against the wave that they were taken of."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.world.even_rate import evened, evened_states, rate_course

RNG = np.random.default_rng(7)
RATES = (2400.0 * (1.0 + 0.001 * np.cumsum(RNG.normal(0.0, 1.0, 40)))).tolist()
COUNTS = RNG.integers(12, 120, 40).tolist()
COURSE = rate_course(RATES, COUNTS)
TOTAL = sum(COUNTS)
EDGE = 60


def _wave(t: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = 2.0 * np.pi * 50.3 * t
    return np.column_stack([325.0 * np.cos(angle) + 10.0 * np.cos(7.0 * angle), np.sin(angle) + 1])


def _blocks(samples: NDArray[np.float64], size: int) -> Iterator[NDArray[np.float64]]:
    for begin in range(0, len(samples), size):
        yield samples[np.newaxis, begin : begin + size]


def test_the_even_rate_is_that_of_most_samples_and_no_instant_is_outside() -> None:
    assert COURSE.rate in RATES
    assert COURSE.places(0, COURSE.samples)[-1] <= TOTAL - 1
    assert COURSE.places(0, COURSE.samples + 1)[-1] > TOTAL - 1


@pytest.mark.parametrize("size", [1, 29, TOTAL])
def test_the_wave_stands_at_even_instants(size: int) -> None:
    taken = _wave(COURSE.when(np.arange(float(TOTAL))))
    found = np.concatenate(list(evened(_blocks(taken, size), COURSE)), axis=1)[0]
    truth = _wave(np.arange(COURSE.samples) / COURSE.rate)
    assert found.shape == truth.shape
    assert np.abs(found - truth)[EDGE:-EDGE].max() < 1e-4 * 325.0
    assert np.abs(found - truth).max() < 0.04 * 325.0


def test_even_samples_stay_what_they_are() -> None:
    course = rate_course([1000.0, 1000.0], [100, 60])
    samples = RNG.normal(size=(160, 2))
    found = np.concatenate(list(evened(_blocks(samples, 50), course)), axis=1)[0]
    np.testing.assert_allclose(found, samples, atol=1e-9)


def test_a_missing_sample_is_missed_around_it_only() -> None:
    taken = _wave(COURSE.when(np.arange(float(TOTAL))))
    taken[1000, 0] = np.nan
    found = np.concatenate(list(evened(_blocks(taken, 100), COURSE)), axis=1)[0]
    assert 1 <= np.isnan(found[:, 0]).sum() < EDGE
    assert np.isfinite(found[:, 1]).all()


@pytest.mark.parametrize("size", [1, 29, TOTAL])
def test_states_are_those_of_the_nearest_sample(size: int) -> None:
    states = (np.arange(TOTAL) // 10 % 2).astype(np.uint8)[:, np.newaxis]
    blocks = (states[begin : begin + size] for begin in range(0, TOTAL, size))
    found = np.concatenate(list(evened_states(blocks, COURSE)))
    nearest = np.rint(COURSE.places(0, COURSE.samples)).astype(int)
    np.testing.assert_array_equal(found, states[nearest])
