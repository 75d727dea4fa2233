"""Why tests failed, in plain words: what of the unit, or of what was put in, explains them.

A phase displacement of current transformers moves active energy by tan φ of itself, a ratio error
all loads alike (IEC 61869); a direct current saturates iron that is not made for it (IEC 62053-21).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from addad.lab.type_test_bench import MeterUnderTest
from addad.lab.type_test_conditions import REFERENCE_TEMPERATURE, Waveform
from addad.lab.type_test_plan import Rule, Section
from addad.lab.type_test_report import TypeTestReport
from addad.lab.type_test_run import Result, Verdict
from addad.metrology.accuracy_classes import HALF_INDUCTIVE, Energy
from addad.world.front_end_settings import Each

_PLAIN_TRANSFORMERS = ("16-bit", "24-bit")


def reasons(report: TypeTestReport) -> tuple[str, ...]:
    """What explains the failed tests, a sentence or two each; empty when none failed."""
    failed = [r for r in report.results if r.verdict is Verdict.FAIL]
    if not failed:
        return ()
    said = (*_errors_put_in(report.meter), *_front_end(report.meter, failed), *_undecided(failed))
    return said or (
        f"{len(failed)} failed, and nothing was put in on purpose: the parts of front end "
        f"{report.meter.front_end!r} as they were drawn are not good enough for this class.",
    )


def _errors_put_in(meter: MeterUnderTest) -> Iterator[str]:
    if not meter.calibrated:
        yield (
            "Without a calibration the tolerances of ratios and resistors are gain errors of the "
            "unit, and the leads of its transformers phase errors."
        )
    gain, lead = _largest(meter.current_error), _largest(meter.phase_error)
    if gain:
        yield (
            f"A gain error of {100.0 * gain:+g} % moves all loads of its phase by as much, at any "
            "power factor; it fails where the limit is smaller. Variations it leaves alone."
        )
    energy = meter.nameplate.accuracy.energy
    name, law = ("cos φ", "tan φ · δ") if energy is Energy.ACTIVE else ("sin φ", "−cot φ · δ")
    if lead:
        yield (
            f"Currents that lead by δ move {energy.value} energy by {law}: δ = "
            f"{60.0 * math.degrees(lead):+g}′ makes {_at_half(lead, energy):+.2f} % at {name} 0.5 "
            f"inductive, and next to nothing at {name} 1."
        )
    if meter.pole_error:
        drawn = meter.settings.current_filter
        turn = 2.0 * math.pi * meter.nameplate.nominal_frequency * drawn.series_ohm * drawn.farad
        late = -turn * meter.pole_error
        yield (
            f"Input filters of the currents that are {100.0 * meter.pole_error:+g} % off turn them "
            f"by {60.0 * math.degrees(late):+.2f}′ or so, {_at_half(late, energy):+.2f} % of "
            f"{energy.value} energy at {name} 0.5 inductive."
        )


def _front_end(meter: MeterUnderTest, failed: list[Result]) -> Iterator[str]:
    rectified = [r for r in failed if r.item.conditions[0].waveform is Waveform.HALF_WAVE]
    if rectified and meter.front_end in _PLAIN_TRANSFORMERS:
        yield (
            f"Front end {meter.front_end!r} has plain current transformers: the direct current in "
            "a half-wave rectified one saturates their iron, and much of the wave is lost. A "
            "direct meter needs DC-tolerant transformers or coils (front ends 'dc-tolerant' and "
            "'rogowski')."
        )
    warmed = [r for r in failed if r.item.rule is Rule.COEFFICIENT or _far_from_reference(r)]
    if warmed and meter.front_end == "dc-tolerant":
        most = max(_per_kelvin(r) for r in warmed)
        yield (
            "DC-tolerant transformers lead by 4.5°, and that angle follows the temperature of "
            f"their copper: up to {most:.3f} % a kelvin at a power factor of 0.5, whatever the "
            "calibration. Front end 'rogowski' has neither iron nor copper in the way."
        )
    elif warmed:
        yield (
            "The parts drift with the temperature as the front end's lines say; a calibration is "
            "made at one temperature and cannot know it."
        )


def _far_from_reference(result: Result) -> bool:
    return result.item.section is Section.TEMPERATURE


def _per_kelvin(result: Result) -> float:
    """How far the error moves with the temperature [%/K]."""
    if result.item.rule is Rule.COEFFICIENT:
        return abs(result.value)
    return abs(result.value / (result.item.conditions[0].temperature - REFERENCE_TEMPERATURE))


def _undecided(failed: list[Result]) -> Iterator[str]:
    errors = [r for r in failed if r.item.rule not in (Rule.START, Rule.NO_LOAD, Rule.CONSTANT)]
    near = sum(abs(r.value) <= (r.item.limit or 0.0) for r in errors)
    if near:
        yield (
            f"{near} of the values lie within their limits, but so near that the uncertainty of "
            "the measurement reaches beyond: more than this front end's noise lets be decided."
        )
    if any(math.isnan(r.value) for r in errors):
        yield "Where no value stands, fewer than two pulses came: next to nothing was counted."


def _largest(errors: Each) -> float:
    each = errors if isinstance(errors, tuple) else (errors,)
    return max(each, key=abs)


def _at_half(lead: float, energy: Energy) -> float:
    """The error [%] of a factor of 0.5 inductive whose current leads by so much [rad]."""
    lag = HALF_INDUCTIVE.angle(energy)
    read = math.cos if energy is Energy.ACTIVE else math.sin
    return 100.0 * (read(lag - lead) / read(lag) - 1.0)
