"""EN 50160: each requirement just met and just broken, weeks cut short, classes of events."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.metrology.power_quality import EventKind, VoltageEvent
from addad.metrology.power_quality.en50160 import (
    DISTORTION,
    FLICKER,
    THD_ORDER,
    UNBALANCE,
    Requirement,
    Result,
    Verdict,
    event_table,
    frequency_requirements,
    harmonic_limit,
    harmonic_requirements,
    judge,
    signalling_limit,
    signalling_requirement,
    voltage_requirements,
    worst_day,
)

WEEK = 1008


def _one(wanted: Requirement, values: NDArray[np.float64], flagged: object = None) -> Result:
    flags = np.zeros(len(values), np.bool_)
    if flagged is not None:
        flags[flagged] = True  # type: ignore[index]
    return judge(wanted, values, flags)[0]


def _signalling() -> Requirement:
    wanted = signalling_requirement(175.0)
    assert wanted is not None
    return wanted


EVERY = (
    *frequency_requirements(50.0),
    *frequency_requirements(60.0, island=True),
    *voltage_requirements(),
    FLICKER,
    UNBALANCE,
    DISTORTION,
    *harmonic_requirements(),
    _signalling(),
)


@pytest.mark.parametrize("wanted", EVERY, ids=lambda r: f"{r.quantity.value}{r.order or ''}")
@pytest.mark.parametrize("side", ["low", "high"])
def test_as_many_beyond_as_are_allowed_conform_and_one_more_fails(
    wanted: Requirement, side: str
) -> None:
    limit = getattr(wanted, side)
    if math.isinf(limit):
        return
    count = wanted.expected
    values = np.full(count, wanted.target)
    allowed = count - math.ceil(round(wanted.share * count, 6))
    beyond = np.nextafter(limit, math.inf if side == "high" else -math.inf)
    values[:allowed] = beyond
    values[allowed] = limit
    at_limit = _one(wanted, values)
    assert (at_limit.verdict, at_limit.beyond) == (Verdict.CONFORMS, allowed)
    if wanted.share == 1.0 or math.isinf(wanted.low):
        assert at_limit.used == pytest.approx(1.0)
    values[allowed] = beyond
    broken = _one(wanted, values)
    assert (broken.verdict, broken.beyond) == (Verdict.FAILS, allowed + 1)
    assert broken.used >= at_limit.used


def test_the_figures_are_those_of_the_standard() -> None:
    assert [(r.low, r.high, r.share) for r in voltage_requirements()] == [
        (90.0, 110.0, 0.95),
        (85.0, 110.0, 1.0),
    ]
    rows = [(r.low, r.high, r.share, r.period_s / 86_400) for r in frequency_requirements(50.0)]
    assert rows == [
        (pytest.approx(49.5), pytest.approx(50.5), 0.995, 365),
        (pytest.approx(47.0), pytest.approx(52.0), 1.0, 7),
    ]
    rows = [
        (r.low, r.high, r.share, r.period_s / 86_400) for r in frequency_requirements(50.0, True)
    ]
    assert rows == [
        (pytest.approx(49.0), pytest.approx(51.0), 0.95, 7),
        (pytest.approx(42.5), pytest.approx(57.5), 1.0, 7),
    ]
    assert [(r.low, r.high, r.share) for r in voltage_requirements(island=True)] == [
        (85.0, 110.0, 1.0)
    ]
    odd = {3: 5.0, 5: 6.0, 7: 5.0, 9: 1.5, 11: 3.5, 13: 3.0, 15: 0.5, 17: 2.0, 19: 1.5, 21: 0.5}
    limits = {2: 2.0, 4: 1.0, **odd, 23: 1.5, 25: 1.5}
    limits |= dict.fromkeys(range(6, 25, 2), 0.5)
    assert {r.order: r.high for r in harmonic_requirements()} == limits
    assert [harmonic_limit(order) for order in (1, 26)] == [None, None]
    assert [r.order for r in harmonic_requirements()] == list(range(2, 26))
    assert [r.order for r in harmonic_requirements(9)] == list(range(2, 10))
    assert (FLICKER.high, UNBALANCE.high, DISTORTION.high, THD_ORDER) == (1.0, 2.0, 8.0, 40)
    weekly = (FLICKER, UNBALANCE, DISTORTION, *harmonic_requirements())
    assert {(r.share, r.period_s) for r in weekly} == {(0.95, 7 * 86_400)}
    assert (_signalling().share, _signalling().period_s) == (0.99, 86_400)
    assert (FLICKER.expected, UNBALANCE.expected) == (84, WEEK)


def test_mains_signalling_falls_from_nine_to_five_percent_and_ends() -> None:
    assert [signalling_limit(hertz) for hertz in (100.0, 175.0, 500.0)] == [pytest.approx(9.0)] * 3
    assert [signalling_limit(hertz) for hertz in (1_000.0, 10_000.0)] == [pytest.approx(5.0)] * 2
    # straight on logarithmic axes
    assert signalling_limit(math.sqrt(500.0 * 1_000.0)) == pytest.approx(math.sqrt(9.0 * 5.0))
    assert [signalling_limit(hertz) for hertz in (99.0, 10_001.0)] == [None, None]
    assert signalling_requirement(50.0) is None


def test_less_than_a_week_is_no_verdict_but_enough_of_it_fails() -> None:
    wanted = voltage_requirements()[0]
    assert _one(wanted, np.full(460, 100.0)).verdict is Verdict.WITHIN
    some = np.full(460, 100.0)
    some[:30] = 111.0
    assert _one(wanted, some).verdict is Verdict.BEYOND
    some[:51] = 111.0
    # 50 of 1008 may be beyond: whatever the rest of the week brings, it fails
    assert _one(wanted, some).verdict is Verdict.FAILS
    almost = math.ceil(0.95 * WEEK)
    assert _one(wanted, np.full(almost, 100.0)).verdict is Verdict.CONFORMS
    assert _one(wanted, np.full(almost - 1, 100.0)).verdict is Verdict.WITHIN
    nothing = _one(wanted, np.full(WEEK, np.nan))
    assert nothing.verdict is Verdict.NOT_MEASURED
    assert math.isnan(nothing.used)


def test_the_frequency_of_a_year_is_not_judged_by_a_week() -> None:
    year, always = frequency_requirements(50.0)
    values = np.full(60_480, 50.01)
    assert _one(year, values).verdict is Verdict.WITHIN
    assert _one(always, values).verdict is Verdict.CONFORMS


def test_flagged_intervals_do_not_count_and_are_told() -> None:
    wanted = voltage_requirements()[1]
    values = np.full(WEEK, 100.0)
    values[:3] = 70.0
    assert _one(wanted, values).verdict is Verdict.FAILS
    left_out = _one(wanted, values, slice(0, 4))
    assert left_out.verdict is Verdict.CONFORMS
    assert (left_out.counted, left_out.flagged, left_out.flagged_beyond) == (WEEK - 4, 4, 3)
    assert left_out.measured == 1.0
    assert left_out.minimum == 100.0


def test_signalling_is_judged_day_by_day_and_the_worst_is_told() -> None:
    wanted = _signalling()
    start = 3.0 * np.arange(2 * 28_800, dtype=np.float64)
    values = np.full((len(start), 3), 1.0)
    values[28_800 : 28_800 + 289, 1] = 10.0
    flags = np.zeros(len(start), np.bool_)
    found = worst_day(wanted, start, values, flags, (0, 1, 2))
    assert [r.verdict for r in found] == [Verdict.CONFORMS, Verdict.FAILS, Verdict.CONFORMS]
    assert (found[1].beyond, found[1].counted) == (289, 28_800)
    none = worst_day(wanted, start[:0], values[:0], flags[:0])
    assert none[0].verdict is Verdict.NOT_MEASURED


def _event(kind: EventKind, volts: float, seconds: float | None, at: float = 0.0) -> VoltageEvent:
    return VoltageEvent(1, kind, at, seconds, volts, (1,))


@pytest.mark.parametrize(
    ("volts", "seconds", "cell"),
    [
        (89.9, 0.2, (0, 0)), (80.0, 0.21, (0, 1)), (79.9, 0.5, (1, 1)), (70.0, 1.0, (1, 2)),
        (69.0, 5.0, (2, 3)), (40.0, 60.0, (2, 4)), (39.9, 0.01, (3, 0)), (5.0, 0.3, (3, 1)),
        (4.9, 0.3, (4, 1)),
    ],
)  # fmt: skip
def test_a_dip_falls_into_its_cell(volts: float, seconds: float, cell: tuple[int, int]) -> None:
    table = event_table([_event(EventKind.DIP, volts, seconds)], 100.0)
    row, column = cell
    assert table.dips[row][column] == 1
    assert sum(map(sum, table.dips)) == 1


@pytest.mark.parametrize(
    ("volts", "seconds", "cell"),
    [
        (120.0, 0.5, (0, 0)), (119.9, 0.51, (1, 1)), (150.0, 5.0, (0, 1)), (111.0, 5.01, (1, 2)),
        (111.0, 60.0, (1, 2)),
    ],
)  # fmt: skip
def test_a_swell_falls_into_its_cell(volts: float, seconds: float, cell: tuple[int, int]) -> None:
    table = event_table([_event(EventKind.SWELL, volts, seconds)], 100.0)
    row, column = cell
    assert table.swells[row][column] == 1
    assert sum(map(sum, table.swells)) == 1


def test_interruptions_are_short_up_to_three_minutes() -> None:
    short = [_event(EventKind.INTERRUPTION, 0.0, 180.0, 1_000.0 * k) for k in range(2)]
    long = _event(EventKind.INTERRUPTION, 0.0, 180.1, 9_000.0)
    assert event_table([*short, long], 100.0).interruptions == (2, 1)


def test_a_dip_that_ended_before_an_interruption_counts_by_itself() -> None:
    dip = _event(EventKind.DIP, 50.0, 1.0, 100.0)
    for begin, counted in ((99.99, 0), (100.0, 0), (100.9, 0), (99.9, 1), (101.0, 1)):
        gone = _event(EventKind.INTERRUPTION, 0.0, 0.5, begin)
        assert sum(map(sum, event_table([dip, gone], 100.0).dips)) == counted


def test_swells_interruptions_and_what_has_no_cell() -> None:
    events = [
        _event(EventKind.SWELL, 120.0, 0.5, 10.0),
        _event(EventKind.SWELL, 119.0, 5.1, 20.0),
        _event(EventKind.DIP, 85.0, 61.0, 100.0),
        _event(EventKind.DIP, 85.0, None, 300.0),
        _event(EventKind.RAPID_CHANGE, 7.0, 1.0, 400.0),
        # one that grew into an interruption, and the interruption itself
        _event(EventKind.DIP, 0.0, 10.0, 500.0),
        _event(EventKind.INTERRUPTION, 0.0, 9.9, 500.0),
        _event(EventKind.INTERRUPTION, 0.0, 181.0, 900.0),
    ]
    table = event_table(events, 100.0)
    assert table.swells == ((1, 0, 0), (0, 0, 1))
    assert table.interruptions == (1, 1)
    assert (table.longer, table.rapid_changes) == (1, 1)
    assert sum(map(sum, table.dips)) == 0


def test_nothing_at_all_is_not_measured() -> None:
    for shape in ((0,), (0, 3)):
        (result,) = judge(DISTORTION, np.empty(shape), np.empty(0, np.bool_))
        assert result.verdict is Verdict.NOT_MEASURED
