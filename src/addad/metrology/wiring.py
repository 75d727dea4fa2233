"""Self-check of the wiring: transformers turned round, wires exchanged, voltages missing.

No standard governs it; the method and what it cannot tell stand in docs/metrology.md.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from addad.metrology.quantities import PHASES
from addad.metrology.window import Window
from addad.metrology.wiring_directions import CLEAR, directions, names, neutral, turned_round
from addad.metrology.wiring_evidence import NEUTRAL, PHASE_NAMES, Evidence, Gathering, Site
from addad.metrology.wiring_findings import Certainty, Finding, WiringFault, finding

__all__ = ["Certainty", "Finding", "Site", "Wiring", "WiringFault", "check", "findings_of"]

_LOAD = (-50.0, 85.0)
"""Angles [degree] of a current behind its voltage that a load takes without astonishing anybody."""
_COMMON_LOAD = (-37.0, 66.0)
_GENERATION = 35.0
"""What generates has an angle of at most so many degrees beside 180."""
_TURN_COST, _SWAP_COST, _ROTATION_COST, _ODD_COST = 1.0, 1.0, 1.5, 0.4
_COST_MAX = 2.6
"""Beyond a rotation and a turn, or an exchange and a turn, the angles are no wiring's."""


class Wiring:
    """The self-check of a fleet: give it windows of a few seconds or more, ask it for findings."""

    def __init__(self, meters: int = 1, site: Site | None = None) -> None:
        self._gathering = Gathering(meters)
        self._site = site or Site()

    def add(self, window: Window) -> None:
        """Take the next window."""
        self._gathering.add(window)

    def findings(self, meter: int = 0) -> tuple[Finding, ...]:
        """What is wrong with a meter's wiring, as far as its windows tell."""
        evidence = self._gathering.evidence(meter)
        return () if evidence is None else findings_of(evidence, self._site)


def check(
    windows: Iterable[Window], meter: int = 0, site: Site | None = None
) -> tuple[Finding, ...]:
    """What these windows tell of one meter's wiring, the surest things first."""
    windows = tuple(windows)
    meters = max((int(window.meters.max()) for window in windows), default=meter) + 1
    wiring = Wiring(max(meters, meter + 1), site)
    for window in windows:
        wiring.add(window)
    return wiring.findings(meter)


def findings_of(evidence: Evidence, site: Site) -> tuple[Finding, ...]:
    """What the gathered evidence of one meter tells."""
    found = [*_voltages(evidence)]
    found += _pairs(evidence, site)
    found += _missing_currents(evidence, site)
    found += neutral(evidence, site, found)
    return tuple(sorted(found, key=lambda each: -each.certainty))


def _turned(angle: float) -> float:
    """An angle [degree] within -180 and 180."""
    return (angle + 180.0) % 360.0 - 180.0


def _is_load(angle: float) -> bool:
    return _LOAD[0] <= angle <= _LOAD[1]


def _is_common_load(angle: float) -> bool:
    return _COMMON_LOAD[0] <= angle <= _COMMON_LOAD[1]


def _is_generation(angle: float) -> bool:
    return abs(_turned(angle - 180.0)) <= _GENERATION


# --- voltages


def _voltages(evidence: Evidence) -> Iterator[Finding]:
    live = evidence.live()
    dead = [k for k in range(PHASES) if evidence.known[k] and k not in live]
    if live and dead:
        yield finding(WiringFault.MISSING_VOLTAGE, names(dead), Certainty.LIKELY)
    for a, b in itertools.combinations(live, 2):
        angle = evidence.angle(a, b)
        if abs(angle) < 15.0 and abs(evidence.rms[a] / evidence.rms[b] - 1.0) < 0.1:
            seen = {"angle": angle}
            yield finding(WiringFault.SAME_VOLTAGE, names((a, b)), Certainty.LIKELY, seen)


def _sequence(evidence: Evidence) -> int:
    """1 of three voltages L1, L2, L3 a third of a turn apart, -1 of L1, L3, L2, 0 of no such."""
    if len(evidence.live()) < PHASES:
        return 0
    angles = [evidence.angle(k, (k + 1) % PHASES) for k in range(PHASES)]
    for sequence in (1, -1):
        if all(abs(_turned(angle - 120.0 * sequence)) < 25.0 for angle in angles):
            return sequence
    return 0


# --- which current belongs to which voltage, and which way round it is


class _Mend(NamedTuple):
    """A way to mend the wiring: `currents[k]` belongs to the voltage k, those in `turned` turn."""

    currents: tuple[int, ...]
    turned: tuple[int, ...]

    @property
    def moved(self) -> list[int]:
        return [k for k in range(PHASES) if self.currents[k] != k]


def _mends() -> Iterator[_Mend]:
    for currents in itertools.permutations(range(PHASES)):
        for count in range(PHASES + 1):
            for turned in itertools.combinations(range(PHASES), count):
                yield _Mend(currents, turned)


def _pairs(evidence: Evidence, site: Site) -> Iterator[Finding]:
    steady = [k for k in evidence.carrying(site.least_current) if not evidence.both_ways(k)]
    clear = evidence.carrying(CLEAR * site.least_current)
    clear = [k for k in steady if k in clear]
    angles = {k: evidence.angle(k, PHASES + k) for k in steady}
    sequence = _sequence(evidence)
    denied = site.generation is not None and not site.generation
    strange = [
        k for k in clear if not _is_load(angles[k]) and (denied or not _is_generation(angles[k]))
    ]
    ways = _ways(evidence, clear) if sequence and strange else []
    if ways:
        certainty = _sureness(ways, [angles[k] for k in clear])
        yield from _exchanged(evidence, ways[0][1], sequence, certainty)
        return
    if sequence < 0:
        yield finding(WiringFault.WRONG_SEQUENCE, PHASE_NAMES, Certainty.LIKELY)
    strange = [k for k in strange if not _is_generation(angles[k])]
    if sequence and strange:
        seen = {f"angle {PHASE_NAMES[k]}": angles[k] for k in strange}
        yield finding(WiringFault.UNEXPLAINED, names(strange), Certainty.POSSIBLE, seen)
    yield from directions(evidence, site, angles)


def _ways(evidence: Evidence, carrying: list[int]) -> list[tuple[float, _Mend]]:
    """All ways to mend that make every angle a common load's, the simplest first, with costs."""
    ways = []
    for mend in _mends():
        angles = []
        for k, current in enumerate(mend.currents):
            if current in carrying:
                angle = evidence.angle(k, PHASES + current)
                angles.append(_turned(angle + 180.0 * (current in mend.turned)))
        if set(mend.turned) - set(carrying) or not all(_is_common_load(a) for a in angles):
            continue
        moves = {0: 0.0, 2: _SWAP_COST, 3: _ROTATION_COST}[len(mend.moved)]
        odd = sum(((angle - 20.0) / 60.0) ** 2 for angle in angles) / max(len(angles), 1)
        cost = moves + _TURN_COST * len(mend.turned) + _ODD_COST * odd
        if cost <= _COST_MAX:
            ways.append((cost, mend))
    return sorted(ways)


def _sureness(ways: list[tuple[float, _Mend]], angles: list[float]) -> Certainty:
    """Possible where another way is nearly as simple, or where the load may be pure reactance."""
    reactive = all(abs(abs(angle) - 90.0) < 15.0 for angle in angles)
    near = len(ways) > 1 and ways[1][0] < ways[0][0] + 0.5
    return Certainty.POSSIBLE if reactive or near else Certainty.LIKELY


def _exchanged(
    evidence: Evidence, mend: _Mend, sequence: int, certainty: Certainty
) -> Iterator[Finding]:
    moved = mend.moved
    angles = {k: evidence.angle(k, PHASES + k) for k in range(PHASES)}
    seen = {f"angle {name}": angles[k] for k, name in enumerate(PHASE_NAMES)}
    if len(moved) == 2:
        swapped = WiringFault.SWAPPED_CURRENTS if sequence > 0 else WiringFault.SWAPPED_VOLTAGES
        yield finding(swapped, names(moved), certainty, seen)
    elif sequence < 0:
        yield finding(WiringFault.WRONG_SEQUENCE, PHASE_NAMES, Certainty.LIKELY)
    if len(moved) == PHASES:
        pairs = ", ".join(
            f"U{k + 1} meets I{k + 1} instead of I{mend.currents[k] + 1}" for k in range(PHASES)
        )
        yield finding(WiringFault.ROTATED_CURRENTS, PHASE_NAMES, certainty, seen, pairs=pairs)
    for k in mend.turned:
        why = f"only turned, its current, now {angles[k]:.0f}° behind the voltage, fits a load"
        yield turned_round(k, certainty, seen, why)


# --- currents that are not there


def _missing_currents(evidence: Evidence, site: Site) -> Iterator[Finding]:
    rms, known = evidence.rms[PHASES:NEUTRAL], evidence.known[PHASES:NEUTRAL]
    if not known.all() or np.median(rms) < 25.0 * site.least_current:
        return
    none = [k for k in evidence.live() if rms[k] < max(site.least_current, 1e-3 * rms.max())]
    if none and len(none) < PHASES:
        yield finding(WiringFault.MISSING_CURRENT, names(none), Certainty.POSSIBLE)
