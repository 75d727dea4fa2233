"""A meter's end of UDP: datagrams in, datagrams out; a bounded session for each peer address.

IEC 62056-47. A sender's address can be forged, so nobody who has not proved a key is answered with
more than a few times the octets that came from there: the answer says instead that it is too long.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from addad.cosem.gateway import FORGEABLE
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.results import ServiceError, StateError
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import AddadError, DecodeError, InputError, LinkError
from addad.net.server import FULL_TOLD_S, IDLE_TIMEOUT_S, Endpoint, why_not_listened
from addad.net.tcp import no_host
from addad.net.udp import DATAGRAM_OCTETS_MAX

logger = logging.getLogger(__name__)

SESSIONS_MAX: Final = 100
MULTICAST: Final = frozenset(map(str, range(224, 240)))
"""What the IPv4 address of a multicast group begins with."""
AMPLIFICATION_MAX: Final = 3
"""How many times what it sent an address gets, before a key was proved from there."""
REPETITIONS_MAX: Final = 8
"""How often a request that comes again and again is answered: anybody can send a recorded one."""
_TOO_LONG: Final = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.PDU_TOO_LONG
).encode()
_NEXT_BLOCK: Final = b"\xc0\x02"
_PLAIN_REQUESTS: Final = frozenset((0x60, 0x62, 0xC0, 0xC1, 0xC3, 0xD9, 0xE0, 0xE6))


@dataclass(slots=True)
class _Session:
    """What is known of one peer address."""

    endpoint: Endpoint
    host: str
    last_frame_s: float
    received: int = 0
    sent: int = 0
    last_request: bytes = b""
    last_answers: list[bytes] = field(default_factory=list)
    repeated: int = 0


class UdpServer(asyncio.DatagramProtocol):
    """A listening UDP port; each peer address has an endpoint of its own until it is idle.

    A request that is sent again is answered again without being executed again, where octets
    that are alike can only be a repetition: ciphered ones, and requests for a next block. With
    `answering` False it takes broadcasts and multicasts: nothing is ever sent.
    """

    def __init__(
        self,
        endpoint: Callable[[], Endpoint],
        *,
        sessions_max: int = SESSIONS_MAX,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
        amplification_max: int | None = AMPLIFICATION_MAX,
        answering: bool = True,
    ) -> None:
        """`amplification_max` None is for networks in which no address can be forged."""
        self._endpoint = endpoint
        self._sessions_max = sessions_max
        self._idle_timeout_s = idle_timeout_s
        self._amplification_max = amplification_max
        self._answering = answering
        self._sessions: dict[tuple[str, int], _Session] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._told_s = -FULL_TOLD_S

    @property
    def port(self) -> int:
        """The port that is listened on, also when 0 was asked for."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    @property
    def sessions(self) -> int:
        """How many peer addresses are known now."""
        return len(self._sessions)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self._later()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A datagram has come: one frame is answered, anything else is dropped."""
        try:
            frame = WrapperFrame.decode(data)
        except DecodeError as fault:
            self._tell_seldom("%s:%s: no frame in a datagram: %s", addr[0], addr[1], fault)
            return
        peer = (addr[0], addr[1])
        session = self._sessions.get(peer)
        if session is None:
            session = self._open(peer)
            if session is None:
                return
        session.last_frame_s = asyncio.get_running_loop().time()
        session.received += len(data)
        try:
            answers = self._answers(session, data, frame)
        except Exception as fault:  # one client's trouble never ends the meter
            known = isinstance(fault, AddadError)
            reason = str(fault) if known else f"internal fault: {type(fault).__name__}: {fault}"
            keeps = known and session.endpoint.proven  # else one forged datagram would end it
            end = "datagram refused" if keeps else "session ended"
            logger.warning("%s:%s: %s: %s", addr[0], addr[1], end, reason)
            if not keeps:
                self._drop(peer)
            return
        for answer in answers:
            self._send(session, answer, frame, addr)

    def _answers(self, session: _Session, data: bytes, frame: WrapperFrame) -> list[bytes]:
        if data == session.last_request and _is_repetition(frame.apdu):
            session.repeated += 1
            return session.last_answers if session.repeated <= REPETITIONS_MAX else []
        endpoint = session.endpoint
        endpoint.receive(data)
        answers: list[bytes] = []
        while (octets := endpoint.answer()) is not None:
            answers += [one.encode() for one in WrapperDecoder().feed(octets)]
        session.last_request, session.last_answers, session.repeated = data, answers, 0
        return answers

    def _send(
        self, session: _Session, answer: bytes, asked: WrapperFrame, addr: tuple[str, int]
    ) -> None:
        if not self._answering or self._transport is None:
            return
        room = DATAGRAM_OCTETS_MAX
        proven = session.endpoint.proven
        if self._amplification_max is not None and not proven:
            room = min(room, session.received * self._amplification_max - session.sent)
        if len(answer) > room:
            answer = WrapperFrame(asked.destination, asked.source, _TOO_LONG).encode()
        if len(answer) <= room:
            session.sent += len(answer)
            self._transport.sendto(answer, addr)
        if proven:  # counted anew when the association ends: what was asked for forbids nothing
            session.received = session.sent = 0

    def _open(self, peer: tuple[str, int]) -> _Session | None:
        if len(self._sessions) >= self._sessions_max and not self._make_room():
            return None
        now_s = asyncio.get_running_loop().time()
        session = self._sessions[peer] = _Session(self._endpoint(), peer[0], now_s)
        session.endpoint.connected(f"{FORGEABLE}{peer[0]}:{peer[1]}")
        return session

    def _make_room(self) -> bool:
        """End a session that has proved nothing, of the host that holds most of them."""
        self._tell_seldom("all %d UDP sessions are taken", self._sessions_max)
        unproven = [(p, s) for p, s in self._sessions.items() if not s.endpoint.proven]
        if not unproven:
            return False
        held = Counter(session.host for _, session in unproven)
        peer, _ = min(unproven, key=lambda one: (-held[one[1].host], one[1].last_frame_s))
        self._drop(peer)
        return True

    def _tell_seldom(self, words: str, *values: object) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_s >= FULL_TOLD_S:
            self._told_s = now_s
            logger.warning(words, *values)

    def _drop(self, peer: tuple[str, int]) -> None:
        session = self._sessions.pop(peer, None)
        if session is not None:
            session.endpoint.close()

    def _later(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._idle_timeout_s / 4, self._expire)

    def _expire(self) -> None:
        oldest_s = asyncio.get_running_loop().time() - self._idle_timeout_s
        idle = [peer for peer, one in self._sessions.items() if one.last_frame_s <= oldest_s]
        for peer in idle:
            self._drop(peer)
        self._later()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed: so are all sessions."""
        if self._timer is not None:
            self._timer.cancel()
        for peer in list(self._sessions):
            self._drop(peer)

    async def close(self) -> None:
        """Stop listening and end all sessions."""
        if self._transport is not None:
            self._transport.abort()
        await asyncio.sleep(0)

    async def __aenter__(self) -> UdpServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _is_repetition(apdu: bytes) -> bool:
    """Whether these octets, when they come twice in a row, are one request sent twice."""
    return apdu[:2] == _NEXT_BLOCK or apdu[0] not in _PLAIN_REQUESTS


async def serve_udp(
    endpoint: Callable[[], Endpoint],
    host: str,
    port: int,
    *,
    sessions_max: int = SESSIONS_MAX,
    idle_timeout_s: float = IDLE_TIMEOUT_S,
    amplification_max: int | None = AMPLIFICATION_MAX,
) -> UdpServer:
    """Listen for datagrams; port 0 takes a free one. Raises `LinkError` if it cannot be had."""
    server = UdpServer(
        endpoint,
        sessions_max=sessions_max,
        idle_timeout_s=idle_timeout_s,
        amplification_max=amplification_max,
    )
    await _listen(server, host, port)
    return server


async def listen_to_group(
    endpoint: Callable[[], Endpoint],
    group: str,
    port: int,
    *,
    interface: str = "0.0.0.0",
    sessions_max: int = SESSIONS_MAX,
    idle_timeout_s: float = IDLE_TIMEOUT_S,
) -> UdpServer:
    """Take what is sent to an IPv4 multicast group or broadcast address; nothing is answered.

    `interface` is the address of the interface that joins the group. Several meters of one user
    on one machine can listen to the same group and port. Raises `LinkError`.
    """
    server = UdpServer(
        endpoint, sessions_max=sessions_max, idle_timeout_s=idle_timeout_s, answering=False
    )
    await _listen(server, group, port, shared=True)
    assert server._transport is not None
    opened: socket.socket = server._transport.get_extra_info("socket")
    if group.partition(".")[0] in MULTICAST:
        try:
            membership = socket.inet_aton(group) + socket.inet_aton(interface)
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        except OSError as fault:
            await server.close()
            raise LinkError(f"cannot join {group}: {fault.strerror or fault}") from None
    return server


async def _listen(server: UdpServer, host: str, port: int, *, shared: bool = False) -> None:
    loop = asyncio.get_running_loop()
    try:
        await loop.create_datagram_endpoint(
            lambda: server, local_addr=(host, port), reuse_port=shared
        )
    except OSError as fault:
        raise LinkError(why_not_listened(fault, host, port)) from None
    except OverflowError:
        raise InputError(f"{port} is no UDP port; it is between 0 and 65535") from None
    except ValueError:
        raise InputError(no_host(host)) from None
