import numpy as np
import pytest

from addad.metrology.edges import AFTER, BEFORE, TAPS, edge_table, edge_weights


def weights_at(edge, n):
    """A step at `edge`, over the samples 0 .. n - 1."""
    step = (np.arange(n) > edge).astype(float)
    whole = int(np.floor(edge))
    part = np.empty(TAPS)
    edge_weights(edge - whole, edge_table(), part)
    step[whole - BEFORE : whole + AFTER] = part
    return step


@pytest.mark.parametrize("length", [80.0, 199.37, 200.0])
@pytest.mark.parametrize("begin", [20.0, 20.25, 20.999])
def test_a_window_weighs_as_much_as_it_is_long(begin, length):
    window = weights_at(begin, 300) - weights_at(begin + length, 300)
    assert window.sum() == pytest.approx(length, abs=1e-9)


def test_a_window_of_whole_cycles_has_nulls_at_all_harmonics():
    begin, period = 30.3, 20.013
    window = weights_at(begin, 300) - weights_at(begin + 10 * period, 300)
    n = np.arange(300)
    for order in range(1, 9):
        line = np.abs(np.sum(window * np.exp(2j * np.pi * order * n / period)))
        assert line < 1e-3, f"order {order}"


def test_an_edge_rises_once():
    table = edge_table()
    assert np.all(np.diff(table, axis=1) >= 0.0)
    assert table.min() >= 0.0
    assert table.max() <= 1.0 + 1e-12
