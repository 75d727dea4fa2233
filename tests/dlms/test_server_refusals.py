"""What a server answers to what it cannot take: no more than the client has earned."""

import pytest

from addad.dlms import apdu
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.results import ServiceError, StateError
from addad.dlms.server_refusals import NOT_POSSIBLE, counter_error, insecure, undecodable
from addad.errors import SecurityError, SecurityFault


def test_only_who_proved_the_key_hears_the_expected_counter() -> None:
    proven = SecurityError("old", SecurityFault.REPLAY, expected_counter=78)
    assert insecure(proven) == (counter_error(78),)
    heard = apdu.decode(counter_error(78))
    assert isinstance(heard, ExceptionResponse)
    assert heard.service is ServiceError.INVOCATION_COUNTER_ERROR
    assert insecure(SecurityError("old", SecurityFault.REPLAY)) == ()


@pytest.mark.parametrize("fault", [f for f in SecurityFault if f is not SecurityFault.REPLAY])
def test_a_policy_is_named_and_all_other_faults_sound_alike(fault: SecurityFault) -> None:
    (octets,) = insecure(SecurityError("words that stay here", fault))
    heard = apdu.decode(octets)
    assert isinstance(heard, ExceptionResponse)
    policy = fault is SecurityFault.POLICY
    assert (octets == NOT_POSSIBLE) is policy
    assert (heard.service is ServiceError.DECIPHERING_ERROR) is not policy


@pytest.mark.parametrize(
    ("octets", "enveloped", "service"),
    [
        (b"\xc0", False, ServiceError.OTHER_REASON),
        (b"\xc1\x00", False, ServiceError.OTHER_REASON),
        (b"\xc3", False, ServiceError.OTHER_REASON),
        (b"\xd9", False, ServiceError.OTHER_REASON),
        (b"\xc8", True, ServiceError.OTHER_REASON),
        (b"\x01", False, ServiceError.SERVICE_NOT_SUPPORTED),
        (b"", False, ServiceError.SERVICE_NOT_SUPPORTED),
    ],
)
def test_a_service_that_is_ours_is_told_from_one_that_is_not(
    octets: bytes, enveloped: bool, service: ServiceError
) -> None:
    heard = apdu.decode(undecodable(octets, enveloped))
    assert heard == ExceptionResponse(StateError.SERVICE_UNKNOWN, service)
