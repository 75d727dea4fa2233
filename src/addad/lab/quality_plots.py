"""Plots of a week's quality: courses within their limits, harmonics, distributions, the week.

Each draws into axes that it is given; the page takes them as SVG, the PDF as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from addad.lab import paper
from addad.lab.paper import FAINT, INK, LIMIT
from addad.lab.quality_report import (
    PHASE_NAMES,
    QualityReport,
    signalling_values,
    ten_minute_values,
)
from addad.lab.sheet_panels import COLOURS, EVENT_COLOURS
from addad.metrology.power_quality import en50160 as en
from addad.metrology.power_quality.en50160 import Quantity

Floats = NDArray[np.float64]

FLAG = "#c98a1b"
STYLE: dict[str, object] = {
    **paper.STYLE,
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
}
Draw = Callable[[Axes, QualityReport], None]

_DAY_S = 86_400.0
_HEAT = LinearSegmentedColormap.from_list(
    "deviation", ["#7a2e63", "#c86f9b", "#f2d7e3", "#f7f8f8", "#d5e8ea", "#5da5ad", "#155e69"]
)
_FREQUENCY_BIN_S = 600.0
_GAP = "#e9ecee"
_GAPS_DRAWN = 500
_STEPS_S = (
    0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 3_600.0,
    7_200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 604_800.0,
)  # fmt: skip


def has_course(report: QualityReport, quantity: Quantity) -> bool:
    """Whether there is something to draw."""
    record = report.record
    if quantity is Quantity.FREQUENCY:
        return len(record.frequency.start) > 1
    if quantity is Quantity.SIGNALLING:
        return len(record.signalling.start) > 1
    if quantity is Quantity.FLICKER:
        return bool(np.isfinite(record.ten.pst).any() or np.isfinite(record.plt.values).any())
    return bool(np.isfinite(ten_minute_values(record, quantity)).any())


def draw_voltage(axes: Axes, report: QualityReport) -> None:
    """Ten-minute means of each phase in their band, and the extremes of their half-cycles."""
    ten, declared = report.record.ten, report.record.supply.declared
    titled(axes, "10-minute means; pale: from the lowest to the highest half-cycle", "% of Un")
    times = _times(ten.start)
    low, high = 100.0 * ten.lowest / declared, 100.0 * ten.highest / declared
    for phase in report.record.supply.phases:
        places, below, above = _broken(times, low[:, phase], high[:, phase])
        axes.fill_between(
            places, below, above, color=COLOURS[PHASE_NAMES[phase]], alpha=0.16, linewidth=0.0,
            step="post",
        )  # fmt: skip
    values = ten_minute_values(report.record, Quantity.VOLTAGE)
    _lines(axes, report, times, values)
    for wanted in en.voltage_requirements(report.record.supply.island):
        _band(axes, wanted.low, wanted.high, strong=wanted.share < 1.0)
    known = low[np.isfinite(low)]
    bottom = min(83.0, float(known.min()) - 4.0) if known.size else 83.0
    top = max(112.5, float(np.nanmax(high)) + 2.0) if known.size else 112.5
    axes.set_ylim(max(bottom, -4.0), top)
    _flags(axes, report)
    _time_axis(axes, report)


def draw_frequency(axes: Axes, report: QualityReport) -> None:
    """Frequency over ten seconds: mean, and from the lowest to the highest, by ten minutes."""
    series = report.record.frequency
    slots = np.floor(series.start / _FREQUENCY_BIN_S)
    places, first = np.unique(slots, return_index=True)
    long = len(places) > 12
    ranges = "Mean of ten minutes; pale: from the lowest to the highest value of 10 s"
    titled(axes, ranges if long else "Values of 10 s", "Hz")
    if len(series.start):
        hertz = series.values[:, 0]
        if long:
            times = _times(places * _FREQUENCY_BIN_S)
            low = np.minimum.reduceat(hertz, first)
            high = np.maximum.reduceat(hertz, first)
            counts = np.diff([*first, len(hertz)])
            mean = np.add.reduceat(hertz, first) / counts
            places, below, above, mean = _broken(times, low, high, mean)
            axes.fill_between(places, below, above, color="#1f7a6d", alpha=0.22, linewidth=0.0)
            axes.plot(places, mean, color="#1f7a6d", linewidth=0.9)
        else:
            axes.plot(*_broken(_times(series.start), hertz), color="#1f7a6d", linewidth=0.9)
    nominal = report.record.supply.nominal_frequency
    axes.axhline(nominal, color="#aab2ba", linewidth=0.8)
    wanted = en.frequency_requirements(nominal, report.record.supply.island)[0]
    fit_around(axes, series.values, wanted.low, wanted.high, nominal, "Hz")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.2f}"))
    _time_axis(axes, report)


def draw_flicker(axes: Axes, report: QualityReport) -> None:
    """Short-term flicker as dots, long-term as steps of two hours."""
    ten, plt = report.record.ten, report.record.plt
    titled(axes, "Pst of 10 min (dots), Plt of 2 h (bars)", "")
    for phase in report.record.supply.phases:
        colour = COLOURS[PHASE_NAMES[phase]]
        axes.plot(
            _times(ten.start + 300.0), ten.pst[:, phase], linestyle="", marker=".",
            markersize=2.2 if len(ten.start) > 100 else 6.0, color=colour, alpha=0.5,
            markeredgewidth=0.0,
        )  # fmt: skip
        if len(plt.start):
            axes.hlines(
                plt.values[:, phase], _times(plt.start), _times(plt.start + 7_200.0),
                color=colour, linewidth=1.6,
            )  # fmt: skip
    known = np.concatenate([ten.pst.ravel(), plt.values.ravel()])
    known = known[np.isfinite(known)]
    top = float(known.max()) if known.size else 1.0
    axes.set_ylim(0.0, min(max(1.25, 1.06 * top), 4.0))
    if top > 4.0:
        axes.annotate(
            f"Pst up to {top:.1f} in flagged intervals", (0.995, 0.96), xycoords="axes fraction",
            ha="right", va="top", size=7.0, color=FAINT,
        )  # fmt: skip
    axes.axhline(1.0, color=LIMIT, linewidth=1.1)
    _flags(axes, report)
    _time_axis(axes, report)


def draw_unbalance(axes: Axes, report: QualityReport) -> None:
    """Negative sequence over the positive one, and the zero sequence beside it."""
    ten = report.record.ten
    titled(axes, "10-minute values of u2, and of u0 (dashed)", "%")
    times = _times(ten.start)
    zero = _broken(times, 100.0 * ten.unbalance[:, 1])
    axes.plot(*zero, color="#8f959b", linewidth=0.8, linestyle="--", drawstyle="steps-post")
    _step(axes, times, ten_minute_values(report.record, Quantity.UNBALANCE)[:, 0], "#1f7a6d")
    _one_sided(axes, 100.0 * ten.unbalance, en.UNBALANCE.high)
    _flags(axes, report)
    _time_axis(axes, report)


def draw_distortion(axes: Axes, report: QualityReport) -> None:
    """THD of each phase."""
    values = ten_minute_values(report.record, Quantity.DISTORTION)
    highest = min(en.THD_ORDER, report.record.supply.highest_order)
    titled(axes, f"THD, orders 2 to {highest}, 10-minute values", "%")
    _lines(axes, report, _times(report.record.ten.start), values)
    _one_sided(axes, values, en.DISTORTION.high)
    _flags(axes, report)
    _time_axis(axes, report)


def draw_signalling(axes: Axes, report: QualityReport) -> None:
    """Mains signalling of 150 or 180 cycles."""
    series, supply = report.record.signalling, report.record.supply
    titled(axes, f"{supply.signalling_hz:g} Hz over 3 s", "% of Un")
    values = signalling_values(report.record)
    step = max(1, len(values) // 4_000)
    count = len(values) // step * step
    if count:
        peaks = values[:count].reshape(-1, step, values.shape[1]).max(axis=1)
        _lines(axes, report, _times(series.start[:count:step]), peaks)
    wanted = en.signalling_requirement(supply.signalling_hz)
    _one_sided(axes, values, wanted.high if wanted else math.nan)
    _time_axis(axes, report)


def draw_harmonics(axes: Axes, report: QualityReport) -> None:
    """The value that 95 % of the ten minutes do not exceed, by order, below its limit."""
    titled(axes, "What 95 % of the 10-minute values do not exceed, and the limit", "% of U1")
    phases = report.record.supply.phases
    width = 0.8 / max(len(phases), 1)
    top = 6.5
    for item in report.of(Quantity.HARMONIC):
        order = item.requirement.order
        axes.hlines(item.requirement.high, order - 0.46, order + 0.46, color=LIMIT, linewidth=1.4)
        for result in item.results:
            if not result.counted:
                continue
            place = phases.index(result.channel)
            axes.bar(
                order - 0.4 + (place + 0.5) * width, result.highest, width * 0.9,
                color=COLOURS[PHASE_NAMES[result.channel]], zorder=3,
            )  # fmt: skip
            top = max(top, 1.08 * result.highest)
    axes.set_xlim(1.3, en.ORDER_LAST + 0.7)
    axes.set_ylim(0.0, top)
    axes.set_xticks(range(2, en.ORDER_LAST + 1))
    axes.tick_params(axis="x", labelsize=7.0)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel("order", loc="right", labelpad=1.0)


def draw_week(axes: Axes, report: QualityReport) -> None:
    """A row a day, a column ten minutes: the voltage of the phase that is farthest from Un."""
    ten = report.record.ten
    deviation = ten_minute_values(report.record, Quantity.VOLTAGE) - 100.0
    first = math.floor(report.record.begin_utc_s / _DAY_S)
    days = max(math.ceil(report.record.end_utc_s / _DAY_S - 1e-9) - first, 1)
    grid = np.full((days, 144), math.nan)
    slots = np.floor((ten.start + 1.0) / 600.0).astype(np.int64) - first * 144
    for slot, row in zip(slots.tolist(), deviation, strict=True):
        known = row[np.isfinite(row)]
        if known.size and 0 <= slot < days * 144:
            grid[slot // 144, slot % 144] = known[np.abs(known).argmax()]
    largest = float(np.nanmax(np.abs(grid))) if np.isfinite(grid).any() else 0.0
    reach = next((r for r in (5.0, 10.0, 15.0) if largest <= r), 20.0)
    mesh = axes.pcolormesh(
        np.arange(145) / 6.0, np.arange(days + 1), grid, cmap=_HEAT,
        norm=Normalize(-reach, reach), linewidth=0.0, rasterized=True,
    )  # fmt: skip
    for event in report.events:
        day = math.floor(event.start_utc_s / _DAY_S) - first
        axes.plot(
            (event.start_utc_s % _DAY_S) / 3_600.0, day + 0.5, marker="v", markersize=5.0,
            color=EVENT_COLOURS[event.kind], markeredgecolor="white", markeredgewidth=0.6,
            linestyle="", zorder=4,
        )  # fmt: skip
    axes.set_ylim(days, 0)
    axes.set_xlim(0.0, 24.0)
    axes.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
    dates = [datetime.fromtimestamp((first + k) * _DAY_S, UTC) for k in range(days)]
    axes.set_yticks(np.arange(days) + 0.5, [f"{date:%a %-d %b}" for date in dates])
    axes.grid(visible=False)
    for row in range(1, days):
        axes.axhline(row, color="white", linewidth=1.5)
    titled(
        axes, "Voltage of the phase that is farthest from Un, by ten minutes; triangles: events", ""
    )
    scale = axes.inset_axes((1.015, 0.0, 0.012, 1.0))
    bar = axes.figure.colorbar(mesh, cax=scale, ticks=[-reach, 0.0, reach])
    bar.ax.set_yticklabels([f"−{reach:g} %", "Un", f"+{reach:g} %"])
    bar.ax.tick_params(labelsize=7.0, labelcolor=FAINT)
    bar.outline.set_visible(False)


def titled(axes: Axes, words: str, unit: str) -> None:
    unit = f"  [{unit}]" if unit else ""
    axes.set_title(words + unit, loc="left", color=INK, pad=5)


def _times(utc_s: Floats) -> Floats:
    return np.asarray(utc_s) / _DAY_S


def _broken(times: Floats, *values: Floats) -> tuple[Floats, ...]:
    """The same with a NaN wherever an interval is missing, so that no line leads over it.

    The last value is held as long as the others.
    """
    if len(times) < 2:
        return (times, *values)
    length = float(np.diff(times).min())
    behind = np.flatnonzero(np.diff(times) > 1.5 * length) + 1
    places = np.insert(times, behind, times[behind - 1] + length)
    broken = (np.insert(column, behind, math.nan) for column in values)
    return (
        np.append(places, times[-1] + length), *(np.append(c, c[-1]) for c in broken),
    )  # fmt: skip


def _step(axes: Axes, times: Floats, values: Floats, colour: str) -> None:
    axes.plot(*_broken(times, values), color=colour, linewidth=0.9, drawstyle="steps-post")


def _lines(axes: Axes, report: QualityReport, times: Floats, values: Floats) -> None:
    for phase in report.record.supply.phases:
        _step(axes, times, values[:, phase], COLOURS[PHASE_NAMES[phase]])


def _band(axes: Axes, low: float, high: float, strong: bool) -> None:
    for side in (low, high):
        style = "-" if strong else (0, (4, 3))
        axes.axhline(side, color=LIMIT, linewidth=1.1 if strong else 0.9, linestyle=style)


def _one_sided(axes: Axes, values: Floats, limit: float) -> None:
    known = values[np.isfinite(values)]
    top = max(1.12 * limit, 1.06 * float(known.max()) if known.size else 0.0)
    axes.set_ylim(0.0, top if top > 0.0 else 1.0)
    axes.axhline(limit, color=LIMIT, linewidth=1.1)


def fit_around(
    axes: Axes, values: Floats, low: float, high: float, centre: float, unit: str,
    vertical: bool = True,
) -> None:  # fmt: skip
    """Room for the values; the limits are drawn where they are near, else told."""
    known = values[np.isfinite(values)]
    reach = max(float(np.abs(known - centre).max()) if known.size else 0.0, 0.02) * 1.15
    near = reach >= 0.3 * (high - centre)
    if near:
        reach = max(reach, 1.1 * (high - centre))
        for side in (low, high):
            (axes.axhline if vertical else axes.axvline)(side, color=LIMIT, linewidth=1.1)
    (axes.set_ylim if vertical else axes.set_xlim)(centre - reach, centre + reach)
    if not near:
        words = f"limits {low:g} … {high:g} {unit}: beyond this scale"
        place = (0.995, 0.96 if vertical else 0.06)
        axes.annotate(
            words if vertical else f"limits ±{high - centre:g} {unit}", place,
            xycoords="axes fraction", ha="right", va="top" if vertical else "bottom", size=7.0,
            color=LIMIT,
        )  # fmt: skip


def _flags(axes: Axes, report: QualityReport) -> None:
    """A mark on the lower edge under each flagged interval."""
    ten = report.record.ten
    for start in ten.start[ten.flagged].tolist():
        axes.axvspan(
            start / _DAY_S, (start + 600.0) / _DAY_S, ymax=0.03, color=FLAG, linewidth=0.8
        )  # fmt: skip


def _time_axis(axes: Axes, report: QualityReport) -> None:
    """Ticks at whole steps of UTC: days by their names, hours and less by the clock."""
    begin, end = report.record.begin_utc_s, report.record.end_utc_s
    for first, last in report.record.gaps[:_GAPS_DRAWN].tolist():
        axes.axvspan(first / _DAY_S, last / _DAY_S, color=_GAP, linewidth=0.0, zorder=0)
    axes.set_xlim(begin / _DAY_S, end / _DAY_S)
    inches = axes.get_window_extent().width / axes.figure.dpi
    most = max((end - begin) / max(inches / 0.85, 2.0), 1e-3)
    step = next((s for s in _STEPS_S if s >= most), _STEPS_S[-1])
    places = np.arange(math.ceil(begin / step - 1e-9), math.floor(end / step + 1e-9) + 1) * step
    forms = (("%a %-d %b", _DAY_S), ("%H:%M", 60.0), ("%H:%M:%S", 1.0), ("%S.%f s", 0.0))
    form = next(form for form, least in forms if step >= least)
    names = [datetime.fromtimestamp(place, UTC).strftime(form) for place in places.tolist()]
    axes.set_xticks(places / _DAY_S, names)
    if step >= _DAY_S:
        kept = places < end - 0.3 * step
        axes.set_xticks(places[kept] / _DAY_S, [n for n, k in zip(names, kept, strict=True) if k])
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("left")


def phase_legend(axes: Axes, report: QualityReport, patches: bool = False) -> None:
    """The phases' names in their colours, at the right of the title."""
    x = 1.0
    for phase in reversed(report.record.supply.phases):
        name = PHASE_NAMES[phase]
        axes.annotate(
            f"{'■' if patches else '—'} {name}", (x, 1.0), xycoords="axes fraction",
            xytext=(0.0, 5.0), textcoords="offset points", ha="right", va="bottom",
            size=7.5, color=COLOURS[name],
        )  # fmt: skip
        x -= 34.0 / (axes.get_window_extent().width / axes.figure.dpi * 72.0)
