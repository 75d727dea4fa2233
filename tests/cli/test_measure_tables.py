"""The tables of `addad measure`, for readings that real files do not give."""

import dataclasses
import re

import numpy as np
import pytest

from addad.cli.measure_tables import print_report
from addad.lab.report import Frequency, ItemReport, PhaseReport, Power, Report, Wave
from addad.world.channel_map import ChannelMap
from addad.world.recording import RecordedChannel, Recording

NAN = float("nan")


def _report(
    power: float = 100.0, unit: str = "V", frequency: float = 50.0, amperes: float = 1e-4
) -> Report:
    harmonics = np.zeros(51)
    harmonics[1] = 230.0
    voltage = Wave("u[1]", unit, 230.0, 229.0, 231.0, 0.01, 0.0, harmonics)
    current = Wave("i[1]", "A" if unit == "V" else unit, amperes, 0.0, NAN, NAN, NAN, harmonics)
    powers = Power(power, -5.0, 200.0, power / 200.0)
    channels = tuple(RecordedChannel(name) for name in ("u[1]", "i[1]"))
    recording = Recording("test", 1000.0, 10_000, channels, lambda columns, count: iter(()))
    item = ItemReport(
        "", 50, 0, Frequency(frequency, frequency, frequency, NAN, NAN, True),
        (PhaseReport("L1", voltage, current, powers),), powers,
        {f"{name}": 1 for name in (
            "active_import_uwh", "active_export_uwh", "reactive_q1_uvarh", "reactive_q2_uvarh",
            "reactive_q3_uvarh", "reactive_q4_uvarh")}, 0,
    )  # fmt: skip
    return Report(
        "a.csv", recording, ChannelMap((0, None, None), (1, None, None)), (None, 50.0), 10,
        10.0, "", 20, (item,), ("a note",),
    )  # fmt: skip


def _printed(capsys: pytest.CaptureFixture[str], report: Report) -> str:
    print_report(report, guessed=True)
    return capsys.readouterr().out


def test_names_with_brackets_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "L1 = u[1] : i[1]" in _printed(capsys, _report())


def test_what_is_unknown_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    out = _printed(capsys, _report(frequency=NAN))
    assert "—" in out
    assert "no window had a steady voltage" in out
    assert "nan" not in out


def test_power_that_flows_out_is_hinted_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--scale 'I*=-1'" in _printed(capsys, _report(power=-100.0, amperes=0.5))
    assert "--scale" not in _printed(capsys, _report(power=100.0, amperes=0.5))


def test_power_that_may_be_noise_is_no_hint(capsys: pytest.CaptureFixture[str]) -> None:
    for report in (
        _report(power=-100.0, amperes=0.011),
        _report(power=-30.0, amperes=0.5),  # of 200 VA
        _report(power=-100.0, amperes=0.5, frequency=NAN),
    ):
        assert "--scale" not in _printed(capsys, report)
    report = _report(power=-100.0, amperes=0.5)
    (item,) = report.items
    (phase,) = item.phases
    within = dataclasses.replace(item.total, uncertainty=Power(110.0, 1.0, 1.0, 0.1))
    phases = (dataclasses.replace(phase, power=within),)
    items = (dataclasses.replace(item, phases=phases),)
    assert "--scale" not in _printed(capsys, dataclasses.replace(report, items=items))


def test_uncalibrated_power_has_no_watts(capsys: pytest.CaptureFixture[str]) -> None:
    assert "P W" in _printed(capsys, _report())
    out = _printed(capsys, _report(unit="full scale"))
    assert "P W" not in out
    assert "U FS" in out


def test_the_highest_order_and_the_notes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    out = _printed(capsys, _report())
    assert "harmonics and THD to order 20, the highest below 0.45 of the sampling rate" in out
    assert "a note" in out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0667, "66.7 ms"), (16.4, "16.4 s"), (599.98, "10 min 0.0 s"), (761.94, "12 min 41.9 s")],
)
def test_a_span_has_a_unit_that_suits(
    capsys: pytest.CaptureFixture[str], seconds: float, text: str
) -> None:
    report = dataclasses.replace(_report(), measured_s=seconds)
    assert f"energy over {text}:" in _printed(capsys, report)


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_narrow_terminal_cuts_no_number(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    out = re.sub(r"\x1b\[[0-9;]*m", "", _printed(capsys, _report()))
    assert "…" not in out.replace(" … ", "")
    for number in ("230.000", "100.000", "-5.000", "200.000", "0.5000", "1.000"):
        assert number in out
    assert max(map(len, out.splitlines())) <= max(columns, 60)


def test_currents_are_turned_round_by_their_own_names(capsys: pytest.CaptureFixture[str]) -> None:
    report = _report(power=-100.0, amperes=0.5)
    channels = tuple(RecordedChannel(name) for name in ("F5-VA", "F1 IA"))
    recording = dataclasses.replace(report.recording, channels=channels)
    out = _printed(capsys, dataclasses.replace(report, recording=recording))
    assert "--scale 'F1 IA=-1'" in out.replace("\n", " ")
