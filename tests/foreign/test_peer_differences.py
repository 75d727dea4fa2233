"""What the page says of the peers is so in these versions.

Where a peer gains one of these, a cell is to be made of it. Each stands between a peer and a cell,
or is what a test has to go around.
"""

from typing import Any

import pytest
from gurux_dlms import GXByteBuffer, GXDLMSServer, GXDLMSTranslator
from gurux_dlms.AesGcmParameter import AesGcmParameter
from gurux_dlms.asn import GXPkcs10, GXx509Certificate
from gurux_dlms.ecdsa.GXEcdsa import GXEcdsa
from gurux_dlms.ecdsa.GXPrivateKey import GXPrivateKey
from gurux_dlms.enums import (
    AccessMode3,
    Authentication,
    InterfaceType,
    Security,
    TranslatorOutputType,
)
from gurux_dlms.GXDLMSChippering import GXDLMSChippering
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.GXServerReply import GXServerReply
from gurux_dlms.internal._GXCommon import _GXCommon
from gurux_dlms.internal._GXDataInfo import _GXDataInfo
from gurux_dlms.objects import GXDLMSAssociationLogicalName, GXDLMSSecuritySetup
from gurux_dlms.objects.enums import GlobalKeyType
from gurux_dlms.secure import GXDLMSSecureClient

from addad.dlms.security.certificate_authority import request_certificate
from addad.dlms.security.certificates import CertificateUse
from addad.dlms.security.context import GeneralOptions
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    certificate,
    made_key,
    our_client,
    private,
)

GET = bytes.fromhex("C001C100030100010800FF0200")


def test_gurux_has_no_server_that_runs() -> None:
    """Not even its own first step, and past that not the first AARQ."""
    server = GXDLMSServer(True, InterfaceType.WRAPPER)
    server.items.append(GXDLMSAssociationLogicalName())
    with pytest.raises(TypeError):
        server.initialize()
    aarq = "000100100001001F 601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0"
    with pytest.raises(AttributeError):
        server.handleRequest(GXServerReply(bytearray.fromhex(aarq)))


@pytest.mark.parametrize(
    "kind",
    [KeyInfoKind.IDENTIFIED, KeyInfoKind.WRAPPED, KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC],
)
def test_neither_peer_reads_general_ciphering(kind: KeyInfoKind) -> None:
    from dlms_cosem.connection import XDlmsApduFactory

    octets = our_client(1).protect(
        GET,
        AUTHENTICATED_ENCRYPTION,
        CipheringForm.GENERAL_CIPHERING,
        general=GeneralOptions(kind),
    )
    parameters = AesGcmParameter(
        0, CLIENT_TITLE, made_key("encryption", 1), made_key("authentication", 1)
    )
    settings = GXDLMSSettings(True, None)
    with pytest.raises((AttributeError, ValueError)):
        GXDLMSChippering.decryptAesGcm(settings, parameters, GXByteBuffer(octets))
    with pytest.raises(Exception, match=r"(?i)apdu|221|key"):
        XDlmsApduFactory.apdu_from_bytes(octets)


def test_neither_peer_reads_general_signing() -> None:
    from dlms_cosem.connection import XDlmsApduFactory

    octets = our_client(1).protect(GET, Protection.SIGNATURE, CipheringForm.GENERAL_SIGNING)
    with pytest.raises(Exception, match=r"(?i)apdu|223|key"):
        XDlmsApduFactory.apdu_from_bytes(octets)
    xml = GXDLMSTranslator(TranslatorOutputType.SIMPLE_XML).pduToXml(octets)
    assert xml.startswith("<Data=")  # octets that it does not know


def test_gurux_cannot_ask_for_a_key_agreement() -> None:
    client: Any = GXDLMSSecureClient(True, 1, 1, Authentication.NONE, None, InterfaceType.WRAPPER)
    client.ciphering.ephemeralKeyPair = (None, None)
    with pytest.raises(AttributeError):
        GXDLMSSecuritySetup().keyAgreement(client, GlobalKeyType.UNICAST_ENCRYPTION)


def test_gurux_has_no_p384() -> None:
    scalar = private("client SIGNATURE", 2).private_numbers().private_value.to_bytes(48, "big")
    with pytest.raises(ValueError, match="scheme"):
        GXEcdsa(GXPrivateKey.fromRawBytes(scalar)).sign(b"x")


def test_gurux_reads_no_certificate_of_ours() -> None:
    with pytest.raises(TypeError):
        GXx509Certificate(certificate("meter", CertificateUse.SIGNATURE, 1))
    with pytest.raises(TypeError):
        GXPkcs10(request_certificate(private("meter SIGNATURE", 1), METER_TITLE))


@pytest.mark.parametrize("octets", ["1CFF", "21FFFFFFFF"])
def test_no_peer_knows_delta_types(octets: str) -> None:
    from dlms_cosem.utils import parse_as_dlms_data

    buffer = GXByteBuffer(bytes.fromhex(octets))
    with pytest.raises(ValueError, match="Invalid"):
        _GXCommon.getData(GXDLMSSettings(False, None), buffer, _GXDataInfo())
    with pytest.raises(Exception, match=r"(?s).*"):
        parse_as_dlms_data(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "octets",
    [
        "C105C10100030100010800FF02000100000001020100",
        "C302C100000003",
        "C303C1010046000060030AFF01010F00",
        "C306C101000000020100",
        "C702C10100000001020000",
        "C703C1020000FA00",
        "D8010600000100",
    ],
)
def test_what_the_translator_does_not_read(octets: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        GXDLMSTranslator(TranslatorOutputType.SIMPLE_XML).pduToXml(bytes.fromhex(octets))


def test_gurux_compares_no_tag_and_dlms_cosem_does() -> None:
    from dlms_cosem.exceptions import DecryptionError
    from dlms_cosem.protocol.xdlms import GeneralGlobalCipher

    octets = our_client(0).protect(GET, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL)
    forged = octets[:-1] + bytes((octets[-1] ^ 1,))
    keys = made_key("encryption"), made_key("authentication")
    parameters = AesGcmParameter(0, CLIENT_TITLE, *keys)
    settings = GXDLMSSettings(True, None)
    opened = GXDLMSChippering.decryptAesGcm(settings, parameters, GXByteBuffer(forged))
    assert bytes(opened) == GET
    with pytest.raises(DecryptionError):
        GeneralGlobalCipher.from_bytes(forged).to_plain_apdu(*keys)


def test_gurux_writes_the_length_of_an_aarq_in_one_octet() -> None:
    client: Any = GXDLMSSecureClient(
        True, 1, 1, Authentication.HIGH_GMAC, None, InterfaceType.WRAPPER
    )
    client.ctoSChallenge = bytes(64)
    client.ciphering.security = Security.AUTHENTICATION_ENCRYPTION
    (frame,) = client.aarqRequest()
    aarq = bytes(frame)[8:]
    assert len(aarq) > 129
    assert aarq[1] == len(aarq) - 2  # 81 and then the length would be due


def test_gurux_knows_some_sums_of_access_rights_only() -> None:
    assert AccessMode3(0x01)
    with pytest.raises(ValueError, match="not a valid"):
        AccessMode3(0x6E)
