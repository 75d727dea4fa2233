"""What a client wants of a server, and what it did that it should not have done.

Green Book, IEC 62056-5-3 (COSEM-OPEN, COSEM-RELEASE, GET, SET, ACTION indications). `protection`
is what was applied to a request and verified; `broadcast` says that it came under the key that
every meter of a group holds.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from addad.dlms.access_exchanges import AccessIndication
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.data import Data
from addad.dlms.results import Diagnostic
from addad.dlms.security.suite import Protection
from addad.errors import SecurityError, SecurityFault


class AssociateIndication(NamedTuple):
    """A client asks for an association, and all that the protocol can check is right.

    `conformance` is what both ends offer; `max_pdu` is what the client receives. With mechanisms
    5 to 7 the client has still to prove itself after the AARE.
    """

    mechanism: Mechanism
    conformance: Conformance
    max_pdu: int
    user_id: int | None = None
    title: bytes | None = None
    """The client's system title."""
    certificate: bytes | None = None
    """What it gave for its signature certificate (DER); nobody has verified it."""


class ReleaseIndication(NamedTuple):
    """The client releases the association."""


class GetIndication(NamedTuple):
    """The attributes to read."""

    descriptors: tuple[AttributeDescriptor, ...]
    protection: Protection = Protection.NONE
    broadcast: bool = False


class SetIndication(NamedTuple):
    """The attributes to write, each with its value."""

    items: tuple[tuple[AttributeDescriptor, Data], ...]
    protection: Protection = Protection.NONE
    broadcast: bool = False


class ActionIndication(NamedTuple):
    """The methods to run, each with its parameters, None when there are none."""

    items: tuple[tuple[MethodDescriptor, Data | None], ...]
    protection: Protection = Protection.NONE
    broadcast: bool = False


Indication = (
    AssociateIndication
    | ReleaseIndication
    | GetIndication
    | SetIndication
    | ActionIndication
    | AccessIndication
)


class IncidentKind(Enum):
    """What happened that an operator should know."""

    AUTHENTICATION_FAILED = "authentication failed"
    DECIPHERING_FAILED = "deciphering failed"
    REPLAYED = "replayed"
    POLICY_VIOLATED = "policy violated"


class Incident(NamedTuple):
    """Something that a client did and should not have done; it was refused.

    `diagnostic` is what the AARE said, when it was a request to associate; `fault` is what is wrong
    with a protection.
    """

    kind: IncidentKind
    words: str
    diagnostic: Diagnostic | None = None
    fault: SecurityFault | None = None


_KINDS: Final = {
    SecurityFault.REPLAY: IncidentKind.REPLAYED,
    SecurityFault.POLICY: IncidentKind.POLICY_VIOLATED,
    SecurityFault.UNSUPPORTED: IncidentKind.POLICY_VIOLATED,
    SecurityFault.AUTHENTICATION: IncidentKind.AUTHENTICATION_FAILED,
    SecurityFault.SIGNATURE: IncidentKind.AUTHENTICATION_FAILED,
    SecurityFault.UNKNOWN_TITLE: IncidentKind.AUTHENTICATION_FAILED,
}


def incident_of(error: SecurityError, diagnostic: Diagnostic | None = None) -> Incident:
    """The incident that an error of protection is."""
    kind = _KINDS.get(error.fault, IncidentKind.DECIPHERING_FAILED)
    return Incident(kind, str(error), diagnostic, error.fault)
