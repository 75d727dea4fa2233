import math

import numpy as np
import pytest

from addad.metrology.kernels import kernel
from addad.metrology.quads import below_or, numbers_at, quad_at, quad_of
from addad.metrology.vectors import write


@kernel
def read(x, n, count, out):
    write(numbers_at(x, n, count), out, 0)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_first_numbers_of_a_row_are_read_and_none_behind_the_last(kind, count):
    """The last row too: what lies behind an array is not there to be read."""
    x = np.arange(1, 3 * count + 1, dtype=kind).reshape(3, count)
    out = np.empty((1, 4))
    for n in range(3):
        read(x, n, count, out)
        np.testing.assert_array_equal(out[0, :count], x[n])
        assert not out[0, count:].any()


@kernel
def mended(x, out):
    write(below_or(quad_at(x, 0), quad_of(100.0), quad_of(7.0)), out, 0)


def test_what_is_not_finite_or_too_large_is_mended():
    out = np.empty((1, 4))
    mended(np.array([[-1.0, math.nan, -math.inf, 100.0]]), out)
    np.testing.assert_array_equal(out, [[-1.0, 7.0, 7.0, 7.0]])
