"""Carriages of pushes: segments joined, pieces awaited, what is missing told, limits kept."""

from collections import deque

import pytest

from addad.dlms.mbus import MbusQuirk, segments
from addad.errors import DecodeError
from addad.reader.push_carriages import (
    APDU_OCTETS_MAX,
    BLOCKS_MAX,
    BlockJoiner,
    Carriage,
    CarriageDecoder,
    HdlcCarriage,
    MbusCarriage,
    PlainCarriage,
    WrapperCarriage,
    without_llc,
)
from reader.sample_pushes import LLC, in_blocks, in_hdlc, in_mbus, in_wrapper

APDU = bytes(range(250)) * 2


def decoders() -> list[tuple[CarriageDecoder, bytes]]:
    return [
        (HdlcCarriage(), in_hdlc(APDU)),
        (MbusCarriage(), in_mbus(APDU)),
        (WrapperCarriage(), in_wrapper(APDU)),
        (PlainCarriage(lambda octets: octets == APDU), LLC + APDU),
    ]


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_each_carriage_brings_the_apdu(step: int) -> None:
    for decoder, octets in decoders():
        found = []
        for at in range(0, len(octets), step):
            found += decoder.feed(octets[at : at + step])
        found += decoder.flush()
        assert [without_llc(one.octets) for one in found] == [APDU]
        assert found[0].fault is None
        assert (decoder.buffered, decoder.discarded) in ((0, 0), (1, 0))


def test_each_carriage_tells_what_is_missing_and_goes_on() -> None:
    for decoder, octets in decoders():
        if isinstance(decoder, PlainCarriage):
            continue
        first = decoder.feed(octets[: len(octets) * 2 // 3]) + decoder.flush()
        assert [one.octets for one in first] == [b""]
        assert "missing" in str(first[0].fault)
        again = decoder.feed(octets)
        assert [without_llc(one.octets) for one in again] == [APDU]


def test_hdlc_takes_unnumbered_and_numbered_information_and_nothing_else() -> None:
    for control, count in ((0x03, 1), (0x13, 1), (0x10, 1), (0x93, 0), (0x73, 0), (0xFF, 0)):
        found = HdlcCarriage().feed(in_hdlc(b"\x0f", control=control))
        assert len(found) == count, hex(control)


def test_hdlc_segments_without_end_are_bounded() -> None:
    decoder = HdlcCarriage()
    frames = in_hdlc(bytes(APDU_OCTETS_MAX + 200), size=1000)
    found = decoder.feed(frames)
    assert "more than" in str(found[0].fault)
    assert decoder.buffered <= APDU_OCTETS_MAX


def test_an_mbus_gap_is_told() -> None:
    frames = [segment.frame().encode() for segment in segments(1, 0x67, bytes(700))]
    decoder = MbusCarriage()
    found = decoder.feed(frames[0] + frames[2] + b"".join(frames))
    assert [str(one.fault) for one in found[:1]] == ["segment 2 does not follow what came before"]
    assert found[-1].octets == bytes(700)


def test_a_wrapped_length_is_told() -> None:
    body = bytes((0x53, 0xFF, 0x10, 1, 0x67)) + bytes(260)
    size = len(body) & 0xFF
    frame = bytes((0x68, size, size, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))
    (found,) = MbusCarriage().feed(frame)
    assert (found.octets, found.quirks) == (bytes(260), (MbusQuirk.WRAPPED_LENGTH,))


def test_mbus_frames_of_other_applications_are_passed_over() -> None:
    frame = bytes.fromhex("6804046808017211") + bytes((0x8C, 0x16))
    decoder = MbusCarriage()
    assert decoder.feed(frame) == []
    assert decoder.discarded == 0


def test_a_broken_wrapper_is_told_and_the_next_frame_read() -> None:
    decoder = WrapperCarriage()
    (found,) = decoder.feed(bytes(20))
    assert "version" in str(found.fault)
    assert decoder.discarded == 20
    assert [one.octets for one in decoder.feed(in_wrapper(APDU))] == [APDU]


def test_a_plain_apdu_ends_when_it_is_whole_or_at_a_pause() -> None:
    asked = []

    def whole(octets: bytes) -> bool:
        asked.append(len(octets))
        return False

    decoder = PlainCarriage(whole)
    for _ in range(5000):
        assert decoder.feed(b"x") == []
    assert len(asked) < 60
    (found,) = decoder.flush()
    assert (found.carriage, found.octets) == (Carriage.PLAIN, b"x" * 5000)
    assert decoder.flush() == []
    (fault,) = decoder.feed(bytes(APDU_OCTETS_MAX + 4))
    assert fault.fault is not None
    assert decoder.buffered == 0


def test_blocks_are_joined_and_a_repeated_one_taken_once() -> None:
    blocks = in_blocks(APDU, 100)
    joiner = BlockJoiner()
    found = [joiner.add(block) for block in (*blocks[:2], blocks[1], *blocks[2:])]
    assert found == [None] * 5 + [APDU]
    assert joiner.buffered == 0


def test_a_gap_between_blocks_is_told_and_the_next_transfer_read() -> None:
    blocks = in_blocks(APDU, 100)
    joiner = BlockJoiner()
    joiner.add(blocks[0])
    with pytest.raises(DecodeError, match="block 3 does not follow"):
        joiner.add(blocks[2])
    with pytest.raises(DecodeError, match="block 4 does not follow"):
        joiner.add(blocks[3])
    assert [joiner.add(block) for block in blocks][-1] == APDU


def test_a_new_transfer_drops_the_one_before() -> None:
    joiner = BlockJoiner()
    joiner.add(in_blocks(bytes(300), 100)[0])
    assert [joiner.add(block) for block in in_blocks(APDU, 100)][-1] == APDU


@pytest.mark.parametrize(("octets", "size"), [(APDU_OCTETS_MAX + 1, 8000), (BLOCKS_MAX + 2, 1)])
def test_blocks_are_bounded(octets: int, size: int) -> None:
    joiner = BlockJoiner()
    blocks = in_blocks(bytes(octets), size)
    with pytest.raises(DecodeError, match="more than"):
        deque(map(joiner.add, blocks), 0)
    assert joiner.buffered == 0


def test_a_cut_block_is_refused() -> None:
    joiner = BlockJoiner()
    for size in range(len(in_blocks(APDU)[0])):
        with pytest.raises(DecodeError):
            joiner.add(in_blocks(APDU)[0][:size])
