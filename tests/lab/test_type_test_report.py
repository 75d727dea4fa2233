"""What a report says of the meter: identification, what was put in, numbers with their units."""

from dataclasses import replace

import pytest

from addad import __version__
from addad.lab.type_test_plan import Rule
from addad.lab.type_test_report import (
    NOT_TESTED,
    calibration_lines,
    front_end_lines,
    identification,
    limit_text,
    paper_words,
    put_in,
    value_text,
)
from type_test_case import short_report


def test_the_meter_is_identified() -> None:
    said = dict(identification(short_report()))
    assert said["Software"] == f"addad {__version__}"
    assert said["Voltage"] == "3 × 230/400 V"
    assert said["Meter constant"] == "50000 imp/kWh"
    assert "seed 1" in said["Serial number"]


@pytest.mark.parametrize(
    ("volts", "words"),
    [
        (120.0, "3 × 120/208 V"),
        (57.7, "3 × 57.7/100 V"),
        (240.0, "3 × 240/415 V"),
        (277.0, "3 × 277/480 V"),
        (500.0, "3 × 500/866 V"),
    ],
)
def test_voltages_between_phases_are_those_of_nameplates(volts: float, words: str) -> None:
    report = short_report()
    plate = replace(report.meter.nameplate, nominal_voltage=volts)
    changed = replace(report, meter=replace(report.meter, nameplate=plate))
    assert dict(identification(changed))["Voltage"] == words


def test_front_end_and_calibration_are_told_by_channel() -> None:
    meter = short_report().meter
    assert dict(front_end_lines(meter))["Converter"].startswith("converter: bits 16")
    rows = list(calibration_lines(meter))
    assert [row[0] for row in rows] == ["U1", "U2", "U3", "I1", "I2", "I3", "I4"]
    assert "at 5 A" in rows[3][4]


def test_what_was_put_in_is_said() -> None:
    assert put_in(short_report().meter) == ()
    assert "+0.5 %" in put_in(short_report(current_error=0.005).meter)[0]
    bare = replace(short_report().meter, calibrated=False, phase_error=0.5 * 3.14159265 / 180)
    said = " ".join(put_in(bare))
    assert "30′" in said
    assert "not calibrated" in said
    single = replace(bare, current_error=(0.0, -0.002, 0.0), phase_error=0.0, pole_error=0.1)
    said = " ".join(put_in(single))
    assert "-0.2 % on I2." in said
    assert "filters put off on purpose: +10 %" in said


def test_limits_have_units() -> None:
    by_rule = {r.item.rule: r for r in short_report().results}
    assert limit_text(by_rule[Rule.ERROR]) == "±0.2 %" or "%" in limit_text(by_rule[Rule.ERROR])
    assert limit_text(by_rule[Rule.COEFFICIENT]).endswith("%/K")
    assert value_text(by_rule[Rule.VARIATION])[0] in "+−"


def test_the_papers_claim_stands_beside_ours() -> None:
    words = " ".join(paper_words(short_report()))
    assert "±0.5 %" in words
    assert "its hardware" in words


def test_the_report_says_what_software_cannot_test() -> None:
    assert any("magnetic" in line for line in NOT_TESTED)
