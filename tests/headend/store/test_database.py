"""The store's file: made whole, refused when it is not ours, clear words when the disk is full."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from addad.errors import InputError, StorageError
from addad.headend.store import Store, audit
from addad.headend.store.audit import AuditEntry
from addad.headend.store.push_keys import StoredMarks
from addad.headend.store.schema import SCHEMA_VERSION, SINCE_VERSION_2


def test_a_new_store_is_durable_by_its_settings(tmp_path: Path) -> None:
    store = Store(tmp_path / "headend.db")
    with store.read() as connection:
        pragma = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    store.close()


def test_a_store_of_a_newer_schema_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "headend.db"
    Store(path).close()
    plain = sqlite3.connect(path)
    plain.execute("UPDATE schema_version SET version = ?", (SCHEMA_VERSION + 1,))
    plain.commit()
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="newer addad"):
        Store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4080]
)
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "headend.db"
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged or no database"):
        Store(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "headend.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE notes (text)")
    other.commit()
    other.close()
    with pytest.raises(InputError, match="another program"):
        Store(path)


def test_a_missing_folder_says_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        Store(tmp_path / "nowhere" / "headend.db")


def test_a_full_disk_is_named_and_nothing_is_half_stored(tmp_path: Path) -> None:
    store = Store(tmp_path / "headend.db")
    audit.record(store, AuditEntry(1, "somebody", "first"))

    def overflow() -> None:
        with store.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for number in range(5000):
                audit.add(connection, AuditEntry(number, "somebody", "more", detail="x" * 400))

    with pytest.raises(StorageError, match=r"disk .* is full"):
        overflow()
    assert [row.entry.action for row in audit.page(store)] == ["first"]
    assert audit.verify(store).intact
    store.close()


def test_an_error_inside_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "headend.db")

    def interrupted() -> None:
        with store.write() as connection:
            audit.add(connection, AuditEntry(1, "somebody", "begun"))
            raise InputError("no")

    with pytest.raises(InputError):
        interrupted()
    assert audit.page(store) == []
    store.close()


WRITER = """
    import sys
    import numpy as np
    from pathlib import Path
    from fractions import Fraction
    from addad.headend.inventory import Installation, Meter, ServicePoint
    from addad.headend.store import Store, places, readings
    from addad.headend.store.audit import AuditEntry
    store = Store(Path(sys.argv[1]))
    meter = Meter(0, "1", "ADD1", "127.0.0.1", 4059)
    place = ServicePoint("sp", "sp")
    new = Installation("sp", 0, places.EPOCH, multiplier=Fraction(1))
    sealed = places.Secrets(places.SealedPasswords(b"", b""))
    placed = places.install(store, place, meter, sealed, new, AuditEntry(0, "t", "register"))
    layout = readings.ProfileLayout(
        "1-0:99.1.0", 900, (readings.ProfileColumn(3, "1-0:1.8.0", 2, 0, 30),)
    )
    start = (readings.last_row_at_s(store, placed.meter.id, "1-0:99.1.0") or 0) // 900
    print("ready", flush=True)
    for number in range(start + 1, start + 100_000, 3):
        at = np.arange(max(number - 2, 1), number + 3, dtype=np.int64)
        rows = readings.ProfileRows(layout, at * 900, at * 0, (at * 7).reshape(-1, 1))
        readings.save_rows(store, placed.meter.id, rows)
        print(int(at[-1]), flush=True)
"""


def test_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "headend.db"
    chance = random.Random(7)
    acknowledged = 0
    for life in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        if life == 3:  # each of the others may be too short for a slow disk
            acknowledged = max(acknowledged, int(writer.stdout.readline()))
        time.sleep(chance.uniform(0.0, 0.08))
        os.kill(writer.pid, signal.SIGKILL)
        told = writer.stdout.read().split("\n")[:-1]
        writer.wait()
        writer.stdout.close()
        acknowledged = max([acknowledged, *map(int, told)])
        _check_rows(path, acknowledged)
    assert acknowledged > 0


def _check_rows(path: Path, acknowledged: int) -> None:
    from addad.headend.store import places, readings

    store = Store(path)
    (placed,) = places.meters_in_service(store)
    parts = readings.rows_between(store, placed.meter.id, "1-0:99.1.0", 0, 10**10)
    stamps = [int(at) // 900 for part in parts for at in part.at_s]
    assert stamps == list(range(1, len(stamps) + 1))
    assert len(stamps) >= acknowledged
    store.close()


def test_a_store_of_the_first_schema_grows_and_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "headend.db"
    store = Store(path)
    audit.record(store, AuditEntry(1, "somebody", "begun"))
    store.close()
    old = sqlite3.connect(path)
    for table in SINCE_VERSION_2:
        old.execute(f"DROP TABLE {table.name}")
    old.execute("UPDATE schema_version SET version = 1")
    old.commit()
    old.close()
    for _ in range(2):
        store = Store(path)
        assert StoredMarks(store).mark("a") == 0
        assert len(audit.page(store)) == 1
        with store.read() as connection:
            versions = connection.execute(text("SELECT version FROM schema_version")).scalars()
            assert list(versions) == [1, SCHEMA_VERSION]
        store.close()
