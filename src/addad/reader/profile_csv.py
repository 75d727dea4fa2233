"""Rows of a profile as comma-separated values, for spreadsheets and programs.

RFC 4180. A clock is two columns: the moment in ISO 8601 with its offset from UTC, where the meter
tells it, and the clock's status octet as a number. Numbers of registers are in their unit, exactly.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from addad.dlms.clock_time import NOT_SPECIFIED, DateTime
from addad.dlms.data import Data
from addad.reader.plain_values import moment_as_text, plain
from addad.reader.profile import Cell, ProfileTable, Units, is_clock
from addad.units import ScalerUnit


class Sink(Protocol):
    """Where text is written."""

    def write(self, text: str, /) -> object:
        """Take a line."""
        ...


def write_csv(table: ProfileTable, units: Units, sink: Sink) -> None:
    """The titles with units, then the rows; lines end in CR LF."""
    writer = csv.writer(sink)
    writer.writerow(csv_titles(table, units))
    writer.writerows(csv_rows(table, units))


def csv_titles(table: ProfileTable, units: Units) -> list[str]:
    """`0-0:1.0.0 time`, `0-0:1.0.0 status`, `1-0:1.8.0 [Wh]`."""
    titles = []
    for column, title in zip(table.columns, table.titles, strict=True):
        unit = units.get(column)
        symbol = "" if unit is None else unit.symbol
        titles.append(f"{title} [{symbol}]" if symbol else title)
        if is_clock(column):
            titles.append(f"{column.logical_name} status")
    return titles


def csv_rows(table: ProfileTable, units: Units) -> Iterator[list[str]]:
    """The cells of each row as text."""
    for row in table.rows:
        cells = []
        for column, cell in zip(table.columns, row, strict=True):
            cells.append(_text(cell, units.get(column)))
            if is_clock(column):
                cells.append(_status(cell))
        yield cells


def _status(cell: Cell) -> str:
    known = isinstance(cell, DateTime) and cell.status != NOT_SPECIFIED
    return str(cell.status) if known and isinstance(cell, DateTime) else ""


def _text(cell: Cell, unit: ScalerUnit | None) -> str:
    if isinstance(cell, DateTime):
        return moment_as_text(cell)
    if unit is not None:
        scaled = scaled_text(cell, unit)
        if scaled is not None:
            return scaled
    value = plain(cell)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def scaled_text(cell: Data, unit: ScalerUnit) -> str | None:
    """A number in its unit with all its digits; None for what is no number."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    exact = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
    if not exact.is_finite():
        return str(value)
    return f"{exact.scaleb(unit.scaler):f}"
