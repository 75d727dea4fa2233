"""Frames out of a stream: pieces, noise, flags within, what is broken in the middle."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import BUFFERED_MAX, FrameDecoder
from addad.dlms.hdlc.frame import Frame, FrameKind
from dlms.hdlc.test_frame import FRAMES

SERVER, CLIENT = Address(1, 17, 2), Address(16)
SNRM = Frame(SERVER, CLIENT, 0x93)
NO_FRAMES = {
    "amshan_hdlc_stuffed_frame_short_info": "octet stuffing, which DLMS HDLC has not",
    "hdlc_landis_gyr_zmf100": "as recorded its FCS is wrong",
}


def decode(octets: bytes) -> list[Frame]:
    return FrameDecoder().feed(octets)


@given(st.lists(FRAMES, max_size=4), st.integers(1, 9), st.booleans())
def test_frames_come_in_pieces_and_may_share_their_flags(
    frames: list[Frame], size: int, shared: bool
) -> None:
    encoded = [frame.encode() for frame in frames]
    stream = b"~" + b"".join(f[1:] for f in encoded) if shared else b"".join(encoded)
    decoder = FrameDecoder()
    found = []
    for start in range(0, len(stream), size):
        found += decoder.feed(stream[start : start + size])
    assert found == frames
    assert (decoder.broken, decoder.noise_octets) == (0, 0)


@given(st.lists(FRAMES, min_size=1, max_size=3), st.binary(max_size=30))
def test_noise_before_and_between_is_passed_over(frames: list[Frame], noise: bytes) -> None:
    quiet = bytes(octet for octet in noise if octet != 0x7E and octet & 0xF0 != 0xA0)
    decoder = FrameDecoder()
    assert decoder.feed(b"".join(quiet + frame.encode() for frame in frames)) == frames
    assert decoder.broken == (len(frames) - 1 if quiet else 0)


@given(st.binary(max_size=60), FRAMES)
def test_after_any_noise_and_a_silence_a_frame_is_found(noise: bytes, frame: Frame) -> None:
    decoder = FrameDecoder()
    decoder.feed(noise)
    decoder.silence()
    assert decoder.buffered == 0
    assert decoder.feed(frame.encode())[-1:] == [frame]


@given(FRAMES, st.data())
def test_a_cut_frame_is_lost_after_a_silence(frame: Frame, data: st.DataObject) -> None:
    octets = frame.encode()
    cut = octets[: data.draw(st.integers(1, len(octets) - 1))]
    decoder = FrameDecoder()
    assert decoder.feed(cut) == []
    assert decoder.silence() == []
    assert decoder.feed(SNRM.encode()) == [SNRM]


def test_a_frame_hidden_in_a_broken_one_is_found_after_the_silence() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(b"\x7e\xa7\xff" + SNRM.encode()) == []
    assert decoder.silence() == [SNRM]
    assert decoder.broken == 1


def test_a_flag_may_stand_in_every_field() -> None:
    address = Address(0x3F, 0x3F, 2)
    for frame in (
        Frame(address, CLIENT, 0x93),
        Frame(CLIENT, address, 0x73),
        Frame(Address(0x1FBF, 0x1FBF, 4), CLIENT, 0x7E, b"~~~~"),
        Frame(SERVER, CLIENT, 0x10, b"\x7e" * 200),
        Frame(SERVER, CLIENT, 0x10, bytes(0x7E - 12)),
        *(Frame(SERVER, CLIENT, 0x10, n.to_bytes(2, "big")) for n in range(2**16) if n % 7 == 0),
    ):
        assert decode(frame.encode() * 2) == [frame, frame]
    lengths = [Frame(SERVER, CLIENT, 0x10, bytes(n)).encode()[2] for n in range(1, 300)]
    assert 0x7E in lengths
    checks = {Frame(SERVER, CLIENT, 0x10, bytes((n, 1))).encode()[-3:-1] for n in range(256)}
    assert any(0x7E in check for check in checks)


@pytest.mark.parametrize("closing", [b"", b"\x00", b"\x7d"])
def test_without_the_closing_flag_there_is_no_frame(closing: bytes) -> None:
    decoder = FrameDecoder()
    assert decoder.feed(SNRM.encode()[:-1] + closing) == []
    assert decoder.silence() == []


@given(st.lists(st.sampled_from((b"~", b"\xa0", b"\xa7\xff", b"\x07", b"\x00")), max_size=1000))
def test_the_buffer_is_bounded_and_nothing_is_raised(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    for piece in pieces:
        decoder.feed(piece)
        assert decoder.buffered <= BUFFERED_MAX
    decoder.feed(b"".join(pieces) * 3)
    assert decoder.buffered <= BUFFERED_MAX
    decoder.silence()
    assert decoder.buffered == 0


def test_frames_of_real_meters(data_dir: Path) -> None:
    records = json.loads((data_dir / "frames.json").read_text("utf-8"))
    seen = 0
    for record in records:
        if record["transport"] != "hdlc":
            continue
        octets = bytes.fromhex(record["hex"])
        decoder = FrameDecoder()
        frames = decoder.feed(octets)
        if record["name"] in NO_FRAMES:
            assert frames == []
            assert decoder.silence() == []
            assert decoder.broken
            continue
        assert frames, record["name"]
        assert decoder.broken == 0, record["name"]
        assert b"".join(f.encode() for f in frames).replace(b"~~", b"~") == octets.replace(
            b"~~", b"~"
        ), record["name"]
        seen += 1
        named = record["expected"] if isinstance(record.get("expected"), dict) else {}
        if named.get("ctl") in FrameKind.__members__:
            meaning = frames[0].meaning
            assert meaning is not None
            assert meaning.kind is FrameKind[named["ctl"]]
    assert seen == 14
