"""The iron of a transformer: linear, growing at weak fields, saturating."""

import numpy as np
import pytest

from addad.world.front_end_core import Core, core_response, magnetize

RATE = 10_000.0


def left(core: Core, x: np.ndarray) -> np.ndarray:
    out = np.empty((1, len(x)))
    magnetize(x[:, None], np.array([core]), np.zeros((1, 3)), RATE, out)
    return out[0]


def sine(rms: float, seconds: float) -> np.ndarray:
    return 2.0**0.5 * rms * np.sin(2.0 * np.pi * 50.0 * np.arange(round(seconds * RATE)) / RATE)


def gain(core: Core, rms: float) -> complex:
    x = sine(rms, 12.0)
    turn = np.exp(-2j * np.pi * 50.0 * np.arange(len(x)) / RATE)[-10_000:]
    return complex((turn @ left(core, x)[-10_000:]) / (turn @ x[-10_000:]))


def test_without_iron_it_is_a_high_pass() -> None:
    corner = 2.0 * np.pi * 50.0 * np.tan(0.0785)
    found = gain(Core(corner), 10.0)
    assert found == pytest.approx(1.0 / (1.0 - 1j * np.tan(0.0785)), abs=2e-5)
    assert core_response(Core(corner), 50.0, 10.0) == pytest.approx(found, abs=2e-5)


@pytest.mark.parametrize("rms", [0.05, 0.5, 5.0, 15.0])
def test_what_is_balanced_is_what_the_samples_do(rms: float) -> None:
    core = Core(corner=0.7, rise=0.8, knee=5e-4, saturation=0.1, loss=0.4 * 2.3e-3)
    found, balanced = gain(core, rms), core_response(core, 50.0, rms)
    assert found == pytest.approx(balanced, abs=5e-6)


def test_a_weak_field_costs_more() -> None:
    core = Core(corner=0.7, rise=0.8, knee=5e-4, loss=1e-3)
    found = [core_response(core, 50.0, rms) for rms in (0.05, 0.5, 5.0)]
    assert np.angle(found[0]) > 1.2 * np.angle(found[2]) > 0.0
    assert abs(found[0]) < abs(found[1]) < abs(found[2]) < 1.0


def test_beyond_saturation_it_lets_go_and_no_number_is_lost() -> None:
    core = Core(corner=0.7, saturation=0.1)
    found = left(core, sine(100.0, 3.0))
    assert np.isfinite(found).all()
    assert found[-10_000:].std() < 0.9 * 100.0
    assert abs(core_response(core, 50.0, 1e5)) <= 1.0


def test_no_core_passes_all_and_holds_what_is_no_number() -> None:
    x = np.array([1.0, np.nan, 3.0, np.inf, -1e300])
    assert left(Core(), x).tolist() == [1.0, 1.0, 3.0, 3.0, 3.0]
    assert core_response(Core(), 50.0, 1.0) == 1.0
