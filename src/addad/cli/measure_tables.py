"""The tables of `addad measure`: what was guessed, what was measured, what to know about it."""

from __future__ import annotations

import math
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from addad.cli.measure_events import against, event_notes, events_table
from addad.lab.report import Frequency, ItemReport, Power, Report, Wave
from addad.lab.tell import flag_words
from addad.world.channel_map import circuits
from addad.world.recording import Recording

DASH = "—"
_STYLES = {"L1": "dark_orange3", "L2": "bold", "L3": "bright_black", "N": "blue"}
_FREQUENCY_DIGIT = 1e-4


def print_report(report: Report, guessed: bool) -> None:
    """Everything measured, as tables on stdout."""
    console = _console()
    _print_head(console, report, guessed)
    if len(report.items) == 1:
        _print_item(console, report, report.items[0])
        _print_events(console, report)
    else:
        _print_table(console, _items_table(report))
    for finding in report.findings:
        console.print(Text(f"! {finding}", style="bold"))
    for note in _notes(report):
        console.print(Text(f"· {note}", style="dim"))


def _print_events(console: Console, report: Report) -> None:
    if report.quality is not None and report.quality.events:
        console.print(Text(against(report.quality, _in_volts(report))))
        _print_table(console, events_table(report.quality, _span, _in_volts(report)))


def _in_volts(report: Report) -> Callable[[float], str]:
    """Writes a voltage in the unit of the record's voltages."""
    unit = next((p.voltage.unit for p in report.items[0].phases if p.voltage), "V")
    return lambda value: _quantity(value, unit, None)


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
    for circuit in circuits(recording.channels):
        if circuit.phases > 1 and circuit.kind == "current" and circuit.name:
            console.print(Text(f"--circuit '{circuit.name}'", style="dim"))


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
    parts.append(f"{each}{recording.samples} samples = {_span(recording.duration_s)}")
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
        f"{_span(report.measured_s)} measured in {count}{told}"
        if item.windows > 1
        else f"{_span(report.measured_s)} measured, {count}{told}"
    )
    _print_table(console, _phases_table(item))
    console.print(f"f  {_frequency(item.frequency)}", markup=False)
    if item.windows > 1:
        _print_table(console, _extremes_table(report, item))
    if item.energy_uwh is not None:
        console.print(_energies(item.energy_uwh, report.measured_s), markup=False)


def _phases_table(item: ItemReport) -> Table:
    voltages = [phase.voltage for phase in item.phases if phase.voltage]
    currents = [phase.current for phase in item.phases if phase.current]
    powers = [phase.power for phase in item.phases if phase.power]
    plain = all(wave.unit in ("V", "A") for wave in (*voltages, *currents))
    u = _Column("U", [w.rms for w in voltages], voltages[0].unit if voltages else "V")
    i = _Column("I", [w.rms for w in currents], currents[0].unit if currents else "A")
    top = [item.total.s] if item.total else []
    p, q, s = (
        _Column(name, top, unit if plain else "")
        for name, unit in (("P", "W"), ("Q", "var"), ("S", "VA"))
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    shown: list[tuple[str, bool]] = [
        (u.heading, bool(voltages)), ("φU °", bool(voltages)),
        (i.heading, bool(currents)), ("φI °", bool(currents)),
        (p.heading, bool(powers)), (q.heading, bool(powers)), (s.heading, bool(powers)),
        ("PF", bool(powers)), ("THD-U %", bool(voltages)), ("THD-I %", bool(currents)),
    ]  # fmt: skip
    for heading, there in shown:
        if there:
            table.add_column(heading, justify="right")
    for phase in item.phases:
        fields = [
            u.text(phase.voltage.rms if phase.voltage else None), _angle(phase.voltage),
            i.text(phase.current.rms if phase.current else None), _angle(phase.current),
            *_power_fields(phase.power, (p, q, s)),
            _percent(phase.voltage), _percent(phase.current),
        ]  # fmt: skip
        row = [text for text, (_, there) in zip(fields, shown, strict=True) if there]
        table.add_row(phase.phase, *row, style=_STYLES[phase.phase])
    if item.total is not None:
        fields = ["", "", "", "", *_power_fields(item.total, (p, q, s)), "", ""]
        row = [text for text, (_, there) in zip(fields, shown, strict=True) if there]
        table.add_section()
        table.add_row("total", *row)
    return table


def _extremes_table(report: Report, item: ItemReport) -> Table:
    """The lowest and the highest window of each voltage and current."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="single windows", title_justify="left")
    table.add_column("")
    letters = [
        letter
        for letter, waves in (
            ("U", [phase.voltage for phase in item.phases]),
            ("I", [phase.current for phase in item.phases]),
        )
        if any(waves)
    ]
    for letter in letters:
        table.add_column(f"{letter} lowest", justify="right")
        table.add_column(f"{letter} highest", justify="right")
    for phase in item.phases:
        fields = []
        for letter in letters:
            wave = phase.voltage if letter == "U" else phase.current
            reference = report.nominal[0] if letter == "U" else None
            for value in (wave.lowest, wave.highest) if wave else (None, None):
                fields.append(_quantity(value, wave.unit if wave else "", reference))
        table.add_row(phase.phase, *fields, style=_STYLES[phase.phase])
    return table


def _items_table(report: Report) -> Table:
    """A row an item: its first phase that was measured."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = ("item", "U V", "I A", "P W", "Q var", "S VA", "PF", "THD-U %", "THD-I %", "")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("item", "") else "right")
    for item in report.items:
        phase = next((p for p in item.phases if p.power), item.phases[0])
        table.add_row(
            escape(item.name),
            _plain(phase.voltage.rms if phase.voltage else None),
            _plain(phase.current.rms if phase.current else None),
            *(_plain(value) for value in _powers(phase.power)),
            _factor(phase.power),
            _percent(phase.voltage),
            _percent(phase.current),
            f"{item.skipped} windows left out" if item.skipped else "",
        )
    return table


def _notes(report: Report) -> Iterable[str]:
    order = report.highest_order
    limit = "" if order == 50 else ", the highest below 0.45 of the sampling rate"
    yield f"harmonics and THD to order {order}{limit}"
    if len(report.items) > 1 and report.partial:
        yield f"each record: {report.partial.removeprefix('the record is ')}"
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
    powers = [phase.power.p for phase in item.phases if phase.power]
    if powers and all(p < 0.0 for p in powers):
        turn = _turn_currents(report)
        yield f"power flows out on every phase; if the CTs are turned round: {turn}"
    elif len(powers) > 1 and any(p < 0.0 for p in powers):
        names = ", ".join(p.phase for p in item.phases if p.power and p.power.p < 0.0)
        yield f"power flows out on {names} alone: a CT turned round, or phases mixed up (--map)?"


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


class _Column:
    """One quantity's column: a unit prefix that suits its largest value, and the digits."""

    def __init__(self, name: str, values: Sequence[float], unit: str) -> None:
        largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        self._factor, prefix = _prefix(largest, unit)
        self.heading = f"{name} {prefix}{unit}".replace("full scale", "FS")
        shown = largest / self._factor
        self._digits = 3 if shown == 0.0 else min(6, max(0, 5 - math.floor(math.log10(shown))))

    def text(self, value: float | None) -> str:
        """The value in the column's unit."""
        if value is None or not math.isfinite(value):
            return DASH
        return f"{value / self._factor:.{self._digits}f}"


def _prefix(largest: float, unit: str) -> tuple[float, str]:
    if unit not in ("V", "A", "W", "var", "VA", "Wh", "varh", "VAh"):
        return 1.0, ""
    if 0.0 < largest < 1e-3:
        return (1e-3, "m") if largest >= 1e-5 else (1e-6, "µ")
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if largest >= 10.0 * factor or (largest >= factor > 1e3):
            return factor, prefix
    return 1.0, ""


def _quantity(value: float | None, unit: str, reference: float | None) -> str:
    if value is None or not math.isfinite(value):
        return DASH
    factor, prefix = _prefix(abs(value), unit)
    shown = "FS" if unit == "full scale" else f"{prefix}{unit}"
    percent = f" ({100.0 * value / reference:.1f} %)" if reference else ""
    return f"{value / factor:.5g} {shown}{percent}"


def _plain(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return DASH
    digits = 0 if value == 0.0 else 4 - math.floor(math.log10(abs(value)))
    return f"{value:.{min(4, max(0, digits))}f}"


def _angle(wave: Wave | None) -> str:
    return (
        DASH
        if wave is None or not math.isfinite(wave.angle)
        else f"{round(math.degrees(wave.angle), 2) + 0.0:.2f}"
    )


def _percent(wave: Wave | None) -> str:
    return DASH if wave is None or not math.isfinite(wave.thd) else f"{100 * wave.thd:.3f}"


def _powers(power: Power | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if power is None else (power.p, power.q, power.s)


def _power_fields(power: Power | None, columns: Sequence[_Column]) -> list[str]:
    texts = [column.text(value) for column, value in zip(columns, _powers(power), strict=True)]
    return [*texts, _factor(power)]


def _factor(power: Power | None) -> str:
    return DASH if power is None or not math.isfinite(power.pf) else f"{power.pf:.4f}"


def _frequency(frequency: Frequency) -> str:
    if not math.isfinite(frequency.mean):
        return "none: no window had a steady voltage to measure it from"
    if not frequency.measured:
        return f"{frequency.mean:.4g} Hz, assumed: see below"
    text = f"{frequency.mean:.4f} Hz"
    for name, lowest, highest in (
        ("windows", frequency.lowest, frequency.highest),
        ("over 10 s", frequency.lowest_10s, frequency.highest_10s),
    ):
        if highest - lowest > _FREQUENCY_DIGIT:
            text += f"; {name} {lowest:.4f} … {highest:.4f} Hz"
    return text


def _energies(energy: dict[str, int], duration_s: float) -> str:
    imported, exported = energy["active_import_uwh"], energy["active_export_uwh"]
    inductive = energy["reactive_q1_uvarh"] + energy["reactive_q2_uvarh"]
    capacitive = energy["reactive_q3_uvarh"] + energy["reactive_q4_uvarh"]
    parts = [
        f"{name} {_quantity(value * 1e-6, unit, None)}"
        for name, value, unit in (
            ("import", imported, "Wh"), ("export", exported, "Wh"),
            ("+Q", inductive, "varh"), ("−Q", capacitive, "varh"),
        )
        if value > 0
    ] or ["none"]  # fmt: skip
    return f"energy over {_span(duration_s)}: {', '.join(parts)}"


def _span(seconds: float) -> str:
    if seconds < 1.0:
        return f"{1e3 * seconds:.4g} ms"
    if seconds < 120.0:
        return f"{seconds:.4g} s"
    minutes, rest = divmod(round(seconds, 1), 60.0)
    return f"{minutes:.0f} min {rest:.1f} s"
