"""The bench: source, front end, calibration, instrument, registers and pulses of one meter.

The meter under test is a drawing of a front end, the seed of one unit of it, and the calibration
that was made of that unit; what is put in on purpose afterwards (a gain error, a phase error of the
current transformers) the calibration does not know.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace

import numpy as np

from addad.errors import InputError
from addad.lab.type_test_conditions import (
    PHASES,
    Condition,
    Nameplate,
    reference_power,
    source_of,
)
from addad.lab.type_test_pulses import (
    SOURCE_UNCERTAINTY,
    PulseCount,
    PulseRecord,
    count_pulses,
)
from addad.metrology import Calibration, Calibrator, EnergySettings, Instrument, InstrumentSettings
from addad.metrology.accuracy_classes import Connection, Influence
from addad.metrology.calibration_reference import (
    ReferencePoint,
    ReferenceUncertainty,
    calibrate_by_reference,
)
from addad.world.front_end import FrontEnd
from addad.world.front_end_rogowski import RogowskiCoil
from addad.world.front_end_settings import Each, FrontEndSettings
from addad.world.front_end_transformers import ResistiveDivider, Unit
from addad.world.reference_source import ReferenceSource, sine

SAMPLE_RATE = 10_000.0
FRONT_ENDS = ("ideal", "16-bit", "24-bit", "dc-tolerant", "rogowski")
CALIBRATION_POINTS = ((1.0, 0.0), (1.0, math.pi / 3.0), (0.05, math.pi / 3.0))
"""Shares of the reference current, and lags [rad]: what a calibration takes."""
_DC_TOLERANT_MOVES = 0.07
"""Percent a kelvin at power factor 0.5 that a DC-tolerant transformer needs, by its copper."""
_VOLTS_PEAK = 1.15 * 1.1 * 2.0**0.5
"""The largest voltage of a test: 1.15 Un, with harmonics."""
_CALIBRATION_S = 2.0
_SETTLE_S = 2.0
_SETTLE_LONG_S = 8.0
"""What a direct current, or the switching on of a coil with its integrator, takes to be gone."""
_SHORTEST_S = 4.0
_LONGEST_S = 60.0
_PULSES_MIN = 5
_STEP_S = 2.0
_DEAD_SAMPLES = 4096


@dataclass(frozen=True)
class MeterUnderTest:
    """A meter on the bench, its calibration, and what was put in behind that.

    `current_error` is a share, `phase_error` [rad] a lead, of all currents or of each; `pole_error`
    the share by which the poles of the currents' inputs come later. Without `calibrated` the ratios
    of the drawing are all that it knows of itself.
    """

    nameplate: Nameplate
    front_end: str
    settings: FrontEndSettings
    seed: int
    calibration: Calibration
    calibrated: bool
    notes: tuple[str, ...] = ()
    current_error: Each = 0.0
    phase_error: Each = 0.0
    pole_error: float = 0.0

    @property
    def settling_s(self) -> float:
        """How long a load is on before pulses count [s]; one with direct current 8 s anyhow."""
        return _settling(self.settings)

    def unit(self, temperature: float) -> FrontEnd:
        """The unit as it stands on the bench, with what was put in on purpose."""
        drawn = self.settings.current_filter
        put_in = replace(
            self.settings,
            current_error=self.current_error,
            phase_error=self.phase_error,
            current_filter=replace(drawn, farad=drawn.farad * (1.0 + self.pole_error)),
        )
        return FrontEnd(put_in, seed=self.seed, temperature=temperature)

    def instrument(self) -> Instrument:
        """The instrument, its gates at half the starting current."""
        start = 0.5 * self.nameplate.starting_current
        gates = EnergySettings(start, 0.8 * start * self.nameplate.nominal_voltage)
        return Instrument(
            InstrumentSettings(
                self.settings.sample_rate,
                nominal_frequency=self.nameplate.nominal_frequency,
                energy=gates,
            )
        )


@dataclass(frozen=True)
class Measured:
    """What one condition gave; `count` is None where fewer than two pulses came.

    `first_pulses_s` are times from the switching on, `register_pulses` what the register counted
    over all, in pulses; `seconds` is how long it was watched.
    """

    condition: Condition
    power: float
    count: PulseCount | None
    pulses: int
    first_pulses_s: tuple[float, ...]
    register_pulses: float
    seconds: float


def front_end_settings(name: str, nameplate: Nameplate) -> FrontEndSettings:
    """The drawing of a front end by its name, fitted to the nameplate's currents and voltage."""
    drawing = _drawing(name, nameplate)
    divider = drawing.voltage
    if isinstance(divider, ResistiveDivider):
        peak = _VOLTS_PEAK * nameplate.nominal_voltage * divider.gain(Unit())
        more = peak / drawing.converter.full_scale
        if more > 1.0:
            drawing = replace(drawing, voltage=replace(divider, upper_ohm=more * divider.upper_ohm))
    return drawing


def _drawing(name: str, nameplate: Nameplate) -> FrontEndSettings:
    largest = nameplate.maximum_current
    match name:
        case "ideal":
            ideal = FrontEndSettings.ideal(SAMPLE_RATE)
            volts = max(2.4, 2.0 * largest * ideal.current.gain(Unit()))
            return replace(ideal, converter=replace(ideal.converter, full_scale=volts))
        case "16-bit":
            return FrontEndSettings.sixteen_bit(
                SAMPLE_RATE, nominal_current=nameplate.reference_current, maximum_current=largest
            )
        case "24-bit":
            return FrontEndSettings.twenty_four_bit(SAMPLE_RATE, maximum_current=largest)
        case "dc-tolerant":
            drawing = FrontEndSettings.twenty_four_bit(SAMPLE_RATE, maximum_current=largest)
            return drawing.dc_tolerant()
        case "rogowski":
            drawing = FrontEndSettings.twenty_four_bit(SAMPLE_RATE, maximum_current=largest)
            return drawing.rogowski()
        case _:
            raise InputError(f"no front end {name!r}: there are {', '.join(FRONT_ENDS)}")


def usual_front_end(nameplate: Nameplate) -> str:
    """What a meter of that nameplate has.

    Direct ones must bear a direct current, and where the error may hardly move with temperature,
    without iron and copper in the current's way.
    """
    accuracy = nameplate.accuracy
    if accuracy.connection is not Connection.DIRECT:
        return "16-bit"
    moves = [i.percent for i in accuracy.influences if i.influence is Influence.TEMPERATURE]
    return "rogowski" if max(moves) < _DC_TOLERANT_MOVES else "dc-tolerant"


def meter_under_test(
    nameplate: Nameplate,
    front_end: str,
    *,
    seed: int,
    calibrate: bool = True,
    current_error: Each = 0.0,
    phase_error: Each = 0.0,
    pole_error: float = 0.0,
) -> MeterUnderTest:
    """One unit, calibrated before anything is put in; without it, by its drawing."""
    settings = front_end_settings(front_end, nameplate)
    if pole_error and not settings.current_filter.farad:
        raise InputError(f"front end {front_end!r} has no filter whose pole could err")
    unit = FrontEnd(settings, seed=seed)
    drawn = unit.nominal
    nominal = Calibration(gain=drawn.volts_per_count + drawn.amperes_per_count)
    calibration, notes = (
        _calibrated(nameplate, settings, seed, nominal) if calibrate else (nominal, ())
    )
    return MeterUnderTest(
        nameplate, front_end, settings, seed, calibration, calibrate, notes,
        current_error, phase_error, pole_error,
    )  # fmt: skip


def _calibrated(
    nameplate: Nameplate, settings: FrontEndSettings, seed: int, nominal: Calibration
) -> tuple[Calibration, tuple[str, ...]]:
    """The unit's calibration at the laboratory's points, and what they did not tell."""
    unit = FrontEnd(settings, seed=seed)
    zero = unit.counts(np.zeros((round(settings.sample_rate), settings.channels)))
    points = [_point(nameplate, settings, seed, share, lag) for share, lag in CALIBRATION_POINTS]
    skew = settings.converter.skew_s
    found = calibrate_by_reference(
        points,
        sample_rate=settings.sample_rate,
        zero=zero,
        full_scale_counts=unit.full_scale_counts,
        nominal=nominal,
        skew=tuple(skew * channel for channel in range(settings.channels)),
    )
    return found.calibration, found.notes


def _point(
    nameplate: Nameplate, settings: FrontEndSettings, seed: int, share: float, lag: float
) -> ReferencePoint:
    """Counts of one calibration point, the source settled."""
    rate = settings.sample_rate
    amperes = nameplate.reference_current * share
    turns = [-2.0 * math.pi / 3.0 * phase for phase in PHASES]
    u1, u2, u3 = (sine(nameplate.nominal_voltage, turn) for turn in turns)
    i1, i2, i3 = (sine(amperes, turn - lag) for turn in turns)
    source = ReferenceSource(nameplate.nominal_frequency, (u1, u2, u3), (i1, i2, i3))
    unit = FrontEnd(settings, seed=seed)
    settled, taken = round(_settling(settings) * rate), round(_CALIBRATION_S * rate)
    counts = unit.counts(source.samples(0, settled + taken, rate))[settled:]
    return ReferencePoint(
        counts,
        nameplate.nominal_voltage,
        (amperes, amperes, amperes, 0.0),
        lag,
        nameplate.nominal_frequency,
        ReferenceUncertainty(SOURCE_UNCERTAINTY, SOURCE_UNCERTAINTY, SOURCE_UNCERTAINTY),
    )


def measure(meter: MeterUnderTest, condition: Condition, target: float) -> Measured:
    """Run one condition until the uncertainty of the error is `target` [%], or for a minute.

    Where pulses are rare it lasts until there are some.
    """
    bench = _Bench(meter, condition)
    seconds = 0.0
    count = None
    longest = max(_LONGEST_S, (_PULSES_MIN + 1) * bench.seconds_per_pulse)
    while seconds < longest:
        seconds += bench.run(max(_STEP_S, _SHORTEST_S if not seconds else 0.25 * seconds))
        count = bench.count()
        if count is not None and count.pulses >= _PULSES_MIN and count.uncertainty <= target:
            break
    return bench.measured(count)


def watch(meter: MeterUnderTest, condition: Condition, seconds: float) -> Measured:
    """Run one condition for a stated time from the switching on: start and no-load."""
    bench = _Bench(meter, condition, settle_s=0.0)
    bench.run(seconds)
    return bench.measured(bench.count())


class _Bench:
    """The stream of one condition, from the source to the pulses."""

    def __init__(self, meter: MeterUnderTest, condition: Condition, settle_s: float = -1.0) -> None:
        self._meter, self._condition = meter, condition
        self._rate = meter.settings.sample_rate
        self._source: ReferenceSource = source_of(meter.nameplate, condition, self._rate)
        self._power = reference_power(meter.nameplate, self._source)
        self._unit = meter.unit(condition.temperature)
        self._calibrator = Calibrator(meter.calibration, self._rate)
        self._instrument = meter.instrument()
        self._record = PulseRecord(
            meter.nameplate.constant, meter.nameplate.accuracy.energy, self._power < 0.0
        )
        direct = any(order == 0 for lines in self._source.currents for order in lines)
        settling = _SETTLE_LONG_S if direct else meter.settling_s
        self._settle_s = settle_s if settle_s >= 0.0 else settling
        self._made = 0
        # Other noise for each condition: the unit stands idle for a while that none has in common.
        idle = zlib.crc32(repr(condition).encode()) % _DEAD_SAMPLES
        self._unit.counts(np.zeros((idle + 1, 7)))
        if self._settle_s:
            self.run(self._settle_s)

    @property
    def seconds_per_pulse(self) -> float:
        """How far apart the pulses are [s]; 0 where none are due."""
        power = abs(self._power)
        return 3.6e6 / (self._meter.nameplate.constant * power) if power else 0.0

    def run(self, seconds: float) -> float:
        """Go on for so many seconds, in blocks that a cache holds."""
        left = math.ceil(seconds * self._rate)
        while left > 0:
            count = min(left, int(self._rate))
            samples = self._source.samples(self._made, count, self._rate)
            counts = self._unit.counts(samples)
            for window in self._instrument.process(self._calibrator.values(counts[None])):
                self._record.add(window)
            self._made += count
            left -= count
        return seconds

    def count(self) -> PulseCount | None:
        """The error so far, what came before the settling left out."""
        if self._power == 0.0:
            return None
        window = self._instrument.settings.window_cycles / self._source.frequency
        pattern = self._source.pattern_s
        whole = pattern * 1.0001 < window
        grid = 0.0 if whole and abs(window / pattern % 1.0) < 1e-6 else _together(window, pattern)
        return count_pulses(self._record, self._power, self._settle_s, grid)

    def measured(self, count: PulseCount | None) -> Measured:
        """All that this condition gave."""
        times = self._record.times()
        return Measured(
            condition=self._condition,
            power=self._power,
            count=count,
            pulses=len(times),
            first_pulses_s=tuple(float(t) for t in times[:3]),
            register_pulses=self._record.register_quanta / self._record.quanta_per_pulse,
            seconds=self._made / self._rate - self._settle_s,
        )


def _settling(settings: FrontEndSettings) -> float:
    """How long filters, iron and integrators take to forget the switching on [s]."""
    return _SETTLE_LONG_S if isinstance(settings.current, RogowskiCoil) else _SETTLE_S


def _together(window_s: float, pattern_s: float) -> float:
    """After how long windows and patterns begin together again [s]."""
    ticks = round(window_s / pattern_s * 1000.0)
    return pattern_s * ticks / math.gcd(ticks, 1000)
