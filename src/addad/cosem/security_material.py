"""What one security setup holds: suite, policy, titles, keys, key pairs, certificates.

Blue Book, class 64; Green Book, IEC 62056-5-3 (security material). A value that is replaced as a
whole, so that a change is kept whole or not at all; it never shows its secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.classes.access_modes import RequiredProtection, protection_of_bits
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import TITLE_OCTETS, SecuritySuite
from addad.errors import InputError


class KeptCertificate(NamedTuple):
    """A certificate (DER), whose it is and what for; that of an authority is a trust anchor."""

    entity: CertificateEntity
    use: CertificateUse
    octets: bytes


def _no_keys() -> Mapping[CertificateUse, ec.EllipticCurvePrivateKey]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, repr=False)
class SecurityMaterial:
    """One security setup. `policy` has the bits of version 1 of the class.

    `former` are the keys before the last change; they are good until the new ones are used, or
    until `former_until_s` (seconds since 1970). `pending_keys` are private keys that wait for the
    certificate of their public ones.
    """

    suite: SecuritySuite
    policy: int
    server_title: bytes
    client_title: bytes | None
    keys: SymmetricKeys
    former: SymmetricKeys | None = None
    former_until_s: int = 0
    private_keys: Mapping[CertificateUse, ec.EllipticCurvePrivateKey] = field(
        default_factory=_no_keys
    )
    certificates: tuple[KeptCertificate, ...] = ()
    pending_keys: Mapping[CertificateUse, ec.EllipticCurvePrivateKey] = field(
        default_factory=_no_keys
    )
    required: RequiredProtection = field(init=False, compare=False)
    """What the policy demands of requests and of responses."""

    def __post_init__(self) -> None:
        titles = [self.server_title, *([] if self.client_title is None else [self.client_title])]
        if any(len(title) != TITLE_OCTETS for title in titles) or len(set(titles)) < len(titles):
            raise InputError(f"system titles have {TITLE_OCTETS} octets, and differ")
        if len(self.keys.encryption) != self.suite.key_octets:
            raise InputError(f"keys of suite {self.suite:d} have {self.suite.key_octets} octets")
        object.__setattr__(self, "required", protection_of_bits(self.policy))

    def __repr__(self) -> str:
        return f"SecurityMaterial(suite {self.suite:d}, {self.server_title.hex()})"

    def certificate_of(self, entity: CertificateEntity, use: CertificateUse) -> bytes | None:
        """The newest certificate for a use, if there is one."""
        for kept in reversed(self.certificates):
            if (kept.entity, kept.use) == (entity, use):
                return kept.octets
        return None


def named_keys(keys: SymmetricKeys) -> dict[KeyId, bytes]:
    """The keys that there are, by what each is for."""
    found = {
        KeyId.GLOBAL_UNICAST_ENCRYPTION: keys.encryption,
        KeyId.GLOBAL_BROADCAST_ENCRYPTION: keys.broadcast,
        KeyId.GLOBAL_AUTHENTICATION: keys.authentication,
        KeyId.MASTER: keys.master,
    }
    return {key_id: key for key_id, key in found.items() if key is not None}


def keys_of(named: Mapping[KeyId, bytes]) -> SymmetricKeys:
    """The set of keys made of single ones."""
    return SymmetricKeys(
        named[KeyId.GLOBAL_UNICAST_ENCRYPTION],
        named.get(KeyId.GLOBAL_AUTHENTICATION),
        named.get(KeyId.GLOBAL_BROADCAST_ENCRYPTION),
        named.get(KeyId.MASTER),
    )
