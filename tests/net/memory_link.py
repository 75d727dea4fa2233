"""Two asyncio transports back to back in memory, for protocols in virtual time.

`near, far = memory_pair(client_protocol, server_protocol)` joins two protocols; run them by
`virtual_time.run`. What is written at one end arrives at the other in the next turn of the loop, in
pieces of `chunk` octets if set. An end may `close`, be `deaf` (nothing more arrives there), and
tells what it has `written`. A client on a sample meter:

    link = FrameLink("the meter")
    memory_pair(link, ServerLink(ServerEndpoint(SampleMeter().physical_device)))
    async with Client(link, client_sap=2, password=READER) as client: ...
"""

from __future__ import annotations

import asyncio


class MemoryTransport(asyncio.Transport):
    """One end: what is written arrives at the other protocol in the next turn of the loop."""

    def __init__(self, protocol: asyncio.Protocol, name: str) -> None:
        super().__init__({"peername": (name, 0), "sockname": (name, 0)})
        self.protocol = protocol
        self.peer: MemoryTransport | None = None
        self.written = bytearray()
        self.deaf = False
        self.chunk: int | None = None
        self._closing = False
        self._reading = True
        self._held = bytearray()
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing:
            return
        octets = bytes(data)
        self.written += octets
        size = self.chunk or len(octets) or 1
        for start in range(0, len(octets), size):
            self._loop.call_soon(self._deliver, octets[start : start + size])

    def _deliver(self, octets: bytes) -> None:
        peer = self.peer
        if peer is None or peer.deaf or peer._closing:
            return
        if not peer._reading:
            peer._held += octets
            return
        peer.protocol.data_received(octets)

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        held, self._held = bytes(self._held), bytearray()
        if held:
            self._loop.call_soon(self.protocol.data_received, held)

    def is_reading(self) -> bool:
        return self._reading

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._loop.call_soon(self.protocol.connection_lost, None)
        if self.peer is not None:
            self._loop.call_soon(self.peer._eof)

    def _eof(self) -> None:
        if not self._closing:
            self.close()

    def abort(self) -> None:
        self.close()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0


def memory_pair(
    client: asyncio.Protocol, server: asyncio.Protocol
) -> tuple[MemoryTransport, MemoryTransport]:
    """Join two protocols; gives the client's and the server's transport."""
    near, far = MemoryTransport(client, "client"), MemoryTransport(server, "server")
    near.peer, far.peer = far, near
    server.connection_made(far)
    client.connection_made(near)
    return near, far
