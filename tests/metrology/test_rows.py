import numpy as np

from addad.metrology.rows import (
    add,
    larger,
    nothing,
    plus,
    plus_products,
    plus_squares,
    plus_times,
    row_at,
    write,
)


def test_rows_add_up_lane_by_lane():
    x = np.arange(24, dtype=np.float32).reshape(3, 8)
    np.testing.assert_array_equal(row_at(x, 1), x[1])
    np.testing.assert_array_equal(plus(row_at(x, 0), x, 2), x[0] + x[2])
    np.testing.assert_array_equal(plus_times(row_at(x, 0), x, 2, np.float32(2)), x[0] + 2 * x[2])
    np.testing.assert_array_equal(plus_squares(nothing(), x, 2), x[2] ** 2)
    np.testing.assert_array_equal(larger(row_at(x, 1), -x[:2], 1), x[1])


def test_products_are_powers_neutral_and_lines():
    x = np.array([[1, 20, 300, 9, 4, 50, 600, 8]], np.float32)
    expected = [4, 1000, 180000, 654**2, 19**2, 280**2, 299**2, 0]
    np.testing.assert_array_equal(plus_products(nothing(), x, 0), expected)


def test_a_row_goes_into_single_and_double_precision():
    x = np.arange(8, dtype=np.float32).reshape(1, 8)
    for out in (np.ones((2, 8), np.float32), np.ones((2, 8))):
        add(row_at(x, 0), out, 0)
        write(row_at(x, 0), out, 1)
        np.testing.assert_array_equal(out, [x[0] + 1, x[0]])
