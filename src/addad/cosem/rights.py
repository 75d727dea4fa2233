"""Who may see and do what: the associations that a logical device offers, and their rights.

Blue Book, class 15; Green Book, IEC 62056-5-3 (access rights and protection). Client SAPs are those
of IEC 62056-46 and -47 as collected in the house's reference: public 16 without authentication,
reader 2 and management 1 with a password, 102 without an association being asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from addad import obis
from addad.cosem.classes.access import AssociationLN, AssociationLNV0
from addad.cosem.classes.access_modes import RequiredProtection
from addad.cosem.classes.control import Clock
from addad.cosem.cosem_object import CosemObject
from addad.cosem.interface_class import AttributeReads, AttributeWrites, Binding
from addad.dlms.acse import Mechanism
from addad.dlms.parameters import check_secret
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.hls import HIGH_MECHANISMS, OBSOLETE_MECHANISMS
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.errors import LocalProtocolError
from addad.obis import Obis

Rights: TypeAlias = Callable[[CosemObject, Binding], bool]
Demands: TypeAlias = Callable[[CosemObject, Binding], RequiredProtection]

PUBLIC_CLIENT: Final = 16
READER_CLIENT: Final = 2
MANAGEMENT_CLIENT: Final = 1

PUBLIC_OBJECTS: Final = frozenset(
    (
        obis.LOGICAL_DEVICE_NAME,
        obis.CLOCK,
        obis.CURRENT_ASSOCIATION,
        obis.SAP_ASSIGNMENT,
        obis.FIRMWARE_ID,
    )
)

_SECURITY_SETUP: Final = 64
_ASSOCIATION: Final = 15
_SECRET: Final = 7
_GUARDED: Final = frozenset(range(2, 7))
"""Methods of an association: its secret, its objects, its users."""

NO_DEMANDS: Final = RequiredProtection()
_AUTHENTICATED: Final = int(Protection.AUTHENTICATION)
_KEYS_DEMAND: Final = RequiredProtection(AUTHENTICATED_ENCRYPTION, AUTHENTICATED_ENCRYPTION)


class Proof(NamedTuple):
    """What was applied to a request and verified; `broadcast` is the key that a group shares."""

    protection: Protection = Protection.NONE
    broadcast: bool = False


def is_invocation_counter(name: Obis) -> bool:
    """Whether a name is that of an invocation counter, 0-b:43.1.e."""
    octets = bytes(name)
    return octets[0] == 0 and octets[2:4] == b"\x2b\x01"


def public_rights(item: CosemObject, binding: Binding) -> bool:
    """Name, clock, own association, addresses, firmware, counters: nothing that is measured."""
    known = item.logical_name in PUBLIC_OBJECTS or is_invocation_counter(item.logical_name)
    return known and isinstance(binding, AttributeReads)


def reader_rights(item: CosemObject, binding: Binding) -> bool:
    """Everything readable may be read, nothing written or done."""
    return isinstance(binding, AttributeReads)


def group_rights(item: CosemObject, binding: Binding) -> bool:
    """What may come from whom one cannot tell from others: reading, and the time.

    Whoever has opened one meter has the key that the group shares.
    """
    return isinstance(binding, AttributeReads) or item.interface_class is Clock


def management_rights(item: CosemObject, binding: Binding) -> bool:
    """Everything that the object offers."""
    return True


def usual_demands(item: CosemObject, binding: Binding) -> RequiredProtection:
    """Keys, secrets, and who may do what are changed only by who authenticates and encrypts.

    The rest is as the policy has it.
    """
    if isinstance(binding, AttributeReads):
        return NO_DEMANDS
    class_id, name = item.interface_class.class_id, binding_index(binding)
    guarded = (_SECRET,) if isinstance(binding, AttributeWrites) else _GUARDED
    secret = class_id == _ASSOCIATION and name in guarded
    return _KEYS_DEMAND if secret or class_id == _SECURITY_SETUP else NO_DEMANDS


def binding_index(binding: Binding) -> int:
    """The number of the attribute or method that a binding stands behind."""
    if hasattr(binding, "attribute"):
        return binding.attribute.index
    return binding.method.index


def no_policy() -> RequiredProtection:
    """A setup that demands nothing."""
    return NO_DEMANDS


@dataclass(frozen=True, slots=True)
class SecuredBy:
    """The security setup of an association: its name, its contexts, and what it demands now."""

    setup: Obis
    context: SecurityContext
    policy: Callable[[], RequiredProtection] = no_policy
    certificate: Callable[[], bytes | None] = lambda: None
    """The meter's certificate for signatures (DER), to be sent with mechanism 7."""


def _no_users() -> Mapping[int, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AssociationSpec:
    """One association that a logical device offers to one client SAP.

    `ciphered` is its application context; with `users` only they may associate. A device may know
    a newer secret than `password`.
    """

    client_sap: int
    logical_name: Obis
    rights: Rights
    mechanism: Mechanism = Mechanism.NONE
    password: bytes = field(default=b"", repr=False)
    version: type[AssociationLNV0] = AssociationLN
    secured: SecuredBy | None = None
    ciphered: bool = False
    pre_established: bool = False
    demands: Demands = usual_demands
    users: Mapping[int, str] = field(default_factory=_no_users)

    def __post_init__(self) -> None:
        """Raises `LocalProtocolError` for a password that is no octets, a mechanism that no meter
        here offers, and for security without keys: every client would be refused.
        """
        check_secret(self.password)
        if self.mechanism in OBSOLETE_MECHANISMS:
            raise LocalProtocolError(
                f"no meter here offers mechanism {self.mechanism:d}: it is weak"
            )
        if self.secured is None and (self.ciphered or self.mechanism in HIGH_MECHANISMS):
            what = "a ciphered association" if self.ciphered else f"mechanism {self.mechanism:d}"
            raise LocalProtocolError(f"{what} needs a security context: give `secured`")

    def sees(self, item: CosemObject, binding: Binding) -> bool:
        """Whether the association may use a binding at all, with the protection it can have."""
        demanded = self.demands(item, binding)
        return self.rights(item, binding) and (self.ciphered or demanded == NO_DEMANDS)

    def permits(self, item: CosemObject, binding: Binding, proof: Proof) -> bool:
        """Whether a request that was so protected may use a binding that the association sees.

        Nothing is written or done that was only encrypted, for nothing proves who encrypted it.
        The answer is protected as the request was, and as the policy demands.
        """
        if proof.broadcast and not group_rights(item, binding):
            return False
        if not self.ciphered:
            return True
        if not isinstance(binding, AttributeReads):
            if not int(proof.protection) & _AUTHENTICATED:
                return False
        policy = NO_DEMANDS if self.secured is None else self.secured.policy()
        demanded = self.demands(item, binding)
        if policy is NO_DEMANDS and demanded is NO_DEMANDS:
            return True
        applied = int(proof.protection)  # numbers: flags take their time
        if (int(policy.request) | int(demanded.request)) & ~applied:
            return False
        return not int(demanded.response) & ~(applied | int(policy.response))


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
