"""A meter that calls: it opens the connection to a head end and is the server on it.

Blue Book (class 29, Auto connect): mode, destinations, repetitions, delay. Which moments lie in a
calling window is the meter's affair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final, TypeAlias

from addad.cosem.classes.modem import AutoConnectMode
from addad.errors import InputError, LinkError, LocalProtocolError
from addad.net.server import IDLE_TIMEOUT_S, Endpoint, ServerLink
from addad.net.tcp import open_stream

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 30.0
DESTINATIONS_MAX: Final = 16
REPETITIONS_MAX: Final = 255
DELAY_S_MIN: Final = 1.0
"""No meter calls more often than this, whatever its repetition delay says."""
WINDOW_POLL_S: Final = 60.0
"""How often the calling window is looked at, and the least pause between two calls by itself."""

InWindow: TypeAlias = Callable[[], bool]

_BY_ITSELF: Final = frozenset((AutoConnectMode.PERMANENT, AutoConnectMode.PERMANENT_IN_WINDOW))
_WINDOWED: Final = frozenset(
    (
        AutoConnectMode.IN_WINDOW,
        AutoConnectMode.PERMANENT_IN_WINDOW,
        AutoConnectMode.ON_INVOCATION_IN_WINDOW,
    )
)
_OTHER_NETWORKS: Final = frozenset(
    (
        AutoConnectMode.SMS_MOBILE_NETWORK,
        AutoConnectMode.SMS_FIXED_NETWORK,
        AutoConnectMode.E_MAIL,
    )
)


def _always() -> bool:
    return True


class CallState(Enum):
    """Where a call is."""

    IDLE = auto()
    DIALLING = auto()
    CONNECTED = auto()
    WAITING = auto()
    """Nobody could be reached; the next repetition comes after the delay."""
    GIVEN_UP = auto()
    """Nobody could be reached, and all repetitions are spent."""


class CallEvent(Enum):
    """What happens to a call."""

    INVOKED = auto()
    REACHED = auto()
    UNREACHED = auto()
    """No destination answered, and there are repetitions left."""
    EXHAUSTED = auto()
    """No destination answered, and there are no repetitions left."""
    DELAY_OVER = auto()
    ENDED = auto()
    """The connection is over, by either side."""


TRANSITIONS: Final = {
    (CallState.IDLE, CallEvent.INVOKED): CallState.DIALLING,
    (CallState.DIALLING, CallEvent.REACHED): CallState.CONNECTED,
    (CallState.DIALLING, CallEvent.UNREACHED): CallState.WAITING,
    (CallState.DIALLING, CallEvent.EXHAUSTED): CallState.GIVEN_UP,
    (CallState.WAITING, CallEvent.DELAY_OVER): CallState.DIALLING,
    (CallState.CONNECTED, CallEvent.ENDED): CallState.IDLE,
    (CallState.GIVEN_UP, CallEvent.INVOKED): CallState.DIALLING,
}


def next_state(state: CallState, event: CallEvent) -> CallState:
    """The state after an event; raises `LocalProtocolError` for one that cannot be."""
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise LocalProtocolError(f"no {event.name} while {state.name}")
    return following


def read_destination(text: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[address]:port`; raises `InputError`."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdecimal() or len(port) > 5:
        raise InputError(f"{text!r} is no destination; write it like 192.0.2.7:4059")
    number = int(port)
    if not 1 <= number <= 0xFFFF:
        raise InputError(f"{number} is no TCP port; it is between 1 and 65535")
    return host.removeprefix("[").removesuffix("]"), number


class CallOut:
    """Calls the first destination that answers, and serves there until the connection ends."""

    def __init__(
        self,
        endpoint: Callable[[], Endpoint],
        destinations: Sequence[str],
        *,
        repetitions: int = 0,
        repetition_delay_s: float = 60.0,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        """Destinations are `host:port`, tried in order; `repetitions` follow the first trial.

        Raises `InputError` for a destination that is none, and for too many of anything.
        """
        if not 1 <= len(destinations) <= DESTINATIONS_MAX:
            raise InputError(f"1 to {DESTINATIONS_MAX} destinations, not {len(destinations)}")
        if not 0 <= repetitions <= REPETITIONS_MAX:
            raise InputError(f"0 to {REPETITIONS_MAX} repetitions, not {repetitions}")
        self.state = CallState.IDLE
        self._endpoint = endpoint
        self._destinations = [read_destination(text) for text in destinations]
        self._repetitions = repetitions
        self._delay_s = max(repetition_delay_s, DELAY_S_MIN)
        self._idle_timeout_s = idle_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._invoked = asyncio.Event()

    async def call(self) -> None:
        """Call, serve, and return when the connection has ended.

        Raises `LinkError` that names the last trouble when all repetitions are spent.
        """
        self._step(CallEvent.INVOKED)
        try:
            link = await self._reach()
            await link.ended()
        except asyncio.CancelledError:
            self.state = CallState.IDLE
            raise
        self._step(CallEvent.ENDED)

    def invoke(self) -> None:
        """Let `run` call now, if its mode and the window allow it."""
        self._invoked.set()

    async def run(self, mode: AutoConnectMode, in_window: InWindow = _always) -> None:
        """Call whenever the mode says so, until cancelled; returns at once if it says never.

        `in_window` tells whether this moment lies in a calling window; when it ends, so does the
        connection of a mode with windows. Raises `InputError` for modes of other networks.
        """
        if mode is AutoConnectMode.NO_AUTO_CONNECT:
            return
        if mode in _OTHER_NETWORKS:
            raise InputError(f"mode {mode.name} is not for connections over TCP")
        windowed = mode in _WINDOWED
        while True:
            if mode not in _BY_ITSELF:
                await self._invoked.wait()
                self._invoked.clear()
            if not windowed:
                await self._try_call()
            elif in_window():
                await self._call_in_window(in_window)
            if mode in _BY_ITSELF:
                await asyncio.sleep(max(self._delay_s, WINDOW_POLL_S))

    async def _try_call(self) -> None:
        try:
            await self.call()
        except LinkError as fault:
            logger.warning("%s", fault)

    async def _call_in_window(self, in_window: InWindow) -> None:
        calling = asyncio.create_task(self._try_call())
        try:
            while in_window():
                done, _ = await asyncio.wait((calling,), timeout=WINDOW_POLL_S)
                if done:
                    return
        finally:
            calling.cancel()
            await asyncio.wait((calling,))

    async def _reach(self) -> CallLink:
        left = self._repetitions
        while True:
            link, trouble = await self._dial()
            if link is not None:
                self._step(CallEvent.REACHED)
                return link
            if not left:
                self._step(CallEvent.EXHAUSTED)
                raise LinkError(f"nobody could be called: {trouble}")
            left -= 1
            self._step(CallEvent.UNREACHED)
            await asyncio.sleep(self._delay_s)
            self._step(CallEvent.DELAY_OVER)

    async def _dial(self) -> tuple[CallLink | None, str]:
        """The link to the first destination that answers, else the last trouble in words."""
        trouble = ""
        for host, port in self._destinations:
            try:
                return await self._open(host, port), ""
            except LinkError as fault:
                trouble = str(fault)
        return None, trouble

    async def _open(self, host: str, port: int) -> CallLink:
        return await open_stream(
            host,
            port,
            self._connect_timeout_s,
            lambda _: CallLink(self._endpoint(), None, self._idle_timeout_s),
        )

    def _step(self, event: CallEvent) -> None:
        self.state = next_state(self.state, event)


class CallLink(ServerLink):
    """The meter's end of a connection that it opened itself."""

    _lost: asyncio.Future[None] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended: so have its associations."""
        super().connection_lost(exc)
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)

    async def ended(self) -> None:
        """Until the connection has ended; ends it when this is given up."""
        self._lost = asyncio.get_running_loop().create_future()
        if not self._open:
            return
        try:
            await self._lost
        except asyncio.CancelledError:
            self.abort()
            raise
