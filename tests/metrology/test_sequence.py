import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.sequence import (
    NEGATIVE,
    POSITIVE,
    ZERO,
    SequenceComponents,
    components,
    negative_sequence_of_lines,
    sequence_components,
)

TURN = np.exp(2j * np.pi / 3)


def test_components_of_a_pure_sequence_are_that_one_alone():
    for column, phases in (
        (ZERO, [5, 5, 5]),
        (POSITIVE, [5, 5 * TURN**2, 5 * TURN]),
        (NEGATIVE, [5, 5 * TURN, 5 * TURN**2]),
    ):
        expected = np.zeros(3)
        expected[column] = 5
        np.testing.assert_allclose(components(np.array([phases])), [expected], atol=1e-12)


def test_unbalance_of_a_window_is_what_was_put_in(supply):
    rate, f = 8000.0, 50.03
    samples = supply(rate, 0.5, f)
    angle = 2 * np.pi * f * np.arange(samples.shape[1]) / rate
    for phase in range(3):
        samples[0, :, phase] += np.sqrt(2) * 4.6 * np.sin(angle + 2 * np.pi * phase / 3 + 0.3)
        samples[0, :, phase] += np.sqrt(2) * 2.3 * np.sin(angle - 1.0)
    settings = InstrumentSettings(rate, currents=3)
    window = Instrument(settings).process(samples)[0]
    found = sequence_components(window)
    assert found.u2[0] == pytest.approx(0.02, rel=1e-4)
    assert found.u0[0] == pytest.approx(0.01, rel=1e-4)
    assert found.i2[0] < 1e-6
    assert found.i0[0] < 1e-6
    assert not found.reversed[0]
    assert negative_sequence_of_lines(window.u_line_rms)[0] == pytest.approx(0.02, rel=1e-4)


def test_a_reversed_sequence_is_seen_and_a_missing_phase_is_nan(supply):
    settings = InstrumentSettings(8000.0, voltages=3, currents=1)
    window = Instrument(settings).process(supply(8000.0, 0.5)[..., [0, 2, 1, 3]])[0]
    found = sequence_components(window)
    assert found.reversed[0]
    assert np.isnan(found.i2).all()


def test_currents_have_their_own_components():
    supply = np.exp(-2j * np.pi * np.arange(3) / 3.0)
    currents = 10.0 * supply + 0.5 * supply.conj() + 0.2
    found = SequenceComponents(components(230.0 * supply[None]), components(currents[None]))
    assert found.i2[0] == pytest.approx(0.05)
    assert found.i0[0] == pytest.approx(0.02)
