"""The sheets: a PDF of several pages that opens."""

from dataclasses import replace
from pathlib import Path

import pytest

from addad.lab.paper import Paper
from addad.lab.type_test_pdf import write_pdf
from type_test_case import short_report


def test_sheets_are_written(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pdf(short_report(), path)
    octets = path.read_bytes()
    assert octets.startswith(b"%PDF-")
    assert octets.count(b"/Type /Page\n") + octets.count(b"/Type /Page ") >= 4


def test_sheets_to_sign_say_that_a_test_was_shortened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    text = Paper.text

    def noted(paper: Paper, words: str, x: float = 0.0, **more: object) -> None:
        said.append(words)
        text(paper, words, x, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Paper, "text", noted)
    write_pdf(short_report(), tmp_path / "fast.pdf")
    assert "IEC 62053-22, class 0.2S, shortened to the ends of each row" in said
    said.clear()
    write_pdf(replace(short_report(), fast=False), tmp_path / "whole.pdf")
    assert "IEC 62053-22, class 0.2S" in said


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="report"):
        write_pdf(short_report(), tmp_path / "none" / "report.pdf")
