"""What a power-quality instrument is told: the declared voltage and the thresholds.

The thresholds' usual values are those of EN 50160 and IEC 61000-4-30, as shares of the declared
input voltage.
"""

from dataclasses import dataclass
from itertools import pairwise

from addad.errors import InputError
from addad.metrology.lamp import LAMPS
from addad.metrology.settings import InstrumentSettings


@dataclass(frozen=True, slots=True)
class PowerQualitySettings:
    """The declared voltage Udin [V] and shares of it at which an event begins.

    A `dip` begins below its threshold and ends `hysteresis` above it, a `swell` the other way
    round; an `interruption` begins when all voltages are below. `rapid_change` is how far a voltage
    may be from its mean of a second and still be steady. `signalling_hz` is the carrier of the
    mains signalling to watch, 0 for none. `lamp` [V] is the flickermeter's. `instrument` says what
    the samples are. Raises InputError for what cannot be.
    """

    instrument: InstrumentSettings
    declared_voltage: float = 230.0
    dip: float = 0.9
    swell: float = 1.1
    interruption: float = 0.05
    hysteresis: float = 0.02
    rapid_change: float = 0.05
    signalling_hz: float = 0.0
    lamp: int = 230

    @property
    def voltages_present(self) -> tuple[bool, ...]:
        """Whether each voltage that has a column is there."""
        wanted = self.instrument
        return tuple(name not in wanted.absent for name in wanted.channels[: wanted.voltages])

    def __post_init__(self) -> None:
        if self.instrument.meters != 1:
            raise InputError(f"{self.instrument.meters} meters: power quality is that of one")
        if not 1.0 <= self.declared_voltage <= 1e6:
            raise InputError(f"declared voltage {self.declared_voltage} V: give 1 V to 1 MV")
        ordered = (0.0, self.interruption, self.dip, 1.0, self.swell, 2.0)
        if any(not low < high for low, high in pairwise(ordered)):
            raise InputError(
                f"thresholds {self.interruption}, {self.dip}, {self.swell} of the declared "
                "voltage: give interruption < dip < 1 < swell < 2"
            )
        room = min(self.dip - self.interruption, self.swell - 1.0, 1.0 - self.dip)
        if not 0.0 <= self.hysteresis <= room:
            raise InputError(f"hysteresis {self.hysteresis}: give 0 to {room:.3g}")
        if not 0.0 < self.rapid_change < 1.0:
            raise InputError(f"rapid change {self.rapid_change}: give more than 0, less than 1")
        if self.lamp not in LAMPS:
            raise InputError(f"a lamp of {self.lamp} V: give 230 or 120")
        highest = 0.45 * self.instrument.sample_rate
        if not 0.0 <= self.signalling_hz <= min(highest, 3_000.0):
            raise InputError(
                f"mains signalling at {self.signalling_hz} Hz: give 0 for none, "
                f"or up to {min(highest, 3_000.0):.0f} Hz"
            )
