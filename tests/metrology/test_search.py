import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings, WindowFlag


def flags_of(samples, **changes):
    settings = InstrumentSettings(**{"sample_rate": 8000.0, "currents": 3, **changes})
    windows = Instrument(settings).process(samples)
    return [WindowFlag(int(w.flags[0])) for w in windows]


def test_a_voltage_below_the_minimum_is_none(supply):
    samples = supply(8000.0, 0.5, u=8.0)
    assert flags_of(samples) == [WindowFlag.NONE] * 2
    for flags in flags_of(samples, minimum_voltage=10.0):
        assert flags & WindowFlag.NO_VOLTAGE


def test_a_change_of_phase_makes_a_window_unsteady(supply):
    samples = supply(8000.0, 1.0)
    samples[:, 2300:] = np.roll(samples, -41, axis=1)[:, 2300:]
    assert WindowFlag.UNSTEADY in flags_of(samples)[1]
    assert flags_of(samples)[0] == WindowFlag.NONE


@pytest.mark.parametrize("offset", [10.0, 2000.0])
def test_an_offset_does_not_hide_the_frequency(supply, offset):
    samples = supply(8000.0, 0.5) + offset
    assert all(not f & WindowFlag.FREQUENCY_ASSUMED for f in flags_of(samples))


def test_direct_currents_have_no_frequency():
    samples = np.full((1, 8000, 6), 300.0)
    windows = Instrument(InstrumentSettings(8000.0, currents=3)).process(samples)
    for window in windows:
        assert int(window.flags[0]) & WindowFlag.DC_ONLY
        assert int(window.flags[0]) & WindowFlag.FREQUENCY_ASSUMED
        assert np.isnan(window.frequency[0])
        np.testing.assert_allclose(window.p[0], 9e4, rtol=1e-6)
