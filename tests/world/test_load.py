"""The load: its day, and currents that follow the voltage as appliances do."""

import numpy as np
import pytest

from addad.world.appliances import Appliance
from addad.world.grid import NOMINAL_VOLTAGE, ORDERS, Grid
from addad.world.habits import Always, Programme, Thermostat
from addad.world.load import CLOCK_AHEAD_S, Household, house_day
from addad.world.signatures import CHARGER, ELECTRONICS, INDUCTION_MOTOR

NOON = 1_781_524_800
RESISTOR = Appliance("resistor", "L2", 2_000.0, None, Always())
SUPPLY = Appliance("supply", "L1", 100.0, ELECTRONICS, Always(), 0.0)
MOTOR = Appliance("motor", "L3", 500.0, INDUCTION_MOTOR, Always(), 1.0)


def clean(volts: float) -> np.ndarray:
    voltages = np.zeros((50, 3, len(ORDERS)), dtype=np.complex128)
    voltages[:, :, 0] = volts * np.exp(1j * np.radians([10.0, -110.0, 130.0]))
    return voltages


def power(voltages: np.ndarray, currents: np.ndarray) -> np.ndarray:
    return (voltages * currents.conj()).sum(axis=2)


def test_each_appliance_takes_its_rated_power_at_230_v_on_its_phase() -> None:
    house = Household(1, (RESISTOR, SUPPLY, MOTOR))
    voltages = clean(NOMINAL_VOLTAGE)
    taken = power(voltages, house.currents(voltages, house.powers(NOON)))
    np.testing.assert_allclose(taken.real, [[100.0, 2_000.0, 500.0]] * 50, rtol=1e-12)
    assert taken[0, 0].imag < -50.0, "a rectifier on a capacitor leads"
    assert taken[0, 2].imag == pytest.approx(500.0 * np.tan(np.radians(28.0)))


@pytest.mark.parametrize("volts", [200.0, 245.0])
def test_voltage_moves_a_resistor_by_its_square_and_a_supply_not_at_all(volts: float) -> None:
    house = Household(1, (RESISTOR, SUPPLY, MOTOR))
    voltages = clean(volts)
    taken = power(voltages, house.currents(voltages, house.powers(NOON))).real
    ratio = volts / NOMINAL_VOLTAGE
    np.testing.assert_allclose(taken[0], [100.0, 2_000.0 * ratio**2, 500.0 * ratio], rtol=1e-12)


def test_no_voltage_no_current_and_no_surge_on_the_way_there() -> None:
    house = Household(1, (RESISTOR, SUPPLY, MOTOR))
    powers = house.powers(NOON)
    assert not house.currents(clean(0.0), powers).any()
    low, lower = (np.abs(house.currents(clean(u), powers)[0, :, 0]) for u in (100.0, 10.0))
    np.testing.assert_allclose(lower, low / 10.0)


def test_a_resistor_copies_the_voltage_and_a_charger_is_full_of_harmonics() -> None:
    voltages = Grid(1).voltages(NOON)
    charger = Appliance("charger", "L1", 50.0, CHARGER, Always(), 0.0)
    house = Household(1, (RESISTOR, charger))
    currents = house.currents(voltages, house.powers(NOON))
    np.testing.assert_allclose(currents[:, 1], voltages[:, 1] * 2_000.0 / NOMINAL_VOLTAGE**2)
    ratio = np.abs(currents[0, 0] / currents[0, 0, 0])
    assert min(ratio[ORDERS.index(order)] for order in (3, 5, 7, 9)) > 0.5


def test_motors_start_with_an_inrush() -> None:
    starts = Programme((8.0, 8.0), 1.0, ((10.0, 1.0),))
    motor = Appliance("motor", "L1", 100.0, INDUCTION_MOTOR, starts, 1.0, 6.0, 0.2)
    house = Household(1, (motor,))
    eight = NOON // 86_400 * 86_400 + 8 * 3_600 - CLOCK_AHEAD_S
    drawn = house.powers(eight)[:, 0]
    np.testing.assert_allclose(drawn[:10], 600.0)
    np.testing.assert_allclose(drawn[10:], 100.0)
    assert not house.powers(eight - 1).any()
    assert house.names(house.powers(eight)) == ("motor",)
    assert house.names(house.powers(eight - 1)) == ()


def test_one_machine_of_two_rows_runs_together() -> None:
    days = [day * 86_400 + 12 * 3_600 for day in range(20_600, 20_640)]
    habit = Programme((11.9, 11.9), 0.5, ((300.0, 1.0),))
    rows = tuple(Appliance(f"washer, {p}", "L1", 100.0, None, habit) for p in "ab")
    house = Household(1, rows)
    runs = np.array([house.powers(noon)[0] > 0.0 for noon in days])
    assert (runs[:, 0] == runs[:, 1]).all()
    assert 5 < runs[:, 0].sum() < 35


def test_what_runs_past_midnight_runs_on() -> None:
    late = Appliance("late", "L1", 100.0, None, Programme((23.5, 23.5), 1.0, ((60.0, 1.0),)))
    midnight = NOON // 86_400 * 86_400 - CLOCK_AHEAD_S
    assert house_day(midnight)[1] == 0
    house = Household(1, (late,))
    assert house.powers(midnight + 60).all()
    assert not house.powers(midnight + 3_600).any()


def test_powers_do_not_depend_on_what_was_asked_before() -> None:
    asked = Household(4)
    for day in range(8):
        asked.powers(NOON + day * 86_400)
    np.testing.assert_array_equal(asked.powers(NOON), Household(4).powers(NOON))


def test_seeds_make_different_households() -> None:
    habit = Thermostat(10.0, 20.0)
    row = (Appliance("cold", "L1", 100.0, None, habit),)
    first, second = Household(1, row), Household(2, row)
    seconds = range(NOON, NOON + 7_200, 60)
    assert [first.powers(s).sum() for s in seconds] != [second.powers(s).sum() for s in seconds]
