"""The instrument beside instruments that are not ours, on signals that neither has seen."""

import numpy as np
import pytest
from pqopen.powerquality import VoltageFluctuation
from scipy.optimize import least_squares

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.flicker import Flickermeter, FlickerSettings

RATE = 10_000.0


@pytest.mark.parametrize("seed", range(6))
def test_a_least_squares_fit_finds_the_same_harmonics(seed):
    """Frequency, phasors and powers of a noisy window, fitted by SciPy to the raw samples."""
    rng = np.random.default_rng(seed)
    frequency = rng.uniform(47.5, 52.5)
    orders = np.array([1, 2, 3, 5, 7, 11, 13, 17, 23, 25, 37, 49])
    t = np.arange(3_000) / RATE
    columns, truth = [], []
    for scale in (230.0, 230.0, 230.0, 12.0, 12.0, 12.0):
        parts = scale * np.where(orders == 1, 1.0, rng.uniform(0.002, 0.05, len(orders)))
        angles = rng.uniform(-np.pi, np.pi, len(orders))
        if scale == 230.0:
            angles[0] = -2 * np.pi * len(columns) / 3
        waves = np.sqrt(2) * parts * np.sin(2 * np.pi * frequency * np.outer(t, orders) + angles)
        columns.append(waves.sum(axis=1) + rng.normal(0, 2e-4 * scale, len(t)))
        truth.append(parts)
    samples = np.stack(columns, axis=-1)
    window = Instrument(InstrumentSettings(RATE, currents=3)).process(samples[None])[0]
    first = round(float(window.start_s[0]) * RATE)
    last = first + round(float(window.duration_s[0]) * RATE)
    x = samples[first:last]
    place = t[first:last]

    def basis(hertz):
        angle = 2 * np.pi * hertz * np.outer(place, orders)
        return np.concatenate([np.sin(angle), np.cos(angle), np.ones((len(place), 1))], axis=1)

    def rest(parameters):
        design = basis(parameters[0])
        amounts, *_ = np.linalg.lstsq(design, x[:, :3], rcond=None)
        return (x[:, :3] - design @ amounts).ravel()

    fitted = least_squares(rest, [50.0], x_scale=1e-3, xtol=1e-12)
    assert float(window.frequency[0]) == pytest.approx(float(fitted.x[0]), abs=3e-4)
    amounts, *_ = np.linalg.lstsq(basis(float(fitted.x[0])), x, rcond=None)
    n = len(orders)
    rms = np.hypot(amounts[:n], amounts[n : 2 * n]) / np.sqrt(2)
    phasors = (amounts[:n] + 1j * amounts[n : 2 * n]) / np.sqrt(2)
    ours = np.concatenate([window.u_phasors[0], window.i_phasors[0]])[:, orders]
    np.testing.assert_allclose(np.abs(ours), rms.T, rtol=2e-3, atol=2e-5 * 230)
    fundamental = (phasors[0, :3] * phasors[0, 3:].conj()).real
    p1 = (window.u_phasors[0, :, 1] * window.i_phasors[0, :, 1].conj()).real
    np.testing.assert_allclose(p1, fundamental, atol=2e-5 * 230 * 12)
    whole = (phasors[:, :3] * phasors[:, 3:].conj()).real.sum(axis=0)
    np.testing.assert_allclose(window.p[0], whole, atol=1e-4 * 230 * 12)
    np.testing.assert_allclose(rms.T, truth, rtol=5e-3, atol=5e-5 * 230)


@pytest.mark.parametrize("seed", range(3))
def test_another_flickermeter_reads_the_same_severity(seed):
    """pqopen-lib's, on a voltage that wanders, steps and hums as no test point does."""
    rng = np.random.default_rng(seed)
    rate, seconds = 5_000.0, 120
    t = np.arange(round(rate * seconds)) / rate
    steps = np.repeat(rng.uniform(-0.01, 0.01, 200), len(t) // 200 + 1)[: len(t)]
    hum = rng.uniform(0.001, 0.006) * np.sin(2 * np.pi * rng.uniform(2, 15) * t)
    wave = 325.0 * np.sin(2 * np.pi * 50 * t) * (1 + steps + hum)
    ours = Flickermeter(FlickerSettings(rate, phases=1))
    theirs = VoltageFluctuation(rate, 230.0, 50.0)
    for begin in range(0, len(t), 1_000):
        block = wave[begin : begin + 1_000]
        ours.process(block[None, :, None])
        theirs.process(begin, np.sqrt(np.mean(block.reshape(20, 50) ** 2, axis=1)), block.copy())
        if begin == 30 * 5_000:
            ours.short_term()
    begin, end = round(30.2 * rate), len(t)
    assert ours.short_term()[0, 0] == pytest.approx(theirs.calc_pst(begin, end), rel=0.01)
