"""The wrapper: frames whatever way the octets come, and a bounded buffer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.wrapper import HEADER_OCTETS, MAX_APDU, WrapperDecoder, WrapperFrame
from addad.errors import DecodeError, LocalProtocolError

# Version, source and destination wPort, length: as two open implementations have it.
FRAME = bytes.fromhex("0001 0010 0001 0003 C00102")

FRAMES = st.builds(
    WrapperFrame, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=40)
)


def test_a_frame_both_ways() -> None:
    frame = WrapperFrame(16, 1, bytes.fromhex("C00102"))
    assert frame.encode() == FRAME
    assert WrapperDecoder().feed(FRAME) == [frame]


@given(st.lists(FRAMES, max_size=6), st.data())
def test_octets_come_in_any_portions(frames: list[WrapperFrame], data: st.DataObject) -> None:
    octets = b"".join(frame.encode() for frame in frames)
    decoder = WrapperDecoder()
    found = []
    at = 0
    while at < len(octets):
        size = data.draw(st.integers(1, len(octets) - at))
        found += decoder.feed(octets[at : at + size])
        at += size
    assert found == frames
    assert decoder.buffered == 0


def test_one_octet_at_a_time_keeps_one_frame_at_most() -> None:
    decoder = WrapperDecoder()
    for end, octet in enumerate(FRAME, 1):
        frames = decoder.feed(bytes((octet,)))
        assert decoder.buffered == (0 if end == len(FRAME) else end)
        assert bool(frames) is (end == len(FRAME))


GARBAGE = {
    "another version": "0002 0010 0001 0003 C00102",
    "no APDU": "0001 0010 0001 0000",
    "text": "47455420 2F204854 54502F31",
}


@pytest.mark.parametrize("octets", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        WrapperDecoder().feed(bytes.fromhex(octets))


def test_a_frame_beyond_the_limit_is_refused_by_its_header() -> None:
    decoder = WrapperDecoder(max_apdu=2)
    with pytest.raises(DecodeError):
        decoder.feed(FRAME[:HEADER_OCTETS])


@pytest.mark.parametrize(
    "frame",
    [
        WrapperFrame(1, 1, b""),
        WrapperFrame(1, 1, b"x" * (MAX_APDU + 1)),
        WrapperFrame(-1, 1, b"x"),
        WrapperFrame(1, 0x10000, b"x"),
    ],
)
def test_what_has_no_place_in_a_frame(frame: WrapperFrame) -> None:
    with pytest.raises(LocalProtocolError):
        frame.encode()


@given(st.binary(max_size=64))
def test_any_octets(octets: bytes) -> None:
    decoder = WrapperDecoder(max_apdu=32)
    try:
        decoder.feed(octets)
    except DecodeError:
        return
    assert decoder.buffered < HEADER_OCTETS + 32


@given(FRAMES)
def test_a_datagram_is_one_whole_frame(frame: WrapperFrame) -> None:
    octets = frame.encode()
    assert WrapperFrame.decode(octets) == frame
    for spoiled in (octets[:-1], octets + b"\x00", octets * 2, b"\x00\x02" + octets[2:], b""):
        with pytest.raises(DecodeError):
            WrapperFrame.decode(spoiled)
