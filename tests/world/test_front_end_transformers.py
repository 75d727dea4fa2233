"""Sensors do what their data sheets say."""

import numpy as np
import pytest

from addad.world.front_end import FrontEnd
from addad.world.front_end_core import core_response
from addad.world.front_end_filter import LowPass
from addad.world.front_end_settings import FrontEndSettings
from addad.world.front_end_transformers import (
    CurrentTransformer,
    ResistiveDivider,
    Unit,
    VoltageTransformer,
)


@pytest.mark.parametrize(("lead", "low"), [(2.1e-3, 3.5e-3), (1e-3, 1e-3), (0.0785, 0.0785)])
def test_a_current_transformer_leads_as_stated_at_both_currents(lead: float, low: float) -> None:
    made = CurrentTransformer(nominal_current=5.0, lead=lead, low_lead=low, loss=0.0)
    core = made.core(Unit())
    assert np.angle(core_response(core, 50.0, 5.0)) == pytest.approx(lead, rel=0.15)
    assert np.angle(core_response(core, 50.0, 0.05)) == pytest.approx(low, rel=0.1)


def test_copper_warms_the_displacement() -> None:
    made = CurrentTransformer()
    warm, cold = (made.core(Unit(warmer=k)).corner for k in (40.0, 0.0))
    assert warm / cold == pytest.approx((1 + 40 / 45 * 0.1572) / 0.96, rel=1e-3)


def test_ratios_and_their_spread() -> None:
    assert ResistiveDivider().gain(Unit()) == pytest.approx(1 / 1001)
    assert ResistiveDivider().source_ohm == pytest.approx(999.0, abs=0.01)
    assert ResistiveDivider().core(Unit()).corner == 0.0
    off = CurrentTransformer(tolerance=0.01, drift_ppm=10.0).gain(
        Unit(ratio=1.0, drift=1, warmer=10)
    )
    assert off == pytest.approx(5.0 / 2500.0 * 1.01 * 1.0001)
    assert CurrentTransformer(lead=0.0).core(Unit()).corner == 0.0
    assert VoltageTransformer(lead=0.0).core(Unit()).corner == 0.0


def test_a_voltage_transformer_has_its_ratio_error_and_displacement() -> None:
    made = VoltageTransformer(tolerance=0.0)
    settings = FrontEndSettings(voltage=made, voltage_filter=LowPass(0.0, 0.0))
    found = FrontEnd(settings, seed=3).response(50.0, 57.7)[0]
    assert abs(found) * made.ratio == pytest.approx(1.0 - 1e-3, abs=1e-5)
    assert np.angle(found) == pytest.approx(1.5e-3 - 2 * np.pi * 50 * made.leakage_s, rel=0.25)
