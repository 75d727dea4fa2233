"""Keys for a meter's associations: made once, each for one client of one meter, and for both ends.

Green Book, IEC 62056-5-3 (system titles, security material). A title is three letters and a number;
the meter's follows from its serial. Certificates are issued by an authority of the meter's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from addad.cosem.security_material import KeptCertificate, SecurityMaterial, named_keys
from addad.dlms.acse import Mechanism
from addad.dlms.security.certificate_authority import (
    CertificateAuthority,
    CertificateRequest,
    request_certificate,
)
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import SecuritySuite
from addad.errors import InputError
from addad.meter.associations import PUSH_SETUP, AssociationRow
from addad.meter.key_store import Chance

Entry: TypeAlias = dict[str, str | int]

METER_LETTERS: Final = b"ADD"
CLIENT_LETTERS: Final = b"ADC"
VALID_FOR: Final = timedelta(days=20 * 365)
VALID_BEFORE: Final = timedelta(days=1)
"""Certificates are good a day before they are made: clocks differ."""

_NUMBER_OCTETS: Final = 5
_SERIAL_OCTETS: Final = 8
_SECRET_OCTETS: Final = 24
_USES: Final = (CertificateUse.SIGNATURE, CertificateUse.AGREEMENT)

MECHANISM_NAMES: Final = {
    Mechanism.NONE: "none",
    Mechanism.HIGH_GMAC: "gmac",
    Mechanism.HIGH_SHA256: "sha256",
    Mechanism.HIGH_ECDSA: "ecdsa",
}


class KeyLedger:
    """The keys that were given out, by their digests: none is given twice, in no two meters."""

    def __init__(self) -> None:
        self._given: dict[bytes, str] = {}

    def claim(self, owner: str, keys: Iterable[bytes]) -> None:
        """Note keys as those of `owner`; raises `InputError` for one that somebody has."""
        for key in keys:
            digest = sha256(b"addad ledger" + key).digest()
            if digest in self._given:
                holder = self._given[digest]
                raise InputError(f"{owner} would get a key that {holder} has; every key is unique")
            self._given[digest] = owner


@dataclass(frozen=True, slots=True, repr=False)
class Provisioned:
    """What a meter gets, by number of its setups, and what its clients get, by their SAPs.

    `push` is for who hears its pushes. `authorities` issue further certificates; they are nobody's
    but the owner's.
    """

    setups: dict[int, SecurityMaterial]
    entries: dict[str, Entry]
    push: Entry
    authorities: dict[SecuritySuite, CertificateAuthority]


def provision(
    rows: tuple[AssociationRow, ...],
    serial: str,
    chance: Chance,
    now: datetime,
    ledger: KeyLedger | None = None,
) -> Provisioned:
    """New keys for all associations with a security setup; raises `InputError` for twins."""
    ledger = ledger or KeyLedger()
    made = Provisioned({}, {}, {}, {})
    for row in rows:
        if row.setup is None:
            continue
        suite, setup = row.setup.suite, row.setup
        keys = SymmetricKeys(*(chance.octets(suite.key_octets) for _ in range(4)))
        owner = f"meter {serial}, client {row.client_sap}"
        ledger.claim(owner, named_keys(keys).values())
        material = SecurityMaterial(
            suite, setup.policy, server_title(serial), client_title(row.client_sap), keys
        )
        entry = _entry(row, material)
        if row.mechanism is Mechanism.HIGH_SHA256:
            entry["password"] = chance.octets(_SECRET_OCTETS).hex()
        if suite != SecuritySuite.SUITE_0:
            authority = made.authorities.get(suite)
            if authority is None:
                authority = made.authorities[suite] = _authority(suite, serial, chance, now)
            material = _with_certificates(material, entry, authority, chance, now)
        made.setups[setup.number] = material
        made.entries[str(row.client_sap)] = entry
    if made.setups:
        _provision_pushes(made, serial, chance, ledger)
    return made


def _provision_pushes(made: Provisioned, serial: str, chance: Chance, ledger: KeyLedger) -> None:
    suite = PUSH_SETUP.suite
    keys = SymmetricKeys(*(chance.octets(suite.key_octets) for _ in range(4)))
    ledger.claim(f"meter {serial}, pushes", named_keys(keys).values())
    material = SecurityMaterial(suite, PUSH_SETUP.policy, server_title(serial), None, keys)
    made.setups[PUSH_SETUP.number] = material
    made.push.update(_key_fields(material))


def server_title(serial: str) -> bytes:
    """The meter's system title: three letters, and its serial as a number or a digest."""
    if serial.isdecimal() and int(serial) < 1 << 8 * _NUMBER_OCTETS:
        number = int(serial).to_bytes(_NUMBER_OCTETS, "big")
    else:
        number = sha256(serial.encode("ascii")).digest()[:_NUMBER_OCTETS]
    return METER_LETTERS + number


def client_title(client_sap: int) -> bytes:
    """The system title of a client: three letters, and its SAP."""
    return CLIENT_LETTERS + client_sap.to_bytes(_NUMBER_OCTETS, "big")


def _entry(row: AssociationRow, material: SecurityMaterial) -> Entry:
    assert material.client_title is not None
    return {
        "mechanism": MECHANISM_NAMES[row.mechanism],
        "client_title": material.client_title.hex(),
        **_key_fields(material),
        **({} if row.setup is None else {"invocation_counter": f"0-0:43.1.{row.setup.number}"}),
    }


def _key_fields(material: SecurityMaterial) -> Entry:
    names = ("encryption_key", "broadcast_key", "authentication_key", "master_key")
    keys = named_keys(material.keys).values()
    return {
        "suite": int(material.suite),
        "meter_title": material.server_title.hex(),
        **{name: key.hex() for name, key in zip(names, keys, strict=True)},
    }


def _authority(
    suite: SecuritySuite, serial: str, chance: Chance, now: datetime
) -> CertificateAuthority:
    return CertificateAuthority.root(
        chance.private_key(suite.curve),
        f"authority of meter {serial}, suite {suite:d}",
        _number(chance),
        now - VALID_BEFORE,
        now + VALID_FOR,
    )


def _with_certificates(
    material: SecurityMaterial,
    entry: Entry,
    authority: CertificateAuthority,
    chance: Chance,
    now: datetime,
) -> SecurityMaterial:
    """Key pairs of both ends for signing and agreeing, each with its certificate."""
    client = material.client_title
    assert client is not None
    certificates = [
        KeptCertificate(
            CertificateEntity.AUTHORITY, CertificateUse.OTHER, authority.certificate.der
        )
    ]
    private_keys: dict[CertificateUse, ec.EllipticCurvePrivateKey] = {}

    def issue(key: ec.EllipticCurvePrivateKey, title: bytes, use: CertificateUse) -> bytes:
        request = CertificateRequest.read(request_certificate(key, title))
        moments = (now - VALID_BEFORE, now + VALID_FOR)
        return authority.issue(request, use, _number(chance), *moments)

    for use in _USES:
        ours, theirs = (chance.private_key(material.suite.curve) for _ in range(2))
        private_keys[use] = ours
        own = issue(ours, material.server_title, use)
        peer = issue(theirs, client, use)
        certificates.append(KeptCertificate(CertificateEntity.SERVER, use, own))
        certificates.append(KeptCertificate(CertificateEntity.CLIENT, use, peer))
        name = "signing" if use is CertificateUse.SIGNATURE else "agreement"
        entry[f"{name}_key"] = private_pem(theirs)
        entry[f"meter_{name}_key"] = certificate_pem(own)
        if use is CertificateUse.SIGNATURE:
            entry["signing_certificate"] = certificate_pem(peer)
    return SecurityMaterial(
        material.suite,
        material.policy,
        material.server_title,
        client,
        material.keys,
        private_keys=private_keys,
        certificates=tuple(certificates),
    )


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as PEM text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def certificate_pem(der: bytes) -> str:
    """A certificate as PEM text."""
    return load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode("ascii")


def _number(chance: Chance) -> int:
    return int.from_bytes(chance.octets(_SERIAL_OCTETS), "big") >> 1 | 1
