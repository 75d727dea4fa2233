import numpy as np

from addad.metrology.rows import add, nothing, plus, plus_squares, plus_times, row_at, write


def test_rows_add_up_lane_by_lane():
    x = np.arange(24, dtype=np.float32).reshape(3, 8)
    np.testing.assert_array_equal(row_at(x, 1), x[1])
    np.testing.assert_array_equal(plus(row_at(x, 0), x, 2), x[0] + x[2])
    np.testing.assert_array_equal(plus_times(row_at(x, 0), x, 2, np.float32(2)), x[0] + 2 * x[2])
    np.testing.assert_array_equal(plus_squares(nothing(), x, 2), x[2] ** 2)


def test_a_row_goes_into_single_and_double_precision():
    x = np.arange(8, dtype=np.float32).reshape(1, 8)
    for out in (np.ones((2, 8), np.float32), np.ones((2, 8))):
        add(row_at(x, 0), out, 0)
        write(row_at(x, 0), out, 1)
        np.testing.assert_array_equal(out, [x[0] + 1, x[0]])
