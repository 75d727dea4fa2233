"""General block transfer: both roles on a wire that loses, doubles and reorders."""

import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import apdu
from addad.dlms.apdu.general_block import NUMBER_MAX, GeneralBlock
from addad.dlms.general_blocks import (
    ECHOES_MAX,
    FRUITLESS_MAX,
    REPETITIONS_MAX,
    GeneralBlockTransfer,
)
from addad.errors import LocalProtocolError, RemoteProtocolError

MAX_OCTETS = 100_000


def _block(octets: bytes) -> GeneralBlock:
    read = apdu.decode(octets)
    assert isinstance(read, GeneralBlock)
    return read


def _end(is_client: bool, window: int = 3, peer_window: int = 1) -> GeneralBlockTransfer:
    return GeneralBlockTransfer(
        20, MAX_OCTETS, is_client=is_client, window=window, peer_window=peer_window
    )


def _octets(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def _flags(sent: tuple[bytes, ...]) -> list[tuple[int, int, bool, bool]]:
    blocks = [_block(one) for one in sent]
    return [(one.number, one.acknowledged, one.streaming, one.last) for one in blocks]


def test_windows_stream_and_are_acknowledged() -> None:
    client, server = _end(True), _end(False)
    value = _octets(13 * 7 - 1)
    first = server.send(value)
    assert _flags(first) == [(1, 0, False, False)]  # of a peer whose window is not known
    assert all(len(one) <= 20 for one in first)
    step = client.receive(_block(first[0]))
    assert step.apdu is None
    assert step.outgoing == (bytes.fromhex("E083 0001 0001 00"),)
    window = server.receive(_block(step.outgoing[0])).outgoing
    assert _flags(window) == [(2, 1, True, False), (3, 1, True, False), (4, 1, False, False)]
    assert [client.receive(_block(one)).outgoing for one in window[:2]] == [(), ()]
    again = client.receive(_block(window[2])).outgoing
    assert again == (bytes.fromhex("E083 0002 0004 00"),)
    last = server.receive(_block(again[0])).outgoing
    assert [one[3] for one in _flags(last)] == [False, False, True]
    steps = [client.receive(_block(one)) for one in last]
    assert [one.apdu for one in steps] == [None, None, value]
    assert not any(one.outgoing for one in steps)
    assert not client.active


def test_a_request_in_blocks_tells_the_window_and_its_response_acknowledges() -> None:
    client, server = _end(True, window=5), _end(False)
    sent = client.send(b"request")
    step = server.receive(_block(sent[0]))
    assert step == (b"request", ())
    assert client.active
    response = server.send(_octets(13 * 5))
    assert _flags(response) == [(n, 1, n < 5, n == 5) for n in range(1, 6)]
    assert [client.receive(_block(one)).apdu for one in response][-1] == _octets(13 * 5)
    assert not client.active


def test_a_lost_block_is_sent_again_alone() -> None:
    client, server = _end(True), _end(False, peer_window=3)
    value = _octets(13 * 3)
    sent = server.send(value)
    client.receive(_block(sent[0]))
    step = client.receive(_block(sent[2]))
    assert step.outgoing == (
        bytes.fromhex("E081 0001 0001 00"),
    )  # asks for the one that is missing
    again = server.receive(_block(step.outgoing[0])).outgoing
    assert _flags(again) == [(2, 0 + 1, False, False)]
    assert client.receive(_block(again[0])).apdu == value


def test_a_lost_end_of_a_window_is_asked_for_after_a_silence() -> None:
    client, server = _end(True), _end(False, peer_window=3)
    value = _octets(13 * 4)
    sent = server.send(value)
    for one in sent[:2]:
        client.receive(_block(one))
    (asked,) = client.timeout()
    assert _flags((asked,)) == [(1, 2, False, True)]
    again = server.receive(_block(asked)).outgoing
    assert [one[0] for one in _flags(again)] == [3]
    for one in again:
        asked_next = client.receive(_block(one)).outgoing
    (end,) = server.receive(_block(asked_next[0])).outgoing
    assert client.receive(_block(end)).apdu == value
    assert client.timeout() == ()


def test_a_duplicate_is_acknowledged_with_the_same_number_and_dropped() -> None:
    client, server = _end(True), _end(False)
    (first,) = server.send(_octets(13 * 9))
    answer = client.receive(_block(first))
    assert client.receive(_block(first)) == (None, answer.outgoing)
    window = server.receive(_block(answer.outgoing[0])).outgoing
    acknowledged = [client.receive(_block(one)) for one in window][-1].outgoing
    further = server.receive(_block(acknowledged[0])).outgoing
    assert further
    assert server.receive(_block(acknowledged[0])).outgoing == ()


def test_a_request_that_arrives_twice_is_one_request() -> None:
    client, server = _end(True), _end(False)
    (sent,) = client.send(b"switch it off")
    assert server.receive(_block(sent)).apdu == b"switch it off"
    again = server.receive(_block(sent))
    assert again.apdu is None
    assert client.receive(_block(again.outgoing[0])) == (None, ())
    assert not client.active
    assert client.timeout() == ()
    client.begin()
    (other,) = client.send(b"switch it on")
    assert server.receive(_block(other)).apdu == b"switch it on"


def test_a_peer_that_does_not_count_its_acknowledgements() -> None:
    server = _end(False)
    server.send(_octets(13 * 6))
    first = server.receive(GeneralBlock(True, False, 2, 1, 1, b"")).outgoing
    assert [one[0] for one in _flags(first)] == [2, 3]
    again = server.receive(GeneralBlock(True, False, 2, 1, 1, b"")).outgoing
    assert again == first
    further = server.receive(GeneralBlock(True, False, 2, 1, 3, b"")).outgoing
    assert [one[0] for one in _flags(further)] == [4, 5]
    assert server.receive(GeneralBlock(True, False, 1, 1, 0, b"next request")).apdu is not None


def test_who_lacks_an_acknowledgement_and_a_block_gets_both_for_a_window_of_one() -> None:
    client, server = _end(True, window=9), _end(False, window=1)
    (asked,) = client.send(_octets(13 * 2))
    (answer,) = server.receive(_block(asked)).outgoing
    assert server.timeout()  # its block 2, which gets lost
    (asked,) = client.receive(_block(answer)).outgoing
    assert server.receive(_block(asked)).apdu == _octets(13 * 2)
    response = server.send(_octets(13 * 2))
    assert _flags(response) == [(3, 2, True, False), (4, 2, False, True)]
    missed = GeneralBlock(True, False, 1, 3, 1, b"")  # neither that nor what followed came
    again = server.receive(missed).outgoing
    assert [(_block(one).number, len(_block(one).contents)) for one in again] == [(2, 0), (3, 13)]


def test_repeated_blocks_do_not_make_two_ends_repeat_theirs_for_ever() -> None:
    client, server = _end(True), _end(False)
    (sent,) = client.send(b"request")
    server.receive(_block(sent))
    response = server.send(b"response")
    for _ in range(ECHOES_MAX):
        assert server.receive(_block(sent)).outgoing == response
    for _ in range(100):
        (acknowledged,) = server.receive(_block(sent)).outgoing
        assert not _block(acknowledged).contents
    assert client.receive(_block(response[0])).apdu == b"response"


def test_an_unconfirmed_transfer_leaves_whole_and_asks_for_nothing() -> None:
    sender, receiver = _end(False), _end(True)
    value = _octets(13 * 100)
    sent = sender.send(value, confirmed=False)
    assert not sender.active
    assert {_block(one).window for one in sent} == {0}
    steps = [receiver.receive(_block(one)) for one in sent]
    assert steps[-1].apdu == value
    assert not any(one.outgoing for one in steps)


def test_an_unconfirmed_transfer_with_a_lost_block_fails_loudly() -> None:
    sent = _end(False).send(_octets(13 * 5), confirmed=False)
    receiver = _end(True)
    with pytest.raises(RemoteProtocolError, match="none before"):
        receiver.receive(_block(sent[1]))
    receiver.receive(_block(sent[0]))
    for one in sent[2:]:
        assert receiver.receive(_block(one)).apdu is None
    with pytest.raises(RemoteProtocolError, match="block 2 is lost"):
        receiver.timeout()
    other = _end(False).send(_octets(13 * 5, seed=1), confirmed=False)
    assert [receiver.receive(_block(one)).apdu for one in other][-1] == _octets(13 * 5, seed=1)


def test_blocks_out_of_order_are_put_in_order() -> None:
    sent = _end(False, peer_window=9).send(_octets(13 * 9))
    receiver = _end(True, window=9)
    steps = [receiver.receive(_block(one)) for one in (*reversed(sent[1:]), sent[0])]
    assert steps[-1].apdu == _octets(13 * 9)


# Hostile and broken peers


def test_a_silent_peer_is_asked_only_so_often() -> None:
    client = _end(True)
    client.send(b"request")
    for _ in range(REPETITIONS_MAX):
        assert client.timeout()
    with pytest.raises(RemoteProtocolError):
        client.timeout()
    client.begin()
    assert client.timeout() == ()


def test_a_peer_that_asks_for_the_same_for_ever_is_left() -> None:
    server = _end(False)
    server.send(_octets(200))
    for number in range(1, REPETITIONS_MAX + 1):
        assert server.receive(GeneralBlock(True, False, 3, number, 0, b"")).outgoing
    with pytest.raises(RemoteProtocolError):
        server.receive(GeneralBlock(True, False, 3, REPETITIONS_MAX + 1, 0, b""))


def test_a_peer_that_leaves_a_gap_for_ever_is_left() -> None:
    server = _end(False)
    server.receive(GeneralBlock(False, True, 3, 1, 0, b"a"))
    for number in range(3, 3 + REPETITIONS_MAX):
        assert server.receive(GeneralBlock(False, False, 3, number, 0, b"x")).outgoing
    with pytest.raises(RemoteProtocolError):
        server.receive(GeneralBlock(False, False, 3, 3 + REPETITIONS_MAX, 0, b"x"))


def test_octets_beyond_the_limit_are_refused_also_when_they_come_too_early() -> None:
    end = GeneralBlockTransfer(64, 100, is_client=False)
    end.receive(GeneralBlock(False, True, 3, 1, 0, bytes(40)))
    end.receive(GeneralBlock(False, True, 3, 3, 0, bytes(40)))
    with pytest.raises(RemoteProtocolError, match="100 octets"):
        end.receive(GeneralBlock(False, True, 3, 5, 0, bytes(40)))


def test_an_acknowledgement_of_what_was_not_sent_is_refused() -> None:
    end = _end(True)
    end.send(_octets(100))
    with pytest.raises(RemoteProtocolError):
        end.receive(GeneralBlock(True, False, 1, 1, 2, b""))


def test_what_does_not_fit_is_ours() -> None:
    with pytest.raises(LocalProtocolError):
        GeneralBlockTransfer(7, MAX_OCTETS, is_client=True)
    with pytest.raises(LocalProtocolError):
        _end(True, window=64)
    tiny = GeneralBlockTransfer(8, MAX_OCTETS, is_client=True)
    with pytest.raises(LocalProtocolError):
        tiny.send(bytes(NUMBER_MAX + 1))
    with pytest.raises(LocalProtocolError):
        tiny.send(b"")
    busy = _end(True)
    busy.send(bytes(100))
    with pytest.raises(LocalProtocolError):
        busy.send(bytes(100))


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=30), st.booleans())
def test_any_blocks_are_taken_or_refused(octets: list[bytes], is_client: bool) -> None:
    end = _end(is_client)
    for one in octets:
        try:
            end.receive(_block(b"\xe0" + one[:6].ljust(5, b"\0") + bytes((len(one),)) + one))
        except (RemoteProtocolError, AssertionError):
            end.begin()


# A wire that loses, doubles and reorders


class _Wire:
    """Two ends, and what is on its way between them."""

    def __init__(self, chance: random.Random, loss: float, double: float, disorder: bool) -> None:
        self._chance = chance
        self._loss, self._double, self._disorder = loss, double, disorder
        self.under_way: list[tuple[int, bytes]] = []

    def put(self, to: int, sent: tuple[bytes, ...]) -> None:
        for one in sent:
            copies = 0 if self._chance.random() < self._loss else 1
            copies += self._chance.random() < self._double
            self.under_way += [(to, one)] * copies

    def next(self) -> tuple[int, bytes] | None:
        if not self.under_way:
            return None
        reach = min(len(self.under_way), 6) if self._disorder else 1
        return self.under_way.pop(self._chance.randrange(reach))


def _run(
    wire: _Wire, ends: list[GeneralBlockTransfer], on_apdu: dict[int, bytes]
) -> list[list[bytes]]:
    """Deliver until nothing moves: what each end completed. Raises as an end raises."""
    done: list[list[bytes]] = [[], []]
    for _ in range(20_000):
        delivered = wire.next()
        if delivered is None:
            woken = [(1 - at, end.timeout()) for at, end in enumerate(ends)]
            if not any(sent for _, sent in woken):
                return done
            for to, sent in woken:
                wire.put(to, sent)
            continue
        at, octets = delivered
        step = ends[at].receive(_block(octets))
        wire.put(1 - at, step.outgoing)
        if step.apdu is not None:
            done[at].append(step.apdu)
            answer = on_apdu.get(at)
            if answer is not None:
                wire.put(1 - at, ends[at].send(answer))
    raise AssertionError("the transfer does not end")


WIRES = st.builds(
    lambda seed, loss, double, disorder: _Wire(random.Random(seed), loss, double, disorder),
    st.integers(0, 1 << 32),
    st.sampled_from([0.0, 0.05, 0.2, 0.4]),
    st.sampled_from([0.0, 0.1, 0.3]),
    st.booleans(),
)
SIZES = st.integers(1, 1500)
WINDOWS = st.integers(1, 63)


@given(WIRES, SIZES, SIZES, WINDOWS, WINDOWS)
@settings(max_examples=300)
def test_an_exchange_completes_exactly_once_or_fails_loudly(
    wire: _Wire, asked: int, answered: int, client_window: int, server_window: int
) -> None:
    ends = [_end(True, client_window), _end(False, server_window)]
    request, response = _octets(asked, 1), _octets(answered, 2)
    wire.put(1, ends[0].send(request))
    try:
        done = _run(wire, ends, {1: response})
    except RemoteProtocolError:
        return
    assert done == [[response], [request]]


@given(WIRES, SIZES, SIZES, WINDOWS, WINDOWS)
@settings(max_examples=300)
def test_both_directions_at_once(
    wire: _Wire, one: int, other: int, client_window: int, server_window: int
) -> None:
    ends = [_end(True, client_window), _end(False, server_window)]
    there, back = _octets(one, 1), _octets(other, 2)
    wire.put(1, ends[0].send(there))
    wire.put(0, ends[1].send(back))
    try:
        done = _run(wire, ends, {})
    except RemoteProtocolError:
        return
    assert done == [[back], [there]]


@given(SIZES, SIZES, WINDOWS, WINDOWS, st.booleans())
@settings(max_examples=100)
def test_on_a_good_wire_nothing_fails(
    asked: int, answered: int, client_window: int, server_window: int, at_once: bool
) -> None:
    ends = [_end(True, client_window), _end(False, server_window)]
    wire = _Wire(random.Random(0), 0, 0, False)
    request, response = _octets(asked, 1), _octets(answered, 2)
    wire.put(1, ends[0].send(request))
    if at_once:
        wire.put(0, ends[1].send(response))
    assert _run(wire, ends, {} if at_once else {1: response}) == [[response], [request]]


def test_blocks_that_nobody_acknowledges_back_take_no_room() -> None:
    """Who sends a block an octet and never acknowledges ours makes us keep no more than a few."""
    server = GeneralBlockTransfer(128, 64 * 1024, is_client=False)
    tracemalloc.start()
    try:
        for number in range(1, 5001):
            server.receive(GeneralBlock(False, False, 1, number, 0, b"\0"))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 64 * 1024


FRUITLESS = {
    "empty ones": lambda n: GeneralBlock(False, False, 1, n, 0, b""),
    "the same one": lambda _: GeneralBlock(False, True, 5, 1, 0, b"x"),
    "the same one of nobody who confirms": lambda _: GeneralBlock(False, True, 0, 1, 0, b"x"),
    "empty ones out of order": lambda _: GeneralBlock(False, True, 0, 3, 0, b""),
}


@pytest.mark.parametrize("kind", FRUITLESS)
@pytest.mark.parametrize("is_client", [True, False])
def test_who_sends_blocks_that_bring_nothing_is_left(kind: str, is_client: bool) -> None:
    end, taken = _end(is_client), 0
    while taken <= FRUITLESS_MAX + 2:
        try:
            assert end.receive(FRUITLESS[kind](taken + 1)).apdu is None
        except RemoteProtocolError:
            break
        taken += 1
    assert taken <= FRUITLESS_MAX + 1
    end.begin()
    assert end.receive(GeneralBlock(True, False, 1, 1, 0, b"whole")).apdu == b"whole"
