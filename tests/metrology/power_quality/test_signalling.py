"""The voltage of mains signalling."""

import numpy as np
import pytest

from addad.metrology.power_quality.signalling import SignallingVoltage
from addad.metrology.power_quality.voltage_store import VoltageStore

RATE = 4_000.0


@pytest.mark.parametrize("hertz", [110.0, 175.0, 182.6, 1_050.0])
def test_a_carrier_is_read_and_the_mains_is_not(hertz):
    t = np.arange(2_000) / RATE
    mains = 325 * np.sin(2 * np.pi * 49.98 * t) + 12 * np.sin(2 * np.pi * 3 * 49.98 * t)
    samples = np.stack([mains + 2.0 * np.sqrt(2) * np.sin(2 * np.pi * hertz * t), mains, 0 * t], -1)
    store = VoltageStore(3, 1_800)
    store.take(samples)
    found = SignallingVoltage(RATE, hertz, store).rms(600.3, 10 * RATE / 49.98, 10)
    assert found[0] == pytest.approx(2.0, rel=0.06)
    assert found[1] < 0.02
    assert found[2] == 0.0


@pytest.mark.parametrize(("line", "beside"), [(29.2, 30.0), (31.3, 30.0), (29.0, 28.0)])
def test_what_stands_beside_the_carrier_is_left_out(line, beside):
    """The mains' own harmonic beside a carrier; any other line beside one that lies on a line."""
    mains = 49.98
    t = np.arange(2_000) / RATE
    carrier, other = (2 * np.pi * n * mains / 10 * t for n in (line, beside))
    wave = 2.0 * np.sqrt(2) * np.sin(carrier) + 8.0 * np.sqrt(2) * np.sin(other)
    store = VoltageStore(1, 1_800)
    store.take(wave[:, None])
    watch = SignallingVoltage(RATE, line * mains / 10, store)
    found = watch.rms(600.3, 10 * RATE / mains, 10)
    assert found[0] == pytest.approx(2.0, rel=0.15)


def test_what_is_no_longer_kept_is_not_known():
    store = VoltageStore(1, 1_800)
    watch = SignallingVoltage(RATE, 175.0, store)
    for _ in range(50):
        store.take(np.ones((1_000, 1)))
    assert np.isnan(watch.rms(100.0, 800.0, 10)).all()
    assert watch.rms(49_000.0, 800.0, 10)[0] == pytest.approx(0.0, abs=1e-9)
    store.gap(500)
    assert np.isnan(watch.rms(49_000.0, 800.0, 10)).all()
