"""Connections before they are requests: each has to say what it wants in time, and makes room.

A browser sends its request within moments. Who opens a connection and is silent, or sends an octet
now and then, holds a place for a while and no longer; when all places are taken, one of the address
that holds most of them goes, the one that has kept us waiting longest.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from addad.headend.web.screen import ANSWER_HEADERS

MAX_CONNECTIONS: Final = 512
REQUEST_TIMEOUT_S: Final = 20.0


class Doorman(H11Protocol):
    """One connection of the web server, by HTTP/1.1."""

    request_timeout_s: float = REQUEST_TIMEOUT_S
    max_connections: int = MAX_CONNECTIONS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A place is taken, if need be that of another who keeps us waiting."""
        self._waiting: asyncio.TimerHandle | None = None
        self._make_room()
        super().connection_made(transport)
        if len(self.connections) > self.max_connections:
            transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Octets of a request; the time runs from its first one until it is whole."""
        super().data_received(data)
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            self._stop_waiting()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The place is free."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers of every answer."""
        headers = [(name.encode(), value.encode()) for name, value in ANSWER_HEADERS.items()]
        headers += [
            (b"Content-Type", b"text/plain; charset=utf-8"),
            (b"Cache-Control", b"no-store"),
            (b"Connection", b"close"),
        ]
        try:
            octets = self.conn.send(h11.Response(status_code=400, headers=headers)) or b""
            octets += self.conn.send(h11.Data(data=msg.encode("ascii") + b"\n")) or b""
            octets += self.conn.send(h11.EndOfMessage()) or b""
            self.transport.write(octets)
        except h11.LocalProtocolError:
            pass
        self.transport.close()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.request_timeout_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._stop_waiting()
        if self.transport is not None:
            self.transport.abort()

    def _make_room(self) -> None:
        if len(self.connections) < self.max_connections:
            return
        waiting = [one for one in self.connections if isinstance(one, Doorman) and one._waiting]
        if not waiting:
            return
        held = Counter(one._address for one in waiting)
        longest = min(waiting, key=lambda one: (-held[one._address], one._late_at_s))
        self.connections.discard(longest)
        longest._give_up()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else "?"

    @property
    def _late_at_s(self) -> float:
        return self._waiting.when() if self._waiting else float("inf")
