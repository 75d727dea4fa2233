"""Security setup by the client of gurux-dlms: new keys, key pairs, requests, certificates."""

from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from gurux_dlms.asn import GXAsn1Converter
from gurux_dlms.objects import GXDLMSSecuritySetup
from gurux_dlms.objects.enums import CertificateType, GlobalKeyType, SecurityPolicy

from addad.dlms.acse import Mechanism
from addad.dlms.security.certificate_authority import CertificateRequest
from addad.dlms.security.certificates import Certificate, CertificateUse
from addad.obis import Obis
from foreign.cells import GURUX, SERVER, cell
from foreign.gurux_secure import GuruxSecureClient, gurux
from foreign.secured_device import (
    CLIENT_TITLE,
    METER_TITLE,
    NOW,
    SecuredMeter,
    authority,
    certificate,
    made_key,
    setup_name,
)
from net.served_meter import served

NO_READER = (
    "its readers of certificates and requests fail on a critical key usage and on an attribute; "
    "its reader of ASN.1 serves"
)
SIGNATURE = CertificateUse.SIGNATURE
NEW = made_key("a new one")


def _cell(service: str, suite: int, note: str = "") -> Any:
    return cell(
        GURUX,
        SERVER,
        services=(service,),
        transport="TCP wrapper",
        mechanism=Mechanism.HIGH_GMAC,
        suite=suite,
        protections=("glo",),
        note=note,
    )


def _setup(suite: int) -> Any:
    return GXDLMSSecuritySetup(setup_name(suite).dotted)


def _asked(request: bytes) -> tuple[str, bytes]:
    """Subject and public key of a request, by their reader of ASN.1."""
    about = GXAsn1Converter.fromByteArray(request)[0]
    return GXAsn1Converter.getSubject(about[1]), bytes(about[2][1].value)


def _read(client: GuruxSecureClient, suite: int, index: int) -> Any:
    return client.get("GXDLMSSecuritySetup", Obis.parse(str(setup_name(suite))), index)


@pytest.mark.parametrize("suite", [pytest.param(n, marks=_cell("key transfer", n)) for n in (0, 1)])
def test_keys_wrapped_by_their_client(suite: int) -> None:
    meter = SecuredMeter()
    transfers = [(GlobalKeyType.UNICAST_ENCRYPTION, NEW), (GlobalKeyType.AUTHENTICATION, NEW[::-1])]
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, suite) as client,
    ):
        master = made_key("master", suite)
        client.request(_setup(suite).globalKeyTransfer(client.core, master, transfers))
        keys = meter.setups[suite].material.keys
        assert (keys.encryption, keys.authentication) == (NEW, NEW[::-1])
        assert keys.broadcast == made_key("broadcast", suite)
        with pytest.raises(PermissionError, match="3"):
            client.request(_setup(suite).globalKeyTransfer(client.core, NEW, transfers))


@_cell("key transfer", 2, "its wrapping takes keys of 16 octets; the test wraps those of 32")
def test_longer_keys_wrapped_with_its_request() -> None:
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap
    from gurux_dlms.enums import DataType

    fresh = made_key("a new one", 2)
    wrapped = aes_key_wrap(made_key("master", 2), fresh)
    body = b"\1\1\2\2\x16\0\x09" + bytes((len(wrapped),)) + wrapped
    meter = SecuredMeter()
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, 2) as client,
    ):
        client.request(client.core.method(_setup(2), 2, body, DataType.ARRAY))
    assert meter.setups[2].material.keys.encryption == fresh


@pytest.mark.parametrize(
    "suite", [pytest.param(n, marks=_cell("certificates", n, NO_READER)) for n in (1, 2)]
)
def test_a_key_pair_from_its_request_to_its_certificate(suite: int) -> None:
    """Their client asks for a new key pair, reads the request, and gives the certificate."""
    meter = SecuredMeter()
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, suite) as client,
    ):
        purpose = CertificateType.DIGITAL_SIGNATURE
        client.request(_setup(suite).generateKeyPair(client.core, purpose))
        request = bytes(
            client.request(_setup(suite).generateCertificate(client.core, purpose)).value
        )
        subject, point = _asked(request)
        assert METER_TITLE.hex() in subject.lower()
        issued = authority(suite).issue(
            CertificateRequest.read(request), SIGNATURE, 99, NOW, NOW.replace(year=2030)
        )
        assert point in issued
        parsed = SimpleNamespace(encoded=issued)
        client.request(_setup(suite).importCertificate(client.core, parsed))
        listed = _read(client, suite, 6).certificates
    material = meter.setups[suite].material
    assert material.certificate_of(0, SIGNATURE) == issued
    own = material.private_keys[SIGNATURE].public_key().public_numbers()
    assert x509.load_der_x509_certificate(issued).public_key().public_numbers() == own
    assert len(listed) == len(material.certificates)


@pytest.mark.parametrize(
    "suite", [pytest.param(n, marks=_cell("certificates", n, NO_READER)) for n in (1, 2)]
)
def test_certificates_are_exported_and_removed(suite: int) -> None:
    meter = SecuredMeter()
    setup, client_entity, signature = _setup(suite), 1, 0
    own = certificate("client", SIGNATURE, suite)
    known = Certificate.read(own)
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, suite) as client,
    ):
        core = client.core
        by_entity = setup.exportCertificateByEntity(core, client_entity, signature, CLIENT_TITLE)
        exported = bytes(client.request(by_entity).value)
        assert exported == own
        subject = GXAsn1Converter.getSubject(GXAsn1Converter.fromByteArray(exported)[0][5])
        assert CLIENT_TITLE.hex() in subject.lower()
        serial = int.from_bytes(known.serial, "big")
        by_serial = setup.exportCertificateBySerial(core, serial, known.issuer)
        assert bytes(client.request(by_serial).value) == own
        named = (client_entity, signature, CLIENT_TITLE)
        client.request(setup.removeCertificateByEntity(core, *named))
        with pytest.raises(PermissionError):
            client.request(setup.removeCertificateByEntity(core, *named))
    held = [octets for _, _, octets in meter.setups[suite].material.certificates]
    assert own not in held


@_cell("ACTION normal", 1)
def test_a_policy_is_strengthened() -> None:
    meter = SecuredMeter()
    stronger = SecurityPolicy.AUTHENTICATED_REQUEST | SecurityPolicy.ENCRYPTED_REQUEST
    with (
        served(meter.physical_device) as port,
        gurux(port, Mechanism.HIGH_GMAC, 1) as client,
    ):
        client.request(_setup(1).activate(client.core, int(stronger)))
        assert meter.setups[1].material.policy == int(stronger)
        setup = _read(client, 1, 2)
        assert int(setup.securityPolicy) == int(stronger)
        with pytest.raises(PermissionError, match="3"):
            client.request(_setup(1).activate(client.core, 0))
