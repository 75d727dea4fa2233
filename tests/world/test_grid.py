"""The network wanders as a real one does, and without a jump."""

import numpy as np

from addad.world.grid import NOMINAL_FREQUENCY, ORDERS, Grid, impedance

NOON = 1_781_524_800
DAY = range(NOON - 43_200, NOON + 43_200, 97)


def test_frequency_wanders_within_a_tenth_of_a_hertz() -> None:
    grid = Grid(3)
    deviation = np.concatenate([grid.frequency(s) for s in DAY]) - NOMINAL_FREQUENCY
    assert np.abs(deviation).max() < 0.1
    assert 0.005 < deviation.std() < 0.04


def test_phase_goes_on_where_the_last_second_ended() -> None:
    grid = Grid(3)
    assert grid.advance(NOON)[-1] == grid.advance(NOON + 1)[0]


def test_voltages_are_three_phases_around_230_v() -> None:
    grid = Grid(3)
    voltages = np.concatenate([grid.voltages(s) for s in DAY])
    magnitude = np.abs(voltages[:, :, 0])
    assert magnitude.min() > 207.0
    assert magnitude.max() < 253.0
    assert magnitude.std(axis=0).min() > 0.5
    between = np.degrees(np.angle(voltages[:, 1, 0] / voltages[:, 0, 0]))
    np.testing.assert_allclose(between, -120.0, atol=1.0)


def test_background_distortion_is_a_few_percent_of_the_usual_orders() -> None:
    shape = np.abs(Grid(3).voltages(NOON)[0])
    ratio = shape[:, 1:] / shape[:, :1]
    assert np.sqrt((ratio**2).sum(axis=1)).min() > 0.01
    assert np.sqrt((ratio**2).sum(axis=1)).max() < 0.05
    present = {order for order, x in zip(ORDERS[1:], ratio[0], strict=True) if x > 0.0}
    assert present == {3, 5, 7, 9, 11, 13}


def test_networks_of_different_seeds_differ() -> None:
    assert not np.allclose(Grid(3).voltages(NOON), Grid(4).voltages(NOON))


def test_reactance_grows_with_the_order() -> None:
    line = impedance(0.2 + 0.1j)
    assert line[0] == 0.2 + 0.1j
    assert line[ORDERS.index(5)] == 0.2 + 0.5j
