"""The associations and security setups that a meter is made with: a row each.

Client SAPs 1, 2, 16 and 102 are as collected in the house's reference; the others are the house's
own. Security setup e is the object 0-0:43.0.e, its invocation counter 0-0:43.1.e.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from addad.cosem.classes.access import AssociationLN, AssociationLNV0, AssociationLNV2
from addad.cosem.classes.access_modes import RequiredProtection, bits_of_protection
from addad.cosem.rights import (
    AssociationSpec,
    Rights,
    SecuredBy,
    group_rights,
    management_rights,
    public_rights,
    reader_rights,
)
from addad.dlms.acse import Mechanism
from addad.dlms.security.certificates import CertificateEntity, CertificateUse
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, SecuritySuite
from addad.errors import InputError
from addad.meter.security import KeptSetup, MeterSecurity, SetupContext
from addad.obis import Obis

AUTHENTICATED_AND_ENCRYPTED: Final = bits_of_protection(
    RequiredProtection(AUTHENTICATED_ENCRYPTION, AUTHENTICATED_ENCRYPTION)
)
"""The policy that demands both of requests and of responses."""


class Access(Enum):
    """What an association may do."""

    PUBLIC = "name, clock, counters"
    READER = "read everything"
    MANAGEMENT = "everything"
    GROUP = "read everything, set the time"


_RIGHTS: Final[dict[Access, Rights]] = {
    Access.PUBLIC: public_rights,
    Access.READER: reader_rights,
    Access.MANAGEMENT: management_rights,
    Access.GROUP: group_rights,
}


@dataclass(frozen=True, slots=True)
class SetupRow:
    """A security setup: its number, and what it demands."""

    number: int
    suite: SecuritySuite = SecuritySuite.SUITE_0
    policy: int = AUTHENTICATED_AND_ENCRYPTED

    @property
    def name(self) -> Obis:
        """The logical name of the setup."""
        return Obis.parse(f"0-0:43.0.{self.number}")


@dataclass(frozen=True, slots=True)
class AssociationRow:
    """One association: who, as the object 0-0:40.0.`number`, proved how, and what he may do.

    With a setup the application context is the ciphered one. Version 3 of the object would say in
    masks what each item demands; the most common open client cannot read those.
    """

    client_sap: int
    number: int
    access: Access
    mechanism: Mechanism = Mechanism.NONE
    setup: SetupRow | None = None
    pre_established: bool = False
    version: type[AssociationLNV0] = AssociationLN

    @property
    def name(self) -> Obis:
        """The logical name of the association."""
        return Obis.parse(f"0-0:40.0.{self.number}")


PUBLIC_ROW: Final = AssociationRow(16, 1, Access.PUBLIC)
PASSWORD_ROWS: Final = (
    AssociationRow(2, 2, Access.READER, Mechanism.LOW),
    AssociationRow(1, 3, Access.MANAGEMENT, Mechanism.LOW),
)
_GMAC, _SHA256, _ECDSA = Mechanism.HIGH_GMAC, Mechanism.HIGH_SHA256, Mechanism.HIGH_ECDSA
_SUITE_1, _SUITE_2 = SecuritySuite.SUITE_1, SecuritySuite.SUITE_2

SECURED_ROWS: Final = tuple(
    replace(row, version=AssociationLNV2)
    for row in (
        AssociationRow(3, 4, Access.MANAGEMENT, _GMAC, SetupRow(0)),
        AssociationRow(4, 5, Access.READER, _GMAC, SetupRow(1)),
        AssociationRow(5, 6, Access.MANAGEMENT, _SHA256, SetupRow(2)),
        AssociationRow(6, 7, Access.MANAGEMENT, _ECDSA, SetupRow(3, _SUITE_1)),
        AssociationRow(7, 8, Access.MANAGEMENT, _ECDSA, SetupRow(4, _SUITE_2)),
        AssociationRow(102, 9, Access.GROUP, Mechanism.NONE, SetupRow(5), pre_established=True),
    )
)

PASSWORDS: Final = (PUBLIC_ROW, *PASSWORD_ROWS)
"""What a meter without keys offers."""
TABLES: Final = {
    "all": (*PASSWORDS, *SECURED_ROWS),
    "high": (PUBLIC_ROW, *SECURED_ROWS),
    "passwords": PASSWORDS,
}
"""What may be chosen: `high` has no association with a password."""


PUSH_SETUP: Final = SetupRow(6)
"""No client's: the keys of what the meter sends unasked, with counters of their own."""


def association_specs(
    rows: tuple[AssociationRow, ...], security: MeterSecurity
) -> tuple[AssociationSpec, ...]:
    """The associations of a logical device; raises `InputError` for a setup that has no keys."""
    return tuple(_spec(row, security) for row in rows)


def _spec(row: AssociationRow, security: MeterSecurity) -> AssociationSpec:
    secured = None
    if row.setup is not None:
        kept = security.setups.get(row.setup.number)
        if kept is None:
            raise InputError(
                f"client {row.client_sap} needs security setup {row.setup.number}, and the meter "
                "has no keys for it; make new ones: addad meter --new-keys"
            )
        secured = SecuredBy(row.setup.name, SetupContext(kept), _policy(kept), _certificate(kept))
    return AssociationSpec(
        row.client_sap,
        row.name,
        _RIGHTS[row.access],
        row.mechanism,
        version=row.version,
        secured=secured,
        ciphered=row.setup is not None,
        pre_established=row.pre_established,
    )


def _policy(setup: KeptSetup) -> Callable[[], RequiredProtection]:
    return lambda: setup.material.required


def _certificate(setup: KeptSetup) -> Callable[[], bytes | None]:
    entity, use = CertificateEntity.SERVER, CertificateUse.SIGNATURE
    return lambda: setup.material.certificate_of(entity, use)
