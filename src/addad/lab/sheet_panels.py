"""The panels of a sheet: waveforms, phasors, harmonic bars, the course of a record.

Each draws into axes that it is given, and knows nothing of the rest of the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from addad.lab.measure_rounding import pair, with_uncertainty
from addad.lab.report import Course, PhaseReport, RecordEvent, Wave

if TYPE_CHECKING:
    from matplotlib.projections.polar import PolarAxes

Floats = NDArray[np.float64]

PAPER = "#fbfaf7"
INK = "#22262b"
FAINT = "#6b7178"
RULE = "#dcd8cf"
COLOURS: Mapping[str, str] = {"L1": "#8a4b1f", "L2": "#17191c", "L3": "#8f959b", "N": "#2b6cb0"}
ACCENT = "#1f7a6d"
EVENT_COLOURS: Mapping[str, str] = {
    "dip": "#c0392b",
    "interruption": "#7b241c",
    "swell": "#d68910",
    "rapid change": "#7d6bb0",
}
MAX_DOTS = 160
_THD_PLACES = 4
MIN_FREQUENCY_SPAN = 0.03
MIN_SPAN = 1e-3
"""Of its value: what a course shows at least, so that a steady one is a straight line."""

STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": RULE,
    "axes.facecolor": "#ffffff",
    "axes.labelcolor": FAINT,
    "axes.linewidth": 0.9,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "grid.color": "#ebe8e1",
    "grid.linewidth": 0.8,
    "text.parse_math": False,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


def prefixed(value: float, unit: str, digits: int = 5) -> str:
    """A value with an SI prefix: 58 940 V → `58.940 kV`."""
    if not math.isfinite(value):
        return "—"
    if unit == "full scale":
        return f"{value:.{digits - 1}g} FS"
    factor, prefix = scale_of(abs(value), unit)
    shown = value / factor
    if shown == 0.0:
        return f"0 {unit}"
    whole = math.floor(math.log10(abs(shown)))
    decimals = max(0, digits - 1 - max(whole, 0)) if abs(shown) >= 1e-3 else digits
    return f"{shown:.{decimals}f} {prefix}{unit}".replace("-", "−")


def measured(
    value: float, within: float, unit: str, digits: int = 5, most: int = 7
) -> tuple[str, str]:
    """A value as `prefixed`, to the place where its uncertainty ends, and the uncertainty.

    The second is empty, and the first has `digits`, where no uncertainty is known; for more digits
    than `most` there is no room.
    """
    factor, prefix = scale_of(abs(value), unit) if math.isfinite(value) else (1.0, "")
    whole = math.floor(math.log10(max(abs(value / factor), 1.0))) if math.isfinite(value) else 0
    found = pair(value / factor, within / factor, most - 1 - whole)
    if found is None:
        return prefixed(value, unit, digits), ""
    shown = f"{prefix}{unit}".replace("full scale", "FS")
    return f"{found[0]} {shown}".replace("-", "−"), f"± {found[1]} {shown}"


def scale_of(largest: float, unit: str) -> tuple[float, str]:
    """The factor and prefix that bring a value to between 1 and 1000."""
    if unit == "full scale":
        return 1.0, ""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if largest >= factor:
            return factor, prefix
    if unit in ("W", "var", "VA") or not largest > 0.0:
        return 1.0, ""
    return (1e-3, "m") if largest >= 1e-3 else (1e-6, "µ")


def draw_waves(
    axes: Axes,
    phases: Sequence[PhaseReport],
    letter: str,
    times: Floats,
    samples: Floats,
    last: bool,
) -> None:
    """The samples of the voltages (`u`) or currents (`i`) over time [ms]."""
    offset = 0 if letter == "u" else 3
    shown = [
        (phase.phase, wave, samples[:, offset + ("L1", "L2", "L3", "N").index(phase.phase)])
        for phase in phases
        if (wave := _wave(phase, letter)) is not None
    ]
    unit = shown[0][1].unit
    peak = max((float(np.nanmax(np.abs(s), initial=0.0)) for _, _, s in shown), default=0.0)
    factor, prefix = scale_of(peak, unit)
    milliseconds = times * 1e3
    sparse = len(times) < MAX_DOTS
    for name, _, values in reversed(shown):
        axes.plot(
            milliseconds, values / factor, color=COLOURS[name], linewidth=1.35, label=name,
            solid_joinstyle="round", marker="o" if sparse else "", markersize=2.6,
        )  # fmt: skip
    axes.margins(x=0.0)
    reach = 1.16 * peak / factor if peak > 0.0 else 1.0
    axes.set_ylim(-reach, reach)
    axes.yaxis.set_major_locator(MaxNLocator(5, symmetric=True))
    axes.axhline(0.0, color=RULE, linewidth=0.9, zorder=1)
    what = "Voltage" if letter == "u" else "Current"
    _title(axes, what, f"{prefix}{'FS' if unit == 'full scale' else unit}")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1], labels[::-1], loc="lower right", bbox_to_anchor=(1.0, 0.99),
        ncols=4, handlelength=1.3, columnspacing=1.2, borderaxespad=0.0,
    )  # fmt: skip
    if last:
        axes.set_xlabel("time in ms", loc="right", labelpad=1.0)
    else:
        axes.tick_params(labelbottom=False)


def draw_phasors(axes: Axes, phases: Sequence[PhaseReport]) -> None:
    """Fundamentals against the voltage of L1; voltages and currents each to their own scale."""
    polar = cast("PolarAxes", axes)
    polar.set_theta_zero_location("E")
    polar.set_ylim(0.0, 1.2)
    polar.set_yticks([0.5, 1.0], ["", ""])
    polar.set_xticks(np.radians(np.arange(0, 360, 30)))
    polar.set_xticklabels([])
    polar.spines["polar"].set_color(RULE)
    for letter, reach in (("u", 1.0), ("i", 0.74)):
        waves = [(p.phase, w) for p in phases if (w := _wave(p, letter)) is not None]
        top = max((float(w.harmonics[1]) for _, w in waves if w.harmonics[1] > 0.0), default=0.0)
        for name, wave in waves:
            length = float(wave.harmonics[1]) / top * reach if top > 0.0 else 0.0
            if not math.isfinite(wave.angle) or not length > 0.03:
                continue
            _arrow(polar, wave.angle, length, COLOURS[name], letter == "i")
            polar.text(
                wave.angle + (0.0 if letter == "u" else -0.11),
                length + (0.085 if letter == "u" else 0.06),
                f"{'U' if letter == 'u' else 'I'}{name[-1]}",
                color=COLOURS[name], size=8.5, ha="center", va="center",
                weight="bold" if letter == "u" else "normal",
                bbox={"boxstyle": "round,pad=0.08", "facecolor": "white", "edgecolor": "none",
                      "alpha": 0.75},
            )  # fmt: skip


def draw_harmonics(
    axes: Axes, phases: Sequence[PhaseReport], letter: str, highest_order: int
) -> None:
    """RMS by order from 2, in percent of each phase's fundamental."""
    waves = [
        (p.phase, w)
        for p in phases
        if (w := _wave(p, letter)) is not None
        and p.phase != "N"
        and w.harmonics[1] > 0.0
        and math.isfinite(w.thd)
    ]
    orders = np.arange(2, highest_order + 1)
    what = "Voltage" if letter == "u" else "Current"
    _title(axes, f"{what} harmonics, THD", "%")
    axes.grid(axis="x", visible=False)
    if not waves or not orders.size:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no fundamental to compare with", transform=axes.transAxes,
                  ha="center", va="center", color=FAINT)  # fmt: skip
        return
    width = min(0.8 / len(waves), 0.3)
    top = 0.0
    for k, (name, wave) in enumerate(waves):
        percent = 100.0 * wave.harmonics[2 : highest_order + 1] / wave.harmonics[1]
        top = max(top, float(np.nanmax(percent, initial=0.0)))
        within = wave.uncertainty
        half_thd = 100.0 * within.thd if within else math.nan
        thd = with_uncertainty(100.0 * wave.thd, half_thd, most=_THD_PLACES)
        places = orders + (k - (len(waves) - 1) / 2) * width
        axes.bar(
            places, percent, width * 0.92,
            color=COLOURS[name], label=f"{name} {thd or f'{100 * wave.thd:.3g}'}",
        )  # fmt: skip
        if within is not None:
            half = 100.0 * within.harmonics[2 : highest_order + 1] / wave.harmonics[1]
            least = np.minimum(half, percent)
            axes.errorbar(places, percent, yerr=[least, half], fmt="none", ecolor=FAINT,
                          elinewidth=0.6, alpha=0.55)  # fmt: skip
    axes.set_xlim(1.4, highest_order + 0.6)
    step = 1 if highest_order <= 14 else 2
    axes.set_xticks(np.arange(3 if step == 2 else 2, highest_order + 1, step))
    axes.tick_params(axis="x", labelsize=7.5 if highest_order > 30 else 9)
    axes.set_ylim(0.0, max(top * 1.15, 1e-3))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel("order", loc="right", labelpad=1.0)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.985), ncols=3, handlelength=0.8,
        handleheight=0.8, columnspacing=0.8, handletextpad=0.4,
        borderaxespad=0.0, fontsize=7.4,
    )  # fmt: skip


def shade_events(axes: Axes, events: Sequence[RecordEvent], unit_s: float = 1.0) -> None:
    """Colour the time of each event behind what is drawn, by its kind; `unit_s` [s] of the axis."""
    low, high = axes.get_xlim()
    shortest = 0.003 * (high - low)
    for event in events:
        begin, length = event.start_s / unit_s, event.duration_s / unit_s
        colour = EVENT_COLOURS.get(event.kind, INK)
        axes.axvspan(begin, begin + max(length, shortest), color=colour, alpha=0.14, linewidth=0,
                     zorder=0)  # fmt: skip


def draw_course(
    axes: Axes,
    phases: Sequence[PhaseReport],
    course: Course,
    event_s: float | None,
    events: Sequence[RecordEvent] = (),
) -> None:
    """RMS by cycle of the voltages, or of the currents where there is no voltage."""
    letter = "u" if any(phase.voltage for phase in phases) else "i"
    offset = 0 if letter == "u" else 3
    waves = [(p.phase, w) for p in phases if (w := _wave(p, letter)) is not None]
    top = float(np.max(course.cycle_rms[:, offset : offset + 3], initial=0.0))
    factor, prefix = scale_of(top, waves[0][1].unit)
    for name, _ in reversed(waves):
        column = offset + ("L1", "L2", "L3", "N").index(name)
        axes.plot(course.cycle_time, course.cycle_rms[:, column] / factor,
                  color=COLOURS[name], linewidth=1.2)  # fmt: skip
    if event_s is not None:
        axes.set_ylim(bottom=0.0)
        axes.axvline(event_s, color=ACCENT, linewidth=0.9, linestyle=(0, (3, 3)))
    axes.margins(x=0.0, y=0.12)
    widen(axes)
    shade_events(axes, events)
    axes.yaxis.set_major_locator(MaxNLocator(4, prune="lower"))
    unit = waves[0][1].unit.replace("full scale", "FS")
    _title(axes, "RMS by cycle", f"{prefix}{unit}")
    axes.set_xlabel("time in s", loc="right", labelpad=1.0)


def draw_frequency(axes: Axes, course: Course, with_power: bool) -> None:
    """Frequency by window, and the total of active power behind it."""
    known = np.isfinite(course.frequency)
    axes.plot(course.time, course.frequency, color=INK, linewidth=1.1,
              marker="." if known.sum() < 60 else "", markersize=4)  # fmt: skip
    axes.set_xlim(0.0, max(float(course.cycle_time[-1]), 1e-3))
    if known.any():
        lowest, highest = (float(f(course.frequency[known])) for f in (np.min, np.max))
        half = max(0.6 * (highest - lowest), MIN_FREQUENCY_SPAN / 2)
        middle = (lowest + highest) / 2
        axes.set_ylim(middle - half, middle + half)
    axes.yaxis.set_major_locator(MaxNLocator(4, prune="lower"))
    axes.ticklabel_format(axis="y", useOffset=False)
    _title(axes, "Frequency by window", "Hz")
    axes.set_xlabel("time in s", loc="right", labelpad=1.0)
    if not with_power:
        return
    factor, prefix = scale_of(float(np.nanmax(np.abs(course.power), initial=0.0)), "W")
    twin = axes.twinx()
    twin.grid(visible=False)
    twin.plot(course.time, course.power / factor, color=ACCENT, linewidth=1.1, alpha=0.85)
    widen(twin)
    twin.tick_params(axis="y", colors=ACCENT)
    twin.yaxis.set_major_locator(MaxNLocator(4))
    twin.set_title(f"Power, {prefix}W", loc="right", size=9, color=ACCENT, pad=4)


def draw_spread(axes: Axes, course: Course) -> None:
    """How often each frequency came."""
    known = course.frequency[np.isfinite(course.frequency)]
    axes.hist(known, bins=48, color=INK, alpha=0.85, rwidth=0.9)
    axes.ticklabel_format(axis="x", useOffset=False)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(axis="x", visible=False)
    _title(axes, "Spread of the frequency", "windows")
    axes.set_xlabel("Hz", loc="right", labelpad=1.0)


def widen(axes: Axes) -> None:
    """Let the axis of values hold at least MIN_SPAN of them, in plain numbers."""
    low, high = axes.get_ylim()
    least = MIN_SPAN * max(abs(low), abs(high))
    if high - low < least:
        axes.set_ylim((low + high - least) / 2, (low + high + least) / 2)
    axes.ticklabel_format(axis="y", useOffset=False)


def _wave(phase: PhaseReport, letter: str) -> Wave | None:
    return phase.voltage if letter == "u" else phase.current


def _title(axes: Axes, what: str, unit: str) -> None:
    axes.set_title(f"{what}, {unit}", loc="left", size=10, color=INK, pad=4)


def _arrow(axes: PolarAxes, angle: float, length: float, colour: str, thin: bool) -> None:
    axes.annotate(
        "",
        xy=(angle, length),
        xytext=(angle, 0.0),
        arrowprops={
            "arrowstyle": "-|>" if not thin else "->",
            "color": colour,
            "linewidth": 1.3 if thin else 2.2,
            "linestyle": (0, (4, 2)) if thin else "solid",
            "shrinkA": 0.0,
            "shrinkB": 0.0,
            "mutation_scale": 11,
        },
    )
