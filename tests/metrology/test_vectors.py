import numpy as np
import pytest

from addad.metrology.kernels import kernel
from addad.metrology.quads import quad_at
from addad.metrology.rows import row_at
from addad.metrology.vectors import Vector, add, larger, write


@kernel
def rows_calculated(x, out):
    a, b = row_at(x, 0), row_at(x, 1)
    write(a + b, out, 0)
    write(a - b, out, 1)
    write(a * b, out, 2)
    write(a / b, out, 3)
    write(a * np.float32(3.0), out, 4)
    write(larger(a, b), out, 5)


@kernel
def quads_calculated(x, out):
    a, b = quad_at(x, 0), quad_at(x, 1)
    write(a + b, out, 0)
    write(a - b, out, 1)
    write(a * b, out, 2)
    write(a / b, out, 3)
    write(a * 3.0, out, 4)
    write(larger(a, b), out, 5)


@pytest.mark.parametrize("calculated", [rows_calculated, quads_calculated])
def test_vectors_are_calculated_with_lane_by_lane(calculated):
    kind, lanes = (np.float32, 8) if calculated is rows_calculated else (np.float64, 4)
    a, b = x = np.array([np.arange(8), [4, -5, 1, -2, 9, 1, -7, 7]], kind)[:, :lanes].copy()
    out = np.empty((6, lanes), kind)
    calculated(x, out)
    expected = [a + b, a - b, a * b, a / b, 3 * a, np.maximum(a, abs(b))]
    np.testing.assert_array_equal(out, expected)


@kernel
def row_added_and_written(x, out):
    add(row_at(x, 0), out, 0)
    write(row_at(x, 0), out, 1)


def test_a_row_goes_into_single_and_double_precision():
    x = np.arange(8, dtype=np.float32).reshape(1, 8)
    for out in (np.ones((2, 8), np.float32), np.ones((2, 8))):
        row_added_and_written(x, out)
        np.testing.assert_array_equal(out, [x[0] + 1, x[0]])


@kernel
def quad_added_and_written(x, out):
    add(quad_at(x, 0), out, 0)
    write(quad_at(x, 0), out, 1)


def test_a_quad_keeps_its_precision():
    x, out = np.array([[0.1, 0.2, 0.3, 1e-30]]), np.ones((2, 4))
    quad_added_and_written(x, out)
    np.testing.assert_array_equal(out, [x[0] + 1, x[0]])


def test_a_vector_is_nothing_outside_of_compiled_code():
    for calculate in (
        lambda: Vector() + Vector(),
        lambda: Vector() - Vector(),
        lambda: Vector() * 2.0,
        lambda: Vector() / Vector(),
    ):
        with pytest.raises(TypeError, match="compiled"):
            calculate()
