"""Events of meters: each stored once, however often it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert as insert_unless_there

from addad.headend.store.database import Store
from addad.headend.store.places import from_us, to_us
from addad.headend.store.schema import meter_event


@dataclass(frozen=True)
class MeterEvent:
    """What a meter noticed at `at`, in which of its logs; `detail` is what it captured beside."""

    at: datetime
    log: str
    code: int
    severity: str
    text: str
    detail: str = ""


@dataclass(frozen=True)
class StoredEvent:
    """An event with its number in the store and the moment when it reached the head end."""

    id: int
    event: MeterEvent
    received_at: datetime


def save_events(
    store: Store,
    meter_id: int,
    service_point_id: str | None,
    events: Iterable[MeterEvent],
    received_at: datetime,
) -> list[StoredEvent]:
    """Store those that are new, in one transaction, and return them."""
    stored = []
    with store.write() as connection:
        for event in events:
            row = vars(event) | {"at_us": to_us(event.at)}
            row.pop("at")
            number = connection.execute(
                insert_unless_there(meter_event)
                .values(
                    meter_id=meter_id,
                    service_point_id=service_point_id,
                    received_at_us=to_us(received_at),
                    **row,
                )
                .on_conflict_do_nothing()
                .returning(meter_event.c.id)
            ).scalar()
            if number is not None:
                stored.append(StoredEvent(number, event, received_at))
    return stored


def events_at(
    store: Store, service_point_id: str, before: int | None = None, limit: int = 50
) -> list[StoredEvent]:
    """The newest events of a service point, or the newest of those older than id `before`."""
    query = select(meter_event).where(meter_event.c.service_point_id == service_point_id)
    if before is not None:
        query = query.where(meter_event.c.id < before)
    with store.read() as connection:
        rows = connection.execute(query.order_by(meter_event.c.id.desc()).limit(limit))
        return [
            StoredEvent(
                row.id,
                MeterEvent(
                    from_us(row.at_us), row.log, row.code, row.severity, row.text, row.detail
                ),
                from_us(row.received_at_us),
            )
            for row in rows
        ]


def last_event_at(store: Store, meter_id: int, log: str) -> datetime | None:
    """The newest time stamp stored of one of a meter's logs."""
    with store.read() as connection:
        at_us = connection.execute(
            select(func.max(meter_event.c.at_us)).where(
                meter_event.c.meter_id == meter_id, meter_event.c.log == log
            )
        ).scalar_one()
    return None if at_us is None else from_us(at_us)


def count_events(store: Store) -> int:
    """How many events are stored in all."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(meter_event)).scalar_one()
