"""Where tags, lengths and values stand in the rows of a profile."""

import pytest

from addad.dlms.octets import Cursor
from addad.dlms.row_shape import Field, RowShape, read_row_shape
from addad.dlms.tags import Tag
from addad.errors import DecodeError

SHAPE = RowShape(
    11,
    (0, 1, 2, 5, 6, 9),
    (
        Field(Tag.LONG_UNSIGNED, 3, 2),
        Field(Tag.OCTET_STRING, 7, 2),
        Field(Tag.UNSIGNED, 10, 1),
    ),
)


def test_the_first_row_says_where_all_stands() -> None:
    row = bytes.fromhex("0203 120001 0902ABCD 1105")
    octets = b"\x01\x02" + row * 2
    assert read_row_shape(Cursor(octets)) == (2, 2, SHAPE)


def test_a_compact_array_says_it_before_them() -> None:
    octets = bytes.fromhex("13 0203120911 0C 0001 02ABCD 05 0002 02ABCE 06")
    found = read_row_shape(Cursor(octets))
    assert found is not None
    rows, start, shape = found
    assert (rows, octets[start : start + shape.width]) == (2, bytes.fromhex("000102ABCD05"))
    assert shape.fixed == (2,)
    assert [(field.offset, field.size) for field in shape.fields] == [(0, 2), (3, 2), (5, 1)]


def test_fixed_octets_are_compared_in_runs() -> None:
    assert list(SHAPE.fixed_runs()) == [(0, 3), (5, 7), (9, 10)]
    assert list(RowShape(2, (1,), ()).fixed_runs()) == [(1, 2)]
    assert list(RowShape(0, (), ()).fixed_runs()) == []


@pytest.mark.parametrize("octets", ["0101 1105", "0101 0201 00", "0101 0200", "13 12 00", "1105"])
def test_what_has_no_fixed_rows_has_no_shape(octets: str) -> None:
    assert read_row_shape(Cursor(bytes.fromhex(octets))) is None


@pytest.mark.parametrize("octets", ["", "01", "0101", "0101 02", "0101 0201 12 00", "0100 00"])
def test_half_a_profile_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        read_row_shape(Cursor(bytes.fromhex(octets)))
