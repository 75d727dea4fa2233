"""Power quality by the class A method of IEC 61000-4-30: half-cycles, events, intervals."""

from addad.metrology.power_quality.aggregation import Frequency, IntervalKind, QualityInterval
from addad.metrology.power_quality.analyser import Findings, PowerQuality
from addad.metrology.power_quality.capture import EventWaveform
from addad.metrology.power_quality.events import EventKind, VoltageEvent
from addad.metrology.power_quality.quantities import QualityValues
from addad.metrology.power_quality.settings import PowerQualitySettings

__all__ = [
    "EventKind",
    "EventWaveform",
    "Findings",
    "Frequency",
    "IntervalKind",
    "PowerQuality",
    "PowerQualitySettings",
    "QualityInterval",
    "QualityValues",
    "VoltageEvent",
]
