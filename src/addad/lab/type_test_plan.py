"""The tests of a class, one by one: which conditions are measured, by which rule, against what.

The tests of IEC 62053-21, IEC 62053-22, IEC 62053-23, IEC 62053-24 and of MI-003 as far as samples
reach; the seven load points of NM 06.4.001 are a plan of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from addad.errors import InputError
from addad.lab.type_test_conditions import PHASES, Condition, Nameplate, Waveform
from addad.metrology.accuracy_classes import (
    HALF_INDUCTIVE,
    NO_LOAD_VOLTAGE,
    UNITY,
    Factor,
    Influence,
    InfluenceLimit,
    Load,
    LoadLimit,
)

CURRENTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Shares of the reference current where errors are taken, besides the ends of each row."""
REPEATS = 5
TEMPERATURE_STEP = 10.0
_SECONDS_PER_PULSE_MAX = 1800.0
_SECONDS_PER_PULSE_MIN = 0.2
"""The length of a window: a meter has its energy no sooner."""
PAPER_CLAIM = 0.5
"""The percentage error that the paper claims for all points of its Table 1."""


class Rule(StrEnum):
    """How a result follows from its conditions."""

    ERROR = "error"
    VARIATION = "variation"
    COEFFICIENT = "temperature coefficient"
    DIFFERENCE = "difference"
    SPREAD = "repeatability"
    START = "start"
    NO_LOAD = "no-load"
    CONSTANT = "meter constant"


class Section(StrEnum):
    """The parts of a report, in their order."""

    BALANCED = "Limits of error, balanced load"
    SINGLE_PHASE = "Limits of error, single-phase load"
    DIFFERENCE = "Single-phase against balanced load"
    EXPORT = "Limits of error, energy flowing back"
    INFLUENCE = "Influence quantities"
    TEMPERATURE = "Limits of error at operating temperatures"
    START = "Starting current"
    NO_LOAD = "No-load condition"
    REPEATABILITY = "Repeatability"
    CONSTANT = "Meter constant"


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """One line of the report: `limit` in percent, percent a kelvin, or pulses, by the rule.

    The last of the `conditions` of a variation is the reference; `seconds` is how long a start or
    no-load test lasts. `curve` names the error curve that it is a point of.
    """

    section: Section
    label: str
    rule: Rule
    conditions: tuple[Condition, ...]
    limit: float | None
    seconds: float = 0.0
    curve: str = ""
    special: bool = False


def plan_of(nameplate: Nameplate, *, fast: bool = False) -> tuple[PlannedTest, ...]:
    """Every test of the nameplate's class; with `fast` the ends of each row and one load each."""
    plan = _Plan(nameplate, fast)
    items = [*plan.balanced(), *plan.single_phase(), *plan.influences(), *plan.start()]
    if not fast:
        items += [*plan.export(), *plan.temperatures(), *plan.repeatability()]
    items += [*plan.no_load(), *plan.constant()]
    order = list(Section)
    return tuple(sorted(items, key=lambda item: order.index(item.section)))


def paper_plan(nameplate: Nameplate) -> tuple[PlannedTest, ...]:
    """The seven load points of NM 06.4.001 as the paper's Table 1 has them.

    Its 5 Ib and 10 Ib are read as percent of Ib: at 5 % of Ib no limit exists for a power factor of
    0.5, and that leaves seven.
    """
    plan = _Plan(nameplate, fast=True)
    shares = (0.05, 0.1, 1.0, nameplate.maximum_share)
    points = [(s, f) for s in shares for f in (UNITY, HALF_INDUCTIVE) if s > 0.05 or f == UNITY]
    return tuple(
        plan.point(Section.BALANCED, Load.BALANCED, f, s, Condition(s, f), special=False)
        for s, f in sorted(points, key=lambda p: (p[1].value != 1.0, p[0]))
    )


class _Plan:
    """The tests of one nameplate."""

    def __init__(self, nameplate: Nameplate, fast: bool) -> None:
        self._plate, self._fast = nameplate, fast
        self._class = nameplate.accuracy
        apart = self._seconds_per_pulse(self._class.start)
        gives = (
            f"at {nameplate.constant:g} imp/{nameplate.unit} the starting current of "
            f"{1e3 * nameplate.starting_current:g} mA gives a pulse in"
        )
        if apart > _SECONDS_PER_PULSE_MAX:
            raise InputError(f"{gives} {apart / 3600.0:.3g} h: give a larger meter constant")
        if apart < _SECONDS_PER_PULSE_MIN:
            raise InputError(f"{gives} {apart:.2g} s: give a smaller meter constant")

    def point(
        self,
        section: Section,
        load: Load,
        factor: Factor,
        share: float,
        condition: Condition,
        special: bool,
        curve: str = "",
    ) -> PlannedTest:
        """An error against the limit of its load point."""
        limit = self._class.limit(load, factor, share, self._plate.maximum_share)
        symbol = self._class.factor_symbol
        phases = "" if load is Load.BALANCED else f"L{condition.loaded[0] + 1}, "
        label = f"{phases}{self._amperes(share)}, {symbol} {factor}"
        alone = phases.replace(",", " alone,")
        title = curve or f"{alone}{symbol} {factor}"
        return PlannedTest(
            section, label, Rule.ERROR, (condition,), limit, curve=title, special=special
        )

    def balanced(self) -> Iterator[PlannedTest]:
        """All rows of balanced loads, each factor from its lowest current to Imax."""
        for factor, rows in self._rows(Load.BALANCED):
            for share in self._shares(rows):
                special = all(row.special for row in rows)
                yield self.point(
                    Section.BALANCED,
                    Load.BALANCED,
                    factor,
                    share,
                    Condition(share, factor),
                    special,
                )

    def single_phase(self) -> Iterator[PlannedTest]:
        """Each phase loaded alone, and how far the error then is from the balanced one."""
        for factor, rows in self._rows(Load.SINGLE_PHASE):
            for share in self._shares(rows, sparse=True):
                for phase in PHASES:
                    condition = Condition(share, factor, loaded=(phase,))
                    yield self.point(
                        Section.SINGLE_PHASE, Load.SINGLE_PHASE, factor, share, condition, False
                    )
        if self._class.difference is None:
            return
        symbol = self._class.factor_symbol
        for phase in PHASES:
            yield PlannedTest(
                Section.DIFFERENCE,
                f"L{phase + 1} alone against all, {self._amperes(1.0)}, {symbol} 1",
                Rule.DIFFERENCE,
                (Condition(1.0, loaded=(phase,)), Condition(1.0)),
                self._class.difference,
            )

    def export(self) -> Iterator[PlannedTest]:
        """Some balanced loads the other way round: the same limits."""
        factors = (UNITY, HALF_INDUCTIVE)
        for factor, rows in self._rows(Load.BALANCED):
            if factor not in factors:
                continue
            for share in self._shares(rows, sparse=True):
                condition = Condition(share, factor, export=True)
                curve = f"flowing back, {self._class.factor_symbol} {factor}"
                yield self.point(
                    Section.EXPORT, Load.BALANCED, factor, share, condition, False, curve
                )

    def influences(self) -> Iterator[PlannedTest]:
        """Each influence quantity at its loads."""
        for row in self._class.influences:
            for share in self._influence_shares(row):
                yield from self._influence(row, share)

    def temperatures(self) -> Iterator[PlannedTest]:
        """The limits at the ends of each band of operating temperatures, a load of each row."""
        rows = [r for r in self._class.limits if r.load is Load.BALANCED and UNITY in r.factors]
        lowest, transition, maximum = rows[0].low, rows[-1].low, self._plate.maximum_share
        for band in self._class.bands:
            below, beyond, single = band.percent
            loads = (
                (lowest, UNITY, PHASES, below),
                (transition, UNITY, PHASES, beyond),
                (1.0, HALF_INDUCTIVE, PHASES, beyond),
                (maximum, UNITY, PHASES, beyond),
                (1.0, UNITY, PHASES[:1], single),
            )
            for celsius in (band.low, band.high):
                for share, factor, loaded, limit in loads:
                    condition = Condition(share, factor, loaded=loaded, temperature=celsius)
                    phases = "" if loaded == PHASES else "L1, "
                    label = f"{celsius:+.0f} °C, {phases}{self._amperes(share)}, cos φ {factor}"
                    yield PlannedTest(Section.TEMPERATURE, label, Rule.ERROR, (condition,), limit)

    def start(self) -> Iterator[PlannedTest]:
        """The starting current: pulses must come, and go on coming."""
        share = self._class.start
        per_pulse = self._seconds_per_pulse(share)
        yield PlannedTest(
            Section.START,
            f"{self._amperes(share)}, {self._class.factor_symbol} 1, 2 pulses in the time of 3",
            Rule.START,
            (Condition(share),),
            3.0 * per_pulse,
            seconds=3.0 * per_pulse,
        )

    def no_load(self) -> Iterator[PlannedTest]:
        """115 % of the voltage, no current, for as long as the standard's formula asks."""
        plate = self._plate
        minutes = self._class.no_load_minutes(
            plate.constant, len(PHASES), plate.nominal_voltage, plate.reference_current,
            plate.maximum_current,
        )  # fmt: skip
        yield PlannedTest(
            Section.NO_LOAD,
            f"{NO_LOAD_VOLTAGE:g} Un, current circuits open, {minutes:.2f} min",
            Rule.NO_LOAD,
            (Condition(0.0, volts=NO_LOAD_VOLTAGE),),
            1.0,
            seconds=60.0 * minutes,
        )

    def repeatability(self) -> Iterator[PlannedTest]:
        """Equal tests one after the other, the load off between them."""
        symbol = self._class.factor_symbol
        for share, factor in ((0.1, UNITY), (1.0, UNITY), (1.0, HALF_INDUCTIVE)):
            yield PlannedTest(
                Section.REPEATABILITY,
                f"{REPEATS} tests at {self._amperes(share)}, {symbol} {factor}",
                Rule.SPREAD,
                tuple(Condition(share, factor, repeat=k) for k in range(REPEATS)),
                self._class.repeatability,
            )

    def constant(self) -> Iterator[PlannedTest]:
        """Pulses against the register."""
        share = self._plate.maximum_share
        yield PlannedTest(
            Section.CONSTANT,
            f"register against pulses at {self._amperes(share)}, {self._class.factor_symbol} 1",
            Rule.CONSTANT,
            (Condition(share, repeat=REPEATS),),
            1.0,
            seconds=20.0,
        )

    def _influence(self, row: InfluenceLimit, share: float) -> Iterator[PlannedTest]:
        plain = Condition(share, row.factor)
        where = f"{self._amperes(share)}, {self._class.factor_symbol} {row.factor}"
        rule = Rule.VARIATION
        if row.influence is Influence.TEMPERATURE:
            rule, named = Rule.COEFFICIENT, "temperature, 13 °C to 33 °C"
            low, high = (replace(plain, temperature=23.0 + d * TEMPERATURE_STEP) for d in (-1, 1))
            yield PlannedTest(
                Section.INFLUENCE, f"{named}, {where}", rule, (high, low), row.percent,
                curve=row.influence.value,
            )  # fmt: skip
            return
        for named, changed in _changes(row.influence, plain):
            yield PlannedTest(
                Section.INFLUENCE, f"{named}, {where}", rule, (changed, plain), row.percent,
                curve=row.influence.value,
            )  # fmt: skip

    def _influence_shares(self, row: InfluenceLimit) -> list[float]:
        maximum = self._plate.maximum_share
        if row.of_maximum:
            return [row.current * maximum]
        if not row.to_maximum or self._fast:
            return [1.0 if row.to_maximum else row.current]
        return sorted({row.current, 1.0, maximum})

    def _rows(self, load: Load) -> Iterator[tuple[Factor, list[LoadLimit]]]:
        rows = [row for row in self._class.limits if row.load is load]
        for factor in dict.fromkeys(f for row in rows for f in row.factors):
            yield factor, [row for row in rows if factor in row.factors]

    def _shares(self, rows: list[LoadLimit], sparse: bool = False) -> list[float]:
        """Currents of some rows: their ends, and unless `sparse` steps between."""
        maximum = self._plate.maximum_share
        ends = {row.low for row in rows}
        top = maximum if any(row.high is None for row in rows) else 1.0
        if not (sparse or self._fast):
            ends |= {s for s in CURRENTS if min(ends) <= s <= top}
        if self._fast:
            ends = {min(ends), max(ends)}
        return sorted({*ends, 1.0, top})

    def _amperes(self, share: float) -> str:
        if math.isclose(share, self._plate.maximum_share):
            return "Imax"
        if math.isclose(share, 0.5 * self._plate.maximum_share) and not math.isclose(share, 1.0):
            return "0.5 Imax"
        if math.isclose(share, self._plate.maximum_share * 0.5**0.5):
            return "Imax/√2"
        symbol = self._class.current_symbol
        return symbol if math.isclose(share, 1.0) else f"{share:.4g} {symbol}"

    def _seconds_per_pulse(self, share: float) -> float:
        plate = self._plate
        power = len(PHASES) * plate.nominal_voltage * plate.reference_current * share
        return 3.6e6 / (plate.constant * power)


def _changes(influence: Influence, plain: Condition) -> Iterator[tuple[str, Condition]]:
    """What an influence is in numbers: some words, and the condition."""
    match influence:
        case Influence.VOLTAGE:
            yield "voltage −10 %", replace(plain, volts=0.9)
            yield "voltage +10 %", replace(plain, volts=1.1)
        case Influence.FREQUENCY:
            yield "frequency −2 %", replace(plain, frequency=0.98)
            yield "frequency +2 %", replace(plain, frequency=1.02)
        case Influence.REVERSED_SEQUENCE:
            yield influence.value, replace(plain, reversed_sequence=True)
        case Influence.VOLTAGE_UNBALANCE:
            for missing in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)):
                phases = " and ".join(f"L{k + 1}" for k in missing)
                yield f"voltage of {phases} missing", replace(plain, missing=missing)
        case Influence.HARMONICS:
            named = "5th harmonic, 10 % in voltage, 40 % in current"
            yield named, replace(plain, waveform=Waveform.FIFTH)
        case Influence.DC_AND_EVEN:
            yield "half-wave rectified current", replace(plain, waveform=Waveform.HALF_WAVE)
        case Influence.ODD_HARMONICS:
            yield "current phase-fired at 90°", replace(plain, waveform=Waveform.PHASE_FIRED)
        case Influence.SUB_HARMONICS:
            named = "current in bursts, two cycles on, two off"
            yield named, replace(plain, waveform=Waveform.BURST)
