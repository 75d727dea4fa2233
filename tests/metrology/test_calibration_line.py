"""What the line tells without a reference, what it cannot, and declarations that do not fit."""

import math

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology.calibration import Calibration
from addad.metrology.calibration_line import (
    DeclaredLoad,
    balance_by_neutral,
    calibrate_from_line,
)

RATE = 8000.0
NOMINAL = Calibration(gain=(0.015,) * 3 + (5e-4,) * 4)
TRUE = np.array([1.0, 1.003, 0.998, 1.0, 1.004, 0.997, 1.001])
LATE = np.array([0.0, 3e-6, -2e-6, 4e-6, 4e-6, 4e-6, 4e-6])
OFFSET = np.array([5.0, -7.0, 3.0, 11.0, 0.0, -2.0, 4.0])
LEAD = 2.4e-3


def taken(lag=0.0, parallel=False, series=False, harmonic=0.05, seconds=4.0):
    rng = np.random.default_rng(1)
    t = np.arange(round(seconds * RATE))[:, None] / RATE - LATE
    place = np.array([0, 0, 0] if parallel else [0, 1, 2])
    currents = np.array([0] * 4) if series else np.array([*place, 0])
    phase = -2 * np.pi / 3 * np.array([*place, *currents])
    size = np.array([230.0] * 3 + [8.0] * 4) * 2**0.5
    angle = 2 * np.pi * 50 * t + phase + 0.3
    lead = np.array([0.0] * 3 + [LEAD] * 4)
    behind = np.array([0.0] * 3 + [lag] * 4)
    x = size * np.sin(angle + lead - behind)
    x += size * harmonic * np.sin(5 * angle + lead / 5 - 5 * behind)
    counts = x / (np.array(NOMINAL.gain) * TRUE)
    return np.round(counts + OFFSET + 0.5 * rng.standard_normal(counts.shape))


def phase_of(calibration):
    delay, lead = np.array(calibration.delay), np.array(calibration.lead)
    return lead - 2 * np.pi * 50 * delay


def test_offsets_are_found_and_the_unknown_is_named():
    found = calibrate_from_line(taken(), sample_rate=RATE, nominal=NOMINAL)
    np.testing.assert_allclose(found.calibration.offset, OFFSET, atol=0.05)
    assert found.calibration.gain == NOMINAL.gain
    assert all(math.isnan(u) for u in found.uncertainty.gain)
    for words in ("size of a volt", "direct current", "without voltages in par", "without a decl"):
        assert any(words in text for text in found.unknown)


def test_inputs_on_one_wave_get_one_ratio_and_one_time():
    found = calibrate_from_line(
        taken(parallel=True, series=True),
        sample_rate=RATE,
        nominal=NOMINAL,
        voltages_in_parallel=True,
        currents_in_series=True,
    )
    gain = np.array(found.calibration.gain) / np.array(NOMINAL.gain)
    np.testing.assert_allclose(gain, TRUE, rtol=3e-5)
    np.testing.assert_allclose(found.calibration.delay[:3], LATE[:3], atol=3e-8)
    assert max(found.uncertainty.gain) < 1e-4


@pytest.mark.parametrize("harmonic", [0.05, 0.0])
def test_a_resistive_load_tells_the_phase_and_its_harmonics_the_delay(harmonic):
    counts = taken(harmonic=harmonic)
    found = calibrate_from_line(
        counts, sample_rate=RATE, nominal=NOMINAL, load=DeclaredLoad()
    ).calibration
    seen = phase_of(found)
    own = -2 * np.pi * 50 * LATE[[0, 1, 2, 0]]
    true = LEAD - 2 * np.pi * 50 * LATE[3:] - own
    np.testing.assert_allclose(seen[3:], true, atol=3e-5)
    if harmonic:
        assert found.lead[3] == pytest.approx(LEAD, rel=0.05)
        assert found.delay[3] == pytest.approx(4e-6, rel=0.1)


def test_an_inverter_at_noon_tells_the_phase_as_well_as_it_is_known():
    found = calibrate_from_line(
        taken(lag=math.pi, harmonic=0.0),
        sample_rate=RATE,
        nominal=NOMINAL,
        load=DeclaredLoad(math.pi, math.radians(1.0)),
    )
    assert phase_of(found.calibration)[3] == pytest.approx(LEAD - 2 * np.pi * 50 * 4e-6, abs=3e-5)
    assert found.uncertainty.phase[3] == pytest.approx(math.radians(1.0), rel=0.01)
    assert any("change with the current" in text for text in found.unknown)


@pytest.mark.parametrize(
    ("counts", "declared", "words"),
    [
        (taken(lag=0.5), {"load": DeclaredLoad()}, "I1 is 29° behind where the declared load"),
        (taken(), {"voltages_in_parallel": True}, "U2 is not the wave of U1"),
        (taken()[:, :6], {}, r"give \(n, 7\)"),
        (taken() * [1, 1, 1, 0, 1, 1, 1], {"currents_in_series": True}, "I1 shows nothing"),
        (taken(), {"full_scale_counts": 20000}, "the line: U1 reaches the end"),
    ],
)
def test_what_does_not_fit_is_named(counts, declared, words):
    with pytest.raises(InputError, match=words):
        calibrate_from_line(counts, sample_rate=RATE, nominal=NOMINAL, **declared)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_neutral_balances_the_phases(sign):
    rng = np.random.default_rng(4)
    true = rng.uniform(1, 20, (200, 3)) * np.exp(-1j * rng.uniform(-0.5, 0.5, (200, 3)))
    true = true * np.exp(-2j * np.pi / 3 * np.arange(3))
    wrong = np.array([1.004, 0.997 * np.exp(2e-3j), 1.0])
    noise = 1e-3 * (rng.standard_normal((200, 4)) + 1j * rng.standard_normal((200, 4)))
    seen = np.column_stack([true * wrong, sign * true.sum(axis=1)]) + noise
    factors, spread = balance_by_neutral(seen)
    np.testing.assert_allclose(factors * wrong, 1.0, atol=5e-5)
    assert (np.abs(factors * wrong - 1.0) < 6 * spread).all()


def test_loads_that_change_together_tell_nothing():
    size = np.linspace(1, 10, 50)[:, None]
    phases = size * np.exp(-2j * np.pi / 3 * np.arange(3)) * [1.0, 0.9, 0.8]
    with pytest.raises(InputError, match="changed only together"):
        balance_by_neutral(np.column_stack([phases, phases.sum(axis=1)]))
    with pytest.raises(InputError, match="20 or more"):
        balance_by_neutral(np.ones((3, 4), complex))
