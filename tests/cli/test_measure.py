"""`addad measure`: what it prints, what it refuses, and with which exit code."""

import argparse
import builtins
import csv
import importlib.util
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from addad.cli import measure

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command with arguments; gives exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser(prog="addad")
        measure.add_parser(parser.add_subparsers(dest="command"))
        try:
            code = measure.run(parser.parse_args(["measure", *map(str, arguments)]))
        except SystemExit as bad_use:
            code = int(bad_use.code or 0)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


@pytest.fixture
def feeder(data_dir: Path) -> Path:
    """A recording of a real low-voltage feeder."""
    return data_dir / "waveforms/keating_1999.CFG"


@pytest.fixture
def copy(feeder: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    for path in (feeder, feeder.with_suffix(".DAT")):
        shutil.copyfile(path, tmp_path / path.name)
    return tmp_path / feeder.name


def test_the_table_tells_values_guess_and_window(run: Run, feeder: Path) -> None:
    code, out, err = run(feeder)
    assert (code, err) == (0, "")
    for words in (
        "348.95 ",
        "59.9711 ± 0.0027 Hz",
        "L1 = U1 : I1",
        "4 cycles",
        "143.64",
        "whole record",
    ):
        assert words in out
    assert "--map corrects" in out
    assert max(len(line) for line in out.splitlines()) <= 118


def test_the_data_file_opens_the_recording_too(run: Run, feeder: Path) -> None:
    told = run(feeder.with_suffix(".DAT"))[1].splitlines()[2:]
    assert told == run(feeder)[1].splitlines()[2:]


def test_json_is_one_document(run: Run, feeder: Path) -> None:
    code, out, _ = run(feeder, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["items"][0]["phases"]["L2"]["voltage"]["rms"] == pytest.approx(352.22392, rel=1e-4)


def test_csv_is_a_row_a_window(run: Run, data_dir: Path) -> None:
    code, out, _ = run(data_dir / "waveforms/wisp_3.cfg", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows) >= 8
    voltages = [float(row["u_l2_v"]) for row in rows]
    assert max(voltages) > 58.0
    assert min(voltages) < 2.0


def test_a_dip_is_told(run: Run, data_dir: Path) -> None:
    out = run(data_dir / "waveforms/wisp_3.cfg", "--nominal", "57.7V/50Hz")[1]
    assert re.search(
        r"1 +dip +0\.46\d s +≥ 1\.2\d+ s +0\.0\d+ ± 0\.0\d+ V +0\.0\d ± 0\.\d+ %  +L1 L2 L3", out
    )
    assert "events against 57.7 V (--nominal)" in out
    assert "U lowest" in out
    assert "102.1 %" in out


def test_an_event_is_cut_out_as_comtrade(run: Run, data_dir: Path, tmp_path: Path) -> None:
    relay = data_dir / "waveforms/wisp_3.cfg"
    whole = json.loads(run(relay, "--json")[1])
    for name, revision, files in (
        ("dip.cfg", "2013", ("dip.cfg", "dip.dat")),
        ("DIP.CFG", "1999", ("DIP.CFG", "DIP.DAT")),
        ("one.cff", "2013", ("one.cff",)),
    ):
        out = tmp_path / name
        code, _, err = run(relay, "--excerpt", "event:3", "--comtrade", out, "--revision", revision)
        assert code == 0
        assert "samples of 24 channels" in err
        assert all((tmp_path / file).is_file() for file in files)
        again = json.loads(run(out, "--json", "--nominal", "58.73V")[1])
        assert again["format"].startswith(f"COMTRADE {revision}")
        kinds = [event["kind"] for event in again["events"]]
        assert kinds[0] == "dip"
        assert "interruption" in kinds
        assert again["start"][:23] > whole["start"][:23]


def test_trends_are_drawn(run: Run, data_dir: Path, tmp_path: Path) -> None:
    relay = data_dir / "waveforms/wisp_3.cfg"
    code, _, err = run(relay, "--trends", tmp_path / "t.png")
    assert (code, err) == (0, f"trends: {tmp_path / 't.png'}\n")
    assert (tmp_path / "t.png").read_bytes()[:4] == b"\x89PNG"


def test_the_list_names_every_channel_and_circuit(run: Run, data_dir: Path) -> None:
    code, out, _ = run(data_dir / "waveforms/wisp_2.cfg", "--list")
    assert code == 0
    assert "55   3Io_110кВ_ОВМ" in out
    assert "--circuit '2СШ-110_ВЛ_ВЛ1'" in out


@pytest.mark.parametrize("option", ["--plot", "--trends", "--comtrade"])
def test_a_list_writes_nothing_and_says_so(
    run: Run, feeder: Path, tmp_path: Path, option: str
) -> None:
    suffix = "cfg" if option == "--comtrade" else "png"
    code, _, err = run(feeder, "--list", option, tmp_path / f"out.{suffix}")
    assert code == 2
    assert f"--list measures nothing, so there is nothing for {option}" in err


def test_items_are_a_table_or_one_record(run: Run, data_dir: Path) -> None:
    path = data_dir / "waveforms/plaid_125.npz"
    code, out, _ = run(path)
    assert code == 0
    assert len(re.findall(r"^ \d+ \(\d+\)", out, re.MULTILINE)) == 125
    assert "is assumed" in out
    assert "item 7 (1)" in run(path, "--item", 7)[1]
    assert run(path, "--item", 125)[0] == 2
    for noise in (74, 97):
        assert "flows out" not in run(path, "--item", noise)[1]
    assert "sits the wrong way round" in run(path, "--item", 6, "--scale", "current_a=-1")[1]


def test_the_sheet_is_drawn(run: Run, feeder: Path, tmp_path: Path) -> None:
    code, _, err = run(feeder, "--plot", tmp_path / "out.png")
    assert code == 0
    assert "out.png" in err
    assert (tmp_path / "out.png").stat().st_size > 50_000


@pytest.mark.parametrize(
    "arguments",
    [
        ("--map", "L1=U9:I1"),
        ("--map", "L7=U1"),
        ("--scale", "X*=2"),
        ("--scale", "U*"),
        ("--circuit", "nowhere"),
        ("--nominal", "400Hz"),
        ("--nominal", "much"),
        ("--nominal", "0V"),
        ("--nominal", "230V/0Hz"),
        ("--section", "4"),
        ("--encoding", "klingon"),
        ("--rate", "-1"),
        ("--plot", "out.pdf"),
        ("--plot", "/no/such/folder/out.png"),
        ("--json", "--csv"),
        ("--map", "L1=U1", "--circuit", "x"),
    ],
)
def test_bad_use_is_exit_2(run: Run, feeder: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = run(feeder, *arguments)
    assert code == 2
    assert not out
    assert "addad measure: " in err
    assert "Traceback" not in err


def _missing_companion(path: Path) -> None:
    path.with_suffix(".DAT").unlink()


def _fewer_samples(path: Path) -> None:
    data = path.with_suffix(".DAT")
    data.write_bytes(b"".join(data.read_bytes().splitlines(keepends=True)[:900]))


def _more_samples(path: Path) -> None:
    data = path.with_suffix(".DAT")
    data.write_bytes(data.read_bytes().rstrip(b"\x1a") * 2)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _no_recording(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x00\x01")


def _damaged_row(path: Path) -> None:
    data = path.with_suffix(".DAT")
    data.write_bytes(data.read_bytes().replace(b"\n1000,,", b"\n1000,,x", 1))


def _absent(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_missing_companion, "keating_1999.dat is not beside it"),
        (_fewer_samples, "states 2048 samples, the data file holds 900"),
        (_more_samples, "states 2048 samples, the data file holds 4096"),
        (_empty, "the file is empty"),
        (_no_recording, "second line should count the channels"),
        (_damaged_row, "line 1000"),
        (_absent, "No such file"),
        (_folder, "irectory"),
    ],
)
def test_a_bad_file_is_exit_1_and_one_clear_line(
    run: Run, copy: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(copy)
    code, out, err = run(copy)
    assert code == 1
    assert not out
    assert message in err
    assert err.startswith("addad measure: ")
    assert len(err.strip().splitlines()) == 1


def test_what_is_left_of_a_truncated_file_can_be_measured(run: Run, copy: Path) -> None:
    _fewer_samples(copy)
    code, out, _ = run(copy, "--allow-wrong-count")
    assert code == 0
    assert "900 are read" in out


@pytest.mark.parametrize(
    ("module", "arguments", "cure"),
    [
        ("numba", (), "pip install 'addad[meter]'"),
        ("numpy", (), "pip install 'addad[meter]'"),
        ("matplotlib", ("--plot", "x.png"), "pip install 'addad[plot]'"),
    ],
)
def test_a_missing_extra_is_named(
    run: Run,
    feeder: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    arguments: tuple[str, ...],
    cure: str,
) -> None:
    found = importlib.util.find_spec

    def absent(name: str, package: str | None = None) -> object:
        return None if name == module else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    code, _, err = run(feeder, *arguments)
    assert code == 2
    assert cure in err


def test_a_bar_runs_on_a_terminal(
    run: Run, feeder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    code, out, err = run(feeder)
    assert code == 0
    assert "measuring keating_1999.CFG" in err
    assert "measuring" not in out


def test_declaring_the_command_imports_no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    plain = builtins.__import__

    def watched(name: str, *rest: object, **named: object) -> object:
        loaded.append(name)
        return plain(name, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", watched)
    parser = argparse.ArgumentParser()
    measure.add_parser(parser.add_subparsers())
    assert not {name for name in loaded if name.split(".")[0] in ("numpy", "numba", "rich")}


@pytest.mark.parametrize(
    ("text", "volts", "hertz"),
    [
        ("230V/50Hz", 230.0, 50.0),
        ("11kV", 11_000.0, None),
        ("60 Hz", None, 60.0),
        ("57.7v/50hz", 57.7, 50.0),
    ],
)
def test_nominal_values_are_read(text: str, volts: float | None, hertz: float | None) -> None:
    assert measure.nominal(text) == (volts, hertz)


@pytest.mark.parametrize("text", ["", "230", "V", "50", "230V50"])
def test_nominal_values_need_their_units(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        measure.nominal(text)


def test_missing_samples_are_told(run: Run, tmp_path: Path) -> None:
    t = np.arange(8000) / 4000.0
    u = 325 * np.cos(2 * np.pi * 50 * t)
    u[3000] = np.nan
    path = tmp_path / "a.csv"
    np.savetxt(path, np.column_stack([t, u]), "%.9g", ",", header="t,u1", comments="")
    code, out, _ = run(path)
    assert code == 0
    assert re.search(r"1 of \d+ windows hold samples that are missing", out)


def test_a_crossed_map_is_told_in_every_output(run: Run, feeder: Path) -> None:
    words = "takes I1 as the voltage of L1"
    _, table, _ = run(feeder, "--map", "L1=I1:U1")
    assert words in table
    _, text, _ = run(feeder, "--map", "L1=I1:U1", "--json")
    assert any(words in note for note in json.loads(text)["notes"])
    _, rows, err = run(feeder, "--map", "L1=I1:U1", "--csv")
    assert words in err
    assert words not in rows


def test_trends_as_numbers_and_never_over_the_recording(
    run: Run, data_dir: Path, tmp_path: Path
) -> None:
    relay = data_dir / "waveforms/wisp_3.cfg"
    code, _, err = run(relay, "--trends", tmp_path / "t.csv")
    assert (code, err) == (0, f"trends: {tmp_path / 't.csv'}\n")
    assert (tmp_path / "t.csv").read_text().startswith("time_s,frequency_hz,")
    own = tmp_path / "own.csv"
    own.write_text("u1,i1\n" * 9)
    code, _, err = run(own, "--trends", own)
    assert code == 2
    assert "that is the recording itself" in err
    code, _, err = run(relay, "--trends", tmp_path / "t.xlsx")
    assert (code, "or with .csv or .json" in err) == (2, True)


def test_an_accuracy_widens_the_uncertainties_and_is_named(run: Run, feeder: Path) -> None:
    alone = json.loads(run(feeder, "--json")[1])
    stated = "U=0.2%/10min,I=0.5%/30min,clock=20ppm"
    known = json.loads(run(feeder, "--json", "--accuracy", stated)[1])
    assert (alone["uncertainty"]["front_end"], known["uncertainty"]["front_end"]) == (None, stated)
    assert "nobody stated it" in alone["uncertainty"]["told"]
    narrow, wide = (
        each["items"][0]["phases"]["L1"]["voltage"]["uncertainty"]["rms"] for each in (alone, known)
    )
    assert wide == pytest.approx((narrow**2 + (2 * 0.002 / 3**0.5 * 348.95) ** 2) ** 0.5, rel=1e-3)
    code, _, err = run(feeder, "--accuracy", "U=lots")
    assert (code, "write it like U=0.2%/10min" in err) == (2, True)


def test_a_list_has_the_digital_channels_too(run: Run, data_dir: Path) -> None:
    out = run(data_dir / "waveforms/wisp_3.cfg", "--list")[1]
    assert "digital channel" in out
    assert re.search(r"51 +BREAKER 1 CLOSED", out)
