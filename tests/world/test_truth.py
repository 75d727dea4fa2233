"""The truth is arithmetic of phasors: checked where the answer is known on paper."""

import numpy as np
import pytest

from addad.world.grid import ORDERS
from addad.world.truth import SiteState, site_state

THIRD = ORDERS.index(3)


def state(weights: list[float]) -> SiteState:
    """Two frames: 3 A lagging by 60 degrees with 4 A of the third, then nothing."""
    shape = (2, 3, len(ORDERS))
    voltage, load, pv = (np.zeros(shape, dtype=np.complex128) for _ in range(3))
    voltage[:, :, 0] = 200.0 * np.exp(1j * np.radians([30.0, -90.0, 150.0]))
    voltage[:, 0, THIRD] = 10.0
    load[0, 0, 0] = 3.0 * np.exp(1j * np.radians(-30.0))
    load[0, 0, THIRD] = 4.0
    pv[0, 1, 0] = 2.0 * np.exp(1j * np.radians(-90.0))
    return site_state(
        1.0, 0.5, np.array(weights), np.array([50.0, 50.1]), voltage, load, pv, ("x",)
    )


def test_one_frame_on_paper() -> None:
    truth = state([7.0, 0.0])
    assert truth.frequency == 50.0
    assert truth.p[0] == pytest.approx(200.0 * 3.0 * 0.5 + 10.0 * 4.0)
    assert truth.q1[0] == pytest.approx(200.0 * 3.0 * np.sin(np.radians(60.0)))
    assert truth.u_rms[0] == pytest.approx(np.hypot(200.0, 10.0))
    assert truth.i_rms[0] == pytest.approx(5.0)
    assert truth.thd_i[0] == pytest.approx(4.0 / 3.0)
    assert truth.thd_u[0] == pytest.approx(0.05)
    assert truth.thd_i[2] == 0.0
    np.testing.assert_allclose(truth.p[1:], [-400.0, 0.0])
    np.testing.assert_allclose(truth.grid_w, truth.load_w - truth.pv_w)
    np.testing.assert_allclose(np.degrees(truth.u_angle), [0.0, -120.0, 120.0], atol=1e-9)
    np.testing.assert_allclose(np.degrees(truth.i_angle[:2]), [-60.0, 60.0])


def test_frames_count_by_their_samples() -> None:
    whole, half = state([5.0, 0.0]), state([5.0, 5.0])
    assert half.frequency == pytest.approx(50.05)
    np.testing.assert_allclose(half.p, whole.p / 2.0)
    np.testing.assert_allclose(half.i_rms, whole.i_rms / np.sqrt(2.0))
    np.testing.assert_allclose(half.u_rms, whole.u_rms)


def test_the_neutral_carries_the_sum() -> None:
    truth = state([5.0, 0.0])
    fundamental = abs(3.0 * np.exp(1j * np.radians(-30.0)) - 2.0 * np.exp(1j * np.radians(-90.0)))
    assert truth.i_rms[3] == pytest.approx(np.hypot(fundamental, 4.0))
