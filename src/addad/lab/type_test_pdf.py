"""A type test's report on sheets of A4, to print and sign.

Text is set line by line with what matplotlib has; every sheet has the report's number and its page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from addad.lab.type_test_plan import Section
from addad.lab.type_test_plots import (
    BAD,
    FAINT,
    GOOD,
    INK,
    RULE_LINE,
    STYLE,
    curves,
    draw_curve,
    draw_influences,
    influence_results,
)
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

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 20.0, 190.0, 20.0, 275.0
_LINE_MM = 4.6
_CURVES_A_PAGE = 6
_INFLUENCES_A_PAGE = 45
_LETTERS_A_LINE = 108
_COLUMNS = ((0.0, "left"), (98.0, "right"), (124.0, "right"), (147.0, "right"), (170.0, "right"))


def write_pdf(report: TypeTestReport, path: Path) -> None:
    """Write the sheets; OSError when the file cannot be written."""
    with mpl.rc_context(cast("Any", STYLE)):
        paper = _Paper(report)
        _first_page(paper, report)
        _results(paper, report)
        _curve_pages(paper, report)
        _influence_pages(paper, report)
        _scope(paper, report)
        paper.save(path)


class _Paper:
    """Sheets that are filled from the top; `y` is how far down the last one is [mm]."""

    def __init__(self, report: TypeTestReport) -> None:
        self._report = report
        self.sheets: list[Figure] = []
        self.y = 0.0
        self.turn()

    def turn(self) -> Figure:
        """Begin a new sheet."""
        figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4), facecolor="white")
        self.sheets.append(figure)
        self.y = _TOP
        return figure

    def room(self, height: float) -> None:
        """Turn the page where `height` [mm] is not left."""
        if self.y + height > _BOTTOM:
            self.turn()

    def text(
        self, words: str, x: float = 0.0, *, size: float = 8.0, colour: str = INK, **more: object
    ) -> None:
        """Words at the present line, `x` [mm] from the left margin."""
        self.sheets[-1].text(
            (_LEFT + x) / WIDTH_MM, 1.0 - self.y / HEIGHT_MM, words, size=size, color=colour,
            va="baseline", **cast("Any", more),
        )  # fmt: skip

    def rule(self, colour: str = RULE_LINE, width: float = 0.7, up: float = 0.0) -> None:
        """A line over the width, `up` [mm] above the present one."""
        y = 1.0 - (self.y - up) / HEIGHT_MM
        x = [_LEFT / WIDTH_MM, _RIGHT / WIDTH_MM]
        self.sheets[-1].add_artist(Line2D(x, [y, y], color=colour, linewidth=width))

    def heading(self, words: str, needs: float = 22.0) -> None:
        """A part's title, with room for some lines behind it."""
        self.room(needs)
        self.y += 7.0 if self.y > _TOP else 0.0
        self.text(words, size=11.0, weight="bold")
        self.y += 2.0
        self.rule()
        self.y += 5.0

    def lines(self, words: str, x: float = 0.0, letters: int = _LETTERS_A_LINE) -> None:
        """Running text, broken at the margin."""
        for line in textwrap.wrap(words, letters):
            self.room(_LINE_MM)
            self.text(line, x)
            self.y += _LINE_MM

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names in a first column, their values in a second."""
        for name, value in pairs:
            self.room(_LINE_MM)
            self.text(name, colour=FAINT)
            self.lines(value, 42.0, 84)

    def save(self, path: Path) -> None:
        """Number the sheets and write them."""
        with PdfPages(path) as pages:
            for number, sheet in enumerate(self.sheets, 1):
                words = f"Type test report {self._report.number}"
                place = f"page {number} of {len(self.sheets)}"
                y = 1.0 - 287.0 / HEIGHT_MM
                sheet.text(_LEFT / WIDTH_MM, y, words, size=7.0, color=FAINT)
                sheet.text(_RIGHT / WIDTH_MM, y, place, size=7.0, color=FAINT, ha="right")
                pages.savefig(sheet)


def _first_page(paper: _Paper, report: TypeTestReport) -> None:
    paper.y += 4.0
    paper.text("Type test report", size=20.0, weight="bold")
    passes, fails = report.counted(Verdict.PASS), report.counted(Verdict.FAIL)
    word, colour = ("PASSED", GOOD) if report.passed else ("FAILED", BAD)
    frame = {"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": colour}
    paper.text(word, 167.0, size=15.0, colour=colour, weight="bold", ha="right", bbox=frame)
    paper.y += 7.0
    paper.text(report.title, size=11.0, weight="bold")
    paper.text(f"{passes} of {passes + fails} tests passed", 170.0, colour=FAINT, ha="right")
    paper.y += 5.0
    paper.text(f"Report {report.number}, {report.made:%d %B %Y, %H:%M %Z}", colour=FAINT)
    paper.y += 4.0
    paper.rule(INK, 1.6)
    paper.y += 3.0
    for words in (*put_in(report.meter), *(paper_words(report) if report.is_paper else ())):
        paper.y += 2.5
        paper.lines(words)
    paper.heading("Meter under test")
    paper.pairs(identification(report))
    paper.heading("Reference conditions and method")
    paper.pairs(conditions(report))
    paper.heading("Front end")
    paper.pairs(front_end_lines(report.meter))
    paper.heading("Calibration" if report.meter.calibrated else "Ratios of the drawing", 48.0)
    columns = ((0.0, "left"), (48.0, "right"), (84.0, "right"), (122.0, "right"), (165.0, "right"))
    head = ("channel", "gain [V, A]", "offset [counts]", "delay [µs]", "lead at 50 Hz [′]")
    _row(paper, columns, head, FAINT)
    for row in calibration_lines(report.meter):
        _row(paper, columns, row)
    for note in report.meter.notes:
        paper.lines(note)


def _signatures(paper: _Paper) -> None:
    paper.room(34.0)
    paper.y += 30.0
    for place, words in enumerate(("Tested by, date", "Checked by, date", "Approved by, date")):
        x = [(_LEFT + place * 60.0) / WIDTH_MM, (_LEFT + place * 60.0 + 50.0) / WIDTH_MM]
        y = 1.0 - (paper.y - 4.0) / HEIGHT_MM
        paper.sheets[-1].add_artist(Line2D(x, [y, y], color=INK, linewidth=0.8))
        paper.text(words, place * 60.0, size=7.0, colour=FAINT)


def _results(paper: _Paper, report: TypeTestReport) -> None:
    paper.turn()
    for section, results in report.sections.items():
        paper.heading(section.value, 26.0)
        head = ("test", "limit", "result", "U (95 %)", "verdict")
        _row(paper, _COLUMNS, head, FAINT)
        for result in results:
            if paper.y + _LINE_MM > _BOTTOM:
                paper.turn()
                _row(paper, _COLUMNS, head, FAINT)
            _result_row(paper, result)


def _result_row(paper: _Paper, result: Result) -> None:
    star = " *" if result.item.special else ""
    cells = (
        result.item.label + star, limit_text(result), value_text(result), uncertainty_text(result),
        result.verdict.value,
    )  # fmt: skip
    colours = {Verdict.PASS: GOOD, Verdict.FAIL: BAD, Verdict.INFORMATION: FAINT}
    _row(paper, _COLUMNS, cells, last=colours[result.verdict])


def _row(
    paper: _Paper,
    columns: Sequence[tuple[float, str]],
    cells: Sequence[str],
    colour: str = INK,
    last: str | None = None,
) -> None:
    """A line of a table, with a hair of a rule under it."""
    paper.room(_LINE_MM)
    for place, ((x, side), words) in enumerate(zip(columns, cells, strict=True)):
        ink = last if last is not None and place == len(cells) - 1 else colour
        paper.text(words, x, size=7.5, colour=ink, ha=side)
    paper.y += 1.4
    paper.rule("#edf0f2", 0.5)
    paper.y += _LINE_MM - 1.4


def _curve_pages(paper: _Paper, report: TypeTestReport) -> None:
    drawn = list(curves(report))
    for first in range(0, len(drawn), _CURVES_A_PAGE):
        figure = paper.turn()
        paper.heading("Error curves between their limits")
        for place, (section, title, results) in enumerate(drawn[first : first + _CURVES_A_PAGE]):
            column, row = place % 2, place // 2
            left = (_LEFT + 8.0 + column * 86.0) / WIDTH_MM
            bottom = 1.0 - (97.0 + row * 80.0) / HEIGHT_MM
            axes = figure.add_axes((left, bottom, 74.0 / WIDTH_MM, 58.0 / HEIGHT_MM))
            draw_curve(axes, report, title, results)
            if section is not Section.BALANCED:
                kind = "single-phase load" if section is Section.SINGLE_PHASE else ""
                axes.text(1.0, 1.005, kind, transform=axes.transAxes, ha="right", size=7,
                          color=FAINT)  # fmt: skip


def _influence_pages(paper: _Paper, report: TypeTestReport) -> None:
    shown = influence_results(report)
    for first in range(0, len(shown), _INFLUENCES_A_PAGE):
        results = shown[first : first + _INFLUENCES_A_PAGE]
        figure = paper.turn()
        paper.heading("Influence quantities, in percent of their limits")
        height = 5.0 * len(results) + 4.0
        axes = figure.add_axes(
            (
                (_LEFT + 88.0) / WIDTH_MM,
                1.0 - (paper.y + height) / HEIGHT_MM,
                82.0 / WIDTH_MM,
                height / HEIGHT_MM,
            )
        )
        draw_influences(axes, results)


def _scope(paper: _Paper, report: TypeTestReport) -> None:
    paper.turn()
    parts = (
        ("What is simulated", SIMULATED),
        ("What software cannot test", NOT_TESTED),
        ("Where the limits are from", report.meter.nameplate.accuracy.sources),
    )
    for title, lines in parts:
        paper.heading(title)
        for line in lines:
            paper.text("–")
            paper.lines(line, 4.0, 104)
            paper.y += 1.0
    paper.y += 3.0
    paper.lines(
        "* where a user asks for it. Results hold for the unit and the settings named above."
    )
    _signatures(paper)
