"""The store's file: opened safely, written in whole transactions, refused when it is not ours.

SQLite in WAL mode with synchronous FULL: what was acknowledged is on the disk, what was not is
absent as a whole. Writers begin IMMEDIATE, so two of them wait for each other instead of failing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy
from sqlalchemy import Connection, Engine, event, func, insert, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from addad.errors import InputError, StorageError
from addad.headend.store.schema import (
    APPLICATION_ID,
    AUDIT_TRIGGERS,
    SCHEMA_VERSION,
    SINCE_VERSION_2,
    metadata,
    schema_version,
)

BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF")


class _DriverConnection(Protocol):
    """What the engine hands to a listener: the driver's own connection."""

    isolation_level: str | None

    def execute(self, sql: str, /) -> object: ...


class Store:
    """All that a head end keeps, in one file; the functions of this package read and write it."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`.

        Raises `InputError` for a file that is no store of ours or is of a newer version (it is not
        touched then), `StorageError` for one that cannot be read or written.
        """
        self.path = path
        version = _inspect(path)
        self._engine = _engine(path)
        if version is None:
            self._make_schema()
        elif version < SCHEMA_VERSION:
            self._grow_schema()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is stored as a whole or not at all; raises `StorageError`."""
        with _said_clearly(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(immediate=True)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; raises `StorageError`."""
        with _said_clearly(self.path), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def _make_schema(self) -> None:
        with self.write() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
            if not sqlalchemy.inspect(connection).has_table("schema_version"):
                metadata.create_all(connection)
                for trigger in AUDIT_TRIGGERS:
                    connection.exec_driver_sql(trigger)
                row = {"version": SCHEMA_VERSION, "made_at_us": 0}
                connection.execute(insert(schema_version).values(row))

    def _grow_schema(self) -> None:
        """Add what this version has more; another program may have done so meanwhile."""
        with self.write() as connection:
            metadata.create_all(connection, tables=SINCE_VERSION_2)
            newest = connection.execute(select(func.max(schema_version.c.version))).scalar_one()
            if newest < SCHEMA_VERSION:
                row = {"version": SCHEMA_VERSION, "made_at_us": 0}
                connection.execute(insert(schema_version).values(row))


def _inspect(path: Path) -> int | None:
    """The version of the store, None of one still to be made; looks without writing an octet."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        looking = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise StorageError(f"{path} cannot be opened: {error}; check its permissions") from error
    try:
        application = looking.execute("PRAGMA application_id").fetchone()[0]
        tables = {row[0] for row in looking.execute("SELECT name FROM sqlite_master")}
        if not tables and application in (0, APPLICATION_ID):
            return None
        if application != APPLICATION_ID or "schema_version" not in tables:
            raise InputError(f"{path} is a database of another program; give another --data folder")
        version = looking.execute("SELECT max(version) FROM schema_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{path} is damaged or no database ({error}); put back a backup, or move it away"
        ) from error
    finally:
        looking.close()
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise InputError(
            f"{path} was written by a newer addad (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); update addad. The file was not changed"
        )
    return version


def _engine(path: Path) -> Engine:
    engine = sqlalchemy.create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, pool_size=4
    )

    @event.listens_for(engine, "connect")
    def _settle(driver: _DriverConnection, _record: object) -> None:
        driver.isolation_level = None
        for pragma in _PRAGMAS:
            driver.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


@contextmanager
def _said_clearly(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(_cure(path, str(error.orig))) from error
    except OverflowError as error:
        raise InputError(f"a number is too large to be stored: {error}") from error
    except SQLAlchemyError as error:
        raise StorageError(f"the store {path} failed: {error}") from error


def _cure(path: Path, said: str) -> str:
    if "full" in said:
        return f"the disk of {path} is full: free some space; nothing was half stored"
    if "locked" in said or "busy" in said:
        return f"{path} is held by another program for too long; end it and try again"
    if "readonly" in said or "unable to open" in said:
        return f"{path} cannot be written ({said}); check the folder and its permissions"
    if "malformed" in said or "not a database" in said:
        return f"{path} is damaged ({said}); put back a backup; what is read elsewhere still holds"
    return f"the store {path} refused: {said}"
