"""Every form of GET, SET and ACTION between both ends: whole, in blocks, with list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.apdu.action import ActionRequestBlock, ActionRequestNext, ActionResponseBlock
from addad.dlms.apdu.descriptors import (
    ALL_ATTRIBUTES,
    AttributeDescriptor,
    EntrySelection,
    MethodDescriptor,
)
from addad.dlms.apdu.get import GetRequest, GetRequestNext, GetRequestWithList
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.set import SetRequest, SetRequestBlock, SetRequestFirstBlock
from addad.dlms.client_exchanges import (
    ActionExchange,
    ActionReply,
    GetExchange,
    GetReply,
    SetExchange,
    SetReply,
)
from addad.dlms.data import Data, Tag, encode
from addad.dlms.indications import ActionIndication, GetIndication, SetIndication
from addad.dlms.parameters import SERVICES, Negotiated
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult, ServiceError
from addad.dlms.server_requests import LongRequest, Request, to_request
from addad.dlms.server_responses import (
    LongResponse,
    action_response,
    get_response,
    set_response,
)
from addad.obis import Obis

INVOKE = 0xC1
ENERGY = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
ALL = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), ALL_ATTRIBUTES)
ROWS = AttributeDescriptor(7, Obis.parse("1-0:99.1.0"), 2, EntrySelection(1))
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
MAX_OCTETS = 100_000

Results = list[bytes | DataAccessResult]


class _Server:
    """Answers what a client's exchange sends, one APDU for one, and keeps what was asked."""

    def __init__(self, max_pdu: int, reads: Results, outcomes: list[ActionOutcome]) -> None:
        self.negotiated = Negotiated(SERVICES, max_pdu)
        self.asked: list[object] = []
        self.kinds: set[type] = set()
        self._reads, self._outcomes = reads, outcomes
        self._taking: LongRequest | None = None
        self._giving: LongResponse | None = None

    def answer(self, octets: bytes) -> bytes:
        assert len(octets) <= self.negotiated.max_pdu
        asked = apdu.decode(octets)
        self.kinds.add(type(asked))
        if self._giving is not None and self._giving.continues(asked):
            return self._giving.next(asked)
        if self._taking is not None and self._taking.continues(asked):
            return self._taken(self._taking.take(asked))
        begun = to_request(asked, self.negotiated, MAX_OCTETS)
        if isinstance(begun, LongRequest):
            self._taking = begun
            return self._taken(begun.take(asked))
        assert isinstance(begun, Request)
        return self._respond(begun)

    def _taken(self, step: bytes | Request) -> bytes:
        return step if isinstance(step, bytes) else self._respond(step)

    def _respond(self, request: Request) -> bytes:
        self.asked.append(request.indication)
        match request.indication:
            case GetIndication():
                response = get_response(request, self._reads, self.negotiated)
            case SetIndication(items):
                response = set_response(request, (DataAccessResult.SUCCESS,) * len(items))
            case ActionIndication():
                response = action_response(request, tuple(self._outcomes), self.negotiated)
        if isinstance(response, LongResponse):
            self._giving = response
            response = response.block()
        assert isinstance(response, bytes)
        assert len(response) <= self.negotiated.max_pdu
        return response


def _run(
    exchange: GetExchange | SetExchange | ActionExchange, octets: bytes, server: _Server
) -> object:
    for _ in range(MAX_OCTETS):
        step = exchange.receive(apdu.decode(server.answer(octets)))
        if not isinstance(step, bytes):
            return step
        octets = step
    raise AssertionError("the exchange does not end")


def _first(exchange: SetExchange | ActionExchange) -> bytes:
    return exchange.next_block() if exchange.request is None else exchange.request


VALUES = st.binary(max_size=300).map(lambda octets: encode(Data(Tag.OCTET_STRING, octets)))
SIZES = st.integers(80, 400)


@given(
    st.lists(
        st.one_of(VALUES, st.just(DataAccessResult.OBJECT_UNAVAILABLE)), min_size=1, max_size=5
    ),
    SIZES,
)
def test_get_returns_every_value(reads: Results, max_pdu: int) -> None:
    exchange = GetExchange(INVOKE, [ENERGY] * len(reads))
    server = _Server(max_pdu, reads, [])
    assert _run(exchange, exchange.request(), server) == GetReply(tuple(reads))


@given(st.lists(VALUES, min_size=1, max_size=4), SIZES)
def test_set_brings_every_value(values: list[bytes], max_pdu: int) -> None:
    exchange = SetExchange(INVOKE, [(ENERGY, value) for value in values], max_pdu)
    server = _Server(max_pdu, [], [])
    done = SetReply((DataAccessResult.SUCCESS,) * len(values))
    assert _run(exchange, _first(exchange), server) == done
    (indication,) = server.asked
    assert isinstance(indication, SetIndication)
    assert [encode(value) for _, value in indication.items] == values


@given(st.lists(st.tuples(VALUES, st.one_of(st.none(), VALUES)), min_size=1, max_size=4), SIZES)
def test_action_brings_parameters_and_returns_values(
    items: list[tuple[bytes, bytes | None]], max_pdu: int
) -> None:
    outcomes = [ActionOutcome(ActionResult.SUCCESS, returned) for _, returned in items]
    exchange = ActionExchange(INVOKE, [(METHOD, given) for given, _ in items], max_pdu)
    server = _Server(max_pdu, [], outcomes)
    assert _run(exchange, _first(exchange), server) == ActionReply(tuple(outcomes))
    (indication,) = server.asked
    assert isinstance(indication, ActionIndication)
    assert [encode(value) for _, value in indication.items if value] == [one for one, _ in items]


def test_long_lists_go_in_blocks_either_way() -> None:
    long = encode(Data(Tag.OCTET_STRING, bytes(300)))
    getting = GetExchange(INVOKE, [ENERGY, ENERGY])
    server = _Server(100, [long, long], [])
    assert _run(getting, getting.request(), server) == GetReply((long, long))
    assert server.kinds == {GetRequestWithList, GetRequestNext}
    done = ActionOutcome(ActionResult.SUCCESS, long)
    acting = ActionExchange(INVOKE, [(METHOD, long), (METHOD, long)], 100)
    server = _Server(100, [], [done, done])
    assert _run(acting, _first(acting), server) == ActionReply((done, done))
    assert {ActionRequestBlock, ActionRequestNext} < server.kinds


def test_the_blocks_of_an_action_hold_its_response_after_the_invoke_octet() -> None:
    """As Gurux and the server of jDLMS cut it: the result, the flag and choice, the value."""
    value = encode(Data(Tag.OCTET_STRING, bytes(range(100))))
    server = _Server(64, [], [ActionOutcome(ActionResult.SUCCESS, value)])
    exchange = ActionExchange(INVOKE, [(METHOD, None)], 64)
    block = apdu.decode(server.answer(_first(exchange)))
    assert isinstance(block, ActionResponseBlock)
    assert block.contents.startswith(bytes((0, 1, 0)) + value[:20])


NEEDS = {
    "all attributes with GET": (GetRequest(INVOKE, ALL), Conformance.ATTRIBUTE_0_WITH_GET),
    "all attributes in a list": (
        GetRequestWithList(INVOKE, (ENERGY, ALL)),
        Conformance.ATTRIBUTE_0_WITH_GET,
    ),
    "all attributes with SET": (
        SetRequest(INVOKE, ALL, b"\x02\x01\x00"),
        Conformance.ATTRIBUTE_0_WITH_SET,
    ),
    "all attributes with SET in blocks": (
        SetRequestFirstBlock(INVOKE, ALL, False, 1, b"\x02"),
        Conformance.ATTRIBUTE_0_WITH_SET,
    ),
    "a selection": (GetRequest(INVOKE, ROWS), Conformance.SELECTIVE_ACCESS),
    "a selection in a list": (
        GetRequestWithList(INVOKE, (ENERGY, ROWS)),
        Conformance.SELECTIVE_ACCESS,
    ),
    "a further block of SET": (
        SetRequestBlock(INVOKE, True, 2, b"\x00"),
        Conformance.BLOCK_TRANSFER_WITH_SET,
    ),
}


@pytest.mark.parametrize(("request_apdu", "needed"), NEEDS.values(), ids=NEEDS.keys())
def test_what_a_request_needs_must_be_agreed(request_apdu: apdu.Apdu, needed: Conformance) -> None:
    zero = Conformance.ATTRIBUTE_0_WITH_GET | Conformance.ATTRIBUTE_0_WITH_SET
    agreed = Negotiated(SERVICES | zero, 1000)
    assert to_request(request_apdu, agreed, MAX_OCTETS) is not ServiceError.SERVICE_NOT_SUPPORTED
    fewer = Negotiated(agreed.conformance & ~needed, 1000)
    assert to_request(request_apdu, fewer, MAX_OCTETS) is ServiceError.SERVICE_NOT_SUPPORTED
