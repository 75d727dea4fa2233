"""A client over datagrams: lost ones are asked again, forged ones change nothing."""

import asyncio
import socket
from collections import Counter
from random import Random

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import DisconnectControl, ProfileGeneric, Register
from addad.cosem.server import ServerEndpoint
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.parameters import SERVICES, AssociationParameters
from addad.dlms.types import DoubleLongUnsigned
from addad.dlms.wrapper import WrapperFrame
from addad.errors import LinkError, LocalProtocolError
from addad.net.client import Client
from addad.net.udp import UDP_RETRIES, UdpLink, connect_over_udp, open_udp_link
from addad.net.udp_server import UdpServer, serve_udp
from cosem.sample_device import IMPORT_WH, MANAGEMENT, READER, START, SampleMeter
from net.memory_datagrams import SERVER, Network

STATE = DisconnectControl.output_state
ENERGY = Register.value.typed(DoubleLongUnsigned)


def linked(meter: SampleMeter) -> tuple[UdpLink, Network]:
    network = Network(UdpServer(lambda: ServerEndpoint(meter.physical_device)))
    link = UdpLink("the meter")
    network.join(link, ("10.0.0.2", 1))
    return link, network


def test_a_meter_over_real_datagrams() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with await serve_udp(
            lambda: ServerEndpoint(meter.physical_device), "127.0.0.1", 0
        ) as server:
            async with connect_over_udp(
                "127.0.0.1", server.port, client_sap=2, password=READER
            ) as client:
                assert await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY) == IMPORT_WH
                reading = await client.read_profile(obis.LOAD_PROFILE, START, START.replace(day=3))
                assert len(reading.octets) > 5000
            await asyncio.sleep(0.05)
            assert not any(meter.device.open_count.values())

    asyncio.run(main())


def test_many_losses_and_doublings_cost_time_and_nothing_else() -> None:
    random = Random(7)

    async def main() -> None:
        meter = SampleMeter()
        link, network = linked(meter)
        async with Client(
            link, client_sap=2, password=READER, retries=UDP_RETRIES, timeout_s=8.0
        ) as client:
            network.fate = lambda _: random.choice((0, *(1,) * 12, 2, 2))
            answered = 0
            for number in range(200):
                meter.closed = number % 3 == 0
                assert await client.get(obis.DISCONNECT_CONTROL, STATE) is meter.closed
                answered += 1
            network.fate = lambda _: 1
        assert answered == 200

    virtual_time.run(main())


def test_a_command_is_sent_once_and_never_repeated() -> None:
    async def main() -> None:
        meter = SampleMeter()
        link, network = linked(meter)
        client = Client(link, client_sap=1, password=MANAGEMENT, retries=UDP_RETRIES)
        await client.associate()
        seen: Counter[bytes] = Counter()

        def lose(octets: bytes) -> int:
            seen[octets] += 1
            return 0

        network.fate = lose
        with pytest.raises(LinkError, match="answered nothing for 10 s"):
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
        assert list(seen.values()) == [1]
        assert meter.closed

    virtual_time.run(main())


@pytest.mark.parametrize(
    "octets", [b"", b"x", bytes(100), WrapperFrame(1, 2, b"x").encode() + b"more"]
)
def test_what_is_no_frame_is_dropped_and_the_link_stands(octets: bytes) -> None:
    async def main() -> None:
        link, _ = linked(SampleMeter())
        async with Client(link, client_sap=2, password=READER) as client:
            for _ in range(200):
                link.datagram_received(octets, SERVER)
            assert await client.get(obis.DISCONNECT_CONTROL, STATE) is True

    virtual_time.run(main())


def test_an_apdu_that_fits_no_datagram_is_our_own_fault() -> None:
    async def main() -> None:
        link, _ = linked(SampleMeter())
        with pytest.raises(LocalProtocolError, match="do not fit one datagram"):
            link.send(1, 1, bytes(65_501))
        link.close()
        with pytest.raises(LinkError, match="is closed"):
            link.send(1, 1, b"x")
        with pytest.raises(LinkError, match="is closed"):
            await link.receive(1.0)
        await link.wait_closed()

    virtual_time.run(main())


def test_a_flood_keeps_a_bounded_number_of_frames() -> None:
    async def main() -> None:
        link, _ = linked(SampleMeter())
        for number in range(1000):
            link.datagram_received(WrapperFrame(1, 2, b"%d" % number).encode(), SERVER)
        assert (await link.receive(1.0)).apdu == b"920"

    virtual_time.run(main())


def test_nobody_there_says_so() -> None:
    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.connect(deaf.getsockname())  # it takes nothing of anybody else
            port = deaf.getsockname()[1]
            async with connect_over_udp("127.0.0.1", port, timeout_s=60.0):
                pass

    with pytest.raises(LinkError, match="nothing listens at 127"):
        asyncio.run(main())


@pytest.mark.parametrize(
    ("host", "port", "says"),
    [
        ("a..b", 4059, "no host name"),
        ("127.0.0.1", 70_000, "70000|no UDP port"),
        ("no.such.host.invalid", 1, "cannot reach"),
    ],
)
def test_an_address_that_is_none_says_so(host: str, port: int, says: str) -> None:
    with pytest.raises(LinkError, match=says):
        asyncio.run(open_udp_link(host, port))


@pytest.mark.parametrize("general", [True, False])
def test_a_long_answer_comes_whole_over_a_lossy_way(general: bool) -> None:
    random = Random(11)

    async def main() -> None:
        meter = SampleMeter(rows=300)
        link, network = linked(meter)
        without = Conformance.BLOCK_TRANSFER_WITH_GET
        conformance = SERVICES & ~(without if general else Conformance.GENERAL_BLOCK_TRANSFER)
        parameters = AssociationParameters(
            2, 1, Mechanism.LOW, READER, max_pdu=400, conformance=conformance
        )
        async with Client(link, parameters=parameters, retries=UDP_RETRIES) as client:
            buffer = ProfileGeneric.buffer.of(obis.LOAD_PROFILE)
            whole = await client.get_octets(buffer)
            assert len(whole) > 20 * 400
            network.fate = lambda _: random.choice((0, *(1,) * 18, 2))
            for _ in range(5):
                assert await client.get_octets(buffer) == whole
            network.fate = lambda _: 1
            assert any(octets[8] == 0xE0 for _, octets in network.sent) is general

    virtual_time.run(main())
