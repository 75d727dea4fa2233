"""The tables of `addad type-test`."""

from dataclasses import replace

import pytest

from addad.cli.type_test_tables import print_report
from type_test_case import short_report


def test_every_test_is_a_row_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    report = short_report(current_error=0.005)
    print_report(report)
    out = capsys.readouterr().out
    assert all(result.item.label in out for result in report.results)
    assert out.count(" fail ") == 4
    assert "Gain error put in on purpose: +0.5 % on all currents." in out
    _, verdict = out.split("FAILED: 4 of 8 tests passed")
    assert sum(result.item.label in verdict for result in report.results) == 4
    assert verdict.count(", limit ±") == 4


def test_a_shortened_test_says_so_beside_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(short_report())
    out = capsys.readouterr().out
    assert "8 of 8 tests passed, shortened to the ends of each row" in out
    assert out.count("shortened") == 2
    print_report(replace(short_report(), fast=False))
    assert "shortened" not in capsys.readouterr().out
    print_report(replace(short_report(), profile="NM-06.4.001"))
    assert "shortened" not in capsys.readouterr().out  # the paper has seven points, always
