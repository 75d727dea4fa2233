"""Keys and secrets in the meter's memory: sealed as one, and changed whole or not at all.

AES-GCM with 256 bits from `cryptography`, under a key that the computer keeps apart from the
memory. A counter finds its key by a fingerprint that only the opened store can make.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from addad.cosem.security_material import (
    KeptCertificate,
    SecurityMaterial,
    keys_of,
    named_keys,
)
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import SecuritySuite
from addad.errors import InputError, StorageError
from addad.meter.counters import AREA_ID_OCTETS, CURE, FINGERPRINT_OCTETS
from addad.meter.storage import Memory

AREA: Final = "keys"
SEAL_OCTETS: Final = 32
PEPPER_OCTETS: Final = 32
MAX_OCTETS: Final = 256 * 1024
_NONCE_OCTETS: Final = 12
_MAGIC: Final = b"addadkey\x00\x01"

PrivateKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, repr=False)
class Chance:
    """What a meter cannot make itself: random octets, new private keys, and the key of its seal."""

    seal_key: bytes
    octets: Callable[[int], bytes]
    private_key: Callable[[ec.EllipticCurve], PrivateKey]

    def __post_init__(self) -> None:
        if len(self.seal_key) != SEAL_OCTETS:
            raise InputError(f"the key of the seal has {SEAL_OCTETS} octets")


COUNTED: Final = (
    KeyId.GLOBAL_UNICAST_ENCRYPTION,
    KeyId.GLOBAL_BROADCAST_ENCRYPTION,
    KeyId.GLOBAL_AUTHENTICATION,
)
"""The keys that something is counted under: messages, and of the last one transactions."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """All that is secret in a meter, and from which credentials its keys and secrets were made.

    `area_id` names the counters of these keys; while `begun` is False no key was ever used. `given`
    are the digests of the secrets that the meter was started with, by client SAP.
    """

    area_id: bytes
    pepper: bytes
    provisioned: str
    given: Mapping[int, str]
    setups: Mapping[int, SecurityMaterial]
    secrets: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))
    begun: bool = False

    def fingerprint(self, key: bytes) -> bytes:
        """What a counter knows of a key: always the same, and of no use without the ring."""
        return hmac.digest(self.pepper, key, "sha256")[:FINGERPRINT_OCTETS]

    def fingerprints(self, keys: SymmetricKeys) -> dict[KeyId, bytes]:
        """The fingerprints of the keys that something is counted under, by what each is for."""
        named = named_keys(keys)
        return {key_id: self.fingerprint(named[key_id]) for key_id in COUNTED if key_id in named}


class KeyStore:
    """Reads and writes the ring of keys of one memory."""

    def __init__(self, memory: Memory, chance: Chance) -> None:
        self._memory = memory
        self._chance = chance

    def read(self) -> KeyRing | None:
        """The ring, None if there never was one.

        Raises `StorageError` when it cannot be read, or does not open.
        """
        try:
            sealed = self._memory.read(AREA)
        except OSError as problem:
            raise StorageError(
                f"{AREA} cannot be read ({problem.strerror or problem}); check the permissions of "
                "the data folder, or use another one"
            ) from problem
        if not sealed:
            return None
        if sealed[: len(_MAGIC) - 1] == _MAGIC[:-1] and sealed[len(_MAGIC) - 1] > _MAGIC[-1]:
            raise StorageError("the keys were written by a newer version of this program")
        nonce = sealed[len(_MAGIC) : len(_MAGIC) + _NONCE_OCTETS]
        rest = sealed[len(_MAGIC) + _NONCE_OCTETS : MAX_OCTETS]
        try:
            opened = AESGCM(self._chance.seal_key).decrypt(nonce, rest, sealed[: len(_MAGIC)])
            return _read_ring(json.loads(opened))
        except (InvalidTag, ValueError, KeyError, TypeError, InputError):
            raise StorageError(
                "the meter's keys do not open: the key of their seal is another one, or they are "
                f"damaged; put the right one back, or {CURE}"
            ) from None

    def write(self, ring: KeyRing) -> None:
        """Keep a ring in place of the one before, durably. Raises `OSError`, and keeps the old.

        Raises `StorageError` for more than the memory takes.
        """
        nonce = self._chance.octets(_NONCE_OCTETS)
        plain = json.dumps(_write_ring(ring), separators=(",", ":")).encode()
        sealed = _MAGIC + nonce + AESGCM(self._chance.seal_key).encrypt(nonce, plain, _MAGIC)
        if len(sealed) > MAX_OCTETS:
            raise StorageError(f"keys and certificates of {len(sealed)} octets are too many")
        self._memory.replace(AREA, sealed)

    def new_ring(
        self,
        provisioned: str,
        setups: Mapping[int, SecurityMaterial],
        given: Mapping[int, str],
        secrets: Mapping[int, bytes],
    ) -> KeyRing:
        """A ring with counters of its own, not yet written."""
        octets = self._chance.octets
        return KeyRing(
            octets(AREA_ID_OCTETS),
            octets(PEPPER_OCTETS),
            provisioned,
            dict(given),
            dict(setups),
            dict(secrets),
        )


class SetupContent(TypedDict):
    """What is inside the seal of one security setup."""

    suite: int
    policy: int
    server_title: str
    client_title: str | None
    keys: dict[str, str]
    former: dict[str, str] | None
    former_until_s: int
    private_keys: dict[str, str]
    pending_keys: dict[str, str]
    certificates: list[tuple[int, int, str]]


class _Ring(TypedDict):
    area_id: str
    pepper: str
    provisioned: str
    given: dict[str, str]
    begun: bool
    setups: dict[str, SetupContent]
    secrets: dict[str, str]


def _write_ring(ring: KeyRing) -> _Ring:
    return {
        "area_id": ring.area_id.hex(),
        "pepper": ring.pepper.hex(),
        "provisioned": ring.provisioned,
        "given": {str(sap): digest for sap, digest in ring.given.items()},
        "begun": ring.begun,
        "setups": {str(number): setup_content(setup) for number, setup in ring.setups.items()},
        "secrets": {str(sap): secret.hex() for sap, secret in ring.secrets.items()},
    }


def setup_content(setup: SecurityMaterial) -> SetupContent:
    """A setup as it stands inside the seal: in plain."""
    return {
        "suite": int(setup.suite),
        "policy": setup.policy,
        "server_title": setup.server_title.hex(),
        "client_title": None if setup.client_title is None else setup.client_title.hex(),
        "keys": _write_keys(setup.keys),
        "former": None if setup.former is None else _write_keys(setup.former),
        "former_until_s": setup.former_until_s,
        "private_keys": _write_private(setup.private_keys),
        "pending_keys": _write_private(setup.pending_keys),
        "certificates": [(int(e), int(p), octets.hex()) for e, p, octets in setup.certificates],
    }


def _write_keys(keys: SymmetricKeys) -> dict[str, str]:
    return {key_id.name: key.hex() for key_id, key in named_keys(keys).items()}


def _write_private(keys: Mapping[CertificateUse, PrivateKey]) -> dict[str, str]:
    return {use.name: private_octets(key).hex() for use, key in keys.items()}


def private_octets(key: PrivateKey) -> bytes:
    """A private key as it stands inside the seal."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _read_ring(content: _Ring) -> KeyRing:
    return KeyRing(
        bytes.fromhex(content["area_id"]),
        bytes.fromhex(content["pepper"]),
        content["provisioned"],
        {int(sap): digest for sap, digest in content["given"].items()},
        {int(number): _read_setup(setup) for number, setup in content["setups"].items()},
        {int(sap): bytes.fromhex(secret) for sap, secret in content["secrets"].items()},
        content["begun"],
    )


def _read_setup(content: SetupContent) -> SecurityMaterial:
    title, former = content["client_title"], content["former"]
    return SecurityMaterial(
        SecuritySuite(content["suite"]),
        content["policy"],
        bytes.fromhex(content["server_title"]),
        None if title is None else bytes.fromhex(title),
        _read_keys(content["keys"]),
        None if former is None else _read_keys(former),
        content["former_until_s"],
        {CertificateUse[name]: _read_private(key) for name, key in content["private_keys"].items()},
        tuple(
            KeptCertificate(CertificateEntity(e), CertificateUse(p), bytes.fromhex(octets))
            for e, p, octets in content["certificates"]
        ),
    )


def _read_keys(content: dict[str, str]) -> SymmetricKeys:
    return keys_of({KeyId[name]: bytes.fromhex(key) for name, key in content.items()})


def _read_private(octets: str) -> PrivateKey:
    key = load_der_private_key(bytes.fromhex(octets), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("no key on an elliptic curve")
    return key
