"""Compact arrays: the forms of their description, and what they may expand to."""

import pytest

from addad.dlms.compact_array import (
    COMPACT_ELEMENTS_PER_OCTET,
    COMPACT_NULLS_PER_OCTET,
    describe,
    read_compact,
    untagged,
    write_compact,
)
from addad.dlms.data import NULL, Data, Tag, decode, encode
from addad.dlms.octets import Cursor
from addad.dlms.tags import MAX_ELEMENTS
from addad.errors import DecodeError, LocalProtocolError

ROW = Data(Tag.STRUCTURE, (Data(Tag.OCTET_STRING, b"ab"), Data(Tag.LONG, -2), NULL))
# A structure of octet-string, long and null-data; contents of 5 octets.
DESCRIBED = "13 0203 09 10 00 05 02 6162 FFFE"


def test_strings_keep_their_length_and_nulls_take_nothing() -> None:
    assert decode(bytes.fromhex(DESCRIBED)) == Data(Tag.COMPACT_ARRAY, (ROW,))
    assert encode(Data(Tag.COMPACT_ARRAY, (ROW,))) == bytes.fromhex(DESCRIBED)


def test_the_count_of_an_inner_array_is_in_the_description() -> None:
    inner = Data(Tag.ARRAY, (Data(Tag.UNSIGNED, 1), Data(Tag.UNSIGNED, 2)))
    assert decode(bytes.fromhex("13 01 0002 11 02 01 02")) == Data(Tag.COMPACT_ARRAY, (inner,))
    with pytest.raises(LocalProtocolError):
        encode(Data(Tag.COMPACT_ARRAY, (inner,)))


def test_the_length_counts_octets_and_must_end_with_an_element() -> None:
    for octets in ("13 12 03 000100", "13 12 04 0001", "13 13 11 01 01", "13 07 00"):
        with pytest.raises(DecodeError):
            decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("described", "octets"),
    [
        ("13 00 04 01020304", "elements of nothing"),
        ("13 01 FFFF 00 04 01020304", "nulls without end"),
        ("13 02 02 11 01 FFFF 00 7F" + "01" * 127, "nulls beside one octet"),
        ("13 01 FFFF 01 FFFF 00 01 01", "arrays of arrays of nulls"),
    ],
)
def test_what_takes_no_octets_is_bounded(described: str, octets: str) -> None:
    with pytest.raises(DecodeError):
        decode(bytes.fromhex(described))
    assert COMPACT_ELEMENTS_PER_OCTET < COMPACT_NULLS_PER_OCTET


def test_elements_count_with_those_around() -> None:
    budget = [3]
    assert len(read_compact(Cursor(bytes.fromhex("11 02 0102")), 0, budget)) == 2
    assert budget == [1]
    with pytest.raises(DecodeError, match=str(MAX_ELEMENTS)):
        read_compact(Cursor(bytes.fromhex("11 02 0102")), 0, budget)


def test_an_empty_one_has_a_description_too() -> None:
    out = bytearray()
    write_compact((), out, 0)
    assert out == b"\x00\x00"
    assert decode(b"\x13" + out) == Data(Tag.COMPACT_ARRAY, ())


def test_a_value_and_its_description_apart() -> None:
    assert (describe(ROW), untagged(ROW)) == (bytes.fromhex("0203091000"), b"\x02ab\xff\xfe")
    with pytest.raises(LocalProtocolError, match="array"):
        describe(Data(Tag.ARRAY, (NULL,)))
