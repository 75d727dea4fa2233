"""Which events there are, by number, and the log that keeps each: the IDIS numbering.

The house's own copy of a table collected from public manuals; another companion standard numbers
its events differently, so numbers are never shared between profiles.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Log(IntEnum):
    """The event logs that this meter keeps; the number is group E of their logical names."""

    STANDARD = 0
    FRAUD = 1
    DISCONNECTOR = 2


POWER_DOWN: Final = 1
POWER_UP: Final = 2
CLOCK_ADJUSTED_OLD: Final = 4
CLOCK_ADJUSTED_NEW: Final = 5
CLOCK_INVALID: Final = 6
CALENDAR_ACTIVATED: Final = 9
ERROR_REGISTER_CLEARED: Final = 10
ALARM_REGISTER_CLEARED: Final = 11
NV_MEMORY_ERROR: Final = 14
CALENDAR_PROGRAMMED: Final = 19
TERMINAL_COVER_REMOVED: Final = 40
TERMINAL_COVER_CLOSED: Final = 41
DC_FIELD: Final = 42
DC_FIELD_ENDED: Final = 43
COVER_REMOVED: Final = 44
COVER_CLOSED: Final = 45
AUTHENTICATION_FAILURE: Final = 46
PARAMETERS_CHANGED: Final = 47
KEYS_CHANGED: Final = 48
DECIPHERING_FAILURE: Final = 49
REPLAY: Final = 50
LIMITER_EXCEEDED: Final = 65
LIMITER_OK: Final = 66
LIMITER_CHANGED: Final = 67
RELAY_FAILURE: Final = 68
COUNTER_HIGH: Final = 230
PROFILE_CLEARED: Final = 254
LOG_CLEARED: Final = 255

MANUFACTURER_EVENTS: Final = (COUNTER_HIGH,)
"""What no table has a number for."""

STANDARD_EVENTS: Final[dict[int, str]] = {
    1: "Power down",
    2: "Power up",
    3: "Daylight saving time enabled or disabled",
    4: "Clock adjusted (old date/time)",
    5: "Clock adjusted (new date/time)",
    6: "Clock invalid",
    7: "Replace battery",
    8: "Battery voltage low",
    9: "TOU activated",
    10: "Error register cleared",
    11: "Alarm register cleared",
    12: "Program memory error",
    13: "RAM error",
    14: "NV memory error",
    15: "Watchdog error",
    16: "Measurement system error",
    17: "Firmware ready for activation",
    18: "Firmware activated",
    19: "Passive TOU programmed",
    20: "External alert detected",
    21: "End of non-periodic billing interval",
    47: "One or more parameters changed",
    48: "Global key(s) changed",
    51: "FW verification failed",
    52: "Unexpected consumption",
    88: "Phase sequence reversal",
    89: "Missing neutral",
    230: "Invocation counter high: new keys are due",
    254: "Load profile cleared",
    255: "Event log cleared",
}

FRAUD_EVENTS: Final[dict[int, str]] = {
    40: "Terminal cover removed",
    41: "Terminal cover closed",
    42: "Strong DC field detected",
    43: "No strong DC field anymore",
    44: "Meter cover removed",
    45: "Meter cover closed",
    46: "Association authentication failure (n times)",
    49: "Decryption or authentication failure (n times)",
    50: "Replay attack (IC <= last accepted)",
    91: "Current reversal",
    200: "Current without voltage L1",
    201: "Current without voltage L2",
    202: "Current without voltage L3",
    255: "Fraud log cleared",
}

DISCONNECTOR_EVENTS: Final[dict[int, str]] = {
    59: "Disconnector ready for manual reconnection",
    60: "Manual disconnection",
    61: "Manual connection",
    62: "Remote disconnection",
    63: "Remote connection",
    64: "Local disconnection",
    65: "Limiter threshold exceeded",
    66: "Limiter threshold ok",
    67: "Limiter threshold changed",
    68: "Disconnect/Reconnect failure",
    69: "Local reconnection",
    70: "Supervision monitor 1 threshold exceeded",
    71: "Supervision monitor 1 threshold ok",
    72: "Supervision monitor 2 threshold exceeded",
    73: "Supervision monitor 2 threshold ok",
    74: "Supervision monitor 3 threshold exceeded",
    75: "Supervision monitor 3 threshold ok",
    255: "Log cleared",
}

EVENTS: Final[dict[Log, dict[int, str]]] = {
    Log.STANDARD: STANDARD_EVENTS,
    Log.FRAUD: FRAUD_EVENTS,
    Log.DISCONNECTOR: DISCONNECTOR_EVENTS,
}

LOG_OF: Final[dict[int, Log]] = {
    code: log for log, events in EVENTS.items() for code in events if code != LOG_CLEARED
}
