"""The source's settings: the powers of each condition are those that the standard means."""

import math

import numpy as np
import pytest

from addad.errors import InputError
from addad.lab.type_test_conditions import (
    Condition,
    Nameplate,
    Waveform,
    reference_power,
    source_of,
    usual_nameplate,
)
from addad.metrology.accuracy_classes import HALF_CAPACITIVE, HALF_INDUCTIVE, UNITY
from addad.metrology.accuracy_tables import accuracy_class

ACTIVE = usual_nameplate(accuracy_class("62053-22", "0.2S"))
REACTIVE = usual_nameplate(accuracy_class("62053-24", "0.5S"))
FULL = 3.0 * 230.0 * 5.0


@pytest.mark.parametrize(
    ("condition", "power"),
    [
        (Condition(1.0), FULL),
        (Condition(0.1, HALF_INDUCTIVE), 0.05 * FULL),
        (Condition(1.0, loaded=(1,)), FULL / 3.0),
        (Condition(1.0, missing=(0, 2)), FULL / 3.0),
        (Condition(1.0, volts=1.1), 1.1 * FULL),
        (Condition(1.0, reversed_sequence=True), FULL),
        (Condition(1.0, export=True), -FULL),
        (Condition(1.0, waveform=Waveform.FIFTH), 1.04 * FULL),
        (Condition(1.0, waveform=Waveform.HALF_WAVE), FULL * 0.5**0.5),
        (Condition(1.0, waveform=Waveform.PHASE_FIRED), FULL * 0.5**0.5),
        (Condition(1.0, waveform=Waveform.BURST), FULL * 0.5**0.5),
        (Condition(0.0, volts=1.15), 0.0),
    ],
)
def test_active_power_of_a_condition(condition: Condition, power: float) -> None:
    found = reference_power(ACTIVE, source_of(ACTIVE, condition, 10_000.0))
    assert found == pytest.approx(power, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("factor", "power"),
    [(UNITY, FULL), (HALF_INDUCTIVE, 0.5 * FULL), (HALF_CAPACITIVE, -0.5 * FULL)],
)
def test_reactive_power_by_sin_phi(factor: object, power: float) -> None:
    condition = Condition(1.0, factor)  # type: ignore[arg-type]
    found = reference_power(REACTIVE, source_of(REACTIVE, condition, 10_000.0))
    assert found == pytest.approx(power)


def test_a_reversed_sequence_turns_the_other_way() -> None:
    plain = source_of(ACTIVE, Condition(1.0), 1e4).samples(0, 200, 1e4)
    turned = source_of(ACTIVE, Condition(1.0, reversed_sequence=True), 1e4).samples(0, 200, 1e4)
    assert turned[:, 1] == pytest.approx(plain[:, 2])
    assert np.abs(turned[:, 1] - plain[:, 1]).max() > 100.0


@pytest.mark.parametrize(
    ("values", "words"),
    [((230.0, 0.0, 10.0, 1000), "reference_current"), ((230.0, 5.0, 4.0, 1000), "below")],
)
def test_a_nameplate_that_cannot_be(values: tuple[float, float, float, int], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Nameplate(ACTIVE.accuracy, *values)


def test_what_a_nameplate_says() -> None:
    assert ACTIVE.current_words == "5(10) A"
    assert (ACTIVE.unit, REACTIVE.unit) == ("kWh", "kvarh")
    assert math.isclose(ACTIVE.starting_current, 0.005)
