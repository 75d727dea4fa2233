"""ECDSA signatures as r followed by s, and public keys as x followed by y.

Green Book, IEC 62056-5-3 (digital signature); FIPS 186. The nonce of a signature is derived from
the key and the message (RFC 6979), so that signing needs no chance. DER stands only inside
certificates and certificate requests.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, LocalProtocolError

_UNCOMPRESSED: Final = b"\x04"


def suite_of(key: ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) -> SecuritySuite:
    """The suite whose curve a key is on; raises `LocalProtocolError` for any other curve."""
    if isinstance(key.curve, ec.SECP256R1):
        return SecuritySuite.SUITE_1
    if isinstance(key.curve, ec.SECP384R1):
        return SecuritySuite.SUITE_2
    raise LocalProtocolError(f"no security suite uses the curve {key.curve.name}")


def hash_of(
    key: ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey,
) -> hashes.SHA256 | hashes.SHA384:
    """The hash that goes with a key's curve: SHA-256 with P-256, SHA-384 with P-384."""
    return suite_of(key).hash


def sign(key: ec.EllipticCurvePrivateKey, octets: bytes) -> bytes:
    """The signature of some octets: r and s, 64 octets on P-256, 96 on P-384."""
    suite = suite_of(key)
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(suite.hash, deterministic_signing=True)))
    size = suite.coordinate_octets
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def signature_verifies(key: ec.EllipticCurvePublicKey, octets: bytes, signature: bytes) -> bool:
    """Whether a signature of r and s is the one of these octets by the owner of the key."""
    suite = suite_of(key)
    size = suite.coordinate_octets
    if len(signature) != suite.signature_octets:
        return False
    r = int.from_bytes(signature[:size], "big")
    s = int.from_bytes(signature[size:], "big")
    try:
        key.verify(encode_dss_signature(r, s), octets, ec.ECDSA(suite.hash))
    except InvalidSignature:
        return False
    return True


def encode_public_key(key: ec.EllipticCurvePublicKey) -> bytes:
    """The coordinates x and y of a public key: 64 octets on P-256, 96 on P-384."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def read_public_key(suite: SecuritySuite, octets: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of two coordinates; raises `DecodeError` for no point of the suite's curve."""
    if len(octets) != 2 * suite.coordinate_octets:
        raise DecodeError(f"a public key of {len(octets)} octets")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(suite.curve, _UNCOMPRESSED + octets)
    except ValueError:
        raise DecodeError("a public key that is no point of the curve") from None


def read_private_key(suite: SecuritySuite, octets: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of a number in big-endian order; raises `LocalProtocolError` for none."""
    try:
        return ec.derive_private_key(int.from_bytes(octets, "big"), suite.curve)
    except ValueError:
        raise LocalProtocolError("a private key that is none of the curve") from None
