"""HDLC frames against published ones, and every way to break one."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.frame import (
    LENGTH_MAX,
    Control,
    Frame,
    FrameKind,
    read_control,
    read_frame,
)
from addad.errors import DecodeError, LocalProtocolError
from dlms.hdlc.test_address import ADDRESSES
from foreign import cells

FRAMES = st.builds(
    Frame, ADDRESSES, ADDRESSES, st.integers(0, 255), st.binary(max_size=300), st.booleans()
)
SERVER, CLIENT = Address(1, 17, 4), Address(16)
PARAMETERS = bytes.fromhex("81801205018006018007040000000108040000 0007".replace(" ", ""))


def content(octets: bytes) -> bytes:
    return octets[1:-1]


@cells.cell(cells.VECTOR, cells.BOTH, transport="HDLC over TCP", note="frames of public documents")
@pytest.mark.parametrize(
    ("octets", "frame"),
    [
        ("7EA00A00020023F193232E7E", Frame(SERVER, Address(120), 0x93)),
        ("7EA00A00020023219318717E", Frame(SERVER, CLIENT, 0x93)),
        (
            "7EA02100020023219319648180120501800601800704000000010804000000076 55E7E",
            Frame(SERVER, CLIENT, 0x93, PARAMETERS),
        ),
    ],
)
def test_published_frames(octets: str, frame: Frame) -> None:
    raw = bytes.fromhex(octets.replace(" ", ""))
    assert frame.encode() == raw
    assert read_frame(content(raw)) == frame


@given(FRAMES)
def test_what_is_written_is_read(frame: Frame) -> None:
    assert read_frame(content(frame.encode())) == frame


@given(FRAMES, st.data())
def test_a_truncated_lengthened_or_changed_frame_is_refused(
    frame: Frame, data: st.DataObject
) -> None:
    whole = content(frame.encode())
    end = data.draw(st.integers(0, len(whole) - 1))
    at = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[at // 8] ^= 1 << at % 8
    for broken in (whole[:end], whole + b"\x00", whole[1:], bytes(changed)):
        with pytest.raises(DecodeError):
            read_frame(broken)


def test_every_truncation_of_a_published_frame_is_refused() -> None:
    whole = content(Frame(SERVER, CLIENT, 0x93, PARAMETERS).encode())
    for end in range(len(whole)):
        with pytest.raises(DecodeError):
            read_frame(whole[:end])


@given(st.binary(max_size=40))
def test_any_octets_are_a_frame_or_a_decode_error(octets: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert content(read_frame(octets).encode()) == octets


def test_every_control_octet_is_read_or_unknown() -> None:
    known = {}
    for octet in range(256):
        control = read_control(octet)
        if control is not None:
            assert control.octet == octet
            known[octet] = control
    assert known[0x93] == Control(FrameKind.SNRM)
    assert known[0x31] == Control(FrameKind.RR, True, 0, 1)
    assert known[0x12] == Control(FrameKind.I, True, 1, 0)
    assert known[0x13] == Control(FrameKind.UI)
    assert known[0x97] == Control(FrameKind.FRMR)
    assert known[0x1F] == Control(FrameKind.DM)
    assert {0xFF, 0x9D, 0xC3, 0xB3} & known.keys() == set()
    numbered = 128 + 3 * 16
    assert len(known) == numbered + 2 * 6


def test_a_frame_too_long_for_its_length_is_refused_at_home() -> None:
    most = LENGTH_MAX - 2 - 4 - 1 - 1 - 2 - 2
    assert len(content(Frame(SERVER, CLIENT, 0x10, bytes(most)).encode())) == LENGTH_MAX
    with pytest.raises(LocalProtocolError):
        Frame(SERVER, CLIENT, 0x10, bytes(most + 1)).encode()
