"""What a client did and should not have done, in the words of the protocol."""

import pytest

from addad.dlms.indications import Incident, IncidentKind, incident_of
from addad.dlms.results import UserDiagnostic
from addad.errors import SecurityError, SecurityFault


@pytest.mark.parametrize("fault", SecurityFault)
def test_each_fault_is_an_incident_of_one_kind(fault: SecurityFault) -> None:
    kinds = {
        SecurityFault.REPLAY: IncidentKind.REPLAYED,
        SecurityFault.POLICY: IncidentKind.POLICY_VIOLATED,
        SecurityFault.UNSUPPORTED: IncidentKind.POLICY_VIOLATED,
        SecurityFault.AUTHENTICATION: IncidentKind.AUTHENTICATION_FAILED,
        SecurityFault.SIGNATURE: IncidentKind.AUTHENTICATION_FAILED,
        SecurityFault.UNKNOWN_TITLE: IncidentKind.AUTHENTICATION_FAILED,
    }
    wanted = kinds.get(fault, IncidentKind.DECIPHERING_FAILED)
    assert incident_of(SecurityError("words", fault)) == Incident(wanted, "words", None, fault)


def test_an_incident_at_the_door_has_the_diagnostic_that_was_answered() -> None:
    diagnostic = UserDiagnostic.NO_REASON_GIVEN
    assert incident_of(SecurityError("words"), diagnostic).diagnostic is diagnostic
