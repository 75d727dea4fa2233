"""A report for other programs."""

import json
from pathlib import Path

import numpy as np
import pytest

from addad.host.recording_files import opened
from addad.lab.export import as_mapping, csv_header, csv_rows
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan


def _path(tmp_path: Path) -> Path:
    t = np.arange(3000) / 4000.0
    columns = [t, 325 * np.cos(2 * np.pi * 50 * t), 10 * np.cos(2 * np.pi * 50 * t)]
    path = tmp_path / "a.csv"
    np.savetxt(path, np.column_stack(columns), "%.9g", ",", header="t,u1,i1", comments="")
    return path


def test_the_mapping_is_plain_and_whole(tmp_path: Path) -> None:
    with opened(_path(tmp_path)) as recording:
        report = measure(plan("a.csv", recording, Request(nominal_voltage=230.0)))
    told = json.loads(json.dumps(as_mapping(report), allow_nan=False))
    phase = told["items"][0]["phases"]["L1"]
    assert phase["voltage"]["rms"] == pytest.approx(229.81, abs=0.01)
    assert phase["power"]["p_w"] == pytest.approx(1625.0, rel=1e-4)
    assert len(phase["voltage"]["harmonics"]) == 51
    assert phase["voltage"]["harmonics"][50] is None
    assert told["highest_harmonic"] == 36
    assert told["nominal_voltage_v"] == 230.0
    assert told["items"][0]["energy"]["active_import_uwh"] > 0


def test_rows_fit_their_header_and_windows_follow_each_other(tmp_path: Path) -> None:
    rows: list[list[str]] = []
    with opened(_path(tmp_path)) as recording:
        wanted = plan("a.csv", recording, Request())
        header = csv_header(wanted)
        measure(wanted, lambda *found: rows.extend(csv_rows(wanted, *found)))
    assert header[:6] == ["window", "start_s", "duration_s", "cycles", "frequency_hz", "u_l1_v"]
    assert "u_l2_v" not in header
    assert {len(row) for row in rows} == {len(header)}
    starts = [float(row[1]) for row in rows]
    ends = [start + float(row[2]) for start, row in zip(starts, rows, strict=True)]
    assert starts[1:] == pytest.approx(ends[:-1], abs=1e-6)
    assert float(rows[0][header.index("p_l1_w")]) == pytest.approx(1625.0, rel=1e-4)
    assert rows[-1][header.index("flags")] == "partial"
    within = float(rows[0][header.index("p_l1_w_u95")])
    assert 0.0 < within < 0.1
    assert header[-1] == "thd_i_l1_u95"
    assert "index_u95" not in header


def test_items_have_their_own_rows(data_dir: Path) -> None:
    rows: list[list[str]] = []
    with opened(data_dir / "waveforms/plaid_125.npz") as recording:
        wanted = plan("plaid_125.npz", recording, Request())
        measure(wanted, lambda *found: rows.extend(csv_rows(wanted, *found)))
    assert len(rows) == 125
    assert csv_header(wanted)[0] == "item"
    assert rows[124][0] == wanted.recording.items[124]
    assert rows[0][csv_header(wanted).index("frequency_hz")] in ("", "60")
