"""Rows that are alike give the same as reading element by element, and the same errors."""

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad.dlms import data as axdr
from addad.dlms.alike_rows import MIN_ROWS, pass_alike, read_alike
from addad.dlms.data import NULL, BitString, Data, Tag
from addad.dlms.octets import Cursor
from addad.dlms.tags import MAX_DEPTH
from addad.errors import DecodeError

BUDGET = 100_000
CELLS = (
    Data(Tag.OCTET_STRING, b"\x07\xea\x01\x01\x04\x00\x00\x00\x00\xff\xc4\x00"),
    Data(Tag.DOUBLE_LONG_UNSIGNED, 5),
    Data(Tag.BOOLEAN, True),
    Data(Tag.FLOAT32, 1.5),
    Data(Tag.VISIBLE_STRING, "é1"),
    Data(Tag.DATE, b"\x07\xea\x01\x01\x04"),
    Data(Tag.DELTA_LONG, -3),
    Data(Tag.BCD, 0x42),
    NULL,
    Data(Tag.DONT_CARE, None),
)
ROW = Data(Tag.STRUCTURE, CELLS)


def _rows(row: Data, count: int) -> bytes:
    return axdr.encode(row) * count


def _slowly(octets: bytes) -> Data:
    """Read element by element: fewer rows at once than are read by columns."""
    cursor = Cursor(octets)
    assert cursor.u8() == Tag.ARRAY
    return Data(Tag.ARRAY, tuple([axdr.read(cursor) for _ in range(cursor.length())]))


def test_each_type_is_what_it_is_elsewhere() -> None:
    cursor, budget = Cursor(_rows(ROW, 20) + b"rest"), [BUDGET]
    assert read_alike(cursor, 20, 0, budget) == (ROW,) * 20
    assert cursor.remaining == 4
    assert budget == [BUDGET - 20 * len(CELLS)]
    read = axdr.decode(b"\x01\x14" + _rows(ROW, 20))
    first = read.value[0]  # type: ignore[index]
    assert type(first) is Data
    assert [type(cell) for cell in first.value] == [Data] * len(CELLS)  # type: ignore[union-attr]


@pytest.mark.parametrize("collecting", [True, False])
def test_the_garbage_collector_is_left_as_it_was(collecting: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        assert read_alike(Cursor(_rows(ROW, 20)), 20, 0, [BUDGET]) is not None
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if was else gc.disable)()


ODD = {
    "few rows": _rows(ROW, MIN_ROWS - 1),
    "a string of another length": _rows(ROW, 19)
    + _rows(Data(Tag.STRUCTURE, (Data(Tag.OCTET_STRING, b"a"), *CELLS[1:])), 1),
    "another tag": _rows(ROW, 19)
    + _rows(Data(Tag.STRUCTURE, (*CELLS[:-1], Data(Tag.NULL_DATA, None))), 1),
    "another count": _rows(ROW, 19) + _rows(Data(Tag.STRUCTURE, CELLS[:-1]), 1),
    "bits": _rows(Data(Tag.STRUCTURE, (Data(Tag.BIT_STRING, BitString(b"\x80", 1)),)), 20),
    "text that must be checked": _rows(Data(Tag.STRUCTURE, (Data(Tag.UTF8_STRING, "é"),)), 20),
    "nested": _rows(Data(Tag.STRUCTURE, (ROW,)), 20),
    "no structures": axdr.encode(Data(Tag.UNSIGNED, 1)) * 20,
    "empty structures": _rows(Data(Tag.STRUCTURE, ()), 20),
    "nothing": b"",
}


@pytest.mark.parametrize("octets", ODD.values(), ids=ODD.keys())
def test_others_are_left_to_be_read_one_by_one(octets: bytes) -> None:
    count = MIN_ROWS - 1 if octets == ODD["few rows"] else 20
    cursor, budget = Cursor(octets), [BUDGET]
    assert read_alike(cursor, count, 0, budget) is None
    assert not pass_alike(cursor, count, 0, budget)
    assert (cursor.position, budget) == (0, [BUDGET])
    if octets:
        wire = bytes((Tag.ARRAY, count)) + octets
        assert axdr.decode(wire) == _slowly(wire)


def test_depth_and_number_of_elements_keep_their_limits() -> None:
    assert not pass_alike(Cursor(_rows(ROW, 20)), 20, MAX_DEPTH - 1, [BUDGET])
    assert not pass_alike(Cursor(_rows(ROW, 20)), 20, 0, [20 * len(CELLS) - 1])
    assert pass_alike(Cursor(_rows(ROW, 20)), 20, 0, [20 * len(CELLS)])
    deep = b"\x02\x01" * (MAX_DEPTH - 1) + b"\x01\x14" + _rows(ROW, 20)
    for read in (axdr.decode, lambda octets: axdr.read_octets(Cursor(octets))):
        with pytest.raises(DecodeError, match="deeper"):
            read(deep)


@given(
    st.lists(st.sampled_from(CELLS), min_size=1, max_size=6),
    st.integers(0, 30),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=3),
)
@settings(max_examples=300)
def test_broken_rows_give_the_same_value_or_the_same_error(
    cells: list[Data], count: int, damages: list[tuple[int, int]]
) -> None:
    row = Data(Tag.STRUCTURE, tuple(cells))
    wire = bytearray(bytes((Tag.ARRAY, count)) + _rows(row, count))
    for at, octet in damages:
        wire[at % len(wire)] = octet
    octets = bytes(wire)
    if octets[0] != Tag.ARRAY:
        return
    try:
        wanted: object = repr(_slowly(octets))
    except DecodeError:
        wanted = None
    try:
        cursor = Cursor(octets)
        found: object = repr(axdr.read(cursor))
    except DecodeError:
        found = None
    assert found == wanted
