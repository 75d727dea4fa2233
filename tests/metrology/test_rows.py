import numpy as np

from addad.metrology.kernels import kernel
from addad.metrology.rows import (
    all_within,
    currents_first,
    next_phase,
    nothing,
    root,
    row_at,
    sample_at,
)
from addad.metrology.vectors import write


@kernel
def calculated(x, out):
    a = row_at(x, 0)
    write(nothing() + a, out, 0)
    write(root(a), out, 1)
    write(currents_first(a), out, 2)
    write(next_phase(a), out, 3)


def test_rows_are_calculated_with():
    a = np.arange(8, dtype=np.float32)
    out = np.empty((4, 8), np.float32)
    calculated(a[None], out)
    expected = [a, np.sqrt(a), np.roll(a, 4), a[[1, 2, 0, 3, 5, 6, 4, 7]]]
    np.testing.assert_array_equal(out, expected)


@kernel
def placed(x, voltages, currents, out):
    write(sample_at(x, 1, voltages, currents), out, 0)


def test_voltages_and_currents_have_their_lanes():
    out = np.empty((1, 8), np.float32)
    for kind in (np.float32, np.float64):
        placed(np.arange(25, dtype=kind).reshape(5, 5), 3, 2, out)
        np.testing.assert_array_equal(out[0], [5, 6, 7, 0, 8, 9, 0, 0])


@kernel
def within(x):
    return all_within(row_at(x, 0), row_at(x, 1))


def test_a_row_is_within_its_limits_when_every_lane_is():
    row = np.array([1, -2, 3, -4, 5, -6, 7, -8], np.float32)
    for lane, value, inside in ((0, 1.0, True), (7, 9.0, False), (3, -9.0, False), (5, np.nan, 0)):
        x = np.stack([row, np.full(8, 8.5, np.float32)])
        x[0, lane] = value
        assert within(x) == inside
