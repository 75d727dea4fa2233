"""Days of the simulated house, measured for the quality of its supply.

The house is a function of absolute time, so that its days are measured side by side in several
processes: each stretch begins some minutes early, for the flickermeter to settle and for what
lasts to be seen, and goes on until the events that began in it are over.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from addad.errors import InputError
from addad.lab.processes import fresh_processes
from addad.lab.quality_record import QualityRecord, Supply, joined
from addad.lab.quality_run import QualityRun, instrument_of
from addad.world.scenario import Conditions, Scenario
from addad.world.site import Site

SAMPLE_RATE = 4_500.0
"""The lowest rate that shows the harmonics up to 40, which THD is over."""
DECLARED_V = 230.0
LEAD_S = 300
CHUNK_S = 4 * 3_600
TAIL_S = 8.0
DISTURBANCES_A_WEEK = 14
_SIMULATED = (
    "This supply is simulated. The report shows what an instrument would tell of it; it says "
    "nothing of a real network."
)

OnProgress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class HouseOrder:
    """Which house, from when (aware), how long [s], and what is done to its supply.

    `scenario` is that of `addad meter`; its moments count from `start`.
    """

    seed: int
    start: datetime
    seconds: float
    sample_rate: float = SAMPLE_RATE
    pv_peak_w: float = 5_500.0
    scenario: str = ""
    signalling_hz: float = 0.0
    island: bool = False
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise InputError("the start of a house needs a time zone")
        if not 0 <= self.seed < 1 << 63:
            raise InputError(f"seed {self.seed}: give a number from 0")
        if not 1970 <= self.start.year < 2100:
            raise InputError(f"a house in the year {self.start.year}: give one of 1970 to 2099")
        if not 1.0 <= self.seconds <= 366 * 86_400.0:
            raise InputError(f"{self.seconds:g} s of a house: give a second to a year")
        moments = _moments(self)
        if moments and min(moments) >= self.start + timedelta(seconds=self.seconds):
            raise InputError(
                f"the scenario begins at {min(moments):%Y-%m-%d %H:%M:%S}, behind the "
                f"{self.seconds:g} s that are measured from {self.start:%Y-%m-%d %H:%M}"
            )


def supply_of(order: HouseOrder) -> Supply:
    """The supply as a report names it."""
    rate = order.sample_rate
    probe = Supply("", DECLARED_V, 50.0, rate, 1)
    highest = instrument_of(probe).highest_order
    panels = f"{order.pv_peak_w / 1000.0:g} kWp of panels" if order.pv_peak_w else "no panels"
    return Supply(
        name=f"Simulated house, seed {order.seed}",
        declared=DECLARED_V,
        nominal_frequency=50.0,
        sample_rate=rate,
        highest_order=highest,
        signalling_hz=order.signalling_hz,
        island=order.island,
        details=(
            ("Supply", f"public low-voltage network, 3 × {DECLARED_V:g}/400 V, 50 Hz"),
            ("Point of measurement", "terminals of the meter, phases to neutral"),
            ("Network", f"simulated, drawn from seed {order.seed}; a house in Fez, {panels}"),
            ("Front end", "ideal: the samples are the voltages themselves"),
        ),
        remarks=(" ".join((_SIMULATED, *order.remarks)),),
    )


def measure_house(
    order: HouseOrder, processes: int | None = None, on_progress: OnProgress | None = None
) -> QualityRecord:
    """The record of a house's days; InputError when the panels' library is not installed."""
    chunks = _chunks(order.seconds, order.start.timestamp())
    workers = min(processes or os.cpu_count() or 1, len(chunks))
    found: dict[float, QualityRecord] = {}
    done = 0.0

    def take(chunk: tuple[float, float], record: QualityRecord) -> None:
        nonlocal done
        found[chunk[0]] = record
        done += chunk[1] - chunk[0]
        if on_progress is not None:
            on_progress(done, order.seconds)

    if workers <= 1:
        for chunk in chunks:
            take(chunk, measure_stretch(order, *chunk))
    else:
        with fresh_processes(workers) as pool:
            waiting = {pool.submit(measure_stretch, order, *chunk): chunk for chunk in chunks}
            for one in as_completed(waiting):
                take(waiting[one], one.result())
    return joined([found[chunk[0]] for chunk in chunks])


def measure_stretch(order: HouseOrder, begin_s: float, end_s: float) -> QualityRecord:
    """The record of the house from `begin_s` to `end_s` after its start."""
    lead = LEAD_S if begin_s > 0.0 else 0.0
    first = order.start + timedelta(seconds=begin_s - lead)
    zero = first.timestamp()
    site = Site(order.seed, start=first, sample_rate=order.sample_rate, pv_peak_w=order.pv_peak_w)
    scenario = Scenario.parse(order.scenario)
    supply = supply_of(order)
    start = order.start.timestamp()
    run = QualityRun(supply, zero, start + begin_s, start + end_s)
    rate = order.sample_rate
    cuts = sorted({_sample(order.start, moment, zero, rate) for moment in _moments(order)})
    at = 0
    until = round((lead + end_s - begin_s) * rate)
    # the last stretch ends where it was told to; others wait for what began in them
    goes_on = end_s < order.seconds
    tail = until + round(TAIL_S * rate)
    longest = round((lead + order.seconds - begin_s) * rate)
    while at < until or (goes_on and (at < tail or (run.disturbed and at < longest))):
        second = (at // round(rate) + 1) * round(rate)
        ahead = [cut for cut in cuts if at < cut < second]
        end = min([second, *ahead, *([until] if not goes_on else [])])
        conditions = _conditions(scenario, order.start, first, at / rate)
        block = site.block(
            at / rate, end - at, voltage=conditions.voltage, extra_load_w=conditions.extra_load_w
        )
        run.take((block.samples, 0))
        at = end
    return run.finish()


def drawn_disturbances(seed: int, seconds: float) -> str:
    """A scenario of dips, swells, steps and an interruption, as an ordinary network has them."""
    rng = np.random.default_rng([seed, 50160])
    count = max(1, round(DISTURBANCES_A_WEEK * seconds / (7 * 86_400.0)))
    moments = np.sort(rng.uniform(0.02, 0.98, count)) * seconds
    kinds = ["interruption", "swell", "step", "step"][: max(0, count - 1)]
    kinds += ["dip"] * (count - len(kinds))
    rng.shuffle(kinds)
    return ", ".join(
        _disturbance(rng, kind, float(moment)) for kind, moment in zip(kinds, moments, strict=True)
    )


def _disturbance(rng: np.random.Generator, kind: str, at_s: float) -> str:
    phases = list(rng.permutation(["L1", "L2", "L3"]))
    if kind == "interruption":
        level, length = 0.0, float(rng.uniform(1.0, 40.0))
    elif kind == "swell":
        level, length = float(rng.uniform(1.12, 1.19)), float(rng.uniform(0.1, 0.9))
        phases = phases[:1]
    elif kind == "step":
        level, length = float(rng.uniform(0.92, 0.935)), float(rng.uniform(2.0, 6.0))
    else:
        level = float(np.clip(rng.beta(2.2, 1.4), 0.12, 0.86))
        length = float(np.clip(math.exp(rng.normal(math.log(0.14), 0.9)), 0.03, 3.0))
        phases = phases[: int(rng.choice([1, 2, 3], p=[0.5, 0.2, 0.3]))]
    words = " ".join(sorted(phases))
    return (
        f"+{at_s:.6f} voltage_dip {level:.4f} {words}, +{at_s + length:.6f} voltage_return {words}"
    )


def _chunks(seconds: float, start_utc_s: float) -> list[tuple[float, float]]:
    """Stretches [s after the start] that end at whole intervals of UTC."""
    edges = [0.0]
    following = (math.floor(start_utc_s / CHUNK_S) + 1) * CHUNK_S - start_utc_s
    while following < seconds - LEAD_S:
        edges.append(following)
        following += CHUNK_S
    edges.append(seconds)
    return list(pairwise(edges))


def _moments(order: HouseOrder) -> list[datetime]:
    return [step.moment(order.start) for step in Scenario.parse(order.scenario).steps]


def _sample(start: datetime, moment: datetime, zero: float, rate: float) -> int:
    """The first sample that a moment counts for."""
    since = start.timestamp() - zero + (moment - start).total_seconds()
    return math.ceil(since * rate - 1e-3)


def _conditions(scenario: Scenario, start: datetime, first: datetime, at_s: float) -> Conditions:
    # a little ahead, as a cut may be a thousandth of a sample before its moment
    now = first + timedelta(seconds=at_s + 5e-6)
    return scenario.conditions(start, start.astimezone(UTC) - timedelta(seconds=1), now)
