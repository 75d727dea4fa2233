"""Pushes over TCP: a meter's DataNotification goes out, a head end listens for them.

IEC 62056-47 (the wrapper). A notification has no answer; that the listener closes its half after
ours tells the meter that all octets were read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from addad.dlms import apdu as apdus
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import DecodeError, LinkError
from addad.net.server import IDLE_TIMEOUT_S, Server, serve
from addad.net.tcp import no_host

PUSH_SOURCE: Final = 1
"""The logical device that sends: the management logical device."""
PUSH_DESTINATION: Final = 1
"""The client that a push is meant for: the management client."""
LISTENER_CONNECTIONS_MAX: Final = 1000

OnNotification: TypeAlias = Callable[[str, DataNotification], None]


class _PushEndpoint:
    """Takes notifications from one meter; answers nothing."""

    proven: Final = False

    def __init__(self, on_notification: OnNotification) -> None:
        self._on_notification = on_notification
        self._decoder = WrapperDecoder()
        self._frames: deque[WrapperFrame] = deque()
        self._peer = "?"

    def connected(self, peer: str) -> None:
        self._peer = peer

    def receive(self, octets: bytes) -> int:
        self._frames += self._decoder.feed(octets)
        return len(self._frames)

    def answer(self) -> bytes | None:
        if not self._frames:
            return None
        apdu = apdus.decode(self._frames.popleft().apdu)
        if not isinstance(apdu, DataNotification):
            raise DecodeError(f"a {type(apdu).__name__} where only pushes are taken")
        self._on_notification(self._peer, apdu)
        return b""

    def close(self) -> None:
        self._frames.clear()


class PushListener:
    """Listens for DataNotifications; `on_notification(peer, notification)` is called for each.

    `peer` is the sender's `address:port`. An exception of the callback closes that connection
    only; the meter then repeats the push, so the callback must bear a repetition.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_notification: OnNotification,
        *,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
    ) -> None:
        self._host = host
        self._port = port
        self._on_notification = on_notification
        self._idle_timeout_s = idle_timeout_s
        self._server: Server | None = None

    async def start(self) -> None:
        """Begin to listen; raises `LinkError` when the port cannot be had."""
        self._server = await serve(
            lambda: _PushEndpoint(self._on_notification),
            self._host,
            self._port,
            idle_timeout_s=self._idle_timeout_s,
            connections_max=LISTENER_CONNECTIONS_MAX,
        )

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
    except (OSError, OverflowError) as fault:
        raise LinkError(f"cannot push to {where}: {fault}") from None
    except ValueError:
        raise LinkError(f"cannot push: {no_host(host)}") from None
