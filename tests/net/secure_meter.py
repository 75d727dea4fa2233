"""A sample meter with ciphered, pre-established and broadcast associations, and its clients' keys.

`SecureMeter().physical_device` offers what `SampleMeter` does, and besides: a ciphered management
association with mechanism 5 (client 3), a pre-established one (client 102) and the public one.
"""

from itertools import count

from addad.cosem.logical_device import Doorkeeper, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import (
    AssociationSpec,
    SecuredBy,
    group_rights,
    management_rights,
    usual_associations,
)
from addad.dlms.acse import Mechanism
from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import SecuritySuite
from addad.net.connectionless import PRE_ESTABLISHED_CLIENT
from addad.obis import Obis
from cosem.sample_device import MANAGEMENT, NAME, READER, SampleMeter

SECURE_CLIENT = 3
METER, HEAD_END = b"MTR00001", b"ADD00001"
KEYS = SymmetricKeys(bytes(16), bytes(range(16)), broadcast=bytes(range(1, 17)))
SUITE = SecuritySuite.SUITE_0
SETUP = Obis.parse("0-0:43.0.0")


class Challenges(Doorkeeper):
    """Challenges that differ; a test needs no more."""

    def __init__(self) -> None:
        self._numbers = count()

    def challenge(self) -> bytes:
        return next(self._numbers).to_bytes(32, "big")


def client_side(keys: SymmetricKeys = KEYS, first: int = 0) -> SecurityContext:
    """The head end's context; each call begins its counters anew at `first`."""
    return SecurityContext(SUITE, HEAD_END, METER, keys, VolatileCounters(first=first))


def ciphered(security: SecurityContext) -> AssociationParameters:
    """What the secure client asks for."""
    return AssociationParameters(SECURE_CLIENT, 1, Mechanism.HIGH_GMAC, security=security)


class SecureMeter(SampleMeter):
    """The sample meter behind keys."""

    def __init__(self, rows: int = 96 * 4, keys: SymmetricKeys = KEYS) -> None:
        super().__init__(rows)
        context = SecurityContext(SUITE, METER, HEAD_END, keys, VolatileCounters())
        secured = SecuredBy(SETUP, context)
        usual = usual_associations(reader_password=READER, management_password=MANAGEMENT)
        associations = (
            *usual,
            AssociationSpec(
                SECURE_CLIENT,
                Obis.parse("0-0:40.0.4"),
                management_rights,
                Mechanism.HIGH_GMAC,
                secured=secured,
                ciphered=True,
            ),
            AssociationSpec(
                PRE_ESTABLISHED_CLIENT,
                Obis.parse("0-0:40.0.5"),
                group_rights,
                secured=secured,
                ciphered=True,
                pre_established=True,
            ),
        )
        self.device = LogicalDevice(NAME, self.objects(), associations, doorkeeper=Challenges())
        self.physical_device = PhysicalDevice([self.device])
