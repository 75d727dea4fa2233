"""What windows say together about a meter's wiring."""

import dataclasses

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import Instrument, InstrumentSettings, WindowFlag
from addad.metrology.wiring_evidence import Gathering, Site, Steps


def windows_of(supply, **what):
    samples = supply(4000.0, 0.6, neutral=True, **what)
    return Instrument(InstrumentSettings(sample_rate=4000.0)).process(samples)


def test_powers_and_angles_are_the_mean_ones_whatever_window_they_come_from(supply):
    gathering = Gathering(1)
    assert gathering.evidence(0) is None
    for window in windows_of(supply, frequency=49.7, i=10.0, lag=0.5):
        gathering.add(window)
    found = gathering.evidence(0)
    assert found.windows == 2
    assert found.power(1) == pytest.approx(2300.0 * np.exp(0.5j), rel=1e-4)
    assert found.angle(0, 3) == pytest.approx(np.degrees(0.5), abs=1e-3)
    assert found.angle(0, 1) == pytest.approx(120.0, abs=1e-3)
    assert found.rms[:6] == pytest.approx([230.0] * 3 + [10.0] * 3, rel=1e-5)
    assert found.live() == found.carrying(0.02) == [0, 1, 2]
    assert found.imports == pytest.approx(1.0)
    assert not found.both_ways(0)
    assert np.isnan(found.follows).all(), "a voltage without harmonics cannot be followed"


def test_a_window_with_missing_samples_says_nothing(supply):
    gathering = Gathering(1)
    for window in windows_of(supply):
        spoilt = np.full_like(window.flags, int(WindowFlag.NOT_FINITE))
        gathering.add(dataclasses.replace(window, flags=spoilt))
    assert gathering.evidence(0) is None


def test_a_slope_is_of_switched_loads_and_not_of_a_voltage_that_moves():
    rng = np.random.default_rng(2)
    loads, heater = Steps(1), Steps(1)
    row = np.array([0])
    for k in range(40):
        power = 500.0 + 1500.0 * (k % 2)
        voltage = 230.0 - 0.001 * power + 0.1 * rng.normal()
        loads.add(row, np.full((1, 3), voltage), np.full((1, 3), power), np.full((1, 3), power))
        voltage = 230.0 + rng.normal()
        power = 2000.0 * (voltage / 230.0) ** 2
        heater.add(row, np.full((1, 3), voltage), np.full((1, 3), power), np.full((1, 3), power))
    assert (loads.response(0) < -20.0).all()
    assert np.isnan(heater.response(0)).all()


def test_a_site_is_checked():
    with pytest.raises(InputError, match="more than 0 A"):
        Site(least_current=0.0)
    with pytest.raises(InputError, match="give L1, L2, L3"):
        Site(generation=frozenset({"L4"}))
