"""Limits by class: what a tester looks up must be what the standard's table says."""

import math

import pytest

from addad.metrology.accuracy_classes import (
    EIGHT_CAPACITIVE,
    HALF_INDUCTIVE,
    QUARTER_INDUCTIVE,
    UNITY,
    Connection,
    Energy,
    Factor,
    Load,
)
from addad.metrology.accuracy_tables import accuracy_class


@pytest.mark.parametrize(
    ("share", "factor", "load", "percent"),
    [
        (0.01, UNITY, Load.BALANCED, 0.4),
        (0.049, UNITY, Load.BALANCED, 0.4),
        (0.05, UNITY, Load.BALANCED, 0.2),
        (2.0, UNITY, Load.BALANCED, 0.2),
        (0.02, HALF_INDUCTIVE, Load.BALANCED, 0.5),
        (0.1, EIGHT_CAPACITIVE, Load.BALANCED, 0.3),
        (1.0, QUARTER_INDUCTIVE, Load.BALANCED, 0.5),
        (0.05, UNITY, Load.SINGLE_PHASE, 0.3),
        (0.1, HALF_INDUCTIVE, Load.SINGLE_PHASE, 0.4),
    ],
)
def test_class_02s_has_the_limits_of_its_table(
    share: float, factor: Factor, load: Load, percent: float
) -> None:
    assert accuracy_class("62053-22", "0.2S").limit(load, factor, share, 2.0) == percent


@pytest.mark.parametrize(
    ("share", "factor", "load"),
    [
        (0.009, UNITY, Load.BALANCED),
        (2.01, UNITY, Load.BALANCED),
        (0.05, HALF_INDUCTIVE, Load.SINGLE_PHASE),
        (1.0, EIGHT_CAPACITIVE, Load.SINGLE_PHASE),
    ],
)
def test_there_is_no_limit_outside_the_table(share: float, factor: Factor, load: Load) -> None:
    assert accuracy_class("62053-22", "0.2S").limit(load, factor, share, 2.0) is None


def test_class_1_depends_on_how_it_is_connected() -> None:
    direct = accuracy_class("62053-21", "1")
    through = accuracy_class("62053-21", "1", Connection.TRANSFORMER)
    assert (direct.connection, direct.current_symbol) == (Connection.DIRECT, "Ib")
    assert direct.limit(Load.BALANCED, UNITY, 0.05, 16.0) == 1.5
    assert through.limit(Load.BALANCED, UNITY, 0.05, 2.0) == 1.0
    assert (direct.start, through.start) == (0.004, 0.002)
    assert any(i.influence == "DC and even harmonics in the current" for i in direct.influences)
    assert not any(
        i.influence == "DC and even harmonics in the current" for i in through.influences
    )


def test_special_rows_of_class_1_end_at_the_reference_current() -> None:
    direct = accuracy_class("62053-21", "1")
    assert direct.limit(Load.BALANCED, QUARTER_INDUCTIVE, 1.0, 16.0) == 3.5
    assert direct.limit(Load.BALANCED, QUARTER_INDUCTIVE, 2.0, 16.0) is None


@pytest.mark.parametrize(
    ("name", "low", "high"), [("A", 3.5, 3.5), ("B", 2.0, 2.0), ("C", 1.0, 0.7)]
)
def test_the_directive_limits_by_transition_current(name: str, low: float, high: float) -> None:
    meter = accuracy_class("MI-003", name, Connection.DIRECT)
    assert meter.limit(Load.BALANCED, UNITY, 0.05, 16.0) == low
    assert meter.limit(Load.BALANCED, HALF_INDUCTIVE, 0.1, 16.0) == high
    assert len(meter.bands) == 3


def test_the_no_load_time_of_the_house_meter() -> None:
    minutes = accuracy_class("62053-21", "1").no_load_minutes(1000.0, 3, 230.0, 5.0, 80.0)
    assert minutes == pytest.approx(10.87, abs=0.01)


def test_the_no_load_time_of_the_directive_follows_from_the_starting_current() -> None:
    meter = accuracy_class("MI-003", "B", Connection.DIRECT)
    minutes = meter.no_load_minutes(1000.0, 3, 230.0, 5.0, 80.0)
    pulses_at_start = 1000.0 * 3 * 1.15 * 230.0 * 0.004 * 5.0 * minutes / 60e3
    assert pulses_at_start == pytest.approx(4.0)


def test_angles_of_factors() -> None:
    assert HALF_INDUCTIVE.angle(Energy.ACTIVE) == pytest.approx(math.radians(60.0))
    assert HALF_INDUCTIVE.angle(Energy.REACTIVE) == pytest.approx(math.radians(30.0))
    assert EIGHT_CAPACITIVE.angle(Energy.ACTIVE) < 0.0
