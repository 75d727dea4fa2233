"""Who may see and do what: the associations that a logical device offers, and their rights.

Three are usual, by client SAP (IEC 62056-46 and -47 addresses as collected in the house's
reference): public 16 without authentication, reader 2 and management 1 with a password.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from addad import obis
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeReads, Binding
from addad.dlms.acse import Mechanism
from addad.obis import Obis

Rights: TypeAlias = Callable[[CosemObject, Binding], bool]

PUBLIC_CLIENT: Final = 16
READER_CLIENT: Final = 2
MANAGEMENT_CLIENT: Final = 1

PUBLIC_OBJECTS: Final = frozenset(
    (obis.LOGICAL_DEVICE_NAME, obis.CLOCK, obis.CURRENT_ASSOCIATION, obis.SAP_ASSIGNMENT)
)


def public_rights(item: CosemObject, binding: Binding) -> bool:
    """Name, clock, own association and addresses may be read; nothing that is measured."""
    return item.logical_name in PUBLIC_OBJECTS and isinstance(binding, AttributeReads)


def reader_rights(item: CosemObject, binding: Binding) -> bool:
    """Everything readable may be read, nothing written or done."""
    return isinstance(binding, AttributeReads)


def management_rights(item: CosemObject, binding: Binding) -> bool:
    """Everything that the object offers."""
    return True


@dataclass(frozen=True, slots=True)
class AssociationSpec:
    """One association that a logical device offers to one client SAP."""

    client_sap: int
    logical_name: Obis
    rights: Rights
    mechanism: Mechanism = Mechanism.NONE
    password: bytes = field(default=b"", repr=False)


def usual_associations(
    *, reader_password: bytes, management_password: bytes
) -> tuple[AssociationSpec, AssociationSpec, AssociationSpec]:
    """Public, reader and management, as objects 0-0:40.0.1, .2 and .3."""
    return (
        AssociationSpec(PUBLIC_CLIENT, obis.PUBLIC_ASSOCIATION, public_rights),
        AssociationSpec(
            READER_CLIENT, obis.READER_ASSOCIATION, reader_rights, Mechanism.LOW, reader_password
        ),
        AssociationSpec(
            MANAGEMENT_CLIENT,
            obis.MANAGEMENT_ASSOCIATION,
            management_rights,
            Mechanism.LOW,
            management_password,
        ),
    )
