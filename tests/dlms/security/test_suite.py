"""SE-01: what the security control octet says; sizes of the suites."""

from __future__ import annotations

import pytest

from addad.dlms.security.suite import (
    AUTHENTICATED_ENCRYPTION,
    Protection,
    SecurityControl,
    SecuritySuite,
)
from addad.errors import SecurityError, SecurityFault


@pytest.mark.parametrize("octet", range(256))
def test_SE_01_every_octet_is_read_bit_by_bit_or_refused(octet: int) -> None:
    if octet & 15 > 2:
        with pytest.raises(SecurityError) as caught:
            SecurityControl.read(octet)
        assert caught.value.fault is SecurityFault.UNSUPPORTED
        return
    control = SecurityControl.read(octet)
    assert control.suite == octet & 15
    assert bool(control.protection & Protection.AUTHENTICATION) == bool(octet & 0x10)
    assert bool(control.protection & Protection.ENCRYPTION) == bool(octet & 0x20)
    assert control.broadcast == bool(octet & 0x40)
    assert control.compressed == bool(octet & 0x80)
    assert control.octet == octet


def test_a_signature_is_no_bit_of_the_octet() -> None:
    protection = AUTHENTICATED_ENCRYPTION | Protection.SIGNATURE
    assert SecurityControl(SecuritySuite.SUITE_1, protection).octet == 0x31


def test_the_sizes_of_each_suite() -> None:
    assert [suite.key_octets for suite in SecuritySuite] == [16, 16, 32]
    assert SecuritySuite.SUITE_1.coordinate_octets == 32
    assert SecuritySuite.SUITE_1.signature_octets == 64
    assert SecuritySuite.SUITE_1.hash.name == "sha256"
    assert SecuritySuite.SUITE_2.coordinate_octets == 48
    assert SecuritySuite.SUITE_2.signature_octets == 96
    assert SecuritySuite.SUITE_2.hash.name == "sha384"


@pytest.mark.parametrize("name", ["curve", "hash", "coordinate_octets", "signature_octets"])
def test_suite_0_has_no_public_keys(name: str) -> None:
    with pytest.raises(SecurityError) as caught:
        getattr(SecuritySuite.SUITE_0, name)
    assert caught.value.fault is SecurityFault.UNSUPPORTED


def test_a_message_says_what_is_applied_in_words() -> None:
    assert Protection.NONE.words == "none"
    assert AUTHENTICATED_ENCRYPTION.words == "authentication and encryption"
