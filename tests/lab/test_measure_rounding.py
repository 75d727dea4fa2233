"""An uncertainty has two digits, and its value as many places."""

import math

import pytest

from addad.lab.measure_rounding import pair, places, rounded, with_uncertainty


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (230.123456, 0.01234, "230.123 ± 0.012"),
        (230.123456, 0.0996, "230.12 ± 0.10"),
        (230.123456, 9.96, "230 ± 10"),
        (12345.0, 123.0, "12340 ± 120"),
        (12345.0, 4567.0, "12300 ± 4600"),
        (-0.0004, 0.012, "0.000 ± 0.012"),
        (50.0, 1e-14, "50.000000000 ± 0.000000001"),
        (0.02, 1.3, "0.0 ± 1.3"),
    ],
)
def test_both_end_at_the_same_place(value: float, uncertainty: float, text: str) -> None:
    assert with_uncertainty(value, uncertainty) == text


@pytest.mark.parametrize("uncertainty", [0.0, math.nan, math.inf, -1.0])
def test_without_an_uncertainty_there_is_no_pair(uncertainty: float) -> None:
    assert places(uncertainty) is None
    assert pair(1.0, uncertainty) is None
    assert pair(math.nan, 0.1) is None


def test_a_unit_prefix_goes_before_rounding() -> None:
    assert with_uncertainty(58_947.9, 120.0, 1e3) == "58.95 ± 0.12"
    assert rounded(math.nan, 2) == "—"


def test_an_uncertainty_finer_than_there_is_room_for_is_one_of_the_last_place() -> None:
    assert pair(-120.00000, 0.00043, 2) == ("-120.00", "0.01")
    assert pair(230.1234, 0.0123, 2) == ("230.12", "0.01")
    assert with_uncertainty(0.0011, 0.00007, most=3) == "0.001 ± 0.001"
