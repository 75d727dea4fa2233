"""The cursor returns what is there, or fails in its documented way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.octets import LENGTH_MAX, Cursor, encode_length, encode_octet_string
from addad.errors import DecodeError, LocalProtocolError


def test_numbers_are_big_endian() -> None:
    cursor = Cursor(
        bytes.fromhex("01 FF 0102 FFFE 01020304 FFFFFFFF 0102030405060708 FF" + "00" * 7)
    )
    assert (cursor.u8(), cursor.i8()) == (1, -1)
    assert (cursor.u16(), cursor.i16()) == (0x0102, -2)
    assert (cursor.u32(), cursor.i32()) == (0x01020304, -1)
    assert (cursor.u64(), cursor.i64()) == (0x0102030405060708, -(1 << 56))
    cursor.expect_end()


@pytest.mark.parametrize(
    ("octets", "length"),
    [
        ("00", 0),
        ("7F", 127),
        ("8180", 128),
        ("820100", 256),
        ("83010000", 65536),
        ("84FFFFFFFF", LENGTH_MAX),
    ],
)
def test_lengths_in_their_forms(octets: str, length: int) -> None:
    assert Cursor(bytes.fromhex(octets)).length() == length
    assert encode_length(length) == bytes.fromhex(octets)


@pytest.mark.parametrize("octets", ["", "80", "81", "8201", "85FFFFFFFFFF", "FF"])
def test_a_length_that_is_none(octets: str) -> None:
    with pytest.raises(DecodeError):
        Cursor(bytes.fromhex(octets)).length()


@pytest.mark.parametrize("length", [-1, LENGTH_MAX + 1])
def test_a_length_that_cannot_be_written(length: int) -> None:
    with pytest.raises(LocalProtocolError):
        encode_length(length)


@pytest.mark.parametrize(
    "read",
    [
        "u8",
        "i8",
        "u16",
        "i16",
        "u32",
        "i32",
        "u64",
        "i64",
        "boolean",
        "peek",
        "length",
        "octet_string",
    ],
)
def test_nothing_is_read_beyond_the_end(read: str) -> None:
    cursor = Cursor(b"\x7f", 1)
    with pytest.raises(DecodeError):
        getattr(cursor, read)()
    assert cursor.position == 1


def test_take_skip_and_rest() -> None:
    cursor = Cursor(b"abcdef")
    assert cursor.take(2) == b"ab"
    cursor.skip(1)
    assert cursor.since(1) == b"bc"
    assert (cursor.peek(), cursor.remaining) == (ord("d"), 3)
    for wrong in (4, -1):
        with pytest.raises(DecodeError):
            cursor.take(wrong)
        with pytest.raises(DecodeError):
            cursor.skip(wrong)
    with pytest.raises(DecodeError):
        cursor.expect_end()
    assert cursor.rest() == b"def"
    assert cursor.at_end


@given(st.binary(max_size=300))
def test_an_octet_string_returns(octets: bytes) -> None:
    cursor = Cursor(encode_octet_string(octets))
    assert cursor.octet_string() == octets
    cursor.expect_end()
