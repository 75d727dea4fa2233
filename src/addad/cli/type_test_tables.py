"""The tables of `addad type-test`: each test with its limit, value, uncertainty and verdict."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from addad.lab.type_test_reasons import reasons
from addad.lab.type_test_report import (
    TypeTestReport,
    limit_text,
    paper_words,
    put_in,
    uncertainty_text,
    value_text,
)
from addad.lab.type_test_run import Result, Verdict

_WIDTH_NO_TERMINAL = 110
_STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.INFORMATION: "dim"}


def print_report(report: TypeTestReport) -> None:
    """Everything tested, section by section, and the verdict."""
    width = None if sys.stdout.isatty() else _WIDTH_NO_TERMINAL
    console = Console(highlight=False, width=width)
    plate = report.meter.nameplate
    console.print(Text(f"{report.title}{report.extent}", style="bold"))
    console.print(
        f"{plate.accuracy.energy.value} energy, {plate.nominal_voltage:g} V, "
        f"{plate.current_words}, {plate.constant:g} imp/{plate.unit}, "
        f"front end {report.meter.front_end}, unit {report.meter.seed}"
    )
    for words in put_in(report.meter):
        console.print(Text(words, style="yellow"))
    for section, results in report.sections.items():
        console.print()
        console.print(Text(section.value, style="bold"))
        console.print(_table(results))
    console.print()
    if report.is_paper:
        for words in paper_words(report):
            console.print(words)
    console.print(_verdict(report))
    for result in report.results:
        if result.verdict is Verdict.FAIL:
            words = f"{result.item.section.value}: {result.item.label}"
            told = f"  {words}: {value_text(result)}, limit {limit_text(result)}"
            console.print(Text(told, style=_STYLES[Verdict.FAIL]))
    for why in reasons(report):
        console.print()
        console.print(why, markup=False)


def _table(results: list[Result]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("test", ratio=1, overflow="fold")
    for name in ("limit", "value", "U (95 %)"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for result in results:
        note = f"\n{result.remark}" if result.remark else ""
        star = " *" if result.item.special else ""
        table.add_row(
            Text(result.item.label + star) + Text(note, style="dim"),
            limit_text(result),
            value_text(result),
            uncertainty_text(result),
            Text(result.verdict.value, style=_STYLES[result.verdict]),
        )
    return table


def _verdict(report: TypeTestReport) -> Text:
    passes, fails = report.counted(Verdict.PASS), report.counted(Verdict.FAIL)
    words = "PASSED" if report.passed else "FAILED"
    text = f"{words}: {passes} of {passes + fails} tests passed"
    extra = report.counted(Verdict.INFORMATION)
    text += f", {extra} for information" if extra else ""
    style = "bold green" if report.passed else "bold red"
    return Text(f"{text}{report.extent}, in {report.seconds:.0f} s", style=style)
