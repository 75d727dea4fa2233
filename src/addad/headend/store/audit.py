"""Who did what, when, why, with which outcome: rows that are only ever added.

Triggers refuse a change or a removal, and each row's SHA-256 covers the row before it, so that an
edit by other means, a row taken out or two in another order show.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from addad.headend.store.database import Store
from addad.headend.store.schema import audit

GENESIS = "0" * 64
MAX_FIELD = 500


@dataclass(frozen=True)
class AuditEntry:
    """One thing that somebody did; `at_us` in microseconds since 1970 UTC."""

    at_us: int
    who: str
    action: str
    subject: str = ""
    reason: str = ""
    outcome: str = "done"
    detail: str = ""


@dataclass(frozen=True)
class AuditRow:
    """An entry as it stands in the chain."""

    id: int
    entry: AuditEntry
    hash: str


@dataclass(frozen=True)
class Chain:
    """The verdict on the whole audit: where it breaks, if it does."""

    rows: int
    head: str
    broken_at: int | None

    @property
    def intact(self) -> bool:
        """Whether every row fits the one before it."""
        return self.broken_at is None


def add(connection: Connection, entry: AuditEntry) -> None:
    """Write `entry` in the transaction of what it tells about."""
    last = connection.execute(
        select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    ).first()
    number, previous = (last.id + 1, last.hash) if last else (1, GENESIS)
    entry = _bounded(entry)
    row = {"id": number, **vars(entry), "previous_hash": previous}
    connection.execute(insert(audit).values(**row, hash=_digest(number, entry, previous)))


def record(store: Store, entry: AuditEntry) -> None:
    """Write `entry` in a transaction of its own; raises `StorageError`."""
    with store.write() as connection:
        add(connection, entry)


def page(store: Store, before: int | None = None, limit: int = 100) -> list[AuditRow]:
    """The newest rows, or the newest of those older than id `before`."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    with store.read() as connection:
        return [
            AuditRow(
                row.id,
                AuditEntry(
                    row.at_us,
                    row.who,
                    row.action,
                    row.subject,
                    row.reason,
                    row.outcome,
                    row.detail,
                ),
                row.hash,
            )
            for row in connection.execute(query)
        ]


def verify(store: Store) -> Chain:
    """Follow the chain from the first row to the last."""
    previous, number = GENESIS, 0
    with store.read() as connection:
        total = connection.execute(select(func.count()).select_from(audit)).scalar_one()
        for row in connection.execute(select(audit).order_by(audit.c.id)):
            number += 1
            entry = AuditEntry(
                row.at_us, row.who, row.action, row.subject, row.reason, row.outcome, row.detail
            )
            fits = row.id == number and row.previous_hash == previous
            if not fits or row.hash != _digest(number, entry, previous):
                return Chain(total, previous, row.id)
            previous = row.hash
    return Chain(number, previous, None)


def _bounded(entry: AuditEntry) -> AuditEntry:
    return AuditEntry(
        entry.at_us,
        entry.who[:MAX_FIELD],
        entry.action[:MAX_FIELD],
        entry.subject[:MAX_FIELD],
        entry.reason[:MAX_FIELD],
        entry.outcome[:MAX_FIELD],
        entry.detail[:MAX_FIELD],
    )


def _digest(number: int, entry: AuditEntry, previous: str) -> str:
    content = json.dumps([previous, number, *vars(entry).values()], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
