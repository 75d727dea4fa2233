"""A table of rows as a client's GET sees it: by range, by entry, by column.

The rows are read as the blocks of the answer leave. A row that has given way to a newer one in the
meantime cannot be sent any more, and ends the transfer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.results import DataAccessResult
from addad.errors import AccessError
from addad.meter.layout import Layout
from addad.meter.row_table import RowTable

T = TypeVar("T")


class CapturedRows(Generic[T]):
    """The rows that a table holds now, oldest first; good for one answer."""

    def __init__(self, table: RowTable, layout: Layout[T]) -> None:
        self._table = table
        self._layout = layout
        self._first = table.first
        self._count = table.visible

    @property
    def capture_objects(self) -> Sequence[CaptureObject]:
        """The columns."""
        return self._layout.capture_objects

    def times_s(self) -> Sequence[int]:
        """The stamps: seconds since 1970 in UTC."""
        return self._table.stamps_s()[: self._count]

    @property
    def in_order(self) -> bool:
        """Whether the stamps never step back."""
        return self._table.in_order

    def encode_row(self, index: int, columns: Sequence[int] | None) -> bytes:
        """One row, whole or cut; raises `AccessError` if it is no longer there."""
        now_at = self._first + index - self._table.first
        if not 0 <= now_at < len(self._table):
            raise AccessError(DataAccessResult.DATA_BLOCK_UNAVAILABLE)
        row = self._table.row(now_at)
        return row if columns is None else self._layout.cut(row, columns)
