import dataclasses

import numpy as np

from addad.metrology import Instrument, InstrumentSettings, Window


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


def test_a_window_has_every_field_and_nothing_else(supply):
    for interharmonics in (False, True):
        settings = InstrumentSettings(8000.0, currents=3, interharmonics=interharmonics)
        window = Instrument(settings).process(supply(8000.0, 0.3))[0]
        assert sorted(vars(window)) == sorted(field.name for field in dataclasses.fields(Window))


def test_windows_keep_their_values_while_the_stream_goes_on(supply):
    meter = Instrument(InstrumentSettings(sample_rate=8000.0, currents=3))
    windows, copies = [], []
    samples = supply(8000.0, 5.0, 50.2)
    for a in range(0, samples.shape[1], 1600):
        for window in meter.process(samples[:, a : a + 1600] * (1.0 + a / 1e5)):
            windows.append(window)
            copies.append(window.u_harmonics.copy())
    assert len(windows) > 20
    for window, copy in zip(windows, copies, strict=True):
        np.testing.assert_array_equal(window.u_harmonics, copy)
