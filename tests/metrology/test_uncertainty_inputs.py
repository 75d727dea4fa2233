"""What uncertainties come from: the calibration's own, and noise as the window shows it."""

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import Calibration, Instrument, InstrumentSettings
from addad.metrology.calibration import CalibrationUncertainty
from addad.metrology.uncertainty_inputs import InputUncertainty, Uncertainty, noise_of


@pytest.fixture
def noisy(supply):
    """Noise of each channel and samples of so many seconds with it."""
    sigma = np.array([0.3, 0.6, 1.2, 0.02, 0.04, 0.08])

    def make(seconds):
        samples = supply(6400.0, seconds, frequency=50.03)
        return sigma, samples + sigma * np.random.default_rng(1).normal(size=samples.shape)

    return make


def noise_in(samples):
    settings = InstrumentSettings(sample_rate=6400.0, currents=3)
    instrument = Instrument(settings)
    window = [*instrument.process(samples), *instrument.flush()][0]
    return np.concatenate([found[0] for found in noise_of(window, settings)])


def test_noise_is_found_beside_the_harmonics(noisy):
    sigma, samples = noisy(0.25)
    assert noise_in(samples) == pytest.approx(sigma, rel=0.2)


def test_of_a_partial_window_all_that_is_at_no_harmonic_is_noise(noisy):
    sigma, samples = noisy(0.1)
    assert (noise_in(samples) > 0.8 * sigma).all()


def test_a_calibrations_statement_becomes_volts_and_amperes():
    calibration = Calibration(gain=(0.01, -0.001))
    stated = CalibrationUncertainty(gain=(1e-4, 2e-4), phase=(0.0, 1e-5), offset=(0.5, 2.0))
    given = InputUncertainty.of(calibration, stated, clock=1e-6)
    assert given.offset == pytest.approx((0.005, 0.002))
    assert given.quantum == pytest.approx((0.01, 0.001))
    assert (given.gain, given.phase, given.clock) == (stated.gain, stated.phase, 1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phase": (0.0,)},
        {"offset": (0.0,)},
        {"gain": (1e-3, -1e-3)},
        {"gain": (1e-3, float("nan"))},
        {"clock": 1.5},
        {"gain_correlation": -0.1},
    ],
)
def test_what_cannot_be_an_uncertainty_is_refused(wrong):
    with pytest.raises(InputError):
        InputUncertainty(**{"gain": (1e-3, 1e-3), "phase": (0.0, 0.0), **wrong})


def test_the_parts_of_an_uncertainty():
    found = Uncertainty(np.array([3.0]), np.array([4.0]))
    assert found.standard == 5.0
    assert found.expanded == 10.0
    assert found.of_mean(16) == pytest.approx(np.sqrt(10.0))
