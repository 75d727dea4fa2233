"""Physical units and the power of ten of a register: Unit, ScalerUnit (Blue Book, unit table)."""

from enum import IntEnum
from typing import NamedTuple


class Unit(IntEnum):
    """The enum of `scaler_unit`; `symbol` is what a person reads."""

    MINUTE = 6
    SECOND = 7
    DEGREE = 8
    DEGREE_CELSIUS = 9
    WATT = 27
    VOLT_AMPERE = 28
    VAR = 29
    WATT_HOUR = 30
    VOLT_AMPERE_HOUR = 31
    VAR_HOUR = 32
    AMPERE = 33
    COULOMB = 34
    VOLT = 35
    HERTZ = 44
    PERCENTAGE = 56
    COUNT = 255

    @property
    def symbol(self) -> str:
        """The unit's sign, empty for a plain number."""
        return _SYMBOLS.get(self, "")


_SYMBOLS = {
    Unit.MINUTE: "min",
    Unit.SECOND: "s",
    Unit.DEGREE: "°",
    Unit.DEGREE_CELSIUS: "°C",
    Unit.WATT: "W",
    Unit.VOLT_AMPERE: "VA",
    Unit.VAR: "var",
    Unit.WATT_HOUR: "Wh",
    Unit.VOLT_AMPERE_HOUR: "VAh",
    Unit.VAR_HOUR: "varh",
    Unit.AMPERE: "A",
    Unit.COULOMB: "C",
    Unit.VOLT: "V",
    Unit.HERTZ: "Hz",
    Unit.PERCENTAGE: "%",
}


class ScalerUnit(NamedTuple):
    """A register's value is raw × 10^scaler in `unit`; a code outside `Unit` is kept."""

    scaler: int
    unit: int

    @property
    def symbol(self) -> str:
        """The unit's sign, or `unit N` for one that is not in the table."""
        try:
            return Unit(self.unit).symbol
        except ValueError:
            return f"unit {self.unit}"

    def scaled(self, raw: int) -> float:
        """The physical value of a raw register content."""
        return float(raw) * 10.0**self.scaler if self.scaler >= 0 else raw / 10.0**-self.scaler
