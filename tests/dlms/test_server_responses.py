"""Long answers go on only as their client asks, and end with the result that says why."""

import pytest

from addad.dlms import apdu
from addad.dlms.apdu.action import (
    ActionRequestNext,
    ActionResponse,
    ActionResponseBlock,
)
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.get import GetRequest, GetRequestNext, GetResponse, GetResponseBlock
from addad.dlms.association import State
from addad.dlms.indications import ActionIndication, GetIndication
from addad.dlms.parameters import SERVICES, Negotiated
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult, ServiceError
from addad.dlms.server_connection import ServerConnection
from addad.dlms.server_requests import Request
from addad.dlms.server_responses import action_response, get_response
from addad.obis import Obis
from dlms.serving import answered, serving

ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
LONG = b"\x09\x7f" + bytes(127)
INVOKE = 0xC1


@pytest.fixture
def server() -> ServerConnection:
    return serving()


def test_a_long_get_goes_on_only_with_its_own_next_block(server: ServerConnection) -> None:
    server.receive(GetRequest(INVOKE, ATTRIBUTE).encode())
    first = apdu.decode(*server.respond_get([LONG]))
    assert isinstance(first, GetResponseBlock)
    assert (first.block_number, first.last) == (1, False)
    second = answered(server, GetRequestNext(INVOKE, 1))
    assert isinstance(second, GetResponseBlock)
    assert (second.block_number, second.last) == (2, False)
    wrong = answered(server, GetRequestNext(INVOKE, 1))
    invalid = DataAccessResult.DATA_BLOCK_NUMBER_INVALID
    assert wrong == GetResponseBlock(INVOKE, True, 1, invalid)
    assert server.state is State.ASSOCIATED
    gone = answered(server, GetRequestNext(INVOKE, 2))
    none = DataAccessResult.NO_LONG_GET_IN_PROGRESS
    assert gone == GetResponseBlock(INVOKE, True, 2, none)


def test_a_long_action_response_goes_on_only_with_its_own_next_block(
    server: ServerConnection,
) -> None:
    server.receive(bytes.fromhex("C301C1 0046 000060030AFF 01 00"))
    first = apdu.decode(*server.respond_action([(ActionResult.SUCCESS, LONG)]))
    assert isinstance(first, ActionResponseBlock)
    assert first.contents[:3] == b"\x00\x01\x00"
    aborted = ActionOutcome(ActionResult.LONG_ACTION_ABORTED)
    assert answered(server, ActionRequestNext(INVOKE, 2)) == ActionResponse(INVOKE, aborted)
    none = ActionOutcome(ActionResult.NO_LONG_ACTION_IN_PROGRESS)
    assert answered(server, ActionRequestNext(INVOKE, 1)) == ActionResponse(INVOKE, none)


@pytest.mark.parametrize("size", [-3, 0, 8, 10])
def test_what_no_block_has_room_for_is_refused_and_not_answered_empty(size: int) -> None:
    negotiated = Negotiated(SERVICES, size)
    one = Request(GetIndication((ATTRIBUTE,)), INVOKE, listed=False)
    refused = GetResponse(INVOKE, DataAccessResult.OTHER_REASON)
    assert get_response(one, [LONG], negotiated) == refused.encode()
    act = Request(ActionIndication(((METHOD, None),)), INVOKE, listed=False)
    outcome = ActionOutcome(ActionResult.SUCCESS, LONG)
    assert action_response(act, (outcome,), negotiated) is ServiceError.PDU_TOO_LONG
