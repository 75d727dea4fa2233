"""A meter that breaks rules: it hangs up, falls silent or talks nonsense where it is told to.

`RudeMeter(SampleMeter().physical_device, rudeness)` is an endpoint; `rudeness` maps octets that a
request contains to what happens then.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import Enum, auto

from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import RemoteProtocolError
from addad.net.server import serve
from addad.reader.meter_address import MeterAddress


class Rude(Enum):
    """What a rude meter does."""

    HANGS_UP = auto()
    SILENT = auto()
    GARBAGE = auto()
    EMPTY_ROW = auto()
    NOT_THERE = auto()


PATIENCE_S = 60.0
"""How long a client may wait for an answer of it, which no load of the machine takes."""
_TALK = {
    Rude.GARBAGE: b"\x00\x01\x05\x13\xff",
    Rude.EMPTY_ROW: b"\x00\x01\x01\x02\x00",
    Rude.NOT_THERE: b"\x01\x04",
}
"""An array of five elements that do not come; of one empty structure; object undefined."""


class RudeMeter(ServerEndpoint):
    """One connection to it; `on_rude` is called each time it breaks a rule, `on_silence` then."""

    def __init__(
        self,
        device: PhysicalDevice,
        rudeness: Mapping[bytes, Rude],
        on_rude: Callable[[], None] = lambda: None,
        on_silence: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(device)
        self._on_silence = on_silence
        self._rudeness = rudeness
        self._on_rude = on_rude
        self._arriving = WrapperDecoder()
        self._arrived: deque[WrapperFrame] = deque()

    def receive(self, octets: bytes) -> int:
        """Take octets."""
        self._arrived += self._arriving.feed(octets)
        return len(self._arrived)

    def answer(self) -> bytes | None:
        """As a meter does, unless the request is one of those."""
        if not self._arrived:
            return None
        frame = self._arrived.popleft()
        rude = next((r for marks, r in self._rudeness.items() if marks in frame.apdu), None)
        if rude is None:
            super().receive(frame.encode())
            return super().answer()
        self._on_rude()
        if rude is Rude.HANGS_UP:
            raise RemoteProtocolError("hung up")
        if rude is Rude.SILENT:
            self._on_silence()
            return b""
        apdu = b"\xc4\x01" + frame.apdu[2:3] + _TALK[rude]
        return WrapperFrame(frame.destination, frame.source, apdu).encode()


@asynccontextmanager
async def rude_tcp(
    device: PhysicalDevice, rudeness: Mapping[bytes, Rude]
) -> AsyncIterator[MeterAddress]:
    """Serve it on a free port. Time passes where it is silent, and only there: none is waited."""
    loop, ahead_s = asyncio.get_running_loop(), 0.0
    real_s = loop.time

    def pass_time() -> None:
        nonlocal ahead_s
        ahead_s += PATIENCE_S

    def meter() -> RudeMeter:
        return RudeMeter(device, rudeness, on_silence=pass_time)

    loop.time = lambda: real_s() + ahead_s  # type: ignore[method-assign]
    async with await serve(meter, "127.0.0.1", 0) as server:
        yield MeterAddress.tcp("127.0.0.1", server.port)
