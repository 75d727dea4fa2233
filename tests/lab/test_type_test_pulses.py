"""Counting pulses: the error is that of the energy, and the uncertainty covers it."""

import numpy as np
import pytest

from addad.lab.type_test_pulses import PulseRecord, count_pulses, coverage_factor
from addad.metrology import EnergySettings, Instrument, InstrumentSettings
from addad.metrology.accuracy_classes import Energy

RATE = 4000.0


def record(
    watts: float, *, noise: float = 0.0, seed: int = 1, seconds: float = 10.0
) -> PulseRecord:
    """A meter of one phase that sees so many watts."""
    instrument = Instrument(
        InstrumentSettings(RATE, voltages=1, currents=1, energy=EnergySettings(0.0, 0.0))
    )
    wave = np.sqrt(2.0) * np.sin(2.0 * np.pi * 50.0 * np.arange(int(seconds * RATE)) / RATE)
    chance = np.random.default_rng(seed).standard_normal(len(wave)) * noise
    found = PulseRecord(100_000, Energy.ACTIVE, export=False)
    samples = np.stack([230.0 * wave, watts / 230.0 * (wave + chance)], axis=-1)[None]
    for window in instrument.process(samples):
        found.add(window)
    return found


def test_a_steady_load_has_no_error() -> None:
    count = count_pulses(record(1000.0), 1000.0, after_s=0.5)
    assert count is not None
    assert abs(count.error) < 1e-4
    assert count.uncertainty < 1e-3
    assert count.pulses == pytest.approx(1000.0 / 36.0 * 9.3, abs=7.0)


def test_a_meter_that_runs_fast_is_found_fast() -> None:
    count = count_pulses(record(1005.0), 1000.0, after_s=0.5)
    assert count is not None
    assert count.error == pytest.approx(0.5, abs=1e-3)


def test_noise_is_covered_by_the_uncertainty() -> None:
    covered = 0
    for seed in range(40):
        count = count_pulses(
            record(1000.0, noise=0.05, seed=seed, seconds=4.0), 1000.0, after_s=0.2
        )
        assert count is not None
        covered += abs(count.error) <= count.uncertainty
    assert covered >= 34


def test_without_two_pulses_there_is_no_error() -> None:
    assert count_pulses(record(1.0, seconds=2.0), 1.0, after_s=0.0) is None


@pytest.mark.parametrize(
    ("freedom", "factor"), [(1, 12.706), (3, 3.182), (5, 2.571), (20, 2.086), (1e9, 1.96)]
)
def test_students_factor(freedom: float, factor: float) -> None:
    assert coverage_factor(freedom) == pytest.approx(factor, rel=4e-3)


@pytest.mark.parametrize("export", [False, True])
@pytest.mark.parametrize("turn", [0.5, 2.5])
def test_reactive_pulses_are_of_both_quadrants_of_their_direction(
    export: bool, turn: float
) -> None:
    instrument = Instrument(
        InstrumentSettings(RATE, voltages=1, currents=1, energy=EnergySettings(0.0, 0.0))
    )
    lag = -turn if export else turn
    angle = 2.0 * np.pi * 50.0 * np.arange(int(4.0 * RATE)) / RATE
    wave = np.sqrt(2.0) * np.stack([230.0 * np.sin(angle), 10.0 * np.sin(angle - lag)], axis=-1)
    found = PulseRecord(100_000, Energy.REACTIVE, export=export)
    for window in instrument.process(wave[None]):
        found.add(window)
    count = count_pulses(found, 2300.0 * np.sin(lag), after_s=0.5)
    assert count is not None
    assert abs(count.error) < 1e-3
