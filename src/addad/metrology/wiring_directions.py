"""Which way each current flows: turned transformers told from generation, and the neutral's sum.

No standard governs it; the method and what it cannot tell stand in docs/metrology.md.
"""

import itertools
import math
from collections.abc import Iterable, Iterator

import numpy as np

from addad.metrology.quantities import PHASES
from addad.metrology.wiring_evidence import NEUTRAL, PHASE_NAMES, Evidence, Site
from addad.metrology.wiring_findings import Certainty, Finding, WiringFault, finding, listed

_PROOF = 6.0
"""How many times its spread a slope has to be to prove a direction."""
_PART_OF_CURRENT = 0.125
"""A neutral may differ from the phases' sum by this part of their mean current."""
CLEAR = 10.0
"""Beside other phases a current tells something from so many times the least one."""
_SINE_THD = 0.08
_SINE_PF = 0.97
_FOLLOWS_NOT = 0.2
_ALIKE = 0.4
"""Phases of one inverter differ by less than this part of their power."""


def names(phases: Iterable[int]) -> tuple[str, ...]:
    """Names of the phases 0 to 2."""
    return tuple(PHASE_NAMES[phase] for phase in phases)


def turned_round(
    phase: int, certainty: Certainty, seen: dict[str, float], why: str, unless: str = ""
) -> Finding:
    """The finding that a phase's transformer is turned."""
    fault = WiringFault.REVERSED_CURRENT
    return finding(fault, names((phase,)), certainty, seen, why=why, unless=unless)


def directions(evidence: Evidence, site: Site, angles: dict[int, float]) -> Iterator[Finding]:
    """Turned transformers and export, where `angles` [degree] of the phases that carry current
    behind their voltages are those of loads or of generation."""
    proved = [k for k in evidence.live() if evidence.response[k] >= _PROOF]
    for k in proved:
        why = "drawing more would raise its voltage, as the network never does"
        yield turned_round(k, Certainty.PROVED, {"t": float(evidence.response[k])}, why)
    by_sum = _turned_by_sum(evidence, set(evidence.carrying(site.least_current)))
    for k in sorted((by_sum or frozenset()) - set(proved)):
        why = "only turned it makes the sum of the phases the neutral's current"
        yield turned_round(k, Certainty.PROVED, _seen(evidence, k), why)
    if by_sum is not None:
        return
    open_cases = []
    for k, angle in angles.items():
        backward = abs(angle) > 90.0
        if not backward or k in proved or evidence.response[k] <= -_PROOF:
            continue
        if site.generation is None:
            open_cases.append(k)
        elif PHASE_NAMES[k] not in site.generation:
            seen = _seen(evidence, k)
            why = f"{abs(seen['P']):.4g} W flow out where nothing generates"
            yield turned_round(k, Certainty.LIKELY, seen, why)
    yield from _open_cases(evidence, site, open_cases, angles)


def _open_cases(
    evidence: Evidence, site: Site, cases: list[int], angles: dict[int, float]
) -> Iterator[Finding]:
    """Power that flows out, and nothing proves whether it does."""
    feeding = [k for k in cases if _like_an_inverter(evidence, k, -1.0)]
    everywhere = len(cases) == len(angles) > 1
    exported = cases if everywhere else feeding
    if exported:
        seen = {f"P {PHASE_NAMES[k]}": evidence.power(k).real for k in exported}
        besides = ", or each current meets the voltage of another phase"
        yield finding(
            WiringFault.EXPORT,
            names(exported),
            Certainty.POSSIBLE,
            seen,
            unless=besides if everywhere and _may_be_rotated(angles) else "",
        )
    clear = evidence.carrying(CLEAR * site.least_current) if len(angles) > 1 else cases
    for k in cases:
        if k in clear and k not in exported:
            yield _flows_out(evidence, k, [p for p in angles if p != k])
    for k in angles:
        if len(feeding) == PHASES - 1 and k not in cases and _one_of_three(evidence, k, feeding):
            why = f"it draws what {listed(names(feeding))} feed back, and as good a sine"
            unless = f", unless {PHASE_NAMES[k]} charges a battery or a car"
            yield turned_round(k, Certainty.POSSIBLE, _seen(evidence, k), why, unless)


def _flows_out(evidence: Evidence, k: int, others: list[int]) -> Finding:
    seen = _seen(evidence, k)
    drawing = [p for p in others if evidence.power(p).real > 0.0]
    verb = "draws" if len(drawing) == 1 else "draw"
    beside = f", while {listed(names(drawing))} {verb} power" if drawing else ""
    why = f"{abs(seen['P']):.4g} W flow out of the installation{beside}"
    unless = f", if there is no generation on {PHASE_NAMES[k]}"
    return turned_round(k, Certainty.LIKELY, seen, why, unless)


def _may_be_rotated(angles: dict[int, float]) -> bool:
    """Whether three angles of generation are those of usual loads on the next phase's voltage."""
    return len(angles) == PHASES and any(
        all(abs((angle + turn - 15.0 + 180.0) % 360.0 - 180.0) < 52.0 for angle in angles.values())
        for turn in (120.0, -120.0)
    )


def _seen(evidence: Evidence, k: int) -> dict[str, float]:
    power = evidence.power(k)
    return {
        "P": power.real,
        "Q": power.imag,
        "PF": power.real / abs(power),
        "THD": float(evidence.thd[k]),
        "follows": float(evidence.follows[k]),
    }


def _like_an_inverter(evidence: Evidence, k: int, sign: float) -> bool:
    """A sine along the voltage, or opposite to it, whose harmonics it does not follow.

    A resistor follows them, turned or not; what rectifies is no sine.
    """
    seen = _seen(evidence, k)
    sine = sign * seen["PF"] > _SINE_PF and seen["THD"] < _SINE_THD
    return bool(sine and seen["follows"] < _FOLLOWS_NOT)


def _one_of_three(evidence: Evidence, k: int, feeding: list[int]) -> bool:
    """Whether phase k draws as an inverter on all three phases would with one turned round."""
    powers = [abs(evidence.power(p).real) for p in feeding]
    own = evidence.power(k).real
    alike = all(abs(own - power) < _ALIKE * power for power in powers)
    return alike and _like_an_inverter(evidence, k, 1.0)


# --- the neutral


def _residual(evidence: Evidence, turned: Iterable[int], neutral: int) -> float:
    """RMS [A] of the neutral's current, with a sign, less the sum of the phases' with some turned.

    r² = s K s, s = (s1, s2, s3, -n), K the mean products of the currents.
    """
    signs = np.ones(PHASES + 1)
    signs[list(turned)] = -1.0
    signs[PHASES] = -neutral
    part = evidence.products[PHASES:, PHASES:]
    return math.sqrt(max(float((signs @ part @ signs).real), 0.0))


def _comparable(evidence: Evidence) -> bool:
    """Four currents there, three of them with something to sum up."""
    return bool(evidence.known[PHASES:].all())


def _tolerance(evidence: Evidence) -> float:
    return _PART_OF_CURRENT * float(evidence.rms[PHASES:NEUTRAL].mean())


def _turned_by_sum(evidence: Evidence, carrying: set[int]) -> frozenset[int] | None:
    """The transformers that are turned as the measured neutral tells; None where it does not.

    One alone is named, or none: two turned look like the third one and the neutral turned.
    """
    if not _comparable(evidence) or not carrying:
        return None
    tolerance = _tolerance(evidence)
    fits = [
        turned
        for count in range(len(carrying) + 1)
        for turned in map(frozenset, itertools.combinations(sorted(carrying), count))
        if _residual(evidence, turned, 1) <= tolerance
    ]
    if len(fits) == 1 and len(fits[0]) <= 1 and len(carrying) > len(fits[0]):
        return fits[0]
    return None


def neutral(evidence: Evidence, site: Site, found: list[Finding]) -> Iterator[Finding]:
    """How the neutral's current and the sum of the phases agree, transformers `found` mended."""
    if not _comparable(evidence) or evidence.rms[PHASES:].max() < CLEAR * site.least_current:
        return
    turned = [
        PHASE_NAMES.index(each.phases[0])
        for each in found
        if each.fault is WiringFault.REVERSED_CURRENT
    ]
    allowed = max(_tolerance(evidence), 5.0 * site.least_current)
    straight = min(_residual(evidence, turned, 1), _residual(evidence, (), 1))
    opposite = _residual(evidence, turned, -1)
    if straight <= allowed:
        return
    seen = {"neutral": float(evidence.rms[NEUTRAL]), "difference": straight}
    if opposite <= min(allowed, 0.5 * straight):
        yield finding(WiringFault.NEUTRAL_REVERSED, ("N",), Certainty.LIKELY, seen)
    else:
        yield finding(
            WiringFault.NEUTRAL_MISMATCH, ("N",), Certainty.POSSIBLE, seen, missing=straight
        )
