"""Meters that call in: the meter opens the connection, and the client takes its role on it.

Green Book, Blue Book (Auto connect): behind a NAT no meter can be reached. What a caller says of
itself is a claim until an association under the meter's own key stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from addad import obis
from addad.cosem.classes import Data
from addad.dlms.security.hls import HIGH_MECHANISMS
from addad.dlms.security.suite import Protection
from addad.dlms.types import OctetString
from addad.dlms.wrapper import MAX_APDU
from addad.errors import (
    AddadError,
    InputError,
    LinkError,
    LocalProtocolError,
    RemoteProtocolError,
)
from addad.net.client import Client, ClientOptions
from addad.net.server import FULL_TOLD_S, why_not_listened
from addad.net.tcp import FrameLink, no_host

logger = logging.getLogger(__name__)

UNPROVEN_MAX: Final = 100
"""Callers at a time that have proved nothing."""
CALLERS_MAX: Final = 10_000
PROOF_TIMEOUT_S: Final = 30.0
"""How long a caller may take to prove who it is."""
ANSWER_TIMEOUT_S: Final = 10.0
UNPROVEN_APDU_OCTETS: Final = 2048
"""The longest APDU of a caller: an announced one that is longer ends the connection."""
NAME_OCTETS_MAX: Final = 64
_NAME: Final = Data.value.typed(OctetString())

Claim: TypeAlias = Callable[[FrameLink], Awaitable[bytes]]
"""Asks a caller who it is; nothing of the answer is proven."""
Access: TypeAlias = Callable[[bytes], ClientOptions | None]
"""How the meter that a caller claims to be is associated with; None for a meter not known."""
OnMeter: TypeAlias = Callable[[bytes, Client], Awaitable[None]]
"""Works with a meter that has proved its name; the association ends when this returns."""


async def claimed_name(link: FrameLink) -> bytes:
    """The logical device name, as the public association tells it."""
    client = Client(link, timeout_s=ANSWER_TIMEOUT_S)
    await client.associate()
    name = await client.get(obis.LOGICAL_DEVICE_NAME, _NAME)
    await client.release()
    if not 1 <= len(name) <= NAME_OCTETS_MAX:
        raise RemoteProtocolError(f"a logical device name of {len(name)} octets")
    return name


def proves(options: ClientOptions) -> bool:
    """Whether a meter that this association stands with has proved that it knows a key.

    With a challenge it has; else an answer under a dedicated key can be no recorded one.
    """
    asked = options.get("parameters")
    if asked is None:
        return False
    verified = asked.security is None or not asked.security.unverified
    if asked.mechanism in HIGH_MECHANISMS:
        return verified
    new_key = options.get("dedicated", False) and asked.dedicated_key is None
    return (
        asked.ciphered
        and verified
        and bool(asked.protection & Protection.AUTHENTICATION)
        and new_key
    )


class CallInListener:
    """Listens for meters; `on_meter(name, client)` is called with each that proved its name.

    A meter proves itself by a mechanism in which it answers a challenge (2 to 7), or under a
    dedicated key; the name is compared once more inside the association. Low level security proves
    the client to the meter only, and hands the password to whoever calls: it takes
    `closed_network`, for networks that let nobody else in.
    """

    def __init__(
        self,
        access: Access,
        on_meter: OnMeter,
        *,
        claim: Claim = claimed_name,
        closed_network: bool = False,
        unproven_max: int = UNPROVEN_MAX,
        callers_max: int = CALLERS_MAX,
        proof_timeout_s: float = PROOF_TIMEOUT_S,
    ) -> None:
        self._access = access
        self._on_meter = on_meter
        self._claim = claim
        self._closed_network = closed_network
        self._limits = (unproven_max, callers_max)
        self._proof_timeout_s = proof_timeout_s
        self._unproven: dict[Caller, None] = {}
        self._proven: set[Caller] = set()
        self._listening: asyncio.Server | None = None
        self._told_s = -FULL_TOLD_S

    @property
    def port(self) -> int:
        """The port that is listened on, also when 0 was asked for."""
        assert self._listening is not None
        return int(self._listening.sockets[0].getsockname()[1])

    @property
    def unproven(self) -> int:
        """How many callers have proved nothing yet."""
        return len(self._unproven)

    async def listen(self, host: str, port: int) -> None:
        """Begin to take calls; raises `LinkError` when the port cannot be had."""
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(lambda: Caller(self), host, port)
        except OSError as fault:
            raise LinkError(why_not_listened(fault, host, port)) from None
        except OverflowError:
            raise InputError(f"{port} is no TCP port; it is between 0 and 65535") from None
        except ValueError:
            raise InputError(no_host(host)) from None

    async def close(self) -> None:
        """Stop listening and end all calls."""
        if self._listening is not None:
            self._listening.close()
        callers = [*self._unproven, *self._proven]
        for caller in callers:
            caller.end()
        await asyncio.gather(*(caller.ended() for caller in callers))

    async def __aenter__(self) -> CallInListener:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def admit(self, caller: Caller) -> bool:
        """Take one more caller, if need be in the place of one that has proved nothing."""
        unproven_max, callers_max = self._limits
        full = len(self._unproven) + len(self._proven) >= callers_max
        if full or len(self._unproven) >= unproven_max:
            self._tell_full()
            if not self._unproven:
                return False
            held = Counter(other.address for other in self._unproven)
            most = max(held.values())
            oldest = next(one for one in self._unproven if held[one.address] == most)
            del self._unproven[oldest]
            oldest.end()
        self._unproven[caller] = None
        return True

    def _tell_full(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_s >= FULL_TOLD_S:
            self._told_s = now_s
            logger.warning("too many callers have proved nothing; the oldest make room")

    def forget(self, caller: Caller) -> None:
        """A call has ended."""
        self._unproven.pop(caller, None)
        self._proven.discard(caller)

    async def serve(self, caller: Caller) -> None:
        """Learn who calls, let it prove that, and work with it."""
        async with asyncio.timeout(self._proof_timeout_s):
            name = await self._claim(caller)
            options = self._access(name)
            if options is None:
                raise LinkError(f"no meter named {_shown(name)} is known")
            if not (proves(options) or self._closed_network):
                raise LocalProtocolError(
                    f"{_shown(name)}: this kind of association proves nothing of the meter"
                )
            client = Client(caller, **options)
            await client.associate()
            told = await client.get(obis.LOGICAL_DEVICE_NAME, _NAME)
            if told != name:
                raise LinkError(f"it was {_shown(name)} and is {_shown(told)} now")
        self._unproven.pop(caller, None)
        self._proven.add(caller)
        caller.take_apdus_of(MAX_APDU)
        try:
            await self._on_meter(name, client)
        finally:
            await client.close()


class Caller(FrameLink):
    """The link to one meter that has called."""

    def __init__(self, listener: CallInListener) -> None:
        super().__init__("a caller", UNPROVEN_APDU_OCTETS)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where the caller is, without its port."""
        return self.peer_name.rpartition(":")[0]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A meter has called; one too many is closed at once."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple) and len(peer) > 1:
            self.peer_name = f"{peer[0]}:{peer[1]}"
        if self._listener.admit(self):
            self._task = asyncio.create_task(self._serve())
        else:
            self.fail(LinkError("no more callers are taken"))

    async def _serve(self) -> None:
        try:
            await self._listener.serve(self)
        except TimeoutError:
            logger.warning("%s: did not prove in time who it is", self.peer_name)
        except AddadError as fault:
            logger.warning("%s: call ended: %s", self.peer_name, fault)
        except Exception as fault:  # one caller's trouble never ends the listener
            logger.warning(
                "%s: internal fault: %s: %s", self.peer_name, type(fault).__name__, fault
            )
        finally:
            self._listener.forget(self)
            self.close()

    def end(self) -> None:
        """End this call now."""
        self.fail(LinkError("the call is ended"))
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Until the call has ended."""
        if self._task is not None:
            await asyncio.wait((self._task,))


def _shown(name: bytes) -> str:
    text = name.decode("ascii", "replace")
    return text if text.isprintable() and text.isascii() else name.hex()
