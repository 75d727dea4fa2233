"""How a record went."""

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.lab.trends import CycleRms, Trends
from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.uncertainty import uncertainties
from addad.metrology.uncertainty_inputs import InputUncertainty

RATE = 2000.0


def _samples(seconds: float, unbalance: float = 0.0) -> NDArray[np.float64]:
    angle = 2 * np.pi * 50.0 * np.arange(int(seconds * RATE)) / RATE
    voltages = [
        np.sqrt(2) * 230.0 * (np.sin(angle - turn) + unbalance * np.sin(angle + turn))
        for turn in (0.0, 2 * np.pi / 3, -2 * np.pi / 3)
    ]
    return np.stack([*voltages, *(0.02 * u for u in voltages)], axis=-1)


def test_a_trend_is_the_windows() -> None:
    settings = InstrumentSettings(sample_rate=RATE, absent=frozenset({"I4"}))
    instrument = Instrument(settings)
    given = InputUncertainty(gain=(1e-3,) * 7, phase=(0.0,) * 7)
    trends = Trends()
    samples = _samples(2.05, unbalance=0.03)
    samples = np.column_stack([samples, np.zeros(len(samples))])
    samples[1700, 0] = np.nan
    for window in instrument.process(samples[None]):
        trends.add(window, uncertainties(window, given, settings))
    trend = trends.trend()
    assert trend.time.tolist() == pytest.approx(0.1 + 0.2 * np.arange(10), abs=6e-3)
    bad = np.flatnonzero(np.isnan(trend.p))
    assert bad.tolist() == [4]
    good = np.arange(10) != 4
    assert trend.frequency[good] == pytest.approx(50.0, abs=1e-3)
    assert trend.unbalance[good] == pytest.approx(0.03, abs=1e-5)
    assert trend.u[good, 0] == pytest.approx(230.0 * 1.03, rel=1e-5)
    assert trend.i.shape == (10, 4)
    assert trend.uncertainty is not None
    assert trend.uncertainty.u[good, 0] == pytest.approx(2e-3 * 230.0 * 1.03, rel=1e-3)
    assert np.isnan(trend.uncertainty.p[4])
    assert trend.p[good] == pytest.approx(0.02 * (trend.u[good] ** 2).sum(axis=1), rel=1e-5)


def test_rms_by_cycle_is_bounded_in_number() -> None:
    def gathered(samples: int) -> NDArray[np.float64]:
        cycles = CycleRms(1000.0, 50.0, samples)
        for start in range(0, samples, 777):
            cycles.add(np.ones((min(777, samples - start), 7)))
        times, rms = cycles.rows()
        assert times[-1] < samples / 1000.0
        return rms

    assert gathered(1000).shape == (50, 7)
    assert len(gathered(200_000)) <= 4096
    assert np.all(gathered(1000) == 1.0)
