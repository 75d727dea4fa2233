"""What is asked for and agreed."""

import pytest

from addad.dlms.apdu.initiate import Conformance
from addad.dlms.parameters import (
    MAX_PDU,
    NOTHING,
    AssociationParameters,
    Negotiated,
    ServerParameters,
    usable_pdu,
)
from addad.errors import LocalProtocolError


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


def test_a_password_is_octets_and_refused_at_once_where_it_is_a_text() -> None:
    with pytest.raises(LocalProtocolError, match=r"a password is octets: b\"…\"") as caught:
        AssociationParameters(2, password="secret")  # type: ignore[arg-type]  # a mistake
    assert "secret" not in str(caught.value)
    with pytest.raises(LocalProtocolError, match="a password is octets"):
        ServerParameters(secret="secret")  # type: ignore[arg-type]  # a mistake


@pytest.mark.parametrize("sap", [-1, 65536])
def test_a_sap_has_two_octets(sap: int) -> None:
    with pytest.raises(LocalProtocolError, match=f"client SAP is 0 to 65535, not {sap}"):
        AssociationParameters(sap)
    with pytest.raises(LocalProtocolError, match="server SAP"):
        AssociationParameters(16, sap)
