"""A long SET changes something whole, or not at all, and is worth what its weakest block is."""

from collections.abc import Callable, Sequence
from itertools import count

import pytest

from addad import obis
from addad.cosem.classes import AssociationLN
from addad.cosem.hdlc_server import LOWER, HdlcEndpoint
from addad.cosem.server import ServerEndpoint
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Control, Frame, FrameKind
from addad.dlms.hdlc.llc import COMMAND, RESPONSE
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from meter.secured_desk import HERE, Client, SecuredDesk

CLIENT = 3
NEW = bytes(48)


class OverWrapper:
    """The meter's end of a TCP connection."""

    peer = HERE

    def __init__(self, desk: SecuredDesk) -> None:
        self._endpoint = ServerEndpoint(desk.device, None, lambda: _count(desk))
        self._endpoint.connected(HERE)

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> list[bytes]:
        self._endpoint.receive(WrapperFrame(client_sap, server_sap, apdu).encode())
        return [frame.apdu for frame in WrapperDecoder().feed(self._endpoint.answer() or b"")]

    def lost(self) -> None:
        self._endpoint.close()


class OverHdlc:
    """The meter's end of a line, with a link on it."""

    peer = HERE

    def __init__(self, desk: SecuredDesk) -> None:
        self._endpoint = HdlcEndpoint(desk.device, lambda: 0.0, None, lambda: _count(desk))
        self._endpoint.connected(HERE)
        self._server = Address(1, LOWER, 2)
        self._sent = count()
        self._received = 0
        self._frame(FrameKind.SNRM, CLIENT)

    def _frame(self, kind: FrameKind, client_sap: int, information: bytes = b"") -> list[Frame]:
        number = next(self._sent) % 8 if kind is FrameKind.I else 0
        control = Control(kind, True, number, self._received)
        frame = Frame(self._server, Address(client_sap), control.octet, information)
        self._endpoint.receive(frame.encode())
        return FrameDecoder().feed(self._endpoint.answer() or b"")

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> list[bytes]:
        frames = self._frame(FrameKind.I, client_sap, COMMAND + apdu)
        joined = b"".join(frame.information for frame in frames)
        self._received = (self._received + len(frames)) % 8
        return [joined.removeprefix(RESPONSE)] if joined else []

    def lost(self) -> None:
        self._endpoint.close()


def _count(desk: SecuredDesk) -> None:
    desk.effects += 1


Ways = OverWrapper | OverHdlc
WAYS = pytest.mark.parametrize("way", [OverWrapper, OverHdlc])


def client_over(way: type[Ways], desk: SecuredDesk) -> Client:
    client = desk.client(CLIENT)
    client.sessions = way(desk)  # type: ignore[assignment]
    return client.open()


def blocks(size: int = 20) -> list[bytes]:
    """A SET of the reader's secret, in blocks."""
    attribute = AssociationLN.secret
    value = attribute.type.encode(NEW)
    pieces = [value[at : at + size] for at in range(0, len(value), size)]
    descriptor = attribute.of(obis.READER_ASSOCIATION).encode()
    made = []
    for number, piece in enumerate(pieces, 1):
        last = bytes((number == len(pieces),))
        head = b"\xc1\x02\xc1" + descriptor if number == 1 else b"\xc1\x03\xc1"
        made.append(head + last + number.to_bytes(4, "big") + bytes((len(piece),)) + piece)
    return made


def seal(client: Client, plain: bytes, protection: Protection, broadcast: bool = False) -> bytes:
    security = client.connection.security
    assert security is not None
    return security.protect(plain, protection, client.parameters.form, broadcast=broadcast)


def send(client: Client, plain: Sequence[bytes], protection: Protection) -> list[bytes]:
    return [octets for one in plain for octets in client.raw(seal(client, one, protection))]


Third = Callable[[Client, bytes], list[bytes]]
BOTH = AUTHENTICATED_ENCRYPTION


def spoiled(client: Client, third: bytes) -> list[bytes]:
    octets = seal(client, third, BOTH)
    return client.raw(octets[:-1] + bytes((octets[-1] ^ 1,)))


def cut_off(client: Client, third: bytes) -> list[bytes]:
    client.sessions.lost()  # type: ignore[attr-defined]
    return client.raw(seal(client, third, BOTH))


FAILURES: dict[str, Third] = {
    "a number that is not the next": lambda client, third: send(
        client, [third.replace(b"\0\0\0\3", b"\0\0\0\4")], BOTH
    ),
    "the second one again": lambda client, _: client.raw(client.sent[-1]),
    "an altered tag": spoiled,
    "in plain": lambda client, third: client.raw(third),
    "only encrypted": lambda client, third: send(client, [third], Protection.ENCRYPTION),
    "only authenticated": lambda client, third: send(client, [third], Protection.AUTHENTICATION),
    "a value of another type": lambda client, third: send(client, [third[:-8]], BOTH),
    "another request between": lambda client, _: send(client, [b"\xc0\x01\xc1" + bytes(10)], BOTH),
    "the connection is lost": cut_off,
}


@WAYS
@pytest.mark.parametrize("failure", FAILURES)
def test_a_ciphered_set_that_fails_on_its_third_block_changes_nothing(
    way: type[Ways], failure: str
) -> None:
    desk = SecuredDesk()
    before = desk.meter.security.secret(2)
    client = client_over(way, desk)
    first, second, third = blocks()
    assert len(send(client, (first, second), BOTH)) == 2
    FAILURES[failure](client, third)
    if failure in ("another request between", "the second one again"):
        send(client, [third] if failure == "another request between" else [], BOTH)
    assert desk.meter.security.secret(2) == before
    assert desk.effects == 0
    assert desk.faults == []


@WAYS
def test_a_ciphered_set_in_three_blocks_is_done_once(way: type[Ways]) -> None:
    desk = SecuredDesk()
    client = client_over(way, desk)
    send(client, blocks(), BOTH)
    assert desk.meter.security.secret(2) == NEW
    assert desk.effects == 1
    client.raw(*client.sent[-3:])
    assert desk.effects == 1


@pytest.mark.parametrize("weak", [0, 1, 2])
def test_se_08_one_block_under_the_broadcast_key_makes_the_whole_a_broadcast(weak: int) -> None:
    """Who opened one meter of a group has its broadcast key, and could slip a block in."""
    desk = SecuredDesk()
    before = desk.meter.security.secret(2)
    client = client_over(OverWrapper, desk)
    for number, block in enumerate(blocks()):
        client.raw(seal(client, block, BOTH, broadcast=number == weak))
    assert desk.meter.security.secret(2) == before
    assert desk.effects == 0
