"""A type test's report on sheets of A4, to print and sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import matplotlib as mpl

from addad.lab.paper import (
    BAD,
    FAINT,
    GOOD,
    HEIGHT_MM,
    INK,
    LEFT,
    LINE_MM,
    STYLE,
    WIDTH_MM,
    Paper,
)
from addad.lab.type_test_plots import curves, draw_curve, draw_influences, influence_results
from addad.lab.type_test_reasons import reasons
from addad.lab.type_test_report import (
    NOT_TESTED,
    SIMULATED,
    TypeTestReport,
    calibration_lines,
    conditions,
    front_end_lines,
    identification,
    limit_text,
    paper_words,
    put_in,
    uncertainty_text,
    value_text,
)
from addad.lab.type_test_run import Result, Verdict

_CURVES_A_PAGE = 6
_INFLUENCES_A_PAGE = 45
_COLUMNS = ((0.0, "left"), (98.0, "right"), (124.0, "right"), (147.0, "right"), (170.0, "right"))


def write_pdf(report: TypeTestReport, path: Path) -> None:
    """Write the sheets; OSError when the file cannot be written."""
    with mpl.rc_context(cast("Any", STYLE)):
        paper = Paper(f"Type test report {report.number}")
        _first_page(paper, report)
        _results(paper, report)
        _curve_pages(paper, report)
        _influence_pages(paper, report)
        _scope(paper, report)
        paper.save(path)


def _first_page(paper: Paper, report: TypeTestReport) -> None:
    paper.y += 4.0
    paper.text("Type test report", size=20.0, weight="bold")
    passes, fails = report.counted(Verdict.PASS), report.counted(Verdict.FAIL)
    word, colour = ("PASSED", GOOD) if report.passed else ("FAILED", BAD)
    frame = {"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": colour}
    paper.text(word, 167.0, size=15.0, colour=colour, weight="bold", ha="right", bbox=frame)
    paper.y += 7.0
    paper.text(f"{report.title}{report.extent}", size=11.0, weight="bold")
    paper.text(f"{passes} of {passes + fails} tests passed", 170.0, colour=FAINT, ha="right")
    paper.y += 5.0
    paper.text(f"Report {report.number}, {report.made:%d %B %Y, %H:%M %Z}", colour=FAINT)
    paper.y += 4.0
    paper.rule(INK, 1.6)
    paper.y += 4.5
    for words in (*put_in(report.meter), *(paper_words(report) if report.is_paper else ())):
        paper.y += 1.0
        paper.lines(words)
    paper.heading("Meter under test")
    paper.pairs(identification(report))
    paper.heading("Reference conditions and method")
    paper.pairs(conditions(report))
    paper.heading("Front end")
    paper.pairs(front_end_lines(report.meter))
    paper.heading("Calibration" if report.meter.calibrated else "Ratios of the drawing", 48.0)
    columns = ((0.0, "left"), (44.0, "right"), (72.0, "right"), (98.0, "right"), (170.0, "right"))
    head = ("channel", "gain [V, A]", "offset [counts]", "delay [µs]", "lead at 50 Hz [′]")
    paper.row(columns, head, FAINT)
    for row in calibration_lines(report.meter):
        paper.row(columns, row)
    for note in report.meter.notes:
        paper.lines(note)


def _signatures(paper: Paper) -> None:
    paper.room(34.0)
    paper.y += 30.0
    for place, words in enumerate(("Tested by, date", "Checked by, date", "Approved by, date")):
        paper.text(words, place * 60.0, size=7.0, colour=FAINT)
    paper.y -= 4.0
    for place in range(3):
        paper.rule(INK, 0.8, (place * 60.0, place * 60.0 + 50.0))


def _results(paper: Paper, report: TypeTestReport) -> None:
    if len(paper.sheets) == 1:
        paper.turn()
    if why := reasons(report):
        paper.heading("Why tests failed")
        paper.bullets(why)
    for section, results in report.sections.items():
        paper.heading(section.value, 26.0)
        head = ("test", "limit", "result", "U (95 %)", "verdict")
        paper.row(_COLUMNS, head, FAINT)
        for result in results:
            if paper.room(LINE_MM):
                paper.row(_COLUMNS, head, FAINT)
            _result_row(paper, result)


def _result_row(paper: Paper, result: Result) -> None:
    star = " *" if result.item.special else ""
    cells = (
        result.item.label + star, limit_text(result), value_text(result), uncertainty_text(result),
        result.verdict.value,
    )  # fmt: skip
    colours = {Verdict.PASS: GOOD, Verdict.FAIL: BAD, Verdict.INFORMATION: FAINT}
    paper.row(_COLUMNS, cells, last=colours[result.verdict])


def _curve_pages(paper: Paper, report: TypeTestReport) -> None:
    drawn = list(curves(report))
    for first in range(0, len(drawn), _CURVES_A_PAGE):
        figure = paper.turn()
        paper.heading("Error curves between their limits")
        for place, (_, title, results) in enumerate(drawn[first : first + _CURVES_A_PAGE]):
            column, row = place % 2, place // 2
            left = (LEFT + 8.0 + column * 86.0) / WIDTH_MM
            bottom = 1.0 - (97.0 + row * 80.0) / HEIGHT_MM
            axes = figure.add_axes((left, bottom, 74.0 / WIDTH_MM, 58.0 / HEIGHT_MM))
            draw_curve(axes, report, title, results)


def _influence_pages(paper: Paper, report: TypeTestReport) -> None:
    shown = influence_results(report)
    for first in range(0, len(shown), _INFLUENCES_A_PAGE):
        results = shown[first : first + _INFLUENCES_A_PAGE]
        paper.turn()
        paper.heading("Influence quantities, in percent of their limits")
        height = 5.0 * len(results) + 4.0
        axes = paper.axes(88.0, 82.0, height)
        draw_influences(axes, results)


def _scope(paper: Paper, report: TypeTestReport) -> None:
    paper.turn()
    parts = (
        ("What is simulated", SIMULATED),
        ("What software cannot test", NOT_TESTED),
        ("Where the limits are from", report.meter.nameplate.accuracy.sources),
    )
    for title, lines in parts:
        paper.heading(title)
        paper.bullets(lines)
    paper.y += 3.0
    paper.lines(
        "* where a user asks for it. Results hold for the unit and the settings named above."
    )
    _signatures(paper)
