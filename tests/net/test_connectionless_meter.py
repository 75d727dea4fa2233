"""Without connection: reading, the time, one message for many meters; SE-08 for the group's key."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Clock, DisconnectControl, Register
from addad.cosem.cosem_object import CosemObject
from addad.cosem.server import ServerEndpoint
from addad.dlms.clock_time import DateTime
from addad.dlms.types import DoubleLongUnsigned, LongUnsigned
from addad.errors import AccessError, LocalProtocolError
from addad.net.client import Client
from addad.net.connectionless import pre_established, set_time, to_all, without_connection
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from addad.net.udp import UdpLink
from addad.net.udp_server import UdpServer, serve_udp
from cosem.sample_device import IMPORT_WH, THRESHOLD_NAME
from net.memory_datagrams import Network
from net.memory_link import memory_pair
from net.secure_meter import SecureMeter, client_side

ENERGY = Register.value.typed(DoubleLongUnsigned)
THRESHOLD = Register.value.typed(LongUnsigned)
NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)


class ClockedMeter(SecureMeter):
    """A secure meter whose clock can be set."""

    def __init__(self) -> None:
        self.time: DateTime | None = None
        super().__init__()

    def objects(self) -> list[CosemObject]:
        def set_clock(moment: DateTime) -> None:
            self.time = moment

        clock = CosemObject(
            Clock,
            obis.CLOCK,
            Clock.time.reads(lambda: self.time or DateTime.from_datetime(NOON)),
            Clock.time.writes(set_clock),
        )
        return [clock, *(item for item in super().objects() if item.logical_name != obis.CLOCK)]


def endpoint(meter: SecureMeter) -> Callable[[], ServerEndpoint]:
    return lambda: ServerEndpoint(meter.physical_device)


def test_a_meter_is_read_over_tcp_without_an_aarq() -> None:
    async def main() -> None:
        link = FrameLink("the meter")
        near, _ = memory_pair(link, ServerLink(endpoint(ClockedMeter())()))
        async with Client(link, parameters=pre_established(client_side())) as client:
            assert await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY) == IMPORT_WH
        assert near.written[8] == 0xDB

    virtual_time.run(main())


def test_a_meter_is_read_over_udp_and_obeys_in_nothing_but_the_time() -> None:
    async def main() -> None:
        meter = ClockedMeter()
        async with (
            await serve_udp(endpoint(meter), "127.0.0.1", 0) as server,
            without_connection("127.0.0.1", server.port, pre_established(client_side())) as client,
        ):
            assert await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY) == IMPORT_WH
            await client.set(obis.CLOCK, Clock.time, DateTime.from_datetime(NOON))
            assert meter.time is not None
            with pytest.raises(AccessError):
                await client.set(THRESHOLD_NAME, THRESHOLD, 1)
            with pytest.raises(AccessError):
                await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
        assert meter.closed
        assert meter.threshold_w == 6000

    asyncio.run(main())


def test_one_message_sets_the_time_of_all_and_nobody_answers() -> None:
    async def main() -> None:
        meters = [ClockedMeter() for _ in range(3)]
        context = client_side()
        for meter in meters:
            network = Network(UdpServer(endpoint(meter), answering=False))
            link = UdpLink("all")
            network.join(link, ("10.0.0.2", 1))
            async with Client(link, parameters=to_all(context)) as client:
                await set_time(client, NOON)
                await asyncio.sleep(1.0)
            assert not network.sent
        assert [m.time and m.time.to_datetime() for m in meters] == [NOON] * 3

    virtual_time.run(main())


def test_se_08_the_key_of_the_group_opens_no_relay_and_sets_no_parameter() -> None:
    async def main() -> None:
        meter = ClockedMeter()
        network = Network(UdpServer(endpoint(meter)))
        link = UdpLink("all")
        network.join(link, ("10.0.0.2", 1))
        async with Client(link, parameters=to_all(client_side())) as client:
            method = DisconnectControl.remote_disconnect
            await client.action_unconfirmed(obis.DISCONNECT_CONTROL, method, 0)
            await client.set_unconfirmed(THRESHOLD_NAME, THRESHOLD, 1)
            await asyncio.sleep(1.0)
            with pytest.raises(LocalProtocolError, match="nobody answers"):
                await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY)
        assert meter.closed
        assert meter.threshold_w == 6000
        assert not network.sent

    virtual_time.run(main())


def test_a_recorded_message_to_all_sets_no_clock_back() -> None:
    async def main() -> None:
        meter = ClockedMeter()
        server = UdpServer(endpoint(meter))
        network = Network(server)
        link = UdpLink("all")
        network.join(link, ("10.0.0.2", 1))
        recorded: list[bytes] = []
        network.fate = lambda octets: recorded.append(octets) or 1
        async with Client(link, parameters=to_all(client_side())) as client:
            await set_time(client, NOON)
            await asyncio.sleep(1.0)
        meter.time = None
        server.datagram_received(recorded[0], ("10.0.0.9", 9))
        server.datagram_received(recorded[0], ("10.0.0.2", 1))
        assert meter.time is None

    virtual_time.run(main())
