"""A meter that calls in: read when it has proved itself, and nobody else is."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from addad import obis
from addad.cosem.classes import Data
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.dlms.types import OctetString
from addad.errors import InputError, LinkError
from addad.net.server import ServerLink
from addad.reader.calls import check_proof
from addad.reader.meter_access import MeterAccess, open_meter
from addad.reader.meter_address import MeterAddress
from cosem.sample_device import NAME, SampleMeter
from net.reserved_port import reserved_port
from net.secure_meter import SecureMeter
from reader.test_meter_access import GMAC
from reader.test_meter_address import WHO

HOST = "127.0.0.1"
NAMED = Data.value.typed(OctetString())


@asynccontextmanager
async def calling(device: PhysicalDevice, port: int) -> AsyncIterator[None]:
    """A meter that calls until somebody listens."""

    async def call() -> None:
        while True:
            try:
                await asyncio.get_running_loop().create_connection(
                    lambda: ServerLink(ServerEndpoint(device)), HOST, port
                )
            except OSError:
                await asyncio.sleep(0.02)
            else:
                return

    task = asyncio.create_task(call())
    try:
        yield
    finally:
        task.cancel()


async def name(where: MeterAddress, who: MeterAccess) -> bytes:
    async with asyncio.timeout(60.0), open_meter(where, who) as client:
        return await client.get(obis.LOGICAL_DEVICE_NAME, NAMED)


def test_a_meter_that_calls_and_proves_itself() -> None:
    async def main() -> None:
        meter = SecureMeter()
        with reserved_port() as port:
            async with calling(meter.physical_device, port):
                assert await name(MeterAddress.call(HOST, port), GMAC) == NAME
        async with asyncio.timeout(60.0):
            while any(meter.device.open_count.values()):
                await asyncio.sleep(0.01)

    asyncio.run(main())


def test_who_proves_nothing_is_passed_over() -> None:
    async def main() -> None:
        impostor, meter = SampleMeter(), SecureMeter()
        with reserved_port() as port:
            async with calling(impostor.physical_device, port):
                reading = asyncio.create_task(name(MeterAddress.call(HOST, port), GMAC))
                await asyncio.sleep(0.3)
                assert not reading.done()
                async with calling(meter.physical_device, port):
                    assert await reading == NAME

    asyncio.run(main())


def test_a_password_is_given_to_nobody_but_in_a_closed_network() -> None:
    async def main() -> None:
        with reserved_port() as port:
            with pytest.raises(InputError, match="say --closed-network"):
                await name(MeterAddress.call(HOST, port), WHO)
            async with calling(SampleMeter().physical_device, port):
                assert await name(MeterAddress.call(HOST, port, closed_network=True), WHO) == NAME

    asyncio.run(main())


def test_a_port_that_is_taken_and_a_meter_that_cannot_be_called() -> None:
    async def main() -> None:
        with socket.socket() as taken:
            taken.bind((HOST, 0))
            taken.listen()
            where = MeterAddress.call(HOST, taken.getsockname()[1])
            with pytest.raises(LinkError):
                await name(where, GMAC)
            with pytest.raises(InputError, match="cannot be called"):
                await where.open_link(1.0)

    asyncio.run(main())


def test_options_that_prove_nothing() -> None:
    check_proof({}, True)
    with pytest.raises(InputError):
        check_proof({}, False)
