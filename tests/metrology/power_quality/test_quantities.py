"""What is averaged, and how it comes back."""

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.power_quality.quantities import row_of, unbalance, values_of


def test_unbalance_of_known_components():
    a = np.exp(2j * np.pi / 3)
    positive, negative, zero = 230.0, 4.6 * np.exp(1j), 2.3j
    phases = np.array(
        [
            zero + positive + negative,
            zero + a * a * positive + a * negative,
            zero + a * positive + a * a * negative,
        ]
    )
    assert unbalance(phases) == (pytest.approx(0.02), pytest.approx(0.01))
    assert np.isnan(unbalance(np.zeros(3, complex))).all()


def test_one_window_comes_back_as_it_was():
    t = np.arange(2_500) / 5_000
    columns = [300 * np.sin(2 * np.pi * (50 * t - k / 3)) for k in range(3)]
    samples = np.stack([*columns, 0.1 * columns[0]], axis=-1)[None]
    window = Instrument(InstrumentSettings(5_000.0, currents=1)).process(samples)[0]
    values = values_of(row_of(window, 230.0, np.full(3, 1.5)), 230.0)
    np.testing.assert_allclose(values.u_rms, window.u_rms[0])
    np.testing.assert_allclose(values.i_rms, [window.i_rms[0, 0], np.nan, np.nan, np.nan])
    np.testing.assert_allclose(values.u_harmonics, window.u_harmonics[0])
    np.testing.assert_allclose(values.i_harmonics[0], window.i_harmonics[0, 0])
    assert np.isnan(values.i_harmonics[1:]).all()
    np.testing.assert_allclose(values.p[0], window.p[0, 0])
    totals = [getattr(window, name)[0] for name in ("p_total", "q_total", "s_total")]
    np.testing.assert_allclose(values.totals, totals)
    np.testing.assert_allclose(values.u_signalling, 1.5)
    np.testing.assert_allclose(values.u_under, 1 - 300 / np.sqrt(2) / 230, rtol=1e-5)
    assert values.frequency == pytest.approx(50.0)


def test_what_is_above_the_declared_voltage_is_no_part_of_what_is_below():
    t = np.arange(2_500) / 5_000
    sizes = np.array([207.0, 230.0, 253.0])
    columns = [np.sqrt(2) * u * np.sin(2 * np.pi * (50 * t - k / 3)) for k, u in enumerate(sizes)]
    settings = InstrumentSettings(5_000.0, currents=0)
    window = Instrument(settings).process(np.stack(columns, axis=-1)[None])[0]
    rows = row_of(window, 230.0, np.zeros(3))
    values = values_of(rows, 230.0)
    np.testing.assert_allclose(values.u_under, [0.1, 0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(values.u_over, [0.0, 0.0, 0.1], atol=1e-6)
    turned = row_of(window, 230.0 / 0.9, np.zeros(3))
    np.testing.assert_allclose(values_of(turned, 230.0 / 0.9).u_under, [0.19, 0.1, 0.01], atol=1e-6)
