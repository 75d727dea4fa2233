"""What a client without connection puts on the wire; `test_connectionless_meter` has the meter."""

from datetime import UTC, datetime

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Clock, Register
from addad.dlms import apdu as apdus
from addad.dlms.apdu.set import SetRequest
from addad.dlms.clock_time import DateTime
from addad.dlms.parameters import CONFIRMED, AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, SecuritySuite
from addad.dlms.security.unprotected import Unprotected
from addad.dlms.wrapper import WrapperFrame
from addad.errors import LinkError, LocalProtocolError
from addad.net.client import Client
from addad.net.connectionless import (
    ALL_STATIONS,
    PRE_ESTABLISHED_CLIENT,
    pre_established,
    set_time,
    to_all,
    without_connection,
)
from addad.net.link import Silence

METER, HEAD_END = b"MTR00001", b"ADD00001"
KEYS = SymmetricKeys(bytes(16), bytes(range(16)), broadcast=bytes(range(1, 17)))
NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)


def context(own: bytes, peer: bytes, keys: SymmetricKeys = KEYS) -> SecurityContext:
    return SecurityContext(SecuritySuite.SUITE_0, own, peer, keys, VolatileCounters())


class Recorder:
    """A link that keeps what is sent and hears nothing."""

    peer_name = "all"
    received_octets = 0

    def __init__(self) -> None:
        self.frames: list[WrapperFrame] = []
        self.closed = False

    def check(self) -> None:
        pass

    def fail(self, failure: Exception) -> None:
        self.closed = True

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        self.frames.append(WrapperFrame(source, destination, apdu))

    async def receive(self, timeout_s: float) -> WrapperFrame:
        raise Silence("nothing")

    def close(self) -> None:
        self.closed = True

    async def wait_closed(self) -> None:
        pass


def opened(frame: WrapperFrame) -> Unprotected:
    """What a meter makes of it."""
    return context(METER, HEAD_END).unprotect(frame.apdu)


def test_a_message_to_all_is_under_the_groups_key_and_asks_for_no_answer() -> None:
    async def main() -> None:
        link = Recorder()
        async with Client(link, parameters=to_all(context(HEAD_END, METER))) as client:
            await set_time(client, NOON)
        (frame,) = link.frames
        assert (frame.source, frame.destination) == (PRE_ESTABLISHED_CLIENT, ALL_STATIONS)
        message = opened(frame)
        assert message.broadcast
        assert message.key is KeyId.GLOBAL_BROADCAST_ENCRYPTION
        assert message.form is CipheringForm.GENERAL_GLOBAL
        assert message.protection == AUTHENTICATED_ENCRYPTION
        request = apdus.decode(message.apdu)
        assert isinstance(request, SetRequest)
        assert not request.invoke & CONFIRMED
        assert request.descriptor == Clock.time.of(obis.CLOCK)
        assert request.data == Clock.time.type.encode(DateTime.from_datetime(NOON))
        assert link.closed

    virtual_time.run(main())


def test_one_meter_is_asked_under_its_own_key_without_an_aarq() -> None:
    async def main() -> None:
        link = Recorder()
        client = Client(link, parameters=pre_established(context(HEAD_END, METER)))
        async with client:
            with pytest.raises(LinkError):
                await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
        (frame,) = link.frames
        assert (frame.source, frame.destination) == (PRE_ESTABLISHED_CLIENT, 1)
        message = opened(frame)
        assert message.key is KeyId.GLOBAL_UNICAST_ENCRYPTION
        assert message.apdu[0] == 0xC0

    virtual_time.run(main())


def test_what_needs_a_key_or_a_connection_says_so() -> None:
    async def main() -> None:
        lonely = SymmetricKeys(KEYS.encryption, KEYS.authentication)
        with pytest.raises(LocalProtocolError, match="broadcast key"):
            to_all(context(HEAD_END, METER, lonely))
        with pytest.raises(LocalProtocolError, match="only a pre-established"):
            async with without_connection("127.0.0.1", 1, AssociationParameters(1)):
                pass
        async with Client(Recorder(), parameters=to_all(context(HEAD_END, METER))) as client:
            with pytest.raises(LocalProtocolError, match="nobody answers"):
                await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
            with pytest.raises(LocalProtocolError, match="nobody answers"):
                await client.associate()

    virtual_time.run(main())
