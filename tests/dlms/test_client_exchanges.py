"""Answers that do not fit the request are refused; those that peers shorten are understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.apdu import Apdu, decode
from addad.dlms.apdu.action import (
    ActionResponse,
    ActionResponseBlock,
    ActionResponseNext,
    ActionResponseWithList,
)
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.get import GetResponse, GetResponseBlock, GetResponseWithList
from addad.dlms.apdu.set import (
    SetResponse,
    SetResponseBlock,
    SetResponseLastBlock,
    SetResponseWithList,
)
from addad.dlms.client_exchanges import (
    ActionExchange,
    ActionReply,
    GetExchange,
    GetReply,
    SetExchange,
    SetReply,
)
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult
from addad.errors import RemoteProtocolError
from addad.obis import Obis

ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
NUMBER = b"\x12\x01\x02"
LONG = b"\x09\x7f" + bytes(127)
OK = DataAccessResult.SUCCESS
DENIED = DataAccessResult.READ_WRITE_DENIED
DONE = ActionOutcome(ActionResult.SUCCESS)
FAILED = ActionOutcome(ActionResult.OTHER_REASON)
INVOKE = 0xC1


def _get(count: int) -> GetExchange:
    return GetExchange(INVOKE, [ATTRIBUTE] * count)


def _set(count: int, value: bytes = NUMBER) -> SetExchange:
    return SetExchange(INVOKE, [(ATTRIBUTE, value)] * count, 100)


def _action(count: int, value: bytes = NUMBER) -> ActionExchange:
    return ActionExchange(INVOKE, [(METHOD, value)] * count, 100)


WRONG: dict[str, tuple[GetExchange | SetExchange | ActionExchange, Apdu]] = {
    "GET answered under another number": (_get(1), GetResponse(0xC2, NUMBER)),
    "one value for a list": (_get(2), GetResponse(INVOKE, NUMBER)),
    "three values for two": (_get(2), GetResponseWithList(INVOKE, (NUMBER,) * 3)),
    "SET response to GET": (_get(1), SetResponse(INVOKE, OK)),
    "block 2 first": (_get(1), GetResponseBlock(INVOKE, False, 2, b"x")),
    "a block of nothing": (_get(1), GetResponseBlock(INVOKE, False, 1, b"")),
    "a block of another number": (_get(1), GetResponseBlock(0xC2, False, 1, b"x")),
    "blocks that are no list": (_get(2), GetResponseBlock(INVOKE, True, 1, b"\x02\x00\x01")),
    "a short list in blocks": (_get(2), GetResponseBlock(INVOKE, True, 1, b"\x01\x01\x03")),
    "SET under another number": (_set(1), SetResponse(0xC2, OK)),
    "one success for a list": (_set(2), SetResponse(INVOKE, OK)),
    "results too many": (_set(1), SetResponseWithList(INVOKE, (OK, OK))),
    "an acknowledgement of no block": (_set(1), SetResponseBlock(INVOKE, 1)),
    "GET response to SET": (_set(1), GetResponse(INVOKE, NUMBER)),
    "an acknowledgement of a block not sent": (_set(1, LONG), SetResponseBlock(INVOKE, 1)),
    "ACTION under another number": (_action(1), ActionResponse(0xC2, DONE)),
    "one success for two methods": (_action(2), ActionResponse(INVOKE, DONE)),
    "outcomes too many": (_action(1), ActionResponseWithList(INVOKE, (DONE, DONE))),
    "a block asked for without blocks": (_action(1), ActionResponseNext(INVOKE, 1)),
    "a block that is no response": (_action(1), ActionResponseBlock(INVOKE, True, 1, b"\x00")),
    "SET response to ACTION": (_action(1), SetResponse(INVOKE, OK)),
}


@pytest.mark.parametrize(("exchange", "response"), WRONG.values(), ids=WRONG.keys())
def test_what_does_not_fit_is_refused(
    exchange: GetExchange | SetExchange | ActionExchange, response: Apdu
) -> None:
    with pytest.raises(RemoteProtocolError):
        exchange.receive(response)


def test_one_refusal_may_stand_for_all() -> None:
    assert _get(2).receive(GetResponse(INVOKE, DENIED)) == GetReply((DENIED, DENIED))
    assert _set(2).receive(SetResponse(INVOKE, DENIED)) == SetReply((DENIED, DENIED))
    assert _action(2).receive(ActionResponse(INVOKE, FAILED)) == ActionReply((FAILED, FAILED))


@given(
    st.sampled_from((b"\xc4\x01", b"\xc4\x02", b"\xc5\x01", b"\xc4")),
    st.one_of(
        st.binary(max_size=12),
        st.binary(min_size=4, max_size=4).map(lambda n: b"\xc1\x00\x06" + n),
    ),
    st.integers(1, 2),
)
def test_the_short_way_of_a_number_is_the_long_way(head: bytes, rest: bytes, count: int) -> None:
    short = _get(count).receive_number(head + rest)
    if short is not None:
        assert short == _get(count).receive(decode(head + rest))
    elif head == b"\xc4\x01" and len(rest) == 7 and rest[:3] == b"\xc1\x00\x06":
        assert count == 2


def test_priority_bits_of_an_answer_do_not_matter() -> None:
    assert _get(1).receive(GetResponse(0x01, NUMBER)) == GetReply((NUMBER,))


def test_a_transfer_may_end_before_its_end() -> None:
    exchange = _get(1)
    assert exchange.receive(GetResponseBlock(INVOKE, False, 1, b"x")) == bytes.fromhex(
        "C002C100000001"
    )
    aborted = DataAccessResult.LONG_GET_ABORTED
    assert exchange.receive(GetResponseBlock(INVOKE, True, 2, aborted)) == GetReply((aborted,))
    setting = _set(1, LONG)
    assert setting.request is None
    assert len(setting.next_block()) <= 100
    stopped = DataAccessResult.LONG_SET_ABORTED
    assert setting.receive(SetResponseLastBlock(INVOKE, stopped, 1)) == SetReply((stopped,))


def test_nothing_follows_the_last_block() -> None:
    exchange = _set(1, LONG)
    exchange.next_block()
    last = exchange.receive(SetResponseBlock(INVOKE, 1))
    assert isinstance(last, bytes)
    with pytest.raises(RemoteProtocolError):
        exchange.receive(SetResponseBlock(INVOKE, 2))
