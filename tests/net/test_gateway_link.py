"""Three meters behind one address, each read by a client of its own."""

import asyncio
from functools import partial

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Data, DisconnectControl, Register
from addad.cosem.gateway import GatewaySessions
from addad.cosem.server import ServerEndpoint
from addad.cosem.sessions import Sessions
from addad.dlms.gateway import GatewayAddress
from addad.dlms.types import LongUnsigned
from addad.errors import RemoteProtocolError
from addad.net.client import Client
from addad.net.gateway_link import GatewayLink
from addad.net.server import ServerLink, serve
from addad.net.shared import SharedLink
from addad.net.tcp import FrameLink, open_link
from cosem.sample_device import MANAGEMENT, THRESHOLD_NAME, SampleMeter
from net.memory_link import memory_pair

THRESHOLD = Register.value.typed(LongUnsigned)
ADDRESSES = [GatewayAddress(0, b"serial-%d" % n) for n in range(3)]


def a_gateway() -> tuple[list[SampleMeter], ServerEndpoint]:
    meters = [SampleMeter() for _ in ADDRESSES]
    table = {
        address: partial(Sessions, meter.physical_device)
        for address, meter in zip(ADDRESSES, meters, strict=True)
    }
    return meters, ServerEndpoint(GatewaySessions(table))


def test_three_meters_behind_one_address_over_tcp() -> None:
    async def main() -> None:
        meters, endpoint = a_gateway()
        for number, meter in enumerate(meters):
            meter.threshold_w = 1000 + number

        async def change(shared: SharedLink, address: GatewayAddress) -> int:
            channel = shared.channel(1, 1, address)
            async with Client(
                channel, client_sap=1, password=MANAGEMENT, gateway=address
            ) as client:
                found = await client.get(THRESHOLD_NAME, THRESHOLD)
                await client.set(THRESHOLD_NAME, THRESHOLD, found * 2)
                return found

        async with (
            await serve(lambda: endpoint, "127.0.0.1", 0) as server,
            SharedLink(await open_link("127.0.0.1", server.port, 5.0)) as shared,
        ):
            found = await asyncio.gather(*(change(shared, a) for a in ADDRESSES))
        assert found == [1000, 1001, 1002]
        assert [meter.threshold_w for meter in meters] == [2000, 2002, 2004]

    asyncio.run(main())


def test_a_client_alone_needs_no_channel() -> None:
    async def main() -> None:
        meters, endpoint = a_gateway()
        link = FrameLink("the gateway")
        memory_pair(link, ServerLink(endpoint))
        async with Client(link, gateway=ADDRESSES[1]) as client:
            assert await client.get(obis.LOGICAL_DEVICE_NAME, Data.value)
            assert meters[1].device.open_count[16] == 1
        assert link.closed

    virtual_time.run(main())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"\xd8\x01\x01", "the gateway itself"),
        (ADDRESSES[2].response(b"\x61\x00"), "APDU of meter 73657269616c2d32"),
        (ADDRESSES[0].request(b"\x61\x00"), "no gateway header"),
    ],
)
def test_an_answer_of_another_is_refused(answer: bytes, says: str) -> None:
    class Fixed:
        proven = True
        peer = ""

        def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
            return (answer,)

        def close(self) -> None:
            pass

    async def main() -> None:
        link = FrameLink("the gateway")
        memory_pair(link, ServerLink(ServerEndpoint(Fixed())))
        with pytest.raises(RemoteProtocolError, match=says):
            async with Client(link, gateway=ADDRESSES[0]) as client:
                await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)
        assert link.closed

    virtual_time.run(main())


def test_it_is_a_link_like_the_one_beneath() -> None:
    async def main() -> None:
        link = FrameLink("the gateway")
        memory_pair(link, asyncio.Protocol())
        through = GatewayLink(link, ADDRESSES[0])
        through.check()
        assert not through.closed
        assert through.received_octets == 0
        assert "on network 0" in through.peer_name
        through.fail(RemoteProtocolError("enough"))
        with pytest.raises(RemoteProtocolError, match="enough"):
            link.check()
        through.close()
        await through.wait_closed()

    virtual_time.run(main())
