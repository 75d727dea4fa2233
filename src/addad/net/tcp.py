"""A client's end of a TCP connection: wrapper frames out, wrapper frames in, one answer a request.

IEC 62056-47 (the wrapper). Built on `asyncio.Protocol`, so that any transport can carry it.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import Final

from addad.dlms.wrapper import MAX_APDU, WrapperDecoder, WrapperFrame
from addad.errors import DecodeError, LinkError, RemoteProtocolError
from addad.net.link import Silence, closed_by_peer

READ_OCTETS: Final = 8192
"""Octets of one connection that are read at a time."""
UNREAD_FRAMES_MAX: Final = 80
"""Frames that wait to be read: the blocks of the largest window, and some more; a peer that sends
what nobody reads breaks the protocol."""


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
        self._frames: list[WrapperFrame] = []
        self._waiter: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._failure: Exception | None = None

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
        if self._failure is not None:
            return
        self.received_octets += len(data)
        try:
            self._frames += self._decoder.feed(data)
            if len(self._frames) > UNREAD_FRAMES_MAX:
                raise RemoteProtocolError(f"{self.peer_name} sends what nobody asked for")
        except DecodeError as fault:
            self.fail(
                RemoteProtocolError(f"{self.peer_name} does not speak DLMS/COSEM over TCP: {fault}")
            )
        except RemoteProtocolError as fault:
            self.fail(fault)
        if self._frames:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, by either side."""
        if self._failure is None:
            self._failure = closed_by_peer(self.peer_name, exc)
        if not self._lost.done():
            self._lost.set_result(None)
        self._wake()

    # what the client calls

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        transport = self._transport
        return self._failure is not None or transport is None or transport.is_closing()

    def fail(self, failure: Exception) -> None:
        """Close the connection; who waits, and who asks later, gets this failure."""
        if self._failure is None:
            self._failure = failure
        if self._transport is not None:
            self._transport.abort()
        self._wake()

    def take_apdus_of(self, octets: int) -> None:
        """Take APDUs of so many octets from now on."""
        self._decoder.max_apdu = octets

    def check(self) -> None:
        """Raise what ended the connection, if it has ended."""
        if self._failure is not None:
            raise self._failure
        if self._transport is None or self._transport.is_closing():
            raise LinkError(f"the connection to {self.peer_name} is closed")

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one frame; raises what ended the connection, if it has ended."""
        self.check()
        assert self._transport is not None
        self._transport.write(WrapperFrame(source, destination, apdu).encode())

    async def receive(self, timeout_s: float) -> WrapperFrame:
        """The next frame. Raises `Silence` after the time, `LinkError` for a lost connection."""
        if not self._frames:
            if self._failure is not None:
                raise self._failure
            await self._wait(timeout_s)
        if self._frames:
            return self._frames.pop(0)
        assert self._failure is not None
        raise self._failure

    async def _wait(self, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(timeout_s, self._silent, timeout_s)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _silent(self, timeout_s: float) -> None:
        part = "half a frame, then nothing" if self._decoder.buffered else "nothing"
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(
                Silence(f"{self.peer_name} answered {part} for {timeout_s:g} s")
            )

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Close the connection in good order."""
        if self._failure is None:
            self._failure = LinkError(f"the connection to {self.peer_name} is closed")
        if self._transport is not None:
            self._transport.close()
        self._wake()

    async def wait_closed(self) -> None:
        """Until the transport has let go."""
        if self._transport is not None:
            await asyncio.shield(self._lost)


async def open_link(host: str, port: int, timeout_s: float) -> FrameLink:
    """Connect; raises `LinkError` that says what is wrong and what to try."""
    loop = asyncio.get_running_loop()
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(timeout_s):
            _, link = await loop.create_connection(lambda: FrameLink(where), host, port)
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
    return link


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
