"""What `addad read` prints for people: the overview, an object, the rows of a profile.

Numbers are in their units; a value that the meter refuses is its reason in brackets.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from addad.cli.read_cures import rows_cure
from addad.cosem.classes import find_class
from addad.cosem.classes.access import ObjectListElement
from addad.cosem.classes.measurement import CaptureObject
from addad.obis_names import NAMES
from addad.reader.plain_values import Plain, plain, visible
from addad.reader.profile import column_title
from addad.reader.scan import Reading, quantity
from addad.reader.snapshot import ObjectReading, ProfileReading
from addad.reader.survey import Answer
from addad.units import ScalerUnit

NARROW: Final = 16
"""Characters that the last column of a table needs at least, on a terminal."""


def print_overview(rows: Iterable[tuple[ObjectListElement, Reading | None]]) -> None:
    """One line an object: its class, its name, and its value where it has one."""
    print_table(
        ("object", "class", "name", "value"),
        [
            (str(e.logical_name), class_name(e), given_name(e), _line(reading))
            for e, reading in rows
        ],
    )


def print_object(read: ObjectReading) -> None:
    """An object with all that was read of it; of a profile also its rows, or why there are none."""
    element = read.element
    print("  ".join((str(element.logical_name), class_name(element), given_name(element))).rstrip())
    print_table(
        ("  ", "attribute", "value"),
        [(str(r.index), r.name, _shown(r)) for r in read.readings],
        heading=False,
    )
    if read.profile is not None:
        print()
        _print_rows(read.profile)
    elif read.profile_fault is not None:
        print(f"no rows: {read.profile_fault}{rows_cure(read.profile_fault)}")
    print()


def print_answers(answers: Sequence[Answer]) -> None:
    """Who was answered, and what each is shown."""
    rows = [
        (
            str(answer.client_sap),
            str(answer.server_sap),
            answer.welcome.value,
            _shows(answer),
            answer.reason,
        )
        for answer in answers
    ]
    print_table(("client", "device", "answer", "shows", "reason"), rows)


def _shows(answer: Answer) -> str:
    if answer.objects is None:
        return ""
    return f"{answer.objects} objects, {answer.attributes} readable"


def given_name(element: ObjectListElement) -> str:
    """What the house calls an object of this name; nothing where it has no word."""
    return NAMES.get(element.logical_name, "")


def class_name(element: ObjectListElement) -> str:
    """What the class of an object is called, or its number where it is not known."""
    known = find_class(element.class_id, element.version)
    if known is None:
        return f"class {element.class_id}"
    return known.__name__.removesuffix(f"V{known.version}")


def _print_rows(profile: ProfileReading) -> None:
    """The rows of a profile, numbers in their units."""
    rows = profile.table
    of = [profile.units.get(column) for column in rows.columns]
    titles = [
        title if unit is None else f"{title} {unit.symbol}".rstrip()
        for title, unit in zip(rows.titles, of, strict=True)
    ]
    cells = [[_cell(cell, unit) for cell, unit in zip(row, of, strict=True)] for row in rows.rows]
    print_table(titles, cells)
    if not rows.rows:
        print("no rows")


def _cell(value: object, unit: ScalerUnit | None) -> str:
    scaled = None if unit is None else quantity(value, unit)
    return _text(plain(value)) if scaled is None else f"{scaled.value:.12g}"


def _shown(reading: Reading | None) -> str:
    if reading is None:
        return ""
    if reading.refusal:
        return f"({reading.refusal})"
    scaled = reading.quantity
    if scaled is not None:
        return f"{scaled.value:.12g} {scaled.unit}".rstrip()
    columns = reading.value if isinstance(reading.value, tuple) else ()
    if columns and all(isinstance(column, ObjectListElement) for column in columns):
        return f"{len(columns)} objects"
    if isinstance(reading.value, ScalerUnit):
        return f"10^{reading.value.scaler} {reading.value.symbol}".rstrip()
    if columns and all(isinstance(column, CaptureObject) for column in columns):
        return ", ".join(column_title(c) for c in columns if isinstance(c, CaptureObject))
    return _text(plain(reading.value))


def _line(reading: Reading | None) -> str:
    shown = _shown(reading)
    counted = reading is not None and reading.name == "entries_in_use" and not reading.refusal
    return f"{shown} row{'' if shown == '1' else 's'}" if counted else shown


def _text(value: Plain) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def print_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], *, heading: bool = True
) -> None:
    """Rows under their titles, in columns as wide as their longest cell; the last is ragged.

    What does not print in a cell is shown as an escape.
    """
    shown = [titles, *rows] if heading else rows
    lines = [[visible(cell) for cell in line] for line in shown]
    if not lines:
        return
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles) - 1)]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - NARROW
        while sum(widths) > room and any(widths):
            widths[widths.index(max(widths))] = 0  # the widest is not padded: no line wraps for it
    for line in lines:
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        print("  ".join([*padded, line[-1]]).rstrip())
