"""Rows of the inventory: service points, meters, installations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from addad.errors import InputError
from addad.headend.inventory import MAX_INDEX_WH, Installation, Meter, ServicePoint, check_free
from addad.headend.store.audit import AuditEntry
from addad.headend.store.audit import add as add_audit
from addad.headend.store.database import Store
from addad.headend.store.push_keys import SealedPushKeys, forget_push_keys, put_push_keys
from addad.headend.store.schema import (
    installation,
    meter,
    register_reading,
    rollup_day,
    service_point,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class SealedPasswords:
    """A meter's passwords, enciphered under a key that is not in the store."""

    reader: bytes
    management: bytes


@dataclass(frozen=True)
class Secrets:
    """What is kept sealed of a meter; without `push` its push keys stay, or are forgotten."""

    passwords: SealedPasswords
    push: SealedPushKeys | None = None
    plain_pushes: bool = False


@dataclass(frozen=True)
class Placement:
    """A meter in service: the device and where it hangs."""

    meter: Meter
    installation: Installation


def to_us(at: datetime) -> int:
    """Microseconds since 1970 UTC of an aware time."""
    return (at - EPOCH) // _MICROSECOND


def from_us(at_us: int) -> datetime:
    """The aware UTC time of microseconds since 1970."""
    return EPOCH + at_us * _MICROSECOND


def find_service_points(
    store: Store, find: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[ServicePoint], int]:
    """A page of the service points that contain `find`, in order of id, and how many match."""
    query = _matching(find)
    with store.read() as connection:
        total = connection.execute(select(func.count()).select_from(query.subquery()))
        rows = connection.execute(query.order_by(service_point.c.id).offset(offset).limit(limit))
        return [_service_point(row) for row in rows], total.scalar_one()


def get_service_point(store: Store, name: str) -> ServicePoint | None:
    """The service point of that id."""
    with store.read() as connection:
        query = select(service_point).where(service_point.c.id == name)
        row = connection.execute(query).first()
        return None if row is None else _service_point(row)


def get_meter(store: Store, meter_id: int) -> Meter | None:
    """The meter of that id."""
    with store.read() as connection:
        row = connection.execute(select(meter).where(meter.c.id == meter_id)).first()
        return None if row is None else _meter(row)


def get_passwords(store: Store, meter_id: int) -> SealedPasswords:
    """The sealed passwords of a meter; raises `InputError` for an unknown one."""
    with store.read() as connection:
        row = connection.execute(select(meter).where(meter.c.id == meter_id)).first()
    if row is None:
        raise InputError(f"there is no meter {meter_id}")
    return SealedPasswords(row.reader_secret, row.management_secret)


def installations_at(store: Store, service_point_id: str) -> list[Installation]:
    """All installations of a service point, oldest first."""
    with store.read() as connection:
        query = select(installation).where(installation.c.service_point_id == service_point_id)
        rows = connection.execute(query.order_by(installation.c.from_us))
        return [_installation(row) for row in rows]


def meters_in_service(store: Store) -> list[Placement]:
    """Every meter that is installed somewhere now, in order of id."""
    query = (
        select(meter, installation)
        .join(installation, installation.c.meter_id == meter.c.id)
        .where(installation.c.till_us.is_(None))
        .order_by(meter.c.id)
    )
    with store.read() as connection:
        return [Placement(_meter(row), _installation(row)) for row in connection.execute(query)]


def install(
    store: Store,
    place: ServicePoint,
    device: Meter,
    secret: Secrets,
    new: Installation,
    entry: AuditEntry,
) -> Placement:
    """Put a meter (whose `id` is not yet known) at a place, and say so in the audit, in one step.

    A meter that is there already gets the new address and secrets. Another one that is there goes:
    its installation ends where the new one begins, with the last index that was collected. Raises
    `InputError` when the meter is in service elsewhere, or another has its system title.
    """
    with store.write() as connection:
        _put_service_point(connection, place)
        device = _put_meter(connection, device, secret.passwords)
        if secret.push is not None:
            put_push_keys(connection, device.id, secret.push)
        elif secret.plain_pushes:
            forget_push_keys(connection, device.id)
        rows = connection.execute(select(installation)).all()
        present = [_installation(row) for row in rows]
        wanted = _with_meter(new, device.id)
        same = next((one for one in present if _is_current(one, wanted)), None)
        if same is None:
            for old in present:
                if old.service_point_id == place.id and old.till is None:
                    _end(connection, old, wanted.from_)
            rows = connection.execute(select(installation)).all()
            check_free([_installation(row) for row in rows], wanted)
            connection.execute(insert(installation).values(**_columns(wanted)))
        add_audit(connection, entry)
        return Placement(device, same or wanted)


def _is_current(one: Installation, wanted: Installation) -> bool:
    place = (one.service_point_id, one.meter_id)
    return one.till is None and place == (wanted.service_point_id, wanted.meter_id)


def _with_meter(new: Installation, meter_id: int) -> Installation:
    fields = vars(new) | {"meter_id": meter_id}
    return Installation(**fields)


def _end(connection: Connection, old: Installation, at: datetime) -> None:
    if at < old.from_:
        raise InputError(
            f"a meter is there since {old.from_:%Y-%m-%d %H:%M} UTC; the exchange must be later"
        )
    import_wh, export_wh = _last_index(connection, old, at)
    connection.execute(
        update(installation)
        .where(installation.c.meter_id == old.meter_id, installation.c.till_us.is_(None))
        .values(till_us=to_us(at), end_import_wh=import_wh, end_export_wh=export_wh)
    )


def _last_index(connection: Connection, old: Installation, at: datetime) -> tuple[int, int]:
    """What the meter last showed by `at`, never below its start index [Wh]."""
    import_wh, export_wh = old.start_import_wh, old.start_export_wh
    days = connection.execute(
        select(rollup_day)
        .where(rollup_day.c.meter_id == old.meter_id, rollup_day.c.last_at_s <= at.timestamp())
        .order_by(rollup_day.c.utc_day.desc())
        .limit(1)
    )
    for row in days:
        import_wh = max(import_wh, row.last_import_wh or 0)
        export_wh = max(export_wh, row.last_export_wh or 0)
    for name in ("1-0:1.8.0", "1-0:2.8.0"):
        newest = connection.execute(
            select(register_reading.c.value, register_reading.c.scaler)
            .where(
                register_reading.c.meter_id == old.meter_id,
                register_reading.c.logical_name == name,
                register_reading.c.at_us <= to_us(at),
            )
            .order_by(register_reading.c.at_us.desc())
            .limit(1)
        ).first()
        shown_wh = 0 if newest is None else int(newest.value * Fraction(10) ** newest.scaler)
        if shown_wh > MAX_INDEX_WH:
            continue
        if name == "1-0:1.8.0":
            import_wh = max(import_wh, shown_wh)
        else:
            export_wh = max(export_wh, shown_wh)
    return import_wh, export_wh


def _put_service_point(connection: Connection, place: ServicePoint) -> None:
    there = connection.execute(
        update(service_point).where(service_point.c.id == place.id).values(**vars(place))
    )
    if there.rowcount == 0:
        connection.execute(insert(service_point).values(**vars(place)))


def _put_meter(connection: Connection, device: Meter, passwords: SealedPasswords) -> Meter:
    values = {name: value for name, value in vars(device).items() if name != "id"}
    values |= {"reader_secret": passwords.reader, "management_secret": passwords.management}
    row = connection.execute(select(meter.c.id).where(meter.c.serial == device.serial)).first()
    if row is not None:
        connection.execute(update(meter).where(meter.c.id == row.id).values(**values))
        number = row.id
    else:
        key = connection.execute(insert(meter).values(**values)).inserted_primary_key
        assert key is not None
        number = key[0]
    return Meter(**(vars(device) | {"id": number}))


def _matching(find: str) -> Select[tuple[str, str, str, str, int]]:
    query: Select[tuple[str, str, str, str, int]] = select(service_point)
    if not find:
        return query
    here = (
        select(installation.c.service_point_id)
        .join(meter, meter.c.id == installation.c.meter_id)
        .where(meter.c.serial.icontains(find, autoescape=True))
    )
    texts = (service_point.c.id, service_point.c.name, service_point.c.address)
    found = [column.icontains(find, autoescape=True) for column in texts]
    return query.where(or_(*found, service_point.c.id.in_(here)))


def _columns(one: Installation) -> dict[str, str | int | None]:
    return {
        "service_point_id": one.service_point_id,
        "meter_id": one.meter_id,
        "from_us": to_us(one.from_),
        "till_us": None if one.till is None else to_us(one.till),
        "multiplier": str(one.multiplier),
        "start_import_wh": one.start_import_wh,
        "start_export_wh": one.start_export_wh,
        "end_import_wh": one.end_import_wh,
        "end_export_wh": one.end_export_wh,
    }


def _service_point(row: Row[tuple[str, str, str, str, int]]) -> ServicePoint:
    return ServicePoint(row.id, row.name, row.address, row.time_zone, row.contracted_power_w)


def _meter(row: Row[tuple[object, ...]]) -> Meter:
    get = row._mapping
    names = ("id", "serial", "logical_device_name", "host", "port", "reader_sap", "management_sap")
    return Meter(*(get[meter.c[name]] for name in names))


def _installation(row: Row[tuple[object, ...]]) -> Installation:
    get = row._mapping
    till_us = get[installation.c.till_us]
    return Installation(
        get[installation.c.service_point_id],
        get[installation.c.meter_id],
        from_us(get[installation.c.from_us]),
        None if till_us is None else from_us(till_us),
        Fraction(get[installation.c.multiplier]),
        get[installation.c.start_import_wh],
        get[installation.c.start_export_wh],
        get[installation.c.end_import_wh],
        get[installation.c.end_export_wh],
    )
