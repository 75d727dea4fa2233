"""The tables of `addad quality`: what EN 50160 asks, what was found, and the events."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from addad.lab import quality_event_words as event_words
from addad.lab import quality_words as words
from addad.lab.quality_report import Item, QualityReport
from addad.metrology.power_quality.en50160 import Quantity, Verdict

MAX_EVENTS = 30
_WIDTH_NO_TERMINAL = 110
_STYLES = {
    Verdict.CONFORMS: "green", Verdict.FAILS: "bold red", Verdict.WITHIN: "yellow",
    Verdict.BEYOND: "red", Verdict.NOT_MEASURED: "dim",
}  # fmt: skip


def print_report(report: QualityReport) -> None:
    """The headline, a row an item (of the harmonics, the nearest to their limits), the events."""
    width = None if sys.stdout.isatty() else _WIDTH_NO_TERMINAL
    console = Console(highlight=False, width=width)
    console.print(Text(f"{report.record.supply.name}, {words.period(report.record)}", "bold"))
    for remark in report.record.supply.remarks:
        console.print(Text(remark, style="yellow"))
    for note in report.record.supply.notes:
        console.print(Text(note, style="dim"))
    if any(item.worst for item in report.items):
        console.print(_items(report))
    for names, why in words.unmeasured(report):
        console.print(Text(f"Not measured, {why}: {names}", style="dim"))
    if report.events:
        console.print(_events(report))
    stamp, below = words.stamp(report)
    console.print(Text(f"{stamp}: {below}", style=_STYLES[report.verdict]))
    console.print(words.headline(report))


def _items(report: QualityReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("item")
    table.add_column("asked", no_wrap=True)
    for name in ("limit", "measured", "flagged"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict")
    for item in shown(report):
        worst = item.worst
        measured = f"{words.channel(worst)} {words.found(worst)}".strip() if worst else "—"
        verdict = words.verdict(item.requirement, item.verdict)
        table.add_row(
            words.item_title(report, item), words.asked(item.requirement),
            words.limit(item.requirement), measured, str(worst.flagged) if worst else "—",
            Text(verdict, style=_STYLES[item.verdict]),
        )  # fmt: skip
    return table


def shown(report: QualityReport) -> list[Item]:
    """The items of the table: of harmonics those that fail, else the three nearest to a limit."""
    harmonics = [item for item in report.of(Quantity.HARMONIC) if item.worst is not None]
    bad = [i for i in harmonics if i.verdict in (Verdict.FAILS, Verdict.BEYOND)]
    nearest = sorted(harmonics, key=lambda i: -(i.worst.used if i.worst else 0.0))[:3]
    kept = bad or nearest or list(report.of(Quantity.HARMONIC)[:1])
    return [
        item
        for item in report.items
        if item.requirement.quantity is not Quantity.HARMONIC or item in kept
    ]


def _events(report: QualityReport) -> Table:
    title = f"{len(report.events)} events" if len(report.events) > 1 else "1 event"
    if len(report.events) > MAX_EVENTS:
        title += f", the first {MAX_EVENTS}; --json lists all"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for place, name in enumerate(event_words.event_head(report)):
        table.add_column(name, justify="right" if place in (0, 2, 3, 4, 5) else "left")
    for event in report.events[:MAX_EVENTS]:
        table.add_row(*event_words.event_cells(report, event))
    return table
