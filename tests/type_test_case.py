"""A short type test that several test modules look at: one meter, some tests of each rule."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from addad.lab.type_test_bench import meter_under_test
from addad.lab.type_test_conditions import usual_nameplate
from addad.lab.type_test_plan import PlannedTest, Rule, Section, plan_of
from addad.lab.type_test_report import TypeTestReport
from addad.lab.type_test_run import run_plan
from addad.metrology.accuracy_tables import accuracy_class

PLATE = usual_nameplate(accuracy_class("62053-22", "0.2S"))
LABELS = (
    "0.05 In, cos φ 1",
    "In, cos φ 1",
    "In, cos φ 0.5 inductive",
    "L1, In, cos φ 1",
    "voltage −10 %, In, cos φ 1",
    "temperature, 13 °C to 33 °C, In, cos φ 1",
)


def short_plan() -> tuple[PlannedTest, ...]:
    """A test of each rule that takes little time."""
    every = plan_of(PLATE)
    chosen = [i for i in every if i.label in LABELS and i.section is not Section.EXPORT]
    chosen += [i for i in every if i.rule is Rule.DIFFERENCE][:1]
    chosen += [i for i in every if i.rule is Rule.SPREAD][1:2]
    return tuple(chosen)


@cache
def short_report(current_error: float = 0.0) -> TypeTestReport:
    """The report of the short plan."""
    meter = meter_under_test(PLATE, "16-bit", seed=1, current_error=current_error)
    results = run_plan(meter, short_plan(), processes=1)
    made = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
    return TypeTestReport("62053-22", meter, results, made, 3.0, fast=True)
