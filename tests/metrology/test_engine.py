import numpy as np

from addad.metrology import EnergyRegister, Instrument, InstrumentSettings


def test_the_energy_of_all_windows_is_that_of_the_samples(supply):
    """Edges between the samples neither lose nor double any of the energy, at any frequency."""
    rate = 8000.0
    samples = supply(rate, 4.0, 50.0, lag=0.3)
    samples[..., :3] *= 1.0 + 0.1 * np.sin(np.arange(samples.shape[1]) / 900.0)[None, :, None]
    meter = Instrument(InstrumentSettings(sample_rate=rate, currents=3))
    windows = meter.process(samples)
    begin, end = windows[0].start_s[0], windows[-1].start_s[0] + windows[-1].duration_s[0]
    power = samples[0, :, 0] * samples[0, :, 3]
    t = np.arange(samples.shape[1]) / rate
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (power[1:] + power[:-1]))]) / rate
    exact = np.interp(end, t, integral) - np.interp(begin, t, integral)
    counted = sum(int(w.energy.quanta[0, 0, EnergyRegister.ACTIVE_IMPORT_UWH]) for w in windows)
    np.testing.assert_allclose(counted * 3600e-6, exact, rtol=2e-5)


def test_the_last_whole_cycles_of_a_record_are_measured(supply):
    meter = Instrument(InstrumentSettings(sample_rate=8000.0, currents=3))
    windows = meter.process(supply(8000.0, 0.47))
    (rest,) = meter.flush()
    assert len(windows) == 2
    assert rest.cycles[0] == 3
    assert rest.start_s[0] == windows[-1].start_s[0] + windows[-1].duration_s[0]
    np.testing.assert_allclose(rest.p[0], 2300, rtol=1e-5)
