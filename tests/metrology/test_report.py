import numpy as np

from addad.metrology import Instrument, InstrumentSettings


def test_meters_that_are_done_are_told_of_together(supply):
    settings = InstrumentSettings(sample_rate=8000.0, meters=2, currents=3)
    meter = Instrument(settings)
    samples = np.concatenate([supply(8000.0, 1.0, 52.0), supply(8000.0, 1.0, 48.0)])
    first = meter.process(samples[:, :1650])
    second = meter.process(samples[:, 1650:1750])
    assert [w.meters.tolist() for w in first] == [[0]]
    assert [w.meters.tolist() for w in second] == [[1]]


def test_derived_quantities_agree_with_each_other(supply):
    settings = InstrumentSettings(sample_rate=8000.0, currents=3)
    window = Instrument(settings).process(supply(8000.0, 0.3, lag=0.5))[0]
    np.testing.assert_allclose(window.s, window.u_rms * window.i_rms)
    np.testing.assert_allclose(window.pf, window.p / window.s)
    np.testing.assert_allclose(window.s_total, window.s.sum(axis=1))
    np.testing.assert_allclose(window.pf_total, window.p_total / window.s_total)
