"""A client's end of an HDLC line, over TCP or any other stream of octets.

IEC 62056-46. Each pair of client SAP and server SAP has a link of its own, opened when it is first
sent to. The line is half duplex: one poll is outstanding at a time, whichever link it is on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias, Unpack

from addad.dlms.callbacks import check_called
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Frame, FrameKind
from addad.dlms.hdlc.link import Link
from addad.dlms.hdlc.parameters import INFORMATION_MAX, LinkParameters
from addad.dlms.hdlc.states import LinkState
from addad.dlms.hdlc.terms import (
    DEFAULT_TIMES,
    ApduReceived,
    Connected,
    LinkOutcome,
    LinkRole,
    LinkTimes,
)
from addad.dlms.hdlc.unnumbered import Unnumbered, UnnumberedReader
from addad.errors import DecodeError, LinkError, RemoteProtocolError
from addad.net.client import Client, ClientOptions
from addad.net.inbox import Inbox
from addad.net.link import closed_by_peer
from addad.net.tcp import open_stream

INTER_OCTET_S: Final = 1.0
"""A frame that pauses for longer is broken [s]; networks and drivers pause longer than a line."""
CLOSE_TIMEOUT_S: Final = 1.0
"""How long the meter has to confirm that a link ends."""
LINKS_MAX: Final = 64
CLIENT_OFFER: Final = LinkParameters(INFORMATION_MAX, INFORMATION_MAX)

OnUnnumbered: TypeAlias = Callable[[Unnumbered], None]


@dataclass(frozen=True, slots=True)
class HdlcSettings:
    """How a client speaks to a meter on an HDLC line.

    `lower` is the physical address, None for an address of one octet; `address_octets` is 1, 2 or
    4, None for the fewest. `clear` ends a link that a client before us may have left open.
    """

    lower: int | None = None
    address_octets: int | None = None
    offered: LinkParameters = CLIENT_OFFER
    times: LinkTimes = DEFAULT_TIMES
    clear: bool = True
    inter_octet_s: float = INTER_OCTET_S


DEFAULT_SETTINGS: Final = HdlcSettings()


@dataclass(frozen=True, slots=True)
class HdlcApdu:
    """An APDU and the two SAPs it travels between."""

    source: int
    destination: int
    apdu: bytes


@dataclass(slots=True)
class _Pair:
    """A client SAP and a server SAP: their link, what waits for it, whether an answer is due."""

    link: Link
    waiting: deque[bytes] = field(default_factory=deque)
    asked: bool = False
    answered: bool = False


class _Reader:
    """What comes over the line: frames, and the segments of UI frames."""

    def __init__(self, inter_octet_s: float) -> None:
        self.decoder = FrameDecoder()
        self.unnumbered = UnnumberedReader()
        self._inter_octet_s = inter_octet_s
        self._heard_s = 0.0

    def feed(self, octets: bytes, now_s: float) -> list[Frame]:
        """The frames that these octets complete; one that paused for too long is broken."""
        frames = self.break_off(now_s)
        self._heard_s = now_s
        return frames + self.decoder.feed(octets)

    def break_off(self, now_s: float, unanswered: bool = False) -> list[Frame]:
        """Give up a frame that has paused for too long; gives those among its octets.

        Where a poll is to be sent again, its answer must not be taken for the rest of that frame.
        """
        paused = unanswered or now_s - self._heard_s > self._inter_octet_s
        return self.decoder.silence() if paused and self.decoder.buffered else []


class HdlcLink(asyncio.Protocol):
    """A `Link` over an HDLC line.

    It ends with the first of its links that fails: the fate of what was sent is unknown.
    `on_unnumbered` is given what meters push in UI frames for SAPs that nobody uses here.
    """

    def __init__(
        self,
        peer_name: str = "the meter",
        settings: HdlcSettings = DEFAULT_SETTINGS,
        on_unnumbered: OnUnnumbered | None = None,
    ) -> None:
        self.peer_name = peer_name
        self.received_octets = 0
        self._settings = settings
        self._on_unnumbered = on_unnumbered
        self._transport: asyncio.Transport | None = None
        self._reader = _Reader(settings.inter_octet_s)
        self._inbox: Inbox[HdlcApdu] = Inbox()
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Octets have come; what is no frame is noise, and passed over."""
        now_s = _now_s()
        self.received_octets += len(data)
        for pair in self._pairs.values():
            pair.link.line_busy(now_s)
        for frame in self._reader.feed(data, now_s):
            self._take(frame, now_s)
        self._pump()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line has ended, by either side."""
        self._stop_timer()
        if not self._lost.done():
            self._lost.set_result(None)
        self._inbox.end(closed_by_peer(self.peer_name, exc))

    # what the client calls

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        transport = self._transport
        return self._inbox.failure is not None or transport is None or transport.is_closing()

    def check(self) -> None:
        """Raise what ended the link, if it has ended."""
        self._inbox.check()
        if self._transport is None or self._transport.is_closing():
            raise LinkError(f"the line to {self.peer_name} is closed")

    def fail(self, failure: Exception) -> None:
        """End the line at once; who waits, and who asks later, gets this failure."""
        self._inbox.end(failure)
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one APDU, as soon as the link of these SAPs stands and the line is free."""
        self.check()
        pair = self._pairs.get((source, destination))
        if pair is None:
            pair = self._pairs[source, destination] = self._new_pair(source, destination)
        pair.asked, pair.answered = True, False
        if pair.link.state is LinkState.CONNECTED:
            pair.link.send(apdu)
        else:
            pair.waiting.append(apdu)
        self._pump()

    def leave(self, source: int, destination: int) -> None:
        """End the link of these SAPs; the line stands, for others."""
        pair = self._pairs.get((source, destination))
        if pair is not None and self._inbox.failure is None:
            pair.waiting.clear()
            pair.link.disconnect()
            self._pump()

    async def receive(self, timeout_s: float) -> HdlcApdu:
        """The next APDU; raises `Silence` after the time, `LinkError` when the line is lost."""
        return await self._inbox.receive(timeout_s, self.peer_name, on_wait=self._pump)

    def close(self) -> None:
        """End all links in good order, and then the line."""
        if self._inbox.failure is not None:
            return
        self._inbox.end(LinkError(f"the line to {self.peer_name} is closed"))
        for pair in self._pairs.values():
            pair.waiting.clear()
            pair.link.disconnect()
        self._pump()
        if self._transport is not None and not self._transport.is_closing():
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._transport.close)

    async def wait_closed(self) -> None:
        """Until the transport has let go."""
        if self._transport is not None:
            await asyncio.shield(self._lost)

    # the line

    def _new_pair(self, source: int, destination: int) -> _Pair:
        if len(self._pairs) >= LINKS_MAX:
            raise LinkError(f"{LINKS_MAX} links on one line are the limit")
        settings = self._settings
        server = Address.server(destination, settings.lower, settings.address_octets)
        client = Address.client(source)
        link = Link(LinkRole.CLIENT, client, server, settings.offered, settings.times)
        link.connect(clear=settings.clear)
        return _Pair(link)

    def _take(self, frame: Frame, now_s: float) -> None:
        meaning = frame.meaning
        if meaning is not None and meaning.kind is FrameKind.UI:
            self._take_unnumbered(frame)
            return
        key = (frame.destination.upper, frame.source.upper)
        pair = self._pairs.get(key)
        if pair is None or frame.source != pair.link.remote:
            return  # of another station, or an echo of our own
        outcomes = pair.link.receive(frame, now_s)
        if meaning is not None and meaning.kind is FrameKind.RR and pair.answered:
            pair.asked = False  # it has nothing more
        for outcome in outcomes:
            self._follow(key, pair, outcome)

    def _follow(self, key: tuple[int, int], pair: _Pair, outcome: LinkOutcome) -> None:
        if isinstance(outcome, Connected):
            for apdu in pair.waiting:
                pair.link.send(apdu)
            pair.waiting.clear()
        elif isinstance(outcome, ApduReceived):
            pair.answered = True
            if outcome.apdu:
                self._put(HdlcApdu(key[1], key[0], outcome.apdu))
        elif outcome.reason and self._inbox.failure is None:
            self.fail(LinkError(f"{self.peer_name} {outcome.reason}"))

    def _take_unnumbered(self, frame: Frame) -> None:
        with contextlib.suppress(DecodeError):
            message = self._reader.unnumbered.take(frame)
            if message is None:
                return
            source, destination = message.source.upper, message.destination.upper
            if (destination, source) in self._pairs:
                self._put(HdlcApdu(source, destination, message.apdu))
            elif self._on_unnumbered is not None:
                self._on_unnumbered(message)

    def _put(self, apdu: HdlcApdu) -> None:
        if self._inbox.full:
            self.fail(RemoteProtocolError(f"{self.peer_name} sends what nobody asked for"))
        else:
            self._inbox.put(apdu)

    def _pump(self) -> None:
        """Send what is due, on one link at a time; then wait for what comes or for the time."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        now_s = _now_s()
        pairs = list(self._pairs.values())
        for pair in pairs:
            pair.link.answer_wanted = pair.asked and self._inbox.awaited
        for key, pair in list(self._pairs.items()):
            if any(other.link.awaits_answer for other in pairs):
                break
            octets = pair.link.output(now_s)
            if octets:
                transport.write(octets)
                self._pairs[key] = self._pairs.pop(key)  # the others come first next time
        if self._inbox.failure is not None and all(
            pair.link.state is LinkState.DISCONNECTED for pair in pairs
        ):
            self._stop_timer()
            transport.close()
            return
        self._set_timer()

    def _set_timer(self) -> None:
        self._stop_timer()
        links = [pair.link for pair in self._pairs.values()]
        awaiting = [link for link in links if link.awaits_answer]
        moments = [link.deadline_s for link in awaiting or links]
        due = [moment for moment in moments if moment is not None]
        if due:
            self._timer = asyncio.get_running_loop().call_at(min(due), self._on_time)

    def _on_time(self) -> None:
        now_s = _now_s()
        due = [pair.link.deadline_s for pair in self._pairs.values() if pair.link.awaits_answer]
        unanswered = any(moment is not None and moment <= now_s for moment in due)
        for frame in self._reader.break_off(now_s, unanswered):
            self._take(frame, now_s)
        for key, pair in list(self._pairs.items()):
            for outcome in pair.link.tick(now_s):
                self._follow(key, pair, outcome)
        self._pump()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def open_hdlc_link(
    host: str,
    port: int,
    timeout_s: float,
    settings: HdlcSettings = DEFAULT_SETTINGS,
    on_unnumbered: OnUnnumbered | None = None,
) -> HdlcLink:
    """Connect to an HDLC line over TCP; raises `LinkError` that says what is wrong."""
    check_called(on_unnumbered)
    return await open_stream(
        host, port, timeout_s, lambda where: HdlcLink(where, settings, on_unnumbered)
    )


@contextlib.asynccontextmanager
async def connect_over_hdlc(
    host: str,
    port: int,
    settings: HdlcSettings = DEFAULT_SETTINGS,
    **options: Unpack[ClientOptions],
) -> AsyncIterator[Client]:
    """A client of the meter behind an HDLC line over TCP, associated until the block ends."""
    link = await open_hdlc_link(host, port, options.get("timeout_s", 10.0), settings)
    async with Client.over(link, **options) as client:
        yield client
