"""Plots of a type test: error curves between their limit lines, and influences against theirs.

Currents are on a logarithmic axis, in shares of the reference current; a bar at each point is its
expanded uncertainty.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from addad.lab.paper import BAD, GOOD, INK, LIMIT, SHADE, STYLE
from addad.lab.type_test_conditions import PHASES
from addad.lab.type_test_plan import PAPER_CLAIM, Rule, Section
from addad.lab.type_test_report import TypeTestReport
from addad.lab.type_test_run import Result, Verdict
from addad.metrology.accuracy_classes import Load

CURVE_SECTIONS = (Section.BALANCED, Section.SINGLE_PHASE, Section.EXPORT)
WIDTH, HEIGHT = 5.6, 2.75


def curves(report: TypeTestReport) -> Iterator[tuple[Section, str, list[Result]]]:
    """The error curves of the report: section, title, points by current."""
    for section in CURVE_SECTIONS:
        named: dict[str, list[Result]] = {}
        for result in report.sections.get(section, []):
            named.setdefault(result.item.curve, []).append(result)
        for title, results in named.items():
            yield section, title, sorted(results, key=_share)


def draw_curve(axes: Axes, report: TypeTestReport, title: str, results: Sequence[Result]) -> None:
    """One error curve with its limit lines, and the paper's claim in its profile."""
    shares = [_share(r) for r in results]
    steps = _limit_steps(report, results)
    limits = [limit for _, limit in steps]
    _limit_lines(axes, [*(share for share, _ in steps), 1.12 * shares[-1]], limits)
    if report.is_paper:
        for side in (-PAPER_CLAIM, PAPER_CLAIM):
            axes.axhline(side, color="#8a6d1f", linewidth=1.0, linestyle=(0, (4, 3)))
        axes.text(
            shares[-1], PAPER_CLAIM, " paper's claim", color="#8a6d1f", size=7.5, va="bottom",
            ha="right",
        )  # fmt: skip
    axes.axhline(0.0, color="#aab2ba", linewidth=0.8)
    axes.plot(shares, [r.value for r in results], color=INK, linewidth=1.1, zorder=3)
    for result, x in zip(results, shares, strict=True):
        colour = BAD if result.verdict is Verdict.FAIL else GOOD
        axes.errorbar(
            [x], [result.value], yerr=[result.uncertainty], color=colour, marker="o", capsize=2.5,
            markersize=4.2, elinewidth=1.0, zorder=4,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(min(shares) / 1.25, max(shares) * 1.25)
    axes.xaxis.set_major_locator(FixedLocator(_ticks(shares)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    accuracy = report.meter.nameplate.accuracy
    axes.set_xlabel(f"current in {accuracy.current_symbol}", loc="right", labelpad=1.0)
    axes.set_title(f"{title}, error in %", loc="left", size=9.5, color=INK, pad=5)
    _fit(axes, [abs(r.value) + r.uncertainty for r in results], limits)


def draw_influences(axes: Axes, results: Sequence[Result]) -> None:
    """Each variation as a share of its limit: the whole table at a glance."""
    shown = [r for r in results if r.item.limit and math.isfinite(r.value)]
    if not shown:
        axes.set_axis_off()
        return
    shares = [100.0 * r.value / (r.item.limit or 1.0) for r in shown]
    reach = min(max(120.0, 1.1 * max(abs(s) for s in shares)), 400.0)
    places = np.arange(len(shown))[::-1]
    axes.axvspan(-100.0, 100.0, color=SHADE, zorder=0)
    for side in (-100.0, 100.0):
        axes.axvline(side, color=LIMIT, linewidth=1.1)
    axes.axvline(0.0, color="#aab2ba", linewidth=0.8)
    colours = [BAD if r.verdict is Verdict.FAIL else GOOD for r in shown]
    axes.barh(places, np.clip(shares, -reach, reach), height=0.62, color=colours, zorder=3)
    axes.set_yticks(places, [r.item.label for r in shown])
    axes.tick_params(axis="y", labelsize=7.5, labelcolor=INK)
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.set_xlim(-reach, reach)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("% of the limit", loc="right", labelpad=1.0)


def curve_svg(report: TypeTestReport, title: str, results: Sequence[Result]) -> str:
    """One error curve as an SVG element."""
    with mpl.rc_context(cast("Any", STYLE)):
        figure = _figure(WIDTH, HEIGHT)
        axes = figure.add_axes((0.085, 0.165, 0.895, 0.715))
        draw_curve(axes, report, title, results)
        return _svg(figure)


def influence_svg(results: Sequence[Result]) -> str:
    """The influences as an SVG element."""
    with mpl.rc_context(cast("Any", STYLE)):
        height = 0.6 + 0.175 * len(results)
        figure = _figure(8.2, height)
        axes = figure.add_axes((0.47, 0.42 / height, 0.51, 1.0 - 0.5 / height))
        draw_influences(axes, results)
        return _svg(figure)


def influence_results(report: TypeTestReport) -> list[Result]:
    """What `draw_influences` shows of a report."""
    rules = (Rule.VARIATION, Rule.COEFFICIENT)
    return [r for r in report.sections.get(Section.INFLUENCE, []) if r.item.rule in rules]


def _share(result: Result) -> float:
    return result.item.conditions[0].share


def _limit_steps(report: TypeTestReport, results: Sequence[Result]) -> list[tuple[float, float]]:
    """The currents from which each limit holds, over the curve's range, by the class's table."""
    plate = report.meter.nameplate
    condition = results[0].item.conditions[0]
    load = Load.BALANCED if len(condition.loaded) == len(PHASES) else Load.SINGLE_PHASE
    first, last = _share(results[0]), _share(results[-1])
    rows = [
        row for row in plate.accuracy.limits if row.load is load and condition.factor in row.factors
    ]
    edges = {first, *(row.low for row in rows if first < row.low <= last)}
    found = [
        (share, plate.accuracy.limit(load, condition.factor, share, plate.maximum_share))
        for share in sorted(edges)
    ]
    return [(share, limit) for share, limit in found if limit is not None]


def _limit_lines(axes: Axes, edges: Sequence[float], limits: Sequence[float]) -> None:
    """Limits as steps: each between two edges."""
    for k, limit in enumerate(limits):
        x = [edges[k], edges[k + 1]]
        axes.fill_between(x, -limit, limit, color=SHADE, zorder=0, linewidth=0.0)
        for side in (-limit, limit):
            axes.plot(x, [side, side], color=LIMIT, linewidth=1.3, solid_capstyle="butt")
        if k and limits[k - 1] != limit:
            for low, high in ((-limits[k - 1], -limit), (limit, limits[k - 1])):
                axes.plot([x[0], x[0]], [low, high], color=LIMIT, linewidth=1.3)


def _fit(axes: Axes, reaches: Sequence[float], limits: Sequence[float]) -> None:
    """Room for the limits, and for errors beyond them."""
    top = max([*limits, *(r for r in reaches if math.isfinite(r))], default=1.0)
    axes.set_ylim(-1.18 * top, 1.18 * top)


def _ticks(shares: Sequence[float]) -> list[float]:
    """The currents themselves, without those that would touch."""
    kept: list[float] = []
    for share in sorted(set(shares)):
        if not kept or math.log10(share / kept[-1]) > 0.1:
            kept.append(share)
    return kept


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _svg(figure: Figure) -> str:
    """The drawing without the head of a file, as wide as its place."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    element = text[text.index("<svg") :]
    for side, inches in zip(("width", "height"), figure.get_size_inches(), strict=True):
        element = element.replace(f'{side}="{72.0 * inches:g}pt"', "", 1)
    return element
