"""ACCESS from the request to the reply: all items, breaking on errors, and what does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.access_exchanges import (
    AccessExchange,
    AccessIndication,
    AccessOutcome,
    AccessReply,
    access_response,
    long_invoke_id,
    to_access,
)
from addad.dlms.apdu.access import (
    AccessAction,
    AccessGet,
    AccessKind,
    AccessRequest,
    AccessResponse,
    AccessResult,
    AccessSet,
    AccessSpecification,
)
from addad.dlms.apdu.descriptors import (
    MAX_ITEMS,
    AttributeDescriptor,
    EntrySelection,
    MethodDescriptor,
)
from addad.dlms.apdu.get import GetResponse
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.long_invoke import LongInvokeFlag
from addad.dlms.data import NULL, Data, Tag
from addad.dlms.parameters import Negotiated
from addad.dlms.results import ActionResult, DataAccessResult, ServiceError
from addad.errors import LocalProtocolError, RemoteProtocolError
from addad.obis import Obis

ENERGY = AccessGet(AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2))
CLOCK = AccessSet(AttributeDescriptor(8, Obis.parse("0-0:1.0.0"), 2))
DISCONNECT = AccessAction(MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1))
ROWS = AccessGet(AttributeDescriptor(7, Obis.parse("1-0:99.1.0"), 2, EntrySelection(1)))
NUMBER = bytes.fromhex("0600000001")
ALL = Negotiated(
    Conformance.ACCESS
    | Conformance.GET
    | Conformance.SET
    | Conformance.ACTION
    | Conformance.SELECTIVE_ACCESS,
    1024,
)
ITEMS: tuple[tuple[AccessSpecification, bytes | None], ...] = (
    (ENERGY, None),
    (CLOCK, NUMBER),
    (DISCONNECT, b"\x0f\x00"),
    (ROWS, None),
)
CONFIRMED, BREAK = LongInvokeFlag.CONFIRMED, LongInvokeFlag.BREAK_ON_ERROR
OK, DENIED = DataAccessResult.SUCCESS, DataAccessResult.READ_WRITE_DENIED


def _indication(octets: bytes) -> AccessIndication:
    request = apdu.decode(octets)
    assert isinstance(request, AccessRequest)
    indication = to_access(request, ALL)
    assert isinstance(indication, AccessIndication)
    return indication


def _meter(specification: AccessSpecification, value: Data) -> AccessOutcome:
    match specification:
        case AccessGet():
            return AccessOutcome(OK, NUMBER)
        case AccessSet():
            return AccessOutcome(DENIED if value.tag != Tag.OCTET_STRING else OK)
        case AccessAction():
            return AccessOutcome(ActionResult.SUCCESS, b"\x03\x01")


def test_every_item_is_done_and_answered() -> None:
    exchange = AccessExchange(long_invoke_id(7), ITEMS)
    indication = _indication(exchange.request())
    assert [value for _, value in indication.items] == [
        NULL,
        Data(Tag.DOUBLE_LONG_UNSIGNED, 1),
        Data(Tag.INTEGER, 0),
        NULL,
    ]
    assert indication.changes
    assert indication.confirmed
    octets = access_response(indication, indication.perform(_meter))
    assert exchange.receive(apdu.decode(octets)) == AccessReply(
        (
            AccessOutcome(OK, NUMBER),
            AccessOutcome(DENIED),
            AccessOutcome(ActionResult.SUCCESS, b"\x03\x01"),
            AccessOutcome(OK, NUMBER),
        )
    )


def test_break_on_error_leaves_the_rest_undone() -> None:
    exchange = AccessExchange(long_invoke_id(7, CONFIRMED | BREAK), ITEMS)
    done: list[AccessSpecification] = []

    def one(specification: AccessSpecification, value: Data) -> AccessOutcome:
        done.append(specification)
        return _meter(specification, value)

    indication = _indication(exchange.request())
    outcomes = indication.perform(one)
    assert done == [ENERGY, CLOCK]
    assert [outcome.result for outcome in outcomes] == [
        OK,
        DENIED,
        ActionResult.OTHER_REASON,
        DataAccessResult.OTHER_REASON,
    ]
    assert exchange.receive(apdu.decode(access_response(indication, outcomes))).outcomes == outcomes


def test_a_server_may_answer_only_what_it_did_before_the_error() -> None:
    exchange = AccessExchange(long_invoke_id(7, CONFIRMED | BREAK), ITEMS)
    results = (AccessResult(AccessKind.GET, OK), AccessResult(AccessKind.SET, DENIED))
    short = AccessResponse(0x40000007, None, None, (NUMBER, b"\x00"), results)
    assert len(exchange.receive(short).outcomes) == 2
    with pytest.raises(RemoteProtocolError):
        AccessExchange(long_invoke_id(7), ITEMS).receive(short)
    fine = AccessResponse(0x40000007, None, None, (NUMBER,), results[:1])
    with pytest.raises(RemoteProtocolError):
        exchange.receive(fine)


def test_a_self_descriptive_answer_repeats_the_request() -> None:
    flags = CONFIRMED | LongInvokeFlag.SELF_DESCRIPTIVE
    exchange = AccessExchange(long_invoke_id(7, flags), ITEMS[:1])
    indication = _indication(exchange.request())
    response = apdu.decode(access_response(indication, indication.perform(_meter)))
    assert isinstance(response, AccessResponse)
    assert response.specifications == (ENERGY,)
    assert exchange.receive(response) == AccessReply((AccessOutcome(OK, NUMBER),))
    other = AccessResponse(0x50000007, None, (ROWS,), response.data, response.results)
    with pytest.raises(RemoteProtocolError):
        exchange.receive(other)


def test_who_wants_no_answer_gets_none() -> None:
    exchange = AccessExchange(long_invoke_id(7, LongInvokeFlag(0)), ITEMS)
    indication = _indication(exchange.request())
    assert not indication.confirmed
    assert access_response(indication, indication.perform(_meter)) == b""


def _answer(*results: AccessResult, invoke: int = 7) -> AccessResponse:
    return AccessResponse(CONFIRMED | invoke, None, None, (NUMBER,) * len(results), results)


GET = AccessResult(AccessKind.GET, OK)
WRONG = {
    "another number": _answer(GET, invoke=8),
    "too few results": _answer(),
    "too many results": _answer(GET, GET),
    "the result of another service": _answer(AccessResult(AccessKind.SET, OK)),
    "another APDU": GetResponse(0xC1, NUMBER),
}


@pytest.mark.parametrize("response", WRONG.values(), ids=WRONG.keys())
def test_what_does_not_answer_is_refused(response: apdu.Apdu) -> None:
    with pytest.raises(RemoteProtocolError):
        AccessExchange(long_invoke_id(7), ITEMS[:1]).receive(response)


@pytest.mark.parametrize(
    ("item", "missing"),
    [
        (ITEMS[0], Conformance.ACCESS),
        (ITEMS[0], Conformance.GET),
        (ITEMS[1], Conformance.SET),
        (ITEMS[2], Conformance.ACTION),
        (ITEMS[3], Conformance.SELECTIVE_ACCESS),
    ],
)
def test_what_was_not_agreed_is_not_supported(
    item: tuple[AccessSpecification, bytes | None], missing: Conformance
) -> None:
    request = apdu.decode(AccessExchange(long_invoke_id(7), [item]).request())
    assert isinstance(request, AccessRequest)
    fewer = Negotiated(ALL.conformance & ~missing, 1024)
    assert to_access(request, fewer) is ServiceError.SERVICE_NOT_SUPPORTED


def test_misuse_is_ours() -> None:
    for count in (0, MAX_ITEMS + 1):
        with pytest.raises(LocalProtocolError):
            AccessExchange(1, ITEMS[:1] * count)
    indication = _indication(AccessExchange(long_invoke_id(7), ITEMS[:1]).request())
    with pytest.raises(LocalProtocolError):
        access_response(indication, ())
    with pytest.raises(LocalProtocolError):
        access_response(indication, (AccessOutcome(ActionResult.SUCCESS),))


def test_the_number_wraps_below_the_flags() -> None:
    assert long_invoke_id(0x1000001) == 0x40000001


@given(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=30), st.booleans(), st.booleans())
def test_any_items_come_back(
    items: list[tuple[AccessSpecification, bytes | None]], broken: bool, echoed: bool
) -> None:
    flags = CONFIRMED | (BREAK if broken else 0)
    flags |= LongInvokeFlag.SELF_DESCRIPTIVE if echoed else 0
    exchange = AccessExchange(long_invoke_id(9, LongInvokeFlag(flags)), items)
    indication = _indication(exchange.request())
    outcomes = indication.perform(_meter)
    assert exchange.receive(apdu.decode(access_response(indication, outcomes))).outcomes == outcomes
