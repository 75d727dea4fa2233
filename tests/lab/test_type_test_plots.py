"""Plots: each curve has its points, its limit lines, and colours by verdict."""

from dataclasses import replace

from matplotlib.figure import Figure

from addad.lab.paper import BAD
from addad.lab.type_test_conditions import Condition
from addad.lab.type_test_plots import (
    curve_svg,
    curves,
    draw_curve,
    draw_influences,
    influence_results,
    influence_svg,
)
from type_test_case import short_report


def test_each_curve_is_by_current() -> None:
    found = list(curves(short_report()))
    assert [title for _, title, _ in found] == [
        "cos φ 1",
        "cos φ 0.5 inductive",
        "L1 alone, cos φ 1",
    ]
    shares = [r.item.conditions[0].share for r in found[0][2]]
    assert shares == [0.05, 1.0]


def test_limits_and_failures_are_in_the_drawing() -> None:
    report = short_report(current_error=0.005)
    axes = Figure().add_subplot()
    _, title, results = next(curves(report))
    draw_curve(axes, report, title, results)
    low, high = axes.get_ylim()
    assert low < -0.5
    assert high > 0.5
    limits = [line for line in axes.lines if list(line.get_ydata()) == [0.2, 0.2]]
    assert len(limits) == 1
    assert any(line.get_color() == BAD for line in axes.lines)


def test_limits_change_where_the_table_has_it() -> None:
    report = short_report()
    axes = Figure().add_subplot()
    _, title, results = next(curves(report))
    wide = replace(results[0], item=replace(results[0].item, conditions=(Condition(0.01),)))
    draw_curve(axes, report, title, [wide, *results[1:]])
    lines = [(list(map(float, x.get_xdata())), list(map(float, x.get_ydata()))) for x in axes.lines]
    assert ([0.01, 0.05], [0.4, 0.4]) in lines
    assert any(x[0] == 0.05 and y == [0.2, 0.2] for x, y in lines)


def test_influences_are_in_percent_of_their_limits() -> None:
    axes = Figure().add_subplot()
    draw_influences(axes, influence_results(short_report()))
    assert len(axes.patches) >= 2
    assert axes.get_xlim()[1] >= 110.0


def test_svg_has_no_head_of_a_file_and_no_fixed_size() -> None:
    report = short_report()
    _, title, results = next(curves(report))
    for svg in (curve_svg(report, title, results), influence_svg(influence_results(report))):
        assert svg.startswith("<svg")
        assert "viewBox" in svg.split(">")[0]
        assert 'width="' not in svg.split(">")[0]
