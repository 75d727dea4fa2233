"""What is asked for and agreed."""

from addad.dlms.apdu.initiate import Conformance
from addad.dlms.parameters import (
    MAX_PDU,
    NOTHING,
    AssociationParameters,
    Negotiated,
    usable_pdu,
)


def test_no_limit_is_what_can_be_carried() -> None:
    assert usable_pdu(0) == MAX_PDU
    assert usable_pdu(500) == 500
    assert usable_pdu(1 << 20) == MAX_PDU


def test_all_services_of_a_request_must_be_agreed() -> None:
    agreed = Negotiated(Conformance.GET | Conformance.SET, 100)
    assert agreed.allows(Conformance.GET)
    assert not agreed.allows(Conformance.GET | Conformance.MULTIPLE_REFERENCES)
    assert not NOTHING.allows(Conformance.GET)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(AssociationParameters(2, password=b"secret"))
