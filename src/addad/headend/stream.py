"""What happens, told at once to the pages that watch: one feed a service point, bounded queues.

Server-sent events. Live values are states: a slow client is sent the newest, at most four a second.
Everything else is a message that is kept a while, so that a client that comes back hears what it
missed, or is told to load its lists again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from itertools import count
from typing import NamedTuple

from addad.errors import LocalProtocolError

HEARTBEAT_S = 15.0
LIVE_SPACING_S = 0.25
MAX_QUEUE = 200
MAX_KEPT = 100
MAX_CLIENTS = 256
MAX_CLIENTS_EACH = 64
"""Of one account, key or address: nobody's open pages keep out somebody else's."""
RETRY_MS = 2000


class Message(NamedTuple):
    """One event of the stream, ready to be sent."""

    number: int
    kind: str
    octets: bytes


class Subscription:
    """One client's view of one service point; iterate over `frames()`."""

    def __init__(self, hub: Hub, place: str, who: str = "") -> None:
        self.who = who
        self._hub = hub
        self._place = place
        self._queue: deque[Message] = deque()
        self._live: Message | None = None
        self._next_live_s = 0.0
        self._wake = asyncio.Event()
        self._closed = False

    def put(self, message: Message) -> None:
        """Take a message; the oldest half makes room when the client does not keep up."""
        if message.kind == "live":
            self._live = message
        else:
            if len(self._queue) >= MAX_QUEUE:
                self._queue.clear()
                self._queue.append(self._hub.make("reset", {}))
            self._queue.append(message)
        self._wake.set()

    def close(self) -> None:
        """End the stream after what is queued."""
        self._closed = True
        self._wake.set()

    def leave(self) -> None:
        """The client has gone."""
        self._hub.leave(self._place, self)

    async def frames(self) -> AsyncIterator[bytes]:
        """Octets to send, as they come; an empty comment every `HEARTBEAT_S` seconds of silence."""
        loop = asyncio.get_running_loop()
        yield f"retry: {RETRY_MS}\n\n".encode()
        try:
            while True:
                while self._queue:
                    yield self._queue.popleft().octets
                delay = self._next_live_s - loop.time()
                if self._live is not None and delay <= 0:
                    self._next_live_s = max(self._next_live_s, loop.time() - LIVE_SPACING_S)
                    self._next_live_s += LIVE_SPACING_S
                    frame, self._live = self._live.octets, None
                    yield frame
                    continue
                if self._closed:
                    return
                self._wake.clear()
                timeout = HEARTBEAT_S if self._live is None else max(delay, 0.001)
                try:
                    await asyncio.wait_for(self._wake.wait(), timeout)
                except TimeoutError:
                    if self._live is None:
                        yield b": heartbeat\n\n"
        finally:
            self.leave()


class Hub:
    """All feeds of a head end; used from the event loop's thread only."""

    def __init__(self) -> None:
        self._boot = secrets.token_hex(4)
        self._numbers = count(1)
        self._clients: dict[str, set[Subscription]] = {}
        self._kept: dict[str, deque[Message]] = {}
        self._held: Counter[str] = Counter()
        self._closed = False

    def publish(self, place: str, kind: str, payload: Mapping[str, object]) -> None:
        """Tell the clients of a service point; all but live values are kept for late ones."""
        watchers = self._clients.get(place, ())
        if kind == "live" and not watchers:
            return
        message = self.make(kind, payload)
        if kind != "live":
            self._kept.setdefault(place, deque(maxlen=MAX_KEPT)).append(message)
        for subscription in watchers:
            subscription.put(message)

    def subscribe(self, place: str, last_id: str = "", who: str = "") -> Subscription:
        """Join a feed as `who`, after the message `last_id` if that is still known.

        Raises `LocalProtocolError` when too many clients are there or the head end is stopping.
        """
        total = self._held.total()
        if self._closed or total >= MAX_CLIENTS or self._held[who] >= MAX_CLIENTS_EACH:
            raise LocalProtocolError("too many pages are watching; close one and try again")
        subscription = Subscription(self, place, who)
        self._clients.setdefault(place, set()).add(subscription)
        self._held[who] += 1
        for message in self._since(place, last_id):
            subscription.put(message)
        return subscription

    def watched(self, place: str) -> bool:
        """Whether somebody looks at that service point now."""
        return bool(self._clients.get(place))

    def leave(self, place: str, subscription: Subscription) -> None:
        """Forget a client."""
        group = self._clients.get(place, set())
        if subscription in group:
            group.discard(subscription)
            self._held[subscription.who] -= 1
            self._held += Counter()
        if not group:
            self._clients.pop(place, None)

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for group in list(self._clients.values()):
            for subscription in list(group):
                subscription.close()

    def make(self, kind: str, payload: Mapping[str, object]) -> Message:
        """A message with the next number."""
        number = next(self._numbers)
        data = json.dumps(payload, separators=(",", ":"), allow_nan=False)
        name = "" if kind == "live" else f"id: {self._boot}-{number}\n"
        return Message(number, kind, f"{name}event: {kind}\ndata: {data}\n\n".encode())

    def _since(self, place: str, last_id: str) -> list[Message]:
        if not last_id:
            return []
        boot, _, text = last_id.partition("-")
        kept = self._kept.get(place, deque())
        overflowed = len(kept) == MAX_KEPT
        known = boot == self._boot and text.isascii() and text.isdigit() and len(text) < 20
        if not known or (overflowed and int(text) < kept[0].number - 1):
            return [self.make("reset", {})]
        return [message for message in kept if message.number > int(text)]
