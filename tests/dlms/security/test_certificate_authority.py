"""Requests and the small authority: from a fresh key to a verified certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from addad.dlms.security.certificate_authority import (
    CertificateAuthority,
    CertificateRequest,
    request_certificate,
)
from addad.dlms.security.certificates import Certificate, CertificateUse
from addad.dlms.security.signatures import read_private_key
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TO = NOW + timedelta(days=3650)
TITLE = b"ADD\x00\x00\x00\x00\x01"


def key(suite: int, first: int):
    found = SecuritySuite(suite)
    return read_private_key(found, bytes(range(first, first + found.coordinate_octets)))


@pytest.mark.parametrize(("root", "party"), [(1, 1), (2, 2), (2, 1)])
@pytest.mark.parametrize("use", [CertificateUse.SIGNATURE, CertificateUse.AGREEMENT])
def test_from_a_request_to_a_certificate(root: int, party: int, use: CertificateUse) -> None:
    authority = CertificateAuthority.root(key(root, 1), "Root", 1, NOW, TO)
    request = CertificateRequest.read(request_certificate(key(party, 9), TITLE))
    certificate = Certificate.read(authority.issue(request, use, 2, NOW, TO))
    certificate.verify(authority.certificate, NOW)
    certificate.need(use, SecuritySuite(party))
    assert certificate.title == TITLE
    assert certificate.public_key == key(party, 9).public_key()


def test_a_key_on_P_384_takes_an_issuer_on_P_384() -> None:
    authority = CertificateAuthority.root(key(1, 1), "Root", 1, NOW, TO)
    request = CertificateRequest.read(request_certificate(key(2, 9), TITLE))
    with pytest.raises(LocalProtocolError):
        authority.issue(request, CertificateUse.SIGNATURE, 2, NOW, TO)


def test_the_same_arguments_give_the_same_octets() -> None:
    made = []
    for _ in range(2):
        authority = CertificateAuthority.root(key(1, 1), "Root", 1, NOW, TO)
        asked = request_certificate(key(1, 9), TITLE)
        request = CertificateRequest.read(asked)
        issued = authority.issue(request, CertificateUse.SIGNATURE, 2, NOW, TO)
        made.append((authority.certificate.der, asked, issued))
    assert made[0] == made[1]


def test_a_request_signed_by_another_key_is_refused() -> None:
    octets = bytearray(request_certificate(key(1, 9), TITLE))
    octets[-1] ^= 1
    with pytest.raises(SecurityError) as caught:
        CertificateRequest.read(bytes(octets))
    assert caught.value.fault is SecurityFault.SIGNATURE


def test_a_request_that_is_none() -> None:
    asked = request_certificate(key(1, 9), TITLE)
    for octets in (b"", asked[:-1], asked + b"\0", bytes(5000)):
        with pytest.raises(DecodeError):
            CertificateRequest.read(octets)


def test_no_repr_shows_a_private_key() -> None:
    authority = CertificateAuthority.root(key(1, 1), "Root", 1, NOW, TO)
    number = authority.key.private_numbers().private_value
    assert str(number) not in repr(authority)
    assert f"{number:x}" not in repr(authority)


def test_a_title_has_eight_octets() -> None:
    with pytest.raises(LocalProtocolError):
        request_certificate(key(1, 9), b"short")
