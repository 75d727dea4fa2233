"""No authentication, and low-level security: who the client says it is, and whether to believe it.

Green Book, IEC 62056-5-3 (authentication mechanisms 0 and 1).
"""

from __future__ import annotations

from hmac import compare_digest

from addad.dlms.acse import Mechanism, mechanism_name
from addad.dlms.results import UserDiagnostic


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

    `required` and `secret` are those of the association, `offered` and `value` the client's. What
    is offered must be what is required: a client that sends a password to an association without
    authentication would otherwise believe that it was checked.
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
    if required != Mechanism.LOW:
        return UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED
    if not secret or value is None or not same_secret(secret, value):
        return UserDiagnostic.AUTHENTICATION_FAILURE
    return None
