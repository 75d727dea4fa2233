"""Running a plan on all cores: each condition once, then each test's value, uncertainty, verdict.

A test is passed when its value and the expanded uncertainty of it together lie within the limit
(guarded acceptance, JCGM 106).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from enum import StrEnum

from addad.lab.processes import fresh_processes
from addad.lab.type_test_bench import Measured, MeterUnderTest, measure, watch
from addad.lab.type_test_conditions import Condition
from addad.lab.type_test_plan import PlannedTest, Rule, Section
from addad.lab.type_test_pulses import spread

UNCERTAINTY_SHARE = 0.05
"""Pulses are counted until the uncertainty is this part of the smallest limit."""
_SMALLEST_TARGET = 0.001
_DEFAULT_TARGET = 0.05
_TIMED = (Rule.START, Rule.NO_LOAD, Rule.CONSTANT)


class Verdict(StrEnum):
    """What a test says of the meter; INFORMATION where no limit is known."""

    PASS = "pass"
    FAIL = "fail"
    INFORMATION = "information"


@dataclass(frozen=True)
class Result:
    """One test's outcome: `value` and its expanded uncertainty, in the unit of the item's limit."""

    item: PlannedTest
    value: float
    uncertainty: float
    verdict: Verdict
    remark: str
    measured: tuple[Measured, ...] = field(repr=False)


@dataclass(frozen=True)
class Job:
    """One condition to measure: to an uncertainty of `target` [%], or for `seconds`."""

    condition: Condition
    target: float
    seconds: float


OnResult = Callable[[int, int, tuple[Result, ...]], None]


def jobs_of(plan: Iterable[PlannedTest]) -> tuple[Job, ...]:
    """What must be measured, each condition once, the longest first."""
    targets: dict[Condition, float] = {}
    timed: dict[Condition, float] = {}
    for item in plan:
        for condition in item.conditions:
            if item.rule in _TIMED:
                timed[condition] = item.seconds
                continue
            wanted = _DEFAULT_TARGET
            if item.limit is not None:
                scale = 20.0 if item.rule is Rule.COEFFICIENT else 1.0
                wanted = max(UNCERTAINTY_SHARE * item.limit * scale, _SMALLEST_TARGET)
            targets[condition] = min(wanted, targets.get(condition, math.inf))
    jobs = [Job(c, 0.0, s) for c, s in timed.items()]
    jobs += [Job(c, t, 0.0) for c, t in targets.items()]
    return tuple(sorted(jobs, key=lambda j: (-j.seconds, j.condition.share)))


def run_plan(
    meter: MeterUnderTest,
    plan: tuple[PlannedTest, ...],
    *,
    processes: int | None = None,
    on_result: OnResult | None = None,
) -> tuple[Result, ...]:
    """Measure and judge; `on_result` hears how many conditions are done, of how many, and what
    became known by the last one."""
    jobs = jobs_of(plan)
    found: dict[Condition, Measured] = {}
    results: dict[PlannedTest, Result] = {}
    for done, measured in enumerate(_measured(meter, jobs, processes), 1):
        found[measured.condition] = measured
        known = []
        for item in plan:
            if item not in results and all(c in found for c in item.conditions):
                results[item] = judged(item, found)
                known.append(results[item])
        if on_result is not None:
            on_result(done, len(jobs), tuple(known))
    return tuple(results[item] for item in plan)


def judged(item: PlannedTest, found: Mapping[Condition, Measured]) -> Result:
    """An item's result from what its conditions gave."""
    measured = tuple(found[c] for c in item.conditions)
    if item.rule is Rule.START:
        return _start(item, measured)
    if item.rule is Rule.NO_LOAD:
        pulses = float(measured[0].pulses)
        verdict = Verdict.PASS if pulses <= 1.0 else Verdict.FAIL
        remark = f"{pulses:.0f} pulses in {measured[0].seconds:.0f} s"
        return Result(item, pulses, 0.0, verdict, remark, measured)
    if item.rule is Rule.CONSTANT:
        value = measured[0].register_pulses - measured[0].pulses
        verdict = Verdict.PASS if 0.0 <= value < 1.0 else Verdict.FAIL
        remark = (
            f"register {measured[0].register_pulses:.3f} pulses, counted {measured[0].pulses}: "
            "what is left is part of the next one"
        )
        return Result(item, value, 0.0, verdict, remark, measured)
    if any(m.count is None for m in measured):
        return Result(
            item, math.nan, math.nan, Verdict.FAIL, "fewer than two pulses came", measured
        )
    value, uncertainty = _value(item, measured)
    return Result(
        item, value, uncertainty, *_verdict(item.limit, value, uncertainty), measured=measured
    )


def passed(results: Iterable[Result]) -> bool:
    """Whether no test failed."""
    return all(result.verdict is not Verdict.FAIL for result in results)


def by_section(results: Iterable[Result]) -> dict[Section, list[Result]]:
    """The results by the report's parts, in their order."""
    found: dict[Section, list[Result]] = {}
    for result in results:
        found.setdefault(result.item.section, []).append(result)
    return {section: found[section] for section in Section if section in found}


def _value(item: PlannedTest, measured: tuple[Measured, ...]) -> tuple[float, float]:
    """Value and expanded uncertainty by the item's rule."""
    counts = [m.count for m in measured if m.count is not None]
    errors = [c.error for c in counts]
    uncertainties = [c.uncertainty for c in counts]
    both = math.hypot(uncertainties[0], uncertainties[-1])
    match item.rule:
        case Rule.ERROR:
            return errors[0], uncertainties[0]
        case Rule.SPREAD:
            return spread(errors), 0.0
        case Rule.COEFFICIENT:
            kelvins = measured[0].condition.temperature - measured[-1].condition.temperature
            return (errors[0] - errors[-1]) / kelvins, both / kelvins
        case _:
            return errors[0] - errors[-1], both


def _verdict(limit: float | None, value: float, uncertainty: float) -> tuple[Verdict, str]:
    if limit is None:
        return Verdict.INFORMATION, "no limit"
    if abs(value) + uncertainty <= limit:
        return Verdict.PASS, ""
    if abs(value) <= limit:
        return Verdict.FAIL, "within the limit, but not beyond its uncertainty"
    return Verdict.FAIL, ""


def _start(item: PlannedTest, measured: tuple[Measured, ...]) -> Result:
    times = measured[0].first_pulses_s
    verdict = Verdict.PASS if len(times) >= 2 else Verdict.FAIL
    remark = ", ".join(f"{t:.1f} s" for t in times[:2]) or "no pulse"
    value = times[1] if len(times) >= 2 else math.nan
    return Result(item, value, 0.0, verdict, f"pulses at {remark}" if times else remark, measured)


def _one(meter: MeterUnderTest, job: Job) -> Measured:
    if job.seconds:
        return watch(meter, job.condition, job.seconds)
    return measure(meter, job.condition, job.target)


def _measured(
    meter: MeterUnderTest, jobs: tuple[Job, ...], processes: int | None
) -> Iterator[Measured]:
    """What the jobs give, in the order in which they are done."""
    cores = os.cpu_count() or 1
    workers = min(processes or cores, cores, len(jobs))
    if workers <= 1:
        yield from (_one(meter, job) for job in jobs)
        return
    with fresh_processes(workers) as pool:
        waiting = [pool.submit(_one, meter, job) for job in jobs]
        for one in as_completed(waiting):
            yield one.result()
