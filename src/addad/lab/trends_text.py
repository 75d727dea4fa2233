"""A record's trends as numbers: a table for a spreadsheet, or columns for a program.

Names carry their units; `_u95` is the uncertainty of what is so called. What was not measured is
an empty field, or None. A record of very many windows has them averaged, as they are drawn.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from addad.lab.report import PHASE_NAMES, RecordQuality, Report, Trend
from addad.lab.whole_file import write_whole
from addad.world.recording import ChoiceError

Floats = NDArray[np.float64]
_SINGLE = {"frequency": "frequency_hz", "p": "p_total_w", "q": "q_total_var", "unbalance": "u2"}
_PHASES = {"u": "v", "i": "a", "thd_u": "", "thd_i": ""}


def write_trends(report: Report, path: Path) -> None:
    """Write them as the suffix of `path` says; OSError when it cannot be written.

    ChoiceError for many records at once, which have no time in common.
    """
    if report.trend is None or not len(report.trend.time):
        raise ChoiceError("--trends: a record of its own has a course; choose one with --item")
    columns = _columns(report, report.trend)
    if path.suffix.lower() == ".json":
        quality = _quality(report, report.quality) if report.quality else {}
        told = {"windows": {name: _plain(values) for name, values in columns.items()}, **quality}
        write_whole(path, json.dumps(told, indent=1) + "\n")
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in np.column_stack(list(columns.values())):
        writer.writerow([f"{value:.9g}" if math.isfinite(value) else "" for value in row])
    write_whole(path, text.getvalue())


def _columns(report: Report, trend: Trend) -> dict[str, Floats]:
    """Columns by name: time, what was measured, and the uncertainty of each."""
    item = report.items[0]
    there = {
        "u": [p.phase for p in item.phases if p.voltage],
        "i": [p.phase for p in item.phases if p.current],
    }
    skipped = () if item.total is not None else ("p", "q")
    values: dict[str, Floats] = {}
    within: dict[str, Floats] = {}
    for found, into in ((trend, values), (trend.uncertainty, within)):
        if found is None:
            continue
        for name, column in _SINGLE.items():
            if name not in skipped and not (name == "unbalance" and len(there["u"]) < 3):
                into[column] = getattr(found, name)
        for name, unit in _PHASES.items():
            for phase in there[name[-1]]:
                column = f"{name}_{phase.lower()}" + (f"_{unit}" if unit else "")
                into[column] = getattr(found, name)[:, PHASE_NAMES.index(phase)]
    return {
        "time_s": trend.time,
        **values,
        **{f"{name}_u95": column for name, column in within.items()},
    }


def _quality(report: Report, quality: RecordQuality) -> dict[str, object]:
    """The extremes of the half-cycle RMS in stretches of the record, and flicker."""
    places = [PHASE_NAMES.index(p.phase) for p in report.items[0].phases if p.voltage]
    columns: dict[str, object] = {"time_s": _plain(quality.time)}
    for place in places:
        phase = PHASE_NAMES[place].lower()
        columns[f"u_{phase}_lowest_v"] = _plain(quality.lowest[:, place])
        columns[f"u_{phase}_highest_v"] = _plain(quality.highest[:, place])
    flicker = {
        "begin_s": _plain(begin for begin, _ in quality.flicker),
        **{
            f"pst_{PHASE_NAMES[place].lower()}": _plain(of[place] for _, of in quality.flicker)
            for place in places
        },
    }
    return {"half_cycles": columns, "flicker": flicker}


def _plain(values: Iterable[float]) -> list[float | None]:
    return [float(f"{value:.9g}") if math.isfinite(value) else None for value in values]
