"""Service points, meters, and installations: which meter was where, from when, till when.

Bills and charts hang on the service point. Its index is stitched over all its installations: each
adds what its meter counted since its start index, times its multiplier, so a meter exchange neither
jumps nor drops the customer's history.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from addad.errors import InputError
from addad.headend.push_secrets import check_push_keys
from addad.reader.credentials import AssociationCredentials

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,31}")
_MULTIPLIER = re.compile(r"[0-9]{1,12}([./][0-9]{1,12})?")
MAX_TEXT = 200
FIRST_YEAR, LAST_YEAR = 1970, 2999
MAX_HOST = 253
MAX_PASSWORD = 64
MAX_MULTIPLIER = 1_000_000
MAX_INDEX_WH = 10**18


@dataclass(frozen=True)
class ServicePoint:
    """A place where a customer is connected; `id` is the utility's own name for it."""

    id: str
    name: str
    address: str = ""
    time_zone: str = "Africa/Casablanca"
    contracted_power_w: int | None = None

    def __post_init__(self) -> None:
        if not _IDENTIFIER.fullmatch(self.id):
            raise InputError(
                f"service point {self.id!r}: use 1 to 40 letters, digits, points, dashes"
            )
        for text in (self.name, self.address):
            check_text(text)
        zone(self.time_zone)
        if self.contracted_power_w is not None and not 0 < self.contracted_power_w < 10**9:
            raise InputError("the contracted power must be a positive number of watts")


@dataclass(frozen=True)
class Meter:
    """A device: how it is named and how it is reached. Passwords are kept apart, enciphered."""

    id: int
    serial: str
    logical_device_name: str
    host: str
    port: int
    reader_sap: int = 2
    management_sap: int = 1

    def __post_init__(self) -> None:
        if not _SERIAL.fullmatch(self.serial):
            raise InputError(
                f"meter serial {self.serial!r}: use 1 to 32 letters, digits, points, dashes"
            )
        check_address(self.host, self.port)


@dataclass(frozen=True)
class Installation:
    """One meter at one service point from `from_` until `till` (still there when None).

    `start_…` is what the meter showed when it came, `end_…` when it went [Wh, unmultiplied].
    """

    service_point_id: str
    meter_id: int
    from_: datetime
    till: datetime | None = None
    multiplier: Fraction = Fraction(1)
    start_import_wh: int = 0
    start_export_wh: int = 0
    end_import_wh: int | None = None
    end_export_wh: int | None = None

    def __post_init__(self) -> None:
        if self.from_.tzinfo is None or (self.till is not None and self.till.tzinfo is None):
            raise InputError("installation times need a zone")
        if self.till is not None and self.till < self.from_:
            raise InputError("an installation cannot end before it begins")
        if not 0 < self.multiplier <= MAX_MULTIPLIER:
            raise InputError(f"the multiplier must be above 0 and at most {MAX_MULTIPLIER}")
        starts = (self.start_import_wh, self.start_export_wh)
        if min(starts) < 0:
            raise InputError("a start index cannot be negative")
        if max(starts) > MAX_INDEX_WH:
            raise InputError(f"a start index is at most {MAX_INDEX_WH} Wh")

    def covers(self, at: datetime) -> bool:
        """Whether the meter counted for the service point at `at`; the end belongs to it."""
        return self.from_ <= at and (self.till is None or at <= self.till)


@dataclass(frozen=True)
class Index:
    """What a service point's counters show, stitched and multiplied."""

    import_wh: int
    export_wh: int


@dataclass(frozen=True)
class Registration:
    """What a person tells about a meter and its place; None or empty means: ask the meter.

    With `push` only pushes under these keys are taken of the meter, until it is registered with
    `plain_pushes`; with neither, all stays as it is.
    """

    service_point: ServicePoint
    host: str
    port: int
    serial: str = ""
    reader_password: str = ""
    management_password: str = ""
    multiplier: Fraction = Fraction(1)
    start_import_wh: int | None = None
    start_export_wh: int | None = None
    installed_from: datetime | None = None
    push: AssociationCredentials | None = field(default=None, repr=False)
    plain_pushes: bool = False

    def __post_init__(self) -> None:
        if self.push is not None:
            check_push_keys(self.push)
            if self.plain_pushes:
                raise InputError("pushes are plain, or there are keys for them: not both")
        check_address(self.host, self.port)
        for password in (self.reader_password, self.management_password):
            if len(password) > MAX_PASSWORD or not password.isprintable():
                raise InputError(f"a meter's password has at most {MAX_PASSWORD} printable letters")


def check_text(text: str) -> str:
    """`text` if it is printable and at most `MAX_TEXT` long; raises `InputError`."""
    if len(text) > MAX_TEXT or not all(c.isprintable() for c in text):
        raise InputError(f"use at most {MAX_TEXT} printable characters")
    return text


def check_address(host: str, port: int) -> None:
    """Raise `InputError` for what can be no address of a meter."""
    try:
        named = 0 < len(host.encode("idna")) <= MAX_HOST and host.isprintable() and " " not in host
    except UnicodeError:
        named = False
    if not named:
        raise InputError("the meter's host must be a name or an address")
    if not 1 <= port <= 65535:
        raise InputError(f"the meter's port must be 1 to 65535, not {port}")


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises `InputError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(f"{name!r} is no time zone; write it like Africa/Casablanca") from error


def parse_multiplier(text: str) -> Fraction:
    """Read `1`, `40`, `2000/11` or `1.5`; raises `InputError`."""
    text = text.strip() or "1"
    try:
        value = Fraction(text) if _MULTIPLIER.fullmatch(text) else None
    except ZeroDivisionError:
        value = None
    if value is None:
        raise InputError(f"{text[:40]!r} is no multiplier; write it like 40 or 2000/11")
    if not 0 < value <= MAX_MULTIPLIER or value.denominator > MAX_MULTIPLIER:
        raise InputError(f"the multiplier must be above 0 and at most {MAX_MULTIPLIER}")
    return value


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time with a zone, as UTC; raises `InputError`."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is no time; write it like 2026-11-22T14:00:00Z") from error
    if at.tzinfo is None:
        raise InputError(f"{text!r} names no zone; add Z or +01:00")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise InputError(f"the year must be {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(UTC)


def scaled_wh(register_wh: int, start_wh: int, multiplier: Fraction) -> int:
    """What a meter counted since its start, at the service point, in whole Wh (rounded down)."""
    return (register_wh - start_wh) * multiplier.numerator // multiplier.denominator


def carried(installations: Iterable[Installation], current: Installation) -> Index:
    """What all installations before `current` brought onto the service point's counters."""
    import_wh = export_wh = 0
    for past in installations:
        if past.from_ >= current.from_:
            continue
        if past.end_import_wh is not None:
            import_wh += scaled_wh(past.end_import_wh, past.start_import_wh, past.multiplier)
        if past.end_export_wh is not None:
            export_wh += scaled_wh(past.end_export_wh, past.start_export_wh, past.multiplier)
    return Index(import_wh, export_wh)


def stitched(
    installations: Sequence[Installation], current: Installation, import_wh: int, export_wh: int
) -> Index:
    """The service point's index when the meter of `current` shows these registers."""
    before = carried(installations, current)
    return Index(
        before.import_wh + scaled_wh(import_wh, current.start_import_wh, current.multiplier),
        before.export_wh + scaled_wh(export_wh, current.start_export_wh, current.multiplier),
    )


def installed_at(installations: Sequence[Installation], at: datetime) -> Installation | None:
    """The installation that counted at `at`; at the moment of an exchange, the older one."""
    return next((one for one in sorted(installations, key=_start) if one.covers(at)), None)


def check_free(installations: Iterable[Installation], new: Installation) -> None:
    """Refuse, by `InputError`, an installation that overlaps one of the place or of the meter."""
    for old in installations:
        if old.service_point_id != new.service_point_id and old.meter_id != new.meter_id:
            continue
        ends_before = old.till is not None and old.till <= new.from_
        begins_after = new.till is not None and new.till <= old.from_
        if not (ends_before or begins_after):
            place, since = old.service_point_id, f"{old.from_:%Y-%m-%d %H:%M} UTC"
            if old.meter_id != new.meter_id:
                raise InputError(f"the service point is taken: {place} has a meter since {since}")
            raise InputError(
                f"the meter is in service at {place} since {since}; it is free once another meter "
                "is registered there"
            )


def _start(installation: Installation) -> datetime:
    return installation.from_
