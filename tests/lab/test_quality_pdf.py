"""The sheets: every part of the report is on them, and short records make short reports."""

from dataclasses import replace
from pathlib import Path

import pytest

from addad.lab.quality_pdf import write_pdf
from quality_records import record, reported, usual_events, with_events


def _pages(path: Path) -> int:
    octets = path.read_bytes()
    assert octets.startswith(b"%PDF-")
    return octets.count(b"/Type /Page\n") + octets.count(b"/Type /Page ")


def test_a_week_is_set(tmp_path: Path) -> None:
    path = tmp_path / "week.pdf"
    write_pdf(reported(with_events(record(signalling=True), usual_events())), path)
    assert 5 <= _pages(path) <= 8


def test_what_was_not_measured_takes_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    made = record(0.0)
    name = r"a $\frac$ name & <more>"
    write_pdf(reported(replace(made, supply=replace(made.supply, name=name))), path)
    assert _pages(path) <= 4


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="week"):
        write_pdf(reported(record(0.0)), tmp_path / "none" / "week.pdf")
