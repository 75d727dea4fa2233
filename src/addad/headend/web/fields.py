"""From the fields of a form or of JSON to what the head end understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from addad.errors import InputError
from addad.headend.inventory import (
    Registration,
    ServicePoint,
    parse_multiplier,
    parse_time,
)
from addad.headend.push_secrets import push_entry
from addad.reader.credentials import AssociationCredentials

RowNumber = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""The number of a row, as far as there can be one."""
DEFAULT_PORT = 4059
DEFAULT_ZONE = "Africa/Casablanca"
NAMES = (
    "service_point",
    "name",
    "address",
    "time_zone",
    "contracted_power_w",
    "host",
    "port",
    "serial",
    "reader_password",
    "management_password",
    "push_title",
    "push_suite",
    "push_encryption_key",
    "push_authentication_key",
    "plain_pushes",
    "multiplier",
    "start_import_wh",
    "start_export_wh",
    "installed_from",
)
SECRET_NAMES = (
    "reader_password",
    "management_password",
    "push_encryption_key",
    "push_authentication_key",
)


NUMBERS = ("port", "contracted_power_w", "start_import_wh", "start_export_wh", "push_suite")


@dataclass(frozen=True)
class MeterFields:
    """A meter to be registered; empty or absent means: ask the meter, or the default.

    With push keys (titles and keys in hexadecimal) only pushes under them are taken of the meter,
    until `plain_pushes` forgets them.
    """

    service_point: str
    host: str
    port: int = DEFAULT_PORT
    name: str = ""
    address: str = ""
    time_zone: str = DEFAULT_ZONE
    contracted_power_w: int | None = None
    serial: str = ""
    reader_password: str = ""
    management_password: str = ""
    multiplier: str = "1"
    start_import_wh: int | None = None
    start_export_wh: int | None = None
    installed_from: str = ""
    push_title: str = ""
    push_suite: int = 0
    push_encryption_key: str = ""
    push_authentication_key: str = ""
    plain_pushes: bool = False

    def registration(self) -> Registration:
        """What is to be registered; raises `InputError`."""
        return Registration(
            ServicePoint(
                self.service_point,
                self.name or self.service_point,
                self.address,
                self.time_zone or DEFAULT_ZONE,
                self.contracted_power_w,
            ),
            self.host,
            self.port,
            self.serial,
            self.reader_password,
            self.management_password,
            parse_multiplier(self.multiplier),
            self.start_import_wh,
            self.start_export_wh,
            parse_time(self.installed_from) if self.installed_from else None,
            self._push_keys(),
            self.plain_pushes,
        )

    def _push_keys(self) -> AssociationCredentials | None:
        named = {
            "meter_title": self.push_title,
            "encryption_key": self.push_encryption_key,
            "authentication_key": self.push_authentication_key,
        }
        given: dict[str, object] = {name: text for name, text in named.items() if text}
        return push_entry({"suite": self.push_suite, **given}) if given else None


def meter_fields(form: Mapping[str, str]) -> tuple[MeterFields | None, dict[str, str]]:
    """What a form says, or by field what is wrong with it."""
    errors = {name: "Fill this in." for name in ("service_point", "host") if not form[name]}
    numbers: dict[str, int | None] = {}
    for name in NUMBERS:
        text = form[name].strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 16):
            errors[name] = "Write a whole number."
        numbers[name] = int(text) if text and name not in errors else None
    for name, parse in (("multiplier", parse_multiplier), ("installed_from", parse_time)):
        try:
            if form[name]:
                parse(form[name])
        except InputError as error:
            errors[name] = str(error)
    if errors:
        return None, errors
    fields = MeterFields(
        form["service_point"].strip(),
        form["host"].strip(),
        numbers["port"] or DEFAULT_PORT,
        form["name"].strip(),
        form["address"].strip(),
        form["time_zone"].strip(),
        numbers["contracted_power_w"],
        form["serial"].strip(),
        form["reader_password"],
        form["management_password"],
        form["multiplier"].strip(),
        numbers["start_import_wh"],
        numbers["start_export_wh"],
        form["installed_from"].strip(),
        form["push_title"].strip(),
        numbers["push_suite"] or 0,
        form["push_encryption_key"].strip(),
        form["push_authentication_key"].strip(),
        bool(form["plain_pushes"]),
    )
    return fields, {}


def local_path(text: str) -> str:
    """A path of this site to go to; the first page for anything else."""
    parts = urlsplit(text)
    plain = text.isprintable() and "\\" not in text and len(text) <= 500
    here = text.startswith("/") and not text.startswith("//")
    return text if here and plain and not parts.scheme and not parts.netloc else "/"


def parse_day(text: str | None) -> date | None:
    """Read `2026-11-22`; None for nothing; raises `InputError`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no day; write it like 2026-11-22") from error
