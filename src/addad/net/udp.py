"""A client's end of a UDP exchange: one datagram carries one wrapper frame with one APDU.

IEC 62056-47. Datagrams are lost, doubled and forged: a GET without answer is asked again, nothing
else is; what is no frame is dropped, and does not end the link.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final, Unpack, cast

from addad.dlms.wrapper import WrapperFrame
from addad.errors import DecodeError, LinkError, LocalProtocolError
from addad.net.client import Client, ClientOptions
from addad.net.inbox import Inbox
from addad.net.tcp import no_host, why_not_reached

DATAGRAM_OCTETS_MAX: Final = 65507
"""What one UDP datagram over IPv4 can hold."""
UDP_PDU: Final = 1224
"""The largest APDU to ask for: with its headers it passes IPv6's smallest link in one piece."""
UDP_RETRIES: Final = 3
"""How often a GET without answer is asked again."""


class UdpLink(asyncio.DatagramProtocol):
    """A `Link` over datagrams to and from one address."""

    def __init__(self, peer_name: str = "the meter") -> None:
        self.peer_name = peer_name
        self.received_octets = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._inbox: Inbox[WrapperFrame] = Inbox()

    # what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A datagram has come; what is no frame, and the oldest of too many, is dropped."""
        with contextlib.suppress(DecodeError):
            self._inbox.put(WrapperFrame.decode(data))
            self.received_octets += len(data)

    def error_received(self, exc: Exception) -> None:
        """The network has said that a datagram did not arrive."""
        fault = exc if isinstance(exc, OSError) else OSError(str(exc))
        self.fail(LinkError(why_not_reached(fault, self.peer_name)))

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self.fail(LinkError(f"the way to {self.peer_name} is closed"))

    # what the client calls

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._inbox.failure is not None or self._transport is None

    def check(self) -> None:
        """Raise what ended the link, if it has ended."""
        self._inbox.check()
        if self._transport is None:
            raise LinkError(f"the way to {self.peer_name} is not open")

    def fail(self, failure: Exception) -> None:
        """End the link; who waits, and who asks later, gets this failure."""
        self._inbox.end(failure)
        if self._transport is not None:
            self._transport.abort()

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one datagram; raises `LocalProtocolError` for an APDU too long for one."""
        self.check()
        assert self._transport is not None
        octets = WrapperFrame(source, destination, apdu).encode()
        if len(octets) > DATAGRAM_OCTETS_MAX:
            raise LocalProtocolError(f"{len(apdu)} octets do not fit one datagram")
        self._transport.sendto(octets)

    async def receive(self, timeout_s: float) -> WrapperFrame:
        """The next frame; raises `Silence` after the time, `LinkError` when the link ended."""
        return await self._inbox.receive(timeout_s, self.peer_name)

    def close(self) -> None:
        """Close the socket."""
        self.fail(LinkError(f"the way to {self.peer_name} is closed"))

    async def wait_closed(self) -> None:
        """Until the socket is closed."""
        await asyncio.sleep(0)


async def open_udp_link(
    host: str, port: int, *, broadcast: bool = False, interface: str = ""
) -> UdpLink:
    """A link to an address; nothing is sent yet. Raises `LinkError` for what is no address.

    `broadcast` lets the address be one of a broadcast. `interface` is the address of this computer
    that sends, also to a multicast group; the system chooses one.
    """
    loop = asyncio.get_running_loop()
    where = f"{host}:{port}"
    try:
        _, link = await loop.create_datagram_endpoint(
            lambda: UdpLink(where),
            local_addr=(interface, 0) if interface else None,
            remote_addr=(host, port),
            allow_broadcast=broadcast,
        )
    except OSError as fault:
        raise LinkError(why_not_reached(fault, where)) from None
    except OverflowError:
        raise LinkError(f"{port} is no UDP port; it is between 1 and 65535") from None
    except ValueError:
        raise LinkError(no_host(host)) from None
    return link


@contextlib.asynccontextmanager
async def connect_over_udp(
    host: str, port: int, **options: Unpack[ClientOptions]
) -> AsyncIterator[Client]:
    """A client of the meter at a UDP address, associated until the end of the block.

    The options are those of `Client`; APDUs are asked for that pass without being cut, and a GET
    that is lost is asked again.
    """
    link = await open_udp_link(host, port)
    chosen: ClientOptions = {"max_pdu": UDP_PDU, "retries": UDP_RETRIES, **options}
    async with Client.over(link, **chosen) as client:
        yield client
