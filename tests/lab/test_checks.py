"""Checks see each window of a record and are asked at its end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from addad.host.recording_files import opened
from addad.lab import measure as measuring
from addad.lab.checks import checks
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
        report = measuring.measure(measuring.plan(path.name, recording, measuring.Request()))
    assert report.findings == ("9 windows of wisp_3.cfg",)


def test_checks_are_made_for_any_channels() -> None:
    for check in checks(ChannelMap((0, None, None)), 1):
        assert callable(check.take)
