"""A client's end of a TCP connection: wrapper frames out, wrapper frames in, one answer a request.

IEC 62056-47 (the wrapper). Built on `asyncio.Protocol`, so that any transport can carry it.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from typing import Final, TypeVar

from addad.dlms.wrapper import MAX_APDU, WrapperDecoder, WrapperFrame
from addad.errors import DecodeError, LinkError, RemoteProtocolError
from addad.net.inbox import Inbox
from addad.net.link import closed_by_peer

READ_OCTETS: Final = 8192
"""Octets of one connection that are read at a time."""

StreamLinkT = TypeVar("StreamLinkT", bound=asyncio.BaseProtocol)


class FrameLink(asyncio.BufferedProtocol):
    """One connection, closed by a broken frame; a `Link` for frames of at most `max_apdu` octets.

    Who gives up waiting for an answer closes it too: a late answer would mislead.
    """

    def __init__(self, peer_name: str = "the meter", max_apdu: int = MAX_APDU) -> None:
        self.peer_name = peer_name
        self.received_octets = 0
        self._buffer = bytearray(READ_OCTETS)
        self._decoder = WrapperDecoder(max_apdu)
        self._transport: asyncio.Transport | None = None
        self._inbox: Inbox[WrapperFrame] = Inbox()
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where the transport puts octets: a new buffer for each read would cost more than it."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many octets are in the buffer."""
        self.data_received(bytes(self._buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Octets have come: whole frames are kept until `receive` asks for them."""
        if self._inbox.failure is not None:
            return
        self.received_octets += len(data)
        try:
            for frame in self._decoder.feed(data):
                if self._inbox.full:
                    self.fail(RemoteProtocolError(f"{self.peer_name} sends what nobody asked for"))
                    return
                self._inbox.put(frame)
        except DecodeError as fault:
            self.fail(
                RemoteProtocolError(f"{self.peer_name} does not speak DLMS/COSEM over TCP: {fault}")
            )

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, by either side."""
        if not self._lost.done():
            self._lost.set_result(None)
        self._inbox.end(closed_by_peer(self.peer_name, exc))

    # what the client calls

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        transport = self._transport
        return self._inbox.failure is not None or transport is None or transport.is_closing()

    def fail(self, failure: Exception) -> None:
        """Close the connection; who waits, and who asks later, gets this failure."""
        self._inbox.end(failure)
        if self._transport is not None:
            self._transport.abort()

    def take_apdus_of(self, octets: int) -> None:
        """Take APDUs of so many octets from now on."""
        self._decoder.max_apdu = octets

    def check(self) -> None:
        """Raise what ended the connection, if it has ended."""
        self._inbox.check()
        if self._transport is None or self._transport.is_closing():
            raise LinkError(f"the connection to {self.peer_name} is closed")

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one frame; raises what ended the connection, if it has ended."""
        self.check()
        assert self._transport is not None
        self._transport.write(WrapperFrame(source, destination, apdu).encode())

    async def receive(self, timeout_s: float) -> WrapperFrame:
        """The next frame. Raises `Silence` after the time, `LinkError` for a lost connection."""
        return await self._inbox.receive(timeout_s, self.peer_name, heard=self._heard)

    def _heard(self) -> str:
        return "half a frame, then nothing" if self._decoder.buffered else "nothing"

    def close(self) -> None:
        """Close the connection in good order."""
        self._inbox.end(LinkError(f"the connection to {self.peer_name} is closed"))
        if self._transport is not None:
            self._transport.close()

    async def wait_closed(self) -> None:
        """Until the transport has let go."""
        if self._transport is not None:
            await asyncio.shield(self._lost)


async def open_link(host: str, port: int, timeout_s: float) -> FrameLink:
    """Connect; raises `LinkError` that says what is wrong and what to try."""
    return await open_stream(host, port, timeout_s, FrameLink)


async def open_stream(
    host: str, port: int, timeout_s: float, link: Callable[[str], StreamLinkT]
) -> StreamLinkT:
    """Connect a link, made of the name of its peer; raises `LinkError` as `open_link` does."""
    loop = asyncio.get_running_loop()
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(timeout_s):
            _, connected = await loop.create_connection(lambda: link(where), host, port)
    except TimeoutError:
        raise LinkError(
            f"{where} does not answer within {timeout_s:g} s; check the address and the network"
        ) from None
    except OSError as fault:
        raise LinkError(why_not_reached(fault, where)) from None
    except OverflowError:
        raise LinkError(f"{port} is no TCP port; it is between 1 and 65535") from None
    except ValueError:  # of the codec for domain names, and of an octet zero
        raise LinkError(no_host(host)) from None
    return connected


def no_host(host: str) -> str:
    """What to say of a host that can be neither a name nor an address."""
    return f"{host!r} is no host name or address; write it like meter.example.org or 192.0.2.7"


def why_not_reached(fault: OSError, where: str) -> str:
    """What to say of a peer that the network does not reach."""
    refused = f"[Errno {errno.ECONNREFUSED}]" in str(fault)  # also of a name with two addresses
    if isinstance(fault, ConnectionRefusedError) or refused:
        return f"nothing listens at {where}; is the meter running, and is this its port?"
    if fault.errno is None or isinstance(fault, socket.gaierror):
        return f"cannot reach {where}: {fault.strerror or fault}"
    return f"cannot reach {where}: {os.strerror(fault.errno)}"
