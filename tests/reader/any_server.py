"""Our own meters on every transport, in the loop of the test.

`async with tcp(device) as address:` serves a physical device until the end of the block.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from addad.cosem.gateway import GatewaySessions
from addad.cosem.hdlc_server import LOWER, HdlcEndpoint
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.cosem.sessions import Sessions
from addad.dlms.gateway import GatewayAddress
from addad.dlms.mode_e import MeterSignOn
from addad.net.hdlc_server import serve_hdlc
from addad.net.serial import serve_serial
from addad.net.server import serve
from addad.net.udp_server import serve_udp
from addad.reader.meter_address import MeterAddress
from net.paced_line import paced_line

HOST = "127.0.0.1"
BEHIND = GatewayAddress(0, b"12345678")


def _hdlc(device: PhysicalDevice) -> HdlcEndpoint:
    return HdlcEndpoint(device, asyncio.get_running_loop().time)


@asynccontextmanager
async def tcp(device: PhysicalDevice) -> AsyncIterator[MeterAddress]:
    async with await serve(lambda: ServerEndpoint(device), HOST, 0) as server:
        yield MeterAddress.tcp(HOST, server.port)


@asynccontextmanager
async def udp(device: PhysicalDevice) -> AsyncIterator[MeterAddress]:
    async with await serve_udp(lambda: ServerEndpoint(device), HOST, 0) as server:
        yield MeterAddress.udp(HOST, server.port)


@asynccontextmanager
async def hdlc(device: PhysicalDevice) -> AsyncIterator[MeterAddress]:
    async with await serve_hdlc(lambda: _hdlc(device), HOST, 0) as server:
        yield MeterAddress.hdlc(HOST, server.port, physical=LOWER, address_octets=4)


@asynccontextmanager
async def gateway(device: PhysicalDevice) -> AsyncIterator[MeterAddress]:
    table = {BEHIND: partial(Sessions, device)}
    async with await serve(lambda: ServerEndpoint(GatewaySessions(table)), HOST, 0) as server:
        yield MeterAddress.tcp(HOST, server.port, gateway=BEHIND)


@asynccontextmanager
async def serial(device: PhysicalDevice) -> AsyncIterator[MeterAddress]:
    async with paced_line() as line, await serve_serial(line.far, _hdlc(device), baud=9600):
        yield MeterAddress.serial(line.near, physical=LOWER)


@asynccontextmanager
async def mode_e(device: PhysicalDevice) -> AsyncIterator[MeterAddress]:
    async with (
        paced_line() as line,
        await serve_serial(line.far, _hdlc(device), sign_on=MeterSignOn()),
    ):
        yield MeterAddress.serial(line.near, mode_e=True, physical=LOWER)


TRANSPORTS = {
    "tcp": tcp,
    "udp": udp,
    "hdlc": hdlc,
    "gateway": gateway,
    "serial": serial,
    "mode_e": mode_e,
}
