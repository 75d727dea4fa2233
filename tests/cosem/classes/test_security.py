"""Security setup: policies, keys and certificates in both versions."""

import pytest

from addad.cosem.classes import security as s
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def test_policies_of_both_versions() -> None:
    old, new = s.SecuritySetupV0.security_policy.type, s.SecuritySetup.security_policy.type
    assert old.decode(b"\x16\x03") is s.SecurityPolicyV0.AUTHENTICATED_AND_ENCRYPTED
    both = s.SecurityPolicy.AUTHENTICATED_REQUEST | s.SecurityPolicy.ENCRYPTED_RESPONSE
    assert new.encode(both) == b"\x16\x44"
    assert new.decode(b"\x16\x00") is s.SecurityPolicy.NOTHING
    for kind, code in ((old, 4), (new, 3), (new, 1)):
        with pytest.raises(DecodeError):
            kind.decode(bytes((0x16, code)))


def test_only_version_1_transfers_the_master_key() -> None:
    wire = octets("0101 0202 1603 0902aabb")
    new = s.SecuritySetup.key_transfer.parameter
    assert new.decode(wire) == (s.KeyTransfer(s.TransferredKey.MASTER, b"\xaa\xbb"),)
    assert new.encode(new.decode(wire)) == wire
    with pytest.raises(DecodeError):
        s.SecuritySetupV0.key_transfer.parameter.decode(wire)


def test_key_agreement_returns_what_it_takes() -> None:
    method = s.SecuritySetup.key_agreement
    offers = (s.KeyAgreement(s.TransferredKey.GLOBAL_UNICAST_ENCRYPTION, b"q" * 128),)
    assert method.result is not None
    assert method.result.decode(method.parameter.encode(offers)) == offers


def test_a_certificate_by_entity_and_by_serial() -> None:
    by_entity = s.CertificateByEntity(
        s.CertificateEntity.CLIENT, s.CertificateType.KEY_AGREEMENT, b"CLIENT01"
    )
    by_serial = s.CertificateBySerial(b"\x01", b"CN=CA")
    entity = s.CertificateByEntityType.to_data(by_entity)
    serial = s.CertificateBySerialType.to_data(by_serial)
    kinds = s.CertificateIdentificationType
    kind = s.SecuritySetup.export_certificate.parameter
    for named in (
        s.CertificateIdentification(kinds.ENTITY, entity),
        s.CertificateIdentification(kinds.SERIAL, serial),
    ):
        assert kind.decode(kind.encode(named)) == named
    wire = octets("0202 1600 0203 1601 1601 0908") + b"CLIENT01"
    assert kind.encode(s.CertificateIdentification(kinds.ENTITY, entity)) == wire
    assert s.CertificateBySerialType.from_data(serial) == by_serial


def test_a_list_of_certificates() -> None:
    kind = s.SecuritySetup.certificates.type
    held = s.CertificateInfo(
        s.CertificateEntity.SERVER, s.CertificateType.DIGITAL_SIGNATURE, b"\x01", b"i", b"s", b""
    )
    assert kind.encode((held,)) == octets("0101 0206 1600 1600 090101 090169 090173 0900")
    assert kind.decode(kind.encode((held,))) == (held,)


def test_suites_and_titles() -> None:
    assert s.SecuritySetup.security_suite.type.decode(b"\x16\x02") is SecuritySuite.SUITE_2
    assert s.SecuritySetup.client_system_title.type.decode(b"\x09\x00") == b""
    with pytest.raises(DecodeError):
        s.SecuritySetup.server_system_title.type.decode(b"\x09\x07MMMMMMM")
