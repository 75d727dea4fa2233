"""What pages and programs are shown of a service point, from the store and from what is live."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from addad.errors import InputError
from addad.headend import event_words
from addad.headend.collector import event_payload
from addad.headend.commands import command_row
from addad.headend.inventory import (
    Installation,
    ServicePoint,
    installed_at,
    stitched,
    zone,
)
from addad.headend.office import Office
from addad.headend.payloads import (
    AuditLine,
    AuditPage,
    ChainState,
    Commands,
    Events,
    InstallationRow,
    InstalledMeter,
    LiveState,
    Place,
    ProfileDay,
    ProfileRow,
    RegisterRow,
    Registers,
    ServicePointDetail,
    ServicePointList,
    ServicePointRow,
    iso,
)
from addad.headend.readout import COLLECTED
from addad.headend.store import audit, events, orders, places, readings
from addad.headend.store.audit import AuditRow
from addad.headend.store.blocks import NOTHING
from addad.headend.store.readings import EXPORT, IMPORT, ProfileRows, RegisterReading
from addad.obis import Obis
from addad.obis_names import name_of
from addad.units import ScalerUnit

LOAD_PROFILE: Final = "1-0:99.1.0"
DEFAULT_PERIOD_S: Final = 900
GRACE_S: Final = 120
"""How long after its end an interval may be still on its way before it counts as missing."""
PAGE_LENGTH: Final = 50
AUDIT_PAGE_LENGTH: Final = 100
HASH_SHOWN: Final = 12
FIRST_YEAR, LAST_YEAR = 1970, 2999


class UnknownPlace(InputError):
    """There is no service point of that name."""


class _Reading:
    """One row of a profile on the service point's own counters."""

    def __init__(
        self, at_s: int, status: int, index: tuple[int | None, int | None], period_s: int
    ) -> None:
        self.at_s = at_s
        self.status = status
        self.import_wh, self.export_wh = index
        self.period_s = period_s


def find_place(office: Office, name: str) -> ServicePoint:
    """The service point of that id; raises `UnknownPlace`."""
    place = places.get_service_point(office.store, name)
    if place is None:
        raise UnknownPlace(f"there is no service point {name!r}; look in the list")
    return place


def list_places(office: Office, find: str = "", page: int = 1) -> ServicePointList:
    """A page of the service points, with what is known of each now."""
    offset = (page - 1) * PAGE_LENGTH
    found, total = places.find_service_points(office.store, find, offset, PAGE_LENGTH)
    return ServicePointList(service_points=[_row(office, one) for one in found], total=total)


def detail(office: Office, name: str) -> ServicePointDetail:
    """A service point, its meters now and before, contact and relay."""
    place = find_place(office, name)
    installations = places.installations_at(office.store, name)
    now = next((one for one in installations if one.till is None), None)
    state = office.board.state(name, office.now())
    return ServicePointDetail(
        service_point=Place(
            id=place.id,
            name=place.name,
            address=place.address,
            time_zone=place.time_zone,
            contracted_power_w=place.contracted_power_w,
        ),
        meter=None if now is None else _meter(office, now),
        installations=[_installation(office, one) for one in reversed(installations)],
        contact=state.contact,
        relay=state.relay,
    )


def live(office: Office, name: str) -> LiveState:
    """The newest live values and the last ten minutes."""
    find_place(office, name)
    now = office.now()
    return office.board.state(name, now).show(int(now.timestamp()))


def registers(office: Office, name: str) -> Registers:
    """The newest reading of the meter that is there now."""
    find_place(office, name)
    installations = places.installations_at(office.store, name)
    if not installations:
        return Registers(at=None, registers=[])
    at, found = readings.latest_registers(office.store, installations[-1].meter_id)
    order = {str(code): number for number, code in enumerate(COLLECTED)}
    found.sort(key=lambda one: order.get(one.logical_name, len(order)))
    return Registers(
        at=None if at is None else iso(at), registers=[_register(one) for one in found]
    )


def event_list(
    office: Office, name: str, before: int | None = None, limit: int = PAGE_LENGTH
) -> Events:
    """A service point's events, newest first."""
    find_place(office, name)
    found = events.events_at(office.store, name, before, limit)
    following = found[-1].id if len(found) == limit else None
    return Events(events=[event_payload(one) for one in found], next_before=following)


def command_list(office: Office, name: str) -> Commands:
    """A service point's relay commands, newest first."""
    find_place(office, name)
    return Commands(commands=[command_row(one) for one in orders.commands_at(office.store, name)])


def audit_page(office: Office, before: int | None = None) -> AuditPage:
    """A page of the audit, newest first, with the verdict on the whole chain."""
    rows = audit.page(office.store, before, AUDIT_PAGE_LENGTH)
    chain = audit.verify(office.store)
    return AuditPage(
        rows=[_audit_line(row) for row in rows],
        chain=ChainState(
            intact=chain.intact, rows=chain.rows, broken_at=chain.broken_at, head=chain.head
        ),
        next_before=rows[-1].id if len(rows) == AUDIT_PAGE_LENGTH else None,
    )


def today(office: Office, place: ServicePoint) -> date:
    """The local day of a service point."""
    return office.now().astimezone(zone(place.time_zone)).date()


def profile_day(office: Office, name: str, day: date | None = None) -> ProfileDay:
    """A local day in intervals, stitched over all meters that were there; raises `InputError`."""
    place = find_place(office, name)
    day = day or today(office, place)
    begin, end = _bounds(place, day)
    installations = places.installations_at(office.store, name)
    found = _readings(office, installations, begin, end)
    rows, period_s = _intervals(place, found, begin), _period_s(found)
    start = next((one for one in found if one.at_s == int(begin.timestamp())), None)
    return ProfileDay(
        day=day.isoformat(),
        time_zone=place.time_zone,
        period_s=period_s,
        starts_at=iso(begin),
        ends_at=iso(end),
        import_wh=sum(row["import_wh"] or 0 for row in rows),
        export_wh=sum(row["export_wh"] or 0 for row in rows),
        import_start_wh=None if start is None else start.import_wh,
        export_start_wh=None if start is None else start.export_wh,
        rows=rows,
        missing=_missing(office, installations, found, (begin, end), period_s),
    )


def _bounds(place: ServicePoint, day: date) -> tuple[datetime, datetime]:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(f"{day} is out of range; write the day like 2026-11-22")
    here = zone(place.time_zone)
    begin = datetime.combine(day, time(), here)
    end = datetime.combine(day + timedelta(days=1), time(), here)
    return places.from_us(places.to_us(begin)), places.from_us(places.to_us(end))


def _readings(
    office: Office, installations: list[Installation], begin: datetime, end: datetime
) -> list[_Reading]:
    """All rows from the one at `begin` on until `end`, in order of time."""
    after_s, till_s = int(begin.timestamp()) - 1, int(end.timestamp())
    found: list[_Reading] = []
    for meter_id in dict.fromkeys(one.meter_id for one in installations):
        parts = readings.rows_between(office.store, meter_id, LOAD_PROFILE, after_s, till_s)
        for part in parts:
            found += _on_place(part, meter_id, installations)
    return sorted(found, key=lambda reading: reading.at_s)


def _on_place(
    part: ProfileRows, meter_id: int, installations: list[Installation]
) -> Iterable[_Reading]:
    imported, exported = part.index_wh(IMPORT), part.index_wh(EXPORT)
    for row, at_s in enumerate(part.at_s.tolist()):
        here = installed_at(installations, places.EPOCH + timedelta(seconds=at_s))
        if here is None or here.meter_id != meter_id:
            continue
        import_wh = NOTHING if imported is None else int(imported[row])
        export_wh = NOTHING if exported is None else int(exported[row])
        index = stitched(installations, here, max(import_wh, 0), max(export_wh, 0))
        shown = (
            None if import_wh == NOTHING else index.import_wh,
            None if export_wh == NOTHING else index.export_wh,
        )
        status = int(part.status[row])
        yield _Reading(at_s, 0 if status == NOTHING else status, shown, part.layout.period_s)


def _intervals(place: ServicePoint, found: list[_Reading], begin: datetime) -> list[ProfileRow]:
    rows, here = [], zone(place.time_zone)
    previous: _Reading | None = None
    for reading in found:
        at = places.EPOCH + timedelta(seconds=reading.at_s)
        whole = previous is not None and reading.at_s - previous.at_s == reading.period_s
        start = (previous.import_wh, previous.export_wh) if previous and whole else (None, None)
        if at > begin:
            rows.append(
                ProfileRow(
                    at=iso(at),
                    local=f"{at.astimezone(here):%H:%M}",
                    status=reading.status,
                    flags=event_words.flags(reading.status),
                    import_wh=_difference(start[0], reading.import_wh),
                    export_wh=_difference(start[1], reading.export_wh),
                    import_index_wh=reading.import_wh,
                    export_index_wh=reading.export_wh,
                )
            )
        previous = reading
    return rows


def _difference(before: int | None, after: int | None) -> int | None:
    """The energy of an interval; not known when the index went back, which no counter does."""
    return None if before is None or after is None or after < before else after - before


def _period_s(found: list[_Reading]) -> int:
    return next((one.period_s for one in found if one.period_s > 0), DEFAULT_PERIOD_S)


def _missing(
    office: Office,
    installations: list[Installation],
    found: list[_Reading],
    bounds: tuple[datetime, datetime],
    period_s: int,
) -> list[str]:
    """Ends of intervals that are over, that a meter was there for, and that have no row."""
    there = {one.at_s for one in found}
    begin_s, end_s = (int(bound.timestamp()) for bound in bounds)
    last_s = min(end_s, int(office.now().timestamp()) - GRACE_S)
    first_s = (begin_s // period_s + 1) * period_s
    absent = (at_s for at_s in range(first_s, last_s + 1, period_s) if at_s not in there)
    moments = (places.EPOCH + timedelta(seconds=at_s) for at_s in absent)
    return [iso(at) for at in moments if installed_at(installations, at) is not None]


def _row(office: Office, place: ServicePoint) -> ServicePointRow:
    installations = places.installations_at(office.store, place.id)
    state = office.board.state(place.id, office.now())
    now = next((one for one in installations if one.till is None), None)
    serial = newest_s = None
    kept_wh: tuple[int | None, int | None] = (None, None)
    if now is not None:
        meter = places.get_meter(office.store, now.meter_id)
        serial = meter.serial if meter else None
        newest_s = readings.last_row_at_s(office.store, now.meter_id, LOAD_PROFILE)
        _, kept = readings.latest_registers(office.store, now.meter_id)
        shown = {one.logical_name: _wh(one) for one in kept}
        if IMPORT in shown:
            index = stitched(installations, now, shown[IMPORT], shown.get(EXPORT, 0))
            kept_wh = (index.import_wh, index.export_wh)
    latest = state.latest
    return ServicePointRow(
        id=place.id,
        name=place.name,
        address=place.address,
        meter_serial=serial,
        contact=state.contact,
        p_total=latest["p_total"] if latest else None,
        import_wh=_newer(latest["import_wh"] if latest else None, kept_wh[0]),
        export_wh=_newer(latest["export_wh"] if latest else None, kept_wh[1]),
        relay_state=state.relay["state"] if state.relay else None,
        last_row_at=None if newest_s is None else iso(places.EPOCH + timedelta(seconds=newest_s)),
    )


def _newer(now: int | None, kept: int | None) -> int | None:
    return kept if now is None else now


def _wh(reading: RegisterReading) -> int:
    return int(ScalerUnit(reading.scaler, reading.unit).scaled(reading.value))


def _register(reading: RegisterReading) -> RegisterRow:
    unit = ScalerUnit(reading.scaler, reading.unit)
    return RegisterRow(
        obis=reading.logical_name,
        name=name_of(Obis.parse(reading.logical_name)) or reading.logical_name,
        value=reading.value,
        scaler=reading.scaler,
        unit=unit.symbol,
        scaled=unit.scaled(reading.value),
    )


def _meter(office: Office, installation: Installation) -> InstalledMeter | None:
    meter = places.get_meter(office.store, installation.meter_id)
    if meter is None:
        return None
    return InstalledMeter(
        serial=meter.serial,
        logical_device_name=meter.logical_device_name,
        host=meter.host,
        port=meter.port,
        installed_from=iso(installation.from_),
        multiplier=str(installation.multiplier),
    )


def _installation(office: Office, one: Installation) -> InstallationRow:
    meter = places.get_meter(office.store, one.meter_id)
    return InstallationRow(
        {
            "meter_serial": meter.serial if meter else "",
            "from": iso(one.from_),
            "till": None if one.till is None else iso(one.till),
            "multiplier": str(one.multiplier),
            "start_import_wh": one.start_import_wh,
            "start_export_wh": one.start_export_wh,
            "end_import_wh": one.end_import_wh,
            "end_export_wh": one.end_export_wh,
        }
    )


def _audit_line(row: AuditRow) -> AuditLine:
    entry = row.entry
    return AuditLine(
        id=row.id,
        at=iso(places.from_us(entry.at_us)),
        who=entry.who,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        outcome=entry.outcome,
        detail=entry.detail,
        hash=row.hash[:HASH_SHOWN],
    )
