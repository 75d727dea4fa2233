"""A serial line between two link ends, in virtual time: it drops, doubles, spoils, delays.

`Line(random, …)` carries octets both ways, in their order. `Station` is a link with its decoder.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.link import Link
from addad.dlms.hdlc.parameters import DEFAULT_PARAMETERS, LinkParameters
from addad.dlms.hdlc.terms import (
    DEFAULT_TIMES,
    ApduReceived,
    Connected,
    Disconnected,
    LinkOutcome,
    LinkRole,
    LinkTimes,
)

CLIENT, SERVER = Address(16), Address(1, 17, 2)
INTER_OCTET_S = 0.05


@dataclass
class Station:
    """One end: its link, what it decoded, what came of it."""

    link: Link
    decoder: FrameDecoder = field(default_factory=FrameDecoder)
    apdus: list[bytes] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    connected: int = 0
    answer_with: dict[bytes, bytes] | None = None
    last_s: float = 0.0

    def take(self, octets: bytes, now_s: float) -> None:
        frames = []
        if now_s - self.last_s > INTER_OCTET_S:
            frames = self.decoder.silence()
        self.last_s = now_s
        for frame in frames + self.decoder.feed(octets):
            if (frame.destination, frame.source) == (self.link.local, self.link.remote):
                self.note(self.link.receive(frame, now_s))

    def note(self, outcomes: list[LinkOutcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, ApduReceived):
                self.apdus.append(outcome.apdu)
                self.link.answer_wanted = False
                if self.answer_with is not None:
                    self.link.send(self.answer_with[outcome.apdu])
            elif isinstance(outcome, Disconnected):
                self.ends.append(outcome.reason)
            else:
                assert isinstance(outcome, Connected)
                self.connected += 1


def stations(
    client: LinkParameters = DEFAULT_PARAMETERS,
    server: LinkParameters = DEFAULT_PARAMETERS,
    times: LinkTimes = DEFAULT_TIMES,
) -> tuple[Station, Station]:
    """A client and a server that know each other's address."""
    return (
        Station(Link(LinkRole.CLIENT, CLIENT, SERVER, client, times)),
        Station(Link(LinkRole.SERVER, SERVER, CLIENT, server, times)),
    )


@dataclass
class Line:
    """Both ends and what is under way; chances are for each burst of octets."""

    near: Station
    far: Station
    random: Random = field(default_factory=lambda: Random(1))
    drop: float = 0.0
    double: float = 0.0
    spoil: float = 0.0
    delay_s: float = 0.01
    now_s: float = 0.0
    sent: list[bytes] = field(default_factory=list)
    _arrivals: list[tuple[float, int, bool, bytes]] = field(default_factory=list)
    _free_s: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _count: int = 0

    def _carry(self, octets: bytes, to_far: bool) -> None:
        self.sent.append(octets)
        copies = 2 if self.random.random() < self.double else 1
        for _ in range(copies):
            if self.random.random() < self.drop:
                continue
            piece = bytearray(octets)
            if self.random.random() < self.spoil:
                piece[self.random.randrange(len(piece))] ^= 1 << self.random.randrange(8)
            if self.random.random() < self.spoil / 2:
                del piece[self.random.randrange(len(piece)) :]
            wait_s = self.delay_s * self.random.uniform(0.5, 3)
            when_s = max(self._free_s[to_far], self.now_s + wait_s)
            self._free_s[to_far] = when_s
            self._count += 1
            heappush(self._arrivals, (when_s, self._count, to_far, bytes(piece)))

    def flush(self) -> None:
        """Send what both ends have to say."""
        for station, to_far in ((self.near, True), (self.far, False)):
            octets = station.link.output(self.now_s)
            if octets:
                self._carry(octets, to_far)

    def step(self) -> bool:
        """To the next moment at which something happens; False when nothing will."""
        self.flush()
        moments = [s.link.deadline_s for s in (self.near, self.far)]
        due = [m for m in moments if m is not None]
        if self._arrivals and (not due or self._arrivals[0][0] <= min(due)):
            when_s, _, to_far, octets = heappop(self._arrivals)
            self.now_s = max(self.now_s, when_s)
            (self.far if to_far else self.near).take(octets, self.now_s)
        elif due:
            self.now_s = max(self.now_s, min(due))
            for station in (self.near, self.far):
                station.note(station.link.tick(self.now_s))
        else:
            return False
        self.flush()
        return True

    def run(self, until: Callable[[], object], limit: int = 20_000) -> None:
        """Step until `until()` is true."""
        for _ in range(limit):
            if until():
                return
            assert self.step(), "the line has fallen silent"
        raise AssertionError("no end in sight")
