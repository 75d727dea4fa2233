"""Register a meter: ask it who it is, seal its passwords, and put it at its service point."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from addad import obis
from addad.cosem.classes.measurement import Data, Register
from addad.errors import AccessError, InputError
from addad.headend.inventory import MAX_TEXT, Installation, Meter, Registration
from addad.headend.link import LINK_FAILURES, MeterClient, Target, number, text
from addad.headend.office import Office
from addad.headend.payloads import Registered, iso
from addad.headend.push_door import push_owner
from addad.headend.push_secrets import push_text
from addad.headend.store import places
from addad.headend.store.audit import AuditEntry
from addad.headend.store.places import SealedPasswords, Secrets, to_us
from addad.headend.store.push_keys import SealedPushKeys
from addad.obis import Obis
from addad.units import ScalerUnit

PROBE_TIMEOUT_S: Final = 10.0
READER_SAP: Final = 2
MAX_SCALER: Final = 18
CLOCK_MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class _Found:
    logical_device_name: str
    serial: str
    import_wh: int
    export_wh: int


async def register_meter(office: Office, wanted: Registration, who: str) -> Registered:
    """Put a meter in service as told, and say so in the audit.

    Serial and start index that are not given are asked from the meter. Raises `InputError` when it
    does not answer and they are needed, says another serial, or is in service elsewhere.
    """
    since = wanted.installed_from
    if since is not None and since > office.now() + CLOCK_MARGIN:
        raise InputError(f"{since:%Y-%m-%d %H:%M} UTC is not yet; register the meter when it hangs")
    found, why_not = await _probe(office, wanted)
    if found is not None and wanted.serial and found.serial and found.serial != wanted.serial:
        raise InputError(f"the meter there says its serial is {found.serial}, not {wanted.serial}")
    serial = wanted.serial or (found.serial if found else "")
    if not serial:
        raise InputError(f"give the serial: {why_not}")
    start_import_wh, start_export_wh = _start(wanted, found, why_not)
    now = office.now()
    device = Meter(0, serial, found.logical_device_name if found else "", wanted.host, wanted.port)
    new = Installation(
        wanted.service_point.id,
        0,
        wanted.installed_from or now,
        None,
        wanted.multiplier,
        start_import_wh,
        start_export_wh,
    )
    subject = wanted.service_point.id
    detail = f"meter {serial}{_pushes(wanted)}"
    entry = AuditEntry(to_us(now), who, "meter.register", subject, detail=detail)
    secret = _sealed(office, wanted, serial)
    placed = await office.stored(
        places.install, office.store, wanted.service_point, device, secret, new, entry
    )
    return Registered(
        service_point=subject,
        meter_serial=placed.meter.serial,
        logical_device_name=placed.meter.logical_device_name,
        installed_from=iso(placed.installation.from_),
    )


def _sealed(office: Office, wanted: Registration, serial: str) -> Secrets:
    seal = office.vault.seal
    passwords = SealedPasswords(
        seal(wanted.reader_password, serial), seal(wanted.management_password, serial)
    )
    push = wanted.push
    if push is None:
        return Secrets(passwords, plain_pushes=wanted.plain_pushes)
    assert push.meter_title is not None
    sealed = SealedPushKeys(push.meter_title, seal(push_text(push), push_owner(serial)))
    return Secrets(passwords, sealed)


def _pushes(wanted: Registration) -> str:
    if wanted.push is not None:
        return ", pushes under keys"
    return ", plain pushes" if wanted.plain_pushes else ""


def _start(wanted: Registration, found: _Found | None, why_not: str) -> tuple[int, int]:
    given = (wanted.start_import_wh, wanted.start_export_wh)
    if None not in given:
        return given[0] or 0, given[1] or 0
    if wanted.installed_from is not None:
        raise InputError("give the start index of import and export at the time of installation")
    if found is None:
        raise InputError(f"give the start index: {why_not}")
    asked = (found.import_wh, found.export_wh)
    start_import_wh, start_export_wh = (
        read if told is None else told for told, read in zip(given, asked, strict=True)
    )
    return start_import_wh, start_export_wh


async def _probe(office: Office, wanted: Registration) -> tuple[_Found | None, str]:
    timeout_s = min(PROBE_TIMEOUT_S, office.settings.answer_timeout_s)
    target = Target(wanted.host, wanted.port, READER_SAP, wanted.reader_password, timeout_s)
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S), office.connect(target) as client:
            name = await client.get(obis.LOGICAL_DEVICE_NAME, Data.value)
            serial = await _optional(client, obis.DEVICE_ID_1)
            return _Found(
                text(name)[:MAX_TEXT],
                serial,
                await _index_wh(client, obis.ACTIVE_ENERGY_IMPORT),
                await _index_wh(client, obis.ACTIVE_ENERGY_EXPORT),
            ), ""
    except TimeoutError:
        return None, f"the meter at {wanted.host}:{wanted.port} does not answer"
    except LINK_FAILURES as error:
        return None, f"the meter at {wanted.host}:{wanted.port} cannot be read ({error})"


async def _optional(client: MeterClient, name: Obis) -> str:
    try:
        answer = await client.get(name, Data.value)
    except AccessError:
        return ""
    return text(answer)


async def _index_wh(client: MeterClient, name: Obis) -> int:
    try:
        answer = await client.get(name, Register.value)
        unit: ScalerUnit = await client.get(name, Register.scaler_unit)
    except AccessError:
        return 0
    return 0 if abs(unit.scaler) > MAX_SCALER else int(unit.scaled(number(answer) or 0))
