"""Who a client says it is, and whether to believe it; the passes of high-level security.

Green Book, IEC 62056-5-3 (authentication mechanisms; passes 3 and 4 are the method
reply_to_HLS_authentication of the current association). What proves is in `security.hls`.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Final

from addad import obis
from addad.dlms.acse import Mechanism, mechanism_name
from addad.dlms.apdu import Apdu
from addad.dlms.apdu.action import ActionRequest, ActionResponse
from addad.dlms.apdu.descriptors import MethodDescriptor
from addad.dlms.parameters import AssociationParameters
from addad.dlms.results import ActionOutcome, ActionResult, UserDiagnostic
from addad.dlms.security.hls import (
    CHALLENGE_MAX,
    CHALLENGE_MIN_ECDSA,
    OBSOLETE_MECHANISMS,
    check_challenge,
)
from addad.dlms.types import OctetString
from addad.errors import (
    AssociationError,
    DecodeError,
    LocalProtocolError,
    SecurityError,
    SecurityFault,
)

OWN_CHALLENGE_MIN: Final = 16
"""Shorter ones are taken from peers, and never sent."""
REPLY_TO_HLS: Final = MethodDescriptor(15, obis.CURRENT_ASSOCIATION, 1)
_ASSOCIATIONS: Final = bytes(obis.CURRENT_ASSOCIATION)[:4]
_STRING: Final = OctetString()


def same_secret(one: bytes, other: bytes) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of where they differ."""
    return compare_digest(one, other)


def read_mechanism(name: bytes | None) -> Mechanism | None:
    """The mechanism that a name of seven octets means: none without a name, None if unknown."""
    if name is None:
        return Mechanism.NONE
    for mechanism in Mechanism:
        if name == mechanism_name(mechanism):
            return mechanism
    return None


def diagnose(
    required: Mechanism | None, secret: bytes, offered: Mechanism | None, value: bytes | None
) -> UserDiagnostic | None:
    """Why a client may not associate, or None if it may. Nobody may where nothing is required.

    `required` and `secret` are those of the association, `offered` and `value` the client's: a
    password, or the challenge of high-level security. What is offered must be what is required: a
    client that sends a password to an association without authentication would otherwise believe
    that it was checked.
    """
    if required is None:
        return UserDiagnostic.NO_REASON_GIVEN
    if offered is None:
        return UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED
    if offered != required:
        if offered != Mechanism.NONE:
            return UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED
        if value is not None:
            return UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED
        return UserDiagnostic.AUTHENTICATION_REQUIRED
    if required == Mechanism.NONE:
        return None
    if required in OBSOLETE_MECHANISMS:
        return UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED
    if required == Mechanism.HIGH_SHA256 and not secret:
        return UserDiagnostic.AUTHENTICATION_FAILURE
    if required != Mechanism.LOW:
        return None if _is_challenge(required, value) else UserDiagnostic.AUTHENTICATION_FAILURE
    if not secret or value is None or not same_secret(secret, value):
        return UserDiagnostic.AUTHENTICATION_FAILURE
    return None


def _is_challenge(mechanism: Mechanism, value: bytes | None) -> bool:
    try:
        check_challenge(mechanism, value or b"")
    except SecurityError:
        return False
    return True


def check_offer(asked: AssociationParameters) -> None:
    """Raise `LocalProtocolError` for an authentication that a client cannot or should not offer."""
    mechanism = asked.mechanism
    if mechanism in OBSOLETE_MECHANISMS and not asked.allow_weak:
        raise LocalProtocolError(f"mechanism {mechanism:d} is weak, and must be allowed explicitly")
    if mechanism <= Mechanism.LOW:
        return
    least = CHALLENGE_MIN_ECDSA if mechanism == Mechanism.HIGH_ECDSA else OWN_CHALLENGE_MIN
    if not least <= len(asked.challenge) <= CHALLENGE_MAX:
        raise LocalProtocolError(f"mechanism {mechanism:d} needs {least} to 64 random octets")
    if mechanism in (Mechanism.HIGH_GMAC, Mechanism.HIGH_ECDSA):
        if asked.security is None:
            raise LocalProtocolError(f"mechanism {mechanism:d} needs a security context")
    elif not asked.password:
        raise LocalProtocolError(f"mechanism {mechanism:d} needs a secret")
    if mechanism == Mechanism.HIGH_SHA256 and asked.own_title is None:
        raise LocalProtocolError("mechanism 6 needs a system title")


def write_proof(invoke: int, proof: bytes) -> bytes:
    """Pass 3: the ACTION that brings the client's proof."""
    return ActionRequest(invoke, REPLY_TO_HLS, _STRING.encode(proof)).encode()


def read_proof(request: Apdu) -> bytes | None:
    """The client's proof, if a request is pass 3."""
    if not isinstance(request, ActionRequest) or request.parameters is None:
        return None
    asked, name = request.descriptor, bytes(request.descriptor.logical_name)
    wanted = REPLY_TO_HLS.class_id, REPLY_TO_HLS.index
    if (asked.class_id, asked.index) != wanted or name[:4] != _ASSOCIATIONS:
        return None
    try:
        return _STRING.decode(request.parameters)
    except DecodeError:
        return None


def write_counter_proof(invoke: int, proof: bytes) -> bytes:
    """Pass 4: the response that brings the server's proof."""
    outcome = ActionOutcome(ActionResult.SUCCESS, _STRING.encode(proof))
    return ActionResponse(invoke, outcome).encode()


def read_counter_proof(invoke: int, response: Apdu) -> bytes:
    """The server's proof; raises `AssociationError` when it did not accept the client's."""
    if not isinstance(response, ActionResponse) or (response.invoke ^ invoke) & 15:
        raise AssociationError(
            "no answer to our proof: the association is not authenticated",
            0,
            UserDiagnostic.AUTHENTICATION_FAILURE,
        )
    outcome = response.outcome
    if outcome.result != ActionResult.SUCCESS:
        words = outcome.result.name.lower().replace("_", " ")
        raise AssociationError(
            f"the peer refuses our proof ({words}): our secret or key is another one",
            0,
            UserDiagnostic.AUTHENTICATION_FAILURE,
        )
    if not isinstance(outcome.returned, bytes):
        raise SecurityError(
            "the peer did not prove who it is: it returned no proof", SecurityFault.AUTHENTICATION
        )
    return _STRING.decode(outcome.returned)
