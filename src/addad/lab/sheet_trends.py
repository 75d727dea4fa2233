"""A record over its time: voltage, current, power, frequency, distortion, unbalance and flicker.

One panel a quantity over one axis of time; the record's events are shaded through all of them, and
numbered as the report lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from addad.lab.report import (
    PHASE_NAMES,
    PhaseReport,
    RecordEvent,
    RecordQuality,
    RecordStates,
    Report,
    Trend,
)
from addad.lab.sheet_panels import (
    ACCENT,
    COLOURS,
    EVENT_COLOURS,
    FAINT,
    INK,
    MIN_FREQUENCY_SPAN,
    PAPER,
    STYLE,
    prefixed,
    scale_of,
    shade_events,
    widen,
)
from addad.lab.whole_file import whole_file
from addad.world.recording import ChoiceError

Floats = NDArray[np.float64]

MAX_NUMBERED = 40
MAX_DOTS = 60
MAX_LANES = 12
MAX_NAME = 80
_WIDTH, _PANEL, _ABOVE, _BELOW = 13.2, 1.5, 1.25, 0.62
_DPI = 150
_NUMBERS_APART = 0.014
_FEW_WINDOWS = 150
"""Of a record with fewer, single cycles are drawn where they are known."""


class _Panel(NamedTuple):
    """One quantity: its name with its unit, and how it is drawn; one of lanes is `lanes` high."""

    title: str
    draw: Callable[[Axes], None]
    lanes: float = 0.0


def draw_trends(report: Report, path: Path) -> None:
    """Draw a measured record over its time into a PNG; OSError when it cannot be written.

    ChoiceError for many records at once, which have no time in common.
    """
    with mpl.rc_context(cast("Any", STYLE)), whole_file(path) as file:
        compose_trends(report).savefig(file, dpi=_DPI, facecolor=PAPER, format="png")


def compose_trends(report: Report) -> Figure:
    """The trends as a figure, as high as its panels need."""
    trend = report.trend
    if trend is None or not len(trend.time):
        raise ChoiceError("--trends: a record of its own has a course; choose one with --item")
    with mpl.rc_context(cast("Any", STYLE)):
        panels = _panels(report, trend)
        ratios = [max(1.0, panel.lanes) for panel in panels]
        height = _ABOVE + _PANEL * sum(ratios) + _BELOW
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            len(panels), 1, height_ratios=ratios, left=0.062, right=0.93, top=1.0 - _ABOVE / height,
            bottom=_BELOW / height, hspace=0.36,
        )  # fmt: skip
        _header(figure, report, height)
        unit_s, unit = _time_unit(report.recording.duration_s)
        first: Axes | None = None
        for k, panel in enumerate(panels):
            axes = figure.add_subplot(grid[k], sharex=first)
            first = first or axes
            axes.set_xlim(0.0, report.recording.duration_s / unit_s)
            panel.draw(axes)
            axes.set_title(panel.title, loc="left", size=10, color=INK, pad=4)
            if not panel.lanes:
                axes.yaxis.set_major_locator(MaxNLocator(4))
                axes.ticklabel_format(axis="y", useOffset=False)
            if report.quality is not None:
                shade_events(axes, report.quality.events, unit_s)
            axes.tick_params(labelbottom=k == len(panels) - 1)
        assert first is not None
        figure.axes[-1].set_xlabel(f"time in {unit}", loc="right", labelpad=1.0)
        if report.quality is not None:
            _number_events(first, report.quality.events, unit_s)
        for axes in figure.axes:
            for line in axes.get_lines():
                if line.get_transform() == axes.transData:
                    line.set_xdata(np.asarray(line.get_xdata()) / unit_s)
            _legend(axes)
    return figure


def _panels(report: Report, trend: Trend) -> list[_Panel]:
    """The quantities that the record has, in their order."""
    phases = report.items[0].phases
    voltages = [phase for phase in phases if phase.voltage]
    currents = [phase for phase in phases if phase.current]
    panels: list[_Panel] = []
    if voltages:
        panels.append(_voltage(report, trend, voltages))
    if currents:
        unit = currents[0].current.unit if currents[0].current else "A"
        time, values = trend.time, trend.i
        if len(time) < _FEW_WINDOWS and report.course is not None:
            time, values = report.course.cycle_time, report.course.cycle_rms[:, 3:]
        panels.append(_lines("Current", unit, time, values, currents))
    if report.items[0].total is not None:
        panels.append(_power(trend))
    if np.isfinite(trend.frequency).any():
        panels.append(_Panel("Frequency, Hz", lambda axes: _frequency(axes, trend)))
    for what, values, there in (
        ("THD of the voltage", trend.thd_u, voltages),
        ("THD of the current", trend.thd_i, [p for p in currents if p.phase != "N"]),
    ):
        if there and np.isfinite(values).any():
            panels.append(_lines(what, "%", trend.time, 100.0 * values, there))
    if np.isfinite(trend.unbalance).any():
        panels.append(
            _Panel(
                "Unbalance by the negative sequence, %",
                lambda axes: _line(axes, trend.time, 100.0 * trend.unbalance, INK, ""),
            )
        )
    if report.quality is not None and report.quality.flicker:
        quality = report.quality
        panels.append(_Panel("Flicker, Pst", lambda axes: _flicker(axes, quality, voltages)))
    if report.states is not None and report.states.changes:
        panels.append(_states(report.states, report.recording.duration_s))
    return panels


def _states(states: RecordStates, duration_s: float) -> _Panel:
    """A lane for each digital channel that changes, the first to change on top; full where 1."""
    changed = list(dict.fromkeys(change.channel for change in states.changes))
    shown = changed[:MAX_LANES]

    def draw(axes: Axes) -> None:
        for lane, channel in enumerate(shown):
            times = [0.0, *(c.time_s for c in states.changes if c.channel == channel), duration_s]
            level = states.first[channel]
            levels = [(level + k) % 2 for k in range(len(times) - 1)]
            base = len(shown) - 1 - lane
            axes.step(times, base + 0.42 * np.array([*levels, levels[-1]]), where="post",
                      color=INK, linewidth=0.9)  # fmt: skip
            axes.text(0.004, base + 0.43, states.channels[channel].name[:MAX_NAME], size=6.5,
                      color=FAINT, va="bottom", transform=axes.get_yaxis_transform())  # fmt: skip
        axes.set_ylim(-0.25, len(shown) + 0.1)
        axes.set_yticks([])
        axes.grid(axis="y", visible=False)

    more = f", the first {len(shown)} of {len(changed)} that change" if shown != changed else ""
    return _Panel(f"Digital channels{more}", draw, max(1.0, len(shown) / 4.5))


def _voltage(report: Report, trend: Trend, phases: Sequence[PhaseReport]) -> _Panel:
    """RMS by window over the span of the half-cycles, or by half-cycle; the voltage declared."""
    wave = phases[0].voltage
    unit = wave.unit if wave else "V"
    quality = report.quality
    top = float(np.nanmax(trend.u[:, [_place(p) for p in phases]], initial=0.0))
    factor, prefix = scale_of(top, unit)

    def draw(axes: Axes) -> None:
        for phase in reversed(phases):
            k, colour = _place(phase), COLOURS[phase.phase]
            if quality is not None and len(trend.time) < _FEW_WINDOWS:
                _line(axes, quality.time, quality.lowest[:, k] / factor, colour, phase.phase)
                continue
            if quality is not None:
                _span(axes, quality, k, factor, colour)
            _line(axes, trend.time, trend.u[:, k] / factor, colour, phase.phase)
        widen(axes)
        if quality is not None:
            _limits(axes, quality, factor)

    return _Panel(f"Voltage, {prefix}{unit.replace('full scale', 'FS')}", draw)


def _span(axes: Axes, quality: RecordQuality, k: int, factor: float, colour: str) -> None:
    """The lowest and highest half-cycle RMS, thinly."""
    for values in (quality.lowest[:, k], quality.highest[:, k]):
        axes.plot(quality.time, values / factor, color=colour, linewidth=0.6, alpha=0.55)


def _limits(axes: Axes, quality: RecordQuality, factor: float) -> None:
    for share, style in ((1.0, "solid"), (0.9, (0, (4, 3))), (1.1, (0, (4, 3)))):
        low, high = axes.get_ylim()
        level = share * quality.declared / factor
        if low <= level <= high:
            axes.axhline(level, color=ACCENT, linewidth=0.8, linestyle=style, alpha=0.7, zorder=1)


def _lines(
    what: str, unit: str, time: Floats, values: Floats, phases: Sequence[PhaseReport]
) -> _Panel:
    shown = values[:, [_place(p) for p in phases]]
    top = float(np.nanmax(np.abs(shown), initial=0.0))
    factor, prefix = (1.0, "") if unit == "%" else scale_of(top, unit)

    def draw(axes: Axes) -> None:
        for phase in reversed(phases):
            values_of = values[:, _place(phase)] / factor
            _line(axes, time, values_of, COLOURS[phase.phase], phase.phase)
        widen(axes)

    return _Panel(f"{what}, {prefix}{unit.replace('full scale', 'FS')}", draw)


def _power(trend: Trend) -> _Panel:
    top = float(np.nanmax(np.abs(np.stack([trend.p, trend.q])), initial=0.0))
    factor, prefix = scale_of(top, "W")

    def draw(axes: Axes) -> None:
        _line(axes, trend.time, trend.p / factor, INK, "P")
        _line(axes, trend.time, trend.q / factor, ACCENT, "Q")
        widen(axes)

    return _Panel(f"Active and reactive power, {prefix}W and {prefix}var", draw)


def _frequency(axes: Axes, trend: Trend) -> None:
    _line(axes, trend.time, trend.frequency, INK, "")
    known = trend.frequency[np.isfinite(trend.frequency)]
    half = max(0.6 * float(np.ptp(known)), MIN_FREQUENCY_SPAN / 2)
    middle = float(known.max() + known.min()) / 2
    axes.set_ylim(middle - half, middle + half)


def _flicker(axes: Axes, quality: RecordQuality, phases: Sequence[PhaseReport]) -> None:
    begins = np.array([begin for begin, _ in quality.flicker])
    values = np.array([values for _, values in quality.flicker])
    for phase in reversed(phases):
        axes.plot(begins, values[:, _place(phase)], drawstyle="steps-post", marker="o",
                  markersize=3, color=COLOURS[phase.phase], label=phase.phase)  # fmt: skip
    axes.set_ylim(bottom=0.0)


def _line(axes: Axes, time: Floats, values: Floats, colour: str, label: str) -> None:
    marker = "." if np.isfinite(values).sum() < MAX_DOTS else ""
    axes.plot(time, values, color=colour, linewidth=1.1, marker=marker, markersize=4,
              label=label or "_")  # fmt: skip
    axes.margins(y=0.1)


def _place(phase: PhaseReport) -> int:
    return PHASE_NAMES.index(phase.phase)


def _legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    turned = labels[0].startswith(("L", "N"))
    axes.legend(
        handles[::-1] if turned else handles, labels[::-1] if turned else labels,
        loc="center left", bbox_to_anchor=(1.005, 0.5), handlelength=1.1, borderaxespad=0.0,
        labelspacing=0.3,
    )  # fmt: skip


def _number_events(axes: Axes, events: Sequence[RecordEvent], unit_s: float) -> None:
    """Their numbers at the top of the first panel, as far as they have room."""
    low, high = axes.get_xlim()
    last = -1.0
    for event in events[:MAX_NUMBERED]:
        place = (event.start_s / unit_s - low) / (high - low)
        if place - last < _NUMBERS_APART + 0.004 * len(str(event.number)):
            continue
        last = place
        axes.annotate(
            str(event.number), (place, 1.0), xycoords="axes fraction", xytext=(2, -2),
            textcoords="offset points", ha="left", va="top", size=7.5,
            color=EVENT_COLOURS.get(event.kind, INK), annotation_clip=False,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none",
                  "alpha": 0.7},
        )  # fmt: skip


def _header(figure: Figure, report: Report, height: float) -> None:
    recording = report.recording

    def at(inches: float) -> float:
        return 1.0 - inches / height

    figure.text(0.062, at(0.5), report.file, size=19, weight="bold", color=INK, va="bottom")
    start = f"{recording.start:%Y-%m-%d %H:%M:%S}  ·  " if recording.start else ""
    rate = f"{recording.sample_rate:,.1f}".removesuffix(".0").replace(",", "\u2009")
    line = f"{start}{recording.format}  ·  {rate} S/s  ·  {prefixed(recording.duration_s, 's')}"
    figure.text(0.062, at(0.72), line[:150], size=9.5, color=FAINT, va="bottom")
    quality = report.quality
    if quality is None:
        return
    unit = next((p.voltage.unit for p in report.items[0].phases if p.voltage), "V")
    kinds = list(dict.fromkeys(event.kind for event in quality.events))
    counted = [(kind, sum(event.kind == kind for event in quality.events)) for kind in kinds]
    told = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counted)
    by = "stated" if quality.stated else "the record's own when steady"
    figure.text(
        0.93, at(0.5), told or "no event", size=11, color=INK, va="bottom", ha="right",
        weight="bold",
    )  # fmt: skip
    figure.text(
        0.93, at(0.72), f"against {prefixed(quality.declared, unit)}, {by}", size=9.5, color=FAINT,
        va="bottom", ha="right",
    )  # fmt: skip


def _time_unit(duration_s: float) -> tuple[float, str]:
    for longest, unit_s, unit in ((300.0, 1.0, "s"), (7200.0, 60.0, "min"), (2e5, 3600.0, "h")):
        if duration_s <= longest:
            return unit_s, unit
    return 86400.0, "days"
