"""Protected pushes: taken once, by nobody's word but the meter's; a plain one is refused then."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from headend_bench import NAME, NOON, Bench, registration

from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import InputError, LinkError
from addad.headend.head_end import INVENTORY_PERIOD_S, HeadEnd
from addad.headend.push_secrets import push_entry
from addad.headend.store import audit, events
from addad.net.push import send_push
from addad.reader.credentials import AssociationCredentials

TITLE, OTHER_TITLE, OURS = b"ADDMTR01", b"ADDMTR02", b"ADDHES01"
KEYS = SymmetricKeys(bytes(range(32, 48)), bytes(range(16)), bytes(range(16, 32)))
WRONG = SymmetricKeys(bytes(range(48, 64)), bytes(range(16)))
GENERAL = CipheringForm.GENERAL_GLOBAL
FRAUD = 1 << 13


def secrets(title: bytes = TITLE, **changes: object) -> AssociationCredentials:
    assert KEYS.authentication is not None
    assert KEYS.broadcast is not None
    fields: dict[str, object] = {
        "meter_title": title.hex(),
        "encryption_key": KEYS.encryption.hex(),
        "authentication_key": KEYS.authentication.hex(),
        "broadcast_key": KEYS.broadcast.hex(),
    }
    return push_entry({**fields, **changes})


def plain(bits: int = FRAUD, name: str = NAME) -> bytes:
    body = (
        Data(Tag.OCTET_STRING, name.encode()),
        Data(Tag.OCTET_STRING, DateTime.from_datetime(NOON).encode()),
        Data(Tag.DOUBLE_LONG_UNSIGNED, bits),
    )
    return DataNotification(1, None, Data(Tag.STRUCTURE, body)).encode()


def protected(
    counter: int,
    apdu: bytes = b"",
    *,
    title: bytes = TITLE,
    protection: Protection = AUTHENTICATED_ENCRYPTION,
    broadcast: bool = False,
    keys: SymmetricKeys = KEYS,
) -> bytes:
    context = SecurityContext(SecuritySuite.SUITE_0, title, OURS, keys, VolatileCounters(counter))
    return context.protect(apdu or plain(), protection, GENERAL, broadcast=broadcast)


async def seen(head: HeadEnd, count: int) -> list[str]:
    """The texts of the events at the place, newest first, once there are so many."""
    for _ in range(3000):
        if events.count_events(head.office.store) >= count:
            break
        await asyncio.sleep(0.02)
    return [one.event.text for one in events.events_at(head.office.store, "FEZ-0001")]


async def refused(head: HeadEnd, octets: bytes) -> None:
    with pytest.raises(LinkError):
        await send_push("127.0.0.1", head.push_port, octets)


@contextmanager
def says(caplog: pytest.LogCaptureFixture, words: str) -> Iterator[None]:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        yield
    assert words in caplog.text


def test_a_protected_push_is_taken_once_across_a_restart(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    first = protected(5, plain(name="a name that is no meter's"))

    async def main() -> None:
        head = bench.open()
        await head.register_meter(replace(registration(), push=secrets()), "test")
        await head.start()
        await send_push("127.0.0.1", head.push_port, first)
        assert await seen(head, 1) == ["Fraud attempt"]
        with says(caplog, "not greater than 5"):
            await refused(head, first)
        await head.stop()

        head = bench.open()
        await head.start()
        for counter in (5, 4):
            with says(caplog, f"invocation counter {counter} is not greater than 5"):
                await refused(head, protected(counter, plain(1)))
        await send_push("127.0.0.1", head.push_port, protected(6, plain(1)))
        assert await seen(head, 2) == ["Clock invalid", "Fraud attempt"]
        await head.stop()

    asyncio.run(main())


def test_a_plain_push_of_a_meter_with_keys_is_refused_and_told_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(replace(registration(), push=secrets()), "test")
        await head.start()
        for _ in range(3):
            with says(caplog, "a plain push in the name of meter 00001234"):
                await refused(head, plain())
        assert await seen(head, 1) == ["A push without protection was refused"]
        (one,) = events.events_at(head.office.store, "FEZ-0001")
        assert (one.event.log, one.event.severity) == ("head end", "alarm")
        assert one.event.detail.startswith("from 127.0.0.1:")
        await head.stop()

    asyncio.run(main())


def test_what_proves_less_is_refused_and_says_so(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    event = bytes.fromhex("C20000010100010800FF0200")
    forged = bytearray(protected(9))
    forged[-1] ^= 1
    cases = (
        (protected(9, protection=Protection.ENCRYPTION), "without a tag"),
        (protected(9, broadcast=True), "the key of a group"),
        (protected(9, event), "a EventNotification where data is pushed"),
        (protected(9, title=OTHER_TITLE), f"no keys are known for pushes of {OTHER_TITLE.hex()}"),
        (bytes(forged), "the authentication key is wrong, or the tag was altered"),
        (protected(9, keys=WRONG), "the encryption key or the peer's system title is wrong"),
    )

    async def main() -> None:
        head = bench.open()
        await head.register_meter(replace(registration(), push=secrets()), "test")
        await head.start()
        for octets, words in cases:
            with says(caplog, words):
                await refused(head, octets)
        assert events.count_events(head.office.store) == 0
        await send_push("127.0.0.1", head.push_port, protected(10))
        assert await seen(head, 1) == ["Fraud attempt"]
        await head.stop()

    asyncio.run(main())


def test_keys_stay_until_they_are_forgotten_on_purpose(bench: Bench) -> None:
    async def main() -> None:
        running, command = bench.open(), bench.open()
        await running.start()
        await command.register_meter(replace(registration(), push=secrets()), "test")
        await asyncio.sleep(INVENTORY_PERIOD_S + 0.5)
        await refused(running, plain())
        await running.register_meter(registration(), "test")
        await refused(running, plain())
        await running.register_meter(replace(registration(), plain_pushes=True), "test")
        await send_push("127.0.0.1", running.push_port, plain())
        assert "Fraud attempt" in await seen(running, 2)
        told = [row.entry.detail for row in audit.page(running.office.store)]
        assert told == [
            "meter 00001234, plain pushes",
            "meter 00001234",
            "meter 00001234, pushes under keys",
        ]
        command.close()
        await running.stop()

    asyncio.run(main())


def test_keys_given_again_begin_where_they_stood(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        wanted = replace(registration(), push=secrets())
        await head.register_meter(wanted, "test")
        await head.start()
        await send_push("127.0.0.1", head.push_port, protected(5))
        await seen(head, 1)
        await head.register_meter(replace(registration(), plain_pushes=True), "test")
        await head.register_meter(wanted, "test")
        await refused(head, protected(5))
        changed = secrets(encryption_key=bytes(reversed(range(16))).hex())
        await head.register_meter(replace(wanted, push=changed), "test")
        await refused(head, protected(6))
        await head.stop()

    asyncio.run(main())


def test_keys_that_the_vault_does_not_open_let_nothing_in(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(replace(registration(), push=secrets()), "test")
        head.close()
        (bench.folder / "headend.key").write_bytes(bytes(32))
        head = bench.open()
        with says(caplog, "its pushes are refused: the secret of meter 00001234, pushes"):
            await head.start()
        await refused(head, protected(1))
        await refused(head, plain())
        await head.stop()

    asyncio.run(main())


def test_a_title_is_of_one_meter(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        await head.register_meter(replace(registration(), push=secrets()), "test")
        other = registration(4060, "FEZ-0002", serial="00005678", push=secrets())
        with pytest.raises(InputError, match="is that of meter 00001234"):
            await head.register_meter(other, "test")
        with pytest.raises(InputError, match="not both"):
            registration(push=secrets(), plain_pushes=True)
        head.close()

    asyncio.run(main())


def test_keys_are_not_shown(bench: Bench) -> None:
    wanted = registration(push=secrets())
    assert TITLE.hex() not in repr(wanted)
    assert "authentication" not in repr(wanted)
    head = bench.open()
    asyncio.run(head.register_meter(wanted, "test"))
    head.close()
    for path in bench.folder.glob("headend.db*"):
        for key in (KEYS.encryption.hex(), bytes(range(16)).hex()):
            assert key.encode() not in path.read_bytes()
