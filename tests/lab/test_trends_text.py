"""Trends as numbers."""

import csv
import json
from pathlib import Path

import pytest

from addad.host.recording_files import opened
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.report import Report
from addad.lab.trends_text import write_trends
from addad.world.recording import ChoiceError, Reading


def _report(path: Path) -> Report:
    with opened(path, Reading()) as recording:
        return measure(plan(path.name, recording, Request()))


def test_a_table_has_a_row_a_window_with_uncertainties(data_dir: Path, tmp_path: Path) -> None:
    report = _report(data_dir / "waveforms/wisp_3.cfg")
    write_trends(report, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert float(rows[0]["u_l1_v"]) == pytest.approx(58.7, abs=0.1)
    assert 0.0 < float(rows[0]["u_l1_v_u95"]) < 0.05
    assert float(rows[0]["i_n_a"]) < 0.01
    assert rows[2]["frequency_hz"] == rows[2]["thd_u_l1"] == "", "a window with a step has none"
    assert {name.removesuffix("_u95") for name in rows[0] if name.endswith("_u95")} == {
        name for name in rows[0] if not name.endswith("_u95") and name != "time_s"
    }


def test_columns_for_a_program_have_half_cycles_too(data_dir: Path, tmp_path: Path) -> None:
    report = _report(data_dir / "waveforms/wisp_3.cfg")
    write_trends(report, tmp_path / "t.json")
    told = json.loads((tmp_path / "t.json").read_text())
    assert len(told["windows"]["time_s"]) == len(told["windows"]["p_total_w"]) == 9
    halves = told["half_cycles"]
    known = [value for value in halves["u_l3_highest_v"] if value is not None]
    assert max(known) == pytest.approx(68.7, abs=0.1)
    assert told["flicker"]["begin_s"] == []


def test_what_has_no_channel_has_no_column(data_dir: Path, tmp_path: Path) -> None:
    write_trends(_report(data_dir / "waveforms/009_ref.wav"), tmp_path / "t.csv")
    head = (tmp_path / "t.csv").read_text().splitlines()[0].split(",")
    assert head[:3] == ["time_s", "frequency_hz", "u_l1_v"]
    assert not [name for name in head if name.startswith(("p_", "i_", "u2", "u_l2"))]


def test_many_records_have_no_course(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ChoiceError, match="--item"):
        write_trends(_report(data_dir / "waveforms/plaid_125.npz"), tmp_path / "t.csv")
