import numpy as np

from addad.metrology.cycles import LANES, MARKS
from addad.metrology.state import MARK_NOT_FINITE, MARK_SATURATED, shift, store


def test_columns_go_to_their_lanes_and_marks_tell_what_was_wrong():
    x = np.zeros((1, 10, LANES), np.float32)
    u = [1.0, np.nan, 15.0, 30.0, np.inf]
    samples = np.array([[[a, 4.0, b] for a, b in zip(u, [2, 2, -15, 1, 0], strict=True)]])
    store(samples, 0, 5, 2, (10.0, 12.0), x, 2)
    assert x[0, 2:7, 0].tolist() == [1.0, 0.0, 10.0, 0.0, 0.0]
    assert x[0, 2:7, 1].tolist() == [4.0] * 5
    assert x[0, 2:7, 4].tolist() == [2.0, 2.0, -12.0, 1.0, 0.0]
    marks = [0, MARK_NOT_FINITE, MARK_SATURATED, MARK_NOT_FINITE, MARK_NOT_FINITE]
    assert x[0, 2:7, MARKS].tolist() == marks
    assert not x[0, :, [2, 5, 6, 7]].any()


def test_shift_keeps_the_rest():
    x = np.arange(2 * 6 * LANES, dtype=np.float32).reshape(2, 6, LANES)
    expected = x[:, 2:5].copy()
    shift(x, 2, 5)
    np.testing.assert_array_equal(x[:, :3], expected)
