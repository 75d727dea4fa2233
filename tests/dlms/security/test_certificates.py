"""Certificates: whose key it is, what for, who issued it, and how one is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from addad.dlms.security.certificate_authority import (
    CertificateAuthority,
    CertificateRequest,
    request_certificate,
)
from addad.dlms.security.certificates import (
    CERTIFICATE_MAX,
    Certificate,
    CertificateEntity,
    CertificateUse,
    EntityIdentification,
    SerialIdentification,
    title_alternative,
    title_name,
)
from addad.dlms.security.signatures import read_private_key
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, SecurityError, SecurityFault

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FROM, TO = NOW - timedelta(days=1), NOW + timedelta(days=3650)
TITLE = bytes.fromhex("4D4D4D0000BC614E")
SUITE = SecuritySuite.SUITE_1
ROOT_KEY = read_private_key(SUITE, bytes(range(1, 33)))
KEY = read_private_key(SUITE, bytes(range(2, 34)))
ROOT = CertificateAuthority.root(ROOT_KEY, "Root", 7, FROM, TO)
REQUEST = CertificateRequest.read(request_certificate(KEY, TITLE))
DER = ROOT.issue(REQUEST, CertificateUse.SIGNATURE, 0x8123, FROM, TO)


def usage(signature: bool, agreement: bool = False, critical: bool = True) -> tuple:
    return x509.KeyUsage(
        signature, False, False, False, agreement, False, False, False, False
    ), critical


def made(subject: x509.Name, *extensions: tuple, key: object = KEY) -> bytes:
    """A certificate of the root's with these extensions, whatever they are."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ROOT.certificate.parsed.subject)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(FROM)
        .not_valid_after(TO)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(ROOT_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def plain(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def test_what_was_issued_is_read_and_verified() -> None:
    certificate = Certificate.read(DER)
    assert (certificate.title, certificate.use) == (TITLE, CertificateUse.SIGNATURE)
    assert certificate.public_key == KEY.public_key()
    assert certificate.serial == b"\x81\x23"
    assert certificate.der == DER
    assert not certificate.authority
    assert certificate.issuer == ROOT.certificate.subject
    assert TITLE in certificate.alternative_name
    certificate.verify(ROOT.certificate, NOW)
    certificate.need(CertificateUse.SIGNATURE, SUITE)
    ROOT.certificate.verify(ROOT.certificate, NOW)


def test_a_title_in_the_common_name_alone_or_in_the_alternative_alone() -> None:
    one = Certificate.read(made(title_name(TITLE), usage(True)))
    other = Certificate.read(made(plain("meter"), usage(True), (title_alternative(TITLE), False)))
    assert one.title == other.title == TITLE
    assert one.alternative_name == b""


@pytest.mark.parametrize(
    "der",
    [
        made(plain("meter"), usage(True)),
        made(title_name(TITLE)),
        made(title_name(TITLE), usage(True, critical=False)),
        made(title_name(TITLE), usage(True), (title_alternative(b"ABCDEFGH"), False)),
        made(title_name(TITLE), usage(True), key=ec.derive_private_key(3, ec.SECP521R1())),
        made(
            title_name(TITLE),
            usage(True),
            key=ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
        ),
        made(
            title_name(TITLE),
            usage(True),
            (
                x509.SubjectAlternativeName(
                    [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4"), b"\x30\x01\x00")]
                ),
                False,
            ),
        ),
        made(
            title_name(TITLE),
            usage(True),
            (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True),
        ),
        b"",
        b"\x30\x80",
        DER[:-1],
        DER + b"\0",
        bytes(CERTIFICATE_MAX + 1),
    ],
    ids=[
        "no title",
        "no usage",
        "usage not critical",
        "two titles",
        "another curve",
        "no curve",
        "no module name",
        "an unknown limit",
        "nothing",
        "indefinite",
        "truncated",
        "trailing",
        "too long",
    ],
)
def test_what_is_no_certificate_of_a_party(der: bytes) -> None:
    with pytest.raises(DecodeError):
        Certificate.read(der)


UNUSED_BITS = len(DER) - len(Certificate.read(DER).parsed.signature) - 1
"""Where the signature's bit string counts the bits it does not use: no signature covers that."""


@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
@example(UNUSED_BITS, 1)
@example(UNUSED_BITS, 2)
def test_an_altered_certificate_is_refused_by_the_reader_or_by_its_issuer(
    at: int, change: int
) -> None:
    octets = bytearray(DER)
    octets[at] ^= change
    try:
        certificate = Certificate.read(bytes(octets))
    except DecodeError:
        return
    with pytest.raises(SecurityError):
        certificate.verify(ROOT.certificate, NOW)


@given(st.binary(max_size=200))
def test_any_octets_are_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        Certificate.read(octets)
    with pytest.raises(DecodeError):
        CertificateRequest.read(octets)


def test_who_may_not_issue_and_what_is_not_valid() -> None:
    certificate = Certificate.read(DER)
    other = CertificateAuthority.root(KEY, "Other", 8, FROM, TO)
    namesake = CertificateAuthority.root(KEY, "Root", 8, FROM, TO)
    refused = [
        (other.certificate, NOW),
        (namesake.certificate, NOW),
        (certificate, NOW),
        (ROOT.certificate, FROM - timedelta(seconds=1)),
        (ROOT.certificate, TO + timedelta(seconds=1)),
    ]
    for issuer, now in refused:
        with pytest.raises(SecurityError) as caught:
            certificate.verify(issuer, now)
        assert caught.value.fault is SecurityFault.CERTIFICATE


def test_a_key_serves_one_purpose() -> None:
    for use in CertificateUse:
        if use is CertificateUse.OTHER:
            continue
        certificate = Certificate.read(ROOT.issue(REQUEST, use, 9, FROM, TO))
        assert certificate.use is use
        for wanted in CertificateUse:
            if wanted is use:
                certificate.need(wanted, SUITE)
                continue
            with pytest.raises(SecurityError) as caught:
                certificate.need(wanted, SUITE)
            assert caught.value.fault is SecurityFault.CERTIFICATE
        with pytest.raises(SecurityError):
            certificate.need(use, SecuritySuite.SUITE_2)
    with pytest.raises(SecurityError):
        ROOT.certificate.need(CertificateUse.OTHER, SUITE)


def test_identified_by_entity() -> None:
    certificate = Certificate.read(DER)
    server = CertificateEntity.SERVER
    by = EntityIdentification(server, CertificateUse.SIGNATURE, TITLE)
    assert certificate.is_identified(server, by)
    assert not certificate.is_identified(CertificateEntity.CLIENT, by)
    for wrong in (
        EntityIdentification(server, CertificateUse.AGREEMENT, TITLE),
        EntityIdentification(server, CertificateUse.SIGNATURE, bytes(8)),
    ):
        assert not certificate.is_identified(server, wrong)


def test_identified_by_serial_number_in_every_form_of_the_stacks() -> None:
    certificate = Certificate.read(DER)
    for serial in (b"\x81\x23", b"\x00\x81\x23", b"\x02\x03\x00\x81\x23"):
        for issuer in (ROOT.certificate.subject, b"CN=Root"):
            by = SerialIdentification(serial, issuer)
            assert certificate.is_identified(CertificateEntity.SERVER, by)
    for by in (
        SerialIdentification(b"\x81\x24", b"CN=Root"),
        SerialIdentification(b"\x81\x23", b"CN=Other"),
        SerialIdentification(b"", b""),
        SerialIdentification(b"\x02", b"CN=Root"),
    ):
        assert not certificate.is_identified(CertificateEntity.SERVER, by)
