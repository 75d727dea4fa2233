"""Long transfers with a client that makes mistakes: each ends with the result that says so."""

import pytest

from addad.dlms import apdu
from addad.dlms.apdu.action import (
    ActionRequestBlock,
    ActionRequestFirstBlock,
    ActionRequestWithListFirstBlock,
    ActionResponse,
    ActionResponseNext,
)
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.set import (
    SetRequestBlock,
    SetRequestFirstBlock,
    SetRequestWithListFirstBlock,
    SetResponseBlock,
    SetResponseLastBlock,
    SetResponseLastBlockWithList,
)
from addad.dlms.association import State
from addad.dlms.data import Data, Tag
from addad.dlms.indications import ActionIndication, SetIndication
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult
from addad.dlms.server_connection import ServerConnection
from addad.obis import Obis
from dlms.serving import answered, serving

ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
LONG = b"\x09\x7f" + bytes(127)
INVOKE = 0xC1


@pytest.fixture
def server() -> ServerConnection:
    return serving()


def test_a_long_set_in_order(server: ServerConnection) -> None:
    first = SetRequestFirstBlock(INVOKE, ATTRIBUTE, False, 1, LONG[:60])
    assert answered(server, first) == SetResponseBlock(INVOKE, 1)
    assert server.state is State.SERVING
    indication = server.receive(SetRequestBlock(INVOKE, True, 2, LONG[60:]).encode())
    assert indication == SetIndication(((ATTRIBUTE, Data(Tag.OCTET_STRING, bytes(127))),))
    answer = apdu.decode(*server.respond_set([DataAccessResult.SUCCESS]))
    assert answer == SetResponseLastBlock(INVOKE, DataAccessResult.SUCCESS, 2)


def test_one_block_may_be_all(server: ServerConnection) -> None:
    octets = SetRequestFirstBlock(INVOKE, ATTRIBUTE, True, 1, b"\x11\x05").encode()
    assert server.receive(octets) == SetIndication(((ATTRIBUTE, Data(Tag.UNSIGNED, 5)),))
    server.respond_set([DataAccessResult.SUCCESS])
    action = ActionRequestFirstBlock(INVOKE, METHOD, True, 1, b"\x11\x05").encode()
    assert server.receive(action) == ActionIndication(((METHOD, Data(Tag.UNSIGNED, 5)),))


@pytest.mark.parametrize(
    ("block", "result"),
    [
        (SetRequestBlock(INVOKE, True, 3, b""), DataAccessResult.DATA_BLOCK_NUMBER_INVALID),
        (SetRequestBlock(INVOKE, True, 1, b""), DataAccessResult.DATA_BLOCK_NUMBER_INVALID),
        (SetRequestBlock(INVOKE, False, 2, b""), DataAccessResult.LONG_SET_ABORTED),
        (SetRequestBlock(INVOKE, False, 2, bytes(200)), DataAccessResult.LONG_SET_ABORTED),
        (SetRequestBlock(INVOKE, True, 2, b"\xff"), DataAccessResult.TYPE_UNMATCHED),
    ],
)
def test_a_long_set_that_goes_wrong(
    server: ServerConnection, block: SetRequestBlock, result: DataAccessResult
) -> None:
    answered(server, SetRequestFirstBlock(INVOKE, ATTRIBUTE, False, 1, LONG[:60]))
    answer = answered(server, block)
    assert answer == SetResponseLastBlock(INVOKE, result, block.block_number)
    assert server.state is State.ASSOCIATED
    none = DataAccessResult.NO_LONG_SET_IN_PROGRESS
    again = answered(server, block)
    assert again == SetResponseLastBlock(INVOKE, none, block.block_number)


def test_a_long_list_that_goes_wrong_says_so_for_each(server: ServerConnection) -> None:
    both = ATTRIBUTE, ATTRIBUTE
    first = SetRequestWithListFirstBlock(INVOKE, both, True, 1, b"\x01\x11\x05")
    unmatched = (DataAccessResult.TYPE_UNMATCHED,) * 2
    assert answered(server, first) == SetResponseLastBlockWithList(INVOKE, unmatched, 1)
    whole = SetRequestWithListFirstBlock(INVOKE, both, True, 1, b"\x02\x11\x05\x00").encode()
    assert isinstance(server.receive(whole), SetIndication)
    results = DataAccessResult.SUCCESS, DataAccessResult.READ_WRITE_DENIED
    answer = apdu.decode(*server.respond_set(results))
    assert answer == SetResponseLastBlockWithList(INVOKE, results, 1)


@pytest.mark.parametrize(
    ("block", "result"),
    [
        (ActionRequestBlock(INVOKE, True, 3, b""), ActionResult.LONG_ACTION_ABORTED),
        (ActionRequestBlock(INVOKE, False, 2, bytes(200)), ActionResult.LONG_ACTION_ABORTED),
        (ActionRequestBlock(INVOKE, True, 2, b"\xff"), ActionResult.TYPE_UNMATCHED),
    ],
)
def test_a_long_action_that_goes_wrong(
    server: ServerConnection, block: ActionRequestBlock, result: ActionResult
) -> None:
    first = ActionRequestFirstBlock(INVOKE, METHOD, False, 1, LONG[:60])
    assert answered(server, first) == ActionResponseNext(INVOKE, 1)
    assert answered(server, block) == ActionResponse(INVOKE, ActionOutcome(result))
    none = ActionOutcome(ActionResult.NO_LONG_ACTION_IN_PROGRESS)
    assert answered(server, block) == ActionResponse(INVOKE, none)


def test_a_long_list_of_actions(server: ServerConnection) -> None:
    both = METHOD, METHOD
    octets = ActionRequestWithListFirstBlock(INVOKE, both, True, 1, b"\x02\x11\x05\x00").encode()
    indication = server.receive(octets)
    assert isinstance(indication, ActionIndication)
    assert [data.value for _, data in indication.items if data] == [5, None]


def test_a_block_of_another_request_is_no_block_of_this_one(server: ServerConnection) -> None:
    answered(server, SetRequestFirstBlock(INVOKE, ATTRIBUTE, False, 1, LONG[:60]))
    none = DataAccessResult.NO_LONG_SET_IN_PROGRESS
    answer = answered(server, SetRequestBlock(0xC2, True, 2, LONG[60:]))
    assert answer == SetResponseLastBlock(0xC2, none, 2)
