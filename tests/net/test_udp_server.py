"""The meter's end of UDP: bounded sessions, no amplification, repetitions answered once more."""

import asyncio
import contextlib
import logging
import socket

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import AssociationLN, Data, DisconnectControl, Register
from addad.cosem.gateway import FORGEABLE
from addad.cosem.server import ServerEndpoint
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.wrapper import WrapperFrame
from addad.errors import DecodeError, InputError, LinkError, RemoteProtocolError
from addad.net.client import Client
from addad.net.udp import UdpLink
from addad.net.udp_server import (
    AMPLIFICATION_MAX,
    REPETITIONS_MAX,
    UdpServer,
    listen_to_group,
    serve_udp,
)
from cosem.sample_device import READER, SampleMeter
from net.memory_datagrams import SERVER, Network


class Counting:
    """Answers each frame by its number; an APDU of `!` is a fault."""

    def __init__(self, proven: bool = False, answer_octets: int = 1) -> None:
        self.proven = proven
        self.answer_octets = answer_octets
        self.frames: list[bytes] = []
        self.seen: list[bytes] = []
        self.closed = False

    def connected(self, peer: str) -> None:
        self.peer = peer

    def receive(self, octets: bytes) -> int:
        self.frames.append(octets)
        return 1

    def answer(self) -> bytes | None:
        if not self.frames:
            return None
        frame = WrapperFrame.decode(self.frames.pop())
        self.seen.append(frame.apdu)
        if frame.apdu == b"!":
            raise DecodeError("no service is named !")
        if frame.apdu == b"?":
            raise RuntimeError("bug")
        answer = bytes((len(self.seen),)) * self.answer_octets
        return WrapperFrame(frame.destination, frame.source, answer).encode()

    def close(self) -> None:
        self.closed = True


def served(*endpoints: Counting, **options: object) -> tuple[UdpServer, Network]:
    left = list(endpoints)
    server = UdpServer(lambda: left.pop(0) if left else Counting(), **options)  # type: ignore[arg-type]
    return server, Network(server)


def frame(apdu: bytes) -> bytes:
    return WrapperFrame(16, 1, apdu).encode()


def test_each_address_has_a_session_until_it_is_idle() -> None:
    async def main() -> None:
        server, _ = served(idle_timeout_s=60.0)
        for number in range(5):
            server.datagram_received(frame(b"x"), ("10.0.0.9", number))
            await asyncio.sleep(20.0)
        assert server.sessions == 3
        await asyncio.sleep(80.0)
        assert server.sessions == 0
        await server.close()

    virtual_time.run(main())


def test_who_has_proved_nothing_makes_room_of_the_host_that_holds_most() -> None:
    async def main() -> None:
        endpoints = [Counting(proven=number == 0) for number in range(7)]
        server, _ = served(*endpoints, sessions_max=4)
        hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
        for port, host in enumerate(hosts):
            server.datagram_received(frame(b"x"), (host, port))
            await asyncio.sleep(1.0)
        assert [endpoint.closed for endpoint in endpoints[:6]] == [
            False, True, True, False, False, False,
        ]  # fmt: skip
        assert server.sessions == 4
        server.connection_lost(None)
        assert all(endpoint.closed for endpoint in endpoints[:6])

    virtual_time.run(main())


def test_when_all_have_proved_a_key_one_more_gets_nothing() -> None:
    async def main() -> None:
        server, network = served(*(Counting(proven=True) for _ in range(3)), sessions_max=2)
        for port in range(3):
            server.datagram_received(frame(b"x"), ("10.0.0.1", port))
        assert {target for target, _ in network.sent} == {("10.0.0.1", 0), ("10.0.0.1", 1)}

    virtual_time.run(main())


def test_who_has_proved_nothing_never_gets_much_more_than_it_sent() -> None:
    async def main() -> None:
        endpoint = Counting(answer_octets=1000)
        _, network = served(endpoint)
        victim = UdpLink("victim")
        network.join(victim, ("10.0.0.7", 7))
        sent = 0
        for number in range(100):
            octets = frame(b"get %d" % number)
            sent += len(octets)
            network.carry(octets, ("10.0.0.7", 7), None)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        got = sum(len(octets) for _, octets in network.sent)
        assert 0 < got <= AMPLIFICATION_MAX * sent
        refused = WrapperFrame.decode(network.sent[0][1])
        assert refused.apdu[0] == ExceptionResponse.TAG
        network.sent.clear()
        endpoint.proven = True
        network.carry(frame(b"get"), ("10.0.0.7", 7), None)
        await asyncio.sleep(0)
        assert len(network.sent[0][1]) == 1008

    virtual_time.run(main())


def test_who_read_much_is_answered_when_it_releases_and_when_it_comes_again() -> None:
    """Release and the next association were met with silence: what was read counted against it."""

    async def main() -> None:
        endpoint = Counting(proven=True, answer_octets=10_000)
        server, network = served(endpoint)
        reader = ("10.0.0.1", 1)
        for number in range(10):
            server.datagram_received(frame(b"read %d" % number), reader)
        endpoint.proven, endpoint.answer_octets = False, 10
        server.datagram_received(frame(b"release"), reader)
        server.datagram_received(frame(b"associate"), reader)
        assert [len(answer) for _, answer in network.sent] == [10_008] * 10 + [18, 18]
        endpoint.answer_octets = 1000
        for number in range(10, 30):
            server.datagram_received(frame(b"read %d" % number), reader)
        after = sum(len(answer) for _, answer in network.sent[10:])
        asked = 20 * len(frame(b"read 10")) + len(frame(b"release")) + len(frame(b"associate"))
        assert after <= AMPLIFICATION_MAX * asked

    virtual_time.run(main())


def test_a_public_client_reads_what_is_short_and_is_told_what_is_not() -> None:
    async def main() -> None:
        meter = SampleMeter()
        network = Network(UdpServer(lambda: ServerEndpoint(meter.physical_device)))
        link = UdpLink("the meter")
        network.join(link, ("10.0.0.2", 1))
        async with Client(link) as client:
            assert await client.get(obis.LOGICAL_DEVICE_NAME, Data.value)
            with pytest.raises(RemoteProtocolError, match="pdu too long"):
                await client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)

    virtual_time.run(main())


def test_only_what_can_be_nothing_but_a_repetition_is_answered_without_being_executed() -> None:
    async def main() -> None:
        endpoint = Counting(proven=True)
        server, network = served(endpoint)
        for apdu in (b"\xcb\x01ciphered", b"\xc0\x02\xc1\x00\x00\x00\x01", b"\xc3\x01\xc1action"):
            for _ in range(3):
                server.datagram_received(frame(apdu), ("10.0.0.1", 1))
        assert [apdu[:1] for apdu in endpoint.seen] == [b"\xcb", b"\xc0", b"\xc3", b"\xc3", b"\xc3"]
        answers = [WrapperFrame.decode(octets).apdu for _, octets in network.sent]
        assert answers == [bytes((n,)) for n in (1, 1, 1, 2, 2, 2, 3, 4, 5)]

    virtual_time.run(main())


def test_garbage_is_dropped_and_a_fault_ends_one_session_with_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        endpoints = [Counting(), Counting(), Counting()]
        server, network = served(*endpoints)
        for _ in range(1000):
            server.datagram_received(b"noise", ("10.0.0.1", 1))
        assert server.sessions == 0
        for port, apdu in enumerate((b"!", b"?", b"x")):
            server.datagram_received(frame(apdu), ("10.0.0.1", port))
        assert [endpoint.closed for endpoint in endpoints] == [True, True, False]
        assert server.sessions == 1
        assert len(network.sent) == 1

    with caplog.at_level(logging.DEBUG, "addad"):
        virtual_time.run(main())
    assert len([r for r in caplog.records if r.name.startswith("addad")]) == 3


def test_se_14_a_forged_datagram_does_not_end_the_session_of_who_has_proved_a_key() -> None:
    async def main() -> None:
        genuine = Counting(proven=True)
        server, network = served(genuine)
        for apdu in (b"x", b"!", b"!", b"y"):
            server.datagram_received(frame(apdu), ("10.0.0.1", 1))
        assert (genuine.closed, server.sessions) == (False, 1)
        assert len(network.sent) == 2
        server.datagram_received(frame(b"?"), ("10.0.0.1", 1))
        assert (genuine.closed, server.sessions) == (True, 0)

    virtual_time.run(main())


def test_a_group_is_listened_to_and_never_answered() -> None:
    async def main() -> None:
        endpoint = Counting(proven=True)
        group = "239.17.4.59"
        async with await listen_to_group(
            lambda: endpoint, group, 0, interface="127.0.0.1"
        ) as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.setsockopt(
                    socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1")
                )
                sender.setblocking(False)
                sender.sendto(frame(b"x"), (group, server.port))
                for _ in range(3000):
                    await asyncio.sleep(0.02)
                    if endpoint.seen:
                        break
                assert endpoint.seen == [b"x"]
                with contextlib.suppress(BlockingIOError):
                    assert not sender.recv(100)

    asyncio.run(main())


def test_a_group_or_interface_that_is_no_address_is_told() -> None:
    async def main() -> None:
        async with await listen_to_group(Counting, "localhost", 0) as server:
            assert server.port
        with pytest.raises(LinkError, match=r"cannot join 239\.17\.4\.60: .*IP address"):
            await listen_to_group(Counting, "239.17.4.60", 0, interface="eth0")

    asyncio.run(main())


def test_a_port_that_cannot_be_had_says_why() -> None:
    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            with pytest.raises(LinkError, match=f"{port} is in use"):
                await serve_udp(Counting, "127.0.0.1", port)
        with pytest.raises(InputError, match="no UDP port"):
            await serve_udp(Counting, "127.0.0.1", 70_000)
        with pytest.raises(InputError, match="no host name"):
            await serve_udp(Counting, "a..b", 0)

    asyncio.run(main())


def test_a_reader_gets_all_of_a_long_answer() -> None:
    async def main() -> None:
        meter = SampleMeter()
        network = Network(UdpServer(lambda: ServerEndpoint(meter.physical_device)))
        link = UdpLink("the meter")
        network.join(link, ("10.0.0.2", 1))
        async with Client(link, client_sap=2, password=READER, max_pdu=300) as client:
            listed = await client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
            assert len(listed) > 5
            assert await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)
            assert await client.get(obis.VOLTAGE_PHASES[0], Register.scaler_unit)
        assert all(source == SERVER or len(octets) <= 308 for source, octets in network.sent)

    virtual_time.run(main())


def test_se_14_the_meter_is_told_that_the_address_of_a_datagram_is_a_claim() -> None:
    async def main() -> None:
        endpoint = Counting()
        server, _ = served(endpoint)
        server.datagram_received(frame(b"x"), ("10.0.0.9", 5))
        assert endpoint.peer == f"{FORGEABLE}10.0.0.9:5"
        await server.close()

    virtual_time.run(main())


def test_a_recorded_request_is_answered_a_few_times_and_no_more() -> None:
    """Else who saw one pass could have its long answer sent to its client for ever."""

    async def main() -> None:
        endpoint = Counting(proven=True, answer_octets=1000)
        server, network = served(endpoint)
        for _ in range(100):
            server.datagram_received(frame(b"\xc8recorded"), ("10.0.0.9", 5))
        assert len(network.sent) == 1 + REPETITIONS_MAX
        assert len(endpoint.seen) == 1
        server.datagram_received(frame(b"\xc8the next"), ("10.0.0.9", 5))
        assert len(endpoint.seen) == 2
        assert len(network.sent) == 2 + REPETITIONS_MAX
        await server.close()

    virtual_time.run(main())
