"""The conversation of one association over a link: an APDU out, the reply to it back.

IEC 62056-5-3. One request at a time, later ones wait their turn; what comes unasked is handed on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.connection import ClientConnection, Released, Reply
from addad.errors import (
    AddadError,
    AssociationError,
    LinkError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
)
from addad.net.link import Frame, Link, Silence

NOTIFICATIONS_MAX: Final = 100
"""Notifications that may come between a request and its answer."""
REPLY_MAX_S: Final = 7_200.0
"""How long a whole reply may take, however many blocks it has: 200 kB come in that at 300 baud."""
RECOVERIES_MAX: Final = 3
"""How often in a row lost blocks are asked for again."""
LATE_ANSWERS_MAX: Final = 4
"""Answers that are remembered, where they may come a second time."""
LATE_BLOCKS_MAX: Final = 20
"""General blocks that are remembered: those that a peer may send again together."""
DOUBLES_MAX: Final = 64
"""Such answers in a row; a peer that sends more breaks the protocol."""
_INVOKED: Final = frozenset((0xC4, 0xC5, 0xC7))
"""Tags of plain responses; their third octet has the number of the request."""
_BLOCK: Final = 0xE0
_BLOCK_LENGTH: Final = 6
"""Where the length of what a general block carries stands."""

Apdus: TypeAlias = tuple[bytes, ...]
Notification: TypeAlias = DataNotification | EventNotification
OnNotification: TypeAlias = Callable[[Notification], None]


class _Answers:
    """What came of late, where it may come once more."""

    def __init__(self) -> None:
        self._whole: deque[bytes] = deque(maxlen=LATE_ANSWERS_MAX)
        self._blocks: deque[bytes] = deque(maxlen=LATE_BLOCKS_MAX)
        self._begun = False

    def begin(self) -> None:
        """Another request is sent."""
        self._begun = False

    def keep(self, apdu: bytes) -> None:
        """An answer has come, or a part of one."""
        if apdu[0] == _BLOCK:
            self._blocks.append(_carried(apdu))
        else:
            self._whole.append(apdu)

    def is_late(self, apdu: bytes, asked: bytes) -> bool:
        """Whether this answers an earlier request once more, as links that lose frames can do."""
        if apdu[0] == _BLOCK:
            return self._is_late_block(apdu)
        if apdu in self._whole:
            return True
        if apdu[0] not in _INVOKED or apdu[2:3] == asked[2:3]:
            return False
        return any(apdu[0] == answer[0] and apdu[2:3] == answer[2:3] for answer in self._whole)

    def _is_late_block(self, apdu: bytes) -> bool:
        """Whether a general block is one of an earlier reply; all but the first can be alike.

        So once a reply has begun all that comes belongs to it, as acknowledgements always do.
        """
        if self._begun or not any(apdu[_BLOCK_LENGTH : _BLOCK_LENGTH + 1]):
            return False
        self._begun = _carried(apdu) not in self._blocks
        return not self._begun


def _carried(block: bytes) -> bytes:
    """The number of a general block and what it carries: they stay when it is sent again."""
    return block[2:4] + block[_BLOCK_LENGTH:]


class Conversation:
    """What a client and a logical device say to each other.

    After a `LinkError` or a broken frame the link is closed. `retries` is how often a request
    that may be repeated is sent again: for links that lose frames.
    """

    def __init__(
        self,
        link: Link,
        connection: ClientConnection,
        *,
        timeout_s: float,
        reply_max_s: float = REPLY_MAX_S,
        retries: int = 0,
        on_notification: OnNotification | None = None,
    ) -> None:
        """`timeout_s` is how long an answer or a block may take, all repetitions included.

        `reply_max_s` is how long all blocks of a reply may take together.
        """
        self.link = link
        self.connection = connection
        asked = connection.parameters
        self._saps = (asked.client_sap, asked.server_sap)
        self._patience_s = timeout_s / (retries + 1)
        self._reply_max_s = reply_max_s
        self._retries = retries
        self._on_notification = on_notification
        self._turn = asyncio.Lock()
        self._answers = _Answers()
        self._asked = b""
        self._doubles = 0
        self._broadcast = asked.broadcast

    async def exchange(self, request: Callable[[], Apdus], repeatable: bool = False) -> Reply:
        """Send what `request` makes when its turn has come, and give the reply.

        Raises `LocalProtocolError` where nobody answers, since the request goes to all.
        """
        if self._broadcast:
            raise LocalProtocolError("nobody answers what is sent to all; ask for no answer")
        async with self._turn:
            self.link.check()
            outgoing = request()
            self._answers.begin()
            try:
                return await self._reply_to(outgoing, repeatable)
            except BaseException as fault:
                self._give_up(fault)
                raise

    async def tell(self, request: Callable[[], Apdus]) -> None:
        """Send what has no reply."""
        async with self._turn:
            self.link.check()
            outgoing = request()
            try:
                self._send(outgoing)
            except BaseException as fault:
                self._give_up(fault)
                raise

    async def listen(self, duration_s: float) -> None:
        """Hand on the notifications that come within the time, while nothing is asked."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + duration_s
        async with self._turn:
            try:
                while (left_s := until_s - loop.time()) > 0:
                    octets = self._taken(await self.link.receive(left_s))
                    if octets is None:
                        continue
                    reply = self.connection.receive(octets)
                    self._send(self.connection.outgoing)
                    if isinstance(reply, DataNotification | EventNotification):
                        self._hand_on(reply)
                    elif reply is not None:
                        raise RemoteProtocolError("an answer that nobody asked for")
            except Silence:
                return
            except BaseException as fault:
                self._give_up(fault)
                raise

    def _give_up(self, fault: BaseException) -> None:
        """End the link after what it cannot bear, in words that name the peer."""
        if isinstance(fault, AssociationError):
            return
        if isinstance(fault, RemoteProtocolError):
            if self.link.closed:
                return  # the link itself has said so
            named = _named(fault, self.link.peer_name)
            self.link.fail(named)
            raise named from None
        if isinstance(fault, AddadError):
            self.link.fail(fault)
        else:
            self.link.fail(LinkError("a request was given up before its answer came"))

    async def _reply_to(self, outgoing: Apdus, repeatable: bool) -> Reply:
        connection = self.connection
        now = asyncio.get_running_loop().time
        until_s = now() + self._reply_max_s
        self._send(outgoing)
        for _ in range(NOTIFICATIONS_MAX):
            reply = connection.receive(await self._answer(outgoing, repeatable))
            while reply is None:
                if now() > until_s:
                    raise RemoteProtocolError(f"no end of a reply in {self._reply_max_s:g} s")
                outgoing = connection.outgoing
                self._send(outgoing)
                reply = connection.receive(await self._answer(outgoing, repeatable))
            if connection.outgoing:  # the last blocks are acknowledged too
                self._send(connection.outgoing)
            if not isinstance(reply, DataNotification | EventNotification):
                if isinstance(reply, Released):
                    self._answers = _Answers()
                return reply
            self._hand_on(reply)
        raise RemoteProtocolError(f"{NOTIFICATIONS_MAX} notifications and no answer")

    async def _answer(self, outgoing: Apdus, repeatable: bool) -> bytes:
        """The next APDU, asked for again where that helps."""
        silences = 0
        while True:
            try:
                octets = self._taken(await self.link.receive(self._patience_s))
                while octets is None:
                    octets = self._taken(await self.link.receive(self._patience_s))
            except Silence:
                silences += 1
                again = self.connection.timeout()
                if silences > (RECOVERIES_MAX if again else self._retries):
                    if silences == 1:
                        raise
                    raise Silence(
                        f"{self.link.peer_name} answered nothing for "
                        f"{silences * self._patience_s:g} s"
                    ) from None
                self._send(again or (outgoing if repeatable else ()))
            else:
                if self._retries:
                    self._answers.keep(octets)
                return octets

    def _send(self, apdus: Apdus) -> None:
        source, destination = self._saps
        for apdu in apdus:
            self._asked = apdu
            self.link.send(source, destination, apdu)

    def _taken(self, frame: Frame) -> bytes | None:
        """The APDU of a frame, None for one that came before."""
        client_sap, server_sap = self._saps
        if frame.source != server_sap or frame.destination != client_sap:
            raise RemoteProtocolError(f"a frame from {frame.source} to {frame.destination}")
        if not self._retries or not self._answers.is_late(frame.apdu, self._asked):
            self._doubles = 0
            return frame.apdu
        self._doubles += 1
        if self._doubles > DOUBLES_MAX:
            raise RemoteProtocolError(f"{DOUBLES_MAX} answers that had come before")
        return None

    def _hand_on(self, notification: Notification) -> None:
        if self._on_notification is not None:
            self._on_notification(notification)


def _named(fault: RemoteProtocolError, peer_name: str) -> RemoteProtocolError:
    """The fault with the peer's name; a key or counter that is wrong may be our own."""
    if isinstance(fault, SecurityError):
        return SecurityError(f"{peer_name}: {fault}", fault.fault, fault.expected_counter)
    return RemoteProtocolError(f"{peer_name} breaks the protocol: {fault}")
