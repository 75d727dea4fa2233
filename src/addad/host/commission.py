"""From an order in words to a meter that is ready to run: identity, passwords, files, source."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from addad.dlms.gateway import GatewayAddress
from addad.errors import InputError
from addad.host.credentials import Wanted, chance_of, commission_secrets
from addad.host.deeds import Deeds
from addad.host.files import DataFolder
from addad.host.history import live_through
from addad.host.local_time import HOUSE_ZONE, zone_info, zone_table
from addad.host.nameplate import FILE_NAME as SERIAL_FILE
from addad.host.nameplate import engrave, serial_of
from addad.host.object_models import DEFAULT_MODEL, load_model
from addad.host.running_meter import RunningMeter, utc_now
from addad.host.sources import SiteSource, Source, recording_source
from addad.meter.associations import PUSH_SETUP, TABLES
from addad.meter.device import Meter
from addad.meter.settings import Identity, MeterSettings, PushSettings, SupplySettings
from addad.meter.transformers import TransformerRatios
from addad.metrology import warm_up
from addad.metrology.instrument import Instrument
from addad.net.push import send_push
from addad.world.scenario import Scenario

BEHIND_MAX: Final = 16
"""Meters that one process runs behind its own: each measures."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants: as the options of `addad meter`, which explain them.

    `behind` are further meters on data folders of their own, reached through this one.
    """

    data: Path
    source: str = "site"
    serial: str = ""
    seed: int = 1
    scene: str | None = None
    push: str = ""
    push_keys: bool = False
    contracted_power_w: int = 0
    over_s: int = 30
    lived_s: float = 0.0
    scenario: str = ""
    password_reader: str = ""
    password_management: str = ""
    security: str = "all"
    new_keys: bool = False
    seal_key: Path | None = None
    model: str = DEFAULT_MODEL
    transformers: TransformerRatios | None = None
    behind: tuple[tuple[GatewayAddress, Path], ...] = ()


def commission(order: Order) -> RunningMeter:
    """A meter on its data folder, with those behind it.

    Raises `InputError` or `StorageError` with what to do.
    """
    addresses = [address for address, _ in order.behind]
    if len(set(addresses)) != len(addresses):
        raise InputError("two meters behind one address; each has its own")
    if len(addresses) > BEHIND_MAX:
        raise InputError(f"at most {BEHIND_MAX} meters run behind one, not {len(addresses)}")
    meter = _alone(order)
    try:
        serial = meter.meter.settings.identity.serial
        for number, (address, folder) in enumerate(order.behind, 1):
            meter.behind[address] = _alone(_order_behind(order, folder, number, serial))
    except BaseException:
        for each in (meter, *meter.behind.values()):
            each.close()
        raise
    return meter


def _order_behind(order: Order, folder: Path, number: int, serial: str) -> Order:
    """The order for a meter behind: another house, another serial, else all alike."""
    kept = (folder / SERIAL_FILE).exists()
    counted = str(int(serial) + number).zfill(len(serial)) if serial.isdecimal() else ""
    return replace(
        order,
        data=folder,
        serial="" if kept else counted or f"{serial[:11]}{number:02}",
        seed=order.seed + number,
        scenario="",
        behind=(),
    )


def _alone(order: Order) -> RunningMeter:
    identity = Identity(serial=serial_of(order.data, order.serial))
    scene = _scene(order.scene)
    deeds = Deeds(Scenario.parse(order.scenario), scene)
    source = _source(order, scene)
    model = load_model(order.model)
    folder = DataFolder(order.data)
    engrave(order.data, identity.serial)
    rows = TABLES[order.security]
    chance = chance_of(order.data, order.seal_key)
    wanted = Wanted(order.password_reader, order.password_management, order.new_keys)
    kept = commission_secrets(order.data, rows, identity.serial, chance, utc_now(), wanted)
    settings = MeterSettings(
        passwords=kept.passwords,
        associations=rows,
        security=kept.provision,
        identity=identity,
        zone=zone_table(HOUSE_ZONE, utc_now().year),
        supply=SupplySettings(contracted_power_w=order.contracted_power_w, over_s=order.over_s),
        push=PushSettings(destination=order.push, protected=order.push_keys),
        model=model,
        transformers=order.transformers,
    )
    warm_up()  # before anybody can connect: a process that compiles neither measures nor answers
    instrument = Instrument(source.instrument)
    meter = Meter(settings, folder, instrument, source.instrument.sample_rate, chance=chance)
    if order.transformers not in (None, meter.measured.transformers.ratios):
        folder.close()
        raise InputError(
            f"the meter is {meter.measured.transformers}, and its registers have counted so; a "
            "management client changes the ratios (1-0:0.4.2 to 1-0:0.4.6), or take another data "
            "folder"
        )
    if order.push_keys and PUSH_SETUP.number not in meter.security.setups:
        folder.close()
        raise InputError(
            "the meter has no keys for pushes; let it know clients with keys (--security), or make "
            "new ones (--new-keys)"
        )
    if order.lived_s:
        _live(meter, source, order.lived_s)
    return RunningMeter(meter, source, send=_send, deeds=deeds, release=folder.close)


def _live(meter: Meter, source: Source, lived_s: float) -> None:
    """Give a fresh meter its past; one that has counted before has its own."""
    if not isinstance(source, SiteSource):
        raise InputError("--lived is a past of the site; a recording has none")
    if meter.clock.last_alive is not None or len(meter.profiles.load.table):
        return
    end = utc_now()
    live_through(meter, source.site, end - timedelta(seconds=lived_s), end)
    while (now := utc_now()) - end > timedelta(seconds=1):
        live_through(meter, source.site, end, now)
        end = now


def _source(order: Order, scene: datetime) -> Source:
    if order.source == "site":
        return SiteSource(order.seed, scene)
    if order.scene is not None:
        raise InputError("--scene is the house's time; a recording has its own")
    return recording_source(Path(order.source))


def _scene(text: str | None) -> datetime:
    if text is None:
        return utc_now().astimezone(zone_info())
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text):
        raise InputError(f"{text!r} is no time; write it like 2026-06-21T12:00")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone_info())
    except ValueError as fault:
        raise InputError(f"{text!r} is no time: {fault}") from fault


async def _send(destination: str, octets: bytes) -> None:
    host, _, port = destination.rpartition(":")
    await send_push(host.strip("[]"), int(port), octets)
