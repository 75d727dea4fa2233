"""COSEM-OPEN: what each end says in AARQ and AARE, and what it makes of the other's.

Green Book, IEC 62056-5-3 (COSEM-OPEN service, application contexts, xDLMS initiate). In a ciphered
context the initiate APDUs inside are ciphered under the global key, AARQ and AARE themselves never.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from addad.dlms import apdu as apdus
from addad.dlms.acse import (
    Aare,
    Aarq,
    ApplicationContext,
    Mechanism,
    context_name,
    mechanism_name,
)
from addad.dlms.apdu.exception import ConfirmedServiceError
from addad.dlms.apdu.initiate import (
    DLMS_VERSION,
    LOGICAL_NAME_VAA,
    InitiateRequest,
    InitiateResponse,
)
from addad.dlms.apdu_path import ENVELOPE_OCTETS
from addad.dlms.authentication import diagnose, read_mechanism
from addad.dlms.indications import AssociateIndication
from addad.dlms.parameters import (
    MIN_PDU,
    AssociationParameters,
    Negotiated,
    ServerParameters,
    agreed,
    usable_pdu,
)
from addad.dlms.results import (
    AssociationResult,
    Diagnostic,
    InitiateError,
    ProviderDiagnostic,
    UserDiagnostic,
)
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm, form_of
from addad.dlms.security.hls import TITLED_MECHANISMS
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, TITLE_OCTETS, Protection
from addad.dlms.security.unprotected import Unprotected
from addad.errors import (
    AssociationError,
    DecodeError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    SecurityFault,
)

DECIPHERING: Final = ConfirmedServiceError(1, 0, 6)
"""An initiate APDU that cannot be deciphered."""


def _context(ciphered: bool) -> bytes:
    plain, secured = ApplicationContext.LOGICAL_NAME, ApplicationContext.LOGICAL_NAME_CIPHERED
    return context_name(secured if ciphered else plain)


# The client


def write_initiate(asked: AssociationParameters, security: SecurityContext | None) -> bytes:
    """The InitiateRequest, ciphered where the context is; also what a release brings as proof."""
    initiate = InitiateRequest(asked.conformance, asked.max_pdu).encode()
    return _protect_initiate(initiate, asked, security, asked.protection)


def _protect_initiate(
    initiate: bytes,
    asked: AssociationParameters,
    security: SecurityContext | None,
    protection: Protection,
) -> bytes:
    if security is None or not asked.ciphered:
        return initiate
    return security.protect(initiate, protection & AUTHENTICATED_ENCRYPTION, CipheringForm.GLOBAL)


def write_aarq(
    asked: AssociationParameters, security: SecurityContext | None, title: bytes | None
) -> bytes:
    """The AARQ; a dedicated key in it is authenticated and encrypted, whatever else is."""
    protection, key = asked.protection, asked.dedicated_key
    if key is not None:
        if not asked.ciphered:
            raise LocalProtocolError("a dedicated key needs an association that is ciphered")
        protection = AUTHENTICATED_ENCRYPTION
    initiate = InitiateRequest(asked.conformance, asked.max_pdu, key).encode()
    mechanism = asked.mechanism
    authenticated = mechanism != Mechanism.NONE
    value = asked.password if mechanism == Mechanism.LOW else asked.challenge
    titled = asked.ciphered or mechanism in TITLED_MECHANISMS
    return Aarq(
        _context(asked.ciphered),
        _protect_initiate(initiate, asked, security, protection),
        mechanism_name(mechanism) if authenticated else None,
        value if authenticated else None,
        title if titled else None,
        asked.certificate if mechanism == Mechanism.HIGH_ECDSA else None,
        asked.user_id,
        authentication_required=authenticated,
    ).encode()


def read_aare(
    aare: Aare, asked: AssociationParameters, security: SecurityContext | None
) -> Negotiated:
    """What an AARE that opens the association grants.

    Raises `AssociationError` for a refusal, `SecurityError` for less security than asked for,
    `RemoteProtocolError` for anything else.
    """
    if aare.result != AssociationResult.ACCEPTED:
        raise _refusal(aare, security)
    if aare.application_context_name != _context(asked.ciphered):
        raise _downgrade("another application context")
    if aare.mechanism_name not in (None, mechanism_name(asked.mechanism)):
        raise _downgrade("another authentication mechanism")
    challenged = aare.diagnostic == UserDiagnostic.AUTHENTICATION_REQUIRED
    if asked.mechanism > Mechanism.LOW and not challenged:
        raise _downgrade("no challenge, so that nobody is authenticated")
    if aare.diagnostic and not (challenged and asked.mechanism > Mechanism.LOW):
        raise AssociationError(
            f"the peer wants more authentication: {aare.diagnostic.name}", 0, aare.diagnostic
        )
    if security is not None and aare.responding_ap_title is not None:
        if asked.ciphered or asked.mechanism in TITLED_MECHANISMS:
            security.learn_title(aare.responding_ap_title)
    return _agree(aare.user_information, asked, security)


def _agree(
    information: bytes | None, asked: AssociationParameters, security: SecurityContext | None
) -> Negotiated:
    """What the InitiateResponse says; some peers leave a plain one out and mean what was asked."""
    if asked.ciphered and security is not None:
        if information is None:
            raise _downgrade("no ciphered initiate response")
        information = unprotect_initiate(information, security, asked.protection).apdu
    elif information is None:
        return agreed(asked.conformance, usable_pdu(asked.max_pdu))
    response = apdus.decode(information)
    if not isinstance(response, InitiateResponse):
        raise DecodeError(f"an AARE with {type(response).__name__}")
    if response.version != DLMS_VERSION or response.vaa_name != LOGICAL_NAME_VAA:
        raise RemoteProtocolError(
            f"DLMS version {response.version}, VAA-name {response.vaa_name:04X}"
        )
    if 0 < response.max_pdu < MIN_PDU:
        raise RemoteProtocolError(f"it takes APDUs of {response.max_pdu} octets: none fits")
    return agreed(response.conformance & asked.conformance, usable_pdu(response.max_pdu))


def unprotect_initiate(
    information: bytes, security: SecurityContext, required: Protection
) -> Unprotected:
    """A ciphered initiate APDU out of its envelope; raises `SecurityError` for a plain one."""
    if form_of(information) is not CipheringForm.GLOBAL:
        raise SecurityError("an initiate APDU that is not ciphered", SecurityFault.POLICY)
    envelope = security.unprotect(information)
    if envelope.broadcast:
        raise SecurityError("an initiate APDU under the broadcast key", SecurityFault.POLICY)
    if security.unverified:
        required &= ~Protection.AUTHENTICATION
    if required & AUTHENTICATED_ENCRYPTION & ~envelope.protection:
        raise SecurityError("an initiate APDU with less protection", SecurityFault.POLICY)
    return envelope


def _downgrade(words: str) -> SecurityError:
    return SecurityError(f"less security than asked for: {words}", SecurityFault.POLICY)


def _refusal(aare: Aare, security: SecurityContext | None) -> AssociationError:
    """What the peer's refusal says, in its words."""
    reason = _words(aare.diagnostic.name)
    try:
        information = aare.user_information or b""
        if security is not None and form_of(information) is CipheringForm.GLOBAL:
            information = security.unprotect(information).apdu
        error = apdus.decode(information)
    except RemoteProtocolError:
        error = None
    if isinstance(error, ConfirmedServiceError):
        if error.initiate_error is not None:
            reason += f" ({_words(error.initiate_error.name)})"
        elif error == DECIPHERING:
            reason += " (deciphering error: a key, the system title or the counter is wrong)"
    return AssociationError(f"the association is refused: {reason}", aare.result, aare.diagnostic)


def _words(name: str) -> str:
    return name.lower().replace("_", " ")


# The server


class Refusal(NamedTuple):
    """Why an association is refused, and the error of the xDLMS context if that is the reason."""

    diagnostic: Diagnostic
    error: ConfirmedServiceError | None = None


class Asked(NamedTuple):
    """An AARQ that the protocol has nothing against, and what its AARE must know of it."""

    indication: AssociateIndication
    challenge: bytes
    dedicated_key: bytes | None
    envelope: Unprotected | None

    def __repr__(self) -> str:
        """Without the key."""
        return f"Asked({self.indication!r})"


def _initiate_refusal(reason: InitiateError) -> Refusal:
    return Refusal(UserDiagnostic.NO_REASON_GIVEN, ConfirmedServiceError.initiate(reason))


def read_aarq(
    aarq: Aarq, offered: ServerParameters, security: SecurityContext | None
) -> Asked | Refusal:
    """What the client asks for, or why it cannot have it.

    Raises `SecurityError` for an initiate APDU whose protection is not what it must be.
    """
    if not aarq.version_1:
        return Refusal(ProviderDiagnostic.NO_COMMON_ACSE_VERSION)
    if aarq.application_context_name != _context(offered.ciphered):
        return Refusal(UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED)
    mechanism, value = read_mechanism(aarq.mechanism_name), aarq.authentication_value
    refused = diagnose(offered.mechanism, offered.secret, mechanism, value)
    if refused is not None and refused != UserDiagnostic.AUTHENTICATION_FAILURE:
        return Refusal(refused)
    if mechanism is None or not _knows_title(aarq.calling_ap_title, mechanism, offered, security):
        return Refusal(UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED)
    information, envelope = aarq.user_information or b"", None
    if offered.ciphered and security is not None:
        envelope = unprotect_initiate(information, security, offered.required)
        information = envelope.apdu
    try:
        initiate = apdus.decode(information)
    except DecodeError:
        return _initiate_refusal(InitiateError.OTHER)
    if not isinstance(initiate, InitiateRequest):
        return _initiate_refusal(InitiateError.OTHER)
    refusal = _judge(initiate, offered, envelope)
    if refusal is not None:
        return refusal
    if refused is not None:
        return Refusal(refused)
    indication = AssociateIndication(
        mechanism,
        initiate.conformance & offered.conformance,
        initiate.max_pdu,
        aarq.user_id,
        aarq.calling_ap_title,
        aarq.calling_ae_qualifier,
    )
    return Asked(indication, value or b"", initiate.dedicated_key, envelope)


def _knows_title(
    title: bytes | None,
    mechanism: Mechanism,
    offered: ServerParameters,
    security: SecurityContext | None,
) -> bool:
    """Whether a client's title may be its title; a provisioned one is not learned."""
    if title is None:
        return not offered.ciphered and mechanism not in TITLED_MECHANISMS
    if len(title) != TITLE_OCTETS or title == offered.own_title:
        return False
    if security is not None:
        try:
            security.learn_title(title)
        except SecurityError:
            return False
    return True


def _judge(
    initiate: InitiateRequest, offered: ServerParameters, envelope: Unprotected | None
) -> Refusal | None:
    if initiate.version < DLMS_VERSION:
        return _initiate_refusal(InitiateError.DLMS_VERSION_TOO_LOW)
    key = initiate.dedicated_key
    if key is not None:
        if envelope is None or envelope.protection != AUTHENTICATED_ENCRYPTION:
            return _initiate_refusal(InitiateError.REFUSED_BY_THE_VDE_HANDLER)
        if offered.security is None or len(key) != offered.security.suite.key_octets:
            return _initiate_refusal(InitiateError.REFUSED_BY_THE_VDE_HANDLER)
    least = MIN_PDU + (0 if envelope is None else ENVELOPE_OCTETS)
    if 0 < initiate.max_pdu < least:
        return _initiate_refusal(InitiateError.PDU_SIZE_TOO_SHORT)
    if not initiate.conformance & offered.conformance:
        return _initiate_refusal(InitiateError.INCOMPATIBLE_CONFORMANCE)
    return None


def write_initiate_response(
    asked: Asked, offered: ServerParameters, security: SecurityContext | None
) -> bytes:
    """The InitiateResponse, protected as the request was at least; a release brings it too."""
    response = InitiateResponse(asked.indication.conformance, offered.max_pdu).encode()
    if asked.envelope is None or security is None:
        return response
    protection = asked.envelope.applied | offered.required_in_responses
    return security.protect(response, protection & AUTHENTICATED_ENCRYPTION, CipheringForm.GLOBAL)


def write_aare(
    asked: Asked, offered: ServerParameters, security: SecurityContext | None, challenge: bytes
) -> bytes:
    """The AARE that opens the association, or asks for the client's proof by a challenge.

    It has the server's certificate where the AARQ had the client's: open clients that send none
    take this field for a user's number, and fail.
    """
    mechanism = asked.indication.mechanism
    certified = mechanism == Mechanism.HIGH_ECDSA and asked.indication.certificate is not None
    titled = offered.ciphered or mechanism in TITLED_MECHANISMS
    information = write_initiate_response(asked, offered, security)
    return Aare(
        _context(offered.ciphered),
        AssociationResult.ACCEPTED,
        UserDiagnostic.AUTHENTICATION_REQUIRED if challenge else UserDiagnostic.NULL,
        information,
        mechanism_name(mechanism) if challenge else None,
        challenge or None,
        offered.own_title if titled else None,
        offered.certificate if certified else None,
    ).encode()


def write_refusal(refusal: Refusal, offered: ServerParameters) -> bytes:
    """The AARE that refuses the association."""
    error = refusal.error
    return Aare(
        _context(offered.ciphered),
        AssociationResult.REJECTED_PERMANENT,
        refusal.diagnostic,
        None if error is None else error.encode(),
    ).encode()
