"""Rapid voltage changes: a step that is no dip, told once the voltage is steady again."""

import numpy as np
import pytest

from addad.metrology.power_quality.events import EventKind
from addad.metrology.power_quality.half_cycle import HalfCycleRms
from addad.metrology.power_quality.rapid_change import RapidChanges
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.settings import InstrumentSettings

RATE = 4_000.0
SETTINGS = PowerQualitySettings(InstrumentSettings(RATE))


def found(level, seconds=6.0, block=None):
    t = np.arange(round(RATE * seconds)) / RATE
    samples = np.stack(
        [
            230 * np.sqrt(2) * level(t, k) * np.sin(2 * np.pi * (50 * t - k / 3) + 0.4)
            for k in range(3)
        ],
        axis=-1,
    )
    cycles, changes = HalfCycleRms(RATE, 50.0, 3, 20.0), RapidChanges(SETTINGS)
    told = []
    size = block or len(samples)
    for n in range(0, len(samples), size):
        told += [change for _, change in changes.take(cycles.process(samples[n : n + size]))]
    return told


def test_a_step_of_six_percent_is_one():
    (change,) = found(lambda t, k: np.where(t > 3.0, 0.94, 1.0))
    assert change.kind is EventKind.RAPID_CHANGE
    assert change.start_s == pytest.approx(3.0, abs=0.02)
    assert change.voltage == pytest.approx(13.8, rel=0.02)
    assert change.step == pytest.approx(13.8, rel=0.01)
    assert change.phases == (1, 2, 3)
    assert change.duration_s == pytest.approx(0.0, abs=0.05)


def test_it_lasts_until_the_voltage_is_steady_again():
    def level(t, k):
        return np.where(t < 2, 1.0, np.where(t < 2.5, 0.92, 0.96 if k == 1 else 1.0))

    (change,) = found(level)
    assert change.duration_s == pytest.approx(0.5, abs=0.05)
    assert change.voltage == pytest.approx(0.08 * 230, rel=0.02)
    assert change.step == pytest.approx(0.04 * 230, rel=0.01)


def test_what_the_voltage_does_in_the_steady_second_behind_it_is_no_part_of_it():
    def level(t, k):
        return np.where(t < 3.0, 1.0, 0.93 - 0.015 * np.clip(t - 3.0, 0.0, 1.0))

    (change,) = found(level)
    assert change.duration_s == pytest.approx(0.0, abs=0.05)
    assert change.step == pytest.approx(0.0775 * 230, rel=0.01)
    assert change.voltage == pytest.approx(0.0775 * 230, rel=0.01)


@pytest.mark.parametrize(
    "level",
    [
        lambda t, k: 1.0 + 0 * t,
        lambda t, k: np.where(t > 3.0, 0.96, 1.0),
        lambda t, k: 1.0 - 0.09 * t / 6.0,
        lambda t, k: 1.0 + 0.02 * np.sin(2 * np.pi * 3 * t),
    ],
    ids=["steady", "small step", "slow fall", "flicker"],
)
def test_what_is_none(level):
    assert found(level) == []


def test_a_dip_in_between_makes_it_a_dip():
    assert found(lambda t, k: np.where(t < 3.0, 1.0, np.where(t < 3.1, 0.8, 0.94))) == []


@pytest.mark.parametrize("share", [0.87, 1.12])
def test_the_end_of_a_long_dip_or_swell_is_that_alone(share):
    assert found(lambda t, k: np.where((t > 1.5) & (t < 4.0) & (k == 1), share, 1.0)) == []


def test_the_cut_of_the_stream_changes_nothing():
    def level(t, k):
        return np.where(t > 3.0, 0.93, 1.0)

    assert found(level, block=77) == found(level)


def test_a_voltage_that_becomes_unknown_is_no_change():
    def level(t, k):
        walk = np.where(t > 3.0, 0.94 - 0.06 * np.sin(7.0 * t), 1.0)
        return np.where((t > 3.5) & (t < 5.2) & (k == 1), np.nan, np.where(t > 5.2, 1.0, walk))

    assert found(level, 9.0) == []
