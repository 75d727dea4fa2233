"""Several associations on one connection: one's trouble is never another's."""

import asyncio

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Clock, Data, DisconnectControl
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.cosem.server import ServerEndpoint
from addad.dlms.wrapper import WrapperFrame
from addad.errors import LinkError, LocalProtocolError, RemoteProtocolError
from addad.net.client import Client
from addad.net.inbox import UNREAD_FRAMES_MAX
from addad.net.link import Frame
from addad.net.server import ServerLink
from addad.net.shared import CHANNELS_MAX, STRAYS_MAX, SharedLink
from addad.net.tcp import FrameLink
from cosem.sample_device import MANAGEMENT, NAME, READER, SampleMeter
from net.memory_link import MemoryTransport, memory_pair

STATE = DisconnectControl.output_state
SUBMETER = b"ADD0000000000002"


def shared(
    device: PhysicalDevice, strays: list[Frame] | None = None
) -> tuple[SharedLink, MemoryTransport]:
    link = FrameLink("the meter")
    _, far = memory_pair(link, ServerLink(ServerEndpoint(device)))
    return SharedLink(link, None if strays is None else strays.append), far


def test_three_clients_at_once_on_one_connection() -> None:
    async def main() -> None:
        meter = SampleMeter()
        one, _ = shared(meter.physical_device)
        async with (
            one,
            Client(one.channel(16)) as public,
            Client(one.channel(2), client_sap=2, password=READER) as reader,
            Client(one.channel(1), client_sap=1, password=MANAGEMENT) as management,
        ):
            for _ in range(20):
                name, closed, _ = await asyncio.gather(
                    public.get(obis.LOGICAL_DEVICE_NAME, Data.value),
                    reader.get(obis.DISCONNECT_CONTROL, STATE),
                    management.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_reconnect),
                )
                assert name.value == NAME
                assert closed is True
            await public.close()
            assert await reader.get(obis.DISCONNECT_CONTROL, STATE) is True
            again = Client(one.channel(16))
            async with again:
                assert await again.get(obis.LOGICAL_DEVICE_NAME, Data.value)
        assert not any(meter.device.open_count.values())

    virtual_time.run(main())


def test_two_logical_devices_behind_one_address() -> None:
    async def main() -> None:
        associations = usual_associations(reader_password=READER, management_password=MANAGEMENT)
        second = LogicalDevice(SUBMETER, [], associations, sap=2)
        one, _ = shared(PhysicalDevice([SampleMeter().device, second]))
        async with one:
            names = []
            for sap in (1, 2):
                async with Client(one.channel(16, sap), server_sap=sap) as client:
                    names.append((await client.get(obis.LOGICAL_DEVICE_NAME, Data.value)).value)
            assert names == [NAME, SUBMETER]

    virtual_time.run(main())


def test_a_channel_is_one_clients_and_spent_when_it_was_given_up() -> None:
    async def main() -> None:
        one, far = shared(SampleMeter().physical_device)
        async with one, Client(one.channel(2), client_sap=2, password=READER) as reader:
            with pytest.raises(LocalProtocolError, match="already talks"):
                one.channel(2)
            public = Client(one.channel(16))
            await public.associate()
            far.deaf = True
            with pytest.raises(LinkError, match="answered nothing for 10 s"):
                await public.get(obis.CLOCK, Clock.time)
            far.deaf = False
            assert public.closed
            assert not reader.closed
            assert await reader.get(obis.DISCONNECT_CONTROL, STATE) is True
            with pytest.raises(LocalProtocolError, match="gave up a request"):
                one.channel(16)

    virtual_time.run(main())


def test_frames_for_nobody_are_bounded() -> None:
    async def main() -> None:
        strays: list[Frame] = []
        one, far = shared(SampleMeter().physical_device, strays)
        stray = WrapperFrame(1, 99, b"\x0f\x00").encode()
        async with one, Client(one.channel(2), client_sap=2, password=READER) as reader:
            for _ in range(3):
                far.write(stray * STRAYS_MAX)
                assert await reader.get(obis.DISCONNECT_CONTROL, STATE) is True
            assert len(strays) == 3 * STRAYS_MAX
            far.write(stray * (STRAYS_MAX + 1))
            await asyncio.sleep(1.0)
            assert reader.closed
            with pytest.raises(RemoteProtocolError, match="nobody asked for"):
                await reader.get(obis.DISCONNECT_CONTROL, STATE)

    virtual_time.run(main())


def test_a_peer_that_floods_a_channel_loses_it() -> None:
    async def main() -> None:
        one, far = shared(SampleMeter().physical_device)
        async with one:
            flooded, other = one.channel(2), one.channel(16)
            for _ in range(UNREAD_FRAMES_MAX + 2):
                far.write(WrapperFrame(1, 2, b"x").encode())
                await asyncio.sleep(0.001)
            assert flooded.closed
            assert not other.closed
            with pytest.raises(LocalProtocolError, match="no channel from 2 to 1"):
                other.send(2, 1, b"x")

    virtual_time.run(main())


def test_the_end_of_the_connection_ends_every_channel() -> None:
    async def main() -> None:
        one, far = shared(SampleMeter().physical_device)
        channels = [one.channel(sap) for sap in (1, 2, 16)]
        waiting = [asyncio.create_task(channel.receive(60.0)) for channel in channels]
        await asyncio.sleep(1.0)
        far.close()
        await asyncio.sleep(1.0)
        for task in waiting:
            with pytest.raises(LinkError, match="closed the connection"):
                await task
        with pytest.raises(LinkError):
            one.channel(3)
        await one.close()

    virtual_time.run(main())


def test_channels_of_a_connection_are_bounded() -> None:
    async def main() -> None:
        one, _ = shared(SampleMeter().physical_device)
        async with one:
            for sap in range(CHANNELS_MAX):
                one.channel(sap + 1).fail(LinkError("given up"))
            with pytest.raises(LocalProtocolError, match="limit"):
                one.channel(CHANNELS_MAX + 1)

    virtual_time.run(main())


def test_a_fault_of_who_takes_strays_leaves_nobody_waiting() -> None:
    async def main() -> None:
        def fail(_: Frame) -> None:
            raise RuntimeError("no room")

        link = FrameLink("the meter")
        _, far = memory_pair(link, ServerLink(ServerEndpoint(SampleMeter().physical_device)))
        async with SharedLink(link, fail) as one:
            waiting = asyncio.create_task(one.channel(2).receive(1e6))
            await asyncio.sleep(1.0)
            far.write(WrapperFrame(1, 99, b"x").encode())
            with pytest.raises(LinkError, match="RuntimeError: no room"):
                await waiting
            assert asyncio.get_running_loop().time() < 10.0

    virtual_time.run(main())
