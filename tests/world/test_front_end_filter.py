"""The taps have the response that the drawing has."""

import numpy as np
import pytest

from addad.world.front_end_filter import (
    CENTRE,
    TAPS,
    LowPass,
    grid,
    low_pass,
    response,
    sampled_later,
    taps_of,
)


@pytest.mark.parametrize("rate", [8_000.0, 10_000.0, 25_600.0])
@pytest.mark.parametrize("later", [0.0, 12e-6, -30e-6])
def test_a_pole_and_a_skew_are_right_to_the_fiftieth_harmonic(rate: float, later: float) -> None:
    def drawing(f: np.ndarray) -> np.ndarray:
        return low_pass(f, 33e-6) * sampled_later(f, later)

    taps = taps_of(drawing(grid(rate)))
    assert len(taps) == TAPS
    for order, limit in ((1, 1e-7), (5, 2e-6), (40, 1e-5), (50, 1e-5)):
        f = 50.0 * order
        assert abs(response(taps, f, rate) / drawing(np.array([f]))[0] - 1.0) < limit


def test_a_slope_is_right_and_passes_nothing_that_stands_still() -> None:
    taps = taps_of(1j * grid(8_000.0) / 50.0, slope=True)
    assert abs(response(taps, 50.0, 8_000.0) / 1j - 1.0) < 1e-6
    assert abs(response(taps, 2_500.0, 8_000.0) / 50j - 1.0) < 1e-4
    assert abs(taps.sum()) < 1e-6


def test_one_tap_is_not_late() -> None:
    assert response(np.ones(1), 50.0, 8_000.0) == 1.0
    assert response(np.eye(1, TAPS, CENTRE)[0], 50.0, 8_000.0) == pytest.approx(1.0)


def test_a_pole_differs_by_its_draws_and_with_warmth() -> None:
    drawn = LowPass(1e3, 33e-9, tolerance=0.1, drift_ppm=100.0)
    assert drawn.time_constant(0.0, 0.0, 0.0, 0.0) == pytest.approx(33e-6)
    assert drawn.time_constant(10.0, 1.0, 0.0, 0.0) == pytest.approx(1.01 * 36.3e-6)
    assert drawn.time_constant(0.0, 0.0, 1.0, 10.0) == pytest.approx(33e-6 * 1.001)
