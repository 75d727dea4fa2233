"""The laboratory's source: its powers are those of its samples, whatever the waveform."""

import math

import numpy as np
import pytest

from addad.world.reference_source import (
    Lines,
    ReferenceSource,
    burst,
    half_wave,
    phase_fired,
    sine,
    with_fifth,
)

RATE = 1e6
WAVES = {
    "sine": sine(5.0, -1.0),
    "fifth": with_fifth(5.0, 0.4, 0.3),
    "half wave": half_wave(5.0, 0.2, 200),
    "phase-fired": phase_fired(5.0, 0.0, 200),
    "burst": burst(5.0, 0.1, 200),
}


def source(current: Lines, frequency: float = 50.0) -> ReferenceSource:
    voltage = with_fifth(230.0, 0.1)
    return ReferenceSource(frequency, (voltage, {}, voltage), (current, current, {}))


@pytest.mark.parametrize("name", WAVES)
def test_the_power_is_that_of_the_samples(name: str) -> None:
    made = source(WAVES[name])
    samples = made.samples(0, 80_000, RATE)
    power = np.mean(samples[:, 0] * samples[:, 3])
    assert made.active_power == pytest.approx([power, 0.0, 0.0], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("half wave", lambda t: 10.0 * np.clip(np.sin(t + 0.2), 0.0, None)),
        ("burst", lambda t: 10.0 * np.sin(t + 0.1) * ((t + 0.1) % (8 * np.pi) < 4 * np.pi)),
        ("phase-fired", lambda t: 10.0 * np.sin(t) * (np.sin(2.0 * t) < 0.0)),
    ],
)
def test_the_series_is_the_wave_that_it_is_named_after(name: str, shape: object) -> None:
    assert callable(shape)
    samples = source(WAVES[name]).samples(0, 80_000, RATE)[:, 3]
    off = samples - shape(2.0 * np.pi * 50.0 * np.arange(80_000) / RATE)
    # What is left are the orders above 200, most of them at the jumps of the phase-fired wave.
    assert np.sqrt(np.mean(off**2)) < (0.26 if name == "phase-fired" else 0.002)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(5.0, rel=2e-3)


def test_reactive_power_is_that_of_the_fundamental_and_inductive_positive() -> None:
    made = source(sine(5.0, -math.pi / 6.0))
    assert made.reactive_power == pytest.approx([575.0, 0.0, 0.0])


def test_the_neutral_is_the_sum_and_missing_voltages_are_zero() -> None:
    samples = source(WAVES["fifth"]).samples(0, 1000, 1e4)
    assert samples[:, 6] == pytest.approx(samples[:, 3:6].sum(axis=1))
    assert not samples[:, 1].any()


@pytest.mark.parametrize("frequency", [50.0, 51.0, 49.37])
def test_blocks_join_without_a_seam(frequency: float) -> None:
    made = source(WAVES["burst"], frequency)
    whole = made.samples(0, 3000, 1e4)
    parts = [made.samples(first, 1000, 1e4) for first in (0, 1000, 2000)]
    assert np.concatenate(parts) == pytest.approx(whole, abs=1e-7)


def test_waves_repeat_after_their_pattern() -> None:
    assert source(WAVES["sine"]).pattern_s == pytest.approx(0.02)
    assert source(WAVES["burst"]).pattern_s == pytest.approx(0.08)
