"""The names of what a meter knows: OBIS codes as six octets.

IEC 62056-6-1 (structure A-B:C.D.E*F); values taken from the house's object table.
"""

from __future__ import annotations

import re
from typing import Final

from addad.errors import InputError

_FULL = re.compile(
    r"^(?:(?P<a>\d{1,3})-(?P<b>\d{1,3}):)?(?P<c>\d{1,3})\.(?P<d>\d{1,3})\.(?P<e>\d{1,3})"
    r"(?:[*.](?P<f>\d{1,3}))?$"
)


class Obis(bytes):
    """An OBIS code; as octets it is the logical name of a COSEM object."""

    __slots__ = ()

    def __new__(cls, octets: bytes) -> Obis:
        """Wrap exactly six octets; raises `InputError` for any other length."""
        if len(octets) != 6:
            raise InputError(f"an OBIS code has six octets, not {len(octets)}")
        return super().__new__(cls, octets)

    @classmethod
    def parse(cls, text: str) -> Obis:
        """Read `1-0:1.8.0*255`, `1-0:1.8.0`, `1.0.1.8.0.255` or `1.8.0`; raises `InputError`."""
        stripped = text.strip()
        numbers = stripped.split(".")
        if len(numbers) == 6 and all(n.isascii() and n.isdigit() for n in numbers):
            groups = [int(n) for n in numbers]
        else:
            match = _FULL.match(stripped)
            if match is None or not stripped.isascii():
                raise InputError(
                    f"{text!r} is no OBIS code; write it like 1-0:1.8.0 or 1.0.1.8.0.255"
                )
            a, b, f = match["a"] or "1", match["b"] or "0", match["f"] or "255"
            groups = [int(n) for n in (a, b, match["c"], match["d"], match["e"], f)]
        if max(groups) > 255:
            raise InputError(f"{text!r} is no OBIS code: each group is at most 255")
        return cls(bytes(groups))

    @property
    def dotted(self) -> str:
        """The six groups with points: `1.0.1.8.0.255`."""
        return ".".join(map(str, self))

    def __str__(self) -> str:
        a, b, c, d, e, f = self
        tail = "" if f == 255 else f"*{f}"
        return f"{a}-{b}:{c}.{d}.{e}{tail}"

    def __repr__(self) -> str:
        return f"Obis.parse({str(self)!r})"


def _code(text: str) -> Obis:
    return Obis.parse(text)


# Abstract objects
CLOCK: Final = _code("0-0:1.0.0")
BILLING_PROFILE: Final = _code("0-0:98.1.0")
CURRENT_ASSOCIATION: Final = _code("0-0:40.0.0")
PUBLIC_ASSOCIATION: Final = _code("0-0:40.0.1")
READER_ASSOCIATION: Final = _code("0-0:40.0.2")
MANAGEMENT_ASSOCIATION: Final = _code("0-0:40.0.3")
SAP_ASSIGNMENT: Final = _code("0-0:41.0.0")
LOGICAL_DEVICE_NAME: Final = _code("0-0:42.0.0")
DEVICE_ID_1: Final = _code("0-0:96.1.0")
DISCONNECT_CONTROL: Final = _code("0-0:96.3.10")
PROFILE_STATUS_LOAD: Final = _code("0-0:96.10.1")
PROFILE_STATUS_DAILY: Final = _code("0-0:96.10.2")
EVENT_CODE_STANDARD: Final = _code("0-0:96.11.0")
EVENT_CODE_FRAUD: Final = _code("0-0:96.11.1")
EVENT_CODE_DISCONNECTOR: Final = _code("0-0:96.11.2")
EVENT_COUNTER_STANDARD: Final = _code("0-0:96.15.0")
EVENT_COUNTER_FRAUD: Final = _code("0-0:96.15.1")
EVENT_COUNTER_DISCONNECTOR: Final = _code("0-0:96.15.2")
ERROR_REGISTER: Final = _code("0-0:97.97.0")
ALARM_REGISTER_1: Final = _code("0-0:97.98.0")
ALARM_REGISTER_2: Final = _code("0-0:97.98.1")
ALARM_FILTER_1: Final = _code("0-0:97.98.10")
ALARM_FILTER_2: Final = _code("0-0:97.98.11")
ALARM_DESCRIPTOR_1: Final = _code("0-0:97.98.20")
ALARM_DESCRIPTOR_2: Final = _code("0-0:97.98.21")
EVENT_LOG_STANDARD: Final = _code("0-0:99.98.0")
EVENT_LOG_FRAUD: Final = _code("0-0:99.98.1")
EVENT_LOG_DISCONNECTOR: Final = _code("0-0:99.98.2")
COVER_ACCOUNT: Final = tuple(_code(f"0-0:96.20.{e}") for e in (0, 1, 2, 3))
TERMINAL_COVER_ACCOUNT: Final = tuple(_code(f"0-0:96.20.{e}") for e in (5, 6, 7, 8))
STRONG_FIELD_ACCOUNT: Final = tuple(_code(f"0-0:96.20.{e}") for e in (15, 16, 17, 18))
PUSH_SETUP_ALARM: Final = _code("0-0:25.9.0")
LIMITER: Final = _code("0-0:17.0.0")
DISCONNECT_SCRIPTS: Final = _code("0-0:10.0.106")
MEASUREMENT_TIME: Final = _code("0-0:128.0.0")

# Electricity: firmware, profiles
CLOCK_SHIFT_LIMIT: Final = _code("1-0:0.9.11")
FIRMWARE_ID: Final = _code("1-0:0.2.0")
CURRENT_RATIO_NUMERATOR: Final = _code("1-0:0.4.2")
VOLTAGE_RATIO_NUMERATOR: Final = _code("1-0:0.4.3")
CURRENT_RATIO_DENOMINATOR: Final = _code("1-0:0.4.5")
VOLTAGE_RATIO_DENOMINATOR: Final = _code("1-0:0.4.6")
LOAD_PROFILE: Final = _code("1-0:99.1.0")
DAILY_PROFILE: Final = _code("1-0:99.2.0")

# Energy, total
ACTIVE_ENERGY_IMPORT: Final = _code("1-0:1.8.0")
ACTIVE_ENERGY_EXPORT: Final = _code("1-0:2.8.0")
REACTIVE_ENERGY_IMPORT: Final = _code("1-0:3.8.0")
REACTIVE_ENERGY_EXPORT: Final = _code("1-0:4.8.0")
REACTIVE_ENERGY_Q1: Final = _code("1-0:5.8.0")
REACTIVE_ENERGY_Q2: Final = _code("1-0:6.8.0")
REACTIVE_ENERGY_Q3: Final = _code("1-0:7.8.0")
REACTIVE_ENERGY_Q4: Final = _code("1-0:8.8.0")
APPARENT_ENERGY_IMPORT: Final = _code("1-0:9.8.0")
APPARENT_ENERGY_EXPORT: Final = _code("1-0:10.8.0")
ACTIVE_ENERGY_BOTH: Final = _code("1-0:15.8.0")
ACTIVE_ENERGY_IMPORT_PHASES: Final = tuple(_code(f"1-0:{c}.8.0") for c in (21, 41, 61))
ACTIVE_ENERGY_EXPORT_PHASES: Final = tuple(_code(f"1-0:{c}.8.0") for c in (22, 42, 62))

# Demand
ACTIVE_DEMAND_IMPORT: Final = _code("1-0:1.4.0")
ACTIVE_DEMAND_EXPORT: Final = _code("1-0:2.4.0")
MAXIMUM_DEMAND_IMPORT: Final = _code("1-0:1.6.0")
MAXIMUM_DEMAND_EXPORT: Final = _code("1-0:2.6.0")
CURRENT_DEMAND_PHASES: Final = tuple(_code(f"1-0:{c}.4.0") for c in (31, 51, 71))

# Instantaneous, total
ACTIVE_POWER_IMPORT: Final = _code("1-0:1.7.0")
ACTIVE_POWER_EXPORT: Final = _code("1-0:2.7.0")
ACTIVE_POWER_BOTH: Final = _code("1-0:15.7.0")
ACTIVE_POWER_IMPORT_MEAN: Final = _code("1-0:1.24.0")
REACTIVE_POWER_IMPORT: Final = _code("1-0:3.7.0")
REACTIVE_POWER_EXPORT: Final = _code("1-0:4.7.0")
APPARENT_POWER_IMPORT: Final = _code("1-0:9.7.0")
APPARENT_POWER_EXPORT: Final = _code("1-0:10.7.0")
POWER_FACTOR: Final = _code("1-0:13.7.0")
FREQUENCY: Final = _code("1-0:14.7.0")
NEUTRAL_CURRENT: Final = _code("1-0:91.7.0")
PV_POWER: Final = _code("1-0:128.7.0")

# Instantaneous, by phase L1 L2 L3
CURRENT_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (31, 51, 71))
VOLTAGE_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (32, 52, 72))
POWER_FACTOR_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (33, 53, 73))
ACTIVE_POWER_IMPORT_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (21, 41, 61))
ACTIVE_POWER_EXPORT_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (22, 42, 62))
REACTIVE_POWER_IMPORT_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (23, 43, 63))
REACTIVE_POWER_EXPORT_PHASES: Final = tuple(_code(f"1-0:{c}.7.0") for c in (24, 44, 64))
VOLTAGE_THD_PHASES: Final = tuple(_code(f"1-0:{c}.7.124") for c in (32, 52, 72))
CURRENT_THD_PHASES: Final = tuple(_code(f"1-0:{c}.7.124") for c in (31, 51, 71))
VOLTAGE_ANGLES: Final = tuple(_code(f"1-0:81.7.{e}") for e in (0, 10, 20))
CURRENT_ANGLES: Final = tuple(_code(f"1-0:81.7.{e}") for e in (40, 50, 60))
