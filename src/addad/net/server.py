"""Pump octets between TCP connections and sans-io endpoints: many clients on one meter.

A connection costs at most one buffer of octets and a piece: reading stops while more requests wait
than a piece holds, or answers are unsent; a link without a whole frame for the idle time is closed,
garbage closes only the link it came on. Clients that have not proved who they are never keep out
another: when all places are taken, one of the address that holds most of them makes room, the one
silent longest.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import struct
from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from addad.errors import AddadError, InputError, LinkError
from addad.net.tcp import no_host
from addad.net.turns import Turns

logger = logging.getLogger(__name__)

IDLE_TIMEOUT_S: Final = 120.0
CONNECTIONS_MAX: Final = 100
WRITE_BUFFER_OCTETS: Final = 256 * 1024
FRAMES_A_TURN: Final = 32
"""Frames of one client that are answered before the others have their turn."""
PIECE_OCTETS: Final = 4096
"""Octets that are made into frames at a time: what waits is kept as octets, which are small. When
more than these wait, nothing more is read."""
READ_OCTETS: Final = 2048
"""Octets of one connection that are read at a time."""
FULL_TOLD_S: Final = 60.0
"""How often the log says that all places are taken."""


class Endpoint(Protocol):
    """The sans-io end of one connection: octets in, answers out."""

    @property
    def proven(self) -> bool:
        """Whether the client has proved who it is."""
        ...

    def connected(self, peer: str) -> None:
        """A client has connected; `peer` is its `address:port`."""
        ...

    def receive(self, octets: bytes) -> int:
        """Take octets; gives how many whole frames wait for `answer`. Raises `DecodeError`."""
        ...

    def answer(self) -> bytes | None:
        """Work on the next frame; gives the octets to send (may be empty), None without a frame."""
        ...

    def close(self) -> None:
        """The connection has ended."""
        ...


class Server:
    """A listening port; closing it ends its connections."""

    def __init__(self, idle_timeout_s: float, connections_max: int) -> None:
        self.idle_timeout_s = idle_timeout_s
        self.connections_max = connections_max
        self.connections: set[ServerLink] = set()
        self.turns = Turns()
        self.buffer = bytearray(READ_OCTETS)
        """What is read of any connection, until it is taken at once."""
        self._full_told_s = -FULL_TOLD_S
        self._listening: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, also when 0 was asked for."""
        assert self._listening is not None
        return int(self._listening.sockets[0].getsockname()[1])

    @property
    def host(self) -> str:
        """The address that is listened on."""
        assert self._listening is not None
        return str(self._listening.sockets[0].getsockname()[0])

    async def listen(self, endpoint: Callable[[], Endpoint], host: str, port: int) -> None:
        """Begin to accept connections; raises `LinkError` when the port cannot be had."""
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(
                lambda: ServerLink(endpoint(), self), host, port
            )
        except OSError as fault:
            raise LinkError(why_not_listened(fault, host, port)) from None
        except OverflowError:
            raise InputError(f"{port} is no TCP port; it is between 0 and 65535") from None
        except ValueError:
            raise InputError(no_host(host)) from None

    def admit(self, link: ServerLink) -> bool:
        """Take one more connection, if need be in the place of another; False: there is none."""
        if len(self.connections) >= self.connections_max:
            self._tell_full()
            unproven = [other for other in self.connections if not other.proven]
            if not unproven:
                return False
            held = Counter(other.address for other in unproven)
            silent = min(unproven, key=lambda other: (-held[other.address], other.last_frame_s))
            self.connections.discard(silent)
            silent.abort()
        self.connections.add(link)
        return True

    def _tell_full(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._full_told_s >= FULL_TOLD_S:
            self._full_told_s = now_s
            logger.warning(
                "all %d connections are taken; who has not authenticated makes room",
                self.connections_max,
            )

    async def close(self) -> None:
        """Stop listening and end all connections."""
        if self._listening is not None:
            self._listening.close()
        for link in list(self.connections):
            link.abort()
        await asyncio.sleep(0)

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def why_not_listened(fault: OSError, host: str, port: int) -> str:
    """What to say of a port that cannot be had, and what to do."""
    where = f"{host}:{port}"
    if fault.errno == errno.EADDRINUSE:
        return f"port {where} is in use; stop the program that listens there or choose another port"
    if fault.errno == errno.EACCES:
        return f"no permission to listen at {where}; choose a port above 1023"
    if fault.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; use 127.0.0.1, 0.0.0.0 or one of its own"
    return f"cannot listen at {where}: {fault.strerror or fault}"


async def serve(
    endpoint: Callable[[], Endpoint],
    host: str,
    port: int,
    *,
    idle_timeout_s: float = IDLE_TIMEOUT_S,
    connections_max: int = CONNECTIONS_MAX,
) -> Server:
    """Listen, with a new endpoint for each connection; port 0 takes a free one.

    Raises `LinkError` when the port is in use or not ours.
    """
    server = Server(idle_timeout_s, connections_max)
    await server.listen(endpoint, host, port)
    return server


class ServerLink(asyncio.BufferedProtocol):
    """One client's connection. Works on any transport; without a `Server` it stands alone."""

    __slots__ = (
        "__weakref__",
        "_buffer",
        "_busy",
        "_choked",
        "_endpoint",
        "_held",
        "_idle_timeout_s",
        "_peer",
        "_server",
        "_timer",
        "_transport",
        "_turns",
        "last_frame_s",
    )

    def __init__(
        self,
        endpoint: Endpoint,
        server: Server | None = None,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
    ) -> None:
        self.last_frame_s = 0.0
        self._endpoint = endpoint
        self._server = server
        self._turns = server.turns if server else Turns()
        self._idle_timeout_s = server.idle_timeout_s if server else idle_timeout_s
        self._transport: asyncio.Transport | None = None
        self._peer = "?"
        self._choked = False
        self._busy = False
        self._buffer = server.buffer if server else bytearray(READ_OCTETS)
        self._held = b""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def endpoint(self) -> Endpoint:
        """What answers here."""
        return self._endpoint

    @property
    def proven(self) -> bool:
        """Whether the client has proved who it is."""
        return self._endpoint.proven

    def push(self, octets: bytes) -> bool:
        """Send what nobody asked for; False when the connection has ended, or is not read."""
        if not self._open or self._choked:
            return False
        self._transport_now.write(octets)
        return True

    @property
    def address(self) -> str:
        """Where the client is, without its port."""
        return self._peer.rpartition(":")[0]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected; one too many is closed at once."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._peer = _peer_name(transport)
        if self._server is not None and not self._server.admit(self):
            transport.abort()
            return
        self._endpoint.connected(self._peer)
        transport.set_write_buffer_limits(high=WRITE_BUFFER_OCTETS)
        loop = asyncio.get_running_loop()
        self.last_frame_s = loop.time()
        self._timer = loop.call_later(self._idle_timeout_s, self._check_idle)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where the transport puts octets: a new buffer for each read would cost more than it."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many octets are in the buffer."""
        self.data_received(bytes(self._buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Octets have come; they are worked on when it is this link's turn."""
        self._held += data
        if not (self._choked or self._busy):
            self._begin()
        elif len(self._held) > PIECE_OCTETS:
            self._transport_now.pause_reading()

    def _begin(self) -> None:
        self._busy = True
        self._turns.ask(self._work)
        if self._busy and len(self._held) > PIECE_OCTETS and self._open:
            self._transport_now.pause_reading()

    def _work(self, until_s: float) -> bool:
        """Answer some frames; whether there are more, and they can be answered now."""
        try:
            more = self._answer(until_s)
        except AddadError as fault:
            more = self._give_up(str(fault))
        except Exception as fault:  # one client's trouble never ends the meter
            more = self._give_up(f"internal fault: {type(fault).__name__}: {fault}")
        if not more:
            self._busy = False
            if self._open and not self._choked and not self._transport_now.is_reading():
                self._transport_now.resume_reading()
        return more

    def _answer(self, until_s: float) -> bool:
        transport, endpoint = self._transport_now, self._endpoint
        closing = transport.is_closing
        time = asyncio.get_running_loop().time
        answered = 0
        while not (self._choked or closing()):
            octets = endpoint.answer()
            if octets is None:
                if not self._held:
                    return False
                piece, self._held = self._held[:PIECE_OCTETS], self._held[PIECE_OCTETS:]
                if endpoint.receive(piece):
                    self.last_frame_s = time()
                continue
            if octets:
                transport.write(octets)
            answered += 1
            if answered >= FRAMES_A_TURN or time() >= until_s:
                return True
        return False

    @property
    def _transport_now(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    @property
    def _open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def pause_writing(self) -> None:
        """The client does not read: stop working for it."""
        self._choked = True
        if self._open:
            self._transport_now.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again: go on where we stopped."""
        self._choked = False
        if self._open and not self._busy:
            self._begin()

    def _check_idle(self) -> None:
        loop = asyncio.get_running_loop()
        left_s = self.last_frame_s + self._idle_timeout_s - loop.time()
        if left_s <= 0:
            self.abort()
        else:
            self._timer = loop.call_later(left_s, self._check_idle)

    def _give_up(self, reason: str) -> bool:
        if self._open:
            logger.warning("%s: connection closed: %s", self._peer, reason)
            _reset_on_close(self._transport_now)
            self.abort()
        return False

    def abort(self) -> None:
        """End this connection now."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended: its associations end with it."""
        if self._timer is not None:
            self._timer.cancel()
        self._held = b""
        if self._server is not None:
            self._server.connections.discard(self)
        self._endpoint.close()


def _reset_on_close(transport: asyncio.Transport) -> None:
    """Let the client see a reset and not an orderly end: what it sent was not taken."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _peer_name(transport: asyncio.Transport) -> str:
    peer = transport.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) and len(peer) > 1 else "a client"
