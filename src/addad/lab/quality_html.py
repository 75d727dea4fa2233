"""A quality report as one page of HTML that needs nothing beside it but the events' files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from typing import NamedTuple

from matplotlib.axes import Axes

from addad.lab import quality_distributions as distributions
from addad.lab import quality_event_words as event_words
from addad.lab import quality_plots as plots
from addad.lab import quality_words as words
from addad.lab.quality_event_plots import draw_tolerance
from addad.lab.quality_figures import both, event_svg, svg
from addad.lab.quality_page_style import STYLE
from addad.lab.quality_report import (
    PHASE_NAMES,
    Item,
    QualityReport,
    ReportedEvent,
    drawn_waveforms,
)
from addad.lab.quality_tolerance import SOURCE
from addad.metrology.power_quality.en50160 import Quantity, Result, Verdict

WAVEFORMS_SHOWN = 24
EVENTS_SHOWN = 500
_EVENT_CELLS = (" class=n", "", *(4 * (" class=n",)), "", "")
WIDE, NARROW = (11.0, 2.35), (4.9, 2.3)
_ONE_LINE = (plots.draw_frequency, plots.draw_unbalance)
_CLASSES = {
    Verdict.CONFORMS: "good", Verdict.FAILS: "bad", Verdict.WITHIN: "so-far",
    Verdict.BEYOND: "bad", Verdict.NOT_MEASURED: "none",
}  # fmt: skip


class Files(NamedTuple):
    """Where an event's waveform stands, as links from the page."""

    configuration: str
    data: str


def page(report: QualityReport, files: Mapping[int, Files] | None = None) -> str:
    """The whole page; `files` are those of events, by their numbers."""
    parts = [
        _head(report),
        *(f'<p class="notice">{escape(remark)}</p>' for remark in report.record.supply.remarks),
        _overview(report),
        _summary(report),
        _week(report),
        *_courses(report),
        _harmonics(report),
        _distributions(report),
        _events(report, files or {}),
        _method(report),
    ]
    title = escape(f"Voltage quality, {report.record.supply.name}")
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style></head>\n"
        f"<body><main>\n{''.join(parts)}</main></body></html>\n"
    )


def _head(report: QualityReport) -> str:
    word, below = words.stamp(report)
    return (
        "<header><div><h1>Voltage quality by EN 50160</h1>"
        f"<p><b>{escape(report.record.supply.name)}</b></p>"
        f'<p class="faint">{words.period(report.record)}</p>'
        f'<p class="headline">{escape(words.headline(report))}</p></div>'
        f'<div class="stamp {_CLASSES[report.verdict]}">{word}<small>{escape(below)}</small></div>'
        "</header>"
    )


def _overview(report: QualityReport) -> str:
    return (
        '<div class="two"><section><h2>Supply and instrument</h2>'
        f"{_list(words.identification(report))}</section>"
        f"<section><h2>What was measured</h2>{_list(words.coverage(report))}</section></div>"
    )


def _summary(report: QualityReport) -> str:
    rows = "".join(_summary_row(line) for line in words.summary(report))
    return (
        '<h2>Result</h2><div class="wide"><table class="result"><thead><tr><th>item</th>'
        "<th>asked</th><th class=n>limit</th><th class=n>measured, worst phase</th>"
        '<th class="gauge-head">of the limit</th><th class=n>flagged</th><th>verdict</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
        f'<p class="faint">{words.SUMMARY_NOTE} The bar ends where the limit is.</p>'
    )


def _summary_row(line: words.Line) -> str:
    wanted = line.item.requirement
    return (
        f"<tr><td>{escape(line.title)}<small>{words.interval(wanted)}</small>"
        f"</td><td>{words.asked(wanted)}</td><td class=n>{line.limit}</td>"
        f"<td class=n>{escape(line.measured)}</td><td class=g>{_gauge(line.worst)}</td>"
        f"<td class=n>{_flagged(line.worst)}</td>{_verdict(line.item)}</tr>"
    )


def _gauge(result: Result | None) -> str:
    """A bar as long as the share of the limit that is used."""
    if result is None:
        return ""
    used = 100.0 * result.used
    kind = "over" if result.verdict in (Verdict.FAILS, Verdict.BEYOND) else ""
    return (
        f'<span class="gauge {kind}"><i style="width:{min(used, 100.0):.1f}%"></i></span>'
        f'<span class="used">{used:.0f} %</span>'
    )


def _flagged(result: Result | None) -> str:
    if result is None:
        return "—"
    count, share = words.flagged(result)
    return f"{count}<small>{share}</small>"


def _verdict(item: Item) -> str:
    text = words.verdict(item.requirement, item.verdict)
    why = f"<small>{escape(item.why)}</small>" if item.why else ""
    return f'<td class="{_CLASSES[item.verdict]}">{text}{why}</td>'


def _week(report: QualityReport) -> str:
    if report.record.days < 1.0:
        return ""
    days = max(1, round(report.record.days))
    height = 0.6 + 0.27 * days
    figure = both(
        lambda axes: plots.draw_week(axes, report), "week", (11.0, height), (4.9, height),
        right=0.66, left=0.78,
    )  # fmt: skip
    return f"<h2>The week</h2>{figure}"


def _courses(report: QualityReport) -> Iterator[str]:
    record = report.record
    drawn = [
        ("Supply voltage", plots.draw_voltage, (Quantity.VOLTAGE,), (11.0, 3.1)),
        ("Power frequency", plots.draw_frequency, (Quantity.FREQUENCY,), WIDE),
        ("Flicker", plots.draw_flicker, (Quantity.FLICKER,), WIDE),
        ("Unbalance", plots.draw_unbalance, (Quantity.UNBALANCE,), WIDE),
    ]
    if record.supply.signalling_hz:
        drawn.append(("Mains signalling", plots.draw_signalling, (Quantity.SIGNALLING,), WIDE))
    for name, draw, quantities, wide in drawn:
        items = [item for quantity in quantities for item in report.of(quantity)]
        if not plots.has_course(report, quantities[0]):
            continue
        legend = () if draw in _ONE_LINE else record.supply.phases
        figure = both(partial(_on, draw, report), name, wide, NARROW, legend=legend)
        yield f"<h2>{name}</h2>{figure}{_table(report, items)}"


def _on(draw: plots.Draw, report: QualityReport, axes: Axes) -> None:
    draw(axes, report)


def _harmonics(report: QualityReport) -> str:
    items = [*report.of(Quantity.DISTORTION), *report.of(Quantity.HARMONIC)]
    if not plots.has_course(report, Quantity.DISTORTION):
        return ""
    legend = report.record.supply.phases
    orders = partial(_on, plots.draw_harmonics, report)
    course = partial(_on, plots.draw_distortion, report)
    return (
        f"<h2>Harmonics</h2>{both(orders, 'harmonics', (11.0, 2.6), (4.9, 2.6), legend=legend)}"
        f"{both(course, 'thd', WIDE, NARROW, legend=legend)}{_order_table(report, items)}"
    )


def _order_table(report: QualityReport, items: Sequence[Item]) -> str:
    """THD and each order in a row, a column a phase; those that were not measured are named."""
    phases = report.record.supply.phases
    head = "".join(f"<th class=n>{PHASE_NAMES[phase]}</th>" for phase in phases)
    rows = []
    for item in items:
        if item.worst is None:
            continue
        by_phase = {result.channel: result for result in item.results}
        cells = "".join(f"<td class=n>{words.found(by_phase[p])}</td>" for p in phases)
        name = "THD" if not _is_harmonic(item) else f"{item.requirement.order}"
        rows.append(
            f"<tr><td>{name}</td><td class=n>{words.limit(item.requirement)}</td>{cells}"
            f"<td class=g>{_gauge(item.worst)}</td>{_verdict(item)}</tr>"
        )
    missing = "".join(
        f'<p class="faint">{escape(names)}: not measured, {escape(why)}.</p>'
        for names, why in words.unmeasured(report)
        if names.startswith("Harmonic")
    )
    return (
        "<details open><summary>All orders, 95 % of the 10-minute values</summary>"
        f'<div class="wide orders"><table><thead><tr><th>order</th><th class=n>limit</th>{head}'
        '<th class="gauge-head">of the limit</th><th>verdict</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{missing}</details>"
    )


def _distributions(report: QualityReport) -> str:
    drawn = [
        f"<figure>{svg(partial(_distribution, report, quantity), 2.75, 2.2, quantity.value)}"
        "</figure>"
        for quantity in distributions.distributions(report)
    ]
    if not drawn:
        return ""
    return (
        f'<h2>Distributions</h2><p class="faint">{distributions.NOTE}</p>'
        f'<div class="four">{"".join(drawn)}</div>'
    )


def _distribution(report: QualityReport, quantity: Quantity, axes: Axes) -> None:
    distributions.draw_distribution(axes, report, quantity)


def _events(report: QualityReport, files: Mapping[int, Files]) -> str:
    if not report.events:
        return (
            "<h2>Events</h2><p>No dip, swell, interruption or rapid voltage change.</p>"
            f"{_classes(report)}"
        )
    plane = both(lambda axes: draw_tolerance(axes, report), "tolerance", (7.4, 4.1), (4.9, 4.3))
    waves = drawn_waveforms(report)
    shown = waves[:WAVEFORMS_SHOWN]
    cards = "".join(_card(report, event, files.get(event.number)) for event in shown)
    more = len(waves) - len(shown)
    rest = (
        f'<p class="faint">{more} more events have a waveform that is not drawn here.</p>'
        if more > 0
        else ""
    )
    return (
        f'<h2>Events</h2><div class="plane">{plane}<div>{_classes(report)}</div></div>'
        f'<p class="faint">{escape(SOURCE)}. Numbers are those of the list.</p>'
        f"{_event_list(report, files)}<h3>Waveforms</h3>"
        f'<div class="cards">{cards}</div>{rest}'
    )


def _classes(report: QualityReport) -> str:
    tables = "".join(_matrix(matrix) for matrix in event_words.classes(report))
    return f'<div class="classes">{tables}{_list(event_words.other_events(report))}</div>'


def _matrix(matrix: event_words.Matrix) -> str:
    head = "".join(f"<th class=n>{escape(column)}</th>" for column in matrix.columns)
    body = "".join(
        f"<tr><th>{escape(row)}</th>"
        + "".join(f'<td class="n{" some" if n else " zero"}">{n or "·"}</td>' for n in line)
        + "</tr>"
        for row, line in zip(matrix.rows, matrix.counts, strict=True)
    )
    return (
        f'<div class="wide"><table class="matrix"><thead><tr><th>{matrix.title}</th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _event_list(report: QualityReport, files: Mapping[int, Files]) -> str:
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{escape(cell)}</td>"
            for kind, cell in zip(_EVENT_CELLS, event_words.event_cells(report, event), strict=True)
        )
        + f"<td>{_links(files.get(event.number))}</td></tr>"
        for event in report.events[:EVENTS_SHOWN]
    )
    head = "".join(
        f"<th{kind}>{name}</th>"
        for kind, name in zip(_EVENT_CELLS, event_words.event_head(report), strict=True)
    )
    more = len(report.events) - EVENTS_SHOWN
    rest = f'<p class="faint">{more} more are not listed here.</p>' if more > 0 else ""
    return (
        f'<div class="wide"><table class="list"><thead><tr>{head}<th>COMTRADE</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{rest}"
    )


def _card(report: QualityReport, event: ReportedEvent, files: Files | None) -> str:
    caption = f"<b>{event.number}</b> {escape(event_words.caption(event))}"
    link = f'<span class="files">{_links(files)}</span>' if files else ""
    return f"<figure><figcaption>{caption}{link}</figcaption>{event_svg(report, event)}</figure>"


def _links(files: Files | None) -> str:
    if files is None:
        return ""
    return (
        f'<a href="{escape(files.configuration, quote=True)}">.cfg</a> '
        f'<a href="{escape(files.data, quote=True)}">.dat</a>'
    )


def _method(report: QualityReport) -> str:
    return (
        f'<div class="two"><section><h2>Method</h2>{_bullets(words.METHOD)}</section>'
        f"<section><h2>Where the limits are from</h2>{_bullets(words.SOURCES)}</section></div>"
        f'<p class="faint">Made by addad {escape(report.version)}, {report.made:%d %B %Y, %H:%M %Z}'
        ".</p>"
    )


def _table(report: QualityReport, items: Iterable[Item]) -> str:
    """The results of some items, a row a phase."""
    rows = []
    for item in items:
        wanted = item.requirement
        for result in item.results:
            text = words.verdict(wanted, result.verdict)
            rows.append(
                f"<tr><td>{words.asked(wanted)}</td><td class=n>{words.limit(wanted)}</td>"
                f"<td>{words.channel(result)}</td><td class=n>{words.found(result)}</td>"
                f"<td class=n>{words.extremes(result)}</td><td class=n>{result.counted}</td>"
                f"<td class=n>{result.beyond}</td>"
                f"<td class=n>{result.flagged} ({result.flagged_beyond})</td>"
                f'<td class="{_CLASSES[result.verdict]}">{text}</td></tr>'
            )
        if item.why:
            rows.append(f'<tr><td colspan="9" class="faint">{escape(item.why)}</td></tr>')
    return (
        '<div class="wide"><table class="detail"><thead><tr><th>asked</th><th class=n>limit</th>'
        "<th></th><th class=n>measured</th><th class=n>all values</th><th class=n>counted</th>"
        "<th class=n>beyond</th><th class=n>flagged (beyond)</th><th>verdict</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _is_harmonic(item: Item) -> bool:
    return item.requirement.quantity is Quantity.HARMONIC


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(a)}</dt><dd>{escape(b)}</dd>' for a, b in pairs)}</dl>"


def _bullets(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
