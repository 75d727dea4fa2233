"""What some meters write for a body: accepted when it is just that, refused otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.data import Data, Tag
from addad.dlms.octets import Cursor
from addad.dlms.push_quirks import PushQuirk, read_quirky_body
from addad.errors import DecodeError

# One row each of the frames hdlc_landis_gyr_zmf100 and raw_sagecom_xt211 (Apache-2.0).
SWAPPED = bytes.fromhex("0101 0203 060901001F0700FF 1000F4 02020FFE1621")
UNTAGGED = bytes.fromhex("0202 1601 0101 0202 00030100010700FF02 06000007A4")


def test_a_swapped_name_is_a_name() -> None:
    body, quirk = read_quirky_body(Cursor(SWAPPED))
    assert quirk is PushQuirk.SWAPPED_NAME_TAG
    assert isinstance(body.value, tuple)
    row = body.value[0]
    assert isinstance(row, Data)
    assert isinstance(row.value, tuple)
    assert row.value[:2] == (
        Data(Tag.OCTET_STRING, bytes.fromhex("01001F0700FF")),
        Data(Tag.LONG, 244),
    )


def test_an_untagged_descriptor_gets_its_tags() -> None:
    body, quirk = read_quirky_body(Cursor(UNTAGGED))
    assert quirk is PushQuirk.UNTAGGED_DESCRIPTORS
    descriptor = Data(
        Tag.STRUCTURE,
        (
            Data(Tag.LONG_UNSIGNED, 3),
            Data(Tag.OCTET_STRING, bytes.fromhex("0100010700FF")),
            Data(Tag.INTEGER, 2),
        ),
    )
    pair = Data(Tag.STRUCTURE, (descriptor, Data(Tag.DOUBLE_LONG_UNSIGNED, 1956)))
    assert body == Data(Tag.STRUCTURE, (Data(Tag.ENUM, 1), Data(Tag.ARRAY, (pair,))))


@pytest.mark.parametrize("octets", [SWAPPED, UNTAGGED])
def test_nothing_less_and_nothing_more(octets: bytes) -> None:
    for end in range(len(octets)):
        with pytest.raises(DecodeError):
            read_quirky_body(Cursor(octets[:end]))
    with pytest.raises(DecodeError):
        read_quirky_body(Cursor(octets + b"\x00"))


def test_rows_without_a_swapped_name_are_not_odd() -> None:
    with pytest.raises(DecodeError):
        read_quirky_body(Cursor(bytes.fromhex("0101 0202 090601001F0700FF 1000F4")))


@given(st.binary(max_size=200))
def test_any_octets(octets: bytes) -> None:
    cursor = Cursor(octets)
    try:
        read_quirky_body(cursor)
    except DecodeError:
        return
    assert cursor.at_end
