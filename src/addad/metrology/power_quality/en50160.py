"""What EN 50160 asks of a public low-voltage supply, and whether intervals meet it.

A requirement holds in a share of the intervals of a period: 95 % of the ten-minute means of a week
may be all that is asked, or every one. With N intervals that count, of which B are beyond,

    met = B <= N - ceil(share N)

which is the same as: the value of rank ceil(share N) is within its limit. Flagged intervals do not
count (IEC 61000-4-30), nor do those that were not measured whole; both are told.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from addad.metrology.power_quality.events import EventKind, VoltageEvent

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAY_S = 86_400
WEEK_S = 7 * DAY_S
YEAR_S = 365 * DAY_S
COMPLETE = 0.95
"""The share of a period that has to be measured for a verdict; the standard gives no number."""
THD_ORDER = 40
ORDER_LAST = 25
_RANK_SLACK = 1e-9


class Verdict(Enum):
    """What can be said of a requirement; `so far` where the period was not measured whole."""

    CONFORMS = "conforms"
    FAILS = "fails"
    WITHIN = "within so far"
    BEYOND = "beyond so far"
    NOT_MEASURED = "not measured"

    @property
    def good(self) -> bool:
        """Whether nothing speaks against it."""
        return self in (Verdict.CONFORMS, Verdict.WITHIN)


class Quantity(Enum):
    """What is judged; harmonics are one quantity with many orders."""

    FREQUENCY = "frequency"
    VOLTAGE = "voltage"
    FLICKER = "flicker"
    UNBALANCE = "unbalance"
    DISTORTION = "THD"
    HARMONIC = "harmonic"
    SIGNALLING = "mains signalling"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A share of the values of a period that lies from `low` to `high` [unit].

    `target` is what the limits are limits around. `interval_s` is that of one value, `order` that
    of a harmonic, 0 of all else.
    """

    quantity: Quantity
    low: float
    high: float
    unit: str
    share: float
    interval_s: float
    period_s: float = WEEK_S
    target: float = 0.0
    order: int = 0

    @property
    def expected(self) -> int:
        """How many values its period has."""
        return round(self.period_s / self.interval_s)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a requirement on one channel (0 to 2, or 0 where there is but one).

    Of `counted` values `beyond` broke the limits; `flagged` were left out, of which
    `flagged_beyond` would have. The asked share of the values lies from `lowest` to `highest`,
    all of them from `minimum` to `maximum`.
    """

    requirement: Requirement
    channel: int
    counted: int
    beyond: int
    flagged: int
    flagged_beyond: int
    lowest: float
    highest: float
    minimum: float
    maximum: float
    verdict: Verdict

    @property
    def measured(self) -> float:
        """The share of the period that was measured, flagged intervals included."""
        return min((self.counted + self.flagged) / self.requirement.expected, 1.0)

    @property
    def used(self) -> float:
        """How much of the nearer limit is used, as a share; 1 is at the limit."""
        wanted = self.requirement
        if not self.counted:
            return math.nan
        up = (self.highest - wanted.target) / (wanted.high - wanted.target)
        if wanted.low == -math.inf:
            return up
        return max(up, (wanted.target - self.lowest) / (wanted.target - wanted.low), 0.0)


_HARMONICS = {
    2: 2.0, 3: 5.0, 4: 1.0, 5: 6.0, 7: 5.0, 9: 1.5, 11: 3.5, 13: 3.0, 15: 0.5, 17: 2.0, 19: 1.5,
    21: 0.5, 23: 1.5, 25: 1.5,
}  # fmt: skip
_EVEN_HIGHER = 0.5
# carrier [Hz] and limit [% of Un]; straight on logarithmic axes in between
_SIGNALLING = ((100.0, 9.0), (500.0, 9.0), (1_000.0, 5.0), (10_000.0, 5.0))
_TEN_MINUTES_S, _TWO_HOURS_S, _TEN_SECONDS_S, _THREE_SECONDS_S = 600.0, 7_200.0, 10.0, 3.0


def frequency_requirements(nominal: float, island: bool = False) -> tuple[Requirement, ...]:
    """EN 50160, power frequency over ten seconds [Hz], by its shares of the nominal one.

    On an interconnected network ±1 % in 99.5 % of a year and +4/−6 % always; on an island ±2 % in
    95 % of a week and ±15 % always.
    """
    rows = ((-0.02, 0.02, 0.95, WEEK_S), (-0.15, 0.15, 1.0, WEEK_S))
    if not island:
        rows = ((-0.01, 0.01, 0.995, YEAR_S), (-0.06, 0.04, 1.0, WEEK_S))
    return tuple(
        Requirement(
            Quantity.FREQUENCY, (1.0 + low) * nominal, (1.0 + high) * nominal, "Hz", share,
            _TEN_SECONDS_S, period, nominal,
        )
        for low, high, share, period in rows
    )  # fmt: skip


def voltage_requirements(island: bool = False) -> tuple[Requirement, ...]:
    """EN 50160, ten-minute means [% of Un]: ±10 % in 95 % of a week, +10/−15 % always."""
    always = Requirement(Quantity.VOLTAGE, 85.0, 110.0, "%", 1.0, _TEN_MINUTES_S, target=100.0)
    return (always,) if island else (replace(always, low=90.0, share=0.95), always)


FLICKER = Requirement(Quantity.FLICKER, -math.inf, 1.0, "", 0.95, _TWO_HOURS_S)
UNBALANCE = Requirement(Quantity.UNBALANCE, -math.inf, 2.0, "%", 0.95, _TEN_MINUTES_S)
DISTORTION = Requirement(Quantity.DISTORTION, -math.inf, 8.0, "%", 0.95, _TEN_MINUTES_S)


def harmonic_limit(order: int) -> float | None:
    """EN 50160, the limit of a harmonic [% of the fundamental]; None from order 26 on."""
    if not 2 <= order <= ORDER_LAST:
        return None
    return _HARMONICS.get(order, _EVEN_HIGHER)


def harmonic_requirements(highest: int = ORDER_LAST) -> tuple[Requirement, ...]:
    """EN 50160, each harmonic up to an order, in 95 % of the ten-minute means of a week."""
    return tuple(
        Requirement(
            Quantity.HARMONIC, -math.inf, limit, "%", 0.95, _TEN_MINUTES_S, order=order
        )
        for order in range(2, highest + 1)
        if (limit := harmonic_limit(order)) is not None
    )  # fmt: skip


def signalling_limit(carrier: float) -> float | None:
    """EN 50160, the limit of mains signalling [% of Un] by its carrier [Hz]; None outside."""
    frequencies = [row[0] for row in _SIGNALLING]
    if not frequencies[0] <= carrier <= frequencies[-1]:
        return None
    logarithm = np.interp(
        math.log(carrier), np.log(frequencies), np.log([row[1] for row in _SIGNALLING])
    )
    return math.exp(float(logarithm))


def signalling_requirement(carrier: float) -> Requirement | None:
    """EN 50160, mains signalling over three seconds, in 99 % of a day."""
    limit = signalling_limit(carrier)
    if limit is None:
        return None
    return Requirement(
        Quantity.SIGNALLING, -math.inf, limit, "%", 0.99, _THREE_SECONDS_S, float(DAY_S)
    )


def judge(
    wanted: Requirement, values: Floats, flagged: Bools, channels: Sequence[int] = (0,)
) -> tuple[Result, ...]:
    """EN 50160: hold the values (n, channels) [unit], or (n,), against a requirement.

    `flagged` (n,) are left out; NaN is what was not measured. A result for each of `channels`.
    """
    columns = values if values.ndim == 2 else values[:, None]
    return tuple(_result(wanted, c, columns[:, c], flagged) for c in channels)


def worst_day(
    wanted: Requirement,
    start_utc_s: Floats,
    values: Floats,
    flagged: Bools,
    channels: Sequence[int] = (0,),
) -> tuple[Result, ...]:
    """EN 50160: judge each day of UTC by itself; the worst of them for each channel."""
    days = np.floor(start_utc_s / DAY_S)
    found: list[Result] = []
    for channel in channels:
        each = [
            _result(wanted, channel, values[days == day, channel], flagged[days == day])
            for day in np.unique(days)
        ] or [_result(wanted, channel, np.empty(0), np.empty(0, np.bool_))]
        found.append(max(each, key=_badness))
    return tuple(found)


def _badness(result: Result) -> tuple[int, float]:
    order = (
        Verdict.NOT_MEASURED, Verdict.WITHIN, Verdict.CONFORMS, Verdict.BEYOND, Verdict.FAILS,
    )  # fmt: skip
    return order.index(result.verdict), -math.inf if math.isnan(result.highest) else result.highest


def _result(wanted: Requirement, channel: int, values: Floats, flagged: Bools) -> Result:
    known = np.isfinite(values)
    kept = np.sort(values[known & ~flagged])
    out = values[known & flagged]
    count = len(kept)
    beyond = _beyond(wanted, kept)
    allowed = count - _rank(wanted.share, count)
    lowest = highest = minimum = maximum = math.nan
    if count:
        minimum, maximum = float(kept[0]), float(kept[-1])
        lowest, highest = _middle(wanted, kept)
    return Result(
        requirement=wanted,
        channel=channel,
        counted=count,
        beyond=beyond,
        flagged=len(out),
        flagged_beyond=_beyond(wanted, out),
        lowest=lowest,
        highest=highest,
        minimum=minimum,
        maximum=maximum,
        verdict=_verdict(wanted, count, len(out), beyond, allowed),
    )


def _verdict(wanted: Requirement, count: int, flagged: int, beyond: int, allowed: int) -> Verdict:
    expected = max(wanted.expected, count + flagged)
    if not count:
        return Verdict.NOT_MEASURED
    # so many are beyond that the rest of the period cannot mend it
    if beyond > expected - _rank(wanted.share, expected):
        return Verdict.FAILS
    if count + flagged >= COMPLETE * wanted.expected:
        return Verdict.CONFORMS if beyond <= allowed else Verdict.FAILS
    return Verdict.WITHIN if beyond <= allowed else Verdict.BEYOND


def _rank(share: float, count: int) -> int:
    return math.ceil(share * count - _RANK_SLACK * max(count, 1))


def _beyond(wanted: Requirement, values: Floats) -> int:
    return int(np.count_nonzero((values < wanted.low) | (values > wanted.high)))


def _middle(wanted: Requirement, ordered: Floats) -> tuple[float, float]:
    """From where to where the asked share of ordered values lies."""
    count = len(ordered)
    spare = count - _rank(wanted.share, count)
    if wanted.low == -math.inf:
        return float(ordered[0]), float(ordered[count - 1 - spare])
    below = spare // 2
    return float(ordered[below]), float(ordered[count - 1 - (spare - below)])


DIP_LEVELS = (90.0, 80.0, 70.0, 40.0, 5.0, 0.0)
"""Bounds of the rows of dips [% of Un]: 90 > u >= 80, and so on."""
DIP_DURATIONS_S = (0.2, 0.5, 1.0, 5.0, 60.0)
"""Ends of the columns of dips: up to 0.2 s, up to 0.5 s, and so on."""
SWELL_LEVELS = (120.0, 110.0)
SWELL_DURATIONS_S = (0.5, 5.0, 60.0)
SHORT_INTERRUPTION_S = 180.0


@dataclass(frozen=True, slots=True)
class EventTable:
    """EN 50160's classes: events by residual voltage (rows) and duration (columns).

    `longer` are dips and swells that last more than a minute. `interruptions` are those of up to
    three minutes and longer ones. A dip that grew into an interruption counts as that alone.
    """

    dips: tuple[tuple[int, ...], ...]
    swells: tuple[tuple[int, ...], ...]
    interruptions: tuple[int, int]
    longer: int
    rapid_changes: int


def event_table(events: Iterable[VoltageEvent], declared: float) -> EventTable:
    """EN 50160: count the events of a supply of a declared voltage [V] by their classes."""
    over = [event for event in events if event.duration_s is not None]
    gone = [event for event in over if event.kind is EventKind.INTERRUPTION]
    dips = np.zeros((len(DIP_LEVELS) - 1, len(DIP_DURATIONS_S)), np.int64)
    swells = np.zeros((len(SWELL_LEVELS), len(SWELL_DURATIONS_S)), np.int64)
    longer = rapid = 0
    for event in over:
        if event.kind is EventKind.RAPID_CHANGE:
            rapid += 1
        if event.kind not in (EventKind.DIP, EventKind.SWELL) or part_of_interruption(event, gone):
            continue
        level = 100.0 * event.voltage / declared
        is_dip = event.kind is EventKind.DIP
        column = _column(event, DIP_DURATIONS_S if is_dip else SWELL_DURATIONS_S)
        if column is None:
            longer += 1
        elif is_dip:
            row = next((k for k, low in enumerate(DIP_LEVELS[1:-1]) if level >= low), -1)
            dips[row, column] += 1
        else:
            swells[0 if level >= SWELL_LEVELS[0] else 1, column] += 1
    long = sum(_length(event) > SHORT_INTERRUPTION_S for event in gone)
    return EventTable(
        dips=tuple(tuple(row) for row in dips.tolist()),
        swells=tuple(tuple(row) for row in swells.tolist()),
        interruptions=(len(gone) - long, long),
        longer=longer,
        rapid_changes=rapid,
    )


def part_of_interruption(event: VoltageEvent, events: Iterable[VoltageEvent]) -> bool:
    """Whether a dip is the begin and end of one of the interruptions among `events`."""
    return event.kind is EventKind.DIP and any(
        other.kind is EventKind.INTERRUPTION
        and event.start_s <= other.start_s + _TOUCH_S
        and other.start_s < event.start_s + _length(event)
        for other in events
    )


_TOUCH_S = 0.02


def _length(event: VoltageEvent) -> float:
    return math.inf if event.duration_s is None else event.duration_s


def _column(event: VoltageEvent, ends: Sequence[float]) -> int | None:
    return next((k for k, end in enumerate(ends) if _length(event) <= end), None)
