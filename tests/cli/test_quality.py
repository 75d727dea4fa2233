"""`addad quality`: what it prints and writes, what it refuses, and with which exit code."""

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import comtrade
import numpy as np
import pytest

from addad.cli import quality
from addad.cli.main import main
from addad.lab.quality_archive import load, save
from quality_records import DECLARED, record, usual_events, with_events

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command with arguments; gives exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main(["quality", *map(str, arguments)])
        except SystemExit as bad_use:
            code = int(bad_use.code or 0)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


@pytest.fixture
def week(tmp_path: Path) -> Path:
    path = tmp_path / "week.pq"
    save(with_events(record(signalling=True), usual_events()), path)
    return path


def _recording(path: Path) -> Path:
    rate = 1_000.0
    t = np.arange(4_000) / rate
    angle = 2.0 * np.pi * (50.0 * t[:, None] - np.arange(3) / 3.0)
    u = 325.3 * np.sin(angle)
    u[2_000:2_200, 0] *= 0.6
    np.savez(path, fs=rate, u1=u[:, 0], u2=u[:, 1], u3=u[:, 2])
    return path


def test_a_kept_week_makes_everything(run: Run, week: Path, tmp_path: Path) -> None:
    page, sheets, again = (tmp_path / name for name in ("a page.html", "a.pdf", "again.pq"))
    code, out, err = run(week, "--html", page, "--pdf", sheets, "--save", again, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["verdict"] == "conforms"
    assert str(page) in err
    text = page.read_text("utf-8")
    link = "a%20page-events/event-001-dip-20260601T010140Z.cfg"
    assert f'href="{link}"' in text
    read = comtrade.load(told["events"][0]["comtrade"])
    assert read.total_samples == 400
    assert sheets.read_bytes().startswith(b"%PDF")
    assert load(again).supply == load(week).supply


def test_a_week_that_fails_ends_with_1(run: Run, tmp_path: Path) -> None:
    made = record()
    low = np.full_like(made.ten.voltage, 0.8 * DECLARED)
    save(replace(made, ten=replace(made.ten, voltage=low)), tmp_path / "low.pq")
    code, out, _ = run(tmp_path / "low.pq")
    assert code == 1
    assert "FAILS: 2 of" in out
    assert "Not met: supply voltage (95 % of a week) on L1 L2 L3" in " ".join(out.split())


def test_a_short_recording_is_no_verdict_and_leaves_its_dip(run: Run, tmp_path: Path) -> None:
    events = tmp_path / "kept"
    path = _recording(tmp_path / "a.npz")
    code, out, err = run(path, "--events", events, "--nominal", "230V")
    assert code == 0
    assert "NO VERDICT: 4 s of 7 days" in out
    assert "1 event" in out
    assert "events: 1 waveforms" in err
    assert len(list(events.glob("event-001-dip-*.dat"))) == 1
    code, out, _ = run(path, "--for", "1s", "--signalling", "175", "--island")
    assert "dip" not in out


def test_a_house_and_its_record(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "house.pq"
    scenario = "+3 voltage_dip 0.6 L1, +3.2 voltage_return"
    code, out, _ = run(
        "--site", "--for", "8s", "--start", "2026-06-01", "--scenario", scenario, "--save", kept,
        "--processes", 1, "--no-panels", "--seed", 5,
    )  # fmt: skip
    assert code == 0
    assert "Simulated house, seed 5" in out
    assert "1 event" in out
    code, again, _ = run(kept)
    assert again == out


def test_disturbances_are_drawn(run: Run) -> None:
    code, out, _ = run("--site", "--for", "4s", "--start", "2026-06-01", "--disturbed")
    assert code == 0
    assert "drawn from the seed" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give a recording"),
        (("a.cfg", "--site"), "give a recording"),
        (("none.cfg",), "cannot be read"),
        (("none.pq",), "cannot be read"),
        (("none.xyz",), "none.xyz"),
        (("a.cfg", "--disturbed"), "--disturbed says nothing of a recording"),
        (("a.cfg", "--seed", "2"), "--seed says nothing"),
        (("week.pq", "--for", "1d"), "--for says nothing of week.pq, which was measured already"),
        (("--site", "--map", "L1=U1"), "--map says nothing of the simulated house"),
        (("--site", "--for", "8d"), "up to a week"),
        (("--site", "--for", "soon"), "7d, 36h"),
        (("--site", "--seed", "-1"), "give a number from 0"),
        (("--site", "--primary"), "--primary says nothing"),
        (("--site", "--start", "tomorrow"), "is no day"),
        (("--site", "--scenario", "+1 jump"), "no action"),
        (("--site", "--scenario", "x", "--disturbed"), "not allowed with"),
        (("--site", "--processes", "0"), "1 or more"),
        (("--site", "--signalling", "50"), "100 to 3000"),
        (("--site", "--html", "/nowhere/a.html"), "there is no folder"),
        (("--site", "--html", "/"), "folder"),
        (("--site", "--save", "a.npz"), "name it with .pq"),
        (("--site", "--html", "a.html", "--pdf", "a.html"), "each its own file"),
    ],
)
def test_bad_use_is_told_with_the_cure(
    run: Run, arguments: tuple[str, ...], words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*arguments)
    assert code == 2
    assert words in err
    assert list(tmp_path.iterdir()) == []


def test_what_is_read_is_not_written_over(run: Run, tmp_path: Path) -> None:
    path = _recording(tmp_path / "a.npz")
    before = path.read_bytes()
    code, _, err = run(path, "--html", path)
    assert code == 2
    assert "is what is read" in err
    assert path.read_bytes() == before
    (tmp_path / "file").write_text("")
    code, _, err = run(path, "--events", tmp_path / "file")
    assert (code, "is no folder" in err) == (2, True)


def test_a_damaged_record_is_one_line(run: Run, week: Path) -> None:
    week.write_bytes(week.read_bytes()[:-5_000])
    code, out, err = run(week)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1


def test_a_place_that_fills_up_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(record(0.0), tmp_path / "a.pq")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "a.html")

    monkeypatch.setattr(Path, "replace", full)
    code, _, err = run(tmp_path / "a.pq", "--html", tmp_path / "a.html")
    assert code == 2
    assert "No space left on device; choose another place" in err


def test_a_full_place_loses_nothing_that_was_measured(run: Run, week: Path, tmp_path: Path) -> None:
    sheets, kept = tmp_path / "a.pdf", tmp_path / "again.pq"
    code, out, err = run(
        week, "--html", "/dev/full", "--events", tmp_path / "e", "--pdf", sheets, "--save", kept
    )
    assert code == 2
    assert "CONFORMS" in out
    assert "/dev/full: No space left on device; choose another place" in err
    assert sheets.exists()
    assert kept.exists()


def test_options_in_the_page_on_quality_are_real(run: Run) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "quality.md").read_text("utf-8")
    _, shown, _ = run("--help")
    assert [w for w in re.findall(r"--[a-z][a-z-]*", page) if w not in shown] == []


def test_spans_and_carriers() -> None:
    assert quality.span("36h") == 129_600.0
    assert quality.span("20 min") == 1_200.0
    assert quality.span("7d") == 604_800.0
    assert quality.carrier("175") == 175.0
    with pytest.raises(argparse.ArgumentTypeError, match="up to a week"):
        quality.span("0s")
