"""A meter calls its head end as its Auto connect says, and serves on the connection it opened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from addad import obis
from addad.cosem.classes import AutoConnectV1, Register
from addad.cosem.classes.modem import AutoConnectMode
from addad.cosem.server import ServerEndpoint
from addad.dlms.types import Long64Unsigned
from addad.host.calling import LOOK_S, keep_calling
from addad.host.object_models import load_model
from addad.meter.device import Block, Meter
from addad.meter.objects import build_device
from addad.meter.settings import MeterSettings, Passwords
from addad.meter.storage import VolatileMemory
from addad.net.client import Client
from addad.net.tcp import FrameLink
from addad.obis import Obis
from net.real_meter import START

CALLS = Obis.parse("0-0:2.1.0")
ENERGY = Register.value.typed(Long64Unsigned)
WAIT_S = 60.0


class HeadEnd:
    """Waits for meters that call."""

    def __init__(self) -> None:
        self.callers: asyncio.Queue[FrameLink] = asyncio.Queue()

    def link(self) -> FrameLink:
        link = FrameLink("a meter that calls")
        self.callers.put_nowait(link)
        return link


@asynccontextmanager
async def calling_meter() -> AsyncIterator[tuple[Meter, HeadEnd, bytes]]:
    settings = MeterSettings(Passwords(b"reader", b"management"), model=load_model())
    meter = Meter(settings, VolatileMemory())
    meter.step(Block(START, 0.0))
    device = build_device(meter)
    head_end = HeadEnd()
    server = await asyncio.get_running_loop().create_server(head_end.link, "127.0.0.1", 0)
    destination = f"127.0.0.1:{server.sockets[0].getsockname()[1]}".encode()
    running = asyncio.create_task(keep_calling(meter.table.calling, lambda: ServerEndpoint(device)))
    try:
        yield meter, head_end, destination
    finally:
        running.cancel()
        await asyncio.wait((running,))
        server.close()


def write(meter: Meter, **settings: object) -> None:
    for name, value in settings.items():
        attribute = getattr(AutoConnectV1, name)
        meter.table.attributes.write(CALLS, attribute.index, attribute.type.encode(value))


def test_nobody_is_called_until_somebody_is_named() -> None:
    asyncio.run(_nobody())


async def _nobody() -> None:
    async with calling_meter() as (_, head_end, _):
        await asyncio.sleep(2 * LOOK_S)
        assert head_end.callers.empty()


def test_a_meter_behind_a_wall_calls_and_is_read() -> None:
    async def walk() -> None:
        async with calling_meter() as (meter, head_end, destination):
            write(meter, destination_list=(destination,), mode=AutoConnectMode.PERMANENT)
            link = await asyncio.wait_for(head_end.callers.get(), WAIT_S)
            async with Client(link, client_sap=2, password=b"reader") as client:
                assert await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY) == 0

    asyncio.run(walk())


def test_a_call_is_made_when_a_client_asks_for_it() -> None:
    async def walk() -> None:
        async with calling_meter() as (meter, head_end, destination):
            write(meter, destination_list=(destination,), mode=AutoConnectMode.ON_INVOCATION)
            await asyncio.sleep(2 * LOOK_S)
            assert head_end.callers.empty()
            meter.table.calling.connect()
            link = await asyncio.wait_for(head_end.callers.get(), WAIT_S)
            async with Client(link, client_sap=1, password=b"management") as client:
                # written over the line itself: it holds until the line ends
                await client.set(CALLS, AutoConnectV1.mode, AutoConnectMode.NO_AUTO_CONNECT)
                await asyncio.sleep(2 * LOOK_S)
                assert await client.get(obis.ACTIVE_ENERGY_IMPORT, ENERGY) == 0

    asyncio.run(walk())
