"""The client: what it may ask, and what it does when the peer does something else."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.acse import Aare, Aarq, ApplicationContext, Mechanism, Rlre, context_name
from addad.dlms.apdu.access import AccessGet
from addad.dlms.apdu.descriptors import AttributeDescriptor, EntrySelection, MethodDescriptor
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.get import GetRequest, GetResponse
from addad.dlms.apdu.initiate import Conformance, InitiateRequest, InitiateResponse
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.association import State
from addad.dlms.client_association import Associated, Released
from addad.dlms.client_connection import ClientConnection
from addad.dlms.client_exchanges import GetReply
from addad.dlms.data import Data, Tag
from addad.dlms.parameters import SERVICES, AssociationParameters, ServerParameters
from addad.dlms.results import (
    AssociationResult,
    InitiateError,
    ServiceError,
    StateError,
    UserDiagnostic,
)
from addad.errors import AssociationError, DecodeError, LocalProtocolError, RemoteProtocolError
from addad.obis import Obis

LN = context_name(ApplicationContext.LOGICAL_NAME)
ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
PARAMETERS = AssociationParameters(2, mechanism=Mechanism.LOW, password=b"12345678")
NUMBER = b"\x12\x01\x02"
ACCEPTED = Aare(
    LN, AssociationResult.ACCEPTED, UserDiagnostic.NULL, InitiateResponse(SERVICES, 200).encode()
)


def _associated(conformance: Conformance = SERVICES, max_pdu: int = 200) -> ClientConnection:
    client = ClientConnection(PARAMETERS)
    client.associate()
    information = InitiateResponse(conformance, max_pdu).encode()
    client.receive(replace(ACCEPTED, user_information=information).encode())
    return client


def test_the_request_to_associate() -> None:
    aarq = apdu.decode(*ClientConnection(PARAMETERS).associate())
    assert isinstance(aarq, Aarq)
    assert aarq.authentication_value == b"12345678"
    assert aarq.authentication_required
    assert apdu.decode(aarq.user_information or b"") == InitiateRequest(SERVICES, 0xFFFF)


def test_without_authentication_nothing_of_it_is_sent() -> None:
    aarq = apdu.decode(*ClientConnection(AssociationParameters(16)).associate())
    assert isinstance(aarq, Aarq)
    assert aarq.mechanism_name is None
    assert aarq.authentication_value is None
    assert not aarq.authentication_required


def test_what_is_negotiated_is_no_more_than_was_asked() -> None:
    client = _associated(SERVICES | Conformance.READ, 500)
    assert client.negotiated.conformance == SERVICES
    assert client.negotiated.max_pdu == 500


def test_an_answer_without_user_information_means_what_was_asked() -> None:
    client = ClientConnection(PARAMETERS)
    client.associate()
    reply = client.receive(replace(ACCEPTED, user_information=None).encode())
    assert isinstance(reply, Associated)
    assert reply.negotiated.conformance == SERVICES


def test_a_refusal_says_why() -> None:
    client = ClientConnection(PARAMETERS)
    client.associate()
    error = ConfirmedServiceError.initiate(InitiateError.PDU_SIZE_TOO_SHORT)
    refusal = Aare(
        LN, AssociationResult.REJECTED_PERMANENT, UserDiagnostic.NO_REASON_GIVEN, error.encode()
    )
    with pytest.raises(AssociationError, match=r"no reason given.*pdu size too short") as caught:
        client.receive(refusal.encode())
    assert caught.value.diagnostic == 1
    assert client.state is State.IDLE


NO_ANSWERS = {
    "more authentication wanted": replace(
        ACCEPTED, diagnostic=UserDiagnostic.AUTHENTICATION_REQUIRED
    ).encode(),
    "another DLMS version": replace(
        ACCEPTED, user_information=InitiateResponse(SERVICES, 200, version=5).encode()
    ).encode(),
    "a short-name server": replace(
        ACCEPTED, user_information=InitiateResponse(SERVICES, 200, vaa_name=0xFA00).encode()
    ).encode(),
    "a size that no request fits": replace(
        ACCEPTED, user_information=InitiateResponse(SERVICES, 5).encode()
    ).encode(),
    "no initiate response": replace(
        ACCEPTED, user_information=InitiateRequest(SERVICES, 200).encode()
    ).encode(),
    "garbage for an initiate response": replace(ACCEPTED, user_information=b"\x08").encode(),
    "an exception": ExceptionResponse(
        StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
    ).encode(),
    "an answer to a GET": GetResponse(1, NUMBER).encode(),
    "a release": Rlre().encode(),
    "garbage": b"\x61\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("octets", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_an_association_that_does_not_come_about(octets: bytes) -> None:
    client = ClientConnection(PARAMETERS)
    client.associate()
    with pytest.raises(RemoteProtocolError):
        client.receive(octets)
    assert client.state is State.IDLE
    with pytest.raises(LocalProtocolError):
        client.get([ATTRIBUTE])


def test_requests_follow_each_other_with_numbers_of_their_own() -> None:
    client = _associated()
    seen = []
    for _ in range(17):
        request = apdu.decode(*client.get([ATTRIBUTE]))
        assert isinstance(request, GetRequest)
        assert request.invoke & 0xF0 == 0xC0
        seen.append(request.invoke & 15)
        assert client.receive(GetResponse(request.invoke, NUMBER).encode()) == GetReply((NUMBER,))
    assert all(a != b for a, b in itertools.pairwise(seen))


def test_only_one_request_at_a_time() -> None:
    client = _associated()
    client.get([ATTRIBUTE])
    for ask in (
        lambda: client.get([ATTRIBUTE]),
        lambda: client.set([(ATTRIBUTE, NUMBER)]),
        lambda: client.action([(METHOD, None)]),
        client.associate,
    ):
        with pytest.raises(LocalProtocolError):
            ask()
    assert client.state is State.SERVING


def test_nothing_is_asked_that_was_not_agreed() -> None:
    client = _associated(Conformance.GET | Conformance.SET | Conformance.ACTION, 60)
    selected = AttributeDescriptor(7, ATTRIBUTE.logical_name, 2, EntrySelection(1))
    long = b"\x09\x7f" + bytes(127)
    refused = [
        lambda: client.get([ATTRIBUTE, ATTRIBUTE]),
        lambda: client.get([selected]),
        lambda: client.get([]),
        lambda: client.set([(ATTRIBUTE, long)]),
        lambda: client.action([(METHOD, long)]),
        lambda: client.set([]),
    ]
    for ask in refused:
        with pytest.raises(LocalProtocolError):
            ask()
    assert client.state is State.ASSOCIATED
    none = _associated(Conformance.GET)
    with pytest.raises(LocalProtocolError):
        none.set([(ATTRIBUTE, NUMBER)])
    with pytest.raises(LocalProtocolError):
        none.action([(METHOD, None)])


_NO_INDEX = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 300)


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.get([_NO_INDEX]),
        lambda c: c.set([(_NO_INDEX, NUMBER)]),
        lambda c: c.action([(MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 300), None)]),
        lambda c: c.access([(AccessGet(_NO_INDEX), None)]),
        lambda c: c.access([]),
    ],
    ids=["GET", "SET", "ACTION", "ACCESS", "ACCESS of nothing"],
)
def test_what_cannot_be_written_is_refused_and_the_next_request_goes_on(
    ask: Callable[[ClientConnection], object],
) -> None:
    client = _associated()
    with pytest.raises(LocalProtocolError, match=r"^(?!no REQUEST)"):
        ask(client)
    assert client.state is State.ASSOCIATED
    assert client.get([ATTRIBUTE])


@pytest.mark.parametrize("size", [-1, 65_536])
def test_a_size_that_cannot_be_announced_is_refused(size: int) -> None:
    with pytest.raises(LocalProtocolError, match="at most 65535 octets"):
        AssociationParameters(16, max_pdu=size)
    with pytest.raises(LocalProtocolError, match="at most 65535 octets"):
        ServerParameters(max_pdu=size)


def test_lists_are_as_long_as_fits() -> None:
    client = _associated(SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER, 40)
    many = [ATTRIBUTE] * 200
    assert client.get_capacity(many) == 3
    with pytest.raises(LocalProtocolError):
        client.get(many[:4])
    assert len(*client.get(many[:3])) <= 40
    assert _associated(max_pdu=0).get_capacity(many) == 127
    assert _associated(Conformance.GET).get_capacity(many) == 1


def test_a_first_block_without_room_is_refused() -> None:
    client = _associated(SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER, 18)
    with pytest.raises(LocalProtocolError):
        client.set([(ATTRIBUTE, b"\x09\x7f" + bytes(127))])
    assert client.state is State.ASSOCIATED


def test_what_has_no_room_beside_a_block_goes_in_general_blocks() -> None:
    client = _associated(max_pdu=18)
    first = apdu.decode(client.set([(ATTRIBUTE, b"\x09\x7f" + bytes(127))])[0])
    assert isinstance(first, GeneralBlock)


def test_lists_of_writes_leave_room_for_a_block() -> None:
    client = _associated(SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER, 64)
    long = b"\x09\x7f" + bytes(127)
    count = client.put_capacity([ATTRIBUTE] * 12)
    assert count == 5
    assert len(*client.set([(ATTRIBUTE, long)] * count)) <= 64
    client = _associated(SERVICES & ~Conformance.GENERAL_BLOCK_TRANSFER, 64)
    with pytest.raises(LocalProtocolError, match="no room"):
        client.set([(ATTRIBUTE, long)] * (count + 1))
    assert client.put_capacity([METHOD] * 12) == 5
    assert _associated(Conformance.SET).put_capacity([ATTRIBUTE] * 12) == 1


def test_an_exception_ends_the_request_only() -> None:
    client = _associated()
    client.get([ATTRIBUTE])
    refusal = ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, ServiceError.OTHER_REASON)
    assert client.receive(refusal.encode()) == refusal
    assert client.state is State.ASSOCIATED


def test_a_notification_changes_nothing() -> None:
    pushed = DataNotification(1, None, Data(Tag.UNSIGNED, 1))
    client = ClientConnection(PARAMETERS)
    assert client.receive(pushed.encode()) == pushed
    client = _associated()
    client.get([ATTRIBUTE])
    assert client.receive(pushed.encode()) == pushed
    assert client.receive(GetResponse(1, NUMBER).encode()) == GetReply((NUMBER,))


def test_release_is_answered_or_refused_and_over_either_way() -> None:
    client = _associated()
    client.release()
    assert isinstance(client.receive(Rlre().encode()), Released)
    client = _associated()
    client.get([ATTRIBUTE])
    client.release()
    exception = ExceptionResponse(StateError.SERVICE_UNKNOWN, ServiceError.SERVICE_NOT_SUPPORTED)
    assert isinstance(client.receive(exception.encode()), Released)
    assert client.state is State.IDLE
    with pytest.raises(LocalProtocolError):
        client.release()


@given(st.binary(max_size=100), st.booleans())
def test_any_octets_give_a_reply_or_a_protocol_error(octets: bytes, asked: bool) -> None:
    client = _associated()
    if asked:
        client.get([ATTRIBUTE])
    try:
        client.receive(octets)
    except RemoteProtocolError:
        assert client.state is State.IDLE


def test_a_decode_error_ends_the_association() -> None:
    client = _associated()
    client.get([ATTRIBUTE])
    with pytest.raises(DecodeError):
        client.receive(GetResponse(1, NUMBER).encode()[:-1])
    assert client.state is State.IDLE
