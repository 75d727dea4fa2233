import numpy as np
import pytest

from addad.metrology.cycles import LANES
from addad.metrology.edges import edge_table
from addad.metrology.harmonics import ORDERS_MAX
from addad.metrology.quantities import (
    line_values,
    power_factor,
    powers,
    reactive_power,
    reference_turn,
    turn_orders,
    window_means,
    window_peaks,
)


def test_a_window_of_whole_cycles_has_the_sines_mean_squares():
    n = np.arange(900)
    x = np.zeros((900, LANES), np.float32)
    x[:, 0] = 300 * np.sin(2 * np.pi * n / 80.3) + 5
    x[:, 4] = 7 * np.sin(2 * np.pi * n / 80.3 - np.pi / 3)
    means = np.empty((4, LANES))
    window_means(x, 20, 0.7, 803.0, False, edge_table(), means)
    assert means[0, 0] == pytest.approx(300**2 / 2 + 25, rel=1e-6)
    assert means[1, 0] == pytest.approx(5, rel=1e-5)
    assert means[2, 0] == pytest.approx(300 * 7 / 4, rel=1e-6)


def test_a_whole_stretch_has_the_samples_plain_means():
    x = np.random.default_rng(1).normal(size=(333, LANES)).astype(np.float32)
    means = np.empty((4, LANES))
    window_means(x, 3, 0.0, 330.0, True, edge_table(), means)
    np.testing.assert_allclose(means[0], np.mean(x[3:] ** 2, axis=0), rtol=1e-5)
    np.testing.assert_allclose(means[2, :3], np.mean(x[3:, :3] * x[3:, 4:7], axis=0), atol=1e-6)


def test_an_inductive_import_is_positive():
    assert reactive_power(230 + 0j, 10 * np.exp(-1j * np.pi / 6)) == pytest.approx(1150)
    assert reactive_power(230 + 0j, 10 * np.exp(1j * np.pi / 6)) == pytest.approx(-1150)


@pytest.mark.parametrize(
    ("p", "s", "factor"),
    [(50.0, 100.0, 0.5), (-50.0, 100.0, -0.5), (100.0001, 100.0, 1.0), (0.0, 0.0, np.nan)],
)
def test_power_factor_is_signed_bounded_and_nan_without_load(p, s, factor):
    assert power_factor(p, s) == pytest.approx(factor, nan_ok=True)


def test_totals_are_of_the_phases_that_are_measured():
    means = np.zeros((4, LANES))
    means[0] = [230.0**2, 230.0**2, 230.0**2, 0.0, 100.0, 25.0, 100.0, 0.0]
    means[2, :3] = [2000.0, 1000.0, -500.0]
    fundamental = np.array([230, 230, 230, 0, 10j, 0, -10j, 0], complex)
    present = np.array([True, True, False, False, True, True, True, False])
    phases, totals = np.empty((4, 3)), np.empty(4)
    powers(means, fundamental, present, True, phases, totals)
    np.testing.assert_allclose(phases[0], [2000, 1000, np.nan])
    np.testing.assert_allclose(phases[1], [-2300, 0, np.nan])
    np.testing.assert_allclose(phases[2], [2300, 1150, np.nan])
    np.testing.assert_allclose(totals, [3000, -2300, 3450, 3000 / 3450])
    powers(means, fundamental, np.zeros(LANES, bool), True, phases, totals)
    assert np.isnan(totals).all()


def test_voltages_from_line_to_line_and_the_neutral_are_of_the_samples_themselves():
    x = np.random.default_rng(2).normal(size=(333, LANES)).astype(np.float32)
    means, lines = np.empty((4, LANES)), np.empty(4)
    window_means(x, 3, 0.0, 330.0, True, edge_table(), means)
    line_values(means, np.ones(LANES, np.bool_), lines)
    y = x[3:].astype(np.float64)
    expected = [y[:, 0] - y[:, 1], y[:, 1] - y[:, 2], y[:, 2] - y[:, 0], y[:, 4:7].sum(axis=1)]
    np.testing.assert_allclose(lines, np.sqrt(np.mean(np.square(expected), axis=1)), rtol=1e-5)
    present = np.array([True, True, False, False, True, True, False, False])
    line_values(means, present, lines)
    assert np.isnan(lines).tolist() == [False, True, True, True]


def test_the_peak_is_the_largest_magnitude_of_its_rows():
    x = np.random.default_rng(3).normal(size=(50, LANES)).astype(np.float32)
    peaks = np.empty(LANES)
    window_peaks(x, 7, 41, peaks)
    np.testing.assert_array_equal(peaks, np.abs(x[7:41]).max(axis=0))


def test_the_reference_is_the_first_voltage_that_is_not_missing_then_a_current():
    fundamental = np.zeros(LANES, complex)
    fundamental[[0, 1, 4]] = 1e-3 * np.exp(2j), 230 * np.exp(1j), np.exp(0.5j)
    present = np.array([True, True, True, False, True, False, False, False])
    assert np.angle(reference_turn(fundamental, present, 0)) == pytest.approx(-2.0)
    assert np.angle(reference_turn(fundamental, present, 0b001)) == pytest.approx(-1.0)
    assert np.angle(reference_turn(fundamental, present, 0b111)) == pytest.approx(-0.5)
    assert reference_turn(np.zeros(LANES, complex), present, 0) == 1.0


def test_turned_orders_count_their_time_from_the_references_positive_zero():
    """Cosines at 0.3 rad behind the zero: sin(h a + b) is cos(h (a - 0.3) + b + 0.3 h - pi/2)."""
    orders = np.arange(ORDERS_MAX + 1)
    shifts = np.where(orders == 1, 0.0, 0.1 * orders)
    phasors = np.zeros((LANES, ORDERS_MAX + 1), complex)
    phasors[:] = np.exp(1j * (shifts + 0.3 * orders - np.pi / 2))
    phasors[:, 0] = -2.0
    turn = reference_turn(phasors[:, 1].copy(), np.ones(LANES, np.bool_), 0)
    turn_orders(phasors, ORDERS_MAX, turn)
    np.testing.assert_allclose(phasors[:, 1:], [np.exp(1j * shifts[1:])] * LANES, atol=1e-12)
    np.testing.assert_array_equal(phasors[:, 0], -2.0)
