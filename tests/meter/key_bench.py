"""Keys, titles and chance for the tests of what a meter keeps."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

from cryptography.hazmat.primitives.asymmetric import ec

from addad.cosem.security_material import SecurityMaterial
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.meter.key_store import Chance
from addad.meter.security import MeterSecurity, Provision, SetupContext
from addad.meter.storage import VolatileMemory

CLIENT = b"CLI\0\0\0\0\1"
SERVER = b"ADD\0\0\0\0\1"
GET = bytes.fromhex("C0010000080000010000FF0200")
START = datetime(2026, 5, 10, 13, 7, 13, tzinfo=UTC)
A_AND_E = 0b01101100
"""The policy: requests and responses authenticated and encrypted."""


def key(name: str, octets: int = 16) -> bytes:
    return sha256(name.encode()).digest()[:octets]


def keys(name: str, octets: int = 16) -> SymmetricKeys:
    return SymmetricKeys(*(key(f"{name} {part}", octets) for part in "eabm"))


def material(
    name: str = "first", suite: SecuritySuite = SecuritySuite.SUITE_0, **changes: object
) -> SecurityMaterial:
    fields = {"policy": A_AND_E, "server_title": SERVER, "client_title": CLIENT, **changes}
    return SecurityMaterial(suite, keys=keys(name, suite.key_octets), **fields)


def chance(seal: bytes = b"seal", salt: bytes = b"") -> Chance:
    numbers = count(1)
    scalars = count(1000)
    return Chance(
        sha256(seal).digest(),
        lambda size: sha256(salt + b"%d" % next(numbers)).digest()[:size],
        lambda curve: ec.derive_private_key(next(scalars), curve),
    )


class Vault:
    """A meter's security on a memory, with a clock and what it noted."""

    def __init__(
        self,
        memory: VolatileMemory | None = None,
        provision: Provision | None = None,
        seal: bytes = b"seal",
    ) -> None:
        self.memory = VolatileMemory() if memory is None else memory
        self.noted: list[int] = []
        self.now = START
        self.security = MeterSecurity(
            provision or Provision("k"),
            self.memory,
            chance(seal),
            note=self.noted.append,
            now=lambda: self.now,
        )

    def context(self) -> SecurityContext:
        """That of a new association."""
        return SetupContext(self.security.setups[0])

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.security.step()


def provision(**secrets: bytes) -> Provision:
    return Provision("k", {0: material()}, {int(k[1:]): v for k, v in secrets.items()})


def client(
    keys: SymmetricKeys, counters: Counters | None = None, title: bytes = CLIENT
) -> SecurityContext:
    counters = counters or VolatileCounters()
    suite = SecuritySuite.SUITE_2 if len(keys.encryption) == 32 else SecuritySuite.SUITE_0
    return SecurityContext(suite, title, SERVER, keys, counters)


def asked(
    by: SecurityContext,
    protection: Protection = AUTHENTICATED_ENCRYPTION,
    *,
    broadcast: bool = False,
) -> bytes:
    form = CipheringForm.GENERAL_GLOBAL
    return by.protect(GET, protection, form, broadcast=broadcast)
