"""Figures of a quality report as SVG elements, for a page that needs nothing beside it.

A figure that is wide on a desk has a second, narrower drawing for a hand.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from addad.lab.quality_event_plots import draw_waves
from addad.lab.quality_plots import STYLE
from addad.lab.quality_report import (
    PHASE_NAMES,
    QualityReport,
    ReportedEvent,
    current_columns,
    voltage_columns,
    waveform_of,
)
from addad.lab.sheet_panels import COLOURS

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.44, 0.2, 0.28, 0.24
_UNUSED_NAME = re.compile(r' id="[\w.]+_\d+"')
_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")

DrawOne = Callable[[Axes], None]


def svg(
    draw: DrawOne, width: float, height: float, salt: str, right: float = _RIGHT_IN,
    left: float = _LEFT_IN, untitled: bool = False,
) -> str:  # fmt: skip
    """One drawing of a size [inches] as an SVG element; `salt` keeps its names its own."""
    with mpl.rc_context(cast("Any", {**STYLE, "svg.hashsalt": salt})):
        figure = _figure(width, height)
        box = (
            left / width, _BOTTOM_IN / height, 1.0 - (left + right) / width,
            1.0 - ((0.07 if untitled else _TOP_IN) + _BOTTOM_IN) / height,
        )  # fmt: skip
        axes = figure.add_axes(box)
        draw(axes)
        if untitled:
            axes.set_title("", loc="left")
        return _element(figure)


def both(
    draw: DrawOne, salt: str, wide: tuple[float, float], narrow: tuple[float, float],
    right: float = _RIGHT_IN, left: float = _LEFT_IN, legend: Sequence[int] = (),
) -> str:  # fmt: skip
    """The same for a desk and for a hand, of which the page's style shows one, under its title.

    `legend` are the phases whose colours stand beside the title.
    """
    first = svg(draw, *wide, f"{salt}-wide", right, left, untitled=True)
    second = svg(draw, *narrow, f"{salt}-narrow", right, left, untitled=True)
    keys = "".join(
        f'<span style="color:{COLOURS[PHASE_NAMES[phase]]}">■ {PHASE_NAMES[phase]}</span> '
        for phase in legend
    )
    keys = f'<span class="keys">{keys}</span>' if keys else ""
    return (
        f"<figure><figcaption>{keys}{escape(_title(draw))}</figcaption>"
        f'<div class="wide-only">{first}</div><div class="narrow-only">{second}</div></figure>'
    )


def _title(draw: DrawOne) -> str:
    axes = _figure(4.0, 3.0).add_subplot()
    draw(axes)
    return axes.get_title(loc="left")


def event_svg(report: QualityReport, event: ReportedEvent) -> str:
    """The voltages of an event over its currents; nothing where no waveform was kept."""
    wave = waveform_of(report.record, event)
    if wave is None:
        return ""
    voltages, currents = voltage_columns(report.record), current_columns(report.record)
    with mpl.rc_context(cast("Any", {**STYLE, "svg.hashsalt": f"event-{event.number}"})):
        figure = _figure(5.3, 2.7 if currents else 1.7)
        grid = figure.add_gridspec(
            2 if currents else 1, 1, height_ratios=[1.5, 1.0] if currents else [1.0],
            left=0.085, right=0.985, top=0.93 if currents else 0.88,
            bottom=0.13 if currents else 0.2, hspace=0.34,
        )  # fmt: skip
        upper = figure.add_subplot(grid[0])
        draw_waves(upper, event, wave, voltages, "voltages [V]")
        lowest = upper
        if currents:
            lowest = figure.add_subplot(grid[1], sharex=upper)
            draw_waves(lowest, event, wave, currents, "currents [A]")
            upper.tick_params(labelbottom=False)
        lowest.set_xlabel("ms since it began", loc="right", labelpad=1.0, size=7.5)
        return _element(figure)


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _element(figure: Figure) -> str:
    """The drawing without the head of a file, as wide as its place, to a hundredth of a point."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    element = text[text.index("<svg") :]
    for side, inches in zip(("width", "height"), figure.get_size_inches(), strict=True):
        element = element.replace(f' {side}="{72.0 * inches:g}pt"', "", 1)
    element = _UNUSED_NAME.sub("", element)
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", element)
