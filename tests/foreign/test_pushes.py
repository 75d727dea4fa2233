"""Our pushes as gurux-dlms and dlms-cosem read them, and those of gurux-dlms as we do."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from gurux_dlms import GXByteBuffer, GXDLMSTranslator, GXReplyData
from gurux_dlms.enums import (
    Authentication,
    Conformance,
    DataType,
    InterfaceType,
    Security,
    TranslatorOutputType,
)
from gurux_dlms.objects import GXDLMSRegister
from gurux_dlms.objects.enums import SecuritySuite as TheirSuite
from gurux_dlms.secure import GXDLMSSecureClient, GXDLMSSecureNotify

from addad import obis
from addad.cosem.classes import Data as DataClass
from addad.cosem.classes import Register
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.unnumbered import Unnumbered, UnnumberedReader, encode_unnumbered
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.dlms.types import DateTimeOctets
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.net.push_reader import PushReader, ReceivedPush
from foreign.cells import BOTH, CLIENT, COSEM, GURUX, SERVER, TRANSLATOR, cell
from foreign.secured_device import CLIENT_TITLE, METER_TITLE, made_key, symmetric_keys

NOW = datetime(2026, 5, 10, 13, 7, 13, tzinfo=UTC)
BODY = Data(
    Tag.STRUCTURE, (Data(Tag.LONG_UNSIGNED, 513), Data(Tag.OCTET_STRING, b"\1\2\3\4\5\6\7"))
)
READ = [513, b"\1\2\3\4\5\6\7"]
PUSH = DataNotification(0x1234, DateTime.from_datetime(NOW), BODY)
PEER = "192.0.2.1:4059"


def _security(title: bytes, peer: bytes, suite: int) -> SecurityContext:
    keys = symmetric_keys(suite)
    return SecurityContext(SecuritySuite(suite), title, peer, keys, VolatileCounters())


def _reader(interface: InterfaceType, suite: int) -> Any:
    client = GXDLMSSecureClient(True, 1, 1, Authentication.NONE, None, interface)
    cipher = client.ciphering
    cipher.security = Security.AUTHENTICATION_ENCRYPTION
    cipher.securitySuite = TheirSuite(suite)
    cipher.systemTitle = CLIENT_TITLE
    cipher.blockCipherKey = made_key("encryption", suite)
    cipher.authenticationKey = made_key("authentication", suite)
    client.settings.sourceSystemTitle = METER_TITLE
    return client


FORMS = [
    (None, 0),
    (CipheringForm.GENERAL_GLOBAL, 0),
    (CipheringForm.GENERAL_GLOBAL, 1),
    (CipheringForm.GENERAL_GLOBAL, 2),
]


def _pushes(ours: str, transport: str, service: str = "DataNotification") -> Any:
    return pytest.mark.parametrize(
        ("form", "suite"),
        [
            pytest.param(
                form,
                suite,
                marks=cell(
                    GURUX,
                    ours,
                    services=(service,),
                    transport=transport,
                    suite=None if form is None else suite,
                    protections=() if form is None else ("general-glo",),
                ),
                id="plain" if form is None else f"suite-{suite}",
            )
            for form, suite in FORMS
        ],
    )


def _protected(form: CipheringForm | None, suite: int, octets: bytes) -> bytes:
    if form is None:
        return octets
    security = _security(METER_TITLE, CLIENT_TITLE, suite)
    return security.protect(octets, AUTHENTICATED_ENCRYPTION, form)


@_pushes(SERVER, "TCP wrapper")
def test_gurux_reads_our_push(form: CipheringForm | None, suite: int) -> None:
    octets = _protected(form, suite, PUSH.encode())
    reply, notice = GXReplyData(), GXReplyData()
    frame = WrapperFrame(1, 1, octets).encode()
    _reader(InterfaceType.WRAPPER, suite).getData(GXByteBuffer(frame), reply, notice)
    assert notice.value == READ
    assert notice.time.value == NOW


@_pushes(SERVER, "HDLC UI frames")
def test_gurux_reads_our_push_in_ui_frames(form: CipheringForm | None, suite: int) -> None:
    octets = _protected(form, suite, PUSH.encode())
    frame = encode_unnumbered(Unnumbered(Address(1), Address(1), octets))
    reply, notice = GXReplyData(), GXReplyData()
    _reader(InterfaceType.HDLC, suite).getData(GXByteBuffer(frame), reply, notice)
    assert notice.value == READ


@cell(COSEM, SERVER, services=("DataNotification",))
def test_dlms_cosem_reads_our_push() -> None:
    from dlms_cosem.protocol.xdlms import DataNotification as Theirs
    from dlms_cosem.utils import parse_as_dlms_data

    read = Theirs.from_bytes(PUSH.encode())
    assert read.long_invoke_id_and_priority.long_invoke_id == 0x1234
    assert parse_as_dlms_data(read.body) == READ


@cell(COSEM, SERVER, services=("DataNotification",), suite=0, protections=("general-glo",))
def test_dlms_cosem_opens_our_envelope() -> None:
    from dlms_cosem.protocol.xdlms import DataNotification as Theirs
    from dlms_cosem.protocol.xdlms import GeneralGlobalCipher

    octets = _protected(CipheringForm.GENERAL_GLOBAL, 0, PUSH.encode())
    sealed = GeneralGlobalCipher.from_bytes(octets)
    assert sealed.system_title == METER_TITLE
    plain = sealed.to_plain_apdu(made_key("encryption"), made_key("authentication"))
    assert Theirs.from_bytes(plain).body == BODY_OCTETS


BODY_OCTETS = PUSH.encode()[-len("0202120201090701020304050607") // 2 :]


@cell(TRANSLATOR, SERVER, services=("EventNotification",))
def test_gurux_reads_our_event() -> None:
    event = EventNotification(
        DateTime.from_datetime(NOW), DataClass.value.of(obis.ALARM_FILTER_1), Data(Tag.UNSIGNED, 7)
    )
    xml = str(GXDLMSTranslator(TranslatorOutputType.SIMPLE_XML).pduToXml(event.encode()))
    root = ElementTree.fromstring(xml)
    said = {one.tag: one.get("Value") for one in root.iter()}
    assert root.tag == "EventNotificationRequest"
    assert said["InstanceId"] == bytes(obis.ALARM_FILTER_1).hex().upper()
    assert (said["ClassId"], said["AttributeId"], said["UInt8"]) == ("0001", "02", "07")
    assert said["Time"] == DateTimeOctets.encode(event.moment)[2:].hex().upper()


def _notifier(interface: InterfaceType, form: CipheringForm | None, suite: int) -> Any:
    sender = GXDLMSSecureNotify(True, 1, 1, interface)
    cipher = sender.ciphering
    cipher.security = Security.NONE if form is None else Security.AUTHENTICATION_ENCRYPTION
    cipher.securitySuite = TheirSuite(suite)
    cipher.systemTitle = METER_TITLE
    cipher.blockCipherKey = made_key("encryption", suite)
    cipher.authenticationKey = made_key("authentication", suite)
    sender.settings.proposedConformance |= Conformance.GENERAL_PROTECTION
    return sender


def _taken(octets: bytes, suite: int) -> ReceivedPush | None:
    security = _security(CLIENT_TITLE, METER_TITLE, suite)
    return PushReader(lambda _title, _peer: security).read(octets, PEER)


@_pushes(CLIENT, "TCP wrapper")
def test_we_read_the_push_of_gurux(form: CipheringForm | None, suite: int) -> None:
    body = GXByteBuffer()
    body.setHexString(BODY_OCTETS.hex())
    sender = _notifier(InterfaceType.WRAPPER, form, suite)
    (message,) = sender.generateDataNotificationMessages(NOW, body)
    (frame,) = WrapperDecoder().feed(bytes(message))
    push = _taken(frame.apdu, suite)
    assert push is not None
    assert isinstance(push.notification, DataNotification)
    assert push.notification.body == BODY
    assert push.notification.moment.to_datetime() == NOW
    expected = Protection.NONE if form is None else AUTHENTICATED_ENCRYPTION
    assert push.protection == expected


@_pushes(CLIENT, "HDLC UI frames")
def test_we_read_the_push_of_gurux_in_ui_frames(form: CipheringForm | None, suite: int) -> None:
    body = GXByteBuffer()
    body.setHexString(BODY_OCTETS.hex())
    sender = _notifier(InterfaceType.HDLC, form, suite)
    messages = sender.generateDataNotificationMessages(None, body)
    reader = UnnumberedReader()
    read = [reader.take(one) for m in messages for one in FrameDecoder().feed(bytes(m))]
    push = _taken(read[-1].apdu, suite)
    assert push is not None
    assert isinstance(push.notification, DataNotification)
    assert push.notification.body == BODY


@cell(
    GURUX,
    CLIENT,
    services=("EventNotification",),
    transport="TCP wrapper",
    note="it writes 09 0C before the time, where 01 0C is due; both are read",
)
@pytest.mark.parametrize("when", [None, NOW], ids=["no time", "time"])
def test_we_read_the_event_of_gurux(when: datetime | None) -> None:
    sender = _notifier(InterfaceType.WRAPPER, None, 0)
    register = GXDLMSRegister(obis.ACTIVE_ENERGY_IMPORT.dotted)
    register.value = 4711
    register.setDataType(2, DataType.UINT32)
    (message,) = sender.generateReport(when, [(register, 2)])
    (frame,) = WrapperDecoder().feed(bytes(message))
    push = _taken(frame.apdu, 0)
    assert push is not None
    assert isinstance(push.notification, EventNotification)
    assert push.notification.descriptor == Register.value.of(obis.ACTIVE_ENERGY_IMPORT)
    assert push.notification.value == Data(Tag.DOUBLE_LONG_UNSIGNED, 4711)


@cell(
    GURUX,
    BOTH,
    services=("DataNotification", "general block transfer"),
    transport="TCP wrapper",
    suite=1,
    protections=("general-glo",),
)
def test_a_long_push_of_gurux_comes_in_blocks() -> None:
    body = GXByteBuffer()
    body.setHexString("0982012C" + "A5" * 300)
    sender = _notifier(InterfaceType.WRAPPER, CipheringForm.GENERAL_GLOBAL, 1)
    sender.conformance |= Conformance.GENERAL_BLOCK_TRANSFER
    sender.maxReceivePDUSize = 100
    messages = sender.generateDataNotificationMessages(None, body)
    assert len(messages) > 2
    reader = PushReader(lambda _title, _peer: _security(CLIENT_TITLE, METER_TITLE, 1))
    push = None
    for message in messages:
        for frame in WrapperDecoder().feed(bytes(message)):
            push = reader.read(frame.apdu, PEER)
    assert push is not None
    assert isinstance(push.notification, DataNotification)
    assert push.notification.body == Data(Tag.OCTET_STRING, b"\xa5" * 300)
