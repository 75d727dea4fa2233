"""Clients that ask a meter all at once, and cost so little that it never waits for them.

Requests are protected before, and answers proven after the time is taken: what is measured is the
meter, not how fast the other core makes requests.
"""

from __future__ import annotations

import secrets
import select
import socket

from bench_meter import HOST, PASSWORD, READER, SECURED, Meter
from bench_meter import context as security

from addad import obis
from addad.cosem.classes import Register
from addad.dlms.acse import Mechanism
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.dlms.wrapper import HEADER_OCTETS, WrapperDecoder, WrapperFrame

REQUEST = bytes.fromhex("C001C1") + Register.value.of(obis.ACTIVE_ENERGY_IMPORT).encode()
ANSWER = bytes.fromhex("C401C100060001E240")
READ_OCTETS = 4096


class _Member:
    """One client, with an association of its own."""

    def __init__(self, meter: Meter, ciphered: bool, number: int) -> None:
        title = b"CLI" + number.to_bytes(5, "big")
        asked = AssociationParameters(READER, 1, Mechanism.LOW, PASSWORD)
        if ciphered:
            keys = security(title, meter.title).fresh()
            asked = AssociationParameters(
                SECURED,
                mechanism=Mechanism.HIGH_GMAC,
                security=keys,
                challenge=secrets.token_bytes(16),
            )
        self._sap = SECURED if ciphered else READER
        self._connection = ClientConnection(asked)
        self._decoder = WrapperDecoder()
        self.socket = socket.create_connection((HOST, meter.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []
        waiting = list(self._connection.associate())
        while waiting:
            self.socket.sendall(WrapperFrame(self._sap, 1, waiting.pop(0)).encode())
            frames = self._decoder.feed(self.socket.recv(READ_OCTETS))
            self._connection.receive(frames[0].apdu)
            waiting += self._connection.outgoing
        self._security = self._connection.security if ciphered else None

    def prepare(self, count: int) -> None:
        """Make so many requests."""
        keys, form = self._security, CipheringForm.GLOBAL
        for _ in range(count):
            apdu = REQUEST
            if keys is not None:
                apdu = keys.protect(REQUEST, AUTHENTICATED_ENCRYPTION, form)
            self.requests.append(WrapperFrame(self._sap, 1, apdu).encode())
        self.requests.reverse()

    def prove(self, count: int) -> None:
        """All answers have come, each under a new counter, with the value."""
        assert len(self.answers) == count
        for octets in self.answers:
            apdu = octets[HEADER_OCTETS:]
            if self._security is not None:
                apdu = self._security.unprotect(apdu).apdu
            assert apdu == ANSWER
        self.answers.clear()


class Crowd:
    """So many clients of a meter; `first` is the number of the first."""

    def __init__(self, meter: Meter, *, ciphered: bool, count: int, first: int = 0) -> None:
        self._meter = meter
        self._ciphered = ciphered
        self._first = first
        self._members: list[_Member] = []
        self.grow(count)

    def grow(self, count: int) -> None:
        """Let so many more clients come."""
        begin = self._first + len(self._members)
        for number in range(begin, begin + count):
            self._members.append(_Member(self._meter, self._ciphered, number))

    def rate(self, count: int) -> float:
        """GETs of all clients together, a second of the meter's processor time."""
        by_descriptor = {member.socket.fileno(): member for member in self._members}
        poll = select.epoll()
        for descriptor, member in by_descriptor.items():
            member.prepare(count)
            poll.register(descriptor, select.EPOLLIN)
        begun_s, _ = self._meter.cost()
        for member in self._members:
            member.socket.sendall(member.requests.pop())
        left = len(self._members)
        while left:
            for descriptor, _ in poll.poll():
                member = by_descriptor[descriptor]
                octets = member.socket.recv(READ_OCTETS)
                assert len(octets) == HEADER_OCTETS + int.from_bytes(octets[6:8], "big")
                member.answers.append(octets)
                if member.requests:
                    member.socket.sendall(member.requests.pop())
                else:
                    left -= 1
        ended_s, _ = self._meter.cost()
        poll.close()
        for member in self._members:
            member.prove(count)
        return count * len(self._members) / (ended_s - begun_s)

    def close(self) -> None:
        """All go."""
        for member in self._members:
            member.socket.close()
