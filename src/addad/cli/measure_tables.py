"""The tables of `addad measure`: what was guessed, what was measured, what to know about it."""

from __future__ import annotations

import math
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from addad.cli.measure_events import Quantity, against, event_notes, events_table, states_told
from addad.cli.measure_values import (
    DASH,
    energies,
    extremes_table,
    frequency_line,
    items_table,
    phases_table,
    quantity,
    span,
)
from addad.lab.report import ItemReport, PhaseReport, Report
from addad.lab.tell import flag_words
from addad.metrology.wiring import Site
from addad.world.circuits import circuits
from addad.world.recording import Recording

_FINDINGS_MAX = 12
_LEAST_PF = 0.2
"""Power at a smaller power factor flows neither way."""


def print_report(report: Report, guessed: bool) -> None:
    """Everything measured, as tables on stdout."""
    console = _console()
    _print_head(console, report, guessed)
    if len(report.items) == 1:
        _print_item(console, report, report.items[0])
        _print_events(console, report)
        if report.states is not None:
            for line in states_told(report.states):
                console.print(Text(line))
    else:
        _print_table(console, items_table(report))
    for finding in report.findings[:_FINDINGS_MAX]:
        console.print(Text(f"! {finding}", style="bold"))
    more = len(report.findings) - _FINDINGS_MAX
    if more > 0:
        console.print(Text(f"! and {more} more; --json has them all", style="bold"))
    for note in _notes(report):
        console.print(Text(f"· {note}", style="dim"))


def _print_events(console: Console, report: Report) -> None:
    if report.quality is not None and report.quality.events:
        console.print(Text(against(report.quality, _in_volts(report))))
        _print_table(console, events_table(report.quality, span, _in_volts(report)))


def _in_volts(report: Report) -> Quantity:
    """Writes a voltage in the unit of the record's voltages."""
    unit = next((p.voltage.unit for p in report.items[0].phases if p.voltage), "V")
    return lambda value, within=math.nan: quantity(value, unit, None, within)


def print_channels(file: str, recording: Recording) -> None:
    """Every channel of the file, and the circuits they make."""
    console = _console()
    console.print(Text(file, style="bold") + Text(f"  {recording.format}"))
    console.print(_when(recording))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("#", "channel", "kind", "phase", "unit", "circuit", "side"):
        table.add_column(heading, justify="right" if heading == "#" else "left", overflow="fold")
    for number, channel in enumerate(recording.channels, 1):
        ratio = f" (ratio {channel.ratio:g})" if channel.ratio != 1.0 else ""
        table.add_row(
            str(number),
            escape(channel.name),
            channel.kind,
            channel.phase or DASH,
            escape(channel.unit),
            escape(channel.circuit),
            channel.side + ratio,
        )
    console.print(table)
    if recording.statuses:
        console.print(_statuses(recording))
    for circuit in circuits(recording.channels):
        if circuit.phases > 1 and circuit.kind == "current" and circuit.name:
            console.print(Text(f"--circuit '{circuit.name}'", style="dim"))


def _statuses(recording: Recording) -> Table:
    """The digital channels."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("#", "digital channel", "phase", "circuit", "normal"):
        table.add_column(heading, justify="right" if heading == "#" else "left", overflow="fold")
    for number, status in enumerate(recording.statuses, 1):
        normal = "" if status.normal is None else str(status.normal)
        fields = (status.name, status.phase, status.circuit, normal)
        table.add_row(str(number), *(escape(text) for text in fields))
    return table


def _console() -> Console:
    """Wide enough for the tables where nobody looks at a terminal."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 118
    return Console(width=max(width, 60), highlight=False, soft_wrap=False)


def _print_table(console: Console, table: Table) -> None:
    """The table, in as many parts side under side as the terminal needs: no number is cut."""
    columns = table.columns[1:]
    while columns:
        count = len(columns)
        while count > 1 and _width(console, _part(table, columns[:count])) > console.width:
            count -= 1
        console.print(_part(table, columns[:count]))
        columns = columns[count:]


def _width(console: Console, table: Table) -> int:
    return Measurement.get(console, console.options.update(width=1000), table).maximum


def _part(table: Table, columns: Sequence[Column]) -> Table:
    """The first column of a table, and some of the others; rows that are empty there go."""
    part = Table(box=table.box, pad_edge=False, title=table.title, title_justify="left")
    for column in (table.columns[0], *columns):
        part.add_column(column.header, justify=column.justify)
    rows = zip(*(tuple(column.cells) for column in (table.columns[0], *columns)), strict=True)
    for row, cells in zip(table.rows, rows, strict=True):
        if any(cells[1:]) or len(columns) == len(table.columns) - 1:
            part.add_row(*cells, style=row.style, end_section=row.end_section)
    return part


def _when(recording: Recording) -> Text:
    parts = [f"{recording.start:%Y-%m-%d %H:%M:%S.%f}"[:-3]] if recording.start else []
    rate = f"{recording.sample_rate:,.2f}".replace(",", " ").removesuffix(".00")
    each = f"{len(recording.items)} items of " if len(recording.items) > 1 else ""
    parts.append(f"{rate} S/s{' (assumed)' if recording.rate_assumed else ''}")
    parts.append(f"{each}{recording.samples} samples = {span(recording.duration_s)}")
    return Text(" · ".join(parts))


def _print_head(console: Console, report: Report, guessed: bool) -> None:
    console.print(Text(report.file, style="bold") + Text(f"  {report.recording.format}"))
    console.print(_when(report.recording))
    channels = report.recording.channels
    pairs = []
    chosen = report.channels
    for phase, voltage, current in zip(
        ("L1", "L2", "L3", "N"),
        (*chosen.voltages, None),
        (*chosen.currents, chosen.neutral),
        strict=True,
    ):
        names = [channels[column].name for column in (voltage, current) if column is not None]
        if names:
            pairs.append(f"{phase} = {' : '.join(names)}")
    words = "guessed: " if guessed else "mapped: "
    told = Text(f"{words}{'   '.join(pairs)}{'   (--map corrects)' if guessed else ''}")
    if len(told) > console.width:
        told = Text(words + ("(--map corrects)\n  " if guessed else "\n  ") + "\n  ".join(pairs))
    console.print(told)


def _print_item(console: Console, report: Report, item: ItemReport) -> None:
    if item.name:
        console.print(f"item {escape(item.name)}")
    cycles = f"{report.window_cycles} cycles"
    count = f"1 window of {cycles}" if item.windows == 1 else f"{item.windows} windows of {cycles}"
    if report.partial and item.windows == 1:
        count = "no whole window"
    told = f"; {report.partial}" if report.partial else ""
    console.print(
        f"{span(report.measured_s)} measured in {count}{told}"
        if item.windows > 1
        else f"{span(report.measured_s)} measured, {count}{told}"
    )
    _print_table(console, phases_table(item))
    console.print(f"f  {frequency_line(item.frequency)}", markup=False)
    if item.windows > 1:
        _print_table(console, extremes_table(report, item))
    if item.energy_uwh is not None:
        console.print(energies(item, report.measured_s), markup=False)


def _notes(report: Report) -> Iterable[str]:
    order = report.highest_order
    limit = "" if order == 50 else ", the highest below 0.45 of the sampling rate"
    yield f"harmonics and THD to order {order}{limit}"
    if len(report.items) > 1 and report.partial:
        yield f"each record: {report.partial.removeprefix('the record is ')}"
    if report.accuracy:
        yield report.accuracy
    yield from report.notes
    flags = 0
    for item in report.items:
        flags |= item.flags
        if item.skipped and len(report.items) == 1:
            yield (
                f"{item.skipped} of {item.skipped + item.windows} windows hold samples that are "
                "missing or no number, and are left out"
            )
        if len(report.items) == 1:
            if not report.findings:
                yield from _turned(report, item)
    if report.quality is not None:
        yield from event_notes(report.quality, _in_volts(report))
    yield from flag_words(flags)


def _turned(report: Report, item: ItemReport) -> Iterable[str]:
    """A hint where the signs of power look like those of current transformers."""
    powered = [phase for phase in item.phases if phase.power]
    out = [phase.phase for phase in powered if _flows_out(phase)]
    if not out or math.isnan(item.frequency.mean):
        return
    if len(out) == len(powered):
        turn = _turn_currents(report)
        yield f"power flows out on every phase; if the CTs are turned round: {turn}"
    else:
        names = ", ".join(out)
        yield f"power flows out on {names} alone: a CT turned round, or phases mixed up (--map)?"


def _flows_out(phase: PhaseReport) -> bool:
    """Whether it exports more than noise: beyond its own ±, by a current that is one."""
    power, current = phase.power, phase.current
    if power is None or current is None or current.rms < Site().least_current:
        return False
    within = power.uncertainty.p if power.uncertainty else 0.0
    return power.p < -max(within, _LEAST_PF * power.s)


def _turn_currents(report: Report) -> str:
    """The options that turn round the measured currents, by the names that they have."""
    names = [channel.name for channel in report.recording.channels]
    chosen = report.channels
    turned = [names[k] for k in (*chosen.currents, chosen.neutral) if k is not None]
    kept = [names[k] for k in chosen.voltages if k is not None]
    if all(name.upper().startswith("I") for name in turned) and not any(
        name.upper().startswith("I") for name in kept
    ):
        return "--scale 'I*=-1'"
    return " ".join(f"--scale {shlex.quote(f'{name}=-1')}" for name in turned)
