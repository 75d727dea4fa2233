"""The sheets: a PDF of several pages that opens."""

from pathlib import Path

import pytest

from addad.lab.type_test_pdf import write_pdf
from type_test_case import short_report


def test_sheets_are_written(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pdf(short_report(), path)
    octets = path.read_bytes()
    assert octets.startswith(b"%PDF-")
    assert octets.count(b"/Type /Page\n") + octets.count(b"/Type /Page ") >= 4


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="report"):
        write_pdf(short_report(), tmp_path / "none" / "report.pdf")
