"""What has been counted: energy in integers of a millionth of a unit, never lowered.

Four quadrants as IEC 62053 metering uses them: Q1 and Q2 are import of reactive energy, Q3 and Q4
export. What a client reads is whole Wh, varh, VAh; the millionths are the carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

TOTAL: Final = 3
CHANNELS: Final = 4
_MICRO: Final = 1_000_000


class Quantity(IntEnum):
    """The columns of an energy increment, in the instrument's order."""

    ACTIVE_IMPORT = 0
    ACTIVE_EXPORT = 1
    REACTIVE_Q1 = 2
    REACTIVE_Q2 = 3
    REACTIVE_Q3 = 4
    REACTIVE_Q4 = 5
    APPARENT_IMPORT = 6
    APPARENT_EXPORT = 7


REACTIVE_IMPORT: Final = (Quantity.REACTIVE_Q1, Quantity.REACTIVE_Q2)
REACTIVE_EXPORT: Final = (Quantity.REACTIVE_Q3, Quantity.REACTIVE_Q4)
_WIDTH: Final = len(Quantity)
_SIZE: Final = CHANNELS * _WIDTH


class Registers:
    """Energy of L1, L2, L3 and in total (channels 0 to 3), by `Quantity`.

    Clients are shown what would survive a power cut now, so that no register they have read is ever
    seen lower; while nothing is durable, they are shown what has been counted.
    """

    __slots__ = ("_durable", "_frozen", "_micro")

    def __init__(self) -> None:
        self._micro = [0] * _SIZE
        self._frozen = self._micro
        self._durable: list[int] | None = None

    def add(self, increments: Iterable[int]) -> None:
        """Count 32 increments [millionths], channel by channel; raises ValueError if one is < 0."""
        values = list(increments)
        if len(values) != _SIZE or min(values) < 0:
            raise ValueError("an energy increment is 32 numbers, none of them negative")
        self._micro = [kept + more for kept, more in zip(self._micro, values, strict=True)]

    def whole(self, *quantities: Quantity, channel: int = TOTAL) -> int:
        """The sum of `quantities` of a channel in whole Wh, varh or VAh."""
        at = channel * _WIDTH
        return sum(self._micro[at + quantity] for quantity in quantities) // _MICRO

    def shown(self, *quantities: Quantity, channel: int = TOTAL) -> int:
        """Like `whole`, of what is durable."""
        values = self._micro if self._durable is None else self._durable
        at = channel * _WIDTH
        return sum(values[at + quantity] for quantity in quantities) // _MICRO

    def mark_durable(self) -> None:
        """The last `snapshot` is durable now.

        What was shown meanwhile, because nothing was durable, stays until the next one reaches it.
        """
        self._durable = self._micro if self._durable is None else self._frozen

    def mark_lost(self) -> None:
        """The last `snapshot` did not become durable, nor will what follows for a while."""
        self._durable = None

    def micro(self, quantity: Quantity, channel: int = TOTAL) -> int:
        """One register in millionths of its unit."""
        return self._micro[channel * _WIDTH + quantity]

    def raise_to(self, whole: int, quantity: Quantity, channel: int = TOTAL) -> None:
        """Lift one register to at least `whole` units, for when only a profile has survived."""
        at = channel * _WIDTH + quantity
        lifted = max(self._micro[at], whole * _MICRO)
        self._micro = [*self._micro[:at], lifted, *self._micro[at + 1 :]]

    def snapshot(self) -> list[int | str]:
        """All 32 registers in millionths; see `mark_durable`."""
        self._frozen = self._micro
        return [*self._micro]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; raises ValueError when it is none."""
        values = [int(value) for value in kept]
        if len(values) != _SIZE or min(values) < 0:
            raise ValueError("32 registers are expected, none of them negative")
        self._micro = values
        self._durable = values
