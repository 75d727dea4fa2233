"""The self-check of the wiring on a house with panels, whose truth is known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from addad.metrology import Instrument, InstrumentSettings
from addad.metrology.wiring import Certainty, WiringFault, check
from addad.world.site import Site

NOON = datetime(2026, 6, 21, 11, tzinfo=UTC)
NIGHT = datetime(2026, 6, 21, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def house():
    """Samples (n, 7) of ten seconds of a house from an hour on."""
    return {
        start: Site(2, start=start, sample_rate=8000.0).waveform(0.0, 80_000).samples[:, :7]
        for start in (NOON, NIGHT)
    }


def findings(samples, currents):
    settings = InstrumentSettings(sample_rate=8000.0, currents=currents)
    return check(Instrument(settings).process(samples[None, :, : 3 + currents]))


def test_export_at_noon_is_not_called_a_reversed_transformer(house):
    assert findings(house[NOON], 4) == ()
    (told,) = findings(house[NOON], 3)
    assert told.fault is WiringFault.EXPORT
    assert told.phases == ("L1", "L2", "L3")


@pytest.mark.parametrize("hour", [NOON, NIGHT])
def test_a_transformer_turned_round_is_proved_by_the_neutral_whoever_generates(house, hour):
    turned = house[hour] * np.where(np.arange(7) == 5, -1.0, 1.0)
    (found,) = findings(turned, 4)
    assert found.fault is WiringFault.REVERSED_CURRENT
    assert found.phases == ("L3",)
    assert found.certainty is Certainty.PROVED


def test_one_phase_turned_under_an_inverter_is_suspected_without_a_neutral(house):
    turned = house[NOON] * np.where(np.arange(7) == 3, -1.0, 1.0)
    told = {each.fault: each.phases for each in findings(turned, 3)}
    assert told == {WiringFault.EXPORT: ("L2", "L3"), WiringFault.REVERSED_CURRENT: ("L1",)}


def test_the_small_loads_of_a_night_are_no_fault(house):
    assert findings(house[NIGHT], 3) == ()
