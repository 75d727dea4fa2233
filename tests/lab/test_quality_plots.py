"""Plots of a week: lines stop at gaps, limits are in sight or told, short records too."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from addad.lab import quality_plots as plots
from addad.lab.quality_record import QualityRecord
from addad.lab.quality_report import QualityReport
from addad.metrology.power_quality.en50160 import Quantity
from quality_records import record, reported, usual_events, with_events, with_gap

DRAWN = (
    plots.draw_voltage, plots.draw_frequency, plots.draw_flicker, plots.draw_unbalance,
    plots.draw_distortion, plots.draw_signalling, plots.draw_harmonics, plots.draw_week,
)  # fmt: skip


def _axes() -> Axes:
    return Figure(figsize=(8.0, 3.0)).add_subplot()


def _longest(axes: Axes) -> np.ndarray:
    lines = [np.asarray(line.get_ydata(), float) for line in axes.get_lines()]
    return max(lines, key=len)


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("days", [7.0, 0.25, 0.02])
def test_each_is_drawn_of_a_week_and_of_less(draw: plots.Draw, days: float) -> None:
    axes = _axes()
    draw(axes, reported(with_events(record(days, signalling=True), usual_events()[:0])))
    assert axes.get_title(loc="left")


@pytest.mark.parametrize(
    ("draw", "flat"), [(plots.draw_voltage, 144 - 6), (plots.draw_distortion, 144 - 6)]
)
def test_no_line_leads_over_what_is_missing(draw: plots.Draw, flat: int) -> None:
    axes = _axes()
    draw(axes, reported(with_gap(record(1.0), 36_000.0, 3_600.0)))
    values = _longest(axes)
    assert np.isnan(values).sum() == 1
    assert np.isfinite(values).sum() == flat + 1


def test_limits_that_are_far_are_told() -> None:
    axes = _axes()
    plots.draw_frequency(axes, reported(record(1.0)))
    assert [t.get_text() for t in axes.texts] == ["limits 49.5 … 50.5 Hz: beyond this scale"]
    made = record(1.0)
    near = replace(made.frequency, values=made.frequency.values + 0.4)
    axes = _axes()
    plots.draw_frequency(axes, reported(replace(made, frequency=near)))
    assert not axes.texts
    assert axes.get_ylim()[1] > 50.5


def test_there_is_a_course_only_of_what_was_measured() -> None:
    full = reported(record(1.0, signalling=True))
    assert all(plots.has_course(full, q) for q in Quantity if q is not Quantity.HARMONIC)
    made = record(0.02)
    nothing = replace(made.ten, coverage=np.zeros_like(made.ten.coverage))
    short = reported(replace(made, ten=nothing))
    assert not plots.has_course(short, Quantity.VOLTAGE)
    assert not plots.has_course(short, Quantity.SIGNALLING)


def test_the_week_has_a_row_a_day_and_a_triangle_an_event() -> None:
    axes = _axes()
    plots.draw_week(axes, reported(with_events(record(), usual_events())))
    assert axes.get_yticklabels()[0].get_text() == "Mon 1 Jun"
    assert len(axes.get_yticks()) == 7
    assert sum(line.get_marker() == "v" for line in axes.get_lines()) == 5


@pytest.mark.parametrize("times", [lambda r: r, lambda r: replace(r, end_utc_s=r.end_utc_s + 5e5)])
def test_the_legend_names_the_phases(
    times: Callable[[QualityRecord], QualityRecord],
) -> None:
    made = times(record(1.0))
    report: QualityReport = reported(replace(made, supply=replace(made.supply, phases=(0, 2))))
    axes = _axes()
    plots.draw_distortion(axes, report)
    plots.phase_legend(axes, report)
    assert sorted(t.get_text() for t in axes.texts) == ["— L1", "— L3"]
