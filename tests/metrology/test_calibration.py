import itertools

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology.calibration import Calibration, Calibrator, ErrorCurve


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


@pytest.mark.parametrize("change", [{}, {"delay": (1e-4,)}, {"lead": (0.01,)}])
def test_meters_that_come_later_are_refused_before_memory_is_touched(change):
    calibrator = Calibrator(Calibration(gain=(1.0,), **change), 8000.0)
    calibrator.values(np.zeros((1, 100, 1)))
    with pytest.raises(InputError, match="64 meters: before there were 1"):
        calibrator.values(np.zeros((64, 100, 1)))


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(InputError, match="give more than 0"):
        Calibrator(Calibration(gain=(1.0,), lead=(0.01,)), rate)


def high_passed(lead, seconds=8.0, rate=8000.0, orders=(1, 5), rms=10.0):
    """A current, and what a high-pass leaves of it, by its analytic response."""
    t = np.arange(round(seconds * rate)) / rate
    true, left = np.zeros_like(t), np.zeros_like(t)
    for h in orders:
        response = 1.0 / (1.0 - 1j * np.tan(lead) / h)
        angle = 2 * np.pi * 50 * h * t
        size = 2**0.5 * rms / h
        true += size * np.sin(angle)
        left += size * abs(response) * np.sin(angle + np.angle(response))
    return true, left / np.cos(lead)


@pytest.mark.parametrize("lead", [2e-3, 0.0785])
def test_a_lead_is_turned_back_at_harmonics_too(lead):
    true, left = high_passed(lead)
    made = Calibration(gain=(1.0, 1.0), lead=(0.0, lead))
    values = Calibrator(made, 8000.0).values(np.stack([true, left], axis=1)[None])[0]
    last = values[-8000:]
    np.testing.assert_allclose(last[:, 1], last[:, 0], atol=20.0 * lead * 0.006 + 1e-5)


@pytest.mark.parametrize("delay", [(), (0.0, 1.3e-4)])
def test_offset_is_taken_off_before_the_gain_with_delays_and_without(delay):
    counts = np.tile(np.array([1000, -500], np.int16), (1, 200, 1))
    made = Calibration(gain=(0.5, -0.01), offset=(40.0, -300.0), delay=delay)
    values = Calibrator(made, 8000.0).values(counts)
    np.testing.assert_allclose(values[0], [[480.0, 2.0]] * values.shape[1], rtol=1e-5)


def test_ratio_and_lead_follow_the_current():
    curve = ErrorCurve((0.1, 10.0), (-0.01, 0.01), (8e-3, 2e-3))
    made = Calibration(gain=(1.0,), curves=(curve,))
    turn = np.exp(-2j * np.pi * 50 * np.arange(8000) / 8000.0)
    for rms in (0.01, 0.1, 0.3, 1.0, 4.0, 10.0, 99.0):
        place = np.log(rms)
        error = np.interp(place, np.log(curve.current), curve.ratio_error)
        lead = np.interp(place, np.log(curve.current), curve.lead)
        true, left = high_passed(lead, seconds=3.0, orders=(1,), rms=rms)
        values = Calibrator(made, 8000.0).values((left * (1 + error))[None, :, None])[0, :, 0]
        ratio = (turn @ values[-8000:]) / (turn @ true[-8000:])
        assert abs(ratio - 1.0) < 2e-4


def test_cutting_does_not_change_what_is_turned_back():
    rng = np.random.default_rng(3)
    counts = rng.integers(-30000, 30000, (2, 700, 2)).astype(np.int16)
    curve = ErrorCurve((1.0, 100.0), (-0.01, 0.0), (8e-3, 2e-3))
    for delay in ((), (0.0, 1e-4)):
        made = Calibration((0.01, 0.02), (3.0, -4.0), delay, (0.0, 2e-3), (None, curve))
        whole = Calibrator(made, 8000.0).values(counts)
        pieces = Calibrator(made, 8000.0)
        cuts = [0, 1, 2, 5, 30, 31, 200, 555, 700]
        parts = [pieces.values(counts[:, a:b]) for a, b in itertools.pairwise(cuts)]
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize(
    "bad",
    [
        ((), (), ()),
        ((1.0,), (0.0, 0.0), (0.0,)),
        ((2.0, 1.0), (0.0, 0.0), (0.0, 0.0)),
        ((0.0,), (0.0,), (0.0,)),
        ((1.0,), (0.9,), (0.0,)),
        ((1.0,), (0.0,), (float("nan"),)),
    ],
)
def test_a_curve_that_cannot_be_is_refused(bad):
    with pytest.raises(InputError):
        ErrorCurve(*bad)


def test_a_lead_that_no_sensor_has_is_refused():
    with pytest.raises(InputError, match="lead"):
        Calibration(gain=(1.0,), lead=(1.0,))
    with pytest.raises(InputError, match="curves"):
        Calibration(gain=(1.0,), curves=(None, None))


def test_a_count_that_is_no_number_is_told_on_and_forgotten():
    rate = 8000.0
    angle = 2 * np.pi * 50 * np.arange(16000) / rate
    counts = np.sin(angle)[None, :, None]
    calibration = Calibration(gain=(1.0,), delay=(1e-5,), lead=(0.05,))
    clean = Calibrator(calibration, rate).values(counts)
    broken = counts.copy()
    broken[0, 3000:3010] = np.nan
    broken[0, 3020] = np.inf
    values = Calibrator(calibration, rate).values(broken)
    lost = ~np.isfinite(values[0, :, 0])
    assert 10 < lost.sum() < 80
    assert np.abs(values[0, -100:, 0] - clean[0, -100:, 0]).max() < 0.01
