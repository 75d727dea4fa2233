"""ACSE APDUs: published vectors, tolerated fields, refusals."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.acse import (
    Aare,
    Aarq,
    ApplicationContext,
    Mechanism,
    Rlre,
    Rlrq,
    context_name,
    mechanism_name,
)
from addad.dlms.apdu.exception import ConfirmedServiceError
from addad.dlms.apdu.initiate import Conformance, InitiateRequest, InitiateResponse
from addad.dlms.results import (
    AssociationResult,
    InitiateError,
    ProviderDiagnostic,
    UserDiagnostic,
)
from addad.errors import DecodeError
from foreign import cells

LN = context_name(ApplicationContext.LOGICAL_NAME)

# The Green Book's example of LLS with "12345678", as printed by two open implementations.
LLS_AARQ = bytes.fromhex(
    "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738"
    "BE10040E01000000065F1F0400007E1F04B0"
)
# Its answer: accepted, conformance 00501F, 500 octets, VAA-name 0007.
LLS_AARE = bytes.fromhex(
    "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007"
)
# A refusal for a wrong password: result 1, diagnostic 13.
REFUSED = bytes.fromhex("6117A109060760857405080101A203020101A305A10302010D")


@cells.cell(
    cells.VECTOR,
    cells.CLIENT,
    services=("association",),
    mechanism=Mechanism.LOW,
    note="Green Book, AARQ",
)
def test_the_green_books_request() -> None:
    aarq = apdu.decode(LLS_AARQ)
    assert isinstance(aarq, Aarq)
    assert aarq.application_context_name == LN
    assert aarq.mechanism_name == mechanism_name(Mechanism.LOW)
    assert aarq.authentication_value == b"12345678"
    assert aarq.authentication_required
    assert aarq.version_1
    initiate = apdu.decode(aarq.user_information or b"")
    assert isinstance(initiate, InitiateRequest)
    assert initiate.max_pdu == 1200
    assert int(initiate.conformance) == 0x007E1F
    assert aarq.encode() == LLS_AARQ
    assert initiate.encode() == aarq.user_information


@cells.cell(
    cells.VECTOR,
    cells.SERVER,
    services=("association",),
    mechanism=Mechanism.LOW,
    note="Green Book, AARE",
)
def test_the_green_books_answer() -> None:
    aare = apdu.decode(LLS_AARE)
    assert aare == Aare(
        LN,
        AssociationResult.ACCEPTED,
        UserDiagnostic.NULL,
        bytes.fromhex("0800065F1F040000501F01F40007"),
    )
    assert isinstance(aare, Aare)
    assert aare.encode() == LLS_AARE
    initiate = apdu.decode(aare.user_information or b"")
    assert initiate == InitiateResponse(Conformance(0x00501F), 500)


def test_a_refusal() -> None:
    aare = apdu.decode(REFUSED)
    assert aare == Aare(
        LN, AssociationResult.REJECTED_PERMANENT, UserDiagnostic.AUTHENTICATION_FAILURE, None
    )
    assert isinstance(aare, Aare)
    assert aare.encode() == REFUSED


def test_the_provider_has_its_own_diagnostics() -> None:
    refusal = Aare(
        LN, AssociationResult.REJECTED_PERMANENT, ProviderDiagnostic.NO_COMMON_ACSE_VERSION, None
    )
    octets = refusal.encode()
    assert bytes.fromhex("A305A203020102") in octets
    assert apdu.decode(octets) == refusal


def test_a_refused_context_says_why() -> None:
    error = ConfirmedServiceError.initiate(InitiateError.PDU_SIZE_TOO_SHORT)
    aare = Aare(
        LN, AssociationResult.REJECTED_PERMANENT, UserDiagnostic.NO_REASON_GIVEN, error.encode()
    )
    back = apdu.decode(aare.encode())
    assert isinstance(back, Aare)
    inner = apdu.decode(back.user_information or b"")
    assert isinstance(inner, ConfirmedServiceError)
    assert inner.initiate_error == InitiateError.PDU_SIZE_TOO_SHORT


def _aarq(*fields: str) -> bytes:
    contents = bytes.fromhex("A109060760857405080101" + "".join(fields))
    return bytes((0x60, len(contents))) + contents


def test_fields_that_mean_nothing_here_are_tolerated() -> None:
    octets = _aarq(
        *("A203040101", "A303020101", "A403020101", "A503020101"),
        *("A60A04084D4D4D0000BC614E", "A703040101", "A803020105", "A903020107", "BD0101"),
    )
    aarq = apdu.decode(octets)
    assert isinstance(aarq, Aarq)
    assert aarq.calling_ap_title == bytes.fromhex("4D4D4D0000BC614E")
    assert aarq.user_id == 7
    assert aarq.user_information is None


@pytest.mark.parametrize(
    ("field", "version_1"), [("80020780", True), ("80020284", True), ("80020244", False)]
)
def test_the_protocol_version_is_bit_0(field: str, version_1: bool) -> None:
    contents = bytes.fromhex(field + "A109060760857405080101")
    aarq = apdu.decode(bytes((0x60, len(contents))) + contents)
    assert isinstance(aarq, Aarq)
    assert aarq.version_1 is version_1


BAD = {
    "a field twice": _aarq("8A020780", "8A020780"),
    "an unknown field": _aarq("9F0101"),
    "no context name": bytes.fromhex("60048A020780"),
    "a context that is no name": bytes.fromhex("600BA109040760857405080101"),
    "octets after the name": bytes.fromhex("600CA10A06076085740508010100"),
    "a password that is no string": _aarq("AC0381010A"),
    "an empty user id": _aarq("A9020200"),
    "a user id of five octets": _aarq("A90702050102030405"),
    "a version without bits": _aarq("8000"),
    "nine unused bits": _aarq("80020980"),
    "an unknown result": bytes.fromhex("6117A109060760857405080101A203020109A305A103020100"),
    "an unknown diagnostic": bytes.fromhex("6117A109060760857405080101A203020101A305A10302010F"),
    "no diagnostic": bytes.fromhex("6110A109060760857405080101A203020101"),
    "a release with a long reason": bytes.fromhex("620480020000"),
    "a release with a strange field": bytes.fromhex("6203810100"),
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD.keys())
def test_what_breaks_the_form_is_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        apdu.decode(octets)


@pytest.mark.parametrize(
    ("octets", "release"),
    [
        ("6203800100", Rlrq(0)),
        ("6200", Rlrq(None)),
        ("62038001 1E", Rlrq(30)),
        ("6203800101", Rlrq(1)),
        ("6303800100", Rlre(0)),
        ("6300", Rlre(None)),
        ("6308 800100 BE03 0401 FF", Rlre(0, b"\xff")),
    ],
)
def test_releases(octets: str, release: Rlrq | Rlre) -> None:
    wire = bytes.fromhex(octets)
    assert apdu.decode(wire) == release
    assert release.encode() == wire


@pytest.mark.parametrize("octets", [LLS_AARQ, LLS_AARE, REFUSED, Rlrq(0).encode()])
def test_nothing_less_and_nothing_more(octets: bytes) -> None:
    for end in range(len(octets)):
        with pytest.raises(DecodeError):
            apdu.decode(octets[:end])
    with pytest.raises(DecodeError):
        apdu.decode(octets + b"\x00")


OPTIONAL = st.none() | st.binary(max_size=140)


@given(
    st.builds(
        Aarq,
        st.binary(min_size=1, max_size=9),
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.booleans(),
        st.booleans(),
    )
)
@example(Aarq(b"\x00", None, user_id=-(2**31)))
@example(Aarq(b"\x00", None, user_id=-128))
def test_requests_return(aarq: Aarq) -> None:
    assert apdu.decode(aarq.encode()) == aarq


@given(
    st.builds(
        Aare,
        st.binary(min_size=1, max_size=9),
        st.sampled_from(AssociationResult),
        st.sampled_from([*UserDiagnostic, *ProviderDiagnostic]),
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
    )
)
def test_answers_return(aare: Aare) -> None:
    assert apdu.decode(aare.encode()) == aare
