"""Rows of delimited numbers to an array: quickly where they are clean, line by line where not.

No standard; shared by COMTRADE ASCII data and CSV.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError

MISSING = frozenset({"", "nan", "-nan", "null", "none", "na", "n/a", "-", "nil", "#n/a"})


def parse_rows(
    lines: Sequence[str], delimiter: str | None, columns: Sequence[int], first: int, where: str
) -> NDArray[np.float64]:
    """Some columns of the lines, (lines, columns); a missing value becomes NaN.

    `first` is the number of the first line in the file, for the message; `delimiter` None means
    white space. InputError names the line of anything that is no number.
    """
    try:
        values = np.loadtxt(lines, delimiter=delimiter, usecols=columns, ndmin=2, comments=None)
    except (ValueError, IndexError):
        values = _line_by_line(lines, delimiter, columns, first, where)
    values[np.isinf(values)] = np.nan
    return values


def _line_by_line(
    lines: Sequence[str], delimiter: str | None, columns: Sequence[int], first: int, where: str
) -> NDArray[np.float64]:
    values = np.empty((len(lines), len(columns)))
    for k, line in enumerate(lines):
        parts = line.split(delimiter)
        for j, column in enumerate(columns):
            if column >= len(parts):
                raise InputError(
                    f"{where} line {first + k} has {len(parts)} fields, "
                    f"too few for column {column + 1}; the file is cut off or damaged"
                )
            text = parts[column].strip().strip("\"'\x1a")
            try:
                values[k, j] = np.nan if text.lower() in MISSING else float(text)
            except ValueError:
                raise InputError(
                    f"{where} line {first + k}: {text[:40]!r} in column {column + 1} is no number"
                ) from None
    return values
