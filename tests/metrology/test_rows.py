import numpy as np
import pytest

from addad.metrology.kernels import kernel
from addad.metrology.rows import (
    Row,
    add,
    currents_first,
    larger,
    next_phase,
    nothing,
    root,
    row_at,
    write,
)


@kernel
def calculated(x, out):
    a, b = row_at(x, 0), row_at(x, 1)
    write(a + b, out, 0)
    write(a - b, out, 1)
    write(a * b, out, 2)
    write(nothing() + a * np.float32(3.0), out, 3)
    write(root(a), out, 4)
    write(larger(a, b), out, 5)
    write(currents_first(a), out, 6)
    write(next_phase(a), out, 7)


def test_rows_are_calculated_with_lane_by_lane():
    x = np.array([np.arange(8), [4, -5, 1, -2, 9, 0, -7, 7]], np.float32)
    a, b = x
    out = np.empty((8, 8), np.float32)
    calculated(x, out)
    expected = [a + b, a - b, a * b, 3 * a, np.sqrt(a), np.maximum(a, abs(b)), np.roll(a, 4)]
    np.testing.assert_array_equal(out, [*expected, a[[1, 2, 0, 3, 5, 6, 4, 7]]])


@kernel
def added_and_written(x, out):
    add(row_at(x, 0), out, 0)
    write(row_at(x, 0), out, 1)


def test_a_row_goes_into_single_and_double_precision():
    x = np.arange(8, dtype=np.float32).reshape(1, 8)
    for out in (np.ones((2, 8), np.float32), np.ones((2, 8))):
        added_and_written(x, out)
        np.testing.assert_array_equal(out, [x[0] + 1, x[0]])


def test_a_row_is_nothing_outside_of_compiled_code():
    for calculate in (lambda: Row() + Row(), lambda: Row() - Row(), lambda: Row() * 2.0):
        with pytest.raises(TypeError, match="compiled"):
            calculate()
