"""Three points of a reference source give the calibration back that made their counts."""

import math
from dataclasses import replace

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology.calibration import Calibration, Calibrator
from addad.metrology.calibration_reference import (
    ReferencePoint,
    ReferenceUncertainty,
    calibrate_by_reference,
)

RATE = 8000.0
GAIN = np.array([0.0153, 0.0152, 0.0151, 5.4e-4, 5.3e-4, 5.5e-4, 5.2e-4])
OFFSET = np.array([5.0, -7.0, 3.0, 11.0, 0.0, -2.0, 4.0])
DELAY = np.array([0.0, 2e-6, -1e-6, 0.0, 3e-6, 0.0, 0.0])
HALF = math.radians(60.0)


def lead_at(amperes):
    return 2e-3 if amperes > 1.0 else 3.5e-3


def error_at(amperes):
    return 0.0 if amperes > 1.0 else -5e-4


def taken(
    amperes,
    lag,
    seconds=2.0,
    noise=0.5,
    order=(0, 1, 2),
    sign=1.0,
    drive=(1, 1, 1, 1),
    frequency=50.0,
):
    """Counts of a source, and of sensors that lead."""
    rng = np.random.default_rng(1)
    t = np.arange(round(seconds * RATE))[:, None] / RATE - DELAY
    phase = -2 * np.pi / 3 * np.array([0, 1, 2, *order, 0])
    phase[3:] -= lag
    phase[3:] += lead_at(amperes) * 50.0 / frequency
    size = np.array([230.0] * 3 + [amperes * (1 + error_at(amperes)) * sign] * 4)
    size[3:] *= drive
    x = 2**0.5 * size * np.sin(2 * np.pi * frequency * t + 0.7 + phase)
    return np.round(x / GAIN + OFFSET + noise * rng.standard_normal(x.shape))


def point(amperes, lag, **how):
    return ReferencePoint(taken(amperes, lag, **how), 230.0, amperes, lag)


POINTS = [point(5.0, 0.0), point(5.0, HALF), point(0.25, HALF)]
ZERO = np.round(OFFSET + np.random.default_rng(2).standard_normal((16000, 7)))


def test_three_points_give_gain_offset_delay_lead_and_their_change():
    result = calibrate_by_reference(POINTS, sample_rate=RATE, zero=ZERO, full_scale_counts=32767)
    found = result.calibration
    np.testing.assert_allclose(found.gain, GAIN, rtol=3e-5)
    np.testing.assert_allclose(found.offset, OFFSET, atol=0.05)
    phase = np.array(found.lead) - 2 * np.pi * 50 * np.array(found.delay)
    true = -2 * np.pi * 50 * DELAY
    true[3:] += 2e-3
    np.testing.assert_allclose(phase, true, atol=3e-5)
    curve = found.curves[3]
    assert curve.current == pytest.approx((0.25, 5.0))
    assert curve.lead[0] - curve.lead[1] == pytest.approx(1.5e-3, abs=5e-5)
    assert curve.ratio_error == pytest.approx((-5e-4, 0.0), abs=1e-4)
    assert not result.notes


def test_the_uncertainty_is_scatter_and_source_in_squares():
    sure = [replace(p, uncertainty=ReferenceUncertainty(2e-4, 3e-4, 1e-4)) for p in POINTS]
    found = calibrate_by_reference(sure, sample_rate=RATE, zero=ZERO).uncertainty
    np.testing.assert_allclose(found.gain, [2e-4] * 3 + [3e-4] * 4, rtol=0.05)
    np.testing.assert_allclose(found.phase, 1e-4, rtol=0.05)
    assert 0.0 < max(found.offset) < 0.05


def test_a_known_skew_is_a_delay_and_the_rest_a_lead():
    skew = (0.0,) * 3 + (1e-6,) * 4
    found = calibrate_by_reference(POINTS, sample_rate=RATE, zero=ZERO, skew=skew).calibration
    assert found.delay[3] == pytest.approx(-1e-6)
    assert found.lead[3] == pytest.approx(2e-3 - 2 * np.pi * 50 * 1e-6, abs=3e-5)


def test_a_source_of_60_hz_tells_the_lead_at_50_hz():
    points = [
        ReferencePoint(taken(i, lag, frequency=60.0), 230.0, i, lag, 60.0)
        for i, lag in ((5.0, 0.0), (0.25, HALF))
    ]
    skew = (0.0, -2e-6, 1e-6, 0.0, -3e-6, 0.0, 0.0)
    found = calibrate_by_reference(points, sample_rate=RATE, skew=skew).calibration
    np.testing.assert_allclose(found.lead[3:], 2e-3, atol=5e-5)
    assert found.curves[3].lead[0] == pytest.approx(3.5e-3, abs=8e-5)


def test_a_source_of_60_hz_sets_sizes_right_at_60_hz_behind_a_transformer_that_leads_much():
    more = {5.0: 0.08, 0.25: 0.1}
    points = [
        ReferencePoint(
            taken(i, lag - more[i], seconds=8.0, frequency=60.0), 230.0, i, lag, frequency=60.0
        )
        for i, lag in ((5.0, 0.0), (0.25, HALF))
    ]
    found = calibrate_by_reference(points, sample_rate=RATE, zero=ZERO).calibration
    for p in points:
        settled = Calibrator(found, RATE).values(p.counts[None])[0, -8000:, 3:]
        rms = np.sqrt(np.mean(np.square(settled.astype(float)), axis=0))
        np.testing.assert_allclose(rms, p.current, rtol=1e-4)


def test_what_was_not_measured_is_said():
    result = calibrate_by_reference(POINTS[:1], sample_rate=RATE)
    assert result.calibration.curves == (None,) * 7
    assert any("offsets are means under load" in note for note in result.notes)
    assert sum("low currents is not known" in note for note in result.notes) == 4
    quiet = [ReferencePoint(p.counts, 230.0, (5.0, 5.0, 5.0, 0.0)) for p in POINTS[:1]]
    with pytest.raises(InputError, match="no point drives I4"):
        calibrate_by_reference(quiet, sample_rate=RATE)
    nominal = Calibration(gain=tuple(GAIN))
    known = calibrate_by_reference(quiet, sample_rate=RATE, nominal=nominal)
    assert known.calibration.gain[6] == GAIN[6]
    assert math.isnan(known.uncertainty.gain[6])
    assert any("I4: no point drives it" in note for note in known.notes)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "no points"),
        ([point(5.0, 0.0, drive=(1, 0, 1, 1))], "point 1: 5 A are stated at I2"),
        ([POINTS[0], point(5.0, 0.0, order=(1, 0, 2))], "point 2: I1 lies 120° behind"),
        ([point(5.0, 0.0, sign=-1.0)], "I1 lies (-)?180°.*reversed"),
        ([point(5.0, 0.0, seconds=0.3)], "point 1: 0.30 s of counts"),
        ([ReferencePoint(POINTS[0].counts, 0.0, 5.0)], "states 0.0 V"),
        ([ReferencePoint(POINTS[0].counts, 230.0, (5.0, 5.0))], "a number, or 4 of them"),
        ([ReferencePoint(POINTS[0].counts, 230.0, math.nan)], "states current nan"),
        ([ReferencePoint(POINTS[0].counts, 230.0, 5.0, frequency=60.0)], "Hz were stated"),
        ([POINTS[0], ReferencePoint(POINTS[1].counts, 230.0, 5.05, HALF)], "differ by 0.9"),
        ([ReferencePoint(POINTS[0].counts[:, :3], 230.0, 5.0)], "U1 U2 U3 I1"),
    ],
)
def test_a_point_that_cannot_be_used_is_named_with_its_cure(points, words):
    with pytest.raises(InputError, match=words):
        calibrate_by_reference(points, sample_rate=RATE)


def test_a_saturated_point_and_a_wrong_range_are_named():
    with pytest.raises(InputError, match="point 1: U1 reaches the end"):
        calibrate_by_reference(POINTS, sample_rate=RATE, full_scale_counts=20000)
    nominal = Calibration(gain=tuple(GAIN * 0.5))
    with pytest.raises(InputError, match="U1 shows 50 % of what is stated"):
        calibrate_by_reference(POINTS, sample_rate=RATE, nominal=nominal)
    with pytest.raises(InputError, match="zero of shape"):
        calibrate_by_reference(POINTS, sample_rate=RATE, zero=np.zeros((3, 7)))


def test_a_source_that_has_not_settled_is_refused():
    counts = POINTS[0].counts.copy()
    counts[: len(counts) // 2, 3] *= 0.9
    with pytest.raises(InputError, match="I1 is not steady"):
        calibrate_by_reference([ReferencePoint(counts, 230.0, 5.0)], sample_rate=RATE)


def test_the_scatter_covers_the_error_as_often_as_it_says():
    t = np.arange(8000)[:, None] / RATE
    places = -2 * np.pi / 3 * np.array([0, 1, 2, 0, 1, 2, 0])
    size = 2**0.5 * np.array([230.0 / 0.015] * 3 + [1.0 / 5e-4] * 4)
    clean = size * np.sin(2 * np.pi * 50 * t + places)
    exact = ReferenceUncertainty(0.0, 0.0, 0.0)
    off = []
    for seed in range(40):
        noise = 20.0 * np.random.default_rng(seed).standard_normal(clean.shape)
        one = ReferencePoint(clean + noise, 230.0, 1.0, uncertainty=exact)
        found = calibrate_by_reference([one], sample_rate=RATE)
        made, sure = found.calibration, found.uncertainty
        phase = np.array(made.lead) - 2 * np.pi * 50 * np.array(made.delay)
        off += list((np.array(made.gain[3:]) / 5e-4 - 1) / np.array(sure.gain[3:]))
        off += list(phase[3:] / np.array(sure.phase[3:]))
    assert np.std(off) == pytest.approx(1.0, abs=0.2)
