"""Windows gathered into the values of a record."""

import numpy as np
import pytest

from addad.lab.averages import Averages, Phasors, Steps, TenSeconds, Weighted
from addad.metrology import EnergyIncrement, Window, WindowFlag

ROWS = np.array([0])
ONE = np.array([1.0])


def _window(
    u: float, frequency: float, duration: float, flags: int = 0, p: float = 100.0
) -> Window:
    def phases(value: float, count: int = 3) -> np.ndarray:
        return np.array([[value, *[np.nan] * (count - 1)]])

    def harmonics(value: float, count: int) -> np.ndarray:
        result = np.full((1, count, 4), np.nan)
        result[0, 0] = [0.0, value, 0.0, 0.1 * value]
        return result

    quanta = np.zeros((1, 4, 11), dtype=np.int64)
    quanta[0, 3, 0] = 7
    one = np.array
    return Window(
        meters=one([0]), index=one([0]), start_s=one([0.0]), duration_s=one([duration]),
        cycles=one([10]), frequency=one([frequency]), u_rms=phases(u), i_rms=phases(2.0, 4),
        u_peak=phases(1.5 * u), i_peak=phases(3.0, 4), u_line_rms=phases(np.nan),
        i_neutral_calculated=one([np.nan]), u_phasors=harmonics(u, 3) + 0j,
        i_phasors=harmonics(2.0, 4) + 0j,
        p=phases(p), q=phases(5.0), s=phases(200.0), pf=phases(0.5), p_total=one([p]),
        q_total=one([5.0]), s_total=one([200.0]), pf_total=one([0.5]), thd_u=phases(0.1),
        thd_i=phases(0.1, 4), u_harmonics=harmonics(u, 3), i_harmonics=harmonics(2.0, 4),
        u_angle=phases(0.0), i_angle=phases(-0.5, 4), highest_order=3,
        energy=EnergyIncrement(quanta), flags=one([flags]),
    )  # fmt: skip


def test_squares_weigh_by_duration_and_extremes_are_single_windows() -> None:
    averages = Averages(1)
    averages.add(_window(230.0, 50.0, 3.0, p=100.0))
    averages.add(_window(0.0, 50.2, 1.0, p=500.0))
    found = averages.totals()
    u = found.quantities["u_rms"]
    assert u.value[0, 0] == pytest.approx(230.0 * np.sqrt(0.75))
    assert (u.lowest[0, 0], u.highest[0, 0]) == (0.0, 230.0)
    assert np.isnan(u.value[0, 1])
    assert found.quantities["p_total"].value[0] == pytest.approx(200.0)
    assert found.quantities["frequency"].value[0] == pytest.approx(50.05)
    assert found.angles["i"][0, 0] == pytest.approx(-0.5)
    assert found.energy[0, 3, 0] == 14
    assert found.duration_s[0] == 4.0


def test_a_window_with_missing_samples_is_counted_and_left_out() -> None:
    averages = Averages(1)
    averages.add(_window(230.0, 50.0, 0.2))
    averages.add(_window(100.0, 40.0, 0.2, flags=int(WindowFlag.NOT_FINITE)))
    found = averages.totals()
    assert (found.windows[0], found.skipped[0]) == (1, 1)
    assert found.quantities["u_rms"].lowest[0, 0] == 230.0


def test_a_blurred_frequency_is_left_out_and_its_voltage_kept() -> None:
    averages = Averages(1)
    averages.add(_window(230.0, 50.0, 0.2))
    averages.add(_window(150.0, 47.0, 0.2, flags=int(WindowFlag.UNSTEADY)))
    found = averages.totals()
    assert found.quantities["frequency"].lowest[0] == 50.0
    assert found.quantities["u_rms"].lowest[0, 0] == 150.0


def test_what_was_never_measured_is_nan() -> None:
    mean = Weighted((2,))
    mean.add(ROWS, np.array([np.nan]), ONE)
    found = mean.mean()
    assert np.isnan(found.value).all()
    assert np.isnan(found.lowest).all()


def test_angles_are_averaged_across_the_half_turn() -> None:
    phasors = Phasors((1, 1))
    for angle in (np.pi - 0.1, -np.pi + 0.1):
        phasors.add(ROWS, np.array([[1.0]]), np.array([[angle]]), ONE)
    assert abs(phasors.angle()[0, 0]) == pytest.approx(np.pi)


def test_ten_seconds_are_fifty_windows() -> None:
    ten = TenSeconds(1)
    for k in range(120):
        ten.add(ROWS, np.array([50.0 if k < 50 else 50.1]), np.array([0.2]))
    found = ten.mean()
    assert (found.lowest[0], found.highest[0]) == pytest.approx((50.0, 50.1))


def test_steps_stay_few_and_keep_their_mean() -> None:
    steps = Steps(limit=16)
    for k in range(1000):
        steps.add([float(k), np.nan if k < 500 else 1.0])
    rows = steps.rows(2)
    assert 8 <= len(rows) <= 17
    assert np.all(np.diff(rows[:, 0]) > 0)
    assert np.nanmax(rows[:, 1]) == 1.0
    assert np.isnan(rows[0, 1])
    assert Steps().rows(3).shape == (0, 3)
