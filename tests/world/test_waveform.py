"""The shape that recordings and sites share refuses what cannot be a record."""

from datetime import UTC, datetime

import numpy as np
import pytest

from addad.world.waveform import Channel, Waveform, carrier, synthesize

VOLTAGE = Channel("UL1", "voltage", "L1", "V")


def test_duration_is_samples_over_rate() -> None:
    record = Waveform(10_000.0, (VOLTAGE,), np.zeros((2_500, 1)), datetime(2025, 6, 1, tzinfo=UTC))
    assert record.duration_s == 0.25


@pytest.mark.parametrize("shape", [(10,), (10, 2), (2, 10, 1)])
def test_samples_must_fit_the_channels(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Waveform(10_000.0, (VOLTAGE,), np.zeros(shape))


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="not positive"):
        Waveform(rate, (VOLTAGE,), np.zeros((10, 1)))


def test_start_must_be_aware() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Waveform(10_000.0, (VOLTAGE,), np.zeros((10, 1)), datetime(2025, 6, 1))


def test_synthesis_is_the_sum_that_it_says() -> None:
    orders = (1, 3, 7)
    phasors = np.array([[[230.0 + 0.0j, 5.0j, 0.0], [1.0 - 2.0j, 0.0, 0.25]]] * 2)
    advance = np.array([0.3, 0.35, 0.45])
    samples = synthesize(phasors, orders, carrier(advance, 160))
    assert samples.shape == (320, 2)
    position = np.arange(320) / 160
    theta = 2.0 * np.pi * position + np.interp(position, [0, 1, 2], advance)
    for channel in range(2):
        terms = phasors[0, channel] * np.exp(1j * theta[:, None] * np.array(orders))
        expected = np.sqrt(2.0) * terms.real.sum(axis=1)
        np.testing.assert_allclose(samples[:, channel], expected, atol=1e-9)


def test_the_carrier_has_no_jump_between_frames() -> None:
    wave = carrier(np.array([0.0, 0.01, -0.02, 0.0]), 200).ravel()
    steps = np.angle(wave[1:] / wave[:-1])
    assert np.ptp(steps) < 0.06 / 200
