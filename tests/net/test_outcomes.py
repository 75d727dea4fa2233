"""Replies as values and errors."""

import pytest

from addad import obis
from addad.cosem.classes import DisconnectControl, Register
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    ServiceError,
    StateError,
)
from addad.errors import AccessError, RemoteProtocolError
from addad.net.outcomes import access_error, refuse, returned

OPEN = DisconnectControl.remote_disconnect


def test_a_refusal_names_what_and_why() -> None:
    attribute = Register.value.of(obis.ACTIVE_ENERGY_IMPORT)
    fault = access_error(attribute, DataAccessResult.READ_WRITE_DENIED)
    assert str(fault) == "1-0:1.8.0 attribute 2: read write denied"
    assert fault.result == DataAccessResult.READ_WRITE_DENIED


def test_a_method_ends_with_its_value_or_an_error() -> None:
    done = ActionOutcome(ActionResult.SUCCESS, None)
    assert returned(obis.DISCONNECT_CONTROL, OPEN, done) is None
    with pytest.raises(AccessError, match="method 1: temporary failure"):
        returned(obis.DISCONNECT_CONTROL, OPEN, ActionOutcome(ActionResult.TEMPORARY_FAILURE, None))


def test_a_refused_service_is_the_meters_word() -> None:
    not_allowed = StateError.SERVICE_NOT_ALLOWED
    other = ExceptionResponse(not_allowed, ServiceError.OPERATION_NOT_POSSIBLE)
    with pytest.raises(
        RemoteProtocolError, match=r"operation not possible \(service not allowed\)$"
    ):
        refuse(other)
    with pytest.raises(RemoteProtocolError, match="use TCP"):
        refuse(ExceptionResponse(not_allowed, ServiceError.PDU_TOO_LONG))
    with pytest.raises(RemoteProtocolError, match=r"service: service 1, error 6\.1$"):
        refuse(ConfirmedServiceError(1, 6, 1))
