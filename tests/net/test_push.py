"""Notifications from meters to a listener, over loopback."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable

import pytest

from addad import obis
from addad.cosem.classes import Data as DataClass
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.get import GetRequestNext
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, SecuritySuite
from addad.dlms.wrapper import WrapperFrame
from addad.errors import InputError, LinkError, LocalProtocolError
from addad.net.push import PushListener, send_push, send_push_over_udp
from addad.net.push_reader import ReceivedPush

MOMENT = DateTime(2026, 3, 1, 7, 12, 0, 0, 0, 0, 0)
BODY = Data(Tag.STRUCTURE, (Data(Tag.OCTET_STRING, b"ADD0000000000001"),))


def push(number: int) -> DataNotification:
    return DataNotification(number, MOMENT, BODY)


def test_pushes_arrive_with_their_sender() -> None:
    seen: list[tuple[str, DataNotification]] = []

    async def main() -> None:
        async with PushListener("127.0.0.1", 0, lambda *both: seen.append(both)) as listener:
            sends = [send_push("127.0.0.1", listener.port, push(n).encode()) for n in range(30)]
            await asyncio.gather(*sends)
            assert sorted(n.invoke_id for _, n in seen) == list(range(30))

    asyncio.run(main())
    assert all(peer.startswith("127.0.0.1:") for peer, _ in seen)
    assert seen[0][1].body == BODY
    assert seen[0][1].moment == MOMENT


def test_a_push_that_nobody_takes_is_a_link_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(LinkError, match=f"cannot push: nothing listens at 127.0.0.1:{port}"):
            asyncio.run(send_push("127.0.0.1", port, push(1).encode(), 60.0))


@pytest.mark.parametrize("host", ["a..b", "meter\udc80", "x" * 64 + ".example", "a\0b"])
def test_a_push_to_what_is_no_host_says_so(host: str) -> None:
    with pytest.raises(LinkError, match=r"cannot push: .* is no host name or address"):
        asyncio.run(send_push(host, 4059, push(1).encode(), 1.0))


def test_a_push_to_what_is_no_port_says_so() -> None:
    with pytest.raises(LinkError, match="cannot push: 99999 is no TCP port"):
        asyncio.run(send_push("127.0.0.1", 99_999, push(1).encode(), 1.0))


def test_a_listener_that_does_not_read_is_a_link_error_in_time() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        port = deaf.getsockname()[1]
        with pytest.raises(LinkError, match=r"did not take the push within 0\.2 s"):
            asyncio.run(send_push("127.0.0.1", port, push(1).encode(), 0.2))


def refuse(_peer: str, _notification: DataNotification) -> None:
    raise RuntimeError("the store is full")


def test_a_push_that_the_listener_could_not_keep_is_a_link_error_so_that_it_comes_again() -> None:
    async def main() -> None:
        async with PushListener("127.0.0.1", 0, refuse) as listener:
            await send_push("127.0.0.1", listener.port, push(1).encode(), 5.0)

    with pytest.raises(LinkError, match="did not take the push, and closed the connection"):
        asyncio.run(main())


@pytest.mark.parametrize(
    ("octets", "callback"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", print),
        (WrapperFrame(1, 1, GetRequestNext(1, 1).encode()).encode(), print),
        (WrapperFrame(1, 1, b"\x0f\x00").encode(), print),
        (WrapperFrame(1, 1, push(1).encode()).encode(), refuse),
    ],
)
def test_what_is_no_push_closes_its_link_only(
    octets: bytes,
    callback: Callable[[str, DataNotification], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with PushListener("127.0.0.1", 0, callback) as listener:
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(octets)
            async with asyncio.timeout(60.0):
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
            writer.close()
            if callback is not refuse:
                await send_push("127.0.0.1", listener.port, push(2).encode())

    with caplog.at_level(logging.INFO):
        asyncio.run(main())
    assert len([r for r in caplog.records if r.name.startswith("addad")]) == 1


METER, HEAD_END = b"MTR00001", b"ADD00001"
KEYS = SymmetricKeys(bytes(16), bytes(range(16)))
EVENT = EventNotification(None, DataClass.value.of(obis.ALARM_FILTER_1), Data(Tag.UNSIGNED, 7))


@pytest.mark.parametrize("over_udp", [False, True])
def test_ciphered_pushes_say_who_sent_them_and_are_taken_once(over_udp: bool) -> None:
    taken: list[ReceivedPush] = []
    suite = SecuritySuite.SUITE_0
    meter = SecurityContext(suite, METER, HEAD_END, KEYS, VolatileCounters())
    ours = SecurityContext(suite, HEAD_END, METER, KEYS, VolatileCounters())

    async def main() -> None:
        async with PushListener(
            "127.0.0.1",
            0,
            on_push=taken.append,
            security_of=lambda title, _: ours if title == METER else None,
            plain=False,
            over_udp=over_udp,
        ) as listener:
            for notification in (push(1), EVENT):
                octets = meter.protect(
                    notification.encode(), AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL
                )
                for _ in range(3):
                    await send(listener.port, octets)
            await send(listener.port, push(2).encode())

    async def send(port: int, octets: bytes) -> None:
        if over_udp:
            await send_push_over_udp("127.0.0.1", port, octets)
            await asyncio.sleep(0.05)
        else:
            with contextlib.suppress(LinkError):
                await send_push("127.0.0.1", port, octets)

    asyncio.run(main())
    assert [one.notification for one in taken] == [push(1), EVENT]
    assert {one.title for one in taken} == {METER}
    assert {one.protection for one in taken} == {AUTHENTICATED_ENCRYPTION}


def test_a_listener_for_data_takes_no_events(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    async def main() -> None:
        async with PushListener("127.0.0.1", 0, lambda peer, _: seen.append(peer)) as listener:
            with contextlib.suppress(LinkError):
                await send_push("127.0.0.1", listener.port, EVENT.encode())
            await send_push("127.0.0.1", listener.port, push(1).encode())

    asyncio.run(main())
    assert len(seen) == 1
    assert "EventNotification where data is pushed" in caplog.text


def test_one_callback_is_wanted() -> None:
    with pytest.raises(LocalProtocolError, match="either"):
        PushListener("127.0.0.1", 0)
    with pytest.raises(LocalProtocolError, match="either"):
        PushListener("127.0.0.1", 0, print, on_push=print)


def test_a_callback_that_would_have_to_be_awaited_is_refused() -> None:
    async def keep(*_: object) -> None:
        pass

    with pytest.raises(InputError, match="called here and not awaited"):
        PushListener("127.0.0.1", 0, keep)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="called here and not awaited"):
        PushListener("127.0.0.1", 0, on_push=keep)  # type: ignore[arg-type]
