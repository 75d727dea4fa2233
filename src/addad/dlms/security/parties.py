"""The asymmetric keys of one party: its own private ones, the others' public ones.

Green Book, IEC 62056-5-3 (public key algorithms; client, server, third party).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import ec

from addad.errors import SecurityError, SecurityFault


@dataclass(frozen=True, slots=True, repr=False)
class PublicKeys:
    """The public keys of another party, out of certificates that were verified."""

    signature: ec.EllipticCurvePublicKey | None = None
    agreement: ec.EllipticCurvePublicKey | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PartyKeys:
    """One's own private keys, and the public keys of the others by their system title.

    `new_private_key` gives a fresh ephemeral key on the suite's curve, `new_session_key` fresh
    octets for a key to be wrapped; both come from outside, because chance does.
    """

    signature: ec.EllipticCurvePrivateKey | None = None
    agreement: ec.EllipticCurvePrivateKey | None = None
    others: Mapping[bytes, PublicKeys] = field(default_factory=lambda: MappingProxyType({}))
    new_private_key: Callable[[], ec.EllipticCurvePrivateKey] | None = None
    new_session_key: Callable[[], bytes] | None = None

    def own_signature(self) -> ec.EllipticCurvePrivateKey:
        """The key to sign with; raises `SecurityError` without one."""
        if self.signature is None:
            raise SecurityError("there is no key to sign with", SecurityFault.KEY)
        return self.signature

    def own_agreement(self) -> ec.EllipticCurvePrivateKey:
        """The key to agree with; raises `SecurityError` without one."""
        if self.agreement is None:
            raise SecurityError("there is no key to agree with", SecurityFault.KEY)
        return self.agreement

    def signature_of(self, title: bytes) -> ec.EllipticCurvePublicKey:
        """The key that verifies another's signature; raises `SecurityError` without one."""
        known = self.others.get(title)
        if known is None or known.signature is None:
            raise SecurityError(
                f"the signature key of {title.hex()} is not known", SecurityFault.SIGNATURE
            )
        return known.signature

    def agreement_of(self, title: bytes) -> ec.EllipticCurvePublicKey:
        """The key to agree with another; raises `SecurityError` without one."""
        known = self.others.get(title)
        if known is None or known.agreement is None:
            raise SecurityError(
                f"the agreement key of {title.hex()} is not known", SecurityFault.KEY
            )
        return known.agreement

    def ephemeral(self) -> ec.EllipticCurvePrivateKey:
        """A fresh private key; raises `SecurityError` where nothing makes one."""
        if self.new_private_key is None:
            raise SecurityError("nothing here makes ephemeral keys", SecurityFault.KEY)
        return self.new_private_key()

    def session_key(self) -> bytes:
        """Fresh octets for a key; raises `SecurityError` where nothing makes them."""
        if self.new_session_key is None:
            raise SecurityError("nothing here makes session keys", SecurityFault.KEY)
        return self.new_session_key()


NO_PARTY_KEYS = PartyKeys()
"""What a party of suite 0 has."""
