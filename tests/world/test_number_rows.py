"""Rows of delimited numbers."""

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.number_rows import parse_rows


def test_clean_rows_are_an_array() -> None:
    rows = parse_rows(["1,2,3", "4,5,6"], ",", [2, 0], 1, "f.csv:")
    assert rows.tolist() == [[3.0, 1.0], [6.0, 4.0]]


def test_gaps_are_nan_and_the_rest_stays() -> None:
    rows = parse_rows(["1,,3", "4,nan,6", "7,inf,9"], ",", [0, 1], 1, "f.csv:")
    assert rows[:, 0].tolist() == [1.0, 4.0, 7.0]
    assert np.isnan(rows[:, 1]).all()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["1,2", "3,x2"], "line 12: 'x2' in column 2 is no number"),
        (["1,2", "3"], "line 12 has 1 fields"),
    ],
)
def test_what_is_no_number_names_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_rows(lines, ",", [1], 11, "f.csv:")
