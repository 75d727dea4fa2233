"""The pulses of a meter's light: one for each share of energy that its constant says.

Meters for IEC 62053 are tested by these pulses: a laboratory counts them against its reference. A
pulse falls where the energy register passes a multiple of 1 kWh (kvarh, kVAh) divided by the
constant; within a window the power is taken as steady.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from addad.errors import InputError
from addad.metrology.energy import QUANTA_PER_UNIT_HOUR, SUMS, EnergyRegister
from addad.metrology.window import Window

Floats = NDArray[np.float64]

_QUANTA_PER_THOUSAND = 1_000 * QUANTA_PER_UNIT_HOUR
_CONSTANT_MAX = 10_000_000
_PULSES_MAX = 1_000_000


@dataclass(slots=True)
class PulseOutput:
    """IEC 62053-21, IEC 62053-22: pulses of the total of one meter's registers.

    `constant` is in pulses per kWh (kvarh, kVAh), 1 to 10 000 000; `registers` are those whose sum
    makes the pulses. Raises InputError for what cannot be.
    """

    constant: int
    registers: tuple[EnergyRegister, ...] = (
        EnergyRegister.ACTIVE_IMPORT_UWH,
        EnergyRegister.ACTIVE_EXPORT_UWH,
    )
    _part: int = field(default=0, init=False)
    _end_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.constant <= _CONSTANT_MAX:
            raise InputError(
                f"{self.constant} pulses per kWh: give 1 to {_CONSTANT_MAX} as the constant"
            )
        if not self.registers:
            raise InputError("pulses of no register: name at least one")

    def take(self, window: Window, meter: int = 0) -> Floats:
        """When the pulses of a window came [s since the stream's first sample], in their order.

        At most a million of a window are told; what is beyond any meter's power is none.
        """
        row = window.energy.quanta[meter, SUMS - 1]
        counted = sum(int(row[register]) for register in self.registers)
        begin = max(float(window.start_s[meter]), self._end_s)
        self._end_s = float(window.start_s[meter] + window.duration_s[meter])
        before = self._part
        after = before + counted * self.constant
        pulses = min(after // _QUANTA_PER_THOUSAND, _PULSES_MAX)
        self._part = after % _QUANTA_PER_THOUSAND
        if not pulses:
            return np.empty(0)
        places = np.arange(1, pulses + 1, dtype=np.float64) * _QUANTA_PER_THOUSAND - before
        return np.asarray(begin + (self._end_s - begin) * places / (after - before))
