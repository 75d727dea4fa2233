"""Tables of encoded rows: bounded, sliceable, and their image on a memory."""

import pytest

from addad.errors import StorageError
from addad.meter.row_table import MAX_ROW_OCTETS, MAX_ROWS, RowTable


def filled(count: int, capacity: int = 4) -> RowTable:
    table = RowTable("t", 2, capacity)
    for number in range(count):
        table.append(number.to_bytes(2, "big"), 100 + number)
    return table


def test_the_oldest_row_gives_way() -> None:
    table = filled(6)
    assert len(table) == 4
    assert (table.first, table.next) == (2, 6)
    assert [table.row(i) for i in range(4)] == [n.to_bytes(2, "big") for n in (2, 3, 4, 5)]
    assert list(table.stamps_s()) == [102, 103, 104, 105]
    assert table.row(-1) == b"\x00\x05"


def test_a_table_knows_whether_its_stamps_are_in_order() -> None:
    table = filled(3)
    assert table.in_order
    table.append(b"ab", 102)
    assert table.in_order
    for stamp_s in (50, 60, 70):
        table.append(b"ab", stamp_s)
        assert not table.in_order
    table.append(b"ab", 80)
    assert list(table.stamps_s()) == [50, 60, 70, 80]
    assert table.in_order
    table.append(b"ab", 10)
    table.clear()
    assert table.in_order


def test_rows_that_are_not_there_are_an_index_error() -> None:
    for index in (4, -5):
        with pytest.raises(IndexError):
            filled(6).row(index)


def test_clearing_goes_on_counting() -> None:
    table = filled(3)
    table.clear()
    assert (len(table), table.first, table.next) == (0, 3, 3)
    table.append(b"ab", 1)
    assert table.row(0) == b"ab"


def test_a_row_that_was_seen_is_not_hidden_when_the_memory_comes_back() -> None:
    table = filled(3, capacity=9)
    table.mark_saved(3)
    table.append(b"ab", 4)
    assert table.visible == 3
    table.durable_only = False  # the commit failed
    table.append(b"cd", 5)
    assert table.visible == 5
    table.mark_saved(4)  # the next one did not hold the newest row
    assert (table.visible, table.saved) == (5, 4)
    table.append(b"ef", 6)
    assert table.visible == 5


@pytest.mark.parametrize("row", [b"", b"a", b"abc"])
def test_a_row_of_another_length_is_refused(row: bytes) -> None:
    with pytest.raises(StorageError, match="octets, not 2"):
        filled(1).append(row, 0)


@pytest.mark.parametrize(
    ("octets", "capacity"), [(0, 1), (1, 0), (MAX_ROW_OCTETS + 1, 1), (1, MAX_ROWS + 1)]
)
def test_a_table_has_limits(octets: int, capacity: int) -> None:
    with pytest.raises(StorageError):
        RowTable("t", octets, capacity)


@pytest.mark.parametrize("count", [0, 1, 4, 6, 67, 68, 69, 150])
def test_the_image_gives_the_rows_back(count: int) -> None:
    table = filled(count)
    again = RowTable("t", 2, 4)
    assert again.load(table.image(), (table.first, table.next)) == 0
    assert [again.row(i) for i in range(len(again))] == [table.row(i) for i in range(len(table))]
    assert list(again.stamps_s()) == list(table.stamps_s())
    assert again.saved == again.next == count


@pytest.mark.parametrize("count", [1, 5, 67, 69, 140])
def test_pending_writes_bring_an_older_image_up_to_date(count: int) -> None:
    table = filled(count)
    area = bytearray(table.image())
    table.saved = table.next
    for number in range(3):
        table.append(b"n%d" % number, 500 + number)
    for offset, octets in table.pending_writes():
        area.extend(bytes(max(0, offset + len(octets) - len(area))))
        area[offset : offset + len(octets)] = octets
    again = RowTable("t", 2, 4)
    assert again.load(bytes(area), (table.first, table.next)) == 0
    assert again.row(-1) == b"n2"


def test_neighbours_are_written_in_one_piece() -> None:
    assert len(filled(3).pending_writes()) == 1
    wrapping = filled(70)
    wrapping.saved = 66
    assert len(wrapping.pending_writes()) == 2


@pytest.mark.parametrize("length", [0, 3, 19, 20, 30])
def test_an_area_that_ends_early_has_lost_its_rows(length: int) -> None:
    table = filled(3)
    again = RowTable("t", 2, 4)
    assert again.load(table.image()[:length], (0, 3)) == 3
    assert len(again) == 0
    assert again.next == 3
