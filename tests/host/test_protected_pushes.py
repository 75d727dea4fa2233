"""What a meter pushes under keys: who has them reads it, once; who has not learns nothing."""

import asyncio
from pathlib import Path

import pytest

from addad.dlms.apdu.notification import DataNotification
from addad.errors import InputError
from addad.host.commission import Order, commission
from addad.meter.push import PushAttempt
from addad.meter.push_object import notification
from addad.reader.credentials import load_credentials
from addad.reader.pushes import Push, PushDecoder, UnreadPush


def _pushed(folder: Path, count: int) -> list[bytes]:
    meter = commission(Order(folder, push_keys=True, scene="2026-06-21T12:00"))

    async def begin() -> None:
        meter.begin()

    asyncio.run(begin())
    due = meter.meter.clock.time
    octets = [notification(meter.device, meter.meter, PushAttempt(n, due, 1)) for n in range(count)]
    meter.close()
    return octets


def test_who_has_the_keys_reads_a_push_once(tmp_path: Path) -> None:
    one, two = _pushed(tmp_path, 2)
    assert b"ADD0000000000001" not in one
    decoder = PushDecoder(load_credentials(tmp_path / "credentials.json"))
    first, second, again = (found for octets in (one, two, one) for found in decoder.feed(octets))
    for push in (first, second):
        assert isinstance(push, Push)
        assert isinstance(push.notification, DataNotification)
    assert isinstance(again, UnreadPush)
    assert "counter" in str(again.fault)


def test_a_restart_spends_other_counters(tmp_path: Path) -> None:
    before, after = _pushed(tmp_path, 1), _pushed(tmp_path, 1)
    decoder = PushDecoder(load_credentials(tmp_path / "credentials.json"))
    found = [push for octets in before + after for push in decoder.feed(octets)]
    assert [type(push) for push in found] == [Push, Push]


def test_no_keys_no_protected_pushes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--new-keys"):
        commission(Order(tmp_path, push_keys=True, security="passwords"))
