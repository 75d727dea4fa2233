"""Key agreement: how two parties derive a key that never travels.

Green Book, IEC 62056-5-3 (ephemeral unified, one-pass and static unified models); NIST SP 800-56A.
Editions of the Green Book print two prefixes of AlgorithmID; both are here, the later is the rule.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.octets import encode_octet_string
from addad.dlms.security.keys import KeyId
from addad.dlms.security.signatures import (
    encode_public_key,
    read_public_key,
    sign,
    signature_verifies,
)
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, SecurityError, SecurityFault

ALGORITHM_PREFIX: Final = bytes.fromhex("608574050803")
"""What AlgorithmID begins with."""
ALGORITHM_PREFIX_EDITION_8: Final = bytes.fromhex("608574060803")
"""What it begins with in edition 8 of the Green Book, and in stacks built from it."""


class AgreedUse(IntEnum):
    """What the agreed key is for: the last octet of AlgorithmID."""

    AES_GCM_128 = 0
    AES_GCM_256 = 1
    AES_WRAP_128 = 2
    AES_WRAP_256 = 3

    @classmethod
    def of(cls, suite: SecuritySuite, key: KeyId) -> AgreedUse:
        """The use of one of the keys in a suite."""
        wide = suite == SecuritySuite.SUITE_2
        if key == KeyId.MASTER:
            return cls.AES_WRAP_256 if wide else cls.AES_WRAP_128
        return cls.AES_GCM_256 if wide else cls.AES_GCM_128


def shared_secret(own: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey) -> bytes:
    """Z: the x coordinate of the common point; raises `SecurityError` for keys of two curves."""
    try:
        return own.exchange(ec.ECDH(), other)
    except ValueError:
        raise SecurityError("no key can be agreed on two curves", SecurityFault.KEY) from None


def derive_key(
    suite: SecuritySuite,
    secret: bytes,
    use: AgreedUse,
    party_u: bytes,
    party_v: bytes,
    prefix: bytes = ALGORITHM_PREFIX,
) -> bytes:
    """The key that follows from Z and from who is party U and V: 16 octets, in suite 2 32."""
    digest = hashes.Hash(suite.hash)
    digest.update(b"\x00\x00\x00\x01" + secret + prefix + bytes((use,)) + party_u + party_v)
    return digest.finalize()[: suite.key_octets]


def static_party_u(title: bytes, transaction_id: bytes) -> bytes:
    """PartyUInfo of the static scheme: the originator's title and the transaction-id as nonce."""
    return title + encode_octet_string(transaction_id)


def sign_ephemeral(
    key: ec.EllipticCurvePrivateKey, ephemeral: ec.EllipticCurvePublicKey, key_id: KeyId | None
) -> bytes:
    """An ephemeral public key and its signature.

    `key_id` is signed with it in the key_agreement method; in general-ciphering there is none.
    """
    point = encode_public_key(ephemeral)
    return point + sign(key, _signed(point, key_id))


def read_ephemeral(
    suite: SecuritySuite, key: ec.EllipticCurvePublicKey, octets: bytes, key_id: KeyId | None
) -> ec.EllipticCurvePublicKey:
    """The ephemeral public key whose signature verifies.

    Raises `DecodeError`, or `SecurityError` for a signature that is not the owner's of `key`.
    """
    size = 2 * suite.coordinate_octets
    if len(octets) != size + suite.signature_octets:
        raise DecodeError(f"an ephemeral key and its signature in {len(octets)} octets")
    point = octets[:size]
    if not signature_verifies(key, _signed(point, key_id), octets[size:]):
        raise SecurityError(
            "the signature of the ephemeral key does not verify", SecurityFault.SIGNATURE
        )
    return read_public_key(suite, point)


def agree_ephemeral(
    suite: SecuritySuite,
    key_id: KeyId,
    own: ec.EllipticCurvePrivateKey,
    other: ec.EllipticCurvePublicKey,
    client_title: bytes,
    server_title: bytes,
    prefix: bytes = ALGORITHM_PREFIX,
) -> bytes:
    """The key of the ephemeral unified model, C(2e, 0s): Security setup's key_agreement."""
    use = AgreedUse.of(suite, key_id)
    return derive_key(suite, shared_secret(own, other), use, client_title, server_title, prefix)


def _signed(point: bytes, key_id: KeyId | None) -> bytes:
    return point if key_id is None else bytes((key_id,)) + point
