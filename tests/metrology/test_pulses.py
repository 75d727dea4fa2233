"""The pulses of the light against the energy that they stand for."""

import numpy as np
import pytest

from addad.errors import InputError
from addad.metrology import EnergyRegister, Instrument, InstrumentSettings
from addad.metrology.pulses import PulseOutput

RATE = 5_000.0


def windows(power_w=6_900.0, seconds=20.0, lag=0.0):
    t = np.arange(round(RATE * seconds)) / RATE
    u, i = 230.0, power_w / 3 / 230.0 / np.cos(lag)
    columns = [
        np.sqrt(2) * scale * np.sin(2 * np.pi * (50 * t - k / 3) - shift)
        for scale, shift in ((u, 0.0), (i, lag))
        for k in range(3)
    ]
    instrument = Instrument(InstrumentSettings(RATE, currents=3))
    samples = np.stack(columns, axis=-1)[None]
    return [*instrument.process(samples), *instrument.flush()]


def test_the_time_between_pulses_tells_the_power():
    light = PulseOutput(10_000)
    times = np.concatenate([light.take(w) for w in windows()])
    assert np.all(np.diff(times) > 0)
    power = 3.6e6 * (len(times) - 1) / 10_000 / (times[-1] - times[0])
    assert power == pytest.approx(6_900.0, rel=1e-5)
    np.testing.assert_allclose(np.diff(times), 3.6e6 / 10_000 / 6_900, rtol=1e-3)


def test_no_pulse_is_lost_at_any_constant():
    for constant in (1, 7, 1_000, 123_457):
        light = PulseOutput(constant)
        found = windows(seconds=5.0)
        count = sum(len(light.take(w)) for w in found)
        energy = sum(int(w.energy.total[0, EnergyRegister.ACTIVE_IMPORT_UWH]) for w in found)
        assert count == energy * constant // 1_000_000_000


def test_export_and_reactive_energy_have_pulses_too():
    assert sum(len(PulseOutput(10_000).take(w)) for w in windows(-6_900.0, 3.0)) > 0
    light = PulseOutput(10_000, (EnergyRegister.REACTIVE_Q1_UVARH,))
    count = sum(len(light.take(w)) for w in windows(6_900.0, 5.0, np.pi / 4))
    assert count == pytest.approx(6_900 * 5 / 3.6e6 * 10_000, rel=0.02)


def test_without_load_there_is_none():
    assert sum(len(PulseOutput(1_000_000).take(w)) for w in windows(0.5, 2.0)) == 0


@pytest.mark.parametrize("constant", [0, -1, 10_000_001])
def test_a_constant_that_cannot_be_is_refused(constant):
    with pytest.raises(InputError, match="constant"):
        PulseOutput(constant)
    with pytest.raises(InputError, match="at least one"):
        PulseOutput(1_000, ())
