import numpy as np
import pytest

from addad.metrology.cycles import LANES
from addad.metrology.edges import edge_table
from addad.metrology.resampling import (
    CELLS,
    MARGIN,
    kernel_gain,
    kernel_table,
    spread_window,
    work_rows,
)


@pytest.mark.parametrize("samples_per_cycle", [8.03, 159.7, 512.04])
@pytest.mark.parametrize("order", [0, 1, 3, 50])
def test_the_grids_spectrum_is_the_fourier_sum_over_the_samples(samples_per_cycle, order):
    rng = np.random.default_rng(4)
    length = 10 * samples_per_cycle
    n = int(length) + 40
    x = rng.normal(size=(n, LANES)).astype(np.float32)
    work = work_rows(n)
    spread_window(x, 12, 0.4, length, False, 10, (kernel_table(), edge_table()), work)
    grid = work[2]
    cells = np.arange(10 * CELLS)
    line = np.exp(-2j * np.pi * order * cells / CELLS) @ grid[MARGIN : MARGIN + 10 * CELLS]
    line /= kernel_gain(np.array([float(order)]))
    edges = edge_table()
    weights = np.zeros(n)
    low = np.array([np.interp(0.4 * 512, np.arange(513), edges[:, k]) for k in range(16)])
    end = 0.4 + length
    whole = int(end)
    high = [np.interp((end - whole) * 512, np.arange(513), edges[:, k]) for k in range(16)]
    weights[12 - 7 : 12 + 9] = low
    weights[12 + 9 : 12 + whole + 9] = 1.0
    weights[12 + whole - 7 : 12 + whole + 9] -= high
    place = (np.arange(n) - 12.4) / samples_per_cycle
    direct = (weights * np.exp(-2j * np.pi * order * place)) @ x.astype(float)
    np.testing.assert_allclose(line, direct, atol=2e-5 * np.sqrt(n))


def test_a_stretch_is_spread_whole():
    x = np.ones((400, LANES), np.float32)
    work = work_rows(400)
    spread_window(x, 0, 0.0, 400.0, True, 2, (kernel_table(), edge_table()), work)
    grid = work[2]
    total = grid[MARGIN : MARGIN + 2 * CELLS, 0].sum() / kernel_gain(np.zeros(1))[0]
    assert total == pytest.approx(400.0, rel=1e-5)


def test_a_window_shorter_than_its_edges_keeps_its_weight():
    x = np.ones((60, LANES), np.float32)
    work = work_rows(60)
    spread_window(x, 20, 0.3, 8.5, False, 1, (kernel_table(), edge_table()), work)
    total = work[2][MARGIN : MARGIN + CELLS, 0].sum() / kernel_gain(np.zeros(1))[0]
    assert total == pytest.approx(8.5, rel=1e-5)
