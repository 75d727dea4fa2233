"""What a client wants of a server, and what the protocol itself says to an AARQ.

Green Book, IEC 62056-5-3 (COSEM-OPEN, COSEM-RELEASE, GET, SET, ACTION indications). `protection`
is what was applied to a request and verified; `broadcast` says that it came under the key that
every meter of a group holds.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from addad.dlms import apdu as apdus
from addad.dlms.acse import (
    Aare,
    Aarq,
    ApplicationContext,
    Mechanism,
    context_name,
)
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.exception import ConfirmedServiceError
from addad.dlms.apdu.initiate import (
    DLMS_VERSION,
    Conformance,
    InitiateRequest,
    InitiateResponse,
)
from addad.dlms.authentication import diagnose, read_mechanism
from addad.dlms.data import Data
from addad.dlms.parameters import MIN_PDU, ServerParameters
from addad.dlms.results import (
    AssociationResult,
    Diagnostic,
    InitiateError,
    ProviderDiagnostic,
    UserDiagnostic,
)
from addad.dlms.security.suite import Protection
from addad.errors import DecodeError

_SYSTEM_TITLE_OCTETS = 8


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
    AssociateIndication | ReleaseIndication | GetIndication | SetIndication | ActionIndication
)


class IncidentKind(Enum):
    """What happened that an operator should know."""

    AUTHENTICATION_FAILED = "authentication failed"
    DECIPHERING_FAILED = "deciphering failed"
    REPLAYED = "replayed"
    POLICY_VIOLATED = "policy violated"


class Incident(NamedTuple):
    """Something that a client did and should not have done; it was refused.

    `diagnostic` is what the AARE said, when it was a request to associate.
    """

    kind: IncidentKind
    words: str
    diagnostic: Diagnostic | None = None


class Refusal(NamedTuple):
    """Why an association is refused, and the error of the xDLMS context if that is the reason."""

    diagnostic: Diagnostic
    initiate_error: InitiateError | None = None


def _initiate_refusal(reason: InitiateError) -> Refusal:
    return Refusal(UserDiagnostic.NO_REASON_GIVEN, reason)


def read_aarq(aarq: Aarq, offered: ServerParameters) -> AssociateIndication | Refusal:
    """What the client asks for, or why it cannot have it whoever it is."""
    if not aarq.version_1:
        return Refusal(ProviderDiagnostic.NO_COMMON_ACSE_VERSION)
    if aarq.application_context_name != context_name(ApplicationContext.LOGICAL_NAME):
        return Refusal(UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED)
    if aarq.calling_ap_title is not None and len(aarq.calling_ap_title) != _SYSTEM_TITLE_OCTETS:
        return Refusal(UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED)
    try:
        initiate = apdus.decode(aarq.user_information or b"")
    except DecodeError:
        return _initiate_refusal(InitiateError.OTHER)
    if not isinstance(initiate, InitiateRequest):
        return _initiate_refusal(InitiateError.OTHER)
    if initiate.version < DLMS_VERSION:
        return _initiate_refusal(InitiateError.DLMS_VERSION_TOO_LOW)
    if initiate.dedicated_key is not None:
        return _initiate_refusal(InitiateError.REFUSED_BY_THE_VDE_HANDLER)
    if 0 < initiate.max_pdu < MIN_PDU:
        return _initiate_refusal(InitiateError.PDU_SIZE_TOO_SHORT)
    common = initiate.conformance & offered.conformance
    if not common:
        return _initiate_refusal(InitiateError.INCOMPATIBLE_CONFORMANCE)
    offer = read_mechanism(aarq.mechanism_name)
    refused = diagnose(offered.mechanism, offered.secret, offer, aarq.authentication_value)
    if refused is not None or offer is None:
        return Refusal(refused or UserDiagnostic.NO_REASON_GIVEN)
    return AssociateIndication(offer, common, initiate.max_pdu, aarq.user_id, aarq.calling_ap_title)


def write_aare(asked: AssociateIndication, offered: ServerParameters) -> bytes:
    """The AARE that opens the association."""
    return Aare(
        context_name(ApplicationContext.LOGICAL_NAME),
        AssociationResult.ACCEPTED,
        UserDiagnostic.NULL,
        InitiateResponse(asked.conformance, offered.max_pdu).encode(),
    ).encode()


def write_refusal(refusal: Refusal) -> bytes:
    """The AARE that refuses the association."""
    error = refusal.initiate_error
    return Aare(
        context_name(ApplicationContext.LOGICAL_NAME),
        AssociationResult.REJECTED_PERMANENT,
        refusal.diagnostic,
        None if error is None else ConfirmedServiceError.initiate(error).encode(),
    ).encode()
