"""Sheets of A4 that are filled from the top, and a report's ink. No standard governs it.

Text is set line by line with what matplotlib has; every sheet has the report's name and its page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from addad.lab.whole_file import whole_file

INK, FAINT, RULE_LINE, HAIR_LINE = "#1d2430", "#66707c", "#d9dde2", "#edf0f2"
GOOD, BAD, LIMIT, SO_FAR = "#1f6f54", "#b3261e", "#b3261e", "#8a6216"
SHADE = "#f3f6f5"
STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": RULE_LINE,
    "axes.labelcolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#eceff1",
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "addad",
}

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 20.0, 190.0, 20.0, 275.0
LINE_MM = 4.6
_LETTERS_A_LINE = 108

Columns = Sequence[tuple[float, str]]
"""Where each column of a table stands [mm from the left margin], and to which side it is set."""


class Paper:
    """Sheets that are filled from the top; `y` is how far down the last one is [mm].

    `footer` stands at the foot of each, beside its page.
    """

    def __init__(self, footer: str) -> None:
        self._footer = footer
        self.sheets: list[Figure] = []
        self.y = 0.0
        self.turn()

    def turn(self) -> Figure:
        """Begin a new sheet."""
        figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4), facecolor="white")
        self.sheets.append(figure)
        self.y = TOP
        return figure

    def room(self, height: float) -> bool:
        """Turn the page where `height` [mm] is not left; says whether it did."""
        turned = self.y + height > BOTTOM
        if turned:
            self.turn()
        return turned

    def text(
        self, words: str, x: float = 0.0, *, size: float = 8.0, colour: str = INK, **more: object
    ) -> None:
        """Words at the present line, `x` [mm] from the left margin."""
        self.sheets[-1].text(
            (LEFT + x) / WIDTH_MM, 1.0 - self.y / HEIGHT_MM, words, size=size, color=colour,
            va="baseline", parse_math=False, **cast("Any", more),
        )  # fmt: skip

    def rule(
        self, colour: str = RULE_LINE, width: float = 0.7, span: tuple[float, float] = (0.0, 170.0)
    ) -> None:
        """A line at the present height, from and to [mm from the left margin]."""
        y = 1.0 - self.y / HEIGHT_MM
        x = [(LEFT + side) / WIDTH_MM for side in span]
        line = Line2D(x, [y, y], color=colour, linewidth=width, solid_capstyle="butt")
        self.sheets[-1].add_artist(line)

    def heading(self, words: str, needs: float = 22.0) -> None:
        """A part's title, with room for some lines behind it."""
        self.room(needs)
        self.y += 7.0 if self.y > TOP else 0.0
        self.text(words, size=11.0, weight="bold")
        self.y += 2.0
        self.rule()
        self.y += 5.0

    def lines(self, words: str, x: float = 0.0, letters: int = _LETTERS_A_LINE) -> None:
        """Running text, broken at the margin."""
        for line in textwrap.wrap(words, letters):
            self.room(LINE_MM)
            self.text(line, x)
            self.y += LINE_MM

    def bullets(self, lines: Iterable[str]) -> None:
        """Paragraphs, each behind a dash."""
        for line in lines:
            self.room(LINE_MM)
            self.text("–")
            self.lines(line, 4.0, 104)
            self.y += 1.0

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names in a first column, their values in a second."""
        for name, value in pairs:
            self.room(LINE_MM)
            self.text(name, colour=FAINT)
            self.lines(value, 42.0, 84)

    def row(
        self, columns: Columns, cells: Sequence[str], colour: str = INK, last: str | None = None,
        size: float = 7.5,
    ) -> None:  # fmt: skip
        """A line of a table, with a hair of a rule under it; `last` is its last cell's colour."""
        self.room(LINE_MM)
        for place, ((x, side), words) in enumerate(zip(columns, cells, strict=True)):
            ink = last if last is not None and place == len(cells) - 1 else colour
            self.text(words, x, size=size, colour=ink, ha=side)
        self.y += 1.4
        self.rule(HAIR_LINE, 0.5)
        self.y += LINE_MM - 1.4

    def axes(self, left: float, width: float, height: float) -> Axes:
        """Axes that hang from the present line [mm]; `y` stays where it is."""
        return self.sheets[-1].add_axes(
            (
                (LEFT + left) / WIDTH_MM,
                1.0 - (self.y + height) / HEIGHT_MM,
                width / WIDTH_MM,
                height / HEIGHT_MM,
            )
        )

    def save(self, path: Path) -> None:
        """Number the sheets and write them; OSError when that cannot be."""
        with whole_file(path) as file, PdfPages(file) as pages:
            for number, sheet in enumerate(self.sheets, 1):
                y = 1.0 - 287.0 / HEIGHT_MM
                place = f"page {number} of {len(self.sheets)}"
                sheet.text(
                    LEFT / WIDTH_MM, y, self._footer, size=7.0, color=FAINT, parse_math=False
                )
                sheet.text(RIGHT / WIDTH_MM, y, place, size=7.0, color=FAINT, ha="right")
                pages.savefig(sheet)
