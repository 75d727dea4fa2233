"""A type test's report before it has a form: who was tested, how, with which outcome, and what not.

The parts are those that ISO/IEC 17025 asks of a report; the words on scope say what samples cannot
show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime

from addad import __version__
from addad.lab.type_test_bench import MeterUnderTest
from addad.lab.type_test_conditions import REFERENCE_TEMPERATURE
from addad.lab.type_test_plan import PAPER_CLAIM, Rule, Section
from addad.lab.type_test_run import Result, Verdict, by_section, passed
from addad.metrology.accuracy_classes import Connection
from addad.world.front_end_settings import Each

CHANNELS = ("U1", "U2", "U3", "I1", "I2", "I3", "I4")

SIMULATED = (
    "The source is computed: three voltages and three currents as Fourier series in double "
    "precision; its powers follow from their phasors and not from samples.",
    "Dividers, transformers, filters and converters are models of one unit, drawn from the seed; "
    "their components are assumed, and ordinary for a meter.",
    "From the counts on nothing is modelled: calibration, instrument and registers are the "
    "software that runs in the meter.",
    "Lines above 0.45 of the sampling rate are left out of phase-fired, rectified and burst "
    "currents, as a converter's decimation filter does; their power is not changed by it.",
)
NOT_TESTED = (
    "continuous and alternating magnetic fields from outside (0.5 mT)",
    "radiated and conducted radio-frequency fields, electrostatic discharge, fast transients, "
    "surges, damped oscillations",
    "short-time overcurrents, self-heating, heating, power consumption of the circuits",
    "insulation, impulse voltage, voltage dips and interruptions of the supply",
    "mechanical, climatic and ageing tests; operation of accessories",
    "the light-emitting diode itself: its pulses are computed from the register",
)

_LINE_VOLTAGES = (
    100.0,
    110.0,
    173.0,
    190.0,
    200.0,
    208.0,
    220.0,
    380.0,
    400.0,
    415.0,
    480.0,
    690.0,
)
_UNITS = {
    "farad": "F",
    "full_scale": "V",
    "offset": "V",
    "offset_drift": "V/K",
    "noise": "V",
    "nominal_current": "A",
    "nominal_voltage": "V",
    "lead": "rad",
    "low_lead": "rad",
}
_WORDS = {"farad": "capacitance"}
_SUFFIXES = {"_ohm": "Ω", "_ppm": "ppm/K", "_per_k": "1/K", "_s": "s", "_hz": "Hz", "_h": "H"}
_PREFIXED = ("Ω", "F", "H", "V", "V/K", "A", "s", "rad", "Hz")


@dataclass(frozen=True)
class TypeTestReport:
    """All of a type test; `made` is when, `seconds` how long it took."""

    profile: str
    meter: MeterUnderTest
    results: tuple[Result, ...]
    made: datetime
    seconds: float
    fast: bool

    @property
    def passed(self) -> bool:
        """The verdict on the whole."""
        return passed(self.results)

    @property
    def is_paper(self) -> bool:
        """Whether it is the paper's seven points."""
        return self.profile == "NM-06.4.001"

    @property
    def title(self) -> str:
        """The standard and class, as in a heading."""
        accuracy = self.meter.nameplate.accuracy
        if self.is_paper:
            return f"NM 06.4.001, class {accuracy.name}, seven load points"
        prefix = "" if accuracy.standard.startswith("MI") else "IEC "
        return f"{prefix}{accuracy.standard}, class {accuracy.name}"

    @property
    def extent(self) -> str:
        """What of the test was left out, as follows its title; empty of a whole one."""
        return ", shortened to the ends of each row" if self.fast and not self.is_paper else ""

    @property
    def number(self) -> str:
        """The report's number."""
        accuracy = self.meter.nameplate.accuracy
        return f"{self.made:%Y%m%d-%H%M}-{self.profile}-{accuracy.name}-{self.meter.seed}"

    @property
    def sections(self) -> dict[Section, list[Result]]:
        """Results by part."""
        return by_section(self.results)

    def counted(self, verdict: Verdict) -> int:
        """How many tests have that verdict."""
        return sum(result.verdict is verdict for result in self.results)


def identification(report: TypeTestReport) -> Iterator[tuple[str, str]]:
    """The meter under test, line by line."""
    meter, plate = report.meter, report.meter.nameplate
    energy = plate.accuracy.energy.value
    connection = plate.accuracy.connection
    yield "Meter under test", "addad, three-phase four-wire static meter, simulated"
    yield "Serial number", f"{plate.serial} (unit drawn from seed {meter.seed})"
    yield "Software", f"addad {__version__}"
    yield "Energy, class", f"{energy} energy, {report.title}"
    yield "Voltage", f"3 × {plate.nominal_voltage:g}/{_between_phases(plate.nominal_voltage):g} V"
    way = "direct" if connection is Connection.DIRECT else "through current transformers"
    yield "Current", f"{plate.current_words}, {way}"
    yield "Frequency", f"{plate.nominal_frequency:g} Hz"
    yield "Meter constant", f"{plate.constant:g} imp/{plate.unit}"
    yield "Starting current", f"{1e3 * plate.starting_current:g} mA"


def _between_phases(volts: float) -> float:
    """Between phases, as nameplates have it [V]: 400 for 230, 208 for 120."""
    lines = volts * 3.0**0.5
    nearest = min(_LINE_VOLTAGES, key=lambda usual: abs(usual - lines))
    return nearest if abs(nearest - lines) <= 0.005 * lines else float(f"{lines:.4g}")


def conditions(report: TypeTestReport) -> Iterator[tuple[str, str]]:
    """Reference conditions and how it was measured."""
    meter = report.meter
    yield "Reference temperature", f"{REFERENCE_TEMPERATURE:g} °C"
    yield "Voltage, frequency", "nominal, without deviation"
    yield "Waveform", "sine, without distortion, but where a test says otherwise"
    yield "Phase sequence", "L1 – L2 – L3, symmetrical"
    yield "Method", "pulses counted against the source's energy between the first and the last"
    yield "Uncertainty", "expanded, 95 %, by the scatter of pairs of windows, pulse and source"
    yield "Acceptance", "passed when value and uncertainty together lie within the limit"
    yield "Units", "results and their uncertainties in the unit of the limit beside them"
    yield "Sampling", f"{meter.settings.sample_rate:g} samples a second, {len(CHANNELS)} channels"
    settled = f"settled for {meter.settling_s:g} s, with direct current 8 s"
    yield "Order of tests", f"each condition once, in any order; {settled}"


def front_end_lines(meter: MeterUnderTest) -> Iterator[tuple[str, str]]:
    """The drawing of the front end: part and its numbers, by the names of the settings."""
    settings = meter.settings
    yield "Front end", meter.front_end
    for name in ("voltage", "current", "voltage_filter", "current_filter", "converter"):
        part = getattr(settings, name)
        words = ", ".join(_quantity(k, v) for k, v in _fields(part))
        yield name.replace("_", " ").capitalize(), f"{_part_name(part)}: {words}"


def _part_name(part: object) -> str:
    """`CurrentTransformer` as words."""
    name = type(part).__name__
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def calibration_lines(meter: MeterUnderTest) -> Iterator[tuple[str, str, str, str, str]]:
    """By channel: gain, offset [counts], delay [µs], and lead at 50 Hz [′] by current."""
    calibration = meter.calibration
    zeros = (0.0,) * len(calibration.gain)
    offsets, delays = calibration.offset or zeros, calibration.delay or zeros
    leads = calibration.lead or zeros
    curves = calibration.curves or (None,) * len(zeros)
    for name, gain, offset, delay, lead, curve in zip(
        CHANNELS, calibration.gain, offsets, delays, leads, curves, strict=True
    ):
        told = f"{_minutes(lead):.3f}"
        if curve is not None:
            points = zip(curve.current, curve.lead, strict=True)
            told = ", ".join(f"{_minutes(v):.3f} at {a:g} A" for a, v in points)
        yield name, f"{gain:.8g}", f"{offset:.3f}", f"{1e6 * delay:.4f}", told


def _minutes(radians: float) -> float:
    return 60.0 * math.degrees(radians)


def put_in(meter: MeterUnderTest) -> tuple[str, ...]:
    """Errors that were put in on purpose, and what was left out."""
    said = []
    if not meter.calibrated:
        said.append("The unit is not calibrated: it knows the ratios of its drawing only.")
    shares = _told(meter.current_error, lambda share: f"{100.0 * share:+g} %")
    if shares:
        said.append(f"Gain error put in on purpose: {shares}.")
    angles = _told(meter.phase_error, lambda lead: f"{_minutes(lead):+g}′")
    if angles:
        said.append(f"Phase error put in on purpose, + leading: {angles}.")
    if meter.pole_error:
        said.append(
            "Time constant of the currents' input filters put off on purpose: "
            f"{100.0 * meter.pole_error:+g} %."
        )
    return tuple(said)


def _told(errors: Each, words: Callable[[float], str]) -> str:
    """An error of all currents, or those of single ones, in words; empty for none."""
    if isinstance(errors, tuple):
        return ", ".join(f"{words(e)} on I{k}" for k, e in enumerate(errors, 1) if e)
    return f"{words(errors)} on all currents" if errors else ""


def paper_words(report: TypeTestReport) -> tuple[str, ...]:
    """What the paper claims for its seven points, beside what was found here."""
    worst = max(abs(result.value) for result in report.results)
    return (
        f"The paper (IJECE 16(2), 2026) claims errors below ±{PAPER_CLAIM:g} % at the load points "
        f"of its Table 1, measured on its hardware; the largest found here is {worst:.4f} %, "
        "with a modelled front end.",
        "The single figures of its Table 1 are not known here. Its 5 Ib and 10 Ib are read as "
        "percent of Ib: at 5 % of Ib no limit exists for cos φ 0.5, which leaves seven points.",
    )


def limit_text(result: Result) -> str:
    """A limit with its unit."""
    limit, rule = result.item.limit, result.item.rule
    if limit is None:
        return "none"
    match rule:
        case Rule.COEFFICIENT:
            return f"±{limit:g} %/K"
        case Rule.START:
            return f"2nd pulse in {limit:.1f} s"
        case Rule.NO_LOAD:
            return "at most 1 pulse"
        case Rule.CONSTANT:
            return "below 1 pulse"
        case Rule.SPREAD:
            return f"{limit:.3g} %"
        case _:
            return f"±{limit:g} %"


def value_text(result: Result) -> str:
    """A value with its sign, as precise as its uncertainty lets it be."""
    value = result.value
    if math.isnan(value):
        return "—"
    match result.item.rule:
        case Rule.START:
            return f"{value:.1f} s"
        case Rule.NO_LOAD:
            return f"{value:.0f}"
        case Rule.CONSTANT:
            return f"{value:.3f}"
        case Rule.SPREAD:
            return f"{value:.4f}"
        case Rule.COEFFICIENT:
            return f"{value:+z.5f}".replace("-", "−")
        case _:
            return f"{value:+z.4f}".replace("-", "−")


def uncertainty_text(result: Result) -> str:
    """An expanded uncertainty, in two digits."""
    value = result.uncertainty
    if math.isnan(value) or value == 0.0:
        return "—"
    return f"{value:.5f}" if result.item.rule is Rule.COEFFICIENT else f"{value:.4f}"


def _fields(part: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(part) and not isinstance(part, type):
        yield from ((k, v) for k, v in asdict(part).items())


def _quantity(name: str, value: object) -> str:
    """A setting by its name and unit: `upper_ohm` of 1e6 is `upper 1 MΩ`."""
    unit = _UNITS.get(name, "")
    words = _WORDS.get(name, name)
    for suffix, of_suffix in _SUFFIXES.items():
        if not unit and name.endswith(suffix):
            words, unit = name.removesuffix(suffix), of_suffix
    return f"{words.replace('_', ' ')} {_prefixed(value, unit)}".strip()


def _prefixed(value: object, unit: str) -> str:
    """A number with its unit, in thousands of it."""
    if not isinstance(value, float):
        return f"{value} {unit}".strip()
    size = abs(value)
    if unit in _PREFIXED and size > 0.0:
        for factor, prefix in (
            (1e6, "M"),
            (1e3, "k"),
            (1.0, ""),
            (1e-3, "m"),
            (1e-6, "µ"),
            (1e-9, "n"),
        ):
            if size >= 0.999 * factor or prefix == "n":
                return f"{value / factor:.5g} {prefix}{unit}"
    return f"{value:g} {unit}".strip()
