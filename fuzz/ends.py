"""Whole ends as targets: what a hostile peer may send to a client and to a meter, in any order."""

from __future__ import annotations

from targets import pieces, security_context, target

from addad import obis
from addad.cosem.classes import Data, Register
from addad.cosem.cosem_object import CosemObject
from addad.cosem.hdlc_server import HdlcEndpoint
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.cosem.server import ServerEndpoint
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.connection import (
    ActionIndication,
    AssociationParameters,
    ClientConnection,
    GetIndication,
    ServerConnection,
    ServerParameters,
    SetIndication,
)
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.frame import Frame
from addad.dlms.hdlc.link import Link
from addad.dlms.hdlc.terms import Connected, LinkRole
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, SecuritySuite
from addad.dlms.types import DoubleLongUnsigned
from addad.dlms.wrapper import WrapperFrame
from addad.errors import DecodeError, LocalProtocolError, RemoteProtocolError

ENERGY = AttributeDescriptor(3, obis.ACTIVE_ENERGY_IMPORT, 2)
PASSWORD = b"fuzz"
WRITTEN: list[int] = []


def _device() -> PhysicalDevice:
    value = Register.value.typed(DoubleLongUnsigned)
    threshold = Data.value.typed(DoubleLongUnsigned)
    objects = [
        CosemObject(Register, obis.ACTIVE_ENERGY_IMPORT, value.reads(lambda: 1)),
        CosemObject(Data, obis.DEVICE_ID_1, threshold.reads(lambda: 2), threshold.writes(_write)),
    ]
    associations = usual_associations(reader_password=PASSWORD, management_password=PASSWORD)
    return PhysicalDevice([LogicalDevice(b"ADDFUZZ000000001", objects, associations)])


def _write(number: int) -> None:
    WRITTEN.append(number)


DEVICE = _device()


@target
def client(octets: bytes) -> None:
    """What a server may send to a client, plain or ciphered; lengths cut the input into APDUs."""
    ciphered = bool(octets[:1] and octets[0] & 1)
    asked = AssociationParameters(
        1,
        mechanism=Mechanism.HIGH_GMAC if ciphered else Mechanism.NONE,
        security=security_context(SecuritySuite.SUITE_0, of_client=True) if ciphered else None,
        challenge=bytes(range(16)),
    )
    connection = ClientConnection(asked)
    connection.associate()
    for piece in pieces(octets[1:]):
        try:
            connection.receive(piece)
        except RemoteProtocolError:
            return
        try:
            connection.get([ENERGY])
        except LocalProtocolError:
            continue


@target
def server(octets: bytes) -> None:
    """What clients may send to a meter, in wrapper frames from several client SAPs."""
    WRITTEN.clear()
    endpoint = ServerEndpoint(DEVICE)
    named = False
    for piece in pieces(octets):
        sap = (16, 2, 1, 102, 9)[piece[0] % 5] if piece else 16
        named = named or PASSWORD in piece
        endpoint.receive(WrapperFrame(sap, 1, piece[1:] or b"\0").encode())
        while endpoint.answer() is not None:
            pass
    endpoint.close()
    if WRITTEN and not named:
        raise AssertionError("somebody wrote without a password")


@target
def server_octets(octets: bytes) -> None:
    """What comes on a meter's connection that need not even be frames."""
    endpoint = ServerEndpoint(DEVICE)
    try:
        endpoint.receive(octets)
        while endpoint.answer() is not None:
            pass
    except DecodeError:
        return
    finally:
        endpoint.close()


@target
def server_ciphered(octets: bytes) -> None:
    """A ciphered association: pieces as they come, or in an envelope that a key holder made."""
    holder = security_context(SecuritySuite.SUITE_0, of_client=True)
    end = ServerConnection(
        ServerParameters(
            mechanism=Mechanism.NONE,
            security=security_context(SecuritySuite.SUITE_0),
            ciphered=True,
            required=AUTHENTICATED_ENCRYPTION,
        )
    )
    asking = ClientConnection(AssociationParameters(1, security=holder))
    for apdu in asking.associate():
        if end.receive(apdu) is not None:
            end.respond_associate()
    for piece in pieces(octets):
        sent = piece[1:]
        if sent and piece[0] & 1:
            sent = holder.protect(sent, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL)
        indication = end.receive(sent)
        if isinstance(indication, GetIndication):
            end.respond_get([b"\x11\x01"] * len(indication.descriptors))
        elif isinstance(indication, SetIndication):
            end.respond_set([DataAccessResult.SUCCESS] * len(indication.items))
        elif isinstance(indication, ActionIndication):
            end.respond_action([(ActionResult.SUCCESS, None)] * len(indication.items))
        elif indication is not None:
            end.abort()


@target
def hdlc_server(octets: bytes) -> None:
    """What comes on a meter's HDLC line; nothing of it may be an exception."""
    now_s = [0.0]
    endpoint = HdlcEndpoint(DEVICE, lambda: now_s[0])
    for piece in pieces(octets):
        now_s[0] += 0.1
        endpoint.receive(piece)
        while endpoint.answer() is not None:
            pass
        endpoint.tick()
    endpoint.close()


@target
def hdlc_client(octets: bytes) -> None:
    """What a meter may send on a client's HDLC link, well framed: control and information."""
    local, remote = Address.client(16), Address.server(1, 17)
    link = Link(LinkRole.CLIENT, local, remote)
    link.connect(clear=bool(octets[:1] and octets[0] & 1))
    for now_s, piece in enumerate(pieces(octets[1:])):
        link.output(float(now_s))
        if not piece:
            link.tick(float(now_s))
            continue
        try:
            frame = Frame(local, remote, piece[0], piece[1:])
            for outcome in link.receive(frame, float(now_s)):
                if isinstance(outcome, Connected):
                    link.send(b"\xc0\x01\xc1")
        except RemoteProtocolError:
            continue
