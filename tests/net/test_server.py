"""The pump between connections and endpoints: one client's trouble is never another's."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Register
from addad.cosem.server import ServerEndpoint
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import Data, Tag
from addad.dlms.parameters import SERVICES, AssociationParameters
from addad.errors import DecodeError, InputError, LinkError, LocalProtocolError
from addad.net.client import Client
from addad.net.conversation import Notification
from addad.net.server import PIECE_OCTETS, Server, ServerLink, serve
from cosem.sample_device import IMPORT_WH, READER
from net.memory_link import MemoryTransport, memory_pair
from net.secure_meter import SecureMeter, ciphered, client_side


class Echo:
    """Answers each line; `!` is garbage, `?` a fault."""

    def __init__(self, answer_octets: int = 1) -> None:
        self.lines: list[bytes] = []
        self.rest = b""
        self.closed = 0
        self.answered = 0
        self.peer = ""
        self.answer_octets = answer_octets
        self.proven = True

    def connected(self, peer: str) -> None:
        self.peer = peer

    def receive(self, octets: bytes) -> int:
        if b"!" in octets:
            raise DecodeError("no frame begins with !")
        *whole, self.rest = (self.rest + octets).split(b"\n")
        self.lines += whole
        return len(self.lines)

    def answer(self) -> bytes | None:
        if not self.lines:
            return None
        line = self.lines.pop(0)
        if line == b"?":
            raise RuntimeError("bug")
        self.answered += 1
        return line * self.answer_octets + b"\n"

    def close(self) -> None:
        self.closed += 1


class Listening(asyncio.Protocol):
    def __init__(self) -> None:
        self.received = b""
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


def test_frames_are_answered_however_they_are_cut() -> None:
    async def main() -> None:
        client, endpoint = Listening(), Echo()
        near, far = memory_pair(client, ServerLink(endpoint))
        near.chunk = 1
        near.write(b"one\ntwo\nthr")
        await asyncio.sleep(0.1)
        assert client.received == b"one\ntwo\n"
        near.write(b"ee\n")
        await asyncio.sleep(0.1)
        assert client.received.endswith(b"three\n")
        near.close()
        await asyncio.sleep(0.1)
        assert endpoint.closed == 1
        assert endpoint.peer == "server:0"
        far.close()

    virtual_time.run(main())


@pytest.mark.parametrize("octets", [b"", b"half a li", b"1 octet a second"])
def test_a_link_without_a_whole_frame_for_the_idle_time_is_closed(octets: bytes) -> None:
    async def main() -> None:
        client = Listening()
        near, _ = memory_pair(client, ServerLink(Echo(), idle_timeout_s=30.0))
        for octet in octets:
            near.write(bytes((octet,)))
            await asyncio.sleep(1.0)
        await asyncio.sleep(29.9 - len(octets))
        assert not client.lost
        await asyncio.sleep(0.2)
        assert client.lost

    virtual_time.run(main())


def test_a_busy_link_is_not_idle() -> None:
    async def main() -> None:
        client = Listening()
        near, _ = memory_pair(client, ServerLink(Echo(), idle_timeout_s=30.0))
        for _ in range(10):
            near.write(b"x\n")
            await asyncio.sleep(20.0)
        assert not client.lost
        near.close()
        await asyncio.sleep(0.1)

    virtual_time.run(main())


@pytest.mark.parametrize("octets", [b"!", b"?\n"])
def test_garbage_or_a_fault_closes_only_its_own_link_with_one_line_in_the_log(
    octets: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        server = Server(30.0, 10)
        bad, good = Listening(), Listening()
        bad_end, _ = memory_pair(bad, ServerLink(Echo(), server))
        good_end, _ = memory_pair(good, ServerLink(Echo(), server))
        bad_end.write(octets * 50)
        bad_end.write(octets * 50)
        good_end.write(b"still here\n")
        await asyncio.sleep(1.0)
        assert bad.lost
        assert not good.lost
        assert good.received == b"still here\n"
        assert len(server.connections) == 1
        await server.close()
        await asyncio.sleep(0.1)
        assert good.lost

    with caplog.at_level(logging.DEBUG):
        virtual_time.run(main())
    assert len([r for r in caplog.records if r.name.startswith("addad")]) == 1


def test_work_stops_while_the_client_does_not_read() -> None:
    async def main() -> None:
        client, endpoint = Listening(), Echo()
        link = ServerLink(endpoint)
        near, far = memory_pair(client, link)
        link.pause_writing()
        assert not far.is_reading()
        near.write(b"a\n" * 1000)
        await asyncio.sleep(1.0)
        assert endpoint.answered == 0
        link.resume_writing()
        await asyncio.sleep(1.0)
        assert endpoint.answered == 1000
        assert client.received == b"a\n" * 1000
        near.close()
        await asyncio.sleep(0.1)

    virtual_time.run(main())


def test_a_client_with_many_requests_waits_for_the_others_between_them() -> None:
    async def main() -> None:
        many, one = Listening(), Listening()
        greedy, endpoint = Echo(), Echo()
        near_many, _ = memory_pair(many, ServerLink(greedy))
        near_one, _ = memory_pair(one, ServerLink(endpoint))
        near_many.write(b"x\n" * 5000)
        near_many.write(b"y\n" * 100)
        near_one.write(b"me\n")
        for _ in range(4):
            await asyncio.sleep(0)
        assert one.received == b"me\n"
        assert greedy.answered < 500
        await asyncio.sleep(1.0)
        assert many.received == b"x\n" * 5000 + b"y\n" * 100

    virtual_time.run(main())


def test_reading_stops_when_much_waits_and_not_for_one_request() -> None:
    async def main() -> None:
        client, endpoint = Listening(), Echo()
        link = ServerLink(endpoint)
        near, far = memory_pair(client, link)
        link.pause_writing()
        far.resume_reading()  # as a transport that still had octets on their way
        link.data_received(b"x\n" * 8)
        assert far.is_reading()
        link.data_received(b"x\n" * PIECE_OCTETS)
        link.resume_writing()
        assert not far.is_reading()
        await asyncio.sleep(1.0)
        assert far.is_reading()
        assert endpoint.answered == 8 + PIECE_OCTETS
        near.close()
        await asyncio.sleep(0.1)

    virtual_time.run(main())


def test_half_frames_and_an_octet_a_second_hold_up_nobody() -> None:
    async def main() -> None:
        server = Server(60.0, 100)
        ends = [memory_pair(Listening(), ServerLink(Echo(), server))[0] for _ in range(20)]
        for _ in range(30):
            for end in ends:
                end.write(b"z")
            good = Listening()
            near, _ = memory_pair(good, ServerLink(Echo(), server))
            near.write(b"now\n")
            await asyncio.sleep(0.01)
            assert good.received == b"now\n"
            near.close()
            await asyncio.sleep(0.99)
        await asyncio.sleep(60.0)
        assert not server.connections

    virtual_time.run(main())


def test_a_client_that_asks_and_never_reads_costs_a_bounded_buffer() -> None:
    async def main() -> None:
        endpoint = Echo(answer_octets=50_000)
        async with await serve(lambda: endpoint, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"x\n" * 2000)
            async with asyncio.timeout(60.0):
                while not endpoint.answered:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            assert endpoint.answered < 400
            writer.close()

    asyncio.run(main())


def test_one_connection_too_many_is_refused_and_the_others_go_on() -> None:
    async def main() -> None:
        async with await serve(Echo, "127.0.0.1", 0, connections_max=2) as server:
            pairs = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
            for _, writer in pairs:
                writer.write(b"x\n")
            assert await pairs[0][0].readline() == b"x\n"
            assert await pairs[1][0].readline() == b"x\n"
            with contextlib.suppress(ConnectionError):
                assert await pairs[2][0].readline() == b""
            for _, writer in pairs:
                writer.close()

    asyncio.run(main())


def test_who_has_proved_nothing_makes_room_the_longest_silent_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        server = Server(600.0, 4)
        clients = [Listening() for _ in range(4)]
        ends = []
        for number, client in enumerate(clients):
            endpoint = Echo()
            endpoint.proven = number == 0
            ends.append(memory_pair(client, ServerLink(endpoint, server))[0])
            await asyncio.sleep(1.0)
        ends[1].write(b"a frame\n")
        await asyncio.sleep(1.0)
        for lost in ([2], [2, 3]):
            late, endpoint = Listening(), Echo()
            end, _ = memory_pair(late, ServerLink(endpoint, server))
            end.write(b"me\n")
            await asyncio.sleep(1.0)
            assert late.received == b"me\n"
            assert [n for n, client in enumerate(clients) if client.lost] == lost
            assert len(server.connections) == 4
        await server.close()
        await asyncio.sleep(0.1)

    with caplog.at_level(logging.DEBUG, "addad"):
        virtual_time.run(main())
    assert [r.getMessage() for r in caplog.records if r.name.startswith("addad")] == [
        "all 4 connections are taken; who has not authenticated makes room"
    ]


def test_the_address_that_holds_most_places_makes_room() -> None:
    async def main() -> None:
        server = Server(600.0, 4)
        links = []
        for address in ("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.3"):
            endpoint = Echo()
            endpoint.proven = False
            link = ServerLink(endpoint, server)
            link.connection_made(MemoryTransport(link, address))
            links.append(link)
            await asyncio.sleep(1.0)
        assert [link for link in links if link not in server.connections] == links[1:3]
        await server.close()
        await asyncio.sleep(0.1)

    virtual_time.run(main())


def test_a_port_in_use_says_what_to_do() -> None:
    async def main() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(LinkError, match=f"{port} is in use; stop .* or choose another"):
                await serve(Echo, "127.0.0.1", port)
        with pytest.raises(InputError, match="70000 is no TCP port"):
            await serve(Echo, "127.0.0.1", 70_000)
        with pytest.raises(InputError, match=r"a\.\.b.* is no host name or address"):
            await serve(Echo, "a..b", 0)
        with pytest.raises(LinkError, match=r"no address of this machine|cannot listen"):
            await serve(Echo, "203.0.113.1", 0)

    asyncio.run(main())


EVENT = EventNotification(
    None, Register.value.of(obis.ACTIVE_ENERGY_IMPORT), Data(Tag.DOUBLE_LONG_UNSIGNED, 7)
)


def _told(server: Server, client_sap: int, event: EventNotification = EVENT) -> bool:
    """Let the meter tell its only client of an event."""
    (link,) = server.connections
    assert isinstance(link.endpoint, ServerEndpoint)
    return link.push(link.endpoint.notify(client_sap, event))


async def _alone(server: Server) -> None:
    """Until the last client has gone."""
    async with asyncio.timeout(60.0):
        while server.connections:
            await asyncio.sleep(0.01)


READING = AssociationParameters(2, 1, Mechanism.LOW, READER)


@pytest.mark.parametrize(
    "asked",
    [
        lambda: READING,
        lambda: ciphered(client_side()),
        lambda: replace(ciphered(client_side()), dedicated_key=bytes(range(16))),
    ],
)
def test_a_client_with_an_association_is_told_of_an_event(
    asked: Callable[[], AssociationParameters],
) -> None:
    """Between its requests and before an answer; under keys where the association has some."""

    async def main() -> list[Notification]:
        meter, parameters = SecureMeter(), asked()
        came: list[Notification] = []
        options = {"parameters": parameters, "on_notification": came.append}
        endpoint = lambda: ServerEndpoint(meter.physical_device)  # noqa: E731
        async with (
            await serve(endpoint, "127.0.0.1", 0) as server,
            Client.connect("127.0.0.1", server.port, **options) as client,
        ):
            assert _told(server, parameters.client_sap)
            async with asyncio.timeout(60.0):
                while not came:
                    await client.listen(0.05)
            assert came == [EVENT]
            assert _told(server, parameters.client_sap)
            read = await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
            assert read.value == IMPORT_WH
        return came

    assert asyncio.run(main()) == [EVENT, EVENT]


def test_nobody_is_told_who_may_not_read_it_or_did_not_agree() -> None:
    async def main() -> None:
        meter = SecureMeter()
        endpoint = lambda: ServerEndpoint(meter.physical_device)  # noqa: E731
        deaf = replace(READING, conformance=SERVICES & ~Conformance.EVENT_NOTIFICATION)
        async with await serve(endpoint, "127.0.0.1", 0) as server:
            where = ("127.0.0.1", server.port)
            async with Client.connect(*where, client_sap=16):
                for client_sap in (16, 2):  # one may not read it, the other is not associated
                    with pytest.raises(LocalProtocolError, match="association"):
                        _told(server, client_sap)
            await _alone(server)
            async with Client.connect(*where, parameters=deaf):
                with pytest.raises(LocalProtocolError, match="did not agree"):
                    _told(server, 2)
            await _alone(server)
            async with Client.connect(*where, parameters=replace(READING, max_pdu=100)):
                long = replace(EVENT, value=Data(Tag.OCTET_STRING, bytes(200)))
                with pytest.raises(LocalProtocolError, match="too long"):
                    _told(server, 2, long)

    asyncio.run(main())
