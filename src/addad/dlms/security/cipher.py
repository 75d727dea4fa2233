"""AES-GCM with a tag of 12 octets: authentication, encryption, both.

Green Book, IEC 62056-5-3; NIST SP 800-38D. `AESGCM` is the fastest way into OpenSSL, but its tag
has 16 octets. So a text is deciphered by enciphering it again (a counter mode is its own inverse),
and verified by making its tag anew.
"""

from __future__ import annotations

from hmac import compare_digest

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from addad.dlms.security.suite import TAG_OCTETS
from addad.errors import LocalProtocolError

_FULL_TAG = 16
_TAG_CUT = TAG_OCTETS - _FULL_TAG


class GcmCipher:
    """An encryption key and the authentication key that goes with it, ready for use.

    `nonce` is the originator's system title and the invocation counter (12 octets), `control` the
    security control octet, `header` what else is authenticated (general-ciphering).
    """

    __slots__ = ("_authentication", "_encrypt", "authenticates")

    def __init__(self, encryption: bytes, authentication: bytes | None) -> None:
        self._encrypt = AESGCM(encryption).encrypt
        self._authentication = authentication
        self.authenticates = authentication is not None
        """Whether there is an authentication key."""

    def __repr__(self) -> str:
        return "GcmCipher()"

    def encipher(self, nonce: bytes, text: bytes) -> bytes:
        """The text enciphered without a tag; the same call deciphers it."""
        return self._encrypt(nonce, text, None)[:-_FULL_TAG]

    def tag(self, nonce: bytes, control: bytes, text: bytes, header: bytes = b"") -> bytes:
        """The 12 octets that authenticate a text which is not enciphered."""
        covered = self._covered(control, header) + text
        return self._encrypt(nonce, b"", covered)[:_TAG_CUT]

    def verify(
        self, nonce: bytes, control: bytes, text: bytes, tag: bytes, header: bytes = b""
    ) -> bool:
        """Whether a tag is the one of a text which is not enciphered."""
        return compare_digest(self.tag(nonce, control, text, header), tag)

    def seal(self, nonce: bytes, control: bytes, text: bytes, header: bytes = b"") -> bytes:
        """The enciphered text and its tag."""
        key = self._authentication
        covered = self._covered(control, header) if header or key is None else control + key
        return self._encrypt(nonce, text, covered)[:_TAG_CUT]

    def open(
        self, nonce: bytes, control: bytes, sealed: bytes, header: bytes = b""
    ) -> tuple[bytes, bool]:
        """What an enciphered text with its tag says, and whether the tag verifies."""
        encrypt, key = self._encrypt, self._authentication
        covered = self._covered(control, header) if header or key is None else control + key
        text = encrypt(nonce, sealed[:-TAG_OCTETS], None)[:-_FULL_TAG]
        return text, compare_digest(encrypt(nonce, text, covered)[:_TAG_CUT], sealed)

    def _covered(self, control: bytes, header: bytes) -> bytes:
        if self._authentication is None:
            raise LocalProtocolError("without authentication key nothing can be authenticated")
        return control + self._authentication + header
