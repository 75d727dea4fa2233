"""Events drawn: on the plane of tolerance, and their waveforms from before they began."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from addad.lab.quality_event_plots import SHOWN_BEHIND_S, draw_tolerance, draw_waves, shown
from addad.lab.quality_report import voltage_columns, waveform_of
from quality_records import record, reported, usual_events, with_events


def test_each_event_of_the_plane_has_its_number() -> None:
    axes = Figure().add_subplot()
    draw_tolerance(axes, reported(with_events(record(), usual_events())))
    numbers = {text.get_text() for text in axes.texts if text.get_text().isdigit()}
    assert numbers == {"1", "2", "4"}
    places = {
        line.get_marker(): np.asarray(line.get_xydata())[0]
        for line in axes.get_lines()
        if line.get_marker() in ("v", "^", "s")
    }
    assert places["v"] == pytest.approx([0.2, 100.0 * 120.0 / 230.0])


def test_a_waveform_begins_before_the_event_and_a_long_one_is_cut() -> None:
    report = reported(with_events(record(), usual_events()))
    event = report.events[0]
    wave = waveform_of(report.record, event)
    assert wave is not None
    times, samples = shown(event, wave)
    assert times[0] == pytest.approx(-0.1, abs=1e-6)
    assert times[-1] == pytest.approx(0.2 + SHOWN_BEHIND_S, abs=2e-3)
    assert len(times) == len(samples)
    brief = replace(event, duration_s=0.05)
    assert len(shown(brief, wave)[0]) < len(times)
    axes = Figure().add_subplot()
    draw_waves(axes, event, wave, voltage_columns(report.record), "voltages [V]")
    assert axes.get_title(loc="left") == "voltages [V]"
    assert sum(len(np.asarray(line.get_xdata())) == len(times) for line in axes.get_lines()) == 3
