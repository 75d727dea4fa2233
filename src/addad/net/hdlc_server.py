"""A meter's end of an HDLC line over TCP: connections that are watched by the clock.

IEC 62056-46: links end when their clients have said nothing for the inactivity time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol
from weakref import WeakSet

from addad.net.server import CONNECTIONS_MAX, IDLE_TIMEOUT_S, Endpoint, Server

TICK_S: Final = 1.0
"""How often the clock is looked at."""


class TickingEndpoint(Endpoint, Protocol):
    """The sans-io end of an HDLC line."""

    def tick(self) -> int:
        """Do what the time asks for; gives how many whole frames wait for `answer`."""
        ...


class HdlcServer(Server):
    """A listening port for HDLC lines; closing it ends them."""

    def __init__(self, idle_timeout_s: float, connections_max: int) -> None:
        super().__init__(idle_timeout_s, connections_max)
        self._endpoints: WeakSet[TickingEndpoint] = WeakSet()
        self._ticking: asyncio.Task[None] | None = None

    async def listen_hdlc(
        self, endpoint: Callable[[], TickingEndpoint], host: str, port: int
    ) -> None:
        """Begin to accept connections; raises `LinkError` when the port cannot be had."""

        def watched() -> TickingEndpoint:
            made = endpoint()
            self._endpoints.add(made)
            return made

        await self.listen(watched, host, port)
        self._ticking = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for endpoint in list(self._endpoints):
                endpoint.tick()

    async def close(self) -> None:
        """Stop listening and end all connections."""
        if self._ticking is not None:
            self._ticking.cancel()
        await super().close()


async def serve_hdlc(
    endpoint: Callable[[], TickingEndpoint],
    host: str,
    port: int,
    *,
    idle_timeout_s: float = IDLE_TIMEOUT_S,
    connections_max: int = CONNECTIONS_MAX,
) -> HdlcServer:
    """Listen, with a new endpoint for each connection; port 0 takes a free one.

    Raises `LinkError` when the port is in use or not ours.
    """
    server = HdlcServer(idle_timeout_s, connections_max)
    await server.listen_hdlc(endpoint, host, port)
    return server
