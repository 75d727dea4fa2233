"""A quality report by EN 50160 on sheets of A4: the page's words, tables and plots on paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl

from addad.lab import quality_distributions as distributions
from addad.lab import quality_event_words as event_words
from addad.lab import quality_plots as plots
from addad.lab import quality_words as words
from addad.lab.paper import BAD, BOTTOM, FAINT, GOOD, INK, LINE_MM, SO_FAR, Columns, Paper
from addad.lab.quality_event_plots import draw_tolerance, draw_waves
from addad.lab.quality_report import (
    PHASE_NAMES,
    Item,
    QualityReport,
    ReportedEvent,
    current_columns,
    drawn_waveforms,
    voltage_columns,
    waveform_of,
)
from addad.lab.quality_tolerance import SOURCE
from addad.metrology.power_quality.en50160 import Quantity, Result, Verdict

WAVEFORMS_SHOWN = 24
EVENTS_SHOWN = 150
_WIDTH, _AXIS = 170.0, 13.0
_TICKS_MM = 9.0
_GAUGE = 121.0
_COLOURS = {
    Verdict.CONFORMS: GOOD, Verdict.FAILS: BAD, Verdict.WITHIN: SO_FAR, Verdict.BEYOND: BAD,
    Verdict.NOT_MEASURED: FAINT,
}  # fmt: skip
_RESULT = (
    (0.0, "left"), (33.5, "left"), (78.5, "right"), (117.0, "right"), (_GAUGE, "left"),
    (146.0, "right"), (_WIDTH, "right"),
)  # fmt: skip
_ORDERS = ((9.0, "right"), (30.0, "right"))
_DETAIL = (
    (0.0, "left"), (37.0, "left"), (89.0, "right"), (112.5, "right"), (123.5, "right"),
    (134.0, "right"), (146.0, "right"), (_WIDTH, "right"),
)  # fmt: skip
_EVENTS = (
    (5.0, "right"), (9.0, "left"), (63.0, "right"), (80.0, "right"), (99.0, "right"),
    (115.0, "right"), (119.0, "left"), (_WIDTH, "right"),
)  # fmt: skip


def write_pdf(report: QualityReport, path: Path) -> None:
    """Write the sheets; OSError when the file cannot be written."""
    with mpl.rc_context(cast("Any", plots.STYLE)):
        paper = Paper(f"Voltage quality by EN 50160: {report.record.supply.name}")
        _first_sheet(paper, report)
        _courses(paper, report)
        _harmonics(paper, report)
        _phases(paper, report)
        _events(paper, report)
        _method(paper, report)
        paper.save(path)


def _first_sheet(paper: Paper, report: QualityReport) -> None:
    stamp, below = words.stamp(report)
    colour = _COLOURS[report.verdict]
    frame = {"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": colour}
    paper.y += 4.0
    paper.text("Voltage quality by EN 50160", size=18.0, weight="bold")
    paper.text(stamp, 167.0, size=14.0, colour=colour, weight="bold", ha="right", bbox=frame)
    paper.y += 7.5
    paper.text(report.record.supply.name, size=11.0, weight="bold")
    paper.text(below, _WIDTH, colour=FAINT, ha="right")
    paper.y += 5.0
    paper.text(words.period(report.record), colour=FAINT)
    paper.y += 4.0
    paper.rule(INK, 1.6)
    paper.y += 6.0
    paper.lines(words.headline(report))
    for remark in report.record.supply.remarks:
        paper.y += 1.5
        paper.lines(remark)
    paper.heading("Result")
    _result_table(paper, report)
    paper.heading("Supply and instrument")
    paper.pairs(words.identification(report))
    paper.heading("What was measured")
    paper.pairs(words.coverage(report))


def _result_table(paper: Paper, report: QualityReport) -> None:
    head = ("item", "asked", "limit", "measured, worst phase", "of limit", "flagged", "verdict")
    paper.row(_RESULT, head, FAINT, size=7.0)
    for line in words.summary(report):
        item, worst = line.item, line.worst
        paper.room(LINE_MM)
        _gauge(paper, worst)
        cells = (
            line.title, words.asked(item.requirement), line.limit,
            line.measured, "", words.flagged(worst)[0] if worst else "—",
            words.verdict(item.requirement, item.verdict),
        )  # fmt: skip
        paper.row(_RESULT, cells, last=_COLOURS[item.verdict], size=7.0)
        if item.why:
            paper.text(item.why, 33.5, size=6.5, colour=FAINT)
            paper.y += LINE_MM
    paper.y += 1.0
    paper.text(words.SUMMARY_NOTE, size=6.5, colour=FAINT)
    paper.y += 2.0


def _gauge(paper: Paper, result: Result | None) -> None:
    """A bar of seven millimetres: how much of the limit is used."""
    if result is None:
        return
    paper.text(f"{100.0 * result.used:.0f} %", _GAUGE + 8.5, size=6.5, colour=FAINT)
    over = result.verdict in (Verdict.FAILS, Verdict.BEYOND)
    paper.y -= 0.9
    paper.rule("#e3e7ea", 4.0, (_GAUGE, _GAUGE + 7.0))
    end = _GAUGE + 7.0 * min(max(result.used, 0.0), 1.0)
    paper.rule(BAD if over else GOOD, 4.0, (_GAUGE, end))
    paper.y += 0.9


def _courses(paper: Paper, report: QualityReport) -> None:
    record = report.record
    drawn: list[tuple[plots.Draw, Quantity, float, bool]] = [
        (plots.draw_voltage, Quantity.VOLTAGE, 38.0, True),
        (plots.draw_frequency, Quantity.FREQUENCY, 24.0, False),
        (plots.draw_flicker, Quantity.FLICKER, 24.0, True),
        (plots.draw_unbalance, Quantity.UNBALANCE, 24.0, False),
    ]
    if record.supply.signalling_hz:
        drawn.append((plots.draw_signalling, Quantity.SIGNALLING, 24.0, True))
    drawn = [row for row in drawn if plots.has_course(report, row[1])]
    if not drawn:
        return
    paper.turn()
    paper.heading("Courses")
    if record.days >= 1.0:
        paper.y += 4.0
        height = 4.6 * max(1, round(record.days))
        plots.draw_week(paper.axes(_AXIS + 3.0, 142.0, height), report)
        paper.y += height + _TICKS_MM
    for draw, _, height, by_phase in drawn:
        _course(paper, report, draw, height, by_phase)


def _course(
    paper: Paper, report: QualityReport, draw: plots.Draw, height: float, by_phase: bool
) -> None:
    """A plot over the whole width, its title above it and its times below."""
    paper.room(height + _TICKS_MM + 4.0)
    paper.y += 4.0
    axes = paper.axes(_AXIS, _WIDTH - _AXIS, height)
    draw(axes, report)
    if by_phase:
        plots.phase_legend(axes, report)
    paper.y += height + _TICKS_MM


def _harmonics(paper: Paper, report: QualityReport) -> None:
    if not plots.has_course(report, Quantity.DISTORTION):
        return
    paper.turn()
    paper.heading("Harmonics")
    _course(paper, report, plots.draw_harmonics, 42.0, True)
    paper.y += 3.0
    _course(paper, report, plots.draw_distortion, 26.0, True)
    phases = report.record.supply.phases
    columns = (
        *_ORDERS, *((56.0 + 24.0 * k, "right") for k in range(len(phases))), (_WIDTH, "right"),
    )  # fmt: skip
    head = ("order", "limit", *(PHASE_NAMES[phase] for phase in phases), "verdict")
    paper.row(columns, head, FAINT)
    for item in (*report.of(Quantity.DISTORTION), *report.of(Quantity.HARMONIC)):
        if paper.room(LINE_MM):
            paper.row(columns, head, FAINT)
        by_phase = {result.channel: result for result in item.results}
        cells = (
            str(item.requirement.order or "THD"), words.limit(item.requirement),
            *(words.found(by_phase[phase]) for phase in phases),
            words.verdict(item.requirement, item.verdict),
        )  # fmt: skip
        _gauge(paper, item.worst)
        paper.row(columns, cells, last=_COLOURS[item.verdict])


def _phases(paper: Paper, report: QualityReport) -> None:
    """Every result but those of the harmonics, and how the values are spread."""
    paper.turn()
    paper.heading("Each phase")
    head = ("item", "asked", "measured", "all values", "counted", "beyond", "flagged", "verdict")
    paper.row(_DETAIL, head, FAINT, size=7.0)
    for item in report.items:
        if item.requirement.quantity is not Quantity.HARMONIC:
            _phase_rows(paper, report, item)
    paper.y += 1.0
    paper.text("Flagged: in brackets those of them beyond the limit.", size=6.5, colour=FAINT)
    paper.y += 2.0
    spread = distributions.distributions(report)
    if not spread:
        return
    paper.heading("Distributions", 62.0)
    paper.lines(distributions.NOTE)
    paper.y += 5.0
    for place, quantity in enumerate(spread):
        axes = paper.axes(9.0 + place * 43.5, 31.0, 32.0)
        distributions.draw_distribution(axes, report, quantity)
        axes.tick_params(labelsize=6.5)
    paper.y += 32.0 + _TICKS_MM


def _phase_rows(paper: Paper, report: QualityReport, item: Item) -> None:
    wanted = item.requirement
    for result in item.results:
        name = f"{words.item_title(report, item)} {words.channel(result)}".strip()
        cells = (
            name, words.asked(wanted), words.found(result), words.extremes(result),
            str(result.counted), str(result.beyond), f"{result.flagged} ({result.flagged_beyond})",
            words.verdict(wanted, result.verdict),
        )  # fmt: skip
        paper.row(_DETAIL, cells, last=_COLOURS[result.verdict], size=7.0)
    if not item.results:
        why = (words.item_title(report, item), words.asked(wanted), item.why)
        paper.row((*_DETAIL[:2], (60.0, "left")), why, size=7.0)


def _events(paper: Paper, report: QualityReport) -> None:
    paper.turn()
    paper.heading("Events")
    if not report.events:
        paper.lines("No dip, swell, interruption or rapid voltage change.")
    else:
        paper.y += 3.0
        draw_tolerance(paper.axes(_AXIS, _WIDTH - _AXIS, 78.0), report)
        paper.y += 78.0 + _TICKS_MM
        paper.lines(f"{SOURCE}. Numbers are those of the list.")
    for matrix in event_words.classes(report):
        _matrix(paper, matrix)
    paper.y += 2.0
    for name, count in event_words.other_events(report):
        paper.row(((0.0, "left"), (60.0, "right")), (name, count))
    if report.events:
        _event_list(paper, report)
        _waveforms(paper, report)


def _matrix(paper: Paper, matrix: event_words.Matrix) -> None:
    paper.room(LINE_MM * (len(matrix.rows) + 2))
    paper.y += 3.0
    columns: Columns = (
        (0.0, "left"), *((60.0 + 18.0 * k, "right") for k in range(len(matrix.columns))),
    )  # fmt: skip
    paper.row(columns, (matrix.title, *matrix.columns), FAINT)
    for name, counts in zip(matrix.rows, matrix.counts, strict=True):
        paper.row(columns, (name, *(str(n or "·") for n in counts)))


def _event_list(paper: Paper, report: QualityReport) -> None:
    paper.heading("List of events")
    head = event_words.event_head(report)
    paper.row(_EVENTS, head, FAINT)
    for event in report.events[:EVENTS_SHOWN]:
        if paper.room(LINE_MM):
            paper.row(_EVENTS, head, FAINT)
        paper.row(_EVENTS, event_words.event_cells(report, event))
    more = len(report.events) - EVENTS_SHOWN
    if more > 0:
        paper.lines(f"{more} more are not listed here.")


def _waveforms(paper: Paper, report: QualityReport) -> None:
    """Two beside each other, four pairs a sheet."""
    drawn = drawn_waveforms(report)
    if not drawn:
        return
    paper.heading("Waveforms", 80.0)
    for first in range(0, min(len(drawn), WAVEFORMS_SHOWN), 2):
        paper.room(60.0)
        for place, event in enumerate(drawn[first : first + 2]):
            _waveform(paper, report, event, place * 88.0)
        paper.y += 62.0
    more = len(drawn) - WAVEFORMS_SHOWN
    if more > 0 and paper.y < BOTTOM:
        paper.text(f"{more} more events have a waveform that is not drawn here.", colour=FAINT)


def _waveform(paper: Paper, report: QualityReport, event: ReportedEvent, x: float) -> None:
    wave = waveform_of(report.record, event)
    if wave is None:
        return
    parts: Sequence[tuple[str, float, Any]] = [
        ("voltages [V]", 24.0, voltage_columns(report.record)),
        ("currents [A]", 14.0, current_columns(report.record)),
    ]
    above = paper.y
    paper.text(f"{event.number}", x, size=7.5, weight="bold")
    paper.text(event_words.caption(event), x + 5.0, size=7.0)
    paper.y += 5.5
    axes = None
    for name, height, columns in parts:
        if columns:
            if axes is not None:
                axes.tick_params(labelbottom=False)
            axes = paper.axes(x + 9.0, 72.0, height)
            draw_waves(axes, event, wave, columns, name)
            axes.tick_params(labelsize=6.5)
            paper.y += height + 6.0
    if axes is not None:
        axes.set_xlabel("ms since it began", loc="right", labelpad=1.0, size=6.5)
    paper.y = above


def _method(paper: Paper, report: QualityReport) -> None:
    paper.room(110.0)
    paper.heading("Method")
    paper.bullets(words.METHOD)
    paper.heading("Where the limits are from")
    paper.bullets(words.SOURCES)
    paper.y += 4.0
    made = f"Made by addad {report.version}, {report.made:%d %B %Y, %H:%M %Z}."
    paper.text(made, colour=FAINT)
