"""What an event or alarm of a meter means in words, and how much it matters.

IDIS numbering, collected from public manuals; the house keys events by log and code, because other
companion standards give the same numbers other meanings.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """A severity (`alarm`, `warning`, `info`, `good`) and an English text for the catalogue."""

    severity: str
    text: str


LOGS: Final[dict[str, str]] = {
    "0-0:99.98.0": "standard",
    "0-0:99.98.1": "fraud",
    "0-0:99.98.2": "disconnector",
}
"""Logical names of the event logs that are collected, and what they are called here."""

HEAD_END_LOG: Final = "head end"
"""What the head end itself noticed of a meter."""
PLAIN_PUSH: Final = 1
HEAD_END_EVENTS: Final[dict[int, Meaning]] = {
    PLAIN_PUSH: Meaning("alarm", "A push without protection was refused"),
}

EVENTS: Final[dict[str, dict[int, Meaning]]] = {
    "standard": {
        1: Meaning("warning", "Power down"),
        2: Meaning("good", "Power up"),
        3: Meaning("info", "Daylight saving time enabled or disabled"),
        4: Meaning("warning", "Clock adjusted (old date/time)"),
        5: Meaning("warning", "Clock adjusted (new date/time)"),
        6: Meaning("warning", "Clock invalid"),
        7: Meaning("warning", "Replace battery"),
        8: Meaning("warning", "Battery voltage low"),
        9: Meaning("info", "TOU activated"),
        10: Meaning("warning", "Error register cleared"),
        11: Meaning("warning", "Alarm register cleared"),
        12: Meaning("alarm", "Program memory error"),
        13: Meaning("alarm", "RAM error"),
        14: Meaning("alarm", "NV memory error"),
        15: Meaning("alarm", "Watchdog error"),
        16: Meaning("alarm", "Measurement system error"),
        17: Meaning("info", "Firmware ready for activation"),
        18: Meaning("info", "Firmware activated"),
        19: Meaning("info", "Passive TOU programmed"),
        20: Meaning("warning", "External alert detected"),
        21: Meaning("info", "End of non-periodic billing interval"),
        47: Meaning("warning", "One or more parameters changed"),
        48: Meaning("warning", "Global key(s) changed"),
        51: Meaning("alarm", "FW verification failed"),
        52: Meaning("warning", "Unexpected consumption"),
        88: Meaning("warning", "Phase sequence reversal"),
        89: Meaning("alarm", "Missing neutral"),
        254: Meaning("warning", "Load profile cleared"),
        255: Meaning("warning", "Log cleared"),
    },
    "fraud": {
        40: Meaning("alarm", "Terminal cover removed"),
        41: Meaning("good", "Terminal cover closed"),
        42: Meaning("alarm", "Strong DC field detected"),
        43: Meaning("good", "No strong DC field anymore"),
        44: Meaning("alarm", "Meter cover removed"),
        45: Meaning("good", "Meter cover closed"),
        46: Meaning("alarm", "Association authentication failure (n times)"),
        49: Meaning("alarm", "Decryption or authentication failure (n times)"),
        50: Meaning("alarm", "Replay attack"),
        91: Meaning("alarm", "Current reversal"),
        200: Meaning("alarm", "Current without voltage L1"),
        201: Meaning("alarm", "Current without voltage L2"),
        202: Meaning("alarm", "Current without voltage L3"),
        255: Meaning("warning", "Log cleared"),
    },
    "disconnector": {
        59: Meaning("info", "Disconnector ready for manual reconnection"),
        60: Meaning("warning", "Manual disconnection"),
        61: Meaning("good", "Manual connection"),
        62: Meaning("warning", "Remote disconnection"),
        63: Meaning("good", "Remote connection"),
        64: Meaning("warning", "Local disconnection"),
        65: Meaning("warning", "Limiter threshold exceeded"),
        66: Meaning("good", "Limiter threshold ok"),
        67: Meaning("warning", "Limiter threshold changed"),
        68: Meaning("alarm", "Disconnect/Reconnect failure"),
        69: Meaning("good", "Local reconnection"),
        70: Meaning("warning", "Supervision monitor 1 threshold exceeded"),
        71: Meaning("good", "Supervision monitor 1 threshold ok"),
        72: Meaning("warning", "Supervision monitor 2 threshold exceeded"),
        73: Meaning("good", "Supervision monitor 2 threshold ok"),
        74: Meaning("warning", "Supervision monitor 3 threshold exceeded"),
        75: Meaning("good", "Supervision monitor 3 threshold ok"),
        255: Meaning("warning", "Log cleared"),
    },
    "power quality": {
        76: Meaning("warning", "Undervoltage L1"),
        77: Meaning("warning", "Undervoltage L2"),
        78: Meaning("warning", "Undervoltage L3"),
        79: Meaning("warning", "Overvoltage L1"),
        80: Meaning("warning", "Overvoltage L2"),
        81: Meaning("warning", "Overvoltage L3"),
        82: Meaning("warning", "Missing voltage L1"),
        83: Meaning("warning", "Missing voltage L2"),
        84: Meaning("warning", "Missing voltage L3"),
        85: Meaning("good", "Voltage L1 normal"),
        86: Meaning("good", "Voltage L2 normal"),
        87: Meaning("good", "Voltage L3 normal"),
        90: Meaning("warning", "Phase asymmetry"),
        92: Meaning("warning", "Bad voltage quality L1"),
        93: Meaning("warning", "Bad voltage quality L2"),
        94: Meaning("warning", "Bad voltage quality L3"),
        255: Meaning("warning", "Log cleared"),
    },
}

ALARM_BITS: Final[dict[int, dict[int, Meaning]]] = {
    1: {
        0: Meaning("warning", "Clock invalid"),
        1: Meaning("warning", "Battery replace"),
        8: Meaning("alarm", "Program memory error"),
        9: Meaning("alarm", "RAM error"),
        10: Meaning("alarm", "NV memory error"),
        11: Meaning("alarm", "Measurement system error"),
        12: Meaning("alarm", "Watchdog error"),
        13: Meaning("alarm", "Fraud attempt"),
    },
    2: {
        0: Meaning("warning", "Power down"),
        1: Meaning("good", "Power up"),
        2: Meaning("warning", "Voltage missing L1"),
        3: Meaning("warning", "Voltage missing L2"),
        4: Meaning("warning", "Voltage missing L3"),
        5: Meaning("good", "Voltage normal L1"),
        6: Meaning("good", "Voltage normal L2"),
        7: Meaning("good", "Voltage normal L3"),
        8: Meaning("alarm", "Missing neutral"),
        9: Meaning("warning", "Phase asymmetry"),
        10: Meaning("alarm", "Current reversal"),
        11: Meaning("warning", "Wrong phase sequence"),
        12: Meaning("warning", "Unexpected consumption"),
        13: Meaning("warning", "Key changed"),
        14: Meaning("warning", "Bad voltage quality L1"),
        15: Meaning("warning", "Bad voltage quality L2"),
        16: Meaning("warning", "Bad voltage quality L3"),
        17: Meaning("warning", "External alert"),
        18: Meaning("info", "Local communication attempt"),
        31: Meaning("alarm", "Disconnect/reconnect failure"),
    },
}
"""Bits of the alarm descriptors 1 and 2."""

STATUS_FLAGS: Final[dict[int, str]] = {
    0x80: "PDN",
    0x20: "CAD",
    0x08: "DST",
    0x04: "DNV",
    0x02: "CIV",
    0x01: "ERR",
}
"""Bits of a profile row's status octet."""


def meaning(log: str, code: int) -> Meaning:
    """What event `code` of that log means; an unknown one is told as its number."""
    return EVENTS.get(log, {}).get(code, Meaning("info", f"Event {code}"))


def raised(register: int, bits: int) -> list[tuple[int, Meaning]]:
    """The alarms, by bit, that a value of alarm descriptor 1 or 2 tells."""
    names = ALARM_BITS.get(register, {})
    return [
        (bit, names.get(bit, Meaning("warning", f"Alarm {register}, bit {bit}")))
        for bit in range(32)
        if bits >> bit & 1
    ]


def flags(status: int) -> list[str]:
    """The marks of a profile row's status octet, the gravest first."""
    return [name for bit, name in STATUS_FLAGS.items() if status & bit]
