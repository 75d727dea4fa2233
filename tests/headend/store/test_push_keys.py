"""Push keys and accepted counters in the store: one title a meter, no counter twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from addad.errors import InputError, SecurityError
from addad.headend.inventory import Installation, Meter, ServicePoint
from addad.headend.store import Store, places
from addad.headend.store.audit import AuditEntry
from addad.headend.store.places import EPOCH, SealedPasswords, Secrets
from addad.headend.store.push_keys import SealedPushKeys, StoredMarks, push_senders
from addad.reader.received_counters import MARK_MAX, Taken

ENTRY = AuditEntry(1, "test", "meter.register")
KEYS = SealedPushKeys(b"ADDMTR01", b"sealed")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "headend.db")
    yield made
    made.close()


def install(store: Store, serial: str, **secret: object) -> int:
    sealed = Secrets(SealedPasswords(b"r", b"m"), **secret)  # type: ignore[arg-type]
    device, point = Meter(0, serial, f"ADD{serial}", "127.0.0.1", 4059), ServicePoint(serial, "x")
    new = Installation(serial, 0, EPOCH)
    return places.install(store, point, device, sealed, new, ENTRY).meter.id


def test_keys_are_kept_replaced_and_forgotten(store: Store) -> None:
    meter_id = install(store, "1", push=KEYS)
    install(store, "2")
    (one,) = push_senders(store)
    assert (one.meter_id, one.serial, one.keys) == (meter_id, "1", KEYS)
    other = SealedPushKeys(b"ADDMTR09", b"other")
    install(store, "1", push=other)
    install(store, "1")
    assert [one.keys for one in push_senders(store)] == [other]
    install(store, "1", plain_pushes=True)
    assert push_senders(store) == []
    assert "sealed" not in repr(KEYS)


def test_a_title_of_another_meter_registers_nothing(store: Store) -> None:
    install(store, "1", push=KEYS)
    with pytest.raises(InputError, match="is that of meter 1"):
        install(store, "2", push=KEYS)
    assert [placed.meter.serial for placed in places.meters_in_service(store)] == ["1"]


def test_a_counter_is_taken_once_and_all_or_none_are(store: Store) -> None:
    marks = StoredMarks(store)
    marks.take({"a": Taken(3, 7), "b": Taken(MARK_MAX - 1, MARK_MAX - 1)})
    assert [marks.mark(name) for name in "abc"] == [8, MARK_MAX, 0]
    with pytest.raises(SecurityError, match="not greater than 7"):
        marks.take({"c": Taken(1, 1), "a": Taken(7, 9)})
    assert [marks.mark(name) for name in "ac"] == [8, 0]
    marks.take({"a": Taken(8, 8)})
    assert marks.mark("a") == 9
