"""Urms(1/2): exact on a steady voltage at any frequency, and not led astray by what happens."""

import numpy as np
import pytest

from addad.metrology.power_quality.half_cycle import HalfCycleRms, joined

RATE = 10_000.0


def voltages(frequency, seconds, level=lambda t, k: 1.0, rate=RATE, turn=-1):
    """Three phases of 230 V with a little fifth and seventh harmonic; `level` by time and phase."""
    t = np.arange(round(rate * seconds)) / rate
    columns = []
    for k in range(3):
        angle = 2 * np.pi * (frequency * t + turn * k / 3) + 0.7
        wave = np.sin(angle) + 0.05 * np.sin(5 * angle + 1) + 0.03 * np.sin(7 * angle)
        columns.append(230.0 * np.sqrt(2 / (1 + 0.05**2 + 0.03**2)) * level(t, k) * wave)
    return np.stack(columns, axis=-1)


def meter(rate=RATE, nominal=50.0, count=3):
    return HalfCycleRms(rate, nominal, count, 20.0)


@pytest.mark.parametrize(
    ("frequency", "nominal"), [(42.6, 50), (47.5, 50), (50.01, 50), (57.4, 50), (60, 60), (66, 60)]
)
@pytest.mark.parametrize("turn", [-1, 1])
def test_a_steady_voltage_is_read_right_twice_a_cycle(frequency, nominal, turn):
    found = meter(nominal=nominal).process(voltages(frequency, 2.5, turn=turn))
    late = found.begin > 1.0 * RATE
    assert np.max(np.abs(found.rms[late] / 230.0 - 1.0)) < 2e-5
    np.testing.assert_allclose(np.diff(found.end[late]), RATE / frequency / 2, rtol=1e-4)
    assert len(found.end) == pytest.approx(2 * 2.5 * frequency, abs=6)


def test_cycles_begin_at_zero_crossings():
    found = meter().process(voltages(50.0, 3.0))
    angle = 2 * np.pi * 50.0 * found.begin[-10:] / RATE + 0.7
    assert np.max(np.abs(np.sin(angle))) < 0.02


@pytest.mark.parametrize("rate", [800.0, 1_200.0, 4_800.0, 30_720.0])
def test_any_sampling_rate_will_do(rate):
    found = meter(rate).process(voltages(49.9, 2.5, rate=rate))
    late = found.begin > 1.0 * rate
    assert np.max(np.abs(found.rms[late] / 230.0 - 1.0)) < (2e-3 if rate < 2_000 else 1e-4)


def test_the_cut_of_the_stream_changes_nothing():
    samples = voltages(50.3, 3.0, lambda t, k: np.where((t > 1) & (t < 1.2), 0.6, 1.0))
    whole = meter().process(samples)
    one, parts, place = meter(), [], 0
    rng = np.random.default_rng(4)
    while place < len(samples):
        step = int(rng.integers(1, 777))
        parts.append(one.process(samples[place : place + step]))
        place += step
    cut = joined(parts)
    assert np.array_equal(whole.rms, cut.rms)
    assert np.array_equal(whole.begin, cut.begin)
    assert np.array_equal(whole.end, cut.end)


def test_edges_run_on_through_an_interruption_and_find_back():
    found = meter().process(
        voltages(50.2, 4.0, lambda t, k: np.where((t > 1) & (t < 2.5), 0.0, 1.0))
    )
    dead = (found.begin > 1.01 * RATE) & (found.end < 2.49 * RATE)
    assert np.max(found.rms[dead]) < 1e-6
    assert dead.sum() == pytest.approx(2 * 50.2 * 1.48, abs=4)
    late = found.begin > 3.5 * RATE
    assert np.max(np.abs(found.rms[late] / 230.0 - 1.0)) < 2e-5


def test_a_jump_of_the_phase_does_not_bend_the_frequency():
    t = np.arange(round(RATE * 4)) / RATE
    jump = np.where(t > 2.0, np.radians(60.0), 0.0)
    wave = 325.27 * np.sin(2 * np.pi * 50.0 * t + jump)
    found = meter(count=1).process(wave[:, None])
    after = found.begin > 2.02 * RATE
    assert np.max(np.abs(found.rms[after, 0] / 230.0 - 1.0)) < 5e-3
    late = found.begin > 3.8 * RATE
    assert np.max(np.abs(found.rms[late, 0] / 230.0 - 1.0)) < 1e-3
    assert np.isnan(found.rms[:, 1:]).all()


def test_what_is_missing_or_no_number_does_not_stop_it():
    samples = voltages(50.0, 2.0)
    samples[5_000:5_010] = np.nan
    one = meter()
    first = one.process(samples)
    one.gap(1_000)
    second = one.process(voltages(50.0, 1.0))
    touched = (first.begin < 5_010 + 1) & (first.end > 5_000 - 3)
    assert touched.sum() >= 2
    assert np.isnan(first.rms[touched]).all()
    assert np.max(np.abs(first.rms[~touched] / 230.0 - 1.0)) < 3e-3
    assert second.begin[0] >= 2.0 * RATE + 1_000
    assert np.max(np.abs(second.rms[60:] / 230.0 - 1.0)) < 1e-4
