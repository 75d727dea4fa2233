"""A client under keys: mechanism 5, dedicated keys, lists, blocks, calls in, UDP, no connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import DisconnectControl, ProfileGeneric, Register
from addad.cosem.server import ServerEndpoint
from addad.dlms.apdu.access import AccessGet, AccessSet
from addad.dlms.parameters import AssociationParameters
from addad.dlms.results import DataAccessResult
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.types import DoubleLongUnsigned, LongUnsigned
from addad.errors import AssociationError, LinkError, RemoteProtocolError
from addad.net.call_in import CallInListener
from addad.net.call_out import CallOut
from addad.net.client import Client, ClientOptions
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from addad.net.udp import UDP_RETRIES, UdpLink
from addad.net.udp_server import UdpServer
from cosem.sample_device import IMPORT_WH, NAME, THRESHOLD_NAME, SampleMeter
from net.memory_datagrams import Network
from net.memory_link import MemoryTransport, memory_pair
from net.secure_meter import SecureMeter, ciphered, client_side

STATE = DisconnectControl.output_state
ENERGY = Register.value.typed(DoubleLongUnsigned)
THRESHOLD = Register.value.typed(LongUnsigned)


@asynccontextmanager
async def opened(
    meter: SampleMeter, parameters: AssociationParameters, *, dedicated: bool = False
) -> AsyncIterator[tuple[Client, MemoryTransport]]:
    link = FrameLink("the meter")
    near, _ = memory_pair(link, ServerLink(ServerEndpoint(meter.physical_device)))
    async with Client(link, parameters=parameters, dedicated=dedicated) as client:
        yield client, near


@pytest.mark.parametrize("dedicated", [False, True])
def test_everything_under_keys(dedicated: bool) -> None:
    async def main() -> None:
        meter = SecureMeter(rows=500)
        parameters = ciphered(client_side())
        async with opened(meter, parameters, dedicated=dedicated) as (client, _):
            assert await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY) == IMPORT_WH
            names = [(obis.ACTIVE_ENERGY_IMPORT, Register.value)] * 10
            assert len(await client.get_many(names)) == 10
            await client.set(THRESHOLD_NAME, THRESHOLD, 9000)
            assert meter.threshold_w == 9000
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
            assert not meter.closed
            octets = await client.get_octets(ProfileGeneric.buffer.of(obis.LOAD_PROFILE))
            assert len(octets) > 10_000
            assert not meter.faults
        assert meter.device.open_count[3] == 0

    virtual_time.run(main())


def test_each_association_on_one_link_is_new() -> None:
    async def main() -> None:
        meter = SecureMeter()
        link = FrameLink("the meter")
        near, _ = memory_pair(link, ServerLink(ServerEndpoint(meter.physical_device)))
        client = Client(link, parameters=ciphered(client_side()), dedicated=True)
        for _ in range(3):
            await client.associate()
            assert await client.get(obis.DISCONNECT_CONTROL, STATE) is True
            await client.release()
        await client.close()
        assert bytes(near.written).count(b"\x08\x02\x05") == 3

    virtual_time.run(main())


def test_a_wrong_key_lets_nobody_in() -> None:
    async def main() -> None:
        wrong = client_side(SymmetricKeys(bytes(range(16)), bytes(range(16))))
        with pytest.raises((AssociationError, RemoteProtocolError)):
            async with opened(SecureMeter(), ciphered(wrong)):
                pass

    virtual_time.run(main())


@pytest.mark.parametrize("dedicated", [False, True])
def test_access_reads_and_writes_in_one_request(dedicated: bool) -> None:
    async def main() -> None:
        meter = SecureMeter()
        parameters = ciphered(client_side())
        async with opened(meter, parameters, dedicated=dedicated) as (client, _):
            threshold = THRESHOLD.of(THRESHOLD_NAME)
            outcomes = await client.access(
                [
                    (AccessGet(ENERGY.of(obis.ACTIVE_ENERGY_IMPORT)), None),
                    (AccessSet(threshold), LongUnsigned.encode(8000)),
                    (AccessGet(threshold), None),
                ]
            )
            assert [one.result for one in outcomes] == [DataAccessResult.SUCCESS] * 3
            assert outcomes[2].value == LongUnsigned.encode(8000)
            assert meter.threshold_w == 8000

    virtual_time.run(main())


def test_unconfirmed_requests_are_done_and_not_answered() -> None:
    async def main() -> None:
        meter = SecureMeter()
        async with opened(meter, ciphered(client_side())) as (client, _):
            await client.set_unconfirmed(THRESHOLD_NAME, THRESHOLD, 7500)
            method = DisconnectControl.remote_disconnect
            await client.action_unconfirmed(obis.DISCONNECT_CONTROL, method, 0)
            assert await client.get(THRESHOLD_NAME, THRESHOLD) == 7500
            assert not meter.closed

    virtual_time.run(main())


def test_a_meter_that_calls_in_proves_itself_by_its_key() -> None:
    async def main() -> None:
        meter, impostor = SecureMeter(), SecureMeter(keys=SymmetricKeys(bytes(16), bytes(16)))
        read: list[tuple[bytes, bool]] = []

        def access(name: bytes) -> ClientOptions | None:
            return {"parameters": ciphered(client_side(first=len(read) * 1000))}

        async def on_meter(name: bytes, client: Client) -> None:
            read.append((name, await client.get(obis.DISCONNECT_CONTROL, STATE)))

        async with CallInListener(access, on_meter) as listener:
            await listener.listen("127.0.0.1", 0)
            for caller in (impostor, meter):
                device = caller.physical_device
                await CallOut(
                    lambda d=device: ServerEndpoint(d),  # type: ignore[misc]
                    [f"127.0.0.1:{listener.port}"],
                ).call()
        assert read == [(NAME, True)]

    asyncio.run(main())


def test_ciphered_gets_over_lossy_datagrams() -> None:
    async def main() -> None:
        meter = SecureMeter()
        network = Network(UdpServer(lambda: ServerEndpoint(meter.physical_device)))
        link = UdpLink("the meter")
        network.join(link, ("10.0.0.2", 1))
        numbers = iter(range(10**6))
        async with Client(link, parameters=ciphered(client_side()), retries=UDP_RETRIES) as client:
            network.fate = lambda _: (1, 1, 0, 1, 2, 1, 1)[next(numbers) % 7]
            for number in range(60):
                meter.threshold_w = number
                assert await client.get(THRESHOLD_NAME, THRESHOLD) == number
            network.fate = lambda _: 1

    virtual_time.run(main())


def test_a_replayed_request_is_not_executed() -> None:
    async def main() -> None:
        meter = SecureMeter()
        async with opened(meter, ciphered(client_side())) as (client, near):
            before = len(near.written)
            await client.action(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
            recorded = bytes(near.written[before:])
            meter.closed = True
            near.write(recorded)
            await asyncio.sleep(1.0)
            assert meter.closed
            with pytest.raises((RemoteProtocolError, LinkError)):
                await client.get(obis.DISCONNECT_CONTROL, STATE)

    virtual_time.run(main())
