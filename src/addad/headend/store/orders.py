"""Relay commands, from requested to their outcome, each step with its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, insert, select, update

from addad.errors import InputError
from addad.headend.store.audit import AuditEntry
from addad.headend.store.audit import add as add_audit
from addad.headend.store.database import Store
from addad.headend.store.places import from_us, to_us
from addad.headend.store.schema import command

MAX_DISCONNECTS_PER_HOUR = 20


class CommandPending(InputError):
    """A command of that meter has no outcome yet."""


class TooManyDisconnects(InputError):
    """One person may cut so many supplies in an hour and no more."""


@dataclass(frozen=True)
class RelayCommand:
    """Somebody's wish to switch a supply, and what became of it."""

    id: int
    service_point_id: str
    meter_id: int
    action: str
    reason: str
    who: str
    step: str
    message: str
    requested_at: datetime
    finished_at: datetime | None


def begin(
    store: Store, place: str, meter_id: int, action: str, reason: str, who: str, now: datetime
) -> RelayCommand:
    """Write down a request and its audit row; raises `CommandPending`, `TooManyDisconnects`."""
    with store.write() as connection:
        pending = select(command).where(
            command.c.meter_id == meter_id, command.c.finished_at_us.is_(None)
        )
        if connection.execute(pending).first() is not None:
            raise CommandPending("a command to this meter is under way; wait for its outcome")
        recent = select(func.count()).where(
            command.c.who == who,
            command.c.action == "disconnect",
            command.c.requested_at_us > to_us(now - timedelta(hours=1)),
        )
        cuts = connection.execute(recent).scalar_one()
        if action == "disconnect" and cuts >= MAX_DISCONNECTS_PER_HOUR:
            raise TooManyDisconnects(
                f"{who} asked for {cuts} disconnections in the last hour; wait, or ask a colleague"
            )
        values: dict[str, str | int] = {
            "service_point_id": place,
            "meter_id": meter_id,
            "action": action,
            "reason": reason,
            "who": who,
            "step": "requested",
            "message": "",
        }
        key = connection.execute(
            insert(command).values(**values, requested_at_us=to_us(now))
        ).inserted_primary_key
        assert key is not None
        entry = AuditEntry(
            to_us(now), who, f"relay.{action}", place, reason, "requested", f"command {key[0]}"
        )
        add_audit(connection, entry)
    return RelayCommand(key[0], place, meter_id, action, reason, who, "requested", "", now, None)


def advance(store: Store, order: RelayCommand, step: str, message: str, now: datetime) -> None:
    """Write down a command's next step; `confirmed` and `failed` end it. Each is audited."""
    finished = step in ("confirmed", "failed")
    with store.write() as connection:
        connection.execute(
            update(command)
            .where(command.c.id == order.id)
            .values(step=step, message=message, finished_at_us=to_us(now) if finished else None)
        )
        add_audit(
            connection,
            AuditEntry(
                to_us(now),
                order.who,
                f"relay.{order.action}",
                order.service_point_id,
                order.reason,
                step,
                f"command {order.id}: {message}",
            ),
        )


def commands_at(store: Store, service_point_id: str, limit: int = 20) -> list[RelayCommand]:
    """The newest commands of a service point."""
    query = select(command).where(command.c.service_point_id == service_point_id)
    with store.read() as connection:
        rows = connection.execute(query.order_by(command.c.id.desc()).limit(limit))
        return [_command(row) for row in rows]


def unfinished(store: Store) -> list[RelayCommand]:
    """Commands without an outcome: those of a head end that was stopped in between."""
    with store.read() as connection:
        rows = connection.execute(select(command).where(command.c.finished_at_us.is_(None)))
        return [_command(row) for row in rows]


def _command(row: Row[tuple[object, ...]]) -> RelayCommand:
    return RelayCommand(
        row.id,
        row.service_point_id,
        row.meter_id,
        row.action,
        row.reason,
        row.who,
        row.step,
        row.message,
        from_us(row.requested_at_us),
        None if row.finished_at_us is None else from_us(row.finished_at_us),
    )
