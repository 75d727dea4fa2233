"""FZ-07: an octet a minute on five hundred sockets keeps nobody out, and nothing grows."""

import asyncio
import logging

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import DisconnectControl
from addad.cosem.server import ServerEndpoint
from addad.dlms.wrapper import WrapperFrame
from addad.net.client import Client
from addad.net.server import CONNECTIONS_MAX, IDLE_TIMEOUT_S, Server, ServerLink
from addad.net.tcp import FrameLink
from cosem.sample_device import READER, SampleMeter
from net.memory_link import MemoryTransport, memory_pair

SOCKETS = 500
STATE = DisconnectControl.output_state
FRAME = WrapperFrame(16, 1, bytes(60)).encode()


class Dribbler(asyncio.Protocol):
    """Sends an octet a minute; connects anew when it was sent away."""

    def __init__(self, join: "Crowd") -> None:
        self._crowd = join
        self._sent = 0
        self._end: MemoryTransport | None = None

    def connect(self) -> None:
        self._end, _ = self._crowd.join(self)

    def tick(self) -> None:
        if self._end is None or self._end.is_closing():
            self._sent = 0
            self.connect()
        assert self._end is not None
        self._end.write(FRAME[self._sent % len(FRAME) :][:1])
        self._sent += 1


class Crowd:
    """Five hundred of them on one server."""

    def __init__(self, server: Server, meter: SampleMeter) -> None:
        self.server, self.meter = server, meter
        self.dribblers = [Dribbler(self) for _ in range(SOCKETS)]

    def join(self, client: asyncio.Protocol) -> tuple[MemoryTransport, MemoryTransport]:
        endpoint = ServerEndpoint(self.meter.physical_device)
        return memory_pair(client, ServerLink(endpoint, self.server))


@pytest.mark.parametrize("again", [True, False])
def test_client_501_is_answered_at_once(again: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = Server(IDLE_TIMEOUT_S, CONNECTIONS_MAX)
        crowd = Crowd(server, SampleMeter())
        for minute in range(10):
            if again or minute == 0:
                for dribbler in crowd.dribblers:
                    dribbler.tick()
            await asyncio.sleep(30.0)
            link = FrameLink("the meter")
            crowd.join(link)
            begun_s = loop.time()
            async with Client(link, client_sap=2, password=READER) as client:
                assert await client.get(obis.DISCONNECT_CONTROL, STATE) is True
                assert loop.time() - begun_s < 1.0
                assert len(server.connections) <= CONNECTIONS_MAX
            await asyncio.sleep(30.0)
        held = sum(len(link._held) for link in server.connections)
        assert held == 0
        await server.close()
        await asyncio.sleep(0.1)

    with caplog.at_level(logging.INFO, "addad"):
        virtual_time.run(main())
    assert len(caplog.records) <= 11


def test_a_reader_that_is_at_work_keeps_its_place() -> None:
    async def main() -> None:
        server = Server(IDLE_TIMEOUT_S, CONNECTIONS_MAX)
        crowd = Crowd(server, SampleMeter())
        link = FrameLink("the meter")
        crowd.join(link)
        async with Client(link, client_sap=2, password=READER) as client:
            for _ in range(10):
                for dribbler in crowd.dribblers:
                    dribbler.tick()
                await asyncio.sleep(60.0)
                assert await client.get(obis.DISCONNECT_CONTROL, STATE) is True
        await server.close()
        await asyncio.sleep(0.1)

    virtual_time.run(main())
