"""Pushes in and out of envelopes; SE-17: counters of their own, and no push is taken twice."""

import pytest
from gurux_dlms import GXByteBuffer
from gurux_dlms.enums import Conformance, InterfaceType, Security
from gurux_dlms.secure import GXDLMSSecureNotify

from addad import obis
from addad.cosem.classes import Data as DataClass
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.get import GetRequestNext
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.data import Data, Tag
from addad.dlms.general_blocks import GeneralBlockTransfer
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.dlms.wrapper import WrapperDecoder
from addad.errors import DecodeError, RemoteProtocolError, SecurityError, SecurityFault
from addad.net.push_reader import PushReader

METER, CLIENT = b"MTR00001", b"ADD00001"
KEYS = SymmetricKeys(bytes(16), bytes(range(16)), broadcast=bytes(range(1, 17)))
PUSH = DataNotification(5, None, Data(Tag.UNSIGNED, 1))
EVENT = EventNotification(None, DataClass.value.of(obis.ALARM_FILTER_1), Data(Tag.UNSIGNED, 7))
PEER = "10.0.0.5:4059"
GENERAL = (CipheringForm.GENERAL_GLOBAL, CipheringForm.GENERAL_CIPHERING)


def meter(keys: SymmetricKeys = KEYS, first: int = 0) -> SecurityContext:
    return SecurityContext(
        SecuritySuite.SUITE_0, METER, CLIENT, keys, VolatileCounters(first=first)
    )


class HeadEnd:
    """Knows one meter, and counts how often it was asked."""

    def __init__(self, *, unverified: bool = False) -> None:
        self.asked: list[tuple[bytes | None, str]] = []
        self.settled = 0
        head_end = self

        class Settling(VolatileCounters):
            def settle(self) -> None:
                head_end.settled += 1

        keys = SymmetricKeys(bytes(16), None) if unverified else KEYS
        self.context = SecurityContext(
            SecuritySuite.SUITE_0, CLIENT, METER, keys, Settling(), unverified=unverified
        )

    def __call__(self, title: bytes | None, peer: str) -> SecurityContext | None:
        self.asked.append((title, peer))
        return self.context if title in (METER, None) else None


def protected(
    notification: DataNotification | EventNotification = PUSH,
    form: CipheringForm = CipheringForm.GENERAL_GLOBAL,
    context: SecurityContext | None = None,
) -> bytes:
    context = context or meter()
    return context.protect(notification.encode(), AUTHENTICATED_ENCRYPTION, form)


@pytest.mark.parametrize("notification", [PUSH, EVENT])
def test_a_plain_push(notification: DataNotification | EventNotification) -> None:
    push = PushReader().read(notification.encode(), PEER)
    assert push is not None
    assert push.notification == notification
    assert (push.peer, push.title, push.protection) == (PEER, None, Protection.NONE)


@pytest.mark.parametrize("form", GENERAL)
@pytest.mark.parametrize("notification", [PUSH, EVENT])
def test_a_ciphered_push_says_who_sent_it(
    notification: DataNotification | EventNotification, form: CipheringForm
) -> None:
    head_end = HeadEnd()
    push = PushReader(head_end).read(protected(notification, form), PEER)
    assert push is not None
    assert push.notification == notification
    assert push.title == METER
    assert push.protection == AUTHENTICATED_ENCRYPTION
    assert not push.broadcast
    assert head_end.asked == [(METER, PEER)]


def test_an_event_under_the_services_own_tag_has_no_title() -> None:
    head_end = HeadEnd()
    push = PushReader(head_end).read(protected(EVENT, CipheringForm.GLOBAL), PEER)
    assert push is not None
    assert push.title == METER
    assert head_end.asked == [(None, PEER)]


@pytest.mark.parametrize("form", GENERAL)
def test_se_17_a_push_that_came_before_is_refused_on_any_connection(form: CipheringForm) -> None:
    head_end, sender = HeadEnd(), meter()
    first, second = (protected(PUSH, form, sender) for _ in range(2))
    assert PushReader(head_end).read(second, PEER) is not None
    for octets in (first, second):
        with pytest.raises(SecurityError) as refused:
            PushReader(head_end).read(octets, "10.9.9.9:1")
        assert refused.value.fault is SecurityFault.REPLAY
    assert PushReader(head_end).read(protected(PUSH, form, sender), PEER) is not None


def test_se_17_a_push_is_durably_counted_before_it_is_believed() -> None:
    head_end = HeadEnd()
    PushReader(head_end).read(protected(), PEER)
    assert head_end.settled == 1


def test_ten_thousand_forged_pushes_lock_no_genuine_one_out() -> None:
    head_end, reader = HeadEnd(), None
    forged = bytearray(protected(context=meter(first=0xFFFFFF00)))
    reader = PushReader(head_end)
    for number in range(10_000):
        forged[-1] = number & 0xFF
        forged[-2] = number >> 8 & 0xFF
        with pytest.raises(SecurityError) as refused:
            reader.read(bytes(forged), PEER)
        assert refused.value.fault is not SecurityFault.REPLAY
    assert reader.read(protected(), PEER) is not None


def test_a_meter_that_is_not_known_or_holds_another_key() -> None:
    with pytest.raises(SecurityError, match="no keys are known for pushes of 4d5452") as refused:
        PushReader().read(protected(), PEER)
    assert refused.value.fault is SecurityFault.UNKNOWN_TITLE
    other = SymmetricKeys(bytes(15) + b"\x01", bytes(16))
    with pytest.raises(SecurityError) as refused:
        PushReader(HeadEnd()).read(protected(context=meter(other)), PEER)
    assert refused.value.fault is SecurityFault.DECIPHERING


def test_a_plain_push_is_refused_where_all_are_ciphered() -> None:
    with pytest.raises(SecurityError) as refused:
        PushReader(HeadEnd(), plain=False).read(PUSH.encode(), PEER)
    assert refused.value.fault is SecurityFault.POLICY


def test_without_the_authentication_key_nothing_is_called_proven() -> None:
    push = PushReader(HeadEnd(unverified=True)).read(protected(), PEER)
    assert push is not None
    assert not push.protection & Protection.AUTHENTICATION


def test_a_push_in_blocks_is_joined() -> None:
    long = DataNotification(9, None, Data(Tag.OCTET_STRING, bytes(2000)))
    blocks = GeneralBlockTransfer(100, 65535, is_client=False)
    octets = blocks.send(protected(long), confirmed=False)
    assert len(octets) > 20
    reader = PushReader(HeadEnd())
    read = [reader.read(block, PEER) for block in octets]
    assert read[:-1] == [None] * (len(octets) - 1)
    assert read[-1] is not None
    assert read[-1].notification == long
    assert not reader.outgoing


def test_blocks_without_end_are_bounded() -> None:
    reader = PushReader()
    blocks = GeneralBlockTransfer(1000, 10**6, is_client=False)

    def feed() -> None:
        for block in blocks.send(bytes(200_000), confirmed=False):
            reader.read(block, PEER)

    with pytest.raises(RemoteProtocolError):
        feed()


@pytest.mark.parametrize(
    "octets", [b"", b"\x0f", b"\xe0", b"\xdb\x08", GetRequestNext(1, 1).encode()]
)
def test_what_is_no_push(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        PushReader(HeadEnd()).read(octets, PEER)


def test_a_request_in_an_envelope_is_no_push() -> None:
    octets = meter().protect(
        bytes.fromhex("c001c100030100010800ff0200"),
        AUTHENTICATED_ENCRYPTION,
        CipheringForm.GENERAL_GLOBAL,
    )
    with pytest.raises(DecodeError, match="only pushes are taken"):
        PushReader(HeadEnd()).read(octets, PEER)


@pytest.mark.parametrize(
    ("security", "proven"),
    [
        (Security.NONE, Protection.NONE),
        (Security.AUTHENTICATION_ENCRYPTION, AUTHENTICATED_ENCRYPTION),
    ],
)
def test_gurux_pushes_to_us(security: Security, proven: Protection) -> None:
    sender = GXDLMSSecureNotify(True, 1, 1, InterfaceType.WRAPPER)
    sender.ciphering.security = security
    sender.ciphering.systemTitle = METER
    sender.ciphering.blockCipherKey = KEYS.encryption
    sender.ciphering.authenticationKey = KEYS.authentication
    sender.settings.proposedConformance |= Conformance.GENERAL_PROTECTION
    body = GXByteBuffer()
    body.setHexString("020212000106000000FF")
    (message,) = sender.generateDataNotificationMessages(None, body)
    (frame,) = WrapperDecoder().feed(bytes(message))
    push = PushReader(HeadEnd()).read(frame.apdu, PEER)
    assert push is not None
    assert push.protection == proven
    values = (Data(Tag.LONG_UNSIGNED, 1), Data(Tag.DOUBLE_LONG_UNSIGNED, 255))
    assert push.notification.body == Data(Tag.STRUCTURE, values)  # type: ignore[union-attr]


def test_se_12_a_push_whose_tag_was_cut_off_is_refused() -> None:
    """Who holds one up could alter its text, if it were then believed as encrypted only."""
    genuine = protected()
    head, length, rest = genuine[:10], genuine[10], genuine[11:]
    assert length == len(rest)
    altered = bytes((0x20,)) + rest[1:-13] + bytes((rest[-13] ^ 1,))
    forged = head + bytes((len(altered),)) + altered
    head_end = HeadEnd()
    with pytest.raises(SecurityError, match="without a tag") as caught:
        PushReader(head_end).read(forged, PEER)
    assert caught.value.fault is SecurityFault.POLICY
    assert PushReader(head_end).read(genuine, PEER) is not None
