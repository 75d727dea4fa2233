"""The inverter: what it feeds, how clean, and when not."""

import numpy as np
import pytest

from addad.world.grid import ORDERS, Grid
from addad.world.inverter import Inverter

INVERTER = Inverter(rated_w=5_000.0, restart_delay_s=60.0, ramp_s=30.0)
ALWAYS = np.array([np.inf])
VOLTAGES = Grid(1).voltages(1_781_524_800)[:1]


def test_loses_a_little_and_never_feeds_more_than_rated() -> None:
    available = np.array([500.0, 2_500.0, 4_500.0, 6_500.0])
    fed = INVERTER.power(available, np.full(4, np.inf))
    assert (fed < available).all()
    assert (fed[:3] / available[:3] > (0.90, 0.95, 0.95)).all()
    assert fed[3] == 5_000.0


@pytest.mark.parametrize("available", [0.0, 20.0, 30.0])
def test_rests_when_there_is_hardly_any_sun(available: float) -> None:
    assert INVERTER.power(np.array([available]), ALWAYS)[0] == 0.0


def test_waits_and_then_rises_after_a_return() -> None:
    after = np.array([0.0, 59.9, 60.0, 75.0, 90.0, 500.0])
    fed = INVERTER.power(np.full(6, 3_000.0), after)
    assert not fed[:3].any()
    assert fed[3] == 2_500.0
    assert fed[4] == fed[5] > 2_900.0
    assert INVERTER.power(np.array([3_000.0]), np.array([-np.inf]))[0] == 0.0


def test_feeds_a_third_a_phase_in_phase_with_the_voltage() -> None:
    currents = INVERTER.currents(VOLTAGES, np.array([3_000.0]))
    power = (VOLTAGES * currents.conj())[0]
    np.testing.assert_allclose(power[:, 0].real, 1_000.0)
    np.testing.assert_allclose(power[:, 0].imag, 0.0, atol=1e-9)


def test_distortion_is_small_at_full_sun_and_worse_at_little() -> None:
    thd = []
    for watts in (5_000.0, 500.0):
        size = np.abs(INVERTER.currents(VOLTAGES, np.array([watts]))[0, 0])
        thd.append(np.sqrt((size[1:] ** 2).sum()) / size[0])
    assert 0.01 < thd[0] < 0.03
    assert 0.03 < thd[1] < 0.1


def test_nothing_fed_is_no_current_at_all() -> None:
    assert not INVERTER.currents(VOLTAGES, np.zeros(1)).any()
    assert not INVERTER.currents(np.zeros_like(VOLTAGES), np.zeros(1)).any()
    assert VOLTAGES.shape == (1, 3, len(ORDERS))
