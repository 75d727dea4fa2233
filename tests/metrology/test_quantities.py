import numpy as np
import pytest

from addad.metrology.cycles import LANES
from addad.metrology.edges import edge_table
from addad.metrology.quantities import (
    angles_to_reference,
    apparent_power,
    phase_total,
    power_factor,
    reactive_power,
    window_means,
)


def test_a_window_of_whole_cycles_has_the_sines_mean_squares():
    n = np.arange(900)
    x = np.zeros((900, LANES), np.float32)
    x[:, 0] = 300 * np.sin(2 * np.pi * n / 80.3) + 5
    x[:, 4] = 7 * np.sin(2 * np.pi * n / 80.3 - np.pi / 3)
    means = np.empty((3, LANES))
    window_means(x, 20, 0.7, 803.0, False, edge_table(), means)
    assert means[0, 0] == pytest.approx(300**2 / 2 + 25, rel=1e-6)
    assert means[1, 0] == pytest.approx(5, rel=1e-5)
    assert means[2, 0] == pytest.approx(300 * 7 / 4, rel=1e-6)


def test_a_whole_stretch_has_the_samples_plain_means():
    x = np.random.default_rng(1).normal(size=(333, LANES)).astype(np.float32)
    means = np.empty((3, LANES))
    window_means(x, 3, 0.0, 330.0, True, edge_table(), means)
    np.testing.assert_allclose(means[0], np.mean(x[3:] ** 2, axis=0), rtol=1e-5)
    np.testing.assert_allclose(means[2, :4], np.mean(x[3:, :4] * x[3:, 4:], axis=0), atol=1e-6)


def test_an_inductive_import_is_positive():
    u = np.array([230.0 + 0j])
    assert reactive_power(u, 10 * np.exp(-1j * np.pi / 6) * np.ones(1))[0] == pytest.approx(1150)
    assert reactive_power(u, 10 * np.exp(1j * np.pi / 6) * np.ones(1))[0] == pytest.approx(-1150)


def test_power_factor_is_signed_bounded_and_nan_without_load():
    p, s = np.array([50.0, -50.0, 100.0001, 0.0]), np.array([100.0, 100.0, 100.0, 0.0])
    np.testing.assert_array_equal(power_factor(p, s), [0.5, -0.5, 1.0, np.nan])


def test_totals_are_of_the_phases_that_are_measured():
    values = np.array([[1.0, np.nan, 3.0], [np.nan] * 3])
    np.testing.assert_array_equal(phase_total(values), [4.0, np.nan])
    np.testing.assert_array_equal(apparent_power(np.array([2.0]), np.array([3.0])), [6.0])


def test_angles_take_the_first_live_phase_when_l1_is_dead():
    u = np.array([[0.0, 230 * np.exp(1j), 230 * np.exp(2j)]])
    i = np.array([[np.exp(0.5j)]])
    u_angle, i_angle = angles_to_reference(u, i)
    np.testing.assert_allclose(u_angle[0, 1:], [0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(i_angle, [[-0.5]])
