"""Samples in, quantities and integer energy out.

IEC 61000-4-30, IEC 61000-4-7, IEC 61000-4-15, IEEE 1459, IEC 62053-22. Here stands what everybody
takes who measures; `docs/guide/instrument.md` shows it at work. Of a window `ieee1459`, `sequence`,
`uncertainty` and `wiring` tell more; `power_quality` and `flicker` watch a voltage over time;
`calibration_reference` and `calibration_line` find what the counts of a converter mean.
"""

import numpy as np

from addad.metrology import power_quality
from addad.metrology.calibration import Calibration, Calibrator
from addad.metrology.energy import (
    EnergyIncrement,
    EnergyRegister,
    EnergySettings,
    SummationLaw,
)
from addad.metrology.instrument import Instrument
from addad.metrology.sample_clock import SampleClock
from addad.metrology.settings import InstrumentSettings
from addad.metrology.window import Window, WindowFlag

__all__ = [
    "Calibration",
    "Calibrator",
    "EnergyIncrement",
    "EnergyRegister",
    "EnergySettings",
    "Instrument",
    "InstrumentSettings",
    "SampleClock",
    "SummationLaw",
    "Window",
    "WindowFlag",
    "warm_up",
]


def warm_up() -> None:
    """Compile the kernels into the cache, so that a later process compiles nothing."""
    settings = InstrumentSettings(sample_rate=1000.0, voltages=1, currents=1)
    angle = 2.0 * np.pi * 50.0 * np.arange(500) / settings.sample_rate
    samples = np.stack([np.sin(angle), np.sin(angle)], axis=-1)[None]
    calibration = Calibration(gain=(1.0, 1.0), delay=(0.0, 1e-4), lead=(0.0, 1e-3))
    Calibrator(calibration, settings.sample_rate).values(samples)
    for block in (samples.astype(np.float32), samples.astype(np.float64)):
        instrument = Instrument(settings)
        instrument.process(block)
        instrument.flush()
    power_quality.warm_up()
