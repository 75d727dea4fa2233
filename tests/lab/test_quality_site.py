"""The house: a day in stretches is the day in one, disturbances are drawn from the seed."""

from datetime import UTC, datetime

import numpy as np
import pytest

from addad.errors import InputError
from addad.lab import quality_site
from addad.lab.quality_site import HouseOrder, drawn_disturbances, measure_house
from addad.metrology.power_quality import EventKind
from addad.world.scenario import Scenario

START = datetime(2026, 6, 1, 9, 59, 40, tzinfo=UTC)


def _order(seconds: float, scenario: str) -> HouseOrder:
    return HouseOrder(3, START, seconds, 3_000.0, pv_peak_w=0.0, scenario=scenario)


def test_a_house_in_stretches_is_the_house_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flickermeter and the inverter aside, which want minutes of what was before."""
    order = _order(
        50.0,
        "+8 voltage_dip 0.6 L1, +8.25 voltage_return, "
        "+18.5 voltage_loss, +31.5 voltage_return, +44 voltage_dip 1.15 L2, +44.5 voltage_return",
    )
    whole = measure_house(order, 1)
    monkeypatch.setattr(quality_site, "CHUNK_S", 20)
    monkeypatch.setattr(quality_site, "LEAD_S", 4)
    told: list[tuple[float, float]] = []
    parts = measure_house(order, 1, lambda *done: told.append(done))
    assert told[-1] == (50.0, 50.0)
    kinds = [EventKind.DIP, EventKind.DIP, EventKind.SWELL, EventKind.INTERRUPTION]
    assert sorted(e.kind for e in whole.events) == kinds
    for one, other in zip(whole.events, parts.events, strict=True):
        assert one.kind is other.kind
        assert one.start_s == pytest.approx(other.start_s, abs=1e-4)
        assert one.duration_s == pytest.approx(other.duration_s, abs=1e-4)
        assert one.voltage == pytest.approx(other.voltage, abs=1e-3)
    assert len(whole.waveforms) == len(parts.waveforms) == 4
    assert parts.measured_s == pytest.approx(50.0)
    assert whole.frequency.start == pytest.approx(parts.frequency.start)
    undisturbed = whole.frequency.start < START.timestamp() + 15.0
    assert whole.frequency.values[undisturbed] == pytest.approx(
        parts.frequency.values[undisturbed], abs=1e-6
    )


def test_a_dip_is_as_deep_and_as_long_as_it_was_told() -> None:
    record = measure_house(_order(6.0, "+2.5 voltage_dip 0.6 L2, +2.7 voltage_return"), 1)
    (dip,) = record.events
    assert dip.phases == (2,)
    assert dip.start_s == pytest.approx(START.timestamp() + 2.5, abs=0.003)
    assert dip.duration_s == pytest.approx(0.2, abs=0.01)
    assert dip.voltage / 230.0 == pytest.approx(0.6, abs=0.02)
    assert not record.supply.remarks[0].startswith("Un")


def test_two_processes_give_what_one_gives() -> None:
    order = HouseOrder(seed=3, start=START, seconds=330.0, sample_rate=3_000.0)
    one, two = measure_house(order, 1), measure_house(order, 2)
    assert np.array_equal(one.frequency.values, two.frequency.values)


@pytest.mark.parametrize("seconds", [1.0, 1_200.0, 604_800.0])
def test_disturbances_are_drawn_from_the_seed(seconds: float) -> None:
    text = drawn_disturbances(4, seconds)
    assert text == drawn_disturbances(4, seconds)
    steps = Scenario.parse(text).steps
    assert len(steps) >= 2
    assert all(step.after_s >= 0.0 for step in steps)
    assert drawn_disturbances(5, seconds) != text


def test_orders_that_cannot_be() -> None:
    with pytest.raises(InputError, match="time zone"):
        HouseOrder(1, START.replace(tzinfo=None), 60.0)
    with pytest.raises(InputError, match="a second to a year"):
        HouseOrder(1, START, 0.0)
    with pytest.raises(InputError, match="1970 to 2099"):
        HouseOrder(1, START.replace(year=1900), 60.0)
    with pytest.raises(InputError, match="seed -5"):
        HouseOrder(-5, START, 60.0)
    with pytest.raises(InputError, match="no action"):
        HouseOrder(1, START, 60.0, scenario="+1 jump")
    with pytest.raises(InputError, match="behind the 60 s that are measured"):
        HouseOrder(1, START, 60.0, scenario="+99 voltage_dip 0.5 L1")
    HouseOrder(1, START, 60.0, scenario="+59 voltage_dip 0.5 L1, +61 voltage_return")
