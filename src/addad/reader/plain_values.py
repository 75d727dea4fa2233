"""COSEM values as plain ones that a table or JSON can show.

Numbers stay numbers, enums become their names, moments ISO 8601 text, structures dictionaries
where their fields are known, octets text when they are printable and hexadecimal otherwise.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TypeAlias, Union

from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import BitString, Data
from addad.errors import DecodeError
from addad.obis import Obis

Plain: TypeAlias = Union[bool, int, float, str, "list[Plain]", "dict[str, Plain]", None]

_DATE_TIME_OCTETS = 12


def plain(value: object) -> Plain:
    """Any value that an attribute can have, made of None, numbers, text, lists and dictionaries."""
    if isinstance(value, Data):
        return plain(value.value)
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such number
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Obis):
        return str(value)
    if isinstance(value, bytes):
        return octets_as_text(value)
    if isinstance(value, DateTime | Date | Time):
        return moment_as_text(value)
    if isinstance(value, BitString):
        return "".join("1" if bit else "0" for bit in value.bits)
    if isinstance(value, tuple | list):
        names = getattr(value, "_fields", None)
        if names is not None:
            return {name: plain(one) for name, one in zip(names, value, strict=True)}
        return [plain(one) for one in value]
    return str(value)


def typed(data: Data) -> Plain:
    """A general value with its type, for an attribute whose meaning is not known."""
    name = data.tag.name.lower().replace("_", "-")
    if isinstance(data.value, tuple):
        inner = [typed(one) if isinstance(one, Data) else plain(one) for one in data.value]
        return {"type": name, "value": inner}
    if isinstance(data.value, bytes):
        return {"type": name, "value": octets_as_text(data.value)}
    return {"type": name, "value": plain(data.value)}


def octets_as_text(octets: bytes) -> str:
    """Printable ASCII as it is, a plausible date-time as a moment, all else in hexadecimal."""
    if octets and all(0x20 <= octet < 0x7F for octet in octets):
        return octets.decode("ascii")
    if len(octets) == _DATE_TIME_OCTETS:
        try:
            return moment_as_text(DateTime.decode(octets))
        except DecodeError:
            return octets.hex()
    return octets.hex()


def visible(text: str) -> str:
    """The text on one line, with what does not print as an escape: no meter moves a cursor."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def moment_as_text(moment: DateTime | Date | Time) -> str:
    """ISO 8601; stars for a field that is *any*, no zone for an unknown deviation."""
    if isinstance(moment, Date):
        return f"{_field(moment.year, 4)}-{_field(moment.month)}-{_field(moment.day)}"
    if isinstance(moment, Time):
        return f"{_field(moment.hour)}:{_field(moment.minute)}:{_field(moment.second)}"
    text = f"{moment_as_text(moment.date)}T{moment_as_text(moment.time)}"
    if moment.hundredths:
        text += f".{moment.hundredths:02d}"
    if moment.deviation is None:
        return text
    hours, minutes = divmod(abs(moment.deviation), 60)
    return f"{text}{'-' if moment.deviation > 0 else '+'}{hours:02d}:{minutes:02d}"


def _field(number: int | None, width: int = 2) -> str:
    return "*" * width if number is None else f"{number:0{width}d}"
