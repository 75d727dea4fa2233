"""Deciphering and verifying what came; a wrong key says so.

Green Book, IEC 62056-5-3 (authenticated decryption).
"""

from __future__ import annotations

from typing import NamedTuple

from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.framing import Ciphered, plausible
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, TAG_OCTETS, Protection
from addad.errors import DecodeError, SecurityError, SecurityFault


class Opened(NamedTuple):
    """A deciphered text, and what was proven of it."""

    text: bytes
    proven: Protection
    verified: bool
    """Whether a tag was verified: then, and only then, the counter is a genuine one."""

    def __repr__(self) -> str:
        return f"Opened({len(self.text)} octets, {self.proven!r})"


def open_ciphered(
    cipher: GcmCipher,
    message: Ciphered,
    title: bytes,
    header: bytes = b"",
    unverified: bool = False,
) -> Opened:
    """Decipher and verify a message of the party with this title.

    `header` is what else is authenticated; `unverified` allows reading without authentication key.
    Raises `DecodeError`, or `SecurityError` that says which key is wrong as far as can be told.
    """
    protection = message.control.protection
    nonce = title + message.counter
    body = message.body
    if protection == Protection.NONE:
        return Opened(body, protection, False)
    if protection == Protection.ENCRYPTION:
        return Opened(_readable(cipher.encipher(nonce, body), message), protection, False)
    if len(body) < TAG_OCTETS:
        raise DecodeError(f"{len(body)} octets where a tag of {TAG_OCTETS} is")
    if not cipher.authenticates:
        return _open_unverified(cipher, message, nonce, unverified)
    if protection == AUTHENTICATED_ENCRYPTION:
        text, verified = cipher.open(nonce, message.control_octet, body, header)
        if not verified:
            raise _not_verified(plausible(text, message.plain_tag))
    else:
        text, tag = body[:-TAG_OCTETS], body[-TAG_OCTETS:]
        if not cipher.verify(nonce, message.control_octet, text, tag, header):
            raise SecurityError(
                "the encryption or the authentication key is wrong, or the message was altered"
            )
    return Opened(text, protection, True)


def _open_unverified(
    cipher: GcmCipher, message: Ciphered, nonce: bytes, unverified: bool
) -> Opened:
    if not unverified:
        raise SecurityError(
            "there is no authentication key, and reading without one was not asked for",
            SecurityFault.KEY,
        )
    text = message.body[:-TAG_OCTETS]
    if message.control.protection == Protection.AUTHENTICATION:
        return Opened(text, Protection.NONE, False)
    return Opened(_readable(cipher.encipher(nonce, text), message), Protection.ENCRYPTION, False)


def _readable(text: bytes, message: Ciphered) -> bytes:
    if not plausible(text, message.plain_tag):
        raise _not_verified(readable=False)
    return text


def _not_verified(readable: bool) -> SecurityError:
    if readable:
        return SecurityError("the authentication key is wrong, or the tag was altered")
    return SecurityError(
        "the encryption key or the peer's system title is wrong, or the message was altered"
    )
