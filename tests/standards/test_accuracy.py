"""The instrument against analytic truth, in every ten- or twelve-cycle window."""

import numpy as np
import pytest

from addad.metrology import EnergyRegister, Instrument, InstrumentSettings

RATE = 10_000.0


def measured(samples, sample_rate=RATE, nominal=50.0):
    settings = InstrumentSettings(
        sample_rate=sample_rate, currents=samples.shape[2] - 3, nominal_frequency=nominal
    )
    windows = Instrument(settings).process(samples)
    assert len(windows) >= 10
    return windows


def worst(windows, name, truth):
    return max(float(np.max(np.abs(getattr(w, name) - truth))) for w in windows)


@pytest.mark.parametrize("frequency", [47.5, 50.0, 50.01, 52.5])
@pytest.mark.parametrize("lag", [0.0, 60.0, -60.0])
@pytest.mark.parametrize("rich", [False, True])
def test_u_i_p_and_f_in_every_window(source, rich_harmonics, frequency, lag, rich):
    harmonics = rich_harmonics(20) if rich else {}
    truth = source(frequency, lag=lag, u_harmonics=harmonics, i_harmonics=harmonics)
    windows = measured(truth.samples(RATE, 2.5))
    assert worst(windows, "u_rms", truth.u_rms) < 1e-5 * truth.u_rms
    assert worst(windows, "i_rms", truth.i_rms) < 1e-5 * truth.i_rms
    assert worst(windows, "p", truth.p) < 2e-5 * truth.p
    assert worst(windows, "q", truth.q) < 2e-5 * truth.u * truth.i
    assert worst(windows, "frequency", frequency) < 0.01e-3
    assert worst(windows, "p_total", 3 * truth.p) < 2e-5 * 3 * truth.p
    assert all(int(w.flags[0]) == 0 for w in windows)


@pytest.mark.parametrize(("frequency", "nominal"), [(50.01, 50.0), (57.0, 60.0), (63.0, 60.0)])
@pytest.mark.parametrize("lag", [0.0, 84.26, -84.26])
def test_small_power_factors_and_60_hz(source, rich_harmonics, frequency, nominal, lag):
    harmonics = rich_harmonics(20)
    truth = source(frequency, lag=lag, u_harmonics=harmonics, i_harmonics=harmonics)
    windows = measured(truth.samples(RATE, 2.5), RATE, nominal)
    assert worst(windows, "u_rms", truth.u_rms) < 1e-5 * truth.u_rms
    assert worst(windows, "i_rms", truth.i_rms) < 1e-5 * truth.i_rms
    assert worst(windows, "p", truth.p) < (2e-5 if lag == 0.0 else 1e-4) * truth.p
    assert worst(windows, "q", truth.q) < 2e-5 * truth.u * truth.i
    assert worst(windows, "frequency", frequency) < 0.01e-3


@pytest.mark.parametrize("frequency", [42.6, 57.4])
@pytest.mark.parametrize("lag", [0.0, 84.26])
def test_the_edges_of_the_frequency_range(source, rich_harmonics, frequency, lag):
    harmonics = rich_harmonics(20)
    truth = source(frequency, lag=lag, u_harmonics=harmonics, i_harmonics=harmonics)
    windows = measured(truth.samples(RATE, 3.0))
    assert worst(windows, "u_rms", truth.u_rms) < 1e-5 * truth.u_rms
    assert worst(windows, "p", truth.p) < 1e-4 * truth.p
    assert worst(windows, "frequency", frequency) < 0.01e-3


@pytest.mark.parametrize(
    ("frequency", "nominal"),
    [(47.5, 50.0), (50.0, 50.0), (52.5, 50.0), (57.0, 60.0), (60.0, 60.0), (63.0, 60.0)],
)
@pytest.mark.parametrize("sample_rate", [8_000.0, 10_000.0, 12_800.0])
def test_every_harmonic_to_50(source, rich_harmonics, frequency, nominal, sample_rate):
    harmonics = rich_harmonics(50)
    truth = source(frequency, lag=30.0, u_harmonics=harmonics, i_harmonics=harmonics)
    windows = measured(truth.samples(sample_rate, 2.5), sample_rate, nominal)
    parts = np.array([harmonics[h][0] for h in range(2, 51)])
    thd = np.sqrt(np.sum(parts**2))
    for window in windows:
        assert window.highest_order == 50
        np.testing.assert_allclose(window.u_harmonics[0, :, 2:] / truth.u, [parts] * 3, rtol=1e-3)
        np.testing.assert_allclose(window.i_harmonics[0, :, 2:] / truth.i, [parts] * 3, rtol=1e-3)
        np.testing.assert_allclose(window.thd_u[0], thd, atol=1e-5)
        np.testing.assert_allclose(window.thd_i[0], thd, atol=1e-5)


@pytest.mark.parametrize("frequency", [47.5, 48.78, 50.01, 52.5])
def test_a_clean_signal_has_no_distortion(source, frequency):
    windows = measured(source(frequency).samples(RATE, 2.5))
    assert worst(windows, "thd_u", 0.0) < 1e-5
    assert worst(windows, "thd_i", 0.0) < 1e-5


def test_frequency_in_noise_is_near_the_maximum_likelihood(source):
    rng = np.random.default_rng(5)
    samples = source(50.01).samples(RATE, 60.0)
    samples[..., :3] += 0.23 * rng.standard_normal(samples[..., :3].shape)
    errors = np.array([w.frequency[0] - 50.01 for w in measured(samples)])
    assert np.std(errors) < 0.045e-3
    assert np.max(np.abs(errors)) < 0.2e-3


@pytest.mark.parametrize("sample_rate", [400.0, 800.0])
@pytest.mark.parametrize("frequency", [47.5, 49.97, 50.0, 52.5])
def test_rms_at_low_rates_too(source, sample_rate, frequency):
    truth = source(frequency, lag=60.0, u_harmonics={3: (0.05, 40.0)})
    windows = measured(truth.samples(sample_rate, 2.5), sample_rate)
    assert worst(windows, "u_rms", truth.u_rms) < 1e-4 * truth.u_rms
    assert worst(windows, "i_rms", truth.i_rms) < 1e-5 * truth.i_rms
    assert worst(windows, "p", truth.p) < 1e-4 * truth.p
    assert worst(windows, "frequency", frequency) < 0.5e-3


def test_angles_and_signs_in_all_four_quadrants(source):
    for lag in (30.0, 150.0, -150.0, -30.0):
        truth = source(50.0, lag=lag)
        window = measured(truth.samples(RATE, 2.5))[-1]
        expected = np.radians([0.0, -120.0, 120.0])
        np.testing.assert_allclose(window.u_angle[0], expected, atol=1e-6)
        turned = np.angle(np.exp(1j * (expected - np.radians(lag))))
        np.testing.assert_allclose(window.i_angle[0], turned, atol=1e-6)
        assert np.sign(window.p_total[0]) == np.sign(truth.p)
        assert np.sign(window.q_total[0]) == np.sign(truth.q)
        np.testing.assert_allclose(window.pf[0], np.cos(np.radians(lag)), atol=1e-6)


def test_energy_is_the_integral_of_the_power(source):
    truth = source(50.0, lag=60.0)
    windows = measured(truth.samples(RATE, 10.0))
    seconds = sum(w.duration_s[0] for w in windows)
    counted = sum(w.energy.quanta[0] for w in windows)
    active = counted[:, EnergyRegister.ACTIVE_IMPORT_UWH]
    expected = truth.p * seconds / 3600.0 * 1e6
    np.testing.assert_allclose(active, [expected] * 3 + [3 * expected], rtol=2e-6)
    reactive = counted[:, EnergyRegister.REACTIVE_Q1_UVARH]
    expected = truth.q * seconds / 3600.0 * 1e6
    np.testing.assert_allclose(reactive, [expected] * 3 + [3 * expected], rtol=2e-6)


def test_a_ramp_of_one_hertz_a_second_is_followed():
    t = np.arange(int(RATE * 3)) / RATE
    angle = 2 * np.pi * (49.0 * t + 0.5 * t * t)
    wave = np.stack([325 * np.sin(angle - 2 * np.pi * k / 3) for k in range(3)], -1)
    samples = np.concatenate([wave, wave / 30], axis=-1)[None]
    for window in measured(samples):
        middle = window.start_s[0] + window.duration_s[0] / 2
        assert abs(window.frequency[0] - (49.0 + middle)) < 5e-3
        np.testing.assert_allclose(window.u_rms[0], 325 / np.sqrt(2), rtol=2e-5)
