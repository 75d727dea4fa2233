"""The tables in the terminal: what was asked and found, events, and no more rows than needed."""

import re
from dataclasses import replace

import pytest

from addad.cli.quality_tables import MAX_EVENTS, print_report, shown
from addad.metrology.power_quality.en50160 import Quantity
from quality_records import record, reported, usual_events, with_events


def _printed(capsys: pytest.CaptureFixture[str]) -> str:
    return re.sub(r"\s+", " ", capsys.readouterr().out)


def test_a_week(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(reported(with_events(record(signalling=True), usual_events())))
    text = _printed(capsys)
    assert text.startswith("Feeder 12, Monday 1 June 2026, 00:00 to Monday 8 June 2026")
    assert "Supply voltage 95 % of a week 90 … 110 % of Un" in text
    assert "5 events" in text
    assert "1 dip Mon 1 Jun 01:01:40.000 200 ms 120.0 V 52.2 % L1 may stop equipment" in text
    assert "CONFORMS: 31 of 31 requirements met" in text


def test_of_the_harmonics_those_that_fail_else_the_nearest() -> None:
    made = record()
    orders = [i.requirement.order for i in shown(reported(made)) if i.requirement.order]
    assert orders == [3, 5, 7] or len(orders) == 3
    harmonics = made.ten.harmonics.copy()
    harmonics[:, 0, [6, 12]] = 0.01
    report = reported(replace(made, ten=replace(made.ten, harmonics=harmonics)))
    found = [
        i.requirement.order for i in shown(report) if i.requirement.quantity is Quantity.HARMONIC
    ]
    assert found == [6, 12]


def test_nothing_measured_is_said_once_by_its_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    made = record(0.0)
    supply = replace(made.supply, remarks=("a remark",), notes=("a note",))
    print_report(reported(replace(made, supply=supply)))
    text = _printed(capsys)
    assert "asked" not in text
    assert "a remark a note" in text
    assert "Not measured, no whole ten minutes without a flag: Supply voltage; Unbalance" in text
    assert "NO VERDICT" in text


def test_not_all_of_many_events(capsys: pytest.CaptureFixture[str]) -> None:
    dip = usual_events()[0]
    many = tuple(replace(dip, number=k) for k in range(MAX_EVENTS + 1))
    print_report(reported(replace(record(1.0), events=many)))
    assert "31 events, the first 30; --json lists all" in _printed(capsys)
