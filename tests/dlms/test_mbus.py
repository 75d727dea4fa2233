"""M-Bus frames with DLMS: real meters' frames, round trips, noise, gaps, the wrapped length."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.mbus import (
    ACKNOWLEDGE,
    SEGMENT_OCTETS_MAX,
    SEGMENTS_MAX,
    MbusDecoder,
    MbusFrame,
    MbusQuirk,
    MbusSegment,
    SegmentJoiner,
    decode_frame,
    segments,
)
from addad.errors import DecodeError, LocalProtocolError
from foreign import cells

FRAME_OCTETS_MAX = 277
octet = st.integers(0, 255)
long_frames = st.builds(MbusFrame, octet, octet, octet, st.binary(max_size=252))
short_frames = st.builds(MbusFrame, octet, octet)


@pytest.fixture(scope="module")
def captured(data_dir: Path) -> dict[str, bytes]:
    frames = json.loads((data_dir / "frames.json").read_text("utf-8"))
    return {f["name"]: bytes.fromhex(f["hex"]) for f in frames if f["transport"] == "mbus"}


def joined(frames: list[MbusFrame]) -> list[bytes]:
    joiner = SegmentJoiner()
    found = [joiner.add(MbusSegment.of(frame)) for frame in frames]
    assert joiner.pending == 0
    return [apdu for apdu in found if apdu is not None]


@cells.cell(
    cells.REAL_METERS, cells.CLIENT, services=("DataNotification",), transport="M-Bus container"
)
def test_each_real_push_is_one_apdu(captured: dict[str, bytes]) -> None:
    assert len(captured) >= 6
    for name, octets in captured.items():
        decoder = MbusDecoder()
        frames = decoder.feed(octets)
        assert (decoder.buffered, decoder.discarded) == (0, 0), name
        quirks = {frame.quirk for frame in frames} - {None}
        sagemcom = name == "evn_sagemcom_t210d_nokey"
        assert quirks == ({MbusQuirk.WRAPPED_LENGTH} if sagemcom else set()), name
        first = MbusSegment.of(frames[0])
        assert (first.number, first.source, first.destination) == (0, 1, 0x67)
        (apdu,) = joined(frames)
        assert apdu[0] == 0xDB, name
        head = 10
        if apdu[head] & 0x80:
            size = int.from_bytes(apdu[head + 1 : head + 1 + (apdu[head] & 0x7F)], "big")
            head += apdu[head] & 0x7F
        else:
            size = apdu[head]
        assert len(apdu) == head + 1 + size, name


def test_octet_by_octet_gives_the_same(captured: dict[str, bytes]) -> None:
    for name, octets in captured.items():
        decoder = MbusDecoder()
        frames = [frame for one in octets for frame in decoder.feed(bytes((one,)))]
        assert frames == MbusDecoder().feed(octets), name


def test_a_truncated_frame_is_refused_and_never_delivered(captured: dict[str, bytes]) -> None:
    for octets in captured.values():
        first = next(iter(MbusDecoder().feed(octets)))
        size = len(first.user_data) + 9
        for length in range(size):
            with pytest.raises(DecodeError):
                decode_frame(octets[:length])
            assert MbusDecoder().feed(octets[:length]) == []
        assert decode_frame(octets[:size]) == first
        with pytest.raises(DecodeError, match="too many"):
            decode_frame(octets[:size] + b"\0")


@given(long_frames | short_frames)
def test_frames_come_back_as_they_were(frame: MbusFrame) -> None:
    assert decode_frame(frame.encode()) == frame


@given(st.lists(long_frames | short_frames, max_size=4), st.integers(1, 64))
def test_a_stream_may_be_cut_anywhere(frames: list[MbusFrame], step: int) -> None:
    octets = bytes((ACKNOWLEDGE,)).join(frame.encode() for frame in frames)
    decoder = MbusDecoder()
    found = []
    for at in range(0, len(octets), step):
        found += decoder.feed(octets[at : at + step])
        assert decoder.buffered <= FRAME_OCTETS_MAX
    assert found == frames
    assert (decoder.buffered, decoder.discarded) == (0, 0)


@given(st.binary(max_size=400))
def test_noise_is_survived_and_bounded(noise: bytes) -> None:
    decoder = MbusDecoder()
    decoder.feed(noise)
    assert decoder.buffered <= FRAME_OCTETS_MAX
    decoder.finish()
    assert decoder.buffered == 0


def test_a_frame_after_noise_is_found(captured: dict[str, bytes]) -> None:
    frame = captured["mbus_kmswest"]
    for noise in (b"\x00", b"\x68", b"\x68\x10\x10\x68", b"\x10\x40", frame[:40], b"\x16" * 20):
        decoder = MbusDecoder()
        found = decoder.feed(noise + frame) + decoder.finish()
        assert found[-1:] == [decode_frame(frame)]
        assert decoder.discarded == len(noise)


def test_a_wrong_checksum_or_end_is_no_frame(captured: dict[str, bytes]) -> None:
    frame = captured["mbus_kmswest"]
    for place in range(len(frame)):
        broken = frame[:place] + bytes((frame[place] ^ 0x20,)) + frame[place + 1 :]
        with pytest.raises(DecodeError):
            decode_frame(broken)


def test_a_frame_without_dlms_is_no_segment() -> None:
    for frame in (MbusFrame(0x40, 0), MbusFrame(8, 1, 0x72, b"abcd"), MbusFrame(8, 1, 0, b"a")):
        with pytest.raises(DecodeError):
            MbusSegment.of(frame)


@given(st.binary(max_size=SEGMENT_OCTETS_MAX * SEGMENTS_MAX))
def test_an_apdu_is_cut_and_joined(apdu: bytes) -> None:
    frames = [segment.frame() for segment in segments(1, 0x67, apdu)]
    assert joined([decode_frame(frame.encode()) for frame in frames]) == [apdu]


def test_a_gap_drops_what_was_begun_and_the_next_apdu_is_whole() -> None:
    first, second, third = segments(1, 0x67, bytes(600))
    joiner = SegmentJoiner()
    joiner.add(first)
    with pytest.raises(DecodeError, match="follow"):
        joiner.add(third)
    assert (joiner.pending, joiner.dropped) == (0, 1)
    with pytest.raises(DecodeError, match="follow"):
        joiner.add(second)
    assert [joiner.add(part) for part in (first, second, third)][-1] == bytes(600)


def test_segments_of_two_senders_are_not_mixed() -> None:
    first, *_ = segments(1, 0x67, bytes(300))
    _, other = segments(2, 0x67, bytes(300))
    joiner = SegmentJoiner()
    joiner.add(first)
    with pytest.raises(DecodeError, match="follow"):
        joiner.add(other)


def test_what_has_no_place_is_refused() -> None:
    for make in (
        lambda: segments(1, 1, bytes(SEGMENT_OCTETS_MAX * SEGMENTS_MAX + 1)),
        lambda: MbusSegment(16, True, 1, 1, b"").frame(),
        lambda: MbusFrame(0x53, 0xFF, 0, bytes(253)).encode(),
        lambda: MbusFrame(0x153, 0xFF, 0).encode(),
        lambda: MbusFrame(0x53, 0xFF, None, b"a").encode(),
    ):
        with pytest.raises(LocalProtocolError):
            make()
