"""Signatures and public keys, against published ones."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.security.signatures import (
    encode_public_key,
    read_private_key,
    read_public_key,
    sign,
    signature_verifies,
    suite_of,
)
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, LocalProtocolError
from dlms.security import published
from foreign import cells

P384_MESSAGE = b"This is only a test message. It is 48 bytes long"
P384_PRIVATE = bytes.fromhex(
    "C838B85253EF8DC7394FA5808A5183981C7DEEF5A69BA8F4F2117FFEA39CFCD90E95F6CBC854ABACAB701D50C1F3CF24"
)
P384_PUBLIC = bytes.fromhex(
    "1FBAC8EEBD0CBF35640B39EFE0808DD774DEBFF20A2A329E91713BAF7D7F3C3E81546D883730BEE7E48678F857B02CA0"
    "EB213103BD68CE343365A8A4C3D4555FA385F5330203BDD76FFAD1F3AFFB95751C132007E1B240353CB0A4CF1693BDF9"
)
P384_SIGNATURE = bytes.fromhex(
    "A0C27EC893092DEA1E1BD2CCFED3CF945C8134ED0C9F81311A0F4A05942DB8DBED8DD59F267471D5462AA14FE72DE856"
    "20AB3F45B74F10B6E11F96A2C8EB694D206B9DDA86D3C7E331C26B22C987B7537726577667ADADF168EBBE803794A402"
)


@cells.cell(
    cells.VECTOR,
    cells.BOTH,
    protections=("general-signing",),
    note="Green Book (P-256) and P-384: signatures as r and s; a whole signed APDU has no vector",
)
@pytest.mark.parametrize(
    ("key", "octets", "signature"),
    [
        (
            published.CLIENT_SIGNATURE_PUBLIC,
            b"\0" + published.EPHEMERAL_CLIENT,
            published.EPHEMERAL_CLIENT_SIGNATURE,
        ),
        (
            published.CLIENT_SIGNATURE_PUBLIC,
            published.ONE_PASS_CLIENT,
            published.ONE_PASS_CLIENT_SIGNATURE,
        ),
        (
            published.SERVER_SIGNATURE_PUBLIC,
            published.ONE_PASS_SERVER,
            published.ONE_PASS_SERVER_SIGNATURE,
        ),
        (
            read_public_key(SecuritySuite.SUITE_2, P384_PUBLIC),
            P384_MESSAGE,
            P384_SIGNATURE,
        ),
    ],
)
def test_published_signatures_verify_and_altered_ones_do_not(
    key: ec.EllipticCurvePublicKey, octets: bytes, signature: bytes
) -> None:
    assert signature_verifies(key, octets, signature)
    assert not signature_verifies(key, octets + b"\0", signature)
    assert not signature_verifies(key, octets, signature[:-1] + bytes((signature[-1] ^ 1,)))
    assert not signature_verifies(key, octets, signature[:-1])
    assert not signature_verifies(key, octets, bytes(len(signature)))


def test_RFC_6979_the_signature_of_a_sample() -> None:
    """RFC 6979, A.2.5 and A.2.6: "sample" under SHA-256 on P-256, SHA-384 on P-384."""
    key = read_private_key(
        SecuritySuite.SUITE_1,
        bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
    )
    assert sign(key, b"sample").hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )
    assert sign(key, b"sample") == sign(key, b"sample")


@given(st.binary(max_size=200), st.sampled_from([1, 2]))
def test_what_is_signed_verifies(octets: bytes, number: int) -> None:
    suite = SecuritySuite(number)
    private = read_private_key(suite, bytes(range(1, 1 + suite.coordinate_octets)))
    signature = sign(private, octets)
    assert len(signature) == suite.signature_octets
    assert signature_verifies(private.public_key(), octets, signature)


def test_public_keys_as_two_coordinates() -> None:
    octets = encode_public_key(published.CLIENT_SIGNATURE.public_key())
    assert octets == encode_public_key(published.CLIENT_SIGNATURE_PUBLIC)
    assert suite_of(read_public_key(SecuritySuite.SUITE_1, octets)) == SecuritySuite.SUITE_1
    assert encode_public_key(read_public_key(SecuritySuite.SUITE_2, P384_PUBLIC)) == P384_PUBLIC
    private = read_private_key(SecuritySuite.SUITE_2, P384_PRIVATE)
    assert encode_public_key(private.public_key()) == P384_PUBLIC


@pytest.mark.parametrize("octets", [b"", bytes(63), bytes(64), b"\xff" * 64, bytes(65), bytes(96)])
def test_what_is_no_point_is_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        read_public_key(SecuritySuite.SUITE_1, octets)


def test_a_private_key_of_nothing_is_refused() -> None:
    with pytest.raises(LocalProtocolError):
        read_private_key(SecuritySuite.SUITE_1, bytes(32))


def test_a_curve_of_no_suite_is_refused() -> None:
    with pytest.raises(LocalProtocolError):
        suite_of(ec.derive_private_key(5, ec.SECP521R1()))
