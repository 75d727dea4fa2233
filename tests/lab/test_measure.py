"""Recordings measured: real ones against the manifest, made ones against their truth."""

import json
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.host.recording_files import opened
from addad.lab.export import as_mapping, csv_header, csv_rows
from addad.lab.measure import measure
from addad.lab.measure_plan import Plan, Request, plan
from addad.lab.report import Report
from addad.metrology import Window, WindowFlag
from addad.world.recording import Reading

RATE = 4000.0


def _csv(path: Path, seconds: float = 2.0, columns: str = "u1 [V],i1 [A]") -> Path:
    t = np.arange(int(seconds * RATE)) / RATE
    wave = {"u": 325.0 * np.cos(2 * np.pi * 50 * t), "i": 10.0 * np.cos(2 * np.pi * 50 * t - 0.5)}
    names = columns.split(",")
    samples = np.column_stack([t, *(wave[name[0].lower()] for name in names)])
    np.savetxt(path, samples, "%.9g", ",", header=f"time [s],{columns}", comments="")
    return path


def _measured(path: Path, request: Request | None = None, **reading: object) -> tuple[Plan, Report]:
    with opened(path, Reading(**reading)) as recording:  # type: ignore[arg-type]
        wanted = plan(path.name, recording, request or Request())
        return wanted, measure(wanted)


@pytest.fixture(scope="module")
def manifest(data_dir: Path) -> dict[str, dict[str, float]]:
    """RMS by channel of keating_1999."""
    entries = json.loads((data_dir / "MANIFEST.json").read_text("utf-8"))
    entry = next(e for e in entries if e["file"].startswith("waveforms/keating_1999"))
    return {each["ch"]: each for each in entry["measured"]}


def test_a_feeder_agrees_with_the_manifest(
    data_dir: Path, manifest: dict[str, dict[str, float]]
) -> None:
    _, report = _measured(data_dir / "waveforms/keating_1999.CFG")
    item = report.items[0]
    waves = [w for p in item.phases for w in (p.voltage, p.current) if w]
    assert {wave.channel for wave in waves} == {"U1", "U2", "U3", "I1", "I2", "I3", "I4"}
    for wave in waves:
        assert wave.rms == pytest.approx(manifest[wave.channel]["rms"], rel=1e-4)
    assert item.frequency.mean == pytest.approx(59.97, abs=0.01)
    assert "shorter than a window" in report.partial
    assert "whole" in report.partial
    assert report.highest_order == 50
    assert item.total is not None
    assert item.total.p == pytest.approx(sum(p.power.p for p in item.phases if p.power))


def test_a_dip_is_seen_in_its_windows(data_dir: Path) -> None:
    _, report = _measured(data_dir / "waveforms/wisp_3.cfg")
    voltage = report.items[0].phases[1].voltage
    assert voltage is not None
    assert voltage.highest == pytest.approx(58.90, abs=0.01)
    assert voltage.lowest < 2.0
    assert report.items[0].windows >= 8


def test_the_primary_side_multiplies_by_the_transformers(data_dir: Path) -> None:
    path = data_dir / "waveforms/wisp_3.cfg"
    found = [
        _measured(path, Request(side=side))[1].items[0].phases[0].voltage
        for side in ("", "primary")  # type: ignore[arg-type]
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert found[1].rms / found[0].rms == pytest.approx(190740.0 / 57.8, rel=1e-6)


def test_two_feeders_are_told_apart(data_dir: Path) -> None:
    path = data_dir / "waveforms/wisp_2.cfg"
    wanted, report = _measured(path, Request(circuit="2СШ-110_ВЛ_ВЛ1"))
    current = report.items[0].phases[2].current
    assert current is not None
    assert current.channel == "Ic_2СШ-110_ВЛ_ВЛ1"
    names = [wanted.recording.channels[c].name for c in wanted.columns[:3]]
    assert names == [f"U{p}_2СШ-110_ТН_110кВ" for p in "abc"]


@pytest.mark.parametrize("name", ["009_ref", "025_ref"])
def test_a_quarter_of_an_hour_of_frequency(data_dir: Path, name: str) -> None:
    entries = json.loads((data_dir / "MANIFEST.json").read_text("utf-8"))
    told = next(e for e in entries if e["file"] == f"waveforms/{name}.wav")["measured"]
    _, report = _measured(data_dir / f"waveforms/{name}.wav")
    frequency = report.items[0].frequency
    assert told["f10s_min"] < frequency.mean < told["f10s_max"]
    assert frequency.mean == pytest.approx(told["f10s_mean"], abs=1e-3)
    assert frequency.lowest_10s == pytest.approx(told["f10s_min"], abs=4e-3)
    assert frequency.highest_10s == pytest.approx(told["f10s_max"], abs=4e-3)
    voltage = report.items[0].phases[0].voltage
    assert voltage is not None
    assert voltage.rms == pytest.approx(told["rms_fs"], rel=1e-4)
    assert voltage.unit == "full scale"
    assert any("uncalibrated" in note for note in report.notes)


def test_a_hundred_and_twenty_five_appliances(data_dir: Path) -> None:
    _, report = _measured(data_dir / "waveforms/plaid_125.npz")
    assert len(report.items) == 125
    first = report.items[0]
    assert first.name == "0 (13)"
    assert not first.frequency.measured
    with np.load(data_dir / "waveforms/plaid_125.npz") as arrays:
        u, i = arrays["voltage_v"].astype(float), arrays["current_a"].astype(float)
    for k in (0, 1, 57, 124):
        power = report.items[k].total
        assert power is not None
        assert power.p == pytest.approx(float(np.mean(u[k] * i[k])), rel=1e-4)


def test_power_and_its_sign_are_the_truth(tmp_path: Path) -> None:
    _, report = _measured(_csv(tmp_path / "a.csv"))
    total = report.items[0].total
    assert total is not None
    assert total.p == pytest.approx(1625.0 * np.cos(0.5), rel=1e-4)
    assert total.q == pytest.approx(1625.0 * np.sin(0.5), rel=1e-4)
    _, turned = _measured(tmp_path / "a.csv", Request(scales=("i1=-1",)))
    assert turned.items[0].total is not None
    assert turned.items[0].total.p == pytest.approx(-total.p, rel=1e-9)
    assert turned.items[0].energy_uwh is not None
    assert turned.items[0].energy_uwh["active_import_uwh"] == 0


def test_voltage_or_current_alone_is_measured(tmp_path: Path) -> None:
    _, voltage = _measured(_csv(tmp_path / "u.csv", columns="u1 [V]"))
    assert voltage.items[0].total is None
    assert voltage.items[0].frequency.mean == pytest.approx(50.0, abs=1e-3)
    _, current = _measured(_csv(tmp_path / "i.csv", columns="i1 [A]"))
    phase = current.items[0].phases[0]
    assert phase.voltage is None
    assert phase.current is not None
    assert phase.current.rms == pytest.approx(10.0 / np.sqrt(2.0), rel=1e-5)
    assert current.items[0].frequency.mean == pytest.approx(50.0, abs=1e-3)
    assert any("no voltage" in note for note in current.notes)


def test_missing_samples_cost_their_windows_only(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv")
    lines = path.read_text().splitlines()
    lines[3000] = lines[3000].rsplit(",", 2)[0] + ",nan,nan"
    path.write_text("\n".join(lines))
    _, report = _measured(path)
    item = report.items[0]
    assert item.skipped == 1
    assert item.windows >= 8
    voltage = item.phases[0].voltage
    assert voltage is not None
    assert voltage.lowest == pytest.approx(voltage.highest, rel=1e-5)


def test_a_record_shorter_than_a_window_is_measured_where_it_is_whole(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", seconds=0.1)
    lines = path.read_text().splitlines()
    for k in (20, 21, 60):
        lines[k] = lines[k].rsplit(",", 2)[0] + ",nan,nan"
    path.write_text("\n".join(lines))
    _, report = _measured(path)
    item = report.items[0]
    voltage = item.phases[0].voltage
    assert voltage is not None
    assert voltage.rms == pytest.approx(325.0 / 2**0.5, rel=1e-6)
    assert report.measured_s == pytest.approx(0.08, rel=1e-6)
    assert item.flags & WindowFlag.GAP
    assert report.trend is not None
    assert report.trend.time[0] > 60 / RATE


def test_a_record_without_any_sample_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,u,k\n" + "".join(f"{k / RATE},nan,1\n" for k in range(900)))
    with pytest.raises(InputError, match="nothing could be measured"):
        _measured(path, Request(map="L1=u"))


def test_windows_and_progress_are_told_as_they_come(tmp_path: Path) -> None:
    windows: list[Window] = []
    marks: list[tuple[int, int]] = []
    path = _csv(tmp_path / "a.csv")
    with opened(path) as recording:
        wanted = plan("a.csv", recording, Request())
        measure(
            wanted,
            lambda window, _: windows.append(window),
            lambda done, total: marks.append((done, total)),
        )
    assert sum(len(window.meters) for window in windows) >= 9
    assert marks[-1] == (8000, 8000)


def test_no_frequency_means_no_distortion(data_dir: Path) -> None:
    path = data_dir / "waveforms/keating_1999.CFG"
    wanted, report = _measured(path, rate=100_000.0)
    phase = report.items[0].phases[0]
    assert phase.voltage
    assert phase.current
    assert np.isnan([report.items[0].frequency.mean, phase.voltage.thd, phase.current.thd]).all()
    assert phase.voltage.rms > 300.0
    assert "--rate" in report.notes[-1]
    mapping = json.dumps(as_mapping(report))
    assert mapping.count('"thd_percent": null') == 2 * 7, "values, and their uncertainties"
    rows: list[list[str]] = []
    with opened(path, Reading(rate=100_000.0)) as recording:
        wanted = plan(path.name, recording, Request())
        measure(wanted, lambda *found: rows.extend(csv_rows(wanted, *found)))
    thd = [k for k, name in enumerate(csv_header(wanted)) if name.startswith("thd_")]
    assert {row[k] for row in rows for k in thd} == {""}


def test_a_rate_that_is_off_and_a_jump_of_time_are_told_and_flagged(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv")
    _, good = _measured(path)
    assert not good.items[0].flags & (WindowFlag.SAMPLE_RATE_OFF | WindowFlag.CLOCK_JUMP)
    _, report = _measured(path, rate=1.01 * RATE)
    assert report.items[0].flags & WindowFlag.SAMPLE_RATE_OFF
    assert any("frequency and energy are off" in note for note in report.notes)
    lines = path.read_text().splitlines()
    jumped = [lines[0], *lines[1:4001], *(_later(line, 0.3) for line in lines[4001:])]
    path.write_text("\n".join(jumped))
    seen: list[Window] = []
    with opened(path) as recording:
        wanted = plan(path.name, recording, Request())
        report = measure(wanted, lambda found, _: seen.append(found))
    starts = np.concatenate([window.start_s for window in seen])
    flags = np.concatenate([window.flags for window in seen])
    flagged = starts[flags & int(WindowFlag.CLOCK_JUMP) != 0].tolist()
    assert len(flagged) == 1
    assert 0.8 <= flagged[0] <= 1.0
    assert any("+0.3 s at sample 4000" in note for note in report.notes)


def _later(line: str, seconds: float) -> str:
    time, _, rest = line.partition(",")
    return f"{float(time) + seconds:.6f},{rest}"
