"""A record over its time: whole, its events marked, without one text over another."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from addad.host.recording_files import opened
from addad.lab.measure import measure
from addad.lab.measure_plan import Request, plan
from addad.lab.sheet_trends import compose_trends, draw_trends
from addad.world.recording import ChoiceError
from lab.collisions import assert_nothing_collides


def _trends(path: Path) -> Figure:
    with opened(path) as recording:
        return compose_trends(measure(plan(path.name, recording, Request())))


@pytest.mark.parametrize(
    ("name", "panels"),
    [("wisp_3.cfg", 8), ("wisp_2.cfg", 8), ("025_ref.wav", 3), ("keating_1999.CFG", 7)],
)
def test_every_quantity_has_its_panel_and_no_text_stands_on_another(
    data_dir: Path, name: str, panels: int
) -> None:
    figure = _trends(data_dir / "waveforms" / name)
    assert len(figure.axes) == panels
    assert_nothing_collides(figure, 10)


def test_events_are_numbered_and_shaded_through_all_panels(data_dir: Path) -> None:
    figure = _trends(data_dir / "waveforms/wisp_3.cfg")
    assert {text.get_text() for text in figure.axes[0].texts} == {"1", "2", "3"}
    assert all(len(axes.patches) == 3 for axes in figure.axes)
    times = figure.axes[0].get_lines()[0].get_xdata()
    assert 1.5 < max(times) < 1.7


def test_long_records_are_told_in_minutes(data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "waveforms/009_ref.wav"
    with opened(path) as recording:
        report = measure(plan(path.name, recording, Request()))
    figure = compose_trends(report)
    assert figure.axes[-1].get_xlabel() == "time in min"
    assert figure.axes[0].get_xlim() == pytest.approx((0.0, 762.0 / 60.0), abs=0.01)
    draw_trends(report, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


def test_many_records_have_no_time_in_common(data_dir: Path) -> None:
    with pytest.raises(ChoiceError, match="choose one with --item"):
        _trends(data_dir / "waveforms/plaid_125.npz")


def test_a_current_that_stands_still_has_an_axis_that_can_be_read(tmp_path: Path) -> None:
    t = np.arange(12_000) / 4_000.0
    wave = np.sin(2.0 * np.pi * 50.0 * t)
    path = tmp_path / "a$\\frac$.npz"
    np.savez(path, fs=4_000.0, u1=325.0 * wave, i1=7.0 * np.sin(2.0 * np.pi * 50.0 * t - 0.3))
    figure = _trends(path)
    figure.draw_without_rendering()
    assert path.name in {text.get_text() for text in figure.texts}
    for axes in figure.axes[:2]:
        assert max(len(label.get_text()) for label in axes.get_yticklabels()) < 9
