"""Units and scalers: the physical value of a register."""

import pytest

from addad.units import ScalerUnit, Unit


@pytest.mark.parametrize("unit", list(Unit))
def test_every_unit_but_a_count_has_a_sign(unit: Unit) -> None:
    assert bool(unit.symbol) == (unit is not Unit.COUNT)


@pytest.mark.parametrize(
    ("scaler", "raw", "value"),
    [(0, 230, 230.0), (-1, 2301, 230.1), (3, 5, 5000.0), (-3, 49987, 49.987)],
)
def test_a_scaler_is_a_power_of_ten(scaler: int, raw: int, value: float) -> None:
    assert ScalerUnit(scaler, Unit.VOLT).scaled(raw) == value


def test_an_unknown_unit_is_still_shown() -> None:
    assert ScalerUnit(0, 200).symbol == "unit 200"
