import numpy as np
import pytest

from addad.metrology.cycles import CYCLES_MAX, LANES, cubic_step, cycle_phasors, track


def rows(frequency, sample_rate, n, noise=0.0, harmonic=0.0):
    rng = np.random.default_rng(2)
    angle = 2 * np.pi * frequency * np.arange(n) / sample_rate
    x = np.zeros((n, LANES), np.float32)
    for k in range(3):
        turned = angle - 2 * np.pi * k / 3
        x[:, k] = 325 * np.sin(turned) + harmonic * np.sin(5 * turned + 1)
        x[:, k] += noise * rng.standard_normal(n)
    return x


def frequency_of(x, sample_rate, guess=50.0, cycles=10, span=0.0):
    turn = np.zeros((2, int(sample_rate / 40) + 16), np.float32)
    phasors = np.zeros((CYCLES_MAX, LANES), np.complex128)
    need, f, coherence = track(
        x, len(x), 5, 0.3, cycles, span, sample_rate, (40.0, guess, 60.0), (0, 3), turn, phasors
    )
    return need, f, coherence


@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_the_step_and_its_mirror_add_up_to_one(fraction):
    rising, falling = np.empty(4), np.empty(4)
    cubic_step(fraction, rising)
    cubic_step(1.0 - fraction, falling)
    np.testing.assert_allclose(rising + falling[::-1], 1.0)


def test_a_phasor_is_half_the_amplitude_times_the_period():
    x = rows(50.0, 8000.0, 400)
    phasors = np.zeros((1, LANES), np.complex128)
    turn = np.zeros((2, 200), np.float32)
    cycle_phasors(x, 10, 0.4, 160.0, 160.0, 1, turn, phasors)
    np.testing.assert_allclose(np.abs(phasors[0, :3]), 325 / 2 * 160, rtol=1e-6)


@pytest.mark.parametrize("frequency", [43.0, 47.5, 50.01, 57.0])
@pytest.mark.parametrize("guess", [45.0, 50.0, 55.0])
def test_the_frequency_is_found_from_any_guess(frequency, guess):
    _, f, coherence = frequency_of(rows(frequency, 8000.0, 2200, harmonic=30.0), 8000.0, guess)
    assert f == pytest.approx(frequency, abs=1e-5)
    assert coherence > 0.999


def test_what_is_missing_is_told_before_anything_is_concluded():
    need, _, _ = frequency_of(rows(50.0, 8000.0, 1200), 8000.0)
    assert need == 5 + 1600 + 3


def test_noise_is_not_coherent():
    x = rows(50.0, 8000.0, 2200, noise=100.0) - rows(50.0, 8000.0, 2200)
    _, _, coherence = frequency_of(x, 8000.0)
    assert coherence < 0.6


def test_a_short_span_is_measured_over_cycles_that_overlap():
    x = rows(50.3, 8000.0, 420)
    _, f, _ = frequency_of(x, 8000.0, span=400.0)
    assert f == pytest.approx(50.3, abs=1e-4)


@pytest.mark.parametrize(
    ("hertz", "sequence", "at_most"),
    [(55, 1, 0.07), (60, 1, 0.035), (40, 1, 0.035), (75, 1, 0.014), (117, 1, 2e-3), (60, 0, 1e-4)],
)
def test_an_interharmonic_moves_the_frequency_no_further_than_is_written(hertz, sequence, at_most):
    """10 V in 230 V; in positive sequence, or alike in all three voltages."""
    x = rows(50.0, 8000.0, 16_000)
    wave = 2 * np.pi * hertz * np.arange(len(x)) / 8000.0
    for k in range(3):
        x[:, k] += 325 * 10 / 230 * np.sin(wave - sequence * 2 * np.pi * k / 3)
    found = [frequency_of(x[begin:], 8000.0)[1] for begin in range(0, 8000, 83)]
    assert np.abs(np.array(found) - 50.0).max() < at_most
