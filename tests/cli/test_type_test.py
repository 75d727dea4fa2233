"""`addad type-test`: what it prints and writes, what it refuses, and with which exit code."""

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from addad.cli import type_test
from addad.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command with arguments; gives exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main(["type-test", *map(str, arguments)])
        except SystemExit as bad_use:
            code = int(bad_use.code or 0)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


PAPER = ("--standard", "NM-06.4.001", "--class", "1", "--processes", "1")


def test_the_papers_points_pass_and_are_written(run: Run, tmp_path: Path) -> None:
    code, out, err = run(*PAPER, "--json", tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert code == 0
    assert "PASSED: 7 of 7" in out
    assert "±0.5 %" in out
    assert "r.html" in err
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert found["paper"]["claimed_percent"] == 0.5
    assert all(abs(r["value"]) < 0.5 for r in found["results"])
    assert "NM 06.4.001" in (tmp_path / "r.html").read_text("utf-8")


def test_a_full_place_keeps_no_other_report_back(run: Run, tmp_path: Path) -> None:
    code, out, err = run(*PAPER, "--json", "/dev/full", "--html", tmp_path / "r.html")
    assert code == 2
    assert "PASSED: 7 of 7" in out
    assert "/dev/full: No space left on device; choose another place" in err
    assert (tmp_path / "r.html").exists()


def test_a_phase_error_fails_where_the_power_factor_is_low(run: Run) -> None:
    code, out, _ = run(*PAPER, "--ct-phase-error", "90'")
    assert code == 1
    assert "FAILED: 4 of 7" in out
    assert "+90′ on all currents" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--standard", "62053-22", "--class", "1"), "0.2S, 0.5S"),
        (("--standard", "62053-22", "--class", "0.2S", "--connection", "direct"), "transformer"),
        (("--standard", "62053-99", "--class", "1"), "62053-21"),
        ((*PAPER, "--gain-error", "0.5"), "0.5%"),
        ((*PAPER, "--ct-phase-error", "30"), "30' or 0.5°"),
        ((*PAPER, "--current", "80(5)"), "5(80)"),
        ((*PAPER, "--html", "/nowhere/r.html"), "no folder"),
        ((*PAPER, "--pdf", "/"), "name a file in it"),
        ((*PAPER, "--processes", "0"), "1 or more"),
        ((*PAPER, "--constant", "0"), "constant"),
        ((*PAPER, "--constant", "1"), "a larger meter constant"),
        ((*PAPER, "--constant", "9999999"), "a smaller meter constant"),
        ((*PAPER, "--voltage", "100000"), "at most 1000 V"),
        ((*PAPER, "--voltage", "nan"), "above zero"),
        ((*PAPER, "--current", "0.5(900)"), "which no meter has"),
        ((*PAPER, "--current", "0.0001(1)"), "0.1 and 1000 A"),
        ((*PAPER, "--seed", "-1"), "from 0 on"),
        ((*PAPER, "--seed", "9" * 19), "below 10^18"),
        ((*PAPER, "--front-end", "ideal", "--pole-error", "10%"), "no filter"),
        ((*PAPER, "--gain-error", "L4=1%"), "L1, L2, L3"),
    ],
)
def test_bad_use_is_told_with_the_cure(run: Run, arguments: tuple[str, ...], words: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert words in err


def test_negative_errors_need_no_equals_sign(run: Run) -> None:
    code, out, _ = run(*PAPER, "--ct-phase-error", "-90'", "--gain-error", "-0.1%")
    assert code == 1
    assert "-90′ on all currents" in out
    assert "-0.1 % on all currents" in out
    assert "tan φ · δ: δ = -90′ makes -4.57 % at cos φ 0.5" in " ".join(out.split())


def test_two_reports_do_not_go_to_one_file(run: Run, tmp_path: Path) -> None:
    code, _, err = run(*PAPER, "--html", tmp_path / "r", "--json", tmp_path / "." / "r")
    assert code == 2
    assert "each its own" in err


def test_angles_and_shares() -> None:
    assert type_test.angle("30'") == pytest.approx(math.radians(0.5))
    assert type_test.angle("-0.5°") == pytest.approx(math.radians(-0.5))
    assert type_test.share("0.5%") == pytest.approx(0.005)
    assert type_test.current("5(80) A") == (5.0, 80.0)
    assert type_test.shares("l2=0.5%, L3=-1%") == pytest.approx((0.0, 0.005, -0.01))
    assert type_test.angles("30'") == pytest.approx(math.radians(0.5))
    for wrong in ("L4=1%", "L1=1%,L1=2%"):
        with pytest.raises(argparse.ArgumentTypeError, match="L1, L2, L3"):
            type_test.shares(wrong)
    with pytest.raises(argparse.ArgumentTypeError, match="20%"):
        type_test.share("30%")
