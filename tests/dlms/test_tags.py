"""The types of data: what follows each tag, and what a tag cannot hold."""

import pytest

from addad.dlms.data import decode, encode
from addad.dlms.octets import Cursor
from addad.dlms.tags import (
    CONTENTS,
    FIXED_OCTETS,
    MAX_ELEMENTS,
    NUMBER_FORMS,
    SEQUENCES,
    BitString,
    Data,
    Tag,
    no_such,
    read_utf8,
    sequence,
    spend,
    write_contents,
)
from addad.errors import DecodeError, LocalProtocolError


def test_every_tag_is_simple_a_sequence_or_empty() -> None:
    empty = {Tag.NULL_DATA, Tag.DONT_CARE}
    assert set(CONTENTS) | SEQUENCES | empty == set(Tag)
    assert not set(CONTENTS) & (SEQUENCES | empty)
    assert set(FIXED_OCTETS) | set(NUMBER_FORMS) < set(CONTENTS)


# The delta types are not in the ASN.1 module of edition 8.3; their numbers are Gurux's and others'.
DELTAS = {
    Tag.DELTA_INTEGER: ("1C FF", -1),
    Tag.DELTA_LONG: ("1D FF00", -256),
    Tag.DELTA_DOUBLE_LONG: ("1E FFFFFFFE", -2),
    Tag.DELTA_UNSIGNED: ("1F FF", 255),
    Tag.DELTA_LONG_UNSIGNED: ("20 FFFE", 65534),
    Tag.DELTA_DOUBLE_LONG_UNSIGNED: ("21 FFFFFFFF", 2**32 - 1),
}


@pytest.mark.parametrize("tag", DELTAS, ids=[tag.name for tag in DELTAS])
def test_a_delta_type_both_ways(tag: Tag) -> None:
    octets, value = DELTAS[tag]
    assert decode(bytes.fromhex(octets)) == Data(tag, value)
    assert encode(Data(tag, value)) == bytes.fromhex(octets)


def test_bits_count_from_the_highest() -> None:
    assert BitString.of([True, False, True]) == BitString(b"\xa0", 3)
    assert BitString(b"\xa0", 3).bits == (True, False, True)


def test_contents_have_no_tag() -> None:
    out = bytearray()
    write_contents(Tag.LONG_UNSIGNED, 5, out)
    assert out == b"\x00\x05"
    assert CONTENTS[Tag.LONG_UNSIGNED][1](Cursor(out)) == 5
    with pytest.raises(LocalProtocolError):
        write_contents(Tag.NULL_DATA, 1, out)


def test_what_is_no_sequence_no_text_or_too_much() -> None:
    with pytest.raises(LocalProtocolError):
        sequence(BitString(b"\x80", 1))
    with pytest.raises(DecodeError):
        read_utf8(Cursor(b"\x02\xc3\x28"))
    with pytest.raises(DecodeError):
        spend([MAX_ELEMENTS], MAX_ELEMENTS + 1)
    assert "07" in str(no_such(7))
