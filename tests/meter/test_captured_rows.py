"""Rows as an answer sees them: those of its beginning, whatever the meter captures meanwhile."""

import pytest

from addad.dlms.results import DataAccessResult
from addad.dlms.types import Unsigned
from addad.errors import AccessError
from addad.meter.captured_rows import CapturedRows
from addad.meter.layout import DATA, Layout, column
from addad.meter.row_table import RowTable
from addad.obis import Obis

LAYOUT: Layout[tuple[int, int]] = Layout(
    column(DATA, Obis.parse("0-0:96.0.0"), Unsigned, 2, lambda pair: pair[0]),
    column(DATA, Obis.parse("0-0:96.0.1"), Unsigned, 2, lambda pair: pair[1]),
)


def filled(count: int) -> RowTable:
    table = RowTable("t", LAYOUT.row_octets, 4)
    for number in range(count):
        table.append(LAYOUT.row((number, 100 + number)), number)
    return table


def test_whole_rows_and_columns() -> None:
    rows = CapturedRows(filled(3), LAYOUT)
    assert list(rows.times_s()) == [0, 1, 2]
    assert rows.encode_row(1, None) == bytes.fromhex("0202 1101 1165")
    assert rows.encode_row(1, [1]) == bytes.fromhex("0201 1165")
    assert [c.logical_name.dotted for c in rows.capture_objects] == [
        "0.0.96.0.0.255",
        "0.0.96.0.1.255",
    ]


def test_rows_keep_their_place_while_newer_ones_come_and_end_the_answer_when_gone() -> None:
    table = filled(4)
    rows = CapturedRows(table, LAYOUT)
    table.append(LAYOUT.row((9, 9)), 9)
    assert rows.encode_row(1, None) == LAYOUT.row((1, 101))
    assert rows.encode_row(3, None) == LAYOUT.row((3, 103))
    with pytest.raises(AccessError) as refused:
        rows.encode_row(0, None)
    assert refused.value.result == DataAccessResult.DATA_BLOCK_UNAVAILABLE


def test_a_table_cleared_meanwhile_ends_the_answer() -> None:
    table = filled(2)
    rows = CapturedRows(table, LAYOUT)
    table.clear()
    with pytest.raises(AccessError):
        rows.encode_row(0, None)


def test_rows_that_are_not_durable_are_not_shown() -> None:
    table = filled(2)
    table.mark_saved(2)
    table.append(LAYOUT.row((7, 7)), 7)
    assert list(CapturedRows(table, LAYOUT).times_s()) == [0, 1]
    table.durable_only = False
    assert list(CapturedRows(table, LAYOUT).times_s()) == [0, 1, 7]
