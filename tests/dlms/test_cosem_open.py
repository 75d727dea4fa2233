"""AARQ and AARE: understood, or refused with the right diagnostic."""

from dataclasses import replace

import pytest

from addad.dlms import apdu
from addad.dlms.acse import (
    Aare,
    Aarq,
    ApplicationContext,
    Mechanism,
    context_name,
    mechanism_name,
)
from addad.dlms.apdu.exception import ConfirmedServiceError
from addad.dlms.apdu.initiate import Conformance, InitiateRequest, InitiateResponse
from addad.dlms.cosem_open import Asked, Refusal, read_aarq, write_aare, write_refusal
from addad.dlms.indications import AssociateIndication
from addad.dlms.parameters import SERVICES, ServerParameters
from addad.dlms.results import (
    AssociationResult,
    Diagnostic,
    InitiateError,
    ProviderDiagnostic,
    UserDiagnostic,
)

OFFERED = ServerParameters(max_pdu=500, mechanism=Mechanism.LOW, secret=b"12345678")
ASKED = InitiateRequest(Conformance.GET | Conformance.READ, 1200)
AARQ = Aarq(
    context_name(ApplicationContext.LOGICAL_NAME),
    ASKED.encode(),
    mechanism_name(Mechanism.LOW),
    b"12345678",
)


def test_what_is_asked_for() -> None:
    asked = read_aarq(AARQ, OFFERED, None)
    assert isinstance(asked, Asked)
    assert asked.indication == AssociateIndication(Mechanism.LOW, Conformance.GET, 1200)
    failure = Refusal(UserDiagnostic.AUTHENTICATION_FAILURE)
    assert read_aarq(AARQ, replace(OFFERED, secret=b"x"), None) == failure
    answer = apdu.decode(write_aare(asked, OFFERED, None, b""))
    assert isinstance(answer, Aare)
    assert answer.result is AssociationResult.ACCEPTED
    granted = apdu.decode(answer.user_information or b"")
    assert granted == InitiateResponse(Conformance.GET, 500)


@pytest.mark.parametrize(
    ("change", "diagnostic"),
    [
        ({"version_1": False}, ProviderDiagnostic.NO_COMMON_ACSE_VERSION),
        *(
            (
                {"application_context_name": name},
                UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED,
            )
            for name in (
                context_name(ApplicationContext.SHORT_NAME),
                context_name(ApplicationContext.LOGICAL_NAME_CIPHERED),
                context_name(ApplicationContext.SHORT_NAME_CIPHERED),
                b"",
            )
        ),
        ({"calling_ap_title": b"1234567"}, UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED),
    ],
)
def test_refused_by_name(change: dict[str, object], diagnostic: Diagnostic) -> None:
    refusal = read_aarq(replace(AARQ, **change), OFFERED, None)  # type: ignore[arg-type]
    assert refusal == Refusal(diagnostic)
    assert isinstance(refusal, Refusal)
    aare = apdu.decode(write_refusal(refusal, OFFERED))
    assert isinstance(aare, Aare)
    assert (aare.result, aare.diagnostic) == (AssociationResult.REJECTED_PERMANENT, diagnostic)
    assert aare.user_information is None


@pytest.mark.parametrize(
    ("initiate", "error"),
    [
        (None, InitiateError.OTHER),
        (b"\x01", InitiateError.OTHER),
        (b"\xd8\x01\x01", InitiateError.OTHER),
        (replace(ASKED, version=5).encode(), InitiateError.DLMS_VERSION_TOO_LOW),
        (
            replace(ASKED, dedicated_key=b"1234567890123456").encode(),
            InitiateError.REFUSED_BY_THE_VDE_HANDLER,
        ),
        (replace(ASKED, max_pdu=11).encode(), InitiateError.PDU_SIZE_TOO_SHORT),
        (
            replace(ASKED, conformance=Conformance.READ).encode(),
            InitiateError.INCOMPATIBLE_CONFORMANCE,
        ),
    ],
)
def test_refused_by_context(initiate: bytes | None, error: InitiateError) -> None:
    refusal = read_aarq(replace(AARQ, user_information=initiate), OFFERED, None)
    assert refusal == Refusal(UserDiagnostic.NO_REASON_GIVEN, ConfirmedServiceError.initiate(error))
    assert isinstance(refusal, Refusal)
    aare = apdu.decode(write_refusal(refusal, OFFERED))
    assert isinstance(aare, Aare)
    assert aare.user_information == bytes((0x0E, 1, 6, error))


@pytest.mark.parametrize(
    "initiate",
    [
        replace(ASKED, version=7),
        replace(ASKED, max_pdu=12),
        replace(ASKED, max_pdu=0),
        replace(ASKED, max_pdu=0xFFFF),
        replace(ASKED, quality_of_service=1),
        replace(ASKED, conformance=SERVICES | Conformance.READ),
    ],
)
def test_accepted_contexts(initiate: InitiateRequest) -> None:
    asked = read_aarq(replace(AARQ, user_information=initiate.encode()), OFFERED, None)
    assert isinstance(asked, Asked)
    assert asked.indication.max_pdu == initiate.max_pdu
    assert asked.indication.conformance == initiate.conformance & SERVICES


def test_an_unknown_mechanism_is_refused() -> None:
    refusal = read_aarq(replace(AARQ, mechanism_name=b"\x01"), OFFERED, None)
    assert refusal == Refusal(UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED)
