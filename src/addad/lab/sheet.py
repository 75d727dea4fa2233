"""One sheet of a recording: its waveforms, its phasors, its harmonics, and how it went.

Phase colours are those of installation cables: L1 brown, L2 black, L3 grey, neutral blue.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec, SubplotSpec
from numpy.typing import NDArray

from addad.lab.measure_plan import Plan
from addad.lab.measure_rounding import pair, rounded
from addad.lab.report import (
    Course,
    Frequency,
    ItemReport,
    PhaseReport,
    Power,
    RecordEvent,
    Report,
    Wave,
)
from addad.lab.sheet_items import draw_items
from addad.lab.sheet_panels import (
    FAINT,
    INK,
    PAPER,
    STYLE,
    draw_course,
    draw_frequency,
    draw_harmonics,
    draw_phasors,
    draw_spread,
    draw_waves,
    measured,
    prefixed,
)
from addad.lab.whole_file import whole_file

Floats = NDArray[np.float64]

CYCLES_SHOWN = 4
CYCLES_AROUND_EVENT = 14
MAX_EXCERPT_SAMPLES = 200_000
_EVENT = 0.1
_BETWEEN_WAVES = 0.27
_UNKNOWN = Power(math.nan, math.nan, math.nan, math.nan)
_DPI = 150
_CELL_DIGITS = 6


def draw(plan: Plan, report: Report, path: Path) -> None:
    """Draw the sheet of a measured recording into a PNG; OSError when it cannot be written."""
    with mpl.rc_context(cast("Any", STYLE)), whole_file(path) as file:
        compose(plan, report).savefig(file, dpi=_DPI, facecolor=PAPER, format="png")


def compose(plan: Plan, report: Report) -> Figure:
    """The sheet as a figure: one record's, or many small ones."""
    with mpl.rc_context(cast("Any", STYLE)):
        figure = Figure(figsize=(13.2, 9.4), dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        if len(report.items) > 1:
            draw_items(figure, plan, report)
        else:
            _draw_record(figure, plan, report)
    return figure


def excerpt(plan: Plan, start_s: float, duration_s: float) -> tuple[Floats, Floats]:
    """Times [s] (n,) and samples (n, 7) of a stretch of the record, read again from its file."""
    rate = plan.recording.sample_rate
    first = max(0, int(start_s * rate))
    last = min(
        plan.recording.samples,
        first + min(MAX_EXCERPT_SAMPLES, max(8, math.ceil(duration_s * rate) + 1)),
    )
    pieces, position = [], 0
    for block in plan.blocks():
        here = block[0][max(0, first - position) : max(0, last - position)]
        if len(here):
            pieces.append(here)
        position += block.shape[1]
        if position >= last:
            break
    samples = np.concatenate(pieces) if pieces else np.empty((0, 7))
    return (first + np.arange(len(samples))) / rate, samples


def _draw_record(figure: Figure, plan: Plan, report: Report) -> None:
    item = report.items[0]
    cycle_s = 1.0 / report.nominal[1]
    event_s = _event(report)
    if event_s is None:
        times, samples = excerpt(plan, 0.0, CYCLES_SHOWN * cycle_s)
    else:
        begin = max(0.0, event_s - 0.4 * CYCLES_AROUND_EVENT * cycle_s)
        times, samples = excerpt(plan, begin, CYCLES_AROUND_EVENT * cycle_s)
    has_u = any(phase.voltage for phase in item.phases)
    has_i = any(phase.current for phase in item.phases)
    course = report.course is not None and len(report.course.cycle_time) > 2 * report.window_cycles
    rows = [2.55, 1.15, 1.75] if course else [2.75, 1.9]
    grid = figure.add_gridspec(
        len(rows), 1, height_ratios=rows, left=0.062, right=0.975, top=0.818, bottom=0.062,
        hspace=0.38 if course else 0.25,
    )  # fmt: skip
    _header(figure, report, item)
    if sum(bool(phase.voltage) + bool(phase.current) for phase in item.phases) > 1:
        top = grid[0].subgridspec(1, 2, width_ratios=[1.9, 1.0], wspace=0.06)
        _waves(figure, top[0], item, times, samples, has_u, has_i)
        _side(figure, top[1], item)
    else:
        _waves(figure, grid[0], item, times, samples, has_u, has_i)
    if course and report.course is not None:
        events = report.quality.events if report.quality else ()
        _course(figure, grid[1], report.course, item, event_s, events)
    _bottom(figure, grid[len(rows) - 1], report, item, course)


def _bottom(
    figure: Figure, place: SubplotSpec, report: Report, item: ItemReport, course: bool
) -> None:
    """Harmonic bars of what there is; beside those of one kind alone, the frequency's spread."""
    letters = [
        letter
        for letter, there in (
            ("u", any(phase.voltage for phase in item.phases)),
            ("i", any(phase.current for phase in item.phases)),
        )
        if there
    ]
    spread = course and len(letters) == 1 and report.course is not None
    grid = place.subgridspec(1, 2 if spread else len(letters), wspace=0.11)
    for column, letter in enumerate(letters):
        axes = figure.add_subplot(grid[0, column])
        draw_harmonics(axes, item.phases, letter, report.highest_order)
    if spread and report.course is not None:
        draw_spread(figure.add_subplot(grid[0, 1]), report.course)


def _event(report: Report) -> float | None:
    """When the first event began, else when a wave first changed much within a cycle [s]."""
    if report.quality is not None and report.quality.events:
        return report.quality.events[0].start_s
    course = report.course
    if course is None or len(course.cycle_time) < 4:
        return None
    rms = course.cycle_rms[:, :3]
    top = rms.max(axis=0)
    steps = np.abs(np.diff(rms, axis=0))[:, top > 0.0] / top[top > 0.0]
    if not steps.size or not steps.max() > _EVENT:
        return None
    return float(course.cycle_time[1 + int((steps.max(axis=1) > _EVENT).argmax())])


def _header(figure: Figure, report: Report, item: ItemReport) -> None:
    recording = report.recording
    figure.text(0.062, 0.955, report.file, size=19, weight="bold", color=INK, va="bottom")
    start = f"{recording.start:%Y-%m-%d %H:%M:%S}  ·  " if recording.start else ""
    sub = (
        f"{start}{recording.format}  ·  {_spaced(recording.sample_rate)} S/s  ·  "
        f"{prefixed(recording.duration_s, 's')}"
    )
    if item.name:
        sub += f"  ·  item {item.name}"
    figure.text(0.062, 0.937, sub[:150], size=9.5, color=FAINT, va="bottom")
    facts = _facts(item)
    width = (0.975 - 0.062) / max(len(facts), 5)
    for k, (name, value, within, detail) in enumerate(facts):
        x = 0.062 + k * width
        figure.text(x, 0.914, name, size=8.5, color=FAINT, va="center")
        figure.text(x, 0.892, value, size=15, color=INK, va="center", weight="bold")
        figure.text(x, 0.872, within, size=8.5, color=INK, va="center")
        figure.text(x, 0.855, detail, size=8, color=FAINT, va="center")
    front_end = "by what the samples show and " if report.front_end else "by the samples alone, "
    told = f"± 95 %, {front_end}{report.front_end or 'the front end not stated'}"
    figure.text(0.975, 0.939, told, size=8.5, color=FAINT, va="bottom", ha="right")
    if report.partial:
        figure.text(
            0.975, 0.96, report.partial, size=8.5, color=FAINT, va="bottom", ha="right",
            style="italic",
        )  # fmt: skip


def _facts(item: ItemReport) -> list[tuple[str, str, str, str]]:
    """The headline numbers: name, value, uncertainty, detail."""
    facts = [("Frequency", *_frequency(item.frequency))]
    voltages = [phase.voltage for phase in item.phases if phase.voltage]
    currents = [p.current for p in item.phases if p.current and p.phase != "N"]
    for name, waves in (("Voltage", voltages), ("Current", currents)):
        if waves:
            mean = float(np.mean([wave.rms for wave in waves]))
            # errors of the phases may go together: theirs is never more than its mean
            within = float(np.mean([_within(wave) for wave in waves]))
            worst = max((w.thd for w in waves if math.isfinite(w.thd)), default=math.nan)
            of = "mean of phases, " if len(waves) > 1 else ""
            thd = f"THD ≤ {max(100 * worst, 1e-3):.3g} %" if math.isfinite(worst) else "THD —"
            facts.append((name, *measured(mean, within, waves[0].unit), f"{of}{thd}"))
    if item.total is not None:
        total = item.total
        known = total.uncertainty or _UNKNOWN
        direction = "import" if total.p >= 0.0 else "export"
        facts.append(("Active power", *measured(total.p, known.p, "W"), direction))
        sort = "inductive" if total.q * total.p >= 0.0 else "capacitive"
        q = measured(total.q, known.q, "var")
        facts.append(("Reactive power", *q, f"fundamental, {sort}"))
        facts.append(("Power factor", *_plain(total.pf, known.pf), f"of {prefixed(total.s, 'VA')}"))
    return facts


def _within(wave: Wave) -> float:
    """The uncertainty of its RMS value; NaN where it is not known."""
    return wave.uncertainty.rms if wave.uncertainty else math.nan


def _plain(
    value: float, within: float, unit: str = "", places: int = 3, most: int = 6
) -> tuple[str, str]:
    """A value without a prefix to the place where its uncertainty ends, and the uncertainty."""
    found = pair(value, within, most)
    if found is None:
        known = math.isfinite(value)
        return (f"{rounded(value, places)}{unit}".replace("-", "−") if known else "—"), ""
    return f"{found[0]}{unit}".replace("-", "−"), f"± {found[1]}{unit}"


def _frequency(frequency: Frequency) -> tuple[str, str, str]:
    if not math.isfinite(frequency.mean):
        return "—", "", "not measured"
    if not frequency.measured:
        return f"{frequency.mean:g} Hz", "", "assumed"
    spread = frequency.highest - frequency.lowest
    detail = f"{frequency.lowest:.3f} … {frequency.highest:.3f} Hz" if spread > 0 else "measured"
    within = frequency.uncertainty.mean if frequency.uncertainty else math.nan
    return *_plain(frequency.mean, within, " Hz"), detail


def _waves(
    figure: Figure,
    place: SubplotSpec,
    item: ItemReport,
    times: Floats,
    samples: Floats,
    has_u: bool,
    has_i: bool,
) -> None:
    """Voltages above currents, on one axis of time."""
    count = int(has_u) + int(has_i)
    grid = GridSpecFromSubplotSpec(count, 1, subplot_spec=place, hspace=_BETWEEN_WAVES)
    first = None
    for row, letter in enumerate([x for x, there in (("u", has_u), ("i", has_i)) if there]):
        axes = figure.add_subplot(grid[row], sharex=first)
        first = first or axes
        draw_waves(axes, item.phases, letter, times, samples, last=row == count - 1)


def _side(figure: Figure, place: SubplotSpec, item: ItemReport) -> None:
    """The phasor diagram over the table of its phases."""
    grid = GridSpecFromSubplotSpec(2, 1, subplot_spec=place, height_ratios=[1.9, 1.75], hspace=0.1)
    draw_phasors(figure.add_subplot(grid[0], projection="polar"), item.phases)
    axes = figure.add_subplot(grid[1])
    axes.axis("off")
    heads = ["", "U", "∠", "I", "∠", "P", "PF"]
    rows = [row for phase in item.phases for row in _rows(phase)]
    keep = [k for k in range(len(heads)) if k == 0 or any(row[k] for row in rows)]
    table = axes.table(
        [[row[k] for k in keep] for row in rows],
        colLabels=[heads[k] for k in keep],
        colWidths=[(0.05, 0.155, 0.17, 0.175, 0.15, 0.165, 0.135)[k] for k in keep],
        cellLoc="right",
        loc="upper center",
        edges="open",
    )
    table.auto_set_font_size(False)
    for (row, _), cell in table.get_celld().items():
        of_value = row > 0 and bool(rows[row - 1][0])
        cell.set_text_props(color=INK if of_value else FAINT)
        cell.set_fontsize(7.3 if of_value or row == 0 else 6.5)
        cell.set_height(0.115 if of_value or row == 0 else 0.085)
        cell.PAD = 0.03


def _rows(phase: PhaseReport) -> list[list[str]]:
    """Its values, and beneath them their uncertainties, in their units, if any are known."""
    cells: list[tuple[str, str]] = []
    none = ("", "")
    for wave in (phase.voltage, phase.current):
        cells.append(
            measured(wave.rms, _within(wave), wave.unit, 4, _CELL_DIGITS) if wave else none
        )
        if wave is None or not math.isfinite(wave.angle):
            cells.append(none)
            continue
        turn = math.degrees(wave.uncertainty.angle) if wave.uncertainty else math.nan
        cells.append(_plain(math.degrees(wave.angle), turn, "°", places=1, most=2))
    power = phase.power
    if power is None:
        cells += [none, none]
    else:
        known = power.uncertainty or _UNKNOWN
        cells += [
            measured(power.p, known.p, "W", 4, _CELL_DIGITS),
            _plain(power.pf, known.pf, most=5),
        ]
    values = [phase.phase, *(value for value, _ in cells)]
    within = ["", *(" ".join(text.split()[:2]).rstrip("°") for _, text in cells)]
    return [values, within] if any(within) else [values]


def _course(
    figure: Figure,
    place: SubplotSpec,
    course: Course,
    item: ItemReport,
    event_s: float | None,
    events: Sequence[RecordEvent],
) -> None:
    """How the record went: voltage by cycle, and frequency and power by window."""
    power = item.total is not None
    ratios = [1.0, 1.0, 0.03] if power else [1.0, 1.0]
    grid = GridSpecFromSubplotSpec(
        1, len(ratios), subplot_spec=place, width_ratios=ratios, wspace=0.17
    )
    draw_course(figure.add_subplot(grid[0]), item.phases, course, event_s, events)
    draw_frequency(figure.add_subplot(grid[1]), course, power)


def _spaced(value: float) -> str:
    """A number with thin spaces between thousands."""
    return f"{value:,.1f}".removesuffix(".0").replace(",", "\u2009")
