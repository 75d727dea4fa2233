import math

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology.calibration_phasors import count_phasors

RATE = 8000.0


def waves(seconds=2.0, frequency=50.02, dc=30.0, noise=0.0):
    angle = 2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE + 1.1
    harmonics = 50.0 * np.sin(5 * angle + 0.4)
    x = np.stack([1000 * np.sin(angle) + harmonics, 200 * np.sin(angle - 1.0) + dc], axis=1)
    return x + noise * np.random.default_rng(1).standard_normal(x.shape)


def test_phasors_offsets_and_frequency_come_from_the_counts():
    found = count_phasors(waves(), RATE, 50.0, orders=(5,))
    assert found.frequency == pytest.approx(50.02, abs=1e-5)
    np.testing.assert_allclose(found.phasors * 2**0.5, [1000, 200 * np.exp(-1j)], atol=1e-3)
    np.testing.assert_allclose(found.offset, [0.0, 30.0], atol=1e-3)
    assert found.harmonics[0, 0] * 2**0.5 == pytest.approx(50 * np.exp(0.4j), abs=1e-3)


def test_the_spread_is_that_of_the_noise():
    found = count_phasors(waves(20.0, noise=10.0), RATE, 50.0)
    # sigma / sqrt(n), and half more power for the Hann window
    expected = 10.0 / (20.0 * RATE) ** 0.5 * 1.5**0.5
    np.testing.assert_allclose(found.spread[1], expected, rtol=0.4)
    assert abs(abs(found.phasors[1]) * 2**0.5 - 200) < 5 * expected


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (np.full((9000, 2), np.nan), "finite"),
        (waves(0.5), "takes 0.8 s or more"),
        (waves(2.0, 53.0), "53.00 Hz"),
    ],
)
def test_what_cannot_be_measured_is_refused(counts, words):
    with pytest.raises(InputError, match=words):
        count_phasors(counts, RATE, 50.0)


@pytest.mark.parametrize(
    ("rate", "frequency"),
    [(0.0, 50.0), (math.inf, 50.0), (math.nan, 50.0), (RATE, 0.0), (RATE, math.nan), (250.0, 50.0)],
)
def test_a_rate_and_a_frequency_that_cannot_be_are_refused(rate, frequency):
    with pytest.raises(InputError, match="give a frequency, and a rate of 6 times"):
        count_phasors(waves(), rate, frequency)
