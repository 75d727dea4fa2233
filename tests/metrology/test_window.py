import dataclasses

import numpy as np
import pytest

from addad.metrology import EnergyRegister, Instrument, InstrumentSettings, WindowFlag
from addad.metrology.window import of_phases


def test_a_window_is_frozen_and_its_arrays_are_over_meters(supply):
    samples = np.repeat(supply(8000.0, 0.3), 4, axis=0)
    settings = InstrumentSettings(sample_rate=8000.0, meters=4, currents=3)
    (window,) = Instrument(settings).process(samples)
    with pytest.raises(dataclasses.FrozenInstanceError):
        window.partial = True  # type: ignore[misc]
    for name in ("index", "start_s", "duration_s", "cycles", "frequency", "p_total", "flags"):
        assert getattr(window, name).shape == (4,)
    for name in ("u_rms", "i_rms", "p", "q", "s", "pf", "thd_u", "thd_i", "u_angle", "i_angle"):
        assert getattr(window, name).shape == (4, 3)
    for name in ("u_peak", "i_peak", "u_line_rms"):
        assert getattr(window, name).shape == (4, 3)
    assert window.i_neutral_calculated.shape == (4,)
    assert window.u_harmonics.shape == window.u_phasors.shape == window.i_phasors.shape
    assert window.u_phasors.shape == (4, 3, 51)
    assert window.energy.quanta.shape == (4, 4, len(EnergyRegister))
    assert window.energy.quanta.dtype == np.int64


def test_each_flag_is_a_bit_of_its_own():
    flags = [f for f in WindowFlag if f]
    assert len({int(f).bit_length() for f in flags}) == len(flags)


@pytest.mark.parametrize("channels", [0, 2, 3, 4])
def test_currents_stand_at_their_phases_and_the_neutral_is_none_of_them(channels):
    currents = np.arange(2.0 * channels).reshape(2, channels)
    placed = of_phases(currents)
    assert placed.shape == (2, 3)
    kept = min(channels, 3)
    np.testing.assert_array_equal(placed[:, :kept], currents[:, :kept])
    assert np.isnan(placed[:, kept:]).all()
