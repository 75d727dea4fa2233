"""Sums of squares with correlated gains, and values to which noise adds."""

import numpy as np
import pytest

from addad.metrology.uncertainty_inputs import Uncertainty
from addad.metrology.uncertainty_terms import padded, raised, together

NOTHING = np.zeros(2)


def test_gains_of_one_reference_add_up_with_their_signs_and_others_in_squares():
    gains = np.array([[3.0, -4.0]])
    method = np.zeros(1)
    apart = together(gains, np.zeros((1, 2)), np.zeros((1, 2)), 0.0, method)
    at_once = together(gains, np.zeros((1, 2)), np.zeros((1, 2)), 1.0, method)
    between = together(gains, np.zeros((1, 2)), np.zeros((1, 2)), 0.5, method)
    assert apart.systematic == pytest.approx(5.0)
    assert at_once.systematic == pytest.approx(1.0)
    assert between.systematic == pytest.approx(np.sqrt((25.0 + 1.0) / 2.0))


def test_errors_of_the_method_are_systematic_and_variances_of_noise_are_not():
    found = together(NOTHING, np.array([3.0, 0.0]), np.array([9.0, 16.0]), 1.0, np.array(4.0))
    assert found.systematic == pytest.approx(5.0)
    assert found.random == pytest.approx(5.0)


def test_what_noise_adds_counts_only_where_it_is_more_than_the_spread():
    found = Uncertainty(np.full(2, 3.0), np.full(2, 4.0))
    added = np.array([1.0, 20.0])
    after = raised(found, added, np.zeros(2))
    assert after.random == pytest.approx(4.0)
    assert after.standard[0] == pytest.approx(5.0)
    assert after.expanded[1] == pytest.approx(added[1] + 1.645 * 5.0)
    doubted = raised(found, added, np.full(2, 12.0))
    assert doubted.expanded[1] == pytest.approx(added[1] + 1.645 * 13.0)


def test_channels_that_are_missing_are_no_numbers_and_those_too_many_are_left_out():
    wide = padded((1.0, 2.0), 3)
    assert wide[:2].tolist() == [1.0, 2.0]
    assert np.isnan(wide[2])
    assert padded(np.array([[1.0, 2.0, 3.0, 4.0]]), 3).tolist() == [[1.0, 2.0, 3.0]]
