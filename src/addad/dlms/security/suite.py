"""Security suites, the kinds of protection, and the security control octet.

Green Book, IEC 62056-5-3 (security suites; security control).
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from addad.errors import SecurityError, SecurityFault

TITLE_OCTETS: Final = 8
"""The size of a system title."""
TAG_OCTETS: Final = 12
"""The size of an authentication tag."""


class SecuritySuite(IntEnum):
    """A set of algorithms; its number is the low half of the security control octet."""

    SUITE_0 = 0
    """AES-GCM-128."""
    SUITE_1 = 1
    """AES-GCM-128, ECDSA and ECDH on P-256, SHA-256."""
    SUITE_2 = 2
    """AES-GCM-256, ECDSA and ECDH on P-384, SHA-384."""

    @property
    def key_octets(self) -> int:
        """The size of a symmetric key."""
        return 32 if self == SecuritySuite.SUITE_2 else 16

    @property
    def coordinate_octets(self) -> int:
        """The size of one coordinate of a point; raises `SecurityError` for suite 0."""
        return (self.curve.key_size + 7) // 8

    @property
    def signature_octets(self) -> int:
        """The size of a signature r followed by s; raises `SecurityError` for suite 0."""
        return 2 * self.coordinate_octets

    @property
    def hash(self) -> hashes.SHA256 | hashes.SHA384:
        """The hash of signatures and of key derivation; raises `SecurityError` for suite 0."""
        self._need_curve()
        return hashes.SHA384() if self == SecuritySuite.SUITE_2 else hashes.SHA256()

    @property
    def curve(self) -> ec.EllipticCurve:
        """The curve of the public keys; raises `SecurityError` for suite 0, which has none."""
        self._need_curve()
        return ec.SECP384R1() if self == SecuritySuite.SUITE_2 else ec.SECP256R1()

    def _need_curve(self) -> None:
        if self == SecuritySuite.SUITE_0:
            raise SecurityError("suite 0 has no public keys", SecurityFault.UNSUPPORTED)


class Protection(IntFlag):
    """What is applied to an APDU, or demanded of it; these are not the bits of any octet."""

    __hash__ = int.__hash__  # requests are known by it, among others

    NONE = 0
    AUTHENTICATION = 1
    ENCRYPTION = 2
    SIGNATURE = 4

    @property
    def words(self) -> str:
        """As a message says it: `authentication and encryption`."""
        return str(self.name).lower().replace("|", " and ")


AUTHENTICATED_ENCRYPTION: Final = Protection.AUTHENTICATION | Protection.ENCRYPTION

_PROTECTIONS: Final = (
    Protection.NONE,
    Protection.AUTHENTICATION,
    Protection.ENCRYPTION,
    AUTHENTICATED_ENCRYPTION,
)


class SecurityControl(NamedTuple):
    """The first octet of a ciphered APDU: suite, what is applied, which key, compressed or not."""

    suite: SecuritySuite
    protection: Protection
    broadcast: bool = False
    compressed: bool = False

    @property
    def octet(self) -> int:
        """The octet: bits 0-3 suite, 4 authentication, 5 encryption, 6 key set, 7 compression."""
        ciphered = int(self.protection) & 3
        return self.suite | ciphered << 4 | self.broadcast << 6 | self.compressed << 7

    @classmethod
    def read(cls, octet: int) -> SecurityControl:
        """What an octet says; raises `SecurityError` for a suite that does not exist."""
        control = _CONTROLS.get(octet)
        if control is None:
            raise SecurityError(f"no security suite {octet & 15}", SecurityFault.UNSUPPORTED)
        return control


_CONTROLS: Final = {
    octet: SecurityControl(
        SecuritySuite(octet & 15), _PROTECTIONS[octet >> 4 & 3], bool(octet & 64), octet > 127
    )
    for octet in range(256)
    if octet & 15 <= max(SecuritySuite)
}
