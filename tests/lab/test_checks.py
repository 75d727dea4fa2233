"""Checks see each window of a record and are asked at its end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from addad.host.recording_files import opened
from addad.lab import measure as measuring
from addad.lab.checks import checks
from addad.lab.measure_plan import Request, plan
from addad.lab.report import Report
from addad.metrology import Window
from addad.world.channel_map import ChannelMap


class _Counting:
    def __init__(self) -> None:
        self.windows = 0

    def take(self, window: Window) -> None:
        self.windows += 1

    def findings(self, report: Report) -> Sequence[str]:
        return (f"{self.windows} windows of {report.file}",)


def test_a_checks_sentences_stand_in_the_report(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "checks", lambda channels, items: (_Counting(),))
    path = data_dir / "waveforms/wisp_3.cfg"
    with opened(path) as recording:
        report = measuring.measure(plan(path.name, recording, Request()))
    assert report.findings == ("9 windows of wisp_3.cfg",)


def test_checks_are_made_for_any_channels() -> None:
    for check in checks(ChannelMap((0, None, None)), 1):
        assert callable(check.take)


def test_a_current_that_is_turned_by_its_scale_is_named(data_dir: Path) -> None:
    path = data_dir / "waveforms/keating_1999.CFG"
    with opened(path) as recording:
        report = measuring.measure(plan(path.name, recording, Request(scales=("I2=-1",))))
    assert any(
        line.startswith("The current transformer of L2 sits the wrong way round")
        for line in report.findings
    )
    with opened(data_dir / "waveforms/plaid_125.npz") as recording:
        many = measuring.measure(plan("p", recording, Request(scales=("current*=-1",)))).findings
    assert len(many) == 120
    assert all("the wrong way round" in line for line in many)
    assert many[0].startswith("item 0 (13): ")
