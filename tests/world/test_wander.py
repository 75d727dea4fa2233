"""Slow variation stays in its bound, and its integral is its integral."""

import numpy as np

from addad.world.wander import Wander

WANDER = Wander.draw(np.random.default_rng(1), (0.3, 0.2, 0.1), (5.0, 40.0, 700.0))
TIME = 1.75e9 + np.linspace(0.0, 2_000.0, 200_001)


def test_never_leaves_its_bound_and_uses_it() -> None:
    values = WANDER.at(TIME)
    assert WANDER.bound == np.float64(0.6)
    assert 0.5 * WANDER.bound < np.abs(values).max() <= WANDER.bound


def test_integral_is_the_area() -> None:
    values = WANDER.at(TIME)
    area = np.sum((values[1:] + values[:-1]) / 2.0 * np.diff(TIME))
    ends = WANDER.integral(TIME[[0, -1]])
    assert abs((ends[1] - ends[0]) - area) < 1e-4


def test_one_instant_alone_is_the_same_as_among_others() -> None:
    assert WANDER.at(TIME[777:778])[0] == WANDER.at(TIME)[777]
