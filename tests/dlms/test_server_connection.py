"""The server: every APDU of a client gets an indication or an answer, never an exception."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.acse import Aare, Mechanism
from addad.dlms.apdu.action import ActionResponse
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetRequest, GetResponse
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.association import State
from addad.dlms.client_connection import ClientConnection
from addad.dlms.data import Data, Tag
from addad.dlms.indications import (
    ActionIndication,
    AssociateIndication,
    GetIndication,
    IncidentKind,
    ReleaseIndication,
    SetIndication,
)
from addad.dlms.parameters import SERVICES, AssociationParameters, ServerParameters
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    AssociationResult,
    DataAccessResult,
    ServiceError,
    StateError,
    UserDiagnostic,
)
from addad.dlms.server_connection import ServerConnection
from addad.dlms.server_requests import Request, to_request
from addad.dlms.server_responses import get_response
from addad.errors import AccessError, LocalProtocolError
from addad.obis import Obis

PASSWORD = b"12345678"
OFFERED = ServerParameters(mechanism=Mechanism.LOW, secret=PASSWORD)
ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
NUMBER = b"\x12\x01\x02"
OK = DataAccessResult.SUCCESS
GET = GetRequest(0xC1, ATTRIBUTE).encode()
NOT_ALLOWED = ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE)
UNKNOWN = ExceptionResponse(StateError.SERVICE_UNKNOWN, ServiceError.SERVICE_NOT_SUPPORTED)
BROKEN = ExceptionResponse(StateError.SERVICE_UNKNOWN, ServiceError.OTHER_REASON)
NOT_AGREED = ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, ServiceError.SERVICE_NOT_SUPPORTED)
TOO_LONG = ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, ServiceError.PDU_TOO_LONG)


def _aarq(
    max_pdu: int = 0, conformance: Conformance = SERVICES, password: bytes = PASSWORD
) -> bytes:
    asked = AssociationParameters(2, 1, Mechanism.LOW, password, max_pdu, conformance)
    (aarq,) = ClientConnection(asked).associate()
    return aarq


def _associated(
    max_pdu: int = 0,
    conformance: Conformance = SERVICES,
    parameters: ServerParameters | None = None,
) -> ServerConnection:
    server = ServerConnection(parameters or OFFERED)
    assert isinstance(server.receive(_aarq(max_pdu, conformance)), AssociateIndication)
    server.respond_associate()
    return server


def _answer(server: ServerConnection, octets: bytes) -> apdu.Apdu:
    assert server.receive(octets) is None
    return apdu.decode(*server.outgoing)


def test_nothing_without_an_association() -> None:
    server = ServerConnection()
    for octets in (GET, b"\x62\x00", b"", b"\x05\x01\x02\xfa\x00", b"\xff" * 9):
        assert _answer(server, octets) == NOT_ALLOWED
        assert not server.associated


def test_a_wrong_password_is_answered_with_13_and_stays_outside() -> None:
    server = ServerConnection(OFFERED)
    aare = _answer(server, _aarq(password=b"87654321"))
    assert isinstance(aare, Aare)
    (incident,) = server.incidents
    assert incident.kind is IncidentKind.AUTHENTICATION_FAILED
    assert incident.diagnostic is UserDiagnostic.AUTHENTICATION_FAILURE
    assert aare.result is AssociationResult.REJECTED_PERMANENT
    assert aare.diagnostic is UserDiagnostic.AUTHENTICATION_FAILURE
    assert server.state is State.IDLE
    assert _answer(server, GET) == NOT_ALLOWED


def test_a_wrong_password_ends_an_association_that_was_open() -> None:
    server = _associated()
    assert isinstance(_answer(server, _aarq(password=b"87654321")), Aare)
    assert _answer(server, GET) == NOT_ALLOWED


def test_short_names_are_refused_with_their_diagnostic() -> None:
    server = ServerConnection()
    octets = _aarq().replace(bytes.fromhex("60857405080101"), bytes.fromhex("60857405080102"))
    aare = _answer(server, octets)
    assert isinstance(aare, Aare)
    assert aare.diagnostic is UserDiagnostic.APPLICATION_CONTEXT_NAME_NOT_SUPPORTED
    assert server.state is State.IDLE


def test_a_broken_request_to_associate_is_refused() -> None:
    server = _associated()
    aare = _answer(server, b"\x60\x05\x01")
    assert isinstance(aare, Aare)
    assert aare.result is AssociationResult.REJECTED_PERMANENT
    assert server.state is State.IDLE


# The application conformance tests DATA_LN_N1, N3 and N4, as third parties describe them.
BAD_REQUESTS = {
    "an unknown GET": ("C004C1", BROKEN),
    "missing elements": ("C001C100002800 0100", BROKEN),
    "an unknown SET": ("C106C1", BROKEN),
    "a SET without value": ("C101C1000F0000280000FF0200", BROKEN),
    "a read by short name": ("050102FA00", UNKNOWN),
    "half an ACCESS": ("D940000000000100", BROKEN),
    "garbage": ("FFFFFFFF", UNKNOWN),
    "nothing": ("", UNKNOWN),
    "a response": (GetResponse(1, NUMBER).encode().hex(), NOT_AGREED),
    "a push": (DataNotification(1, None, Data(Tag.UNSIGNED, 1)).encode().hex(), NOT_AGREED),
}


@pytest.mark.parametrize(("octets", "answer"), BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_a_bad_request_gets_an_exception_and_the_next_is_served(
    octets: str, answer: ExceptionResponse
) -> None:
    server = _associated()
    assert _answer(server, bytes.fromhex(octets)) == answer
    assert server.receive(GET) == GetIndication((ATTRIBUTE,))
    assert apdu.decode(*server.respond_get([NUMBER])) == GetResponse(0xC1, NUMBER)


def test_an_apdu_beyond_what_was_announced_is_refused() -> None:
    server = _associated(parameters=replace(OFFERED, max_pdu=20))
    assert _answer(server, GET + bytes(20)) == TOO_LONG
    assert server.receive(GET) is not None


def test_services_that_were_not_agreed_are_refused() -> None:
    server = _associated(conformance=Conformance.GET)
    for octets in (
        "C003C1 01 0008 0000010000FF 02 00",
        "C101C1 0003 0100010800FF 02 00 00",
        "C102C1 0003 0100010800FF 02 00 00 00000001 01 06",
        "C301C1 0046 000060030AFF 01 00",
    ):
        assert _answer(server, bytes.fromhex(octets)) == NOT_AGREED


def test_a_long_value_without_block_transfer() -> None:
    server = _associated(64, Conformance.GET | Conformance.MULTIPLE_REFERENCES)
    server.receive(GET)
    long = b"\x09\x7f" + bytes(127)
    assert apdu.decode(*server.respond_get([long])) == GetResponse(
        0xC1, DataAccessResult.OTHER_REASON
    )
    server.receive(bytes.fromhex("C003C1 01 0008 0000010000FF 02 00"))
    assert apdu.decode(*server.respond_get([long])) == TOO_LONG
    assert server.state is State.ASSOCIATED


def test_a_list_whose_value_fails_is_refused_as_a_whole() -> None:
    def failing() -> object:
        yield b"\x01"
        raise AccessError(1)

    server = _associated()
    server.receive(bytes.fromhex("C003C1 01 0008 0000010000FF 02 00"))
    answer = apdu.decode(*server.respond_get([failing()]))  # type: ignore[list-item]
    assert isinstance(answer, ExceptionResponse)
    assert server.state is State.ASSOCIATED


def test_who_wants_no_answer_gets_none() -> None:
    server = _associated()
    assert isinstance(
        server.receive(bytes.fromhex("C10181 0003 0100010800FF 02 00 00")), SetIndication
    )
    assert server.respond_set([OK]) == ()
    assert isinstance(
        server.receive(bytes.fromhex("C30181 0046 000060030AFF 01 00")), ActionIndication
    )
    assert server.respond_action([(ActionResult.SUCCESS, None)]) == ()
    assert server.state is State.ASSOCIATED


@pytest.mark.parametrize(
    "result", [NUMBER, b"\x09\x7f" + bytes(127), DataAccessResult.OTHER_REASON]
)
def test_an_unconfirmed_GET_is_answered_with_nothing(result: bytes | DataAccessResult) -> None:
    server = _associated(64)
    assert server.receive(GetRequest(0x81, ATTRIBUTE).encode()) is not None
    assert server.respond_get([result]) == ()
    assert server.state is State.ASSOCIATED


def test_a_list_of_nothing_is_answered_with_one() -> None:
    server = _associated()
    assert server.receive(bytes.fromhex("C003C100")) == GetIndication(())
    assert server.respond_get([]) == (bytes.fromhex("C403C100"),)


@given(
    st.integers(0, 0xFFFF),
    st.binary(min_size=6, max_size=6).map(Obis),
    st.integers(-128, 127),
    st.integers(0, 255),
    st.one_of(st.binary(min_size=1, max_size=12), st.sampled_from(list(DataAccessResult)[1:])),
)
def test_the_short_way_of_one_attribute_is_the_long_way(
    class_id: int, name: Obis, index: int, invoke: int, result: bytes | DataAccessResult
) -> None:
    server = _associated()
    octets = GetRequest(invoke, AttributeDescriptor(class_id, name, index)).encode()
    long = to_request(apdu.decode(octets), server.negotiated, 1000)
    found = server.receive(octets)
    if not isinstance(long, Request):
        assert found is None
        return
    assert found == long.indication
    answer = get_response(long, [result], server.negotiated)
    assert server.respond_get([result]) == ((answer,) if long.confirmed else ())


def test_all_attributes_at_once_are_asked_for_where_that_was_agreed() -> None:
    every = GetRequest(0xC1, AttributeDescriptor(3, ATTRIBUTE.logical_name, 0))
    assert _answer(_associated(), every.encode()) == NOT_AGREED
    more = SERVICES | Conformance.ATTRIBUTE_0_WITH_GET
    server = _associated(conformance=more, parameters=replace(OFFERED, conformance=more))
    assert server.receive(every.encode()) == GetIndication((every.descriptor,))


def test_an_outcome_may_be_a_plain_pair() -> None:
    server = _associated()
    server.receive(bytes.fromhex("C301C1 0046 000060030AFF 01 00"))
    answer = apdu.decode(*server.respond_action([(ActionResult.SUCCESS, NUMBER)]))
    assert answer == ActionResponse(0xC1, ActionOutcome(ActionResult.SUCCESS, NUMBER))


def test_a_transfer_that_the_client_leaves_is_forgotten() -> None:
    server = _associated(64)
    server.receive(GET)
    server.respond_get([b"\x09\x7f" + bytes(127)])
    assert server.state is State.SERVING
    assert server.receive(GET) == GetIndication((ATTRIBUTE,))
    server.respond_get([NUMBER])
    stale = apdu.decode(bytes.fromhex("C002C100000001")).encode()
    answer = _answer(server, stale)
    assert answer.contents is DataAccessResult.NO_LONG_GET_IN_PROGRESS  # type: ignore[union-attr]
    server.receive(GET)
    server.respond_get([b"\x09\x7f" + bytes(127)])
    assert isinstance(server.receive(b"\x62\x00"), ReleaseIndication)
    assert apdu.decode(*server.respond_release()) == apdu.Rlre()
    assert server.state is State.IDLE


def test_each_indication_is_answered_once_and_by_its_own_name() -> None:
    server = ServerConnection()
    for wrong in (
        server.respond_associate,
        server.respond_release,
        lambda: server.respond_get([NUMBER]),
        lambda: server.respond_set([OK]),
        lambda: server.respond_action([(ActionResult.SUCCESS, None)]),
    ):
        with pytest.raises(LocalProtocolError):
            wrong()
    server = _associated()
    server.receive(GET)
    with pytest.raises(LocalProtocolError):
        server.receive(GET)
    with pytest.raises(LocalProtocolError):
        server.respond_set([OK])
    with pytest.raises(LocalProtocolError):
        server.respond_get([NUMBER, NUMBER])
    server.respond_get([NUMBER])
    with pytest.raises(LocalProtocolError):
        server.respond_get([NUMBER])


def test_a_lost_link_leaves_nothing_open() -> None:
    server = _associated()
    server.receive(GET)
    server.abort()
    assert server.state is State.IDLE
    assert _answer(server, GET) == NOT_ALLOWED


@given(st.lists(st.binary(max_size=60), max_size=5), st.booleans())
def test_any_octets_get_an_answer(apdus: list[bytes], associated: bool) -> None:
    server = _associated(64) if associated else ServerConnection()
    for octets in apdus:
        indication = server.receive(octets)
        if indication is None:
            assert server.outgoing
            apdu.decode(*server.outgoing)
        else:
            server.abort()
            server = _associated(64)
