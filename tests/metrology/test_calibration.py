import itertools

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology.calibration import Calibration, Calibrator


def test_gain_and_offset_without_delays_keep_the_shape():
    calibrator = Calibrator(Calibration(gain=(0.5, 0.01), offset=(100.0, 0.0)), 8000.0)
    values = calibrator.values(np.array([[[300, 5], [100, -5]]], np.int32))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, [[[100.0, 0.05], [0.0, -0.05]]])


@pytest.mark.parametrize("delay", [104e-6, -30e-6, 900e-6])
def test_a_late_channel_is_brought_to_the_time_of_the_others(delay):
    rate = 8000.0
    t = np.arange(2000) / rate

    def wave(at):
        return np.sin(2 * np.pi * 50 * at) + 0.1 * np.sin(2 * np.pi * 1850 * at)

    counts = np.stack([wave(t), wave(t - delay)], axis=-1)[None]
    calibrator = Calibrator(Calibration(gain=(1.0, 1.0), delay=(0.0, delay)), rate)
    values = calibrator.values(counts)
    assert values.shape[1] == 2000 - calibrator.latency
    np.testing.assert_allclose(values[0, :, 0], values[0, :, 1], atol=1e-4)


def test_the_fundamentals_phase_is_right_to_a_millionth():
    rate, delay = 8000.0, 104e-6
    angle = 2 * np.pi * 50 * np.arange(2000) / rate
    counts = np.stack([np.sin(angle), np.sin(angle - 2 * np.pi * 50 * delay)], axis=-1)[None]
    values = Calibrator(Calibration(gain=(1.0, 1.0), delay=(0.0, delay)), rate).values(counts)
    np.testing.assert_allclose(values[0, :, 0], values[0, :, 1], atol=1e-6)


def test_how_the_counts_are_cut_does_not_matter():
    rng = np.random.default_rng(3)
    counts = rng.integers(-30000, 30000, (2, 700, 2)).astype(np.int16)
    calibration = Calibration(gain=(0.01, 0.02), offset=(3.0, -4.0), delay=(0.0, 1e-4))
    whole = Calibrator(calibration, 8000.0).values(counts)
    pieces = Calibrator(calibration, 8000.0)
    cuts = [0, 1, 2, 5, 30, 31, 200, 555, 700]
    parts = [pieces.values(counts[:, a:b]) for a, b in itertools.pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize(
    "bad",
    [
        {"gain": ()},
        {"gain": (1.0, 2.0), "offset": (1.0,)},
        {"gain": (1.0, float("nan"))},
        {"gain": (1.0,), "delay": (float("inf"),)},
    ],
)
def test_a_calibration_that_cannot_be_is_refused(bad):
    with pytest.raises(InputError):
        Calibration(**bad)


def test_counts_of_the_wrong_shape_and_long_delays_are_refused():
    with pytest.raises(InputError, match="shape"):
        Calibrator(Calibration(gain=(1.0,)), 8000.0).values(np.zeros((1, 5, 2)))
    with pytest.raises(InputError, match="longest"):
        Calibrator(Calibration(gain=(1.0,), delay=(0.01,)), 8000.0)
