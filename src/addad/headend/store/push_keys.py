"""Keys of meters' pushes, sealed, and the counters that were accepted under them.

A mark is the first counter that may still come, under a name that tells neither key nor title; it
is text, because a transaction-id has 64 bits and a column 63.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from addad.errors import InputError
from addad.headend.store.database import Store
from addad.headend.store.schema import counter_mark, meter, push_key
from addad.reader.received_counters import Taken, check_taken


@dataclass(frozen=True)
class SealedPushKeys:
    """A meter's push keys, enciphered under a key that is not in the store."""

    title: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class PushSender:
    """A meter whose pushes are protected."""

    meter_id: int
    serial: str
    keys: SealedPushKeys


def push_senders(store: Store) -> list[PushSender]:
    """All meters whose pushes are protected, in service or not, in order of id."""
    query = select(push_key, meter.c.serial).join(meter, meter.c.id == push_key.c.meter_id)
    with store.read() as connection:
        return [
            PushSender(row.meter_id, row.serial, SealedPushKeys(row.title, row.secret))
            for row in connection.execute(query.order_by(push_key.c.meter_id))
        ]


def put_push_keys(connection: Connection, meter_id: int, keys: SealedPushKeys) -> None:
    """Keep a meter's push keys; raises `InputError` when another meter has that title."""
    query = (
        select(meter.c.serial)
        .join(push_key, push_key.c.meter_id == meter.c.id)
        .where(push_key.c.title == keys.title, push_key.c.meter_id != meter_id)
    )
    other = connection.execute(query).scalar()
    if other is not None:
        raise InputError(f"the system title {keys.title.hex()} is that of meter {other}")
    forget_push_keys(connection, meter_id)
    row = {"meter_id": meter_id, "title": keys.title, "secret": keys.secret}
    connection.execute(insert(push_key).values(**row))


def forget_push_keys(connection: Connection, meter_id: int) -> None:
    """Take plain pushes of a meter again."""
    connection.execute(delete(push_key).where(push_key.c.meter_id == meter_id))


class StoredMarks:
    """The marks of counters that were accepted; see `addad.reader.received_counters.Keeper`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def mark(self, name: str) -> int:
        """The first counter that may still be accepted under a name; 0 before the first."""
        with self._store.read() as connection:
            return _marks(connection, (name,)).get(name, 0)

    def take(self, taken: Mapping[str, Taken]) -> None:
        """Keep that counters were accepted; raises `SecurityError` for one accepted before."""
        with self._store.write() as connection:
            check_taken(taken, _marks(connection, tuple(taken)))
            connection.execute(delete(counter_mark).where(counter_mark.c.name.in_(taken)))
            rows = [{"name": name, "mark": str(last + 1)} for name, (_, last) in taken.items()]
            connection.execute(insert(counter_mark), rows)


def _marks(connection: Connection, names: tuple[str, ...]) -> dict[str, int]:
    query = select(counter_mark).where(counter_mark.c.name.in_(names))
    return {row.name: int(row.mark) for row in connection.execute(query)}
