"""A meter with an association for each mechanism, each suite, ciphered or not: for foreign clients.

`SecuredMeter().physical_device` is the sample meter with these besides its usual associations:
`sap_of(mechanism, suite)`; all of a suite share its keys, and know one client.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import count

from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.classes import Data, SecuritySetup
from addad.cosem.classes.access import AssociationLN, AssociationLNV0, AssociationLNV3
from addad.cosem.classes.access_modes import RequiredProtection
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import Doorkeeper, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import (
    NO_DEMANDS,
    AssociationSpec,
    SecuredBy,
    management_rights,
    usual_associations,
)
from addad.cosem.security_material import KeptCertificate, SecurityMaterial
from addad.cosem.security_setup import security_setup_bindings
from addad.dlms.acse import Mechanism
from addad.dlms.security.certificate_authority import (
    CertificateAuthority,
    CertificateRequest,
    request_certificate,
)
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import SecuritySuite
from addad.dlms.types import OctetString
from addad.obis import Obis
from cosem.sample_device import MANAGEMENT, NAME, READER, SampleMeter

METER_TITLE, CLIENT_TITLE = b"ADD00001", b"GRX00001"
PASSWORD = b"a password"
SECRET = b"a secret of mechanism 6"
NOTE = Obis.parse("0-0:96.1.4")
"""A text that may be written, of any length."""
FIRST_SAP = 32
PLAIN_SAP = 64
"""The SAPs from here on have the application context that is not ciphered."""
NOW = datetime(2026, 5, 10, tzinfo=UTC)
PRE_ESTABLISHED = 102
"""The SAP whose association stands without being asked for, under the keys of suite 0."""
KEYED = (Mechanism.HIGH_GMAC, Mechanism.HIGH_SHA256, Mechanism.HIGH_ECDSA)


def sap_of(mechanism: Mechanism, suite: int, *, ciphered: bool = True) -> int:
    """The client SAP that is for a mechanism and a suite."""
    return (FIRST_SAP if ciphered else PLAIN_SAP) + 4 * int(mechanism) + suite


def setup_name(suite: int) -> Obis:
    """The security setup of a suite."""
    return Obis.parse(f"0-0:43.0.{suite}")


def made_key(name: str, suite: int = 0) -> bytes:
    """A symmetric key of the size of a suite."""
    return sha256(f"{name} {suite}".encode()).digest()[: SecuritySuite(suite).key_octets]


@cache
def private(name: str, suite: int) -> ec.EllipticCurvePrivateKey:
    """A private key on the curve of a suite."""
    scalar = int.from_bytes(sha256(f"{name} {suite}".encode()).digest(), "big")
    return ec.derive_private_key(scalar >> 8, SecuritySuite(suite).curve)


@cache
def authority(suite: int) -> CertificateAuthority:
    """The authority that both ends trust."""
    until = NOW + timedelta(days=3650)
    return CertificateAuthority.root(private("root", suite), "Root", 1, NOW, until)


@cache
def certificate(who: str, use: CertificateUse, suite: int) -> bytes:
    """The certificate of the meter or the client for a use, in DER."""
    title = METER_TITLE if who == "meter" else CLIENT_TITLE
    request = CertificateRequest.read(
        request_certificate(private(f"{who} {use.name}", suite), title)
    )
    serial = 10 + 2 * int(use) + (who == "meter")
    until = NOW + timedelta(days=3600)
    return authority(suite).issue(request, use, serial, NOW, until)


def symmetric_keys(suite: int) -> SymmetricKeys:
    """The keys that both ends of a suite have."""
    return SymmetricKeys(
        made_key("encryption", suite),
        made_key("authentication", suite),
        made_key("broadcast", suite),
        made_key("master", suite),
    )


def party(who: str, suite: int) -> PartyKeys:
    """The asymmetric keys of the meter or the client; of suite 0 none."""
    if suite == 0:
        return PartyKeys()
    other, title = ("client", CLIENT_TITLE) if who == "meter" else ("meter", METER_TITLE)
    public = PublicKeys(
        private(f"{other} SIGNATURE", suite).public_key(),
        private(f"{other} AGREEMENT", suite).public_key(),
    )
    return PartyKeys(
        private(f"{who} SIGNATURE", suite),
        private(f"{who} AGREEMENT", suite),
        {title: public},
        new_private_key=lambda: ec.generate_private_key(SecuritySuite(suite).curve),
        new_session_key=lambda: made_key("session", suite),
    )


def our_client(suite: int, first: int = 0) -> SecurityContext:
    """The client's end with our own client, or a peer's key ring to open what the meter sent."""
    return SecurityContext(
        SecuritySuite(suite),
        CLIENT_TITLE,
        METER_TITLE,
        symmetric_keys(suite),
        VolatileCounters(first),
        parties=party("client", suite),
    )


@dataclass
class Setup:
    """One security setup: its material changes as clients ask, and each new association has it."""

    suite: int
    policy: RequiredProtection = NO_DEMANDS
    material: SecurityMaterial = field(init=False)
    counters: VolatileCounters = field(default_factory=VolatileCounters)
    scalars: Callable[[], int] = field(default_factory=lambda: count(1000).__next__)

    def __post_init__(self) -> None:
        kept: list[KeptCertificate] = []
        keys = {}
        if self.suite:
            anchor = authority(self.suite).certificate
            kept.append(
                KeptCertificate(CertificateEntity.AUTHORITY, CertificateUse.OTHER, anchor.der)
            )
            uses = (CertificateUse.SIGNATURE, CertificateUse.AGREEMENT)
            for use in uses:
                keys[use] = private(f"meter {use.name}", self.suite)
                for who, entity in (
                    ("meter", CertificateEntity.SERVER),
                    ("client", CertificateEntity.CLIENT),
                ):
                    kept.append(KeptCertificate(entity, use, certificate(who, use, self.suite)))
        self.material = SecurityMaterial(
            SecuritySuite(self.suite),
            0,
            METER_TITLE,
            CLIENT_TITLE,
            symmetric_keys(self.suite),
            private_keys=keys,
            certificates=tuple(kept),
        )
        self.context = self._context(None)
        self.known = self._context(CLIENT_TITLE)

    def _context(self, peer: bytes | None) -> SecurityContext:
        """The meter's end; where nobody says who he is, `peer` is known before."""
        return SecurityContext(
            SecuritySuite(self.suite),
            METER_TITLE,
            peer,
            self.material.keys,
            self.counters,
            parties=party("meter", self.suite),
        )

    def change(self, material: SecurityMaterial) -> None:
        self.material = material

    def new_private_key(self, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.scalars(), curve)

    def now(self) -> datetime:
        return NOW + timedelta(days=1)


def _own_certificate(suite: int) -> Callable[[], bytes | None]:
    return lambda: certificate("meter", CertificateUse.SIGNATURE, suite) if suite else None


class _Keeper(Doorkeeper):
    """Challenges that differ, and the secret of mechanism 6."""

    def __init__(self) -> None:
        self._numbers = count()

    def challenge(self) -> bytes:
        return sha256(b"challenge %d" % next(self._numbers)).digest()

    def secret(self, spec: AssociationSpec) -> bytes:
        return SECRET if spec.mechanism is Mechanism.HIGH_SHA256 else spec.password


class SecuredMeter(SampleMeter):
    """The sample meter, with associations under keys."""

    def __init__(self, rows: int = 96, version: type[AssociationLNV0] = AssociationLN) -> None:
        super().__init__(rows)
        self.note = b""
        self.setups = {suite: Setup(suite) for suite in (0, 1, 2)}
        specs = [
            *usual_associations(reader_password=READER, management_password=MANAGEMENT),
            *self._secured(version),
            AssociationSpec(
                PRE_ESTABLISHED,
                Obis.parse("0-0:40.0.9"),
                management_rights,
                secured=SecuredBy(setup_name(0), self.setups[0].known),
                ciphered=True,
                pre_established=True,
            ),
        ]
        self.device = LogicalDevice(
            NAME,
            [*self.objects(), *self._more_objects()],
            specs,
            on_fault=lambda _name, fault: self.faults.append(fault),
            doorkeeper=_Keeper(),
        )
        self.physical_device = PhysicalDevice([self.device])

    def _secured(self, version: type[AssociationLNV0]) -> list[AssociationSpec]:
        numbers = count(10)
        return [
            AssociationSpec(
                sap_of(mechanism, suite, ciphered=ciphered),
                Obis.parse(f"0-0:40.0.{next(numbers)}"),
                management_rights,
                mechanism,
                PASSWORD if mechanism is Mechanism.LOW else b"",
                version=AssociationLNV3 if suite else version,
                secured=SecuredBy(
                    setup_name(suite), setup.context, certificate=_own_certificate(suite)
                ),
                ciphered=ciphered,
            )
            for ciphered in (True, False)
            for mechanism in ((Mechanism.NONE, Mechanism.LOW, *KEYED) if ciphered else KEYED)
            for suite, setup in self.setups.items()
            if suite or mechanism is not Mechanism.HIGH_ECDSA
        ]

    def _more_objects(self) -> list[CosemObject]:
        text = Data.value.typed(OctetString())
        setups = [
            CosemObject(SecuritySetup, setup_name(suite), *security_setup_bindings(setup))
            for suite, setup in self.setups.items()
        ]
        return [
            CosemObject(Data, NOTE, text.reads(lambda: self.note), text.writes(self._write)),
            *setups,
        ]

    def _write(self, note: bytes) -> None:
        self.note = note
