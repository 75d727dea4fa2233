"""Pushes over TCP and UDP: a meter's notification goes out, a head end listens for them.

IEC 62056-47 (the wrapper). A notification has no answer; over TCP, that the listener closes its
half after ours tells the meter that all octets were read. Over UDP nothing tells it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from addad.cosem.gateway import FORGEABLE
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.callbacks import check_called
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import DecodeError, LinkError, LocalProtocolError
from addad.net.push_reader import PushReader, ReceivedPush, SecurityOf
from addad.net.server import IDLE_TIMEOUT_S, Server, serve
from addad.net.tcp import no_host, why_not_reached
from addad.net.udp import open_udp_link
from addad.net.udp_server import UdpServer, serve_udp

PUSH_SOURCE: Final = 1
"""The logical device that sends: the management logical device."""
PUSH_DESTINATION: Final = 1
"""The client that a push is meant for: the management client."""
LISTENER_CONNECTIONS_MAX: Final = 1000

OnNotification: TypeAlias = Callable[[str, DataNotification], None]
OnPush: TypeAlias = Callable[[ReceivedPush], None]


class _PushEndpoint:
    """Takes notifications from one meter; answers nothing but blocks that want it."""

    proven: Final = False

    def __init__(self, reader: PushReader, on_push: OnPush) -> None:
        self._reader = reader
        self._on_push = on_push
        self._decoder = WrapperDecoder()
        self._frames: deque[WrapperFrame] = deque()
        self._peer = "?"

    def connected(self, peer: str) -> None:
        self._peer = peer.removeprefix(FORGEABLE)

    def receive(self, octets: bytes) -> int:
        self._frames += self._decoder.feed(octets)
        return len(self._frames)

    def answer(self) -> bytes | None:
        if not self._frames:
            return None
        frame = self._frames.popleft()
        push = self._reader.read(frame.apdu, self._peer)
        if push is not None:
            self._on_push(push)
        blocks = self._reader.outgoing
        answers = [WrapperFrame(frame.destination, frame.source, block) for block in blocks]
        return b"".join(answer.encode() for answer in answers)

    def close(self) -> None:
        self._frames.clear()


class PushListener:
    """Listens for pushes; `on_notification(peer, notification)` is called for each.

    `peer` is the sender's `address:port`. `on_push` in its place also takes EventNotifications and
    is told what was proven of the sender. An exception of the callback closes that connection
    only; the meter then repeats the push, so the callback must bear a repetition.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_notification: OnNotification | None = None,
        *,
        on_push: OnPush | None = None,
        security_of: SecurityOf | None = None,
        plain: bool = True,
        over_udp: bool = False,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
    ) -> None:
        """`security_of` opens ciphered pushes; `plain` False refuses those that are not.

        Raises `LocalProtocolError` unless one of the callbacks is given, `InputError` for one that
        would have to be awaited.
        """
        check_called(on_notification, on_push, security_of)
        if (on_notification is None) == (on_push is None):
            raise LocalProtocolError("give either on_notification or on_push")
        self._host = host
        self._port = port
        self._on_push = on_push or _data_only(on_notification)
        self._security = (security_of, plain)
        self._over_udp = over_udp
        self._idle_timeout_s = idle_timeout_s
        self._server: Server | UdpServer | None = None

    async def start(self) -> None:
        """Begin to listen; raises `LinkError` when the port cannot be had."""
        if self._over_udp:
            self._server = await serve_udp(
                self._endpoint,
                self._host,
                self._port,
                idle_timeout_s=self._idle_timeout_s,
                sessions_max=LISTENER_CONNECTIONS_MAX,
            )
            return
        self._server = await serve(
            self._endpoint,
            self._host,
            self._port,
            idle_timeout_s=self._idle_timeout_s,
            connections_max=LISTENER_CONNECTIONS_MAX,
        )

    def _endpoint(self) -> _PushEndpoint:
        return _PushEndpoint(PushReader(*self._security), self._on_push)

    @property
    def port(self) -> int:
        """The port that is listened on, also when 0 was asked for."""
        return self._port if self._server is None else self._server.port

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.close()
            self._server = None

    async def __aenter__(self) -> PushListener:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _data_only(on_notification: OnNotification | None) -> OnPush:
    def take(push: ReceivedPush) -> None:
        if not isinstance(push.notification, DataNotification):
            raise DecodeError(f"a {type(push.notification).__name__} where data is pushed")
        assert on_notification is not None
        on_notification(push.peer, push.notification)

    return take


async def send_push(
    host: str,
    port: int,
    apdu: bytes,
    timeout_s: float = 10.0,
    *,
    source: int = PUSH_SOURCE,
    destination: int = PUSH_DESTINATION,
) -> None:
    """Send one notification, and wait until the listener has read it.

    Raises `LinkError` when that is not certain within the time: push it again later.
    """
    where = f"{host}:{port}"
    frame = WrapperFrame(source, destination, apdu).encode()
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(frame)
                writer.write_eof()
                while await reader.read(4096):
                    pass
            finally:
                writer.transport.abort()
    except TimeoutError:
        raise LinkError(f"{where} did not take the push within {timeout_s:g} s") from None
    except ConnectionResetError:
        raise LinkError(f"{where} did not take the push, and closed the connection") from None
    except OSError as fault:
        raise LinkError(f"cannot push: {why_not_reached(fault, where)}") from None
    except OverflowError:
        raise LinkError(f"cannot push: {port} is no TCP port; it is between 1 and 65535") from None
    except ValueError:
        raise LinkError(f"cannot push: {no_host(host)}") from None


async def send_push_over_udp(
    host: str,
    port: int,
    apdu: bytes,
    *,
    source: int = PUSH_SOURCE,
    destination: int = PUSH_DESTINATION,
) -> None:
    """Send one notification in a datagram; whether it arrives is not known.

    Raises `LinkError` for an address that cannot be sent to, `LocalProtocolError` for an APDU too
    long for a datagram.
    """
    link = await open_udp_link(host, port)
    try:
        link.send(source, destination, apdu)
    finally:
        link.close()
        await link.wait_closed()
