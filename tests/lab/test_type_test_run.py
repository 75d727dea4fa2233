"""Running a plan: each condition once, verdicts by value and uncertainty, alike on many cores."""

import math

import pytest

from addad.lab.type_test_bench import Measured
from addad.lab.type_test_conditions import Condition
from addad.lab.type_test_plan import PlannedTest, Rule, Section
from addad.lab.type_test_pulses import PulseCount
from addad.lab.type_test_run import Verdict, by_section, jobs_of, judged, passed, run_plan
from type_test_case import PLATE, short_plan, short_report

ITEM = PlannedTest(Section.BALANCED, "In", Rule.ERROR, (Condition(1.0),), 0.2)


def measured(
    error: float, uncertainty: float, condition: Condition = ITEM.conditions[0]
) -> Measured:
    count = PulseCount(error, uncertainty, 10, 4.0)
    return Measured(condition, 3450.0, count, 10, (0.1, 0.5), 10.5, 4.0)


@pytest.mark.parametrize(
    ("error", "uncertainty", "verdict", "remark"),
    [
        (0.1, 0.01, Verdict.PASS, ""),
        (-0.19, 0.01, Verdict.PASS, ""),
        (0.195, 0.01, Verdict.FAIL, "within the limit, but not beyond its uncertainty"),
        (-0.21, 0.005, Verdict.FAIL, ""),
    ],
)
def test_the_uncertainty_counts_against_the_meter(
    error: float, uncertainty: float, verdict: Verdict, remark: str
) -> None:
    result = judged(ITEM, {ITEM.conditions[0]: measured(error, uncertainty)})
    assert result.verdict is verdict
    assert result.remark == remark


def test_a_variation_is_against_the_reference_condition() -> None:
    changed, plain = Condition(1.0, volts=0.9), Condition(1.0)
    item = PlannedTest(Section.INFLUENCE, "U", Rule.VARIATION, (changed, plain), 0.1)
    found = {changed: measured(0.5, 0.03, changed), plain: measured(0.45, 0.04, plain)}
    result = judged(item, found)
    assert result.value == pytest.approx(0.05)
    assert result.uncertainty == pytest.approx(0.05)
    assert result.verdict is Verdict.PASS


def test_a_coefficient_is_by_the_kelvin() -> None:
    hot, cold = Condition(1.0, temperature=33.0), Condition(1.0, temperature=13.0)
    item = PlannedTest(Section.INFLUENCE, "T", Rule.COEFFICIENT, (hot, cold), 0.01)
    result = judged(item, {hot: measured(0.3, 0.0, hot), cold: measured(0.0, 0.0, cold)})
    assert result.value == pytest.approx(0.015)
    assert result.verdict is Verdict.FAIL


def test_a_meter_without_pulses_fails() -> None:
    silent = Measured(ITEM.conditions[0], 3450.0, None, 0, (), 0.0, 60.0)
    result = judged(ITEM, {ITEM.conditions[0]: silent})
    assert result.verdict is Verdict.FAIL
    assert math.isnan(result.value)
    start = PlannedTest(Section.START, "s", Rule.START, (Condition(1.0),), 60.0, 60.0)
    assert judged(start, {Condition(1.0): silent}).verdict is Verdict.FAIL


def test_pulses_without_load_fail() -> None:
    item = PlannedTest(Section.NO_LOAD, "n", Rule.NO_LOAD, (Condition(0.0),), 1.0, 60.0)
    creeping = Measured(Condition(0.0), 0.0, None, 2, (1.0, 2.0), 2.4, 60.0)
    assert judged(item, {Condition(0.0): creeping}).verdict is Verdict.FAIL


def test_a_light_that_loses_pulses_fails_the_constant() -> None:
    item = PlannedTest(Section.CONSTANT, "c", Rule.CONSTANT, (Condition(2.0),), 1.0, 20.0)
    lost = Measured(Condition(2.0), 6900.0, None, 1897, (0.1, 0.2), 1899.2, 20.0)
    assert judged(item, {Condition(2.0): lost}).verdict is Verdict.FAIL


def test_each_condition_is_measured_once() -> None:
    conditions = [job.condition for job in jobs_of(short_plan())]
    assert len(conditions) == len(set(conditions))


def test_a_good_meter_passes_and_a_bad_one_fails_where_it_is_bad() -> None:
    good, bad = short_report(), short_report(current_error=0.005)
    assert passed(good.results)
    assert not passed(bad.results)
    for section, results in by_section(bad.results).items():
        failed = [r.verdict is Verdict.FAIL for r in results]
        errors = section in (Section.BALANCED, Section.SINGLE_PHASE)
        assert all(failed) if errors else not any(failed)


def test_many_processes_find_what_one_finds() -> None:
    plan = short_plan()[:3]
    heard: list[tuple[int, int]] = []
    results = run_plan(
        short_report().meter, plan, processes=2, on_result=lambda d, n, _: heard.append((d, n))
    )
    assert [r.value for r in results] == [r.value for r in short_report().results[:3]]
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert PLATE.accuracy.name == "0.2S"


def _counted(rule: Rule, pulses: int, register: float, times: tuple[float, ...]) -> Verdict:
    item = PlannedTest(Section.START, "t", rule, (Condition(1.0),), 1.0, 60.0)
    found = Measured(Condition(1.0), 3450.0, None, pulses, times, register, 60.0)
    return judged(item, {Condition(1.0): found}).verdict


def test_one_pulse_without_load_is_allowed_and_one_at_the_start_is_not_enough() -> None:
    assert _counted(Rule.NO_LOAD, 1, 1.2, (3.0,)) is Verdict.PASS
    assert _counted(Rule.NO_LOAD, 2, 2.1, (3.0, 9.0)) is Verdict.FAIL
    assert _counted(Rule.START, 1, 1.2, (3.0,)) is Verdict.FAIL
    assert _counted(Rule.START, 2, 2.2, (3.0, 9.0)) is Verdict.PASS


def test_a_light_neither_loses_nor_invents_pulses() -> None:
    for register, verdict in (
        (10.0, Verdict.PASS), (10.999, Verdict.PASS), (11.0, Verdict.FAIL), (9.99, Verdict.FAIL),
    ):  # fmt: skip
        assert _counted(Rule.CONSTANT, 10, register, (1.0, 2.0)) is verdict


def test_repeatability_is_the_widest_spread_of_all_tests() -> None:
    conditions = tuple(Condition(1.0, repeat=k) for k in range(5))
    item = PlannedTest(Section.REPEATABILITY, "r", Rule.SPREAD, conditions, 0.02)
    errors = (0.01, 0.012, 0.015, 0.005, 0.03)
    found = {c: measured(e, 0.0, c) for c, e in zip(conditions, errors, strict=True)}
    result = judged(item, found)
    assert result.value == pytest.approx(0.025)
    assert result.verdict is Verdict.FAIL


def test_a_coefficients_uncertainty_is_by_the_kelvin_too() -> None:
    hot, cold = Condition(1.0, temperature=33.0), Condition(1.0, temperature=13.0)
    item = PlannedTest(Section.INFLUENCE, "T", Rule.COEFFICIENT, (hot, cold), 0.01)
    result = judged(item, {hot: measured(0.1, 0.03, hot), cold: measured(0.0, 0.04, cold)})
    assert (result.value, result.uncertainty) == (pytest.approx(0.005), pytest.approx(0.0025))
    assert result.verdict is Verdict.PASS
    # a twentieth of the limit, over twenty kelvins
    assert [job.target for job in jobs_of((item,))] == [pytest.approx(0.01)] * 2


def test_what_has_no_limit_speaks_neither_for_nor_against_the_meter() -> None:
    item = PlannedTest(Section.BALANCED, "i", Rule.ERROR, (Condition(1.0),), None)
    result = judged(item, {Condition(1.0): measured(5.0, 0.1)})
    assert result.verdict is Verdict.INFORMATION
    assert passed([result])
