"""Date-time, date and time as meters write them, with wildcards.

Green Book, IEC 62056-5-3 (date-time of 12 octets). UTC = local time + deviation.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import IntFlag
from struct import Struct, error
from typing import Final

from addad.errors import DecodeError, LocalProtocolError

DEVIATION_MAX: Final = 840
"""No place on earth is further from UTC than this, in minutes."""

DST_END: Final = 0xFD
"""A month: that in which daylight saving time ends."""
DST_BEGIN: Final = 0xFE
"""A month: that in which daylight saving time begins."""
SECOND_LAST_DAY: Final = 0xFD
"""A day: the last but one of the month."""
LAST_DAY: Final = 0xFE
"""A day: the last of the month."""

_ANY = 0xFF
_ANY_YEAR = 0xFFFF
_NO_DEVIATION = -0x8000
_DATE_TIME, _DATE, _TIME = Struct(">HBBBBBBBhB"), Struct(">HBBB"), Struct(">BBBB")


class ClockStatus(IntFlag):
    """The status octet of a date-time; `NOT_SPECIFIED` is all bits."""

    INVALID = 0x01
    DOUBTFUL = 0x02
    DIFFERENT_CLOCK_BASE = 0x04
    INVALID_CLOCK_STATUS = 0x08
    DAYLIGHT_SAVING = 0x80


NOT_SPECIFIED: Final = 0xFF


def _within(name: str, value: int, low: int, high: int, *others: int) -> int | None:
    """The value, or None for the wildcard; raises `DecodeError` outside its range."""
    if low <= value <= high or value in others:
        return value
    if value == _ANY:
        return None
    raise DecodeError(f"{value} is no {name}")


def _octet(name: str, value: int | None, low: int, high: int, *others: int) -> int:
    if value is None:
        return _ANY
    if low <= value <= high or value in others:
        return value
    raise LocalProtocolError(f"{value} is no {name}")


def _u16_year(year: int | None) -> int:
    if year is None:
        return _ANY_YEAR
    if 0 <= year < _ANY_YEAR:
        return year
    raise LocalProtocolError(f"{year} is no year")


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date of five octets; None is *any*, months and days may be rules."""

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None = None

    def encode(self) -> bytes:
        """Five octets; raises `LocalProtocolError` for a field out of range."""
        return _DATE.pack(
            _u16_year(self.year),
            _octet("month", self.month, 1, 12, DST_END, DST_BEGIN),
            _octet("day", self.day, 1, 31, SECOND_LAST_DAY, LAST_DAY),
            _octet("weekday", self.weekday, 1, 7),
        )

    @classmethod
    def decode(cls, octets: bytes) -> Date:
        """Read five octets; raises `DecodeError`."""
        try:
            year, month, day, weekday = _DATE.unpack(octets)
        except error:
            raise DecodeError(f"a date has 5 octets, not {len(octets)}") from None
        return cls(
            None if year == _ANY_YEAR else year,
            _within("month", month, 1, 12, DST_END, DST_BEGIN),
            _within("day", day, 1, 31, SECOND_LAST_DAY, LAST_DAY),
            _within("weekday", weekday, 1, 7),
        )


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day of four octets; None is *any*."""

    hour: int | None
    minute: int | None
    second: int | None
    hundredths: int | None = None

    def encode(self) -> bytes:
        """Four octets; raises `LocalProtocolError` for a field out of range."""
        return _TIME.pack(
            _octet("hour", self.hour, 0, 23),
            _octet("minute", self.minute, 0, 59),
            _octet("second", self.second, 0, 59),
            _octet("hundredths", self.hundredths, 0, 99),
        )

    @classmethod
    def decode(cls, octets: bytes) -> Time:
        """Read four octets; raises `DecodeError`."""
        try:
            hour, minute, second, hundredths = _TIME.unpack(octets)
        except error:
            raise DecodeError(f"a time has 4 octets, not {len(octets)}") from None
        return cls(
            _within("hour", hour, 0, 23),
            _within("minute", minute, 0, 59),
            _within("second", second, 0, 59),
            _within("hundredths", hundredths, 0, 99),
        )


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date-time of twelve octets; None is *any*, for `deviation` *not specified*.

    `deviation` is in minutes: UTC = local time + deviation, so that CET is -60. `status` is the
    octet whose bits `ClockStatus` names, 255 when not specified.
    """

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    hundredths: int | None = None
    deviation: int | None = None
    status: int = NOT_SPECIFIED

    @property
    def date(self) -> Date:
        """The first five octets."""
        return Date(self.year, self.month, self.day, self.weekday)

    @property
    def time(self) -> Time:
        """The octets of the time of day."""
        return Time(self.hour, self.minute, self.second, self.hundredths)

    @classmethod
    def from_datetime(cls, moment: datetime.datetime, status: int = 0) -> DateTime:
        """The local time, to the hundredth, and deviation of an aware datetime.

        Raises `LocalProtocolError` for a naive one, or an offset that is not whole minutes.
        """
        offset = moment.utcoffset()
        if offset is None:
            raise LocalProtocolError("a meter's time needs an aware datetime")
        minutes, remainder = divmod(offset, datetime.timedelta(minutes=1))
        if remainder:
            raise LocalProtocolError(f"{offset} from UTC is not whole minutes")
        return cls(
            moment.year,
            moment.month,
            moment.day,
            moment.isoweekday(),
            moment.hour,
            moment.minute,
            moment.second,
            moment.microsecond // 10_000,
            -minutes,
            status,
        )

    def to_datetime(self, zone: datetime.tzinfo | None = None) -> datetime.datetime:
        """The aware datetime; `zone` is used only when the deviation is not specified.

        Hundredths of *any* count as zero. Raises `DecodeError` for other wildcards, for a day
        that does not exist, and when neither a deviation nor a zone is known.
        """
        year, month, day = self.year, self.month, self.day
        hour, minute, second = self.hour, self.minute, self.second
        if self.deviation is not None:
            zone = datetime.timezone(datetime.timedelta(minutes=-self.deviation))
        if zone is None:
            raise DecodeError("a time without deviation needs a zone")
        if (
            year is None
            or month is None
            or day is None
            or hour is None
            or minute is None
            or second is None
        ):
            raise DecodeError("a time with wildcards is no moment")
        micros = (self.hundredths or 0) * 10_000
        try:
            return datetime.datetime(year, month, day, hour, minute, second, micros, zone)
        except ValueError as problem:
            raise DecodeError(f"no such moment: {problem}") from None

    def encode(self) -> bytes:
        """Twelve octets; raises `LocalProtocolError` for a field out of range."""
        deviation = _NO_DEVIATION if self.deviation is None else self.deviation
        if self.deviation is not None and abs(self.deviation) > DEVIATION_MAX:
            raise LocalProtocolError(f"{self.deviation} min is no deviation")
        if not 0 <= self.status <= 0xFF:
            raise LocalProtocolError(f"{self.status} is no clock status")
        return (
            self.date.encode()
            + self.time.encode()
            + (deviation & 0xFFFF).to_bytes(2, "big")
            + bytes((self.status,))
        )

    @classmethod
    def decode(cls, octets: bytes) -> DateTime:
        """Read twelve octets; raises `DecodeError`."""
        try:
            year, month, day, weekday, *clock, deviation, status = _DATE_TIME.unpack(octets)
        except error:
            raise DecodeError(f"a date-time has 12 octets, not {len(octets)}") from None
        hour, minute, second, hundredths = clock
        if deviation != _NO_DEVIATION and abs(deviation) > DEVIATION_MAX:
            raise DecodeError(f"{deviation} min is no deviation")
        return cls(
            None if year == _ANY_YEAR else year,
            _within("month", month, 1, 12, DST_END, DST_BEGIN),
            _within("day", day, 1, 31, SECOND_LAST_DAY, LAST_DAY),
            _within("weekday", weekday, 1, 7),
            _within("hour", hour, 0, 23),
            _within("minute", minute, 0, 59),
            _within("second", second, 0, 59),
            _within("hundredths", hundredths, 0, 99),
            None if deviation == _NO_DEVIATION else deviation,
            status,
        )
