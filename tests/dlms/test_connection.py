"""Both ends of an association against each other, at every size of APDU."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import data as axdr
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import AttributeDescriptor, EntrySelection, MethodDescriptor
from addad.dlms.connection import (
    ActionIndication,
    ActionReply,
    Associated,
    AssociateIndication,
    AssociationParameters,
    ClientConnection,
    Encodable,
    GetIndication,
    GetReply,
    Indication,
    Released,
    ReleaseIndication,
    Reply,
    ServerConnection,
    ServerParameters,
    SetIndication,
    SetReply,
    State,
)
from addad.dlms.data import Data, Tag
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult
from addad.errors import AccessError, AssociationError, LocalProtocolError
from addad.obis import Obis

PASSWORD = b"12345678"
ATTRIBUTE = AttributeDescriptor(3, Obis.parse("1-0:1.8.0"), 2)
BUFFER = AttributeDescriptor(7, Obis.parse("1-0:99.1.0"), 2, EntrySelection(1))
METHOD = MethodDescriptor(70, Obis.parse("0-0:96.3.10"), 1)
TEXT = axdr.encode(Data(Tag.OCTET_STRING, bytes(range(256)) * 2))
NUMBER = b"\x12\x01\x02"

Answer = Callable[[ServerConnection, Indication], tuple[bytes, ...]]


class Pair:
    """A client and a server that pass APDUs to each other, none larger than agreed."""

    def __init__(self, client_max: int = 0, server_max: int = 0) -> None:
        self.client = ClientConnection(
            AssociationParameters(2, mechanism=Mechanism.LOW, password=PASSWORD, max_pdu=client_max)
        )
        self.server = ServerConnection(
            ServerParameters(max_pdu=server_max, mechanism=Mechanism.LOW, secret=PASSWORD)
        )
        self.client_max, self.server_max = client_max, server_max
        self.indications: list[Indication] = []
        self.exchanges = 0

    def exchange(self, request: tuple[bytes, ...], answer: Answer) -> Reply:
        while True:
            (octets,) = request
            self.exchanges += 1
            associated = self.server.associated
            assert not associated or len(octets) <= (self.server_max or 65535)
            indication = self.server.receive(octets)
            if indication is not None:
                self.indications.append(indication)
                response = answer(self.server, indication)
            else:
                response = self.server.outgoing
            (response,) = response
            assert not associated or len(response) <= (self.client_max or 65535)
            reply = self.client.receive(response)
            if reply is not None:
                assert self.client.outgoing == ()
                return reply
            request = self.client.outgoing

    def associate(self) -> "Pair":
        def judge(server: ServerConnection, indication: Indication) -> tuple[bytes, ...]:
            assert isinstance(indication, AssociateIndication)
            return server.respond_associate()

        assert isinstance(self.exchange(self.client.associate(), judge), Associated)
        return self

    def get(
        self,
        descriptors: Sequence[AttributeDescriptor],
        results: Sequence[Encodable | DataAccessResult],
    ) -> Reply:
        return self.exchange(
            self.client.get(descriptors), lambda server, _: server.respond_get(results)
        )


def test_an_association_from_beginning_to_end() -> None:
    pair = Pair().associate()
    assert pair.client.state is pair.server.state is State.ASSOCIATED
    assert pair.client.negotiated == pair.server.negotiated
    reply = pair.get([ATTRIBUTE], [NUMBER])
    assert reply == GetReply((NUMBER,))
    assert pair.indications[-1] == GetIndication((ATTRIBUTE,))
    released = pair.exchange(pair.client.release(), lambda server, _: server.respond_release())
    assert isinstance(released, Released)
    assert isinstance(pair.indications[-1], ReleaseIndication)
    assert pair.client.state is pair.server.state is State.IDLE


def test_a_wrong_password_opens_nothing() -> None:
    pair = Pair()
    pair.server.parameters = replace(pair.server.parameters, secret=b"87654321")
    assert pair.server.receive(*pair.client.associate()) is None
    with pytest.raises(AssociationError) as caught:
        pair.client.receive(*pair.server.outgoing)
    assert (caught.value.result, caught.value.diagnostic) == (1, 13)
    assert pair.client.state is pair.server.state is State.IDLE
    assert not pair.server.associated
    with pytest.raises(LocalProtocolError):
        pair.client.get([ATTRIBUTE])


SIZES = st.sampled_from([0, 40, 41, 64, 127, 128, 140, 200, 256, 300, 1024])
VALUES = st.binary(max_size=600).map(lambda octets: axdr.encode(Data(Tag.OCTET_STRING, octets)))
GETS = VALUES | st.sampled_from([*DataAccessResult][1:])


@given(SIZES, SIZES, st.lists(GETS, min_size=1, max_size=4))
@settings(max_examples=150)
def test_what_is_got_is_what_was_there(
    client_max: int, server_max: int, values: list[bytes | DataAccessResult]
) -> None:
    pair = Pair(client_max, server_max).associate()
    count = pair.client.get_capacity([ATTRIBUTE] * len(values))
    wanted = values[:count]
    assert pair.get([ATTRIBUTE] * count, wanted) == GetReply(tuple(wanted))
    assert pair.client.state is pair.server.state is State.ASSOCIATED


@given(SIZES, SIZES, st.lists(VALUES, min_size=1, max_size=3))
@settings(max_examples=150)
def test_what_is_set_arrives(client_max: int, server_max: int, values: list[bytes]) -> None:
    pair = Pair(client_max, server_max).associate()
    results = tuple([*DataAccessResult][: len(values)])
    items = [(ATTRIBUTE, value) for value in values]
    if server_max and len(values) * 11 + 12 > server_max:
        items, results = items[:1], results[:1]
    reply = pair.exchange(pair.client.set(items), lambda server, _: server.respond_set(results))
    assert reply == SetReply(results)
    arrived = tuple((descriptor, axdr.decode(value)) for descriptor, value in items)
    assert pair.indications[-1] == SetIndication(arrived)
    assert pair.client.state is pair.server.state is State.ASSOCIATED


RETURNS = st.none() | VALUES | st.sampled_from(DataAccessResult)


@given(SIZES, SIZES, st.lists(st.tuples(st.none() | VALUES, RETURNS), min_size=1, max_size=3))
@settings(max_examples=150)
def test_what_is_done_and_returned(
    client_max: int,
    server_max: int,
    items: list[tuple[bytes | None, bytes | DataAccessResult | None]],
) -> None:
    pair = Pair(client_max, server_max).associate()
    if server_max and len(items) * 9 + 12 > server_max:
        items = items[:1]
    outcomes = tuple(ActionOutcome(ActionResult.SUCCESS, returned) for _, returned in items)
    reply = pair.exchange(
        pair.client.action([(METHOD, parameters) for parameters, _ in items]),
        lambda server, _: server.respond_action(outcomes),
    )
    assert reply == ActionReply(outcomes)
    listed = len(items) > 1
    none = axdr.NULL if listed else None
    arrived = tuple(
        (METHOD, none if parameters is None else axdr.decode(parameters)) for parameters, _ in items
    )
    assert pair.indications[-1] == ActionIndication(arrived)
    assert pair.client.state is pair.server.state is State.ASSOCIATED


def test_a_long_profile_is_made_while_it_is_read() -> None:
    pair = Pair(client_max=140).associate()
    made: list[int] = []

    def rows() -> Iterator[bytes]:
        yield b"\x01\x82\x03\xe8"
        for number in range(1000):
            made.append(number)
            yield b"\x02\x01\x12" + number.to_bytes(2, "big")

    indication = pair.server.receive(*pair.client.get([BUFFER]))
    assert indication == GetIndication((BUFFER,))
    response = pair.server.respond_get([rows()])
    assert len(made) < 60
    while (reply := pair.client.receive(*response)) is None:
        before = len(made)
        pair.server.receive(*pair.client.outgoing)
        assert len(made) - before < 60
        response = pair.server.outgoing
    assert isinstance(reply, GetReply)
    value = axdr.decode(reply.results[0])  # type: ignore[arg-type]
    assert isinstance(value.value, tuple)
    assert len(value.value) == 1000
    assert made == [*range(1000)]


def _failing(after: int, result: int) -> Iterator[bytes]:
    yield b"\x09\x82\x02\x00"
    for _ in range(after):
        yield b"x"
    raise AccessError(result)


def test_a_value_that_fails_before_it_leaves_is_refused() -> None:
    pair = Pair(client_max=140).associate()
    reply = pair.get([ATTRIBUTE], [_failing(10, DataAccessResult.HARDWARE_FAULT)])
    assert reply == GetReply((DataAccessResult.HARDWARE_FAULT,))
    assert pair.get([ATTRIBUTE], [_failing(10, 77)]) == GetReply((DataAccessResult.OTHER_REASON,))
    assert pair.get([ATTRIBUTE], [_failing(10, 0)]) == GetReply((DataAccessResult.OTHER_REASON,))


def test_a_value_that_fails_on_the_way_ends_the_transfer() -> None:
    pair = Pair(client_max=140).associate()
    reply = pair.get([ATTRIBUTE], [_failing(400, DataAccessResult.HARDWARE_FAULT)])
    assert reply == GetReply((DataAccessResult.LONG_GET_ABORTED,))
    assert pair.get([ATTRIBUTE], [NUMBER]) == GetReply((NUMBER,))


def test_a_second_association_replaces_the_first() -> None:
    pair = Pair().associate()
    pair.client.abort()
    assert pair.client.state is State.IDLE
    pair.associate()
    assert pair.get([ATTRIBUTE], [NUMBER]) == GetReply((NUMBER,))
