"""A type test's report for machines; `docs/type-test.md` has the schema."""

from __future__ import annotations

import math

from addad import __version__
from addad.lab.type_test_bench import Measured
from addad.lab.type_test_conditions import PHASES, Condition
from addad.lab.type_test_plan import PAPER_CLAIM, Rule
from addad.lab.type_test_reasons import reasons
from addad.lab.type_test_report import (
    NOT_TESTED,
    SIMULATED,
    TypeTestReport,
    calibration_lines,
    front_end_lines,
    put_in,
)
from addad.lab.type_test_run import Result, Verdict
from addad.world.front_end_settings import Each

SCHEMA = "addad-type-test-1"

_UNITS = {
    Rule.COEFFICIENT: "%/K",
    Rule.START: "s",
    Rule.NO_LOAD: "pulses",
    Rule.CONSTANT: "pulses",
}


def as_mapping(report: TypeTestReport) -> dict[str, object]:
    """The report as plain values, ready for JSON."""
    meter, plate = report.meter, report.meter.nameplate
    accuracy = plate.accuracy
    found: dict[str, object] = {
        "schema": SCHEMA,
        "report": report.number,
        "made": report.made.isoformat(timespec="seconds"),
        "software": f"addad {__version__}",
        "profile": report.profile,
        "standard": accuracy.standard,
        "class": accuracy.name,
        "points": "fast" if report.fast else "all",
        "verdict": "pass" if report.passed else "fail",
        "counts": {v.value: report.counted(v) for v in Verdict},
        "seconds": round(report.seconds, 3),
        "meter": {
            "serial": plate.serial,
            "seed": meter.seed,
            "energy": accuracy.energy.value,
            "connection": accuracy.connection.value,
            "nominal_voltage_v": plate.nominal_voltage,
            "reference_current_a": plate.reference_current,
            "maximum_current_a": plate.maximum_current,
            "nominal_frequency_hz": plate.nominal_frequency,
            "constant_pulses_per_kilo_unit_hour": plate.constant,
            "starting_current_a": plate.starting_current,
        },
        "front_end": dict(front_end_lines(meter)),
        "calibrated": meter.calibrated,
        "calibration_notes": list(meter.notes),
        "calibration": [
            {
                "channel": name,
                "gain": float(gain),
                "offset_counts": float(offset),
                "delay_us": float(delay),
                "lead_minutes": lead,
            }
            for name, gain, offset, delay, lead in calibration_lines(meter)
        ],
        "put_in": {
            "current_error_percent": _by_phase(meter.current_error, 100.0),
            "phase_error_minutes": _by_phase(meter.phase_error, math.degrees(60.0)),
            "pole_error_percent": 100.0 * meter.pole_error,
            "words": list(put_in(meter)),
        },
        "reasons": list(reasons(report)),
        "results": [_result(result) for result in report.results],
        "sources_of_limits": list(accuracy.sources),
        "simulated": list(SIMULATED),
        "not_tested": list(NOT_TESTED),
    }
    if report.is_paper:
        found["paper"] = {"claimed_percent": PAPER_CLAIM}
    return found


def _by_phase(errors: Each, scale: float) -> list[float]:
    each = errors if isinstance(errors, tuple) else (errors,) * len(PHASES)
    return [scale * error for error in each]


def _result(result: Result) -> dict[str, object]:
    item = result.item
    return {
        "section": item.section.value,
        "test": item.label,
        "rule": item.rule.value,
        "unit": _UNITS.get(item.rule, "%"),
        "limit": item.limit,
        "value": _finite(result.value),
        "uncertainty": _finite(result.uncertainty),
        "verdict": result.verdict.value,
        "special": item.special,
        "remark": result.remark,
        "measured": [_measured(one) for one in result.measured],
    }


def _measured(one: Measured) -> dict[str, object]:
    count = one.count
    return {
        "condition": _condition(one.condition),
        "reference_power": one.power,
        "error_percent": count.error if count else None,
        "uncertainty_percent": _finite(count.uncertainty) if count else None,
        "pulses": one.pulses,
        "pulses_counted": count.pulses if count else 0,
        "seconds_counted": count.seconds if count else 0.0,
        "seconds": one.seconds,
    }


def _condition(condition: Condition) -> dict[str, object]:
    return {
        "current_share": condition.share,
        "factor": condition.factor.value,
        "side": condition.factor.side,
        "loaded": [f"L{k + 1}" for k in condition.loaded],
        "voltage_share": condition.volts,
        "frequency_share": condition.frequency,
        "reversed_sequence": condition.reversed_sequence,
        "missing": [f"L{k + 1}" for k in condition.missing],
        "waveform": condition.waveform.value,
        "temperature_c": condition.temperature,
        "flowing_back": condition.export,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
