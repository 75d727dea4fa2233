"""Why tests failed: each cause is named, and nothing is said of what passed."""

import math
from dataclasses import replace

from addad.lab.type_test_conditions import Waveform
from addad.lab.type_test_html import page
from addad.lab.type_test_json import as_mapping
from addad.lab.type_test_plan import Rule, Section
from addad.lab.type_test_reasons import reasons
from addad.lab.type_test_report import TypeTestReport
from addad.lab.type_test_run import Result, Verdict
from type_test_case import short_report


def _failed(report: TypeTestReport, result: Result, value: float) -> TypeTestReport:
    return replace(report, results=(replace(result, value=value, verdict=Verdict.FAIL),))


def test_what_passed_needs_no_reason() -> None:
    assert reasons(short_report()) == ()
    assert as_mapping(short_report())["reasons"] == []
    assert "Why tests failed" not in page(short_report())


def test_errors_put_in_are_told_with_what_they_make() -> None:
    report = short_report(current_error=0.005)
    assert "+0.5 %" in reasons(report)[0]
    assert "Why tests failed" in page(report)
    lead = (0.0, -math.radians(0.5), 0.0)
    meter = replace(report.meter, current_error=0.0, phase_error=lead, pole_error=0.1)
    said = reasons(replace(report, meter=meter))
    assert "tan φ · δ: δ = -30′ makes -1.52 % at cos φ 0.5" in said[0]
    assert "-3.56′" in said[1]
    assert "-0.18 %" in said[1]
    bare = replace(report.meter, calibrated=False, current_error=0.0)
    assert "Without a calibration" in reasons(replace(report, meter=bare))[0]


def test_what_a_front_end_cannot_do_is_told() -> None:
    report = short_report()
    result = report.results[0]
    half_wave = replace(result.item.conditions[0], waveform=Waveform.HALF_WAVE)
    rectified = replace(result, item=replace(result.item, conditions=(half_wave,)))
    assert "saturates their iron" in reasons(_failed(report, rectified, -25.8))[0]
    warmed = next(r for r in report.results if r.item.rule is Rule.COEFFICIENT)
    assert "one temperature" in reasons(_failed(report, warmed, 0.0262))[0]
    tolerant = replace(report, meter=replace(report.meter, front_end="dc-tolerant"))
    assert "0.026 % a kelvin" in reasons(_failed(tolerant, warmed, 0.0262))[0]
    cold = replace(result.item.conditions[0], temperature=-40.0)
    item = replace(result.item, section=Section.TEMPERATURE, conditions=(cold,))
    assert "0.026 % a kelvin" in reasons(_failed(tolerant, replace(result, item=item), -1.641))[0]
    assert "not good enough for this class" in reasons(_failed(report, result, 5.0))[0]


def test_what_is_not_decided_and_what_has_no_value() -> None:
    report = short_report()
    assert "1 of the values" in reasons(_failed(report, report.results[0], 0.1))[0]
    assert "fewer than two pulses" in reasons(_failed(report, report.results[0], math.nan))[0]
