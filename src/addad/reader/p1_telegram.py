"""A P1 telegram: the text that some meters push inside a ciphered APDU (Luxembourg, Netherlands).

DSMR P1 companion standard: lines of an OBIS code and values in brackets, a CRC-16 at the end.
Taken from telegrams of real meters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from addad.dlms.clock_time import ClockStatus, DateTime
from addad.dlms.data import Data, Tag
from addad.errors import DecodeError, InputError, LocalProtocolError
from addad.obis import Obis
from addad.reader.push_values import PushedValue
from addad.units import ScalerUnit, Unit

LINES_MAX: Final = 256
"""Lines of one telegram; real ones have about 50."""
START: Final = b"/"

_END: Final = "!"
_LINE: Final = re.compile(r"(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3})((?:\([^()]*\))+)")
_FIELD: Final = re.compile(r"\(([^()]*)\)")
_QUANTITY: Final = re.compile(r"(-?\d{1,15})(?:\.(\d{1,9}))?\*(k?)([A-Za-z0-9]{1,4})")
_DIGITS_MAX: Final = 18
"""Digits of a number that a long64 always holds; one with more stays text."""
_UNITS: Final = {
    "W": Unit.WATT,
    "VA": Unit.VOLT_AMPERE,
    "var": Unit.VAR,
    "Wh": Unit.WATT_HOUR,
    "VAh": Unit.VOLT_AMPERE_HOUR,
    "varh": Unit.VAR_HOUR,
    "A": Unit.AMPERE,
    "V": Unit.VOLT,
    "s": Unit.SECOND,
}
_MOMENT: Final = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([WS])")
_CENTURY: Final = 2000
_DEVIATIONS: Final = {"W": -60, "S": -120}
"""Winter and summer time where P1 is used, in minutes: UTC = local time + deviation."""
_POLYNOMIAL: Final = 0xA001


def _remainder(octet: int) -> int:
    crc = octet
    for _ in range(8):
        crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc


_REMAINDERS: Final = tuple(map(_remainder, range(256)))


def read_telegram(octets: bytes) -> str:
    """The text of a telegram; raises `DecodeError` unless its CRC verifies."""
    if not octets.startswith(START):
        raise DecodeError("a P1 telegram begins with a slash")
    end = octets.rfind(_END.encode()) + 1
    found = octets[end:].strip().decode("latin-1")
    if not end or not re.fullmatch(r"[0-9A-Fa-f]{4}", found):
        raise DecodeError("a P1 telegram without its CRC")
    if int(found, 16) != checksum(octets[:end]):
        raise DecodeError("a P1 telegram with a wrong CRC")
    text = octets.decode("latin-1")
    if len(text.splitlines()) > LINES_MAX:
        raise DecodeError(f"a P1 telegram of more than {LINES_MAX} lines")
    return text


def checksum(octets: bytes) -> int:
    """CRC-16 with the reflected polynomial A001, from slash to exclamation mark."""
    crc = 0
    for octet in octets:
        crc = crc >> 8 ^ _REMAINDERS[(crc ^ octet) & 0xFF]
    return crc


def telegram_values(text: str) -> tuple[PushedValue, ...]:
    """The values of a telegram: the last bracket of each line, a number where it has a unit."""
    return tuple(_values(text))


def _values(text: str) -> Iterator[PushedValue]:
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None:
            continue
        try:
            name = Obis.parse(match[1])
        except InputError:
            continue
        yield _value(name, _FIELD.findall(match[2])[-1])


def _value(name: Obis, content: str) -> PushedValue:
    moment = _moment(content)
    if moment is not None:
        return PushedValue(name, Data(Tag.DATE_TIME, moment))
    quantity = _QUANTITY.fullmatch(content)
    unit = None if quantity is None else _UNITS.get(quantity[4])
    if quantity is None or unit is None:
        return PushedValue(name, Data(Tag.VISIBLE_STRING, content))
    decimals = quantity[2] or ""
    if len(quantity[1].lstrip("-0") + decimals) > _DIGITS_MAX:
        return PushedValue(name, Data(Tag.VISIBLE_STRING, content))
    scaler = (3 if quantity[3] else 0) - len(decimals)
    number = Data(Tag.LONG64, int(quantity[1] + decimals))
    return PushedValue(name, number, ScalerUnit(scaler, unit))


def _moment(content: str) -> bytes | None:
    """The octets of a date-time that a text like 180130102122W is."""
    match = _MOMENT.fullmatch(content)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    summer = match[7] == "S"
    status = ClockStatus.DAYLIGHT_SAVING if summer else 0
    moment = DateTime(
        _CENTURY + year,
        month,
        day,
        None,
        hour,
        minute,
        second,
        deviation=_DEVIATIONS[match[7]],
        status=int(status),
    )
    try:
        return moment.encode()
    except LocalProtocolError:
        return None
