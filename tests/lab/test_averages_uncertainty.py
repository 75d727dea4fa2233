"""The uncertainty of a record's values holds the truth, and noise alone averages out."""

import numpy as np
import pytest

from addad.lab.averages import Averages
from addad.lab.averages_uncertainty import AverageUncertainties, Spreads, SteadyNoise, stacked
from addad.metrology import EnergyRegister, Instrument, InstrumentSettings
from addad.metrology.uncertainty import uncertainties
from addad.metrology.uncertainty_inputs import InputUncertainty

RATE = 3200.0
RECORDS = 400
GIVEN = InputUncertainty(gain=(8e-4, 1.2e-3), phase=(3e-4, 9e-4), clock=2e-6)
SETTINGS = InstrumentSettings(sample_rate=RATE, meters=RECORDS, voltages=1, currents=1)


def _records(rng: np.random.Generator, seconds: float, noise: float) -> tuple[np.ndarray, dict]:
    """Samples (RECORDS, n, 2) of loads that change by the second, and their true means."""
    n = round(RATE * seconds)
    clock = 1.0 + GIVEN.clock * rng.normal(size=(RECORDS, 1))
    frequency = 50.0 + 0.3 * rng.uniform(-1, 1, (RECORDS, 1))
    angle = 2 * np.pi * frequency * np.arange(n) / RATE * clock
    gain = 1.0 + rng.normal(size=(2, RECORDS, 1)) * np.array(GIVEN.gain)[:, None, None]
    delay = rng.normal(size=(2, RECORDS, 1)) * np.array(GIVEN.phase)[:, None, None]
    lag = rng.uniform(0.2, 1.2, (RECORDS, 1))
    size = rng.uniform(2.0, 20.0, (RECORDS, 1)) * np.ones((1, n))
    u = np.sqrt(2) * 230.0 * gain[0] * np.sin(angle - delay[0] * frequency / 50.0)
    i = np.sqrt(2) * size * gain[1] * np.sin(angle - lag - delay[1] * frequency / 50.0)
    samples = np.stack([u, i], axis=-1)
    samples *= 1.0 + noise * rng.normal(size=samples.shape)
    samples += noise * np.array([230.0, 10.0]) * rng.normal(size=samples.shape)
    current = size[:, 0]
    return samples, {
        "u_rms": np.full(RECORDS, 230.0), "i_rms": current,
        "p": 230.0 * current * np.cos(lag[:, 0]), "q": 230.0 * current * np.sin(lag[:, 0]),
        "s": 230.0 * current, "p_total": 230.0 * current * np.cos(lag[:, 0]),
        "frequency": frequency[:, 0], "i_angle": -lag[:, 0],
    }  # fmt: skip


def _gathered(samples: np.ndarray) -> tuple[Averages, Spreads]:
    instrument = Instrument(SETTINGS)
    averages, spreads = Averages(RECORDS), AverageUncertainties(RECORDS, GIVEN.clock)
    windows = [*instrument.process(samples), *instrument.flush()]
    whole = [window for window in windows if not window.partial]
    for window in whole:
        averages.add(window)
    joined = stacked(whole)
    spreads.add(joined, uncertainties(joined, GIVEN, SETTINGS))
    return averages, spreads.totals()


@pytest.mark.parametrize("noise", [1e-5, 0.01])
def test_intervals_of_95_percent_hold_the_truth_of_a_record(noise: float) -> None:
    samples, truth = _records(np.random.default_rng(3), 1.5, noise)
    averages, spreads = _gathered(samples)
    totals = averages.totals()
    for name, true in truth.items():
        read = totals.angles["i"] if name == "i_angle" else totals.quantities[name].value
        within = spreads.quantities[name].value
        read, within = (x if x.ndim == 1 else x[:, 0] for x in (read, within))
        held = np.abs(read - true) <= within
        assert 0.92 <= held.mean() <= 0.99, name


def test_noise_averages_out_and_calibration_does_not() -> None:
    samples, _ = _records(np.random.default_rng(4), 3.3, 0.003)
    short, long = _gathered(samples[:, : round(RATE * 0.26)])[1], _gathered(samples)[1]
    of = {name: (short.quantities[name], long.quantities[name]) for name in ("frequency", "u_rms")}
    few, many = of["frequency"]
    ratio = np.median(few.value / many.value)
    assert ratio > 2.0
    one, all_of_them = of["u_rms"]
    assert np.all(all_of_them.value[:, 0] >= 2.0 * 8e-4 * 229.0)
    assert np.median(one.value[:, 0] / all_of_them.value[:, 0]) < 1.2


def test_the_energy_is_as_uncertain_as_its_power() -> None:
    samples, _ = _records(np.random.default_rng(5), 2.3, 1e-4)
    averages, spreads = _gathered(samples)
    totals = averages.totals()
    energy = totals.energy[:, 3, EnergyRegister.ACTIVE_IMPORT_UWH]
    share = spreads.energy[:, EnergyRegister.ACTIVE_IMPORT_UWH] / energy
    of_power = spreads.quantities["p_total"].value / totals.quantities["p_total"].value
    assert share == pytest.approx(of_power, rel=3e-3)
    none = spreads.energy[:, EnergyRegister.ACTIVE_EXPORT_UWH]
    assert none == pytest.approx(2.0 / np.sqrt(12.0))
    nonactive = totals.energy[:, 3, EnergyRegister.NONACTIVE_UVARH]
    assert np.all(spreads.energy[:, EnergyRegister.NONACTIVE_UVARH] < nonactive)


def test_a_window_with_a_step_is_not_taken_for_a_noisy_one() -> None:
    settings = InstrumentSettings(sample_rate=RATE, voltages=1, currents=0)
    angle = 2 * np.pi * 50.0 * np.arange(round(2.0 * RATE)) / RATE
    samples = 325.0 * np.sin(angle) * np.where(np.arange(len(angle)) < 4800, 1.0, 0.4)
    samples = samples + np.random.default_rng(0).normal(size=len(angle))
    noise = SteadyNoise()
    windows = Instrument(settings).process(samples[None, :, None])
    found = [noise.of(window, settings)[0][0, 0] for window in windows]
    assert found == pytest.approx([1.0] * len(found), rel=0.6)
    assert noise.median()[0] == pytest.approx(1.0, rel=0.2)


def test_what_no_window_measured_has_no_uncertainty() -> None:
    samples, _ = _records(np.random.default_rng(6), 0.5, 1e-4)
    samples[0] = np.nan
    _, spreads = _gathered(samples)
    assert np.isnan(spreads.quantities["u_rms"].value[0, 0])
    assert np.isfinite(spreads.quantities["u_rms"].value[1:, 0]).all()
