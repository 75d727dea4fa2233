"""What a server answers to an APDU that it cannot take: exception-responses, never ciphered.

Green Book, IEC 62056-5-3 (exception-response, security of the application process).
"""

from __future__ import annotations

from typing import Final

from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.results import ServiceError, StateError
from addad.errors import SecurityError, SecurityFault

_KNOWN: Final = (0xC0, 0xC1, 0xC3, 0xD9)
"""The tags of GET, SET, ACTION and ACCESS."""


def exception(service: ServiceError, state: StateError = StateError.SERVICE_NOT_ALLOWED) -> bytes:
    """An exception-response, which is never ciphered."""
    return ExceptionResponse(state, service).encode()


NOT_POSSIBLE: Final = exception(ServiceError.OPERATION_NOT_POSSIBLE)


def counter_error(expected: int) -> bytes:
    """What only who proved the key is told: the least counter that will be accepted."""
    service = ServiceError.INVOCATION_COUNTER_ERROR
    return ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, service, expected).encode()


def insecure(error: SecurityError) -> tuple[bytes, ...]:
    """To an envelope: the expected counter to who proved the key, to a mere replay nothing."""
    if error.fault is SecurityFault.REPLAY:
        return () if error.expected_counter is None else (counter_error(error.expected_counter),)
    if error.fault is SecurityFault.POLICY:
        return (NOT_POSSIBLE,)
    return (exception(ServiceError.DECIPHERING_ERROR),)


def undecodable(octets: bytes, enveloped: bool) -> bytes:
    """To what cannot be read: whether its service is one of ours, as far as its tag tells."""
    if enveloped or (octets and octets[0] in _KNOWN):
        return exception(ServiceError.OTHER_REASON, StateError.SERVICE_UNKNOWN)
    return exception(ServiceError.SERVICE_NOT_SUPPORTED, StateError.SERVICE_UNKNOWN)
