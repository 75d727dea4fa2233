"""A meter's secrets in a file that only its owner can read: passwords, titles, keys.

A JSON file of mode 0600. Every field is optional but what its mechanism needs:

    {
      "meter_title": "4144440000000001",
      "associations": {
        "1": {
          "mechanism": "gmac",
          "password": "text, or {\\"hex\\": \\"00ff\\"}",
          "suite": 0,
          "protection": ["authentication", "encryption"],
          "client_title": "4144440000000002",
          "meter_title": "4144440000000001",
          "encryption_key": "32 hexadecimal digits, 64 in suite 2",
          "authentication_key": "the same",
          "broadcast_key": "the same",
          "master_key": "the same",
          "dedicated_key": true,
          "encryption_key_only": false,
          "allow_weak": false,
          "invocation_counter": "0-0:43.1.0",
          "signing_key": "PEM text, or the path of a PEM file beside this one",
          "signing_certificate": "PEM",
          "agreement_key": "PEM",
          "meter_signing_key": "PEM of a certificate or a public key",
          "meter_agreement_key": "PEM of a certificate or a public key"
        }
      },
      "push": {"encryption_key": "…", "authentication_key": "…"},
      "reader": "password of client 2",
      "management": "password of client 1"
    }

The names of associations are client SAPs. `mechanism` is one of none, low, high, md5, sha1, gmac,
sha256, ecdsa, or its number; the password is the secret of low, high, md5, sha1 and sha256. With
keys and no `protection`, requests are authenticated and encrypted. `dedicated_key` asks for a new
one in each association; hexadecimal digits are one that is known, to read what was captured.
`encryption_key_only` says on purpose that the authentication key is not known: tags are then not
verified, and requests can only be encrypted. `allow_weak` says on purpose that high, md5 or sha1
may be used, for an old meter. `invocation_counter` is the object from which a public client learns
which counter the meter expects; without it, the meter's object list is asked. `push` holds what a
meter's pushes are ciphered with, where that is no association's.
`reader` and `management` are the short form of an association with a password; `associations` goes
before it. `meter_title` at the top stands for all that tell none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.x509 import Certificate

from addad.dlms.acse import Mechanism
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import (
    AUTHENTICATED_ENCRYPTION,
    TITLE_OCTETS,
    Protection,
    SecuritySuite,
)
from addad.errors import InputError
from addad.obis import Obis
from addad.reader.credential_fields import Fields
from addad.reader.private_files import read_private

FILE_OCTETS_MAX: Final = 64 * 1024
SHORT_FORM: Final = {"management": 1, "reader": 2}
"""The client SAPs of the passwords that stand at the top of the file."""
SAP_MAX: Final = 0xFFFF

MECHANISMS: Final = {
    "none": Mechanism.NONE,
    "low": Mechanism.LOW,
    "high": Mechanism.HIGH,
    "md5": Mechanism.HIGH_MD5,
    "sha1": Mechanism.HIGH_SHA1,
    "gmac": Mechanism.HIGH_GMAC,
    "sha256": Mechanism.HIGH_SHA256,
    "ecdsa": Mechanism.HIGH_ECDSA,
}
PROTECTIONS: Final = {
    "authentication": Protection.AUTHENTICATION,
    "encryption": Protection.ENCRYPTION,
    "signature": Protection.SIGNATURE,
}
_WITH_PASSWORD: Final = frozenset(
    (
        Mechanism.LOW,
        Mechanism.HIGH,
        Mechanism.HIGH_MD5,
        Mechanism.HIGH_SHA1,
        Mechanism.HIGH_SHA256,
    )
)

_TOP: Final = frozenset(("associations", "push", "meter_title", *SHORT_FORM))


@dataclass(frozen=True, slots=True)
class EllipticKeys:
    """The key pairs of an association: our private ones, the meter's public ones."""

    signing: EllipticCurvePrivateKey | None = field(default=None, repr=False)
    signing_certificate: Certificate | None = field(default=None, repr=False)
    agreement: EllipticCurvePrivateKey | None = field(default=None, repr=False)
    meter_signing: EllipticCurvePublicKey | None = field(default=None, repr=False)
    meter_agreement: EllipticCurvePublicKey | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AssociationCredentials:
    """What one client needs; titles are eight octets.

    `keys` without an authentication key are those of a client that was told on purpose to go
    without: what it deciphers may have been forged. `dedicated_key` is one that is known already.
    """

    mechanism: Mechanism = Mechanism.NONE
    password: bytes = field(default=b"", repr=False)
    suite: SecuritySuite = SecuritySuite.SUITE_0
    protection: Protection = Protection.NONE
    client_title: bytes | None = None
    meter_title: bytes | None = None
    keys: SymmetricKeys | None = None
    wants_dedicated_key: bool = False
    dedicated_key: bytes | None = field(default=None, repr=False)
    elliptic: EllipticKeys = EllipticKeys()
    allow_weak: bool = False
    invocation_counter: Obis | None = None

    @property
    def encryption_key_only(self) -> bool:
        """Whether it was said on purpose that tags shall not be verified."""
        return self.keys is not None and self.keys.authentication is None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of one meter, by client SAP, and those of its pushes."""

    associations: Mapping[int, AssociationCredentials]
    push: AssociationCredentials | None = None

    def of_client(self, client_sap: int) -> AssociationCredentials:
        """The secrets of a client; of one that the file does not know, none at all."""
        return self.associations.get(client_sap, AssociationCredentials())

    @property
    def for_pushes(self) -> tuple[AssociationCredentials, ...]:
        """All entries with keys, those of pushes first: a push may be ciphered with any."""
        entries = [] if self.push is None else [self.push]
        entries += self.associations.values()
        return tuple(entry for entry in entries if entry.keys is not None)


def load_credentials(path: Path) -> Credentials:
    """Read a credentials file; raises `InputError` that names the field and what it wants."""
    octets = read_private(path, FILE_OCTETS_MAX)
    try:
        content = json.loads(octets.decode("utf-8"), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as fault:
        where = f" (line {fault.lineno})" if isinstance(fault, json.JSONDecodeError) else ""
        told = f": {fault}" if isinstance(fault, _Twins) else ""
        raise InputError(f"{path} is no JSON in UTF-8{where}{told}") from None
    try:
        return read_credentials(content, path.parent)
    except InputError as fault:
        raise InputError(f"{path}: {fault}") from None


def read_credentials(content: object, folder: Path) -> Credentials:
    """The credentials in a file's content; PEM paths count from `folder`. Raises `InputError`."""
    top = Fields("credentials", content, folder)
    top.only(_TOP)
    assert isinstance(content, Mapping)
    title = top.octets("meter_title", TITLE_OCTETS)
    found: dict[int, AssociationCredentials] = {}
    for name, sap in SHORT_FORM.items():
        if top.has(name):
            found[sap] = AssociationCredentials(Mechanism.LOW, top.secret(name), meter_title=title)
    listed = content.get("associations")
    if listed is not None:
        if not isinstance(listed, Mapping):
            raise top.refuse("associations", "an object with client SAPs as names is wanted")
        for name, entry in listed.items():
            fields = Fields(f"associations.{name}", entry, folder)
            found[_sap(name)] = _association(fields, title)
    push = content.get("push")
    pushed = None if push is None else _association(Fields("push", push, folder), title)
    return Credentials(dict(sorted(found.items())), pushed)


class _Twins(ValueError):
    pass


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _Twins("a name stands twice in one object")
    return content


def _sap(name: str) -> int:
    if not name.isascii() or not name.isdecimal() or len(name) > 5 or int(name) > SAP_MAX:
        raise InputError(f"associations.{name}: the name is a client SAP, from 0 to {SAP_MAX}")
    return int(name)


_ENTRY: Final = frozenset(
    (
        *("mechanism", "password", "suite", "protection", "client_title", "meter_title"),
        *("encryption_key", "authentication_key", "broadcast_key", "master_key"),
        *("dedicated_key", "encryption_key_only", "signing_key", "signing_certificate"),
        *("allow_weak", "invocation_counter"),
        *("agreement_key", "meter_signing_key", "meter_agreement_key"),
    )
)


def _association(fields: Fields, meter_title: bytes | None) -> AssociationCredentials:
    fields.only(_ENTRY)
    mechanism = Mechanism(fields.word("mechanism", MECHANISMS, _default_mechanism(fields)))
    password = fields.secret("password")
    suite = SecuritySuite(fields.number("suite", 0, max(SecuritySuite), 0))
    keys = _keys(fields, suite)
    elliptic = _elliptic(fields, suite)
    if mechanism in _WITH_PASSWORD and not password:
        raise fields.refuse("password", "this mechanism needs one")
    verifies = keys is not None and keys.authentication is not None
    if mechanism == Mechanism.HIGH_GMAC and not verifies:
        raise fields.refuse("mechanism", "gmac needs encryption_key and authentication_key")
    if mechanism == Mechanism.HIGH_ECDSA and elliptic.signing is None:
        raise fields.refuse("signing_key", "this mechanism needs one")
    usual = AUTHENTICATED_ENCRYPTION if verifies else Protection.NONE
    protection = Protection(fields.words("protection", PROTECTIONS, usual))
    if protection & AUTHENTICATED_ENCRYPTION and keys is None:
        raise fields.refuse("protection", "it needs encryption_key and authentication_key")
    if protection & Protection.AUTHENTICATION and not verifies:
        raise fields.refuse("protection", "authentication needs authentication_key")
    if protection & Protection.SIGNATURE and elliptic.signing is None:
        raise fields.refuse("protection", "a signature needs signing_key")
    dedicated, wanted = _dedicated_key(fields, suite)
    client_title = fields.octets("client_title", TITLE_OCTETS)
    meter_title = fields.octets("meter_title", TITLE_OCTETS) or meter_title
    if client_title is not None and client_title == meter_title:
        raise fields.refuse("client_title", "it is the meter's; each end has its own")
    return AssociationCredentials(
        mechanism=mechanism,
        password=password,
        suite=suite,
        protection=protection,
        client_title=client_title,
        meter_title=meter_title,
        keys=keys,
        wants_dedicated_key=wanted,
        dedicated_key=dedicated,
        elliptic=elliptic,
        allow_weak=fields.flag("allow_weak"),
        invocation_counter=fields.name("invocation_counter"),
    )


def _default_mechanism(fields: Fields) -> Mechanism:
    return Mechanism.LOW if fields.has("password") else Mechanism.NONE


def _dedicated_key(fields: Fields, suite: SecuritySuite) -> tuple[bytes | None, bool]:
    if fields.is_text("dedicated_key"):
        return fields.octets("dedicated_key", suite.key_octets), True
    return None, fields.flag("dedicated_key")


def _keys(fields: Fields, suite: SecuritySuite) -> SymmetricKeys | None:
    size = suite.key_octets
    encryption = fields.octets("encryption_key", size)
    authentication = fields.octets("authentication_key", size)
    only = fields.flag("encryption_key_only")
    others = (fields.octets("broadcast_key", size), fields.octets("master_key", size))
    if encryption is None:
        if authentication is not None or only or others != (None, None):
            raise fields.refuse("encryption_key", "it is missing")
        return None
    if authentication is None and not only:
        raise fields.refuse(
            "authentication_key",
            'it is missing; if it is not known, say "encryption_key_only": true: '
            "what is read may then have been forged",
        )
    if authentication is not None and only:
        raise fields.refuse("encryption_key_only", "an authentication_key is there")
    return SymmetricKeys(encryption, authentication, *others)


def _elliptic(fields: Fields, suite: SecuritySuite) -> EllipticKeys:
    names = ("signing_key", "agreement_key", "meter_signing_key", "meter_agreement_key")
    if suite == SecuritySuite.SUITE_0:
        for name in names:
            if fields.has(name):
                raise fields.refuse(name, "suite 0 knows no such keys; say suite 1 or 2")
        return EllipticKeys()
    curve = suite.curve.name
    signing, agreement, meter_signing, meter_agreement = names
    return EllipticKeys(
        signing=fields.private_key(signing, curve),
        signing_certificate=fields.certificate("signing_certificate"),
        agreement=fields.private_key(agreement, curve),
        meter_signing=fields.public_key(meter_signing, curve),
        meter_agreement=fields.public_key(meter_agreement, curve),
    )
