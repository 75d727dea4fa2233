"""UI frames: pushes of our own, of real meters, in segments, and what is none."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Frame, FrameKind
from addad.dlms.hdlc.unnumbered import Unnumbered, UnnumberedReader, encode_unnumbered
from addad.dlms.hdlc.windows import SDU_MAX
from addad.errors import DecodeError, LocalProtocolError
from dlms.hdlc.test_address import ADDRESSES
from foreign import cells

METER, CLIENT = Address(1, 17, 2), Address(1)


@given(st.binary(min_size=1, max_size=2000), st.integers(32, 2030), ADDRESSES, ADDRESSES)
def test_what_is_pushed_is_read(
    apdu: bytes, size: int, source: Address, destination: Address
) -> None:
    message = Unnumbered(source, destination, apdu)
    reader = UnnumberedReader()
    frames = FrameDecoder().feed(encode_unnumbered(message, size))
    *begun, whole = [reader.take(frame) for frame in frames]
    assert begun == [None] * (len(frames) - 1)
    assert whole == message
    assert all(len(frame.information) <= size for frame in frames)
    assert {frame.control for frame in frames} == {0x13}


def test_segments_of_two_senders_are_not_mixed() -> None:
    reader = UnnumberedReader()
    first = Frame(CLIENT, METER, 0x13, b"\xe6\xe7\x00half", True)
    other = Frame(CLIENT, Address(2, 17, 2), 0x13, b"\xe6\xe6\x00whole")
    assert reader.take(first) is None
    assert reader.take(other) == Unnumbered(other.source, CLIENT, b"whole")
    rest = reader.take(Frame(CLIENT, METER, 0x13, b"the rest"))
    assert rest == Unnumbered(METER, CLIENT, b"the rest")


def test_without_an_apdu_and_without_an_end_they_are_refused() -> None:
    reader = UnnumberedReader()
    for empty in (b"", b"\xe6\xe7\x00", b"\xe6\xe6\x00"):
        with pytest.raises(DecodeError, match="without an APDU"):
            reader.take(Frame(CLIENT, METER, 0x13, empty))
    frame = Frame(CLIENT, METER, 0x13, bytes(2000), True)
    for _ in range(SDU_MAX // 2000):
        assert reader.take(frame) is None
    with pytest.raises(DecodeError, match="segments"):
        reader.take(frame)
    with pytest.raises(LocalProtocolError):
        encode_unnumbered(Unnumbered(METER, CLIENT, bytes(SDU_MAX)))


@cells.cell(
    cells.REAL_METERS, cells.CLIENT, services=("DataNotification",), transport="HDLC UI frames"
)
def test_pushes_of_real_meters(data_dir: Path) -> None:
    pushed = {}
    for record in json.loads((data_dir / "frames.json").read_text("utf-8")):
        if record["transport"] != "hdlc" or record["kind"] != "real-meter":
            continue
        reader = UnnumberedReader()
        for frame in FrameDecoder().feed(bytes.fromhex(record["hex"])):
            meaning = frame.meaning
            assert meaning is not None
            message = reader.take(frame) if meaning.kind is FrameKind.UI else None
            if message is not None:
                pushed.setdefault(record["name"], message)
    assert len(pushed) == 8
    assert {message.apdu[0] for message in pushed.values()} <= {0x0F, 0xDB, 0xE0}
