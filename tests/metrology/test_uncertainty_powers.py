"""The parts of a power's uncertainty, of each phase and of all."""

import numpy as np
import pytest

from addad.metrology.uncertainty_powers import PowerParts


def parts(gain, other, variance, added, missing=()):
    """The same of each phase, of voltage and current alike."""
    arrays = [np.full((1, 3, 2), value, np.float64) for value in (gain, other, variance, added)]
    for phase in missing:
        for array in arrays:
            array[:, phase] = np.nan
    return PowerParts(*arrays)


def test_a_phase_has_both_its_channels_and_the_total_has_six():
    made = parts(1.0, 0.0, 2.0, 0.0)
    alone, whole = made.by_phase(0.0, np.zeros((1, 3))), made.in_total(0.0, np.zeros(1))
    assert alone.systematic == pytest.approx(np.sqrt(2.0))
    assert alone.random == pytest.approx(2.0)
    assert whole.systematic == pytest.approx(np.sqrt(6.0))
    assert whole.random == pytest.approx(np.sqrt(12.0))
    assert made.in_total(1.0, np.zeros(1)).systematic == pytest.approx(6.0)


def test_a_phase_without_channels_is_no_part_of_the_total_and_none_at_all_is_no_number():
    two = parts(1.0, 1.0, 1.0, 0.0, missing=[1])
    assert np.isnan(two.by_phase(0.0, np.zeros((1, 3))).systematic).tolist() == [
        [False, True, False]
    ]
    assert two.in_total(0.0, np.zeros(1)).systematic == pytest.approx(np.sqrt(8.0))
    none = parts(1.0, 1.0, 1.0, 0.0, missing=[0, 1, 2]).in_total(0.0, np.zeros(1))
    assert np.isnan(none.systematic)
    assert np.isnan(none.random)


def test_what_noise_adds_goes_one_way_in_all_phases():
    made = parts(0.0, 0.0, 1.0, 100.0)
    spread = np.sqrt(6.0)
    found = made.in_total(0.0, np.zeros(1))
    assert found.expanded == pytest.approx(600.0 + 1.645 * spread)
