"""The newest samples of the voltages."""

import numpy as np
import pytest

from addad.metrology.power_quality.voltage_store import VoltageStore


@pytest.mark.parametrize("size", [1, 999, 5_000])
def test_the_newest_are_there_by_their_place(size):
    store = VoltageStore(2, 500)
    for n in range(0, 60_000, size):
        place = np.arange(n, n + size, dtype=np.float64)
        store.take(np.stack([place, -place, place], axis=-1))
        assert store.filled >= min(500, n + size)
        first = store.origin
        np.testing.assert_array_equal(
            store.x[: store.filled, 0], np.arange(first, first + store.filled)
        )
    assert np.all(store.x[: store.filled, 2] == 0.0)


def test_what_is_no_number_is_zero_and_a_gap_forgets():
    store = VoltageStore(1, 500)
    store.take(np.array([[1.0], [np.nan], [np.inf], [2.0]]))
    assert store.x[:4, 0].tolist() == [1.0, 0.0, 0.0, 2.0]
    store.gap(6)
    assert (store.origin, store.filled) == (10, 0)
