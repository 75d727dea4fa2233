"""The classes by standard: tables of limits, row by row, with what each was checked against.

IEC 62053-21, IEC 62053-22, IEC 62053-23, IEC 62053-24; MI-003 (Directive 2014/32/EU, annex V) with
EN 50470-3. A tuple in a row holds the classes in the order of the table's `names`.
"""

from __future__ import annotations

from collections.abc import Sequence

from addad.errors import InputError
from addad.metrology.accuracy_classes import (
    EIGHT_CAPACITIVE,
    HALF_CAPACITIVE,
    HALF_INDUCTIVE,
    QUARTER_CAPACITIVE,
    QUARTER_INDUCTIVE,
    UNITY,
    AccuracyClass,
    Connection,
    Energy,
    Factor,
    Influence,
    InfluenceLimit,
    Load,
    LoadLimit,
    TemperatureBand,
)

BALANCED, SINGLE = Load.BALANCED, Load.SINGLE_PHASE
DIRECT, TRANSFORMER = Connection.DIRECT, Connection.TRANSFORMER
ONE = (UNITY,)
LAG_AND_LEAD = (HALF_INDUCTIVE, EIGHT_CAPACITIVE)
LAG = (HALF_INDUCTIVE,)
SPECIAL = (QUARTER_INDUCTIVE, HALF_CAPACITIVE)
SIN_HALF = (HALF_INDUCTIVE, HALF_CAPACITIVE)
SIN_QUARTER = (QUARTER_INDUCTIVE, QUARTER_CAPACITIVE)

_Percents = tuple[float | None, ...]
_LimitRow = tuple[Load, tuple[Factor, ...], float, float | None, _Percents]
_InfluenceRow = tuple[Influence, Factor, float, _Percents]

TENTH = 0.1
"""Equal tests may differ by this part of the limit at the reference current."""

_RECALLED = "from memory of the published standard; no public text was found to check it against"
_REPEATABILITY = f"repeatability, a tenth of the limit at the reference current: {_RECALLED}"

OF_MAXIMUM = {Influence.HARMONICS: 0.5, Influence.DC_AND_EVEN: 0.5**0.5}
"""Loads that are shares of the maximum current."""


def _limits(
    rows: Sequence[_LimitRow], k: int, special: Sequence[_LimitRow]
) -> tuple[LoadLimit, ...]:
    found = []
    for group, extra in ((rows, False), (special, True)):
        for load, factors, low, high, percents in group:
            percent = percents[k]
            if percent is not None:
                found.append(LoadLimit(load, factors, low, high, percent, extra))
    return tuple(found)


def _influences(rows: Sequence[_InfluenceRow], k: int) -> tuple[InfluenceLimit, ...]:
    ranges = (Influence.TEMPERATURE, Influence.VOLTAGE, Influence.FREQUENCY)
    found = []
    for influence, factor, current, percents in rows:
        percent = percents[k]
        if percent is not None:
            share = OF_MAXIMUM.get(influence)
            found.append(
                InfluenceLimit(
                    influence, factor, current if share is None else share, percent,
                    of_maximum=share is not None, to_maximum=influence in ranges,
                )
            )  # fmt: skip
    return tuple(found)


def _classes(
    standard: str,
    names: Sequence[str],
    energy: Energy,
    connection: Connection,
    limits: Sequence[_LimitRow],
    special: Sequence[_LimitRow],
    influences: Sequence[_InfluenceRow],
    start: Sequence[float],
    difference: Sequence[float | None],
    no_load: Sequence[float],
    sources: tuple[str, ...],
    *,
    bands: Sequence[tuple[float, float, tuple[tuple[float, ...], ...]]] = (),
    no_load_by_start: bool = False,
) -> list[AccuracyClass]:
    made = []
    for k, name in enumerate(names):
        rows = _limits(limits, k, special)
        reference = next(r.percent for r in rows if r.load is BALANCED and r.high is None)
        made.append(
            AccuracyClass(
                standard=standard,
                name=name,
                energy=energy,
                connection=connection,
                limits=rows,
                influences=_influences(influences, k),
                start=start[k],
                difference=difference[k],
                repeatability=TENTH * reference,
                no_load=no_load[k],
                no_load_by_start=no_load_by_start,
                bands=tuple(TemperatureBand(a, b, values[k]) for a, b, values in bands),
                sources=(*sources, _REPEATABILITY),
            )
        )
    return made


def _part_21(connection: Connection) -> list[AccuracyClass]:
    """IEC 62053-21: classes 1 and 2; behind transformers from smaller shares of In."""
    direct = connection is DIRECT
    a, b, c = (0.05, 0.1, 0.2) if direct else (0.02, 0.05, 0.1)
    limits: list[_LimitRow] = [
        (BALANCED, ONE, a, b, (1.5, 2.5)),
        (BALANCED, ONE, b, None, (1.0, 2.0)),
        (BALANCED, LAG, b, c, (1.5, 2.5)),
        (BALANCED, (EIGHT_CAPACITIVE,), b, c, (1.5, None)),
        (BALANCED, LAG, c, None, (1.0, 2.0)),
        (BALANCED, (EIGHT_CAPACITIVE,), c, None, (1.0, None)),
        (SINGLE, ONE, b, None, (2.0, 3.0)),
        (SINGLE, LAG, c, None, (2.0, 3.0)),
    ]
    special: list[_LimitRow] = [
        (BALANCED, (QUARTER_INDUCTIVE,), c, 1.0 + 1e-6, (3.5, None)),
        (BALANCED, (HALF_CAPACITIVE,), c, 1.0 + 1e-6, (2.5, None)),
    ]
    influences: list[_InfluenceRow] = [
        (Influence.TEMPERATURE, UNITY, b, (0.05, 0.10)),
        (Influence.TEMPERATURE, HALF_INDUCTIVE, c, (0.07, 0.15)),
        (Influence.VOLTAGE, UNITY, a, (0.7, 1.0)),
        (Influence.VOLTAGE, HALF_INDUCTIVE, b, (1.0, 1.5)),
        (Influence.FREQUENCY, UNITY, a, (0.5, 0.8)),
        (Influence.FREQUENCY, HALF_INDUCTIVE, b, (0.7, 1.0)),
        (Influence.REVERSED_SEQUENCE, UNITY, 0.1, (1.5, 1.5)),
        (Influence.VOLTAGE_UNBALANCE, UNITY, 1.0, (2.0, 4.0)),
        (Influence.HARMONICS, UNITY, 0.0, (0.8, 1.0)),
        (Influence.DC_AND_EVEN, UNITY, 0.0, (3.0, 6.0) if direct else (None, None)),
        (Influence.ODD_HARMONICS, UNITY, 0.5, (3.0, 6.0)),
        (Influence.SUB_HARMONICS, UNITY, 0.5, (3.0, 6.0)),
    ]
    return _classes(
        "62053-21", ("1", "2"), Energy.ACTIVE, connection, limits, special, influences,
        start=(0.004, 0.005) if direct else (0.002, 0.003), difference=(1.5, 2.5),
        no_load=(600e6, 480e6),
        sources=(
            "single-phase limits, temperature, voltage, frequency, sequence, unbalance, harmonics, "
            "DC and even harmonics: a public copy of the standard's two tables",
            "starting currents: a meter maker's public table",
            f"balanced and special limits, odd and sub-harmonics, no-load time: {_RECALLED}",
        ),
    )  # fmt: skip


def _part_22() -> list[AccuracyClass]:
    """IEC 62053-22: classes 0.2S and 0.5S, behind transformers."""
    limits: list[_LimitRow] = [
        (BALANCED, ONE, 0.01, 0.05, (0.4, 1.0)),
        (BALANCED, ONE, 0.05, None, (0.2, 0.5)),
        (BALANCED, LAG_AND_LEAD, 0.02, 0.1, (0.5, 1.0)),
        (BALANCED, LAG_AND_LEAD, 0.1, None, (0.3, 0.6)),
        (SINGLE, ONE, 0.05, None, (0.3, 0.6)),
        (SINGLE, LAG, 0.1, None, (0.4, 1.0)),
    ]
    influences: list[_InfluenceRow] = [
        (Influence.TEMPERATURE, UNITY, 0.05, (0.01, 0.03)),
        (Influence.TEMPERATURE, HALF_INDUCTIVE, 0.1, (0.02, 0.05)),
        (Influence.VOLTAGE, UNITY, 0.05, (0.1, 0.2)),
        (Influence.VOLTAGE, HALF_INDUCTIVE, 0.1, (0.2, 0.4)),
        (Influence.FREQUENCY, UNITY, 0.05, (0.1, 0.2)),
        (Influence.FREQUENCY, HALF_INDUCTIVE, 0.1, (0.1, 0.2)),
        (Influence.REVERSED_SEQUENCE, UNITY, 0.1, (0.05, 0.1)),
        (Influence.VOLTAGE_UNBALANCE, UNITY, 1.0, (0.5, 1.0)),
        (Influence.HARMONICS, UNITY, 0.0, (0.4, 0.5)),
        (Influence.SUB_HARMONICS, UNITY, 0.5, (0.6, 1.5)),
    ]
    return _classes(
        "62053-22", ("0.2S", "0.5S"), Energy.ACTIVE, TRANSFORMER, limits,
        [(BALANCED, SPECIAL, 0.1, None, (0.5, 1.0))], influences,
        start=(0.001, 0.001), difference=(0.4, 1.0), no_load=(900e6, 600e6),
        sources=(
            "balanced limits of class 0.5S: a meter maker's manual that prints the table",
            "starting currents: a meter maker's public table",
            f"class 0.2S, single-phase limits, influences, no-load time: {_RECALLED}",
        ),
    )  # fmt: skip


def _part_23(connection: Connection) -> list[AccuracyClass]:
    """IEC 62053-23: reactive energy of sine waves, classes 2 and 3."""
    direct = connection is DIRECT
    a, b, c = (0.05, 0.1, 0.2) if direct else (0.02, 0.05, 0.1)
    limits: list[_LimitRow] = [
        (BALANCED, ONE, a, b, (2.5, 4.0)),
        (BALANCED, ONE, b, None, (2.0, 3.0)),
        (BALANCED, SIN_HALF, b, c, (2.5, 4.0)),
        (BALANCED, SIN_HALF, c, None, (2.0, 3.0)),
        (BALANCED, SIN_QUARTER, c, None, (2.5, 4.0)),
        (SINGLE, ONE, b, None, (3.0, 4.0)),
        (SINGLE, SIN_HALF, c, None, (3.0, 4.0)),
    ]
    influences: list[_InfluenceRow] = [
        (Influence.TEMPERATURE, UNITY, b, (0.10, 0.15)),
        (Influence.TEMPERATURE, HALF_INDUCTIVE, c, (0.15, 0.25)),
        (Influence.VOLTAGE, UNITY, a, (1.0, 2.0)),
        (Influence.VOLTAGE, HALF_INDUCTIVE, b, (1.5, 3.0)),
        (Influence.FREQUENCY, UNITY, a, (2.5, 2.5)),
        (Influence.FREQUENCY, HALF_INDUCTIVE, b, (2.5, 2.5)),
    ]
    return _classes(
        "62053-23", ("2", "3"), Energy.REACTIVE, connection, limits, (), influences,
        start=(0.005, 0.01) if direct else (0.003, 0.005), difference=(2.5, 3.5),
        no_load=(480e6, 300e6),
        sources=(
            "starting currents: a meter maker's public table",
            f"limits, influences, no-load time: {_RECALLED}",
        ),
    )  # fmt: skip


def _part_24() -> list[AccuracyClass]:
    """IEC 62053-24: reactive energy of the fundamental, classes 0.5S and 1S."""
    limits: list[_LimitRow] = [
        (BALANCED, ONE, 0.01, 0.05, (1.0, 1.5)),
        (BALANCED, ONE, 0.05, None, (0.5, 1.0)),
        (BALANCED, SIN_HALF, 0.05, 0.1, (1.0, 1.5)),
        (BALANCED, SIN_HALF, 0.1, None, (0.5, 1.0)),
        (BALANCED, SIN_QUARTER, 0.1, None, (1.0, 2.0)),
        (SINGLE, ONE, 0.05, None, (0.7, 1.5)),
        (SINGLE, SIN_HALF, 0.1, None, (0.7, 1.5)),
    ]
    influences: list[_InfluenceRow] = [
        (Influence.TEMPERATURE, UNITY, 0.05, (0.03, 0.05)),
        (Influence.TEMPERATURE, HALF_INDUCTIVE, 0.1, (0.05, 0.10)),
        (Influence.VOLTAGE, UNITY, 0.05, (0.25, 0.5)),
        (Influence.VOLTAGE, HALF_INDUCTIVE, 0.1, (0.5, 1.0)),
        (Influence.FREQUENCY, UNITY, 0.05, (0.5, 1.0)),
        (Influence.FREQUENCY, HALF_INDUCTIVE, 0.1, (0.5, 1.0)),
    ]
    return _classes(
        "62053-24", ("0.5S", "1S"), Energy.REACTIVE, TRANSFORMER, limits, (), influences,
        start=(0.001, 0.002), difference=(0.7, 1.5), no_load=(600e6, 600e6),
        sources=(
            "the ranges of current by sin φ: an analyser maker's manual; "
            "fundamental only: publishers' abstracts",
            f"limits, influences, starting current, no-load time: {_RECALLED}",
        ),
    )  # fmt: skip


_BANDS = (
    (-10.0, 40.0, ((5.0, 4.5, 5.0), (2.5, 2.5, 3.0), (1.3, 1.0, 1.3))),
    (-25.0, 55.0, ((7.0, 7.0, 7.0), (3.5, 3.5, 4.0), (1.7, 1.3, 1.7))),
    (-40.0, 70.0, ((9.0, 9.0, 9.0), (4.0, 4.0, 4.5), (2.0, 1.5, 2.0))),
)
"""Beyond 5 to 30 °C: limits below Itr, from Itr, and under a single-phase load, by class."""


def _mi_003(connection: Connection) -> list[AccuracyClass]:
    """MI-003: classes A, B, C; Itr is a tenth of Iref when direct, a twentieth of In if not."""
    direct = connection is DIRECT
    transition = 0.1 if direct else 0.05
    names = ("A", "B", "C")
    minima = (0.05, 0.05, 0.03) if direct else (0.02, 0.01, 0.01)
    every = (UNITY, *LAG_AND_LEAD)
    made = []
    for k, name in enumerate(names):
        limits: list[_LimitRow] = [
            (BALANCED, every, minima[k], transition, (3.5, 2.0, 1.0)),
            (BALANCED, every, transition, None, (3.5, 2.0, 0.7)),
            (SINGLE, (UNITY, HALF_INDUCTIVE), transition, None, (4.0, 2.5, 1.0)),
        ]
        rows = [(load, f, a, b, (percents[k],)) for load, f, a, b, percents in limits]
        influences = [
            (influence, factor, current, (percents[k],))
            for influence, factor, current, percents in _mi_003_influences(direct, transition)
        ]
        bands = [(low, high, (values[k],)) for low, high, values in _BANDS]
        made += _classes(
            "MI-003", (name,), Energy.ACTIVE, connection, rows, (), influences,
            start=((0.005, 0.004, 0.004) if direct else (0.003, 0.002, 0.001))[k : k + 1],
            difference=(None,), no_load=(240e3,), no_load_by_start=True,
            sources=(
                "limits under balanced load: the text of the directive; the single-phase row "
                "and the table of currents from memory of it",
                "sequence, unbalance, harmonics, DC and even harmonics: the directive's critical "
                "change values; voltage, frequency, temperature, odd and sub-harmonics: "
                f"{_RECALLED}",
                "no-load time: a meter maker's public page has what it depends on, its constant "
                "is from memory of EN 50470-3",
            ),
            bands=bands,
        )  # fmt: skip
    return made


def _mi_003_influences(direct: bool, transition: float) -> list[_InfluenceRow]:
    dc: _Percents = (6.0, 3.0, 1.5) if direct else (None, None, None)
    return [
        (Influence.TEMPERATURE, UNITY, transition, (0.10, 0.05, 0.03)),
        (Influence.TEMPERATURE, HALF_INDUCTIVE, 2.0 * transition, (0.15, 0.07, 0.05)),
        (Influence.VOLTAGE, UNITY, transition, (1.0, 0.7, 0.2)),
        (Influence.VOLTAGE, HALF_INDUCTIVE, transition, (1.5, 1.0, 0.4)),
        (Influence.FREQUENCY, UNITY, transition, (0.8, 0.5, 0.2)),
        (Influence.FREQUENCY, HALF_INDUCTIVE, transition, (1.0, 0.7, 0.2)),
        (Influence.REVERSED_SEQUENCE, UNITY, 0.1, (1.5, 1.5, 0.3)),
        (Influence.VOLTAGE_UNBALANCE, UNITY, 1.0, (4.0, 2.0, 1.0)),
        (Influence.HARMONICS, UNITY, 0.0, (1.0, 0.8, 0.5)),
        (Influence.DC_AND_EVEN, UNITY, 0.0, dc),
        (Influence.ODD_HARMONICS, UNITY, 0.5, (6.0, 3.0, 1.5)),
        (Influence.SUB_HARMONICS, UNITY, 0.5, (6.0, 3.0, 1.5)),
    ]


CLASSES: tuple[AccuracyClass, ...] = (
    *_part_21(DIRECT),
    *_part_21(TRANSFORMER),
    *_part_22(),
    *_part_23(DIRECT),
    *_part_23(TRANSFORMER),
    *_part_24(),
    *_mi_003(DIRECT)[:2],
    *_mi_003(TRANSFORMER),
    *_mi_003(DIRECT)[2:],
)
"""Every class, the usual connection of each first."""


def accuracy_class(standard: str, name: str, connection: Connection | None = None) -> AccuracyClass:
    """The class of a standard ("62053-22", "0.2S"); by default as it is usually connected.

    Raises InputError, with the names there are, for one that is not known.
    """
    found = [c for c in CLASSES if c.standard == standard]
    if not found:
        names = ", ".join(dict.fromkeys(c.standard for c in CLASSES))
        raise InputError(f"no standard {standard!r}: there are {names}")
    named = [c for c in found if c.name.upper() == name.strip().upper().replace(",", ".")]
    if not named:
        names = ", ".join(dict.fromkeys(c.name for c in found))
        raise InputError(f"{standard} has no class {name!r}: it has {names}")
    for one in named:
        if connection is None or one.connection is connection:
            return one
    raise InputError(
        f"class {named[0].name} of {standard} is for {named[0].connection} meters only"
    )
