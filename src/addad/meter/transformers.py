"""Instrument transformers before the meter: their ratios, and primary values from secondary ones.

Blue Book: transformer ratios as Data objects, numerator and denominator. What is measured at the
terminals is secondary; a meter for primary values multiplies it before anything is counted, shown,
limited or kept. Energy stays an integer: what is left of a division is carried to the next window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from addad.errors import InputError

if TYPE_CHECKING:
    from addad.meter.measured import Reading

PART_MAX: Final = 10_000_000
PRODUCT_MAX: Final = 600_000
"""Of both ratios together: with 6.9 kW at the terminals a demand in W fits its 32 bits."""
_FINE_PRODUCT: Final = 60_000
"""Beyond it powers are shown in W instead of tenths of it."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Primary over secondary, as on the nameplate: 200/5, 20000/100."""

    numerator: int = 1
    denominator: int = 1

    def __post_init__(self) -> None:
        parts = (self.numerator, self.denominator)
        if not all(1 <= part <= PART_MAX for part in parts):
            raise InputError(f"a ratio of {self}: both parts are 1 to {PART_MAX}")
        if self.numerator < self.denominator:
            raise InputError(f"a ratio of {self}: primary first, as in 200/5 or 20000/100")

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @classmethod
    def parse(cls, text: str) -> Ratio:
        """`200/5`; raises InputError for anything else."""
        primary, slash, secondary = text.strip().partition("/")
        if not (slash and primary.strip().isdecimal() and secondary.strip().isdecimal()):
            raise InputError(f"{text!r}: write a ratio in whole numbers, as 200/5 or 20000/100")
        return cls(int(primary), int(secondary))

    @property
    def value(self) -> float:
        """As a number."""
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class TransformerRatios:
    """Ratios of current and voltage transformers, and whether registers show primary values.

    With `primary` false registers show what is at the terminals, and the reader multiplies.
    """

    current: Ratio = Ratio()
    voltage: Ratio = Ratio()
    primary: bool = True

    def __post_init__(self) -> None:
        if self.current.value * self.voltage.value > PRODUCT_MAX:
            raise InputError(
                f"ratios of {self.current} and {self.voltage}: together at most {PRODUCT_MAX}, or "
                "powers would not fit their registers"
            )


class Transformers:
    """What stands before the terminals of one meter; without ratios it is connected directly."""

    def __init__(self, ratios: TransformerRatios | None) -> None:
        self.ratios = ratios
        self._carry = [0] * 32

    def __str__(self) -> str:
        if self.ratios is None:
            return "connected directly"
        side = "primary" if self.ratios.primary else "secondary"
        return f"behind {self.ratios.current} and {self.ratios.voltage}, with {side} values"

    @property
    def _energy(self) -> tuple[int, int]:
        """What energy is multiplied by, as numerator and denominator."""
        if self.ratios is None or not self.ratios.primary:
            return 1, 1
        current, voltage = self.ratios.current, self.ratios.voltage
        return current.numerator * voltage.numerator, current.denominator * voltage.denominator

    @property
    def power_decades(self) -> int:
        """By how many decades powers are shown coarser, so that they fit."""
        numerator, denominator = self._energy
        return 1 if numerator > _FINE_PRODUCT * denominator else 0

    @property
    def current_factor(self) -> float:
        """What a current at the terminals is shown as."""
        shown = self.ratios is not None and self.ratios.primary
        return self.ratios.current.value if shown and self.ratios else 1.0

    def change(self, ratios: TransformerRatios) -> bool:
        """Take other ratios; whether they are others. What was counted stays as it was counted."""
        if ratios == self.ratios:
            return False
        self.ratios = ratios
        self._carry = [0] * len(self._carry)
        return True

    def shown(self, reading: Reading) -> Reading:
        """A reading at the terminals as registers are to show it."""
        if self.ratios is None or not self.ratios.primary:
            return reading
        i, u = self.ratios.current.value, self.ratios.voltage.value
        both = i * u
        return replace(
            reading,
            u_rms=[u * value for value in reading.u_rms],
            i_rms=[i * value for value in reading.i_rms],
            p=[both * value for value in reading.p],
            q=[both * value for value in reading.q],
            p_total=both * reading.p_total,
            q_total=both * reading.q_total,
            s_total=both * reading.s_total,
            energy=self._multiplied(reading.energy),
        )

    def _multiplied(self, energy: list[int]) -> list[int]:
        numerator, denominator = self._energy
        pairs = [
            divmod(quanta * numerator + carried, denominator)
            for quanta, carried in zip(energy, self._carry, strict=True)
        ]
        self._carry = [rest for _, rest in pairs]
        return [whole for whole, _ in pairs]

    def snapshot(self) -> list[int | str]:
        """What is to survive; empty for a meter that is connected directly."""
        if self.ratios is None:
            return []
        current, voltage = self.ratios.current, self.ratios.voltage
        parts = (current.numerator, current.denominator, voltage.numerator, voltage.denominator)
        return [*parts, int(self.ratios.primary), *self._carry]

    def restore(self, kept: list[int | str]) -> None:
        """Stand where `snapshot` stood; raises ValueError when it is none."""
        if not kept:
            self.ratios = None
            return
        values = [int(value) for value in kept]
        if len(values) != 5 + len(self._carry):
            raise ValueError("four parts of two ratios, a mark and 32 carries are expected")
        try:
            current, voltage = Ratio(*values[:2]), Ratio(*values[2:4])
            self.ratios = TransformerRatios(current, voltage, bool(values[4]))
        except InputError as problem:
            raise ValueError(str(problem)) from problem
        self._carry = values[5:]
