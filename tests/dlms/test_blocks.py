"""Blocks out and in: sizes, numbers, limits, and that pieces are pulled late."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.blocks import IncomingBlocks, OutgoingBlocks, pieces, room, structure
from addad.dlms.data import Data, Tag, decode, encode
from addad.dlms.octets import encode_length
from addad.errors import RemoteProtocolError


@pytest.mark.parametrize("max_pdu", [12, 64, 137, 138, 139, 140, 265, 266, 267, 268, 1000, 65535])
def test_a_block_fills_its_apdu(max_pdu: int) -> None:
    header = 9
    size = room(max_pdu, header)
    used = header + len(encode_length(size)) + size
    assert used <= max_pdu
    bigger = header + len(encode_length(size + 1)) + size + 1
    assert bigger > max_pdu


def test_no_room_is_not_positive() -> None:
    assert room(12, 12) < 1


@given(st.lists(st.binary(max_size=20), max_size=20), st.integers(1, 30))
def test_what_is_cut_is_joined(parts: list[bytes], size: int) -> None:
    outgoing = OutgoingBlocks(iter(parts))
    incoming = IncomingBlocks(1000)
    last = False
    while not last:
        last, number, contents = outgoing.cut(size)
        assert len(contents) == size or last
        assert outgoing.done is last
        incoming.take(number, contents, last)
    assert incoming.joined() == b"".join(parts)
    assert incoming.number == outgoing.number


@given(st.binary(max_size=40), st.integers(0, 40))
def test_whole_or_not_at_all(octets: bytes, size: int) -> None:
    outgoing = OutgoingBlocks(octets)
    whole = outgoing.whole(size)
    assert whole == (octets if len(octets) <= size else None)
    if whole is None:
        assert outgoing.cut(len(octets)) == (True, 1, octets)


def test_pieces_are_pulled_as_blocks_leave() -> None:
    pulled = []

    def rows() -> Iterator[bytes]:
        for number in range(1000):
            pulled.append(number)
            yield b"x" * 10

    outgoing = OutgoingBlocks(rows())
    assert outgoing.whole(100) is None
    outgoing.cut(100)
    assert len(pulled) <= 11
    outgoing.cut(100)
    assert len(pulled) <= 21


def test_octets_are_one_piece() -> None:
    assert [*pieces(b"abc")] == [b"abc"]
    assert [*pieces([b"a", b"bc"])] == [b"a", b"bc"]


@pytest.mark.parametrize("number", [0, 2, 3, 0xFFFFFFFF])
def test_a_wrong_number_is_refused(number: int) -> None:
    with pytest.raises(RemoteProtocolError):
        IncomingBlocks(100).take(number, b"x", True)


def test_a_repeated_block_is_refused() -> None:
    incoming = IncomingBlocks(100)
    incoming.take(1, b"x", False)
    with pytest.raises(RemoteProtocolError):
        incoming.take(1, b"x", False)


def test_too_many_octets_are_refused() -> None:
    incoming = IncomingBlocks(10)
    incoming.take(1, b"x" * 10, False)
    with pytest.raises(RemoteProtocolError):
        incoming.take(2, b"x", False)


def test_blocks_that_bring_nothing_cannot_come_for_ever() -> None:
    incoming = IncomingBlocks(10)
    with pytest.raises(RemoteProtocolError):
        incoming.take(1, b"", False)
    incoming.take(1, b"", True)
    assert incoming.joined() == b""


def test_all_attributes_are_one_structure_and_stay_in_pieces() -> None:
    number, text = Data(Tag.UNSIGNED, 1), Data(Tag.VISIBLE_STRING, "abc")
    made = structure([encode(number), iter([encode(text)[:2], encode(text)[2:]])])
    assert decode(b"".join(made)) == Data(Tag.STRUCTURE, (number, text))
    assert b"".join(structure([b"\x00"] * 200))[:3] == b"\x02\x81\xc8"
