"""What a reply means to the caller: values, or the error that says what was refused.

IEC 62056-5-3 (data-access-result, action-result).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn, TypeVar, cast

from addad.cosem.interface_class import Method
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.connection import Reply
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult, ServiceError
from addad.errors import AccessError, RemoteProtocolError
from addad.obis import Obis

P = TypeVar("P")
R = TypeVar("R")


def access_error(
    descriptor: AttributeDescriptor | MethodDescriptor, result: DataAccessResult | ActionResult
) -> AccessError:
    """What was refused, and why, in words."""
    words = result.name.lower().replace("_", " ")
    kind = "attribute" if isinstance(descriptor, AttributeDescriptor) else "method"
    return AccessError(result, f"{descriptor.logical_name} {kind} {descriptor.index}: {words}")


def returned(logical_name: Obis, method: Method[P, R], outcome: ActionOutcome) -> R:
    """What a method returned; raises `AccessError` if it did not run.

    Raises `RemoteProtocolError` for a return value that is missing or of another type.
    """
    if outcome.result != ActionResult.SUCCESS:
        raise access_error(method.of(logical_name), outcome.result)
    if method.result is None:
        return cast("R", None)
    if not isinstance(outcome.returned, bytes):
        raise RemoteProtocolError(f"{logical_name} {method} returned nothing")
    return method.result.decode(outcome.returned)


def refuse(reply: Reply) -> NoReturn:
    """Raise that the meter refused the service itself, in its words."""
    if isinstance(reply, ConfirmedServiceError):
        code = f"service {reply.service}, error {reply.branch}.{reply.value}"
        raise RemoteProtocolError(f"the meter refuses the service: {code}")
    if not isinstance(reply, ExceptionResponse):
        raise RemoteProtocolError(f"the meter refuses the service: {reply}")
    words = f"{_words(reply.service)} ({_words(reply.state)})"
    if reply.service is ServiceError.PDU_TOO_LONG:
        words += "; by datagrams a stranger gets short answers only: authenticate, or use TCP"
    raise RemoteProtocolError(f"the meter refuses the service: {words}")


def _words(code: IntEnum) -> str:
    return code.name.lower().replace("_", " ")
