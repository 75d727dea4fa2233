"""The shape that recordings and sites share refuses what cannot be a record."""

from datetime import UTC, datetime

import numpy as np
import pytest

from addad.world.waveform import Channel, Waveform

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
