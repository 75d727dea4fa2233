"""A coil and its integrator, analog or digital, give the current back."""

from dataclasses import replace

import numpy as np
import pytest

from addad.world.front_end import FrontEnd
from addad.world.front_end_rogowski import RogowskiCoil, integrator_response
from addad.world.front_end_settings import FrontEndSettings
from addad.world.front_end_transformers import Unit

RATE = 8_000.0


@pytest.mark.parametrize("kind", ["analog", "digital"])
def test_harmonics_come_back_with_the_currents_size(kind: str) -> None:
    base = FrontEndSettings.twenty_four_bit(RATE).rogowski()
    coil = replace(base.current, integrator=kind, tolerance=0.0)
    unit = FrontEnd(replace(base, current=coil), seed=1)
    time = np.arange(round(6 * RATE)) / RATE
    samples = np.zeros((len(time), 7))
    for order in (1, 5, 11):
        samples[:, 3] += 10.0 / order * np.sin(2.0 * np.pi * 50.0 * order * time)
    counts = unit.counts(samples)[-8000:, 3] * unit.actual.amperes_per_count[0]
    for order, limit in ((1, 1e-4), (5, 0.006), (11, 0.03)):
        turn = np.exp(-2j * np.pi * 50.0 * order * time[-8000:])
        size = abs(turn @ counts) * 2.0 / 8000
        assert size * order / 10.0 == pytest.approx(1.0, abs=limit)


def test_a_digital_integrator_keeps_the_offset_out() -> None:
    base = FrontEndSettings.twenty_four_bit(RATE).rogowski()
    unit = FrontEnd(replace(base, converter=replace(base.converter, offset=5e-3)), seed=1)
    counts = unit.counts(np.zeros((round(6 * RATE), 7)))
    offset = 5e-3 / base.converter.step
    assert np.abs(counts[:, :3].mean(axis=0)).max() > 0.3 * offset
    assert np.abs(counts[-8000:, 3:].mean(axis=0)).max() < 0.02 * offset
    assert unit.actual.offset_counts[3:] == (0.0,) * 4


def test_the_integrator_turns_a_slope_back() -> None:
    found = integrator_response(0.3, RATE, 50.0) * 1j
    assert abs(found) == pytest.approx(1.0, abs=3e-4)
    assert np.angle(found) == pytest.approx(2 * np.arctan(0.3 / 50.0), rel=1e-3)
    assert abs(integrator_response(0.3, RATE, 0.0)) == 0.0


def test_volts_come_from_mutual_inductance() -> None:
    coil = RogowskiCoil(mutual_h=1e-6, amplifier=10.0)
    assert coil.volts_per_ampere == pytest.approx(2 * np.pi * 50 * 1e-5)
    assert coil.gain(Unit()) == coil.volts_per_ampere
    assert coil.core(Unit()).corner == 0.0
    assert replace(coil, integrator="analog").core(Unit()).corner == pytest.approx(0.6 * np.pi)
