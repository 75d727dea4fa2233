"""Power quality by the class A method of IEC 61000-4-30: half-cycles, events, intervals."""

import numpy as np

from addad.metrology.power_quality.aggregation import Frequency, IntervalKind, QualityInterval
from addad.metrology.power_quality.analyser import Findings, PowerQuality
from addad.metrology.power_quality.capture import EventWaveform
from addad.metrology.power_quality.events import EventKind, VoltageEvent
from addad.metrology.power_quality.quantities import QualityValues
from addad.metrology.power_quality.settings import PowerQualitySettings
from addad.metrology.settings import InstrumentSettings

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
    "warm_up",
]


def warm_up() -> None:
    """Compile the kernels into the cache, so that a later process compiles nothing."""
    rate = 1_000.0
    angle = 2.0 * np.pi * 50.0 * np.arange(1_000) / rate
    columns = [230.0 * np.sin(angle - 2.0 * np.pi * k / 3.0) for k in range(3)] * 2
    samples = np.stack(columns, axis=-1)
    instrument = InstrumentSettings(sample_rate=rate, currents=3)
    for block in (samples.astype(np.float32), samples):
        analyser = PowerQuality(PowerQualitySettings(instrument, signalling_hz=175.0), 0.0)
        analyser.process(block)
        analyser.flush()
