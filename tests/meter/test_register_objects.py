"""Registers over the wire: numbers, scalers and units a person can check by hand."""

import pytest

from addad import obis
from addad.cosem.classes import Data, Register
from addad.dlms.data import Tag
from addad.dlms.types import DoubleLongUnsigned, Long64Unsigned
from addad.meter.register_objects import ANGLE, CURRENT, VOLTAGE, Form
from addad.units import Unit

IMPORT, EXPORT = obis.ACTIVE_POWER_IMPORT, obis.ACTIVE_POWER_EXPORT


def value(desk, name) -> tuple[float | None, str]:
    raw = desk.get(name, Register.value)
    scale = desk.get(name, Register.scaler_unit)
    return (None if raw.tag == Tag.NULL_DATA else scale.scaled(raw.value)), scale.symbol


def test_before_the_first_measurement_there_is_nothing_to_show(desk) -> None:
    assert value(desk, obis.VOLTAGE_PHASES[0]) == (None, "V")
    assert value(desk, obis.FREQUENCY) == (None, "Hz")
    assert [d.value for d in desk.get(obis.MEASUREMENT_TIME, Data.value).value] == [0, 0, 0]


def test_each_quantity_is_shown_in_its_unit(desk) -> None:
    desk.step(1.0, 3600.0)
    shown = {
        obis.VOLTAGE_PHASES[1]: (231.2, "V"),
        obis.CURRENT_PHASES[1]: (5.5, "A"),
        obis.NEUTRAL_CURRENT: (0.25, "A"),
        obis.FREQUENCY: (50.012, "Hz"),
        IMPORT: (3600.0, "W"),
        EXPORT: (0.0, "W"),
        obis.ACTIVE_POWER_IMPORT_PHASES[2]: (1200.0, "W"),
        obis.REACTIVE_POWER_IMPORT: (0.0, "var"),
        obis.REACTIVE_POWER_EXPORT: (50.0, "var"),
        obis.REACTIVE_POWER_EXPORT_PHASES[1]: (200.0, "var"),
        obis.APPARENT_POWER_IMPORT: (3610.0, "VA"),
        obis.APPARENT_POWER_EXPORT: (0.0, "VA"),
        obis.POWER_FACTOR: (0.95, ""),
        obis.POWER_FACTOR_PHASES[1]: (-0.5, ""),
        obis.VOLTAGE_THD_PHASES[0]: (1.23, "%"),
        obis.CURRENT_THD_PHASES[0]: (50.0, "%"),
        obis.CURRENT_THD_PHASES[1]: (None, "%"),
        obis.VOLTAGE_ANGLES[1]: (-120.0, "°"),
        obis.ACTIVE_ENERGY_IMPORT: (1.0, "Wh"),
        obis.ACTIVE_ENERGY_EXPORT: (0.0, "Wh"),
        obis.REACTIVE_ENERGY_Q3: (0.0, "varh"),
        obis.APPARENT_ENERGY_IMPORT: (0.0, "VAh"),
    }
    for name, (number, unit) in shown.items():
        got, symbol = value(desk, name)
        assert symbol == unit, name
        assert got == (number if number is None else pytest.approx(number)), name


def test_export_has_its_own_registers(desk) -> None:
    desk.step(1.0, -7200.0)
    assert value(desk, IMPORT) == (0.0, "W")
    assert value(desk, EXPORT) == (7200.0, "W")
    assert value(desk, obis.ACTIVE_POWER_EXPORT_PHASES[0]) == (2400.0, "W")
    assert value(desk, obis.ACTIVE_ENERGY_EXPORT) == (2.0, "Wh")
    assert value(desk, obis.APPARENT_POWER_EXPORT) == (7210.0, "VA")


def test_the_inverters_power_is_shown_when_there_is_one(desk) -> None:
    assert value(desk, obis.PV_POWER) == (None, "W")
    desk.step(1.0, 1.0, pv_power_w=2345.4)
    assert value(desk, obis.PV_POWER) == (2345.0, "W")


def test_when_it_was_measured_is_told_in_microseconds(desk) -> None:
    desk.step(0.2, 1.0)
    start, end, processed = (d.value for d in desk.get(obis.MEASUREMENT_TIME, Data.value).value)
    assert end == round(desk.now.timestamp() * 1e6)
    assert (end - start, processed - end) == (200_000, 0)


@pytest.mark.parametrize(
    ("form", "quantity", "number"),
    [
        (VOLTAGE, 230.004, 23000),
        (VOLTAGE, 63_500.0, 6_350_000),
        (VOLTAGE, 1e9, 0xFFFF_FFFF),
        (VOLTAGE, -1.0, 0),
        (CURRENT, 100.0, 100_000),
        (ANGLE, -179.96, -1800),
        (ANGLE, 1e9, 0x7FFF),
        (VOLTAGE, float("nan"), None),
        (VOLTAGE, float("inf"), None),
        (VOLTAGE, None, None),
    ],
)
def test_a_number_always_fits_its_type(form: Form, quantity: float, number: int | None) -> None:
    assert form.number(quantity) == number
    assert form.scale.unit in set(Unit)


def test_both_directions_together_and_the_limit_of_the_clock(desk) -> None:
    for power in (3600.0, -7200.0):
        for _ in range(100):
            desk.step(10.0, power)
    energy = Register.value.typed(Long64Unsigned)
    assert desk.get(obis.ACTIVE_ENERGY_BOTH, energy) == 3000
    number = Register.value.typed(DoubleLongUnsigned)
    assert desk.get(obis.ACTIVE_POWER_BOTH, number) == 72_000
    assert desk.get(obis.CLOCK_SHIFT_LIMIT, number) == 10
