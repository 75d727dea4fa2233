import numpy as np
import pytest

from addad.metrology import resampling
from addad.metrology.cycles import LANES
from addad.metrology.edges import edge_table
from addad.metrology.harmonics import (
    ORDERS_MAX,
    fold_turns,
    line_gains,
    order_turns,
    subgroups,
    total_harmonic_distortion,
    work_rows,
)
from addad.metrology.resampling import kernel_table, spread_window


def analysed(wave, period, cycles, beside=True):
    """Subgroups and phasors of a wave of sample places, over a window from sample 20 on."""
    length = cycles * period
    n = np.arange(int(length) + 60)
    x = np.zeros((len(n), LANES), np.float32)
    x[:, 0] = wave(n - 20.0)
    spread = resampling.work_rows(len(n))
    kernels = (kernel_table(), edge_table())
    spread_window(x, 20, 0.0, length, False, cycles, kernels, spread)
    grid = spread[2]
    tables = (fold_turns(cycles), order_turns(), line_gains(cycles))
    rms = np.full((LANES, ORDERS_MAX + 1), np.nan)
    phasors = np.zeros((LANES, ORDERS_MAX + 1), np.complex128)
    subgroups(grid, cycles, 1.0 / length, 40, beside, tables, work_rows(), rms, phasors)
    return rms[0], phasors[0]


@pytest.mark.parametrize("cycles", [10, 12])
def test_a_subgroup_holds_its_line_and_the_two_beside_it(cycles):
    period = 200.37
    line = period * cycles

    def wave(n):
        return (
            10 * np.cos(2 * np.pi * 7 * n / period)
            + 4 * np.cos(2 * np.pi * (7 * cycles + 1) * n / line)
            + 3 * np.cos(2 * np.pi * (7 * cycles - 1) * n / line)
            + 5 * np.cos(2 * np.pi * (7 * cycles + 2) * n / line)
        )

    rms, _ = analysed(wave, period, cycles)
    assert rms[7] == pytest.approx(np.sqrt((100 + 16 + 9) / 2), rel=1e-4)
    assert rms[8] < 1e-4


def test_a_partial_window_takes_the_line_alone():
    period = 200.37
    turn = 2 * np.pi / period

    def wave(n):
        return 10 * np.cos(7 * turn * n) + 4 * np.cos(7.25 * turn * n)

    rms, _ = analysed(wave, period, 4, beside=False)
    assert rms[7] == pytest.approx(10 / np.sqrt(2), rel=1e-4)


def test_phasors_are_of_the_cosines_at_the_windows_begin():
    period = 160.2
    turn = 2 * np.pi / period
    rms, phasors = analysed(
        lambda n: 100 * np.cos(turn * n + 0.7) + 9 * np.cos(5 * turn * n - 1.1) - 3, period, 10
    )
    assert phasors[0] == pytest.approx(-3, rel=1e-4)
    assert phasors[1] == pytest.approx(100 / np.sqrt(2) * np.exp(0.7j), rel=1e-5)
    assert phasors[5] == pytest.approx(9 / np.sqrt(2) * np.exp(-1.1j), rel=1e-4)
    assert rms[0] == pytest.approx(3, rel=1e-4)
    assert rms[1] == pytest.approx(100 / np.sqrt(2), rel=1e-5)
    assert np.isnan(rms[41:]).all()


def test_distortion_is_a_ratio_to_the_fundamental():
    rms = np.array([9.0, 10.0, 0.3, 0.4, 5.0])
    assert total_harmonic_distortion(rms, 3) == pytest.approx(0.05)
    assert np.isnan(total_harmonic_distortion(np.array([9.0, 0.0, 0.3, 0.4]), 3))
