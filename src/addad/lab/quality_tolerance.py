"""The voltage-tolerance plane: how deep and how long, and what equipment bears.

The curve is that of the Information Technology Industry Council (ITI, formerly CBEMA, revised
2000), as public application notes and textbooks print it. It was made for single-phase equipment
of 120 V and 60 Hz; on other supplies it is a guide, and no requirement of EN 50160.
"""

from __future__ import annotations

from enum import Enum

SOURCE = (
    "ITI (CBEMA) curve, revised 2000, as printed in public application notes and textbooks; made "
    "for equipment of 120 V, 60 Hz, and shown here as a guide, not as a requirement"
)

# up to which duration [s] equipment bears how high a voltage, as a share of the nominal one
UPPER = ((1e-3, 2.0), (3e-3, 1.4), (0.5, 1.2))
UPPER_ALWAYS = 1.1
# up to which duration [s] how low a voltage
LOWER = ((0.02, 0.0), (0.5, 0.7), (10.0, 0.8))
LOWER_ALWAYS = 0.9


class Region(Enum):
    """Where an event lies."""

    TOLERATED = "tolerated"
    NO_DAMAGE = "may stop equipment"
    PROHIBITED = "may damage equipment"


def region(duration_s: float, share: float) -> Region:
    """Where an event of a duration and residual voltage (share of nominal) lies."""
    if share > next((level for end, level in UPPER if duration_s <= end), UPPER_ALWAYS):
        return Region.PROHIBITED
    if share < next((level for end, level in LOWER if duration_s <= end), LOWER_ALWAYS):
        return Region.NO_DAMAGE
    return Region.TOLERATED


def outline(shortest_s: float, longest_s: float) -> tuple[list[tuple[float, float]], ...]:
    """The upper and the lower line as corners (duration [s], share) between two durations."""
    lines = []
    for steps, always in ((UPPER, UPPER_ALWAYS), (LOWER, LOWER_ALWAYS)):
        corners: list[tuple[float, float]] = []
        begin = shortest_s
        for end, level in (*steps, (longest_s, always)):
            if end > begin:
                corners += [(begin, level), (min(end, longest_s), level)]
                begin = end
        lines.append(corners)
    return tuple(lines)
