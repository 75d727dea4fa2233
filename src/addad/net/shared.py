"""One connection for several associations: a channel for each pair of client and server SAP.

Green Book, IEC 62056-47: the two wPorts of a frame say which association it belongs to. Behind a
gateway the meter's address belongs to the channel too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, TypeAlias

from addad.dlms.gateway import RESPONSE, GatewayAddress, is_for_gateway, read_header
from addad.errors import AddadError, DecodeError, LinkError, LocalProtocolError, RemoteProtocolError
from addad.net.inbox import Inbox
from addad.net.link import Frame, Link, Silence

CHANNELS_MAX: Final = 256
"""Channels of one connection, those counted that were given up."""
STRAYS_MAX: Final = 16
"""Frames in a row for no channel; a peer that sends more breaks the protocol."""
_PUMP_S: Final = 3600.0

_Key: TypeAlias = tuple[int, int, GatewayAddress | None]


class SharedLink:
    """A link that several clients use at once, each by a `channel` of its own.

    A client that gives up a request, or meets a broken answer, loses its channel only; that
    channel cannot be had again on this connection, since a late answer would mislead. `on_stray`
    is given frames for no channel, such as pushes to another client SAP.
    """

    def __init__(self, link: Link, on_stray: Callable[[Frame], None] | None = None) -> None:
        self._link = link
        self._on_stray = on_stray
        self._channels: dict[_Key, Channel] = {}
        self._spent: set[_Key] = set()
        self._strays = 0
        self._pump: asyncio.Task[None] | None = None

    @property
    def peer_name(self) -> str:
        """Who is at the other end, for messages."""
        return self._link.peer_name

    def channel(
        self, client_sap: int, server_sap: int = 1, gateway: GatewayAddress | None = None
    ) -> Channel:
        """The link of one association; raises `LocalProtocolError` if it is taken or spent.

        With `gateway`, give the same address to the `Client` on it.
        """
        self._link.check()
        key = (client_sap, server_sap, gateway)
        if key in self._channels:
            raise LocalProtocolError(f"client {client_sap} already talks to {server_sap} here")
        if key in self._spent:
            raise LocalProtocolError(
                f"client {client_sap} gave up a request to {server_sap} here; connect anew"
            )
        if len(self._channels) + len(self._spent) >= CHANNELS_MAX:
            raise LocalProtocolError(f"{CHANNELS_MAX} channels are the limit of a connection")
        channel = self._channels[key] = Channel(self, self._link, key)
        if self._pump is None:
            self._pump = asyncio.create_task(self._deliver_all())
        return channel

    def leave(self, key: _Key, spent: bool) -> None:
        """A channel is over; `spent` when an answer to it may still come."""
        if self._channels.pop(key, None) is not None and spent:
            self._spent.add(key)

    async def close(self) -> None:
        """End the connection and all its channels."""
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
            self._pump = None
        self._end(LinkError(f"the connection to {self.peer_name} is closed"))
        self._link.close()
        await self._link.wait_closed()

    async def __aenter__(self) -> SharedLink:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _deliver_all(self) -> None:
        try:
            while True:
                with contextlib.suppress(Silence):
                    self._deliver(await self._link.receive(_PUMP_S))
        except AddadError as fault:
            self._link.fail(fault)
            self._end(fault)
        except Exception as fault:  # of `on_stray`: nobody shall wait for what is not read
            named = LinkError(f"a stray frame could not be taken: {type(fault).__name__}: {fault}")
            self._link.fail(named)
            self._end(named)

    def _deliver(self, frame: Frame) -> None:
        gateway = None
        if is_for_gateway(frame.apdu):
            with contextlib.suppress(DecodeError):
                gateway, _ = read_header(RESPONSE, frame.apdu)
        channel = self._channels.get((frame.destination, frame.source, gateway))
        if channel is not None:
            self._strays = 0
            channel.take(frame)
            return
        self._strays += 1
        if self._strays > STRAYS_MAX:
            raise RemoteProtocolError(f"{self.peer_name} sends what nobody asked for")
        if self._on_stray is not None:
            self._on_stray(frame)

    def _end(self, fault: Exception) -> None:
        for channel in list(self._channels.values()):
            channel.fail(fault)


class Channel:
    """The link of one association on a shared connection."""

    def __init__(self, shared: SharedLink, link: Link, key: _Key) -> None:
        self.peer_name = link.peer_name
        self.received_octets = 0
        self._shared = shared
        self._link = link
        self._key = key
        self._inbox: Inbox[Frame] = Inbox()

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._inbox.failure is not None or self._link.closed

    def take(self, frame: Frame) -> None:
        """A frame for this channel has come."""
        if self._inbox.full:
            self.fail(RemoteProtocolError(f"{self.peer_name} sends what nobody asked for"))
            return
        self.received_octets += len(frame.apdu)
        self._inbox.put(frame)

    def check(self) -> None:
        """Raise what ended the channel, if it has ended."""
        self._inbox.check()
        self._link.check()

    def fail(self, failure: Exception) -> None:
        """End this channel; the others go on."""
        self._finish(failure, spent=True)

    def close(self) -> None:
        """End this channel in good order; it may be opened again."""
        closed = LinkError(f"the channel to {self.peer_name} is closed")
        self._finish(closed, spent=False)

    def _finish(self, failure: Exception, spent: bool) -> None:
        if self._inbox.failure is None:
            self._shared.leave(self._key, spent)
        self._inbox.end(failure)

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one APDU; raises `LocalProtocolError` for other SAPs than the channel's."""
        self.check()
        if (source, destination) != self._key[:2]:
            raise LocalProtocolError(f"no channel from {source} to {destination}")
        self._link.send(source, destination, apdu)

    async def receive(self, timeout_s: float) -> Frame:
        """The next frame for this channel; raises `Silence` after the time."""
        return await self._inbox.receive(timeout_s, self.peer_name)

    async def wait_closed(self) -> None:
        """A channel holds nothing of its own."""
