"""The appliances of the house as a table: rating, phase, how they draw current, when they run.

Ratings and habits are ordinary ones of a Moroccan town house, assumed; `signatures` says which
currents were measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from addad.world.habits import Always, Habit, Modulating, Programme, Thermostat, Visits
from addad.world.signatures import (
    CAPACITOR_RUN_MOTOR,
    CHARGER,
    COOLER_CONVERTER,
    CORRECTED_CONVERTER,
    ELECTRONICS,
    FAN_MOTOR,
    INDUCTION_MOTOR,
    RECTIFIER_LAMP,
    UNIVERSAL_MOTOR,
    WOUND_LOAD,
    Signature,
)


@dataclass(frozen=True, slots=True)
class Appliance:
    """One row of the house.

    `power_w` is the rated active power at 230 V. Without a signature the appliance is a resistor:
    its current follows the voltage, distortion and all. With one, the fundamental power goes with
    the voltage to the power `exponent` (0: an electronic supply that holds its power). `inrush`
    multiplies the first `inrush_s` seconds after switching on; `flutter` is the share by which
    the power varies while on. Rows whose names begin alike, up to a comma, are one machine and
    share their chances.
    """

    name: str
    phase: Literal["L1", "L2", "L3"]
    power_w: float
    signature: Signature | None
    habit: Habit
    exponent: float = 2.0
    inrush: float = 1.0
    inrush_s: float = 0.0
    flutter: float = 0.0


_EVENING_LAMPS = Visits(((6.3, 7.5, 0.8), (18.0, 20.0, 1.5)), (70.0, 220.0), (0.6, 1.0))
_KITCHEN_LAMPS = Visits(((6.0, 8.0, 1.5), (12.0, 13.5, 0.5), (18.5, 22.0, 2.5)), (20.0, 70.0))
_BEDROOM_LAMPS = Visits(((6.2, 7.5, 1.2), (20.0, 23.3, 3.0)), (15.0, 60.0), (0.4, 1.0))
_FILAMENT_LAMP = Visits(((19.0, 22.0, 0.8),), (20.0, 90.0))
_TELEVISION = Visits(((12.5, 14.0, 0.7), (18.0, 20.5, 1.3)), (60.0, 170.0), (0.8, 1.0))
_DESK = Visits(((9.0, 12.0, 0.4), (15.0, 21.0, 0.9)), (50.0, 200.0), (0.6, 1.0))
_LAPTOP = Visits(((8.5, 12.0, 0.6), (16.0, 22.0, 1.2)), (60.0, 150.0), (0.4, 1.0))
_TELEPHONES = Visits(((0.0, 1.0, 0.5), (21.0, 23.9, 2.0)), (80.0, 180.0), (0.3, 1.0))
_TEA = Visits(((6.5, 8.5, 1.6), (10.0, 11.5, 0.5), (16.0, 23.0, 2.1)), (2.5, 4.5))
_MICROWAVE = Visits(((7.0, 8.5, 0.5), (12.5, 14.0, 0.7), (19.5, 22.0, 1.2)), (1.5, 5.0))
_MIXER = Visits(((11.0, 13.0, 0.7), (18.0, 20.0, 0.5)), (0.7, 3.0), (0.7, 1.0))
_VACUUM = Visits(((9.5, 11.5, 0.45),), (8.0, 20.0), (0.7, 1.0))
_HAIR = Visits(((7.0, 8.0, 0.4), (20.0, 22.0, 0.3)), (3.0, 8.0))
_PUMP = Visits(((6.0, 22.0, 6.0),), (1.5, 6.0))

_COLD = Thermostat(14.0, 26.0, summer_factor=1.5)
_FROZEN = Thermostat(18.0, 32.0, summer_factor=1.4)
_OVEN = Thermostat(4.0, 5.0, ((12.1, 12.9),))
_HOT_WATER = Thermostat(11.0, 12.0, ((5.6, 7.8), (20.2, 22.0)), summer_factor=0.55)
_FAN = Thermostat(170.0, 40.0, ((11.0, 23.5),), threshold=0.5)
_HEATING = Thermostat(9.0, 8.0, ((19.0, 22.3),), threshold=0.6, winter=True)
_COOLING = Modulating(((13.2, 17.2), (21.0, 23.6)))

# fill, heat, wash, rinse; and the drum turning to and fro, then spinning
_HEAT_STEPS = ((4.0, 0.02), (14.0, 1.0), (31.0, 0.0), (2.0, 0.02))
_DRUM_STEPS = (*((0.8, 0.75), (0.4, 0.0)) * 38, (6.0, 1.6))
_IRON = Programme((15.5, 17.5), 0.25, ((0.7, 1.0), (1.6, 0.0)) * 12)
_HEAT = Programme((9.3, 9.7), 0.55, _HEAT_STEPS)
_DRUM = Programme((9.3, 9.7), 0.55, _DRUM_STEPS)

# fmt: off
#   name, phase, W, signature (None: a resistor), habit, exponent, inrush, inrush s, flutter
HOUSE: tuple[Appliance, ...] = (
    Appliance("small supplies, idle", "L1", 24.0, ELECTRONICS, Always(), 0.0),
    Appliance("router", "L2", 9.0, CHARGER, Always(), 0.0, flutter=0.1),
    Appliance("clocks and controls", "L3", 14.0, ELECTRONICS, Always(), 0.0),
    Appliance("refrigerator", "L1", 120.0, INDUCTION_MOTOR, _COLD, 1.0, 6.0, 0.24, 0.02),
    Appliance("freezer", "L3", 95.0, INDUCTION_MOTOR, _FROZEN, 1.0, 6.0, 0.20, 0.02),
    Appliance("living room lamps", "L1", 46.0, RECTIFIER_LAMP, _EVENING_LAMPS, 0.0),
    Appliance("kitchen lamps", "L2", 28.0, RECTIFIER_LAMP, _KITCHEN_LAMPS, 0.0),
    Appliance("bedroom lamps", "L3", 34.0, RECTIFIER_LAMP, _BEDROOM_LAMPS, 0.0),
    Appliance("filament lamp", "L2", 60.0, None, _FILAMENT_LAMP),
    Appliance("television", "L1", 110.0, CORRECTED_CONVERTER, _TELEVISION, 0.0, 3.0, 0.06, 0.18),
    Appliance("satellite receiver", "L1", 16.0, ELECTRONICS, _TELEVISION, 0.0),
    Appliance("desktop computer", "L3", 140.0, ELECTRONICS, _DESK, 0.0, 4.0, 0.06, 0.25),
    Appliance("laptop charger", "L3", 55.0, CHARGER, _LAPTOP, 0.0, flutter=0.15),
    Appliance("telephone chargers", "L2", 18.0, CHARGER, _TELEPHONES, 0.0),
    Appliance("kettle", "L2", 1_850.0, None, _TEA),
    Appliance("oven", "L2", 2_100.0, None, _OVEN),
    Appliance("microwave oven", "L2", 1_250.0, WOUND_LOAD, _MICROWAVE, 1.0, 1.6, 0.1, 0.01),
    Appliance("mixer", "L2", 320.0, UNIVERSAL_MOTOR, _MIXER, 1.5, 2.0, 0.2, 0.05),
    Appliance("washing machine, heater", "L2", 1_950.0, None, _HEAT),
    Appliance("washing machine, drum", "L2", 260.0, UNIVERSAL_MOTOR, _DRUM, 1.5, 1.8, 0.3, 0.05),
    Appliance("water heater", "L3", 1_500.0, None, _HOT_WATER),
    Appliance("air conditioner", "L3", 1_450.0, COOLER_CONVERTER, _COOLING, 0.0, flutter=0.04),
    Appliance("ceiling fan", "L1", 62.0, FAN_MOTOR, _FAN, 1.8, 2.0, 0.5, 0.01),
    Appliance("electric heater", "L1", 1_200.0, None, _HEATING),
    Appliance("iron", "L1", 1_900.0, None, _IRON),
    Appliance("vacuum cleaner", "L3", 900.0, UNIVERSAL_MOTOR, _VACUUM, 1.5, 3.0, 0.4, 0.03),
    Appliance("hair dryer", "L1", 1_350.0, None, _HAIR),
    Appliance("water pump", "L1", 550.0, CAPACITOR_RUN_MOTOR, _PUMP, 1.0, 5.0, 0.35, 0.01),
)
# fmt: on
