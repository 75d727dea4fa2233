"""What a security setup holds: its shape, and that it shows no secret."""

import pytest

from addad.cosem.classes.access_modes import RequiredProtection
from addad.cosem.security_material import (
    KeptCertificate,
    SecurityMaterial,
    keys_of,
    named_keys,
)
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, SecuritySuite
from addad.errors import InputError

CLIENT, SERVER = b"CLI\0\0\0\0\1", b"ADD\0\0\0\0\1"
KEYS = SymmetricKeys(b"e" * 16, b"a" * 16, b"b" * 16, b"m" * 16)


def material(**changes: object) -> SecurityMaterial:
    fields = {"server_title": SERVER, "client_title": CLIENT, "keys": KEYS, **changes}
    return SecurityMaterial(SecuritySuite.SUITE_0, 0b01101100, **fields)


def test_the_policy_says_what_requests_and_responses_must_be() -> None:
    both = AUTHENTICATED_ENCRYPTION
    assert material().required == RequiredProtection(both, both)


def test_keys_by_their_number_and_back() -> None:
    assert list(named_keys(KEYS)) == list(KeyId)
    assert keys_of(named_keys(KEYS)) == KEYS
    alone = SymmetricKeys(b"e" * 16, None)
    assert keys_of(named_keys(alone)) == alone


@pytest.mark.parametrize(
    "wrong",
    [
        {"server_title": b"short"},
        {"client_title": SERVER},
        {"keys": SymmetricKeys(b"e" * 32, b"a" * 32)},
    ],
)
def test_what_does_not_fit_the_suite_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        material(**wrong)


def test_the_newest_certificate_of_a_kind_counts() -> None:
    kind = (CertificateEntity.CLIENT, CertificateUse.SIGNATURE)
    held = material(
        certificates=(KeptCertificate(*kind, b"old"), KeptCertificate(*kind, b"new")),
    )
    assert held.certificate_of(*kind) == b"new"
    assert held.certificate_of(kind[0], CertificateUse.TLS) is None


def test_no_key_is_shown() -> None:
    shown = repr(material()) + repr(KEYS)
    assert "eeee" not in shown
    assert "mmmm" not in shown
