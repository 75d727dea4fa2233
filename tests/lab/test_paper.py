"""Sheets: filled from the top, turned when full, numbered, readable by a foreign program."""

import shutil
import subprocess
from pathlib import Path

import matplotlib as mpl
import pytest

from addad.lab.paper import BOTTOM, LINE_MM, STYLE, TOP, Paper


def test_a_full_sheet_is_turned_and_a_heading_stays_with_its_lines() -> None:
    paper = Paper("a report")
    assert not paper.room(BOTTOM - TOP)
    paper.y = BOTTOM - LINE_MM
    assert not paper.room(LINE_MM)
    paper.heading("what begins")
    assert len(paper.sheets) == 2
    assert paper.y < TOP + 10.0


def test_long_words_are_broken_and_go_on_over_sheets() -> None:
    paper = Paper("a report")
    paper.pairs([("name", "value " * 40)])
    after = paper.y
    assert after > TOP + 2 * LINE_MM
    paper.bullets(["many words " * 40] * 30)
    assert len(paper.sheets) > 1


def test_the_last_cell_has_its_colour() -> None:
    paper = Paper("a report")
    paper.row(((0.0, "left"), (50.0, "right")), ("a", "fails"), last="#b3261e")
    assert [t.get_color() for t in paper.sheets[0].texts] == ["#1d2430", "#b3261e"]


def test_axes_hang_from_the_line() -> None:
    paper = Paper("a report")
    place = paper.axes(0.0, 170.0, 40.0).get_position()
    assert place.y1 == pytest.approx(1.0 - TOP / 297.0)
    assert place.width == pytest.approx(170.0 / 210.0)


def test_sheets_are_numbered_and_their_text_can_be_searched(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        paper = Paper("report 12")
        paper.text(r"limit ≤ 8 % of $\frac$, a name")
        paper.turn()
        paper.save(path)
    assert path.read_bytes().startswith(b"%PDF-")
    program = shutil.which("pdftotext")
    if program is None:
        return
    done = subprocess.run([program, path, "-"], capture_output=True, text=True, check=True)
    for words in (r"limit ≤ 8 % of $\frac$", "report 12", "page 1 of 2", "page 2 of 2"):
        assert words in done.stdout


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"a\.pdf"):
        Paper("").save(tmp_path / "none" / "a.pdf")
