"""Symmetric keys: which there are, and how one travels wrapped by the master key.

Green Book, IEC 62056-5-3 (global, dedicated and master keys); RFC 3394 (AES key wrap).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from addad.dlms.security.cipher import GcmCipher
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

_KEY_SIZES = (16, 32)
WRAP_OCTETS = 8
"""How much longer a wrapped key is."""


class KeyId(IntEnum):
    """The number of a key in key transfer, key agreement and general-ciphering."""

    __hash__ = int.__hash__  # counters are kept by key, and asked several times a message

    GLOBAL_UNICAST_ENCRYPTION = 0
    GLOBAL_BROADCAST_ENCRYPTION = 1
    GLOBAL_AUTHENTICATION = 2
    MASTER = 3


@dataclass(frozen=True, slots=True, repr=False)
class SymmetricKeys:
    """The keys of one security setup: 16 octets each in suites 0 and 1, 32 in suite 2.

    Without authentication key nothing can be verified, nor sent authenticated. Associations that
    use the same keys share one object, and with it the keyed ciphers.
    """

    encryption: bytes
    authentication: bytes | None
    broadcast: bytes | None = None
    master: bytes | None = None
    unicast_cipher: GcmCipher = field(init=False, compare=False)
    broadcast_cipher: GcmCipher | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        size = len(self.encryption)
        given = (self.encryption, self.authentication, self.broadcast, self.master)
        if size not in _KEY_SIZES or any(len(key) != size for key in given if key is not None):
            raise LocalProtocolError("all keys have 16 octets (suites 0, 1) or all 32 (suite 2)")
        broadcast = self.broadcast
        unicast = GcmCipher(self.encryption, self.authentication)
        object.__setattr__(self, "unicast_cipher", unicast)
        object.__setattr__(
            self,
            "broadcast_cipher",
            None if broadcast is None else GcmCipher(broadcast, self.authentication),
        )

    def __repr__(self) -> str:
        return f"SymmetricKeys({len(self.encryption)} octets each)"

    def cipher(self, key: KeyId) -> GcmCipher:
        """The cipher under one of the two encryption keys; raises `SecurityError` without it."""
        if key == KeyId.GLOBAL_UNICAST_ENCRYPTION:
            return self.unicast_cipher
        if key == KeyId.GLOBAL_BROADCAST_ENCRYPTION and self.broadcast_cipher is not None:
            return self.broadcast_cipher
        raise SecurityError("there is no broadcast encryption key here", SecurityFault.KEY)


def wrap_key(master: bytes, key: bytes) -> bytes:
    """A key of 16 or 32 octets, wrapped by the master key: 8 octets longer."""
    if len(master) not in _KEY_SIZES or len(key) not in _KEY_SIZES:
        raise LocalProtocolError("only keys of 16 and 32 octets are wrapped")
    return aes_key_wrap(master, key)


def unwrap_key(master: bytes, wrapped: bytes) -> bytes:
    """The key that was wrapped; raises `DecodeError`, or `SecurityError` if it does not verify."""
    if len(wrapped) - WRAP_OCTETS not in _KEY_SIZES:
        raise DecodeError(f"a wrapped key of {len(wrapped)} octets")
    try:
        return aes_key_unwrap(master, wrapped)
    except (InvalidUnwrap, ValueError):
        raise SecurityError(
            "the master key is wrong, or the wrapped key was altered", SecurityFault.KEY
        ) from None
