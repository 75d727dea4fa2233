"""Values of attributes as a person writes them in a table of objects.

Blue Book types from TOML or JSON: numbers, true and false, text; OBIS codes as `1-0:1.8.0`; enums
by name or number; octets as text, or `0x` and hexadecimal; moments as ISO 8601 with stars for
*any*; bit-strings as `0101`; structures as tables by field or lists in order; `null` for null-data;
a value whose type is a choice as a table of one entry, `{ long-unsigned = 5 }`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Any, Final, TypeVar

from addad.cosem.classes.choices import TaggedDateTime
from addad.dlms.clock_time import Date, DateTime, Time
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.dlms.types import (
    AnyData,
    Array,
    DataType,
    DateOctets,
    DateTimeOctets,
    Enum,
    Limited,
    LogicalName,
    Nullable,
    OctetString,
    Structure,
    TimeOctets,
)
from addad.errors import AddadError, InputError
from addad.obis import Obis

T = TypeVar("T")

_HEX: Final = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")
_DATE: Final = re.compile(r"(\d{4}|\*{4})-(\d\d|\*\*)-(\d\d|\*\*)")
_TIME: Final = re.compile(r"(\d\d|\*\*):(\d\d|\*\*):(\d\d|\*\*)")
_ZONE: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_OCTET_TAGS: Final = (Tag.OCTET_STRING, Tag.DATE_TIME, Tag.DATE, Tag.TIME)


def from_plain(kind: DataType[T], written: object, where: str = "the value") -> T:
    """The value that somebody wrote for an attribute of this type.

    Raises `InputError` that names the place (`where`) and what was expected there.
    """
    try:
        value: T = _value(kind, written, where)
        kind.encode(value)
    except InputError:
        raise
    except (AddadError, TypeError, ValueError, OverflowError, AttributeError) as fault:
        raise InputError(f"{where}: {written!r} is no {kind!r} ({fault})") from None
    return value


def _value(kind: DataType[Any], written: object, where: str) -> Any:
    if isinstance(kind, Nullable):
        return None if written == "null" else _value(kind.inner, written, where)
    if isinstance(kind, Limited):
        return _value(kind.inner, written, where)
    if isinstance(kind, Array):
        if not isinstance(written, list):
            raise InputError(f"{where}: a list is wanted, not {written!r}")
        return tuple(
            [_value(kind.element, one, f"{where}[{place}]") for place, one in enumerate(written)]
        )
    if isinstance(kind, Structure):
        return kind.names(*_fields(kind, written, where))
    if isinstance(kind, Enum):
        return _enum(kind, written, where)
    if isinstance(kind, OctetString):
        return octets_of(written, where)
    if kind is AnyData:
        return _choice(written, where)
    read = _READERS.get(id(kind))
    if read is not None:
        return read(written, where)
    return _by_tag(kind, written, where)


def _fields(kind: Structure[Any], written: object, where: str) -> list[Any]:
    names: tuple[str, ...] = getattr(kind.names, "_fields", ())
    if isinstance(written, dict):
        if set(written) != set(names):
            raise InputError(f"{where}: the fields are {', '.join(names)}, not {sorted(written)}")
        written = [written[name] for name in names]
    if not isinstance(written, list) or len(written) != len(kind.fields):
        raise InputError(f"{where}: {len(kind.fields)} fields are wanted: {', '.join(names)}")
    places = names or [str(place) for place in range(len(kind.fields))]
    return [
        _value(field, one, f"{where}.{place}")
        for field, one, place in zip(kind.fields, written, places, strict=True)
    ]


def _enum(kind: Enum[Any], written: object, where: str) -> IntEnum:
    codes: type[IntEnum] = kind.codes
    if isinstance(written, str):
        name = written.upper()
        if name in codes.__members__:
            return codes[name]
    elif isinstance(written, int) and written in codes.__members__.values():
        return codes(written)
    known = ", ".join(code.name.lower() for code in codes)
    raise InputError(f"{where}: {written!r} is none of {known}")


def _choice(written: object, where: str) -> Data:
    """A value whose tag is written with it."""
    if written == "null":
        return NULL
    if not isinstance(written, dict) or len(written) != 1:
        raise InputError(f"{where}: write the type too, such as {{ long-unsigned = 5 }}")
    (name, value), *_ = written.items()
    try:
        tag = Tag[str(name).upper().replace("-", "_")]
    except KeyError:
        raise InputError(f"{where}: {name!r} is no type") from None
    if tag in (Tag.ARRAY, Tag.STRUCTURE):
        if not isinstance(value, list):
            raise InputError(f"{where}: a list is wanted, not {value!r}")
        return Data(tag, tuple([_choice(one, f"{where}.{name}") for one in value]))
    if tag in _OCTET_TAGS:
        return Data(tag, octets_of(value, where))
    if tag == Tag.BIT_STRING:
        return Data(tag, _bits(value, where))
    return Data(tag, value)


def octets_of(written: object, where: str) -> bytes:
    """Text, or `0x` and hexadecimal, as octets."""
    if not isinstance(written, str):
        raise InputError(f"{where}: text or 0x… is wanted, not {written!r}")
    found = _HEX.fullmatch(written)
    return bytes.fromhex(found[1]) if found else written.encode("utf-8")


def _bits(written: object, where: str) -> BitString:
    if not isinstance(written, str) or set(written) - {"0", "1"}:
        raise InputError(f"{where}: a bit-string is written as 0101, not {written!r}")
    size = len(written)
    padded = written.ljust(-(-size // 8) * 8, "0")
    return BitString(bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8)), size)


def _by_tag(kind: DataType[Any], written: object, where: str) -> Any:
    """Whatever else there is: try what a person may have meant, by what the type can encode."""
    if isinstance(written, str):
        for meant in (str, partial(octets_of, where=where), partial(_bits, where=where)):
            try:
                value = meant(written)
                kind.encode(value)
            except (AddadError, TypeError, ValueError, AttributeError):
                continue
            return value
    if isinstance(written, bool | int | float):
        kind.encode(written)
        return written
    raise InputError(f"{where}: {written!r} is no {kind!r}")


def _number(text: str) -> int | None:
    return None if "*" in text else int(text)


def _date(written: object, where: str) -> Date:
    found = _DATE.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise InputError(f"{where}: a date is written as 2026-03-01 or ****-03-01")
    return Date(*map(_number, found.groups()))


def _time(written: object, where: str) -> Time:
    found = _TIME.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise InputError(f"{where}: a time is written as 06:00:00 or **:00:00")
    hour, minute, second = map(_number, found.groups())
    return Time(hour, minute, second, 0)


def _date_time(written: object, where: str) -> DateTime:
    if isinstance(written, str):
        found = _HEX.fullmatch(written)
        if found:
            return DateTime.decode(bytes.fromhex(found[1]))
        date, _, rest = written.partition("T")
        zone = _ZONE.fullmatch(rest[8:]) if rest[8:] else None
        if rest and (zone or not rest[8:]):
            day, time = _date(date, where), _time(rest[:8], where)
            return DateTime(
                day.year,
                day.month,
                day.day,
                day.weekday,
                time.hour,
                time.minute,
                time.second,
                time.hundredths,
                _deviation(zone),
            )
    raise InputError(f"{where}: a moment is written as 2026-03-01T06:00:00 or with stars for any")


def _deviation(zone: re.Match[str] | None) -> int | None:
    """Minutes from local time to UTC: the other sign than ISO 8601 has."""
    if zone is None:
        return None
    minutes = int(zone[2]) * 60 + int(zone[3])
    return -minutes if zone[1] == "+" else minutes


def _name(written: object, where: str) -> Obis:
    if not isinstance(written, str):
        raise InputError(f"{where}: an OBIS code is wanted, not {written!r}")
    try:
        return Obis.parse(written)
    except InputError as fault:
        raise InputError(f"{where}: {fault}") from None


_READERS: Final[dict[int, Callable[[object, str], Any]]] = {
    id(LogicalName): _name,
    id(DateTimeOctets): _date_time,
    id(TaggedDateTime): _date_time,
    id(DateOctets): _date,
    id(TimeOctets): _time,
}
