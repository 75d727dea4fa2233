"""What a self-check of the wiring finds, in plain words and with its cure.

No standard names these; the words are those of an electrician at the meter's terminals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class WiringFault(StrEnum):
    """What may be wrong between the line and the meter's terminals."""

    MISSING_VOLTAGE = "missing voltage"
    SAME_VOLTAGE = "same voltage"
    WRONG_SEQUENCE = "wrong sequence"
    SWAPPED_VOLTAGES = "swapped voltages"
    SWAPPED_CURRENTS = "swapped currents"
    ROTATED_CURRENTS = "rotated currents"
    REVERSED_CURRENT = "reversed current"
    MISSING_CURRENT = "missing current"
    NEUTRAL_REVERSED = "neutral reversed"
    NEUTRAL_MISMATCH = "neutral mismatch"
    EXPORT = "export"
    """No fault where something generates; told because a reversed transformer looks the same."""
    UNEXPLAINED = "unexplained"


class Certainty(IntEnum):
    """How far the measurements alone carry a finding."""

    POSSIBLE = 1
    """The measurements fit it, and something else that is not rare."""
    LIKELY = 2
    """Nothing usual fits as well."""
    PROVED = 3
    """By the sum of the currents, or by how the network's voltage answers the load."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or would be: `phases` are "L1" to "L3" and "N".

    `words` say what is seen and what it means, `cure` what to do; `evidence` holds the numbers
    behind it by name: angles [degree], powers [W], currents [A], `t` for a slope over its spread.
    """

    fault: WiringFault
    phases: tuple[str, ...]
    certainty: Certainty
    words: str
    cure: str
    evidence: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        unsure = self.certainty is Certainty.POSSIBLE and self.fault is not WiringFault.EXPORT
        return f"{'Perhaps: ' if unsure else ''}{self.words} {self.cure}"


_TEXTS: dict[WiringFault, tuple[str, str]] = {
    WiringFault.MISSING_VOLTAGE: (
        "There is no voltage at {phases}, while the other phases have theirs; nothing is counted "
        "there.",
        "Look for a blown fuse, an open terminal or a dead phase of the supply.",
    ),
    WiringFault.SAME_VOLTAGE: (
        "The voltages at {phases} are one and the same phase.",
        "Move one of the voltage wires to its own phase.",
    ),
    WiringFault.WRONG_SEQUENCE: (
        "The phases follow each other in the order L1, L3, L2. Energy is right as long as each "
        "current sits on its own voltage, but motors turn backwards and names are mixed up.",
        "Exchange two phases at the terminals, each voltage together with its current.",
    ),
    WiringFault.SWAPPED_VOLTAGES: (
        "The voltage wires of {phases} are exchanged: each current there is measured with the "
        "other's voltage.",
        "Exchange the voltage wires of {phases}.",
    ),
    WiringFault.SWAPPED_CURRENTS: (
        "The current transformers of {phases} are exchanged: each voltage there is measured with "
        "the other's current.",
        "Exchange the current transformers of {phases}, or their pairs of wires.",
    ),
    WiringFault.ROTATED_CURRENTS: (
        "Voltages and currents are of different phases, all three moved on by one: {pairs}.",
        "Move the three voltage wires, or the three current transformers, so that each current "
        "meets its own voltage.",
    ),
    WiringFault.REVERSED_CURRENT: (
        "The current transformer of {phases} sits the wrong way round: {why}.",
        "Turn it, or swap its two wires{unless}.",
    ),
    WiringFault.MISSING_CURRENT: (
        "There is no current in {phases}, while the other phases carry some.",
        "If consumers run on this phase, look for an open or short-circuited transformer, or a "
        "wire that is off; if none do, all is well.",
    ),
    WiringFault.NEUTRAL_REVERSED: (
        "The current transformer of the neutral sits the wrong way round: its current is the "
        "opposite of the sum of the phases.",
        "Turn it, or swap its two wires.",
    ),
    WiringFault.NEUTRAL_MISMATCH: (
        "The neutral's current is not the sum of the phases: {missing:.3g} A go another way.",
        "Look for a current past the meter, an earth fault or a shared neutral, and compare the "
        "ratios of the four transformers.",
    ),
    WiringFault.EXPORT: (
        "Power flows out of the installation at {phases}, as it does with panels, a battery or a "
        "generator{why}.",
        "Nothing is to be done if something generates there; if nothing does, the current "
        "transformers of {phases} sit the wrong way round, or line and load sides are exchanged"
        "{unless}.",
    ),
    WiringFault.UNEXPLAINED: (
        "The angles between voltages and currents at {phases} fit no load, no generation and no "
        "simple exchange.",
        "Check each voltage and each transformer by itself, phase by phase.",
    ),
}


def listed(phases: Sequence[str]) -> str:
    """The phases as a person lists them: "L1", "L1 and L2", "L1, L2 and L3"."""
    if len(phases) < 2:
        return "".join(phases)
    return f"{', '.join(phases[:-1])} and {phases[-1]}"


def finding(
    fault: WiringFault,
    phases: Sequence[str],
    certainty: Certainty,
    evidence: dict[str, float] | None = None,
    **said: str | float,
) -> Finding:
    """A finding with its sentences; `said` fills what a sentence leaves open."""
    words, cure = _TEXTS[fault]
    named = {"phases": listed(phases), "why": "", "unless": "", **said}
    return Finding(
        fault,
        tuple(phases),
        certainty,
        words.format(**named),
        cure.format(**named),
        tuple((evidence or {}).items()),
    )
