"""The values that `addad measure` prints: each with its uncertainty, both to the same place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.markup import escape
from rich.table import Table

from addad.lab.measure_rounding import pair, with_uncertainty
from addad.lab.report import Frequency, ItemReport, Power, Report, Wave

DASH = "—"
STYLES = {"L1": "dark_orange3", "L2": "bold", "L3": "bright_black", "N": "blue"}
_WITHIN = "±"
_PREFIXED = ("V", "A", "W", "var", "VA", "Wh", "varh", "VAh")


class _Cell(NamedTuple):
    """A value, and what stands beneath it: its uncertainty."""

    value: str
    within: str = ""


def phases_table(item: ItemReport) -> Table:
    """A row a phase, and the total; under each its uncertainties."""
    voltages = [phase.voltage for phase in item.phases if phase.voltage]
    currents = [phase.current for phase in item.phases if phase.current]
    powers = [phase.power for phase in item.phases if phase.power]
    plain = all(wave.unit in ("V", "A") for wave in (*voltages, *currents))
    u = _Column("U", [w.rms for w in voltages], voltages[0].unit if voltages else "V")
    i = _Column("I", [w.rms for w in currents], currents[0].unit if currents else "A")
    top = [item.total.s] if item.total else []
    columns = [
        _Column(name, top, unit if plain else "")
        for name, unit in (("P", "W"), ("Q", "var"), ("S", "VA"))
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    shown: list[tuple[str, bool]] = [
        (u.heading, bool(voltages)), ("φU °", bool(voltages)),
        (i.heading, bool(currents)), ("φI °", bool(currents)),
        *((column.heading, bool(powers)) for column in columns),
        ("PF", bool(powers)), ("THD-U %", bool(voltages)), ("THD-I %", bool(currents)),
    ]  # fmt: skip
    for heading, there in shown:
        if there:
            table.add_column(heading, justify="right")
    for phase in item.phases:
        cells = [
            u.rms(phase.voltage), _angle(phase.voltage), i.rms(phase.current),
            _angle(phase.current), *_power_cells(phase.power, columns),
            _percent(phase.voltage), _percent(phase.current),
        ]  # fmt: skip
        kept = [cell for cell, (_, there) in zip(cells, shown, strict=True) if there]
        _add(table, phase.phase, kept, STYLES[phase.phase])
    if item.total is not None:
        none = _Cell("")
        cells = [none, none, none, none, *_power_cells(item.total, columns), none, none]
        kept = [cell for cell, (_, there) in zip(cells, shown, strict=True) if there]
        table.add_section()
        _add(table, "total", kept, "")
    return table


def extremes_table(report: Report, item: ItemReport) -> Table:
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
            if wave is None:
                fields += [DASH, DASH]
                continue
            within = wave.uncertainty
            fields += [
                quantity(wave.lowest, wave.unit, reference, within.lowest if within else math.nan),
                quantity(
                    wave.highest, wave.unit, reference, within.highest if within else math.nan
                ),
            ]
        table.add_row(phase.phase, *fields, style=STYLES[phase.phase])
    return table


def items_table(report: Report) -> Table:
    """A row an item: its first phase that was measured; under it its uncertainties."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = ("item", "U V", "I A", "P W", "Q var", "S VA", "PF", "THD-U %", "THD-I %", "")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("item", "") else "right")
    u, i = _Column("U", [], ""), _Column("I", [], "")
    for item in report.items:
        phase = next((p for p in item.phases if p.power), item.phases[0])
        cells = [
            u.rms(phase.voltage), i.rms(phase.current), *_power_cells(phase.power, (u, u, u)),
            _percent(phase.voltage), _percent(phase.current),
            _Cell(f"{item.skipped} windows left out" if item.skipped else ""),
        ]  # fmt: skip
        _add(table, escape(item.name), cells, "")
    return table


def frequency_line(frequency: Frequency) -> str:
    """The mean, and the extremes of single windows and of ten seconds where they differ."""
    if not math.isfinite(frequency.mean):
        return "none: no window had a steady voltage to measure it from"
    if not frequency.measured:
        return f"{frequency.mean:.4g} Hz, assumed: see below"
    within = frequency.uncertainty
    text = f"{_hertz(frequency.mean, within.mean if within else math.nan)} Hz"
    for name, lowest, highest, low, high in (
        (
            "windows", frequency.lowest, frequency.highest,
            within.lowest if within else math.nan, within.highest if within else math.nan,
        ),
        (
            "over 10 s", frequency.lowest_10s, frequency.highest_10s,
            within.lowest_10s if within else math.nan, within.highest_10s if within else math.nan,
        ),
    ):  # fmt: skip
        if highest - lowest > 1e-4:
            text += f"; {name} {_hertz(lowest, low)} … {_hertz(highest, high)} Hz"
    return text


def energies(item: ItemReport, duration_s: float) -> str:
    """What the total counted: import, export, and reactive energy by its sign."""
    counted, spread = item.energy_uwh or {}, item.energy_uncertainty_uwh or {}
    parts = []
    for name, unit, registers in (
        ("import", "Wh", ("active_import_uwh",)),
        ("export", "Wh", ("active_export_uwh",)),
        ("+Q", "varh", ("reactive_q1_uvarh", "reactive_q2_uvarh")),
        ("−Q", "varh", ("reactive_q3_uvarh", "reactive_q4_uvarh")),
    ):
        value = sum(counted.get(register, 0) for register in registers)
        # those of two quadrants are of the same channels: they add up as they stand
        within = sum(spread.get(register, math.nan) for register in registers)
        if value > 0:
            parts.append(f"{name} {quantity(value * 1e-6, unit, None, within * 1e-6)}")
    return f"energy over {span(duration_s)}: {', '.join(parts) or 'none'}"


def quantity(
    value: float | None, unit: str, reference: float | None, within: float = math.nan
) -> str:
    """A value with its unit, its uncertainty, and what share of `reference` it is."""
    if value is None or not math.isfinite(value):
        return DASH
    factor, prefix = _prefix(max(abs(value), within if within > 0.0 else 0.0), unit)
    shown = "FS" if unit == "full scale" else f"{prefix}{unit}"
    percent = f" ({100.0 * value / reference:.1f} %)" if reference else ""
    return f"{with_uncertainty(value, within, factor) or f'{value / factor:.5g}'} {shown}{percent}"


def span(seconds: float) -> str:
    """A length of time."""
    if seconds < 1.0:
        return f"{1e3 * seconds:.4g} ms"
    if seconds < 120.0:
        return f"{seconds:.4g} s"
    minutes, rest = divmod(round(seconds, 1), 60.0)
    return f"{minutes:.0f} min {rest:.1f} s"


class _Column:
    """One quantity's column: a unit prefix that suits its largest value, and the digits."""

    def __init__(self, name: str, values: Sequence[float], unit: str) -> None:
        self._largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        self._factor, prefix = _prefix(self._largest, unit)
        self.heading = f"{name} {prefix}{unit}".replace("full scale", "FS")

    def cell(self, value: float, within: float) -> _Cell:
        """The value in the column's unit; with as many digits as its uncertainty gives sense."""
        if not math.isfinite(value):
            return _Cell(DASH)
        found = pair(value / self._factor, within / self._factor)
        if found is not None:
            return _Cell(*found)
        shown = max(self._largest, abs(value)) / self._factor
        digits = 3 if shown == 0.0 else min(6, max(0, 5 - math.floor(math.log10(shown))))
        return _Cell(f"{value / self._factor:.{digits}f}")

    def rms(self, wave: Wave | None) -> _Cell:
        """The RMS value of a wave."""
        if wave is None:
            return _Cell(DASH)
        return self.cell(wave.rms, wave.uncertainty.rms if wave.uncertainty else math.nan)


def _add(table: Table, name: str, cells: Sequence[_Cell], style: str) -> None:
    table.add_row(name, *(cell.value for cell in cells), style=style)
    if any(cell.within for cell in cells):
        table.add_row(_WITHIN, *(cell.within for cell in cells), style="dim")


def _prefix(largest: float, unit: str) -> tuple[float, str]:
    if unit not in _PREFIXED:
        return 1.0, ""
    if 0.0 < largest < 1e-3:
        return (1e-3, "m") if largest >= 1e-5 else (1e-6, "µ")
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if largest >= 10.0 * factor or (largest >= factor > 1e3):
            return factor, prefix
    return 1.0, ""


def _hertz(value: float, within: float) -> str:
    return with_uncertainty(value, within) or f"{value:.4f}"


def _angle(wave: Wave | None) -> _Cell:
    if wave is None or not math.isfinite(wave.angle):
        return _Cell(DASH)
    within = wave.uncertainty.angle if wave.uncertainty else math.nan
    found = pair(math.degrees(wave.angle), math.degrees(within))
    return _Cell(*found) if found else _Cell(f"{round(math.degrees(wave.angle), 2) + 0.0:.2f}")


def _percent(wave: Wave | None) -> _Cell:
    if wave is None or not math.isfinite(wave.thd):
        return _Cell(DASH)
    within = wave.uncertainty.thd if wave.uncertainty else math.nan
    found = pair(100.0 * wave.thd, 100.0 * within)
    return _Cell(*found) if found else _Cell(f"{100.0 * wave.thd:.3f}")


def _power_cells(power: Power | None, columns: Sequence[_Column]) -> list[_Cell]:
    if power is None:
        return [_Cell(DASH)] * 4
    within = power.uncertainty or Power(math.nan, math.nan, math.nan, math.nan)
    p, q, s = columns
    found = pair(power.pf, within.pf)
    known = math.isfinite(power.pf)
    factor = _Cell(*found) if found else _Cell(f"{power.pf:.4f}" if known else DASH)
    return [
        p.cell(power.p, within.p), q.cell(power.q, within.q), s.cell(power.s, within.s), factor
    ]  # fmt: skip
