"""What clients wrote survives: whole, bounded, and never of another table."""

import pytest

from addad.errors import AccessError
from addad.meter.attribute_store import MAX_OCTETS, MAX_VALUE_OCTETS, AttributeStore
from addad.obis import Obis

NAME = Obis.parse("0-0:15.0.0")
OTHER = Obis.parse("0-0:11.0.0")


def _declared() -> AttributeStore:
    store = AttributeStore()
    store.declare(NAME, 2, b"\x0f\x01")
    store.declare(OTHER, 2, b"\x01\x00")
    return store


def test_the_first_value_is_the_tables_until_another_is_written() -> None:
    store = _declared()
    assert store.read(NAME, 2) == b"\x0f\x01"
    store.write(NAME, 2, b"\x0f\x02")
    assert store.read(NAME, 2) == b"\x0f\x02"
    assert store.read(OTHER, 2) == b"\x01\x00"


def test_what_was_written_comes_back() -> None:
    store = _declared()
    assert not store.changed
    store.write(NAME, 2, b"\x0f\x02")
    assert store.changed
    area = store.image()
    assert not store.changed
    later = _declared()
    assert later.load(area)
    assert later.read(NAME, 2) == b"\x0f\x02"
    assert not later.changed
    assert later.image() == area


def test_a_damaged_area_is_known_at_every_octet() -> None:
    store = _declared()
    store.write(NAME, 2, b"\x0f\x02")
    area = store.image()
    for place in range(len(area)):
        damaged = bytearray(area)
        damaged[place] ^= 0x40
        later = _declared()
        assert not later.load(bytes(damaged))
        assert later.read(NAME, 2) == b"\x0f\x01"
    for size in range(1, len(area)):
        assert not _declared().load(area[:size])
    assert _declared().load(b"")


def test_values_of_another_table_are_left_out() -> None:
    store = _declared()
    store.write(NAME, 2, b"\x0f\x02")
    store.write(OTHER, 2, b"\x01\x01\x0f\x05")
    newer = AttributeStore()
    newer.declare(OTHER, 2, b"\x01\x00")
    assert newer.load(store.image())
    assert newer.read(OTHER, 2) == b"\x01\x01\x0f\x05"


def test_no_client_fills_the_memory() -> None:
    store = AttributeStore()
    for index in range(100):
        store.declare(NAME, index, b"\x00")
    with pytest.raises(AccessError):
        store.write(NAME, 1, bytes(MAX_VALUE_OCTETS + 1))
    written = 0
    for index in range(100):
        try:
            store.write(NAME, index, bytes(MAX_VALUE_OCTETS))
        except AccessError:
            break
        written += 1
    assert written == MAX_OCTETS // MAX_VALUE_OCTETS
    store.write(NAME, 0, bytes(8))  # a smaller value makes room
    store.write(NAME, 50, bytes(8))


def test_a_write_tells_whether_it_changes_something() -> None:
    store = AttributeStore()
    store.declare(NAME, 2, b"\x0f\x01")
    assert not store.write(NAME, 2, b"\x0f\x01")
    assert store.write(NAME, 2, b"\x0f\x02")
    assert not store.write(NAME, 2, b"\x0f\x02")
