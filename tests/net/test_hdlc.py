"""Our client over HDLC: on the served sample meter, on bad lines, with pushes and neighbours."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from addad import obis
from addad.cosem.classes import DisconnectControl, ProfileGeneric, Register
from addad.cosem.hdlc_server import LOWER, HdlcEndpoint
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.frame import Frame
from addad.dlms.hdlc.parameters import LinkParameters
from addad.dlms.hdlc.terms import LinkTimes
from addad.dlms.hdlc.unnumbered import Unnumbered, encode_unnumbered
from addad.errors import AssociationError, InputError, LinkError
from addad.net.client import Client
from addad.net.hdlc import (
    LINKS_MAX,
    HdlcLink,
    HdlcSettings,
    connect_over_hdlc,
    open_hdlc_link,
)
from addad.net.inbox import UNREAD_FRAMES_MAX
from addad.net.link import Silence
from addad.net.server import ServerLink
from addad.net.shared import SharedLink
from cosem.sample_device import IMPORT_WH, MANAGEMENT, READER, SampleMeter
from net.memory_link import MemoryTransport, memory_pair
from net.served_hdlc import HOST, served_hdlc

FAST = LinkTimes(response_s=0.05, retries=2, poll_interval_s=0.01)
PUSH = bytes.fromhex("0F400000000000")


def energy_of(client: Client) -> Awaitable[object]:
    return client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)


def on_memory(
    main: Callable[[HdlcLink, MemoryTransport, HdlcEndpoint, SampleMeter], Awaitable[None]],
    settings: HdlcSettings | None = None,
) -> None:
    """Run on a link in memory; `far` is the meter's transport."""

    async def run() -> None:
        meter = SampleMeter()
        endpoint = HdlcEndpoint(meter.physical_device, asyncio.get_running_loop().time)
        link = HdlcLink("the meter", settings or HdlcSettings(lower=LOWER, times=FAST))
        _, far = memory_pair(link, ServerLink(endpoint))
        await main(link, far, endpoint, meter)

    asyncio.run(run())


@pytest.mark.parametrize(
    "settings",
    [
        HdlcSettings(),
        HdlcSettings(lower=LOWER, clear=False),
        HdlcSettings(lower=LOWER, address_octets=4, offered=LinkParameters(128, 128)),
        HdlcSettings(lower=LOWER, offered=LinkParameters(64, 32, 7, 3)),
    ],
    ids=["one octet", "two octets", "four octets, short", "windows"],
)
def test_a_reader_reads_over_tcp(settings: HdlcSettings) -> None:
    async def main(port: int) -> None:
        async with connect_over_hdlc(HOST, port, settings, client_sap=2, password=READER) as client:
            value = await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
            assert value.value == IMPORT_WH
            buffer = ProfileGeneric.buffer.of(obis.LOAD_PROFILE)
            assert len(await client.get_octets(buffer)) > 10_000
            assert client.received_octets > 10_000

    meter = SampleMeter()
    with served_hdlc(meter.physical_device) as port:
        asyncio.run(main(port))
        assert meter.device.open_count[2] == 0


def test_the_relay_and_a_wrong_password() -> None:
    async def main(port: int) -> None:
        async with connect_over_hdlc(HOST, port, client_sap=1, password=MANAGEMENT) as client:
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
        with pytest.raises(AssociationError):
            async with connect_over_hdlc(HOST, port, client_sap=1, password=b"guess"):
                pass

    meter = SampleMeter()
    with served_hdlc(meter.physical_device) as port:
        asyncio.run(main(port))
    assert not meter.closed


def test_octets_may_come_one_by_one_and_with_an_echo() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, _endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        far.chunk = 1
        write = far.peer.write  # type: ignore[union-attr]

        def echoing(data: bytes) -> None:
            link.data_received(bytes(data))
            write(data)

        far.peer.write = echoing  # type: ignore[method-assign, union-attr, assignment]
        async with Client(link, client_sap=2, password=READER) as client:
            assert (await energy_of(client)) is not None

    on_memory(main)


def test_two_associations_on_one_line() -> None:
    async def main(
        link: HdlcLink, _far: MemoryTransport, endpoint: HdlcEndpoint, meter: SampleMeter
    ) -> None:
        shared = SharedLink(link)
        reader = Client(shared.channel(2), client_sap=2, password=READER)
        manager = Client(shared.channel(1), client_sap=1, password=MANAGEMENT)
        async with reader, manager:
            values = await asyncio.gather(*(energy_of(c) for c in (reader, manager) * 5))
            assert [v.value for v in values] == [IMPORT_WH] * 10  # type: ignore[attr-defined]
            assert endpoint.links == 2
            assert (meter.device.open_count[2], meter.device.open_count[1]) == (1, 1)
        link.close()
        await link.wait_closed()
        assert endpoint.links == 0

    on_memory(main)


def test_who_leaves_makes_room_for_another_on_the_line() -> None:
    async def main(
        link: HdlcLink, _far: MemoryTransport, endpoint: HdlcEndpoint, meter: SampleMeter
    ) -> None:
        public = Client(link)
        await public.associate()
        await public.release()
        link.leave(16, 1)
        link.leave(99, 1)
        async with Client(link, client_sap=2, password=READER) as client:
            assert (await energy_of(client)) is not None
            assert endpoint.links == 1
        assert not any(meter.device.open_count.values())

    on_memory(main)


def test_a_long_answer_lets_others_speak_between_its_frames() -> None:
    async def main(
        link: HdlcLink, _far: MemoryTransport, _endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        shared = SharedLink(link)
        reader = Client(shared.channel(2), client_sap=2, password=READER)
        manager = Client(shared.channel(1), client_sap=1, password=MANAGEMENT)
        async with reader, manager:
            buffer = ProfileGeneric.buffer.of(obis.LOAD_PROFILE)
            long = asyncio.ensure_future(reader.get_octets(buffer))
            for _ in range(10):
                await energy_of(manager)
            assert not long.done()
            assert len(await long) > 10_000
        link.close()
        await link.wait_closed()

    on_memory(main, HdlcSettings(lower=LOWER, offered=LinkParameters(64, 64)))


def test_a_slow_answer_to_one_is_waited_for_while_another_wants_to_poll() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, _endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        loop = asyncio.get_running_loop()
        slow_s = 0.0
        free_s = 0.0
        deliver = far.peer.protocol.data_received  # type: ignore[union-attr]

        def slowly(data: bytes) -> None:
            nonlocal free_s
            free_s = max(free_s, loop.time())  # a line has one octet after the other
            for at in range(len(data)):
                free_s += slow_s
                loop.call_at(free_s, deliver, data[at : at + 1])

        shared = SharedLink(link)
        reader = Client(shared.channel(2), client_sap=2, password=READER)
        manager = Client(shared.channel(1), client_sap=1, password=MANAGEMENT)
        async with reader, manager:
            slow_s = 0.001
            link.data_received = slowly  # type: ignore[method-assign]
            values = await asyncio.gather(*(energy_of(c) for c in (reader, manager) * 2))
            assert len(values) == 4
            assert link._reader.decoder.broken == 0
            del link.data_received  # type: ignore[method-assign]
        link.close()
        await link.wait_closed()

    times = LinkTimes(response_s=60, poll_interval_s=0.005)
    on_memory(main, HdlcSettings(lower=LOWER, times=times, inter_octet_s=60.0))


def test_closing_ends_the_link_in_good_order() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        async with Client(link):
            assert endpoint.links == 1
        assert endpoint.links == 0
        assert bytes(far.written).endswith(Frame(Address(16), Address(1, 17, 2), 0x73).encode())
        assert link.closed
        with pytest.raises(LinkError, match="closed"):
            link.send(16, 1, b"x")
        link.close()

    on_memory(main)


def test_a_meter_that_says_nothing() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, _endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        far.deaf = True
        with pytest.raises(LinkError, match="the meter does not answer"):
            async with Client(link):
                pass
        assert link.closed
        await link.wait_closed()

    on_memory(main)


def test_a_meter_that_has_forgotten_the_link() -> None:
    async def main(
        link: HdlcLink, _far: MemoryTransport, endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        async with Client(link, client_sap=2, password=READER) as client:
            endpoint.close()
            with pytest.raises(LinkError, match="has ended the link"):
                await energy_of(client)

    on_memory(main)


def test_lost_octets_are_asked_for_again() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, _endpoint: HdlcEndpoint, meter: SampleMeter
    ) -> None:
        async with Client(link, client_sap=1, password=MANAGEMENT) as client:
            write, writes = far.write, 0

            def losing(data: bytes) -> None:
                nonlocal writes
                writes += 1
                if writes % 3:
                    write(bytes(data)[: len(data) // 2] if writes % 2 else data)

            far.write = losing  # type: ignore[method-assign, assignment]
            for closed in (False, True) * 3:
                method = (
                    DisconnectControl.remote_reconnect
                    if closed
                    else DisconnectControl.remote_disconnect
                )
                await client.action(obis.DISCONNECT_CONTROL, method)
                assert meter.closed is closed
            far.write = write  # type: ignore[method-assign]

    on_memory(main, HdlcSettings(lower=LOWER, times=LinkTimes(0.05, 20), inter_octet_s=0.02))


def test_a_frame_whose_length_was_damaged_does_not_swallow_the_answers_after_it() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, _endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        async with Client(link, client_sap=2, password=READER) as client:
            write, damaged = far.write, 0

            def damaging(data: bytes) -> None:
                nonlocal damaged
                octets = bytearray(data)
                if not damaged:
                    octets[1] ^= 0x04  # a frame of a thousand octets more
                damaged += 1
                write(bytes(octets))

            far.write = damaging  # type: ignore[method-assign, assignment]
            assert (await energy_of(client)) is not None
            assert damaged > 1

    on_memory(main, HdlcSettings(lower=LOWER, times=FAST, inter_octet_s=5.0))


def test_pushes_come_beside_and_between_answers() -> None:
    pushed: list[Unnumbered] = []

    async def main() -> None:
        link = HdlcLink(on_unnumbered=pushed.append)
        transport = MemoryTransport(link, "client")
        link.connection_made(transport)
        stranger = Unnumbered(Address(1, 17, 2), Address(0x66), PUSH * 60)
        link.data_received(encode_unnumbered(stranger))
        link.data_received(Frame(Address(1), Address(1), 0x13, b"\xe6\xe7\x00").encode())
        assert pushed == [stranger]
        with pytest.raises(Silence):
            await link.receive(0.01)
        link.send(16, 1, b"x")
        link.data_received(encode_unnumbered(Unnumbered(Address(1, 17, 2), Address(16), PUSH)))
        frame = await link.receive(1)
        assert (frame.source, frame.destination, frame.apdu) == (1, 16, PUSH)
        for _ in range(UNREAD_FRAMES_MAX + 1):
            link.data_received(encode_unnumbered(Unnumbered(Address(1), Address(16), PUSH)))
        with pytest.raises(Exception, match="nobody asked for"):
            link.check()

    asyncio.run(main())


def test_links_on_one_line_are_limited() -> None:
    async def main() -> None:
        link = HdlcLink()
        link.connection_made(MemoryTransport(link, "client"))
        for sap in range(1, LINKS_MAX + 1):
            link.send(sap, 1, b"x")
        with pytest.raises(LinkError, match="limit"):
            link.send(LINKS_MAX + 1, 1, b"x")

    asyncio.run(main())


def test_what_cannot_be_reached_or_addressed_is_told() -> None:
    async def main() -> None:
        with pytest.raises(LinkError, match="nothing listens"):
            await open_hdlc_link(HOST, 1, 1)
        with pytest.raises(LinkError, match="no TCP port"):
            await open_hdlc_link(HOST, 70_000, 1)
        with pytest.raises(LinkError, match="host name"):
            await open_hdlc_link("a..b", 1, 1)
        link = HdlcLink()
        link.connection_made(MemoryTransport(link, "client"))
        with pytest.raises(InputError):
            link.send(200, 1, b"x")

    asyncio.run(main())


def test_a_line_that_is_lost_ends_who_waits() -> None:
    async def main(
        link: HdlcLink, far: MemoryTransport, _endpoint: HdlcEndpoint, _meter: SampleMeter
    ) -> None:
        waiting = asyncio.ensure_future(link.receive(5))
        await asyncio.sleep(0)
        far.close()
        with pytest.raises(LinkError, match="closed the connection"):
            await waiting
        with pytest.raises(LinkError):
            link.check()

    on_memory(main)
