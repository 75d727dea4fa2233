"""All of class A beside pqopen-lib in one run: harmonics, flicker, half-cycles, events, intervals.

Both read the same samples of 3 V + 3 I at 10 kS/s in blocks of 200 ms; CPU time of one core. The
peer has harmonics, flicker, mains signalling, deviations, energy, single cycles between fractions
of a sample, the neutral and intervals by UTC switched on, and detectors of dips and swells.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import tracemalloc
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from daqopen.channelbuffer import AcqBuffer
from instrument import _cpu_s, signal
from numpy.typing import NDArray
from pqopen.eventdetector import (
    EventController,
    EventDetectorLevelHigh,
    EventDetectorLevelLow,
)
from pqopen.powersystem import PowerSystem

from addad.metrology import InstrumentSettings
from addad.metrology.power_quality import PowerQuality, PowerQualitySettings

SAMPLE_RATE = 10_000.0
BLOCK = 2_000
SECONDS = 20
START_US = 1_790_000_395_000_000
WANTED_RATIO = 20
DAY_WINDOWS = 5 * 86_400
WANTED_DAY_MB = 60


def peer(samples: NDArray[np.float32]) -> None:
    """pqopen-lib with everything that it has of class A."""
    buffers = [AcqBuffer(size=8 * BLOCK) for _ in range(samples.shape[1])]
    times = AcqBuffer(size=8 * BLOCK, dtype=np.int64)
    system = PowerSystem(zcd_channel=buffers[0], input_samplerate=SAMPLE_RATE)
    for phase in range(3):
        system.add_phase(u_channel=buffers[phase], i_channel=buffers[3 + phase])
    system.enable_harmonic_calculation(50)
    system.enable_fluctuation_calculation(nominal_voltage=230)
    system.enable_nper_abs_time_sync(times, 600)
    system.enable_mains_signaling_calculation(375.0)
    system.enable_under_over_deviation_calculation(230.0)
    system.enable_one_period_fundamental()
    system.enable_neutral_current_calculation()
    system.enable_rms_trapz_rule()
    with tempfile.TemporaryDirectory() as folder:
        system.enable_energy_channels(Path(folder) / "energy.json")
        system._update_calc_channels()
        events = EventController(times, SAMPLE_RATE)
        for phase in range(3):
            channel = system._phases[phase]._calc_channels["one_period_ovlp"]["voltage"]["trms"]
            events.add_event_detector(EventDetectorLevelLow(207.0, 4.6, channel))
            events.add_event_detector(EventDetectorLevelHigh(253.0, 4.6, channel))
        for begin in range(0, len(samples), BLOCK):
            for channel, buffer in enumerate(buffers):
                buffer.put_data(samples[begin : begin + BLOCK, channel])
            place = np.arange(begin, begin + BLOCK)
            times.put_data(START_US + (place * (1e6 / SAMPLE_RATE)).astype(np.int64))
            system.process()
            events.process()
        del system


def ours(samples: NDArray[np.float32]) -> int:
    """Our power quality over the same samples; gives the windows measured."""
    settings = PowerQualitySettings(
        InstrumentSettings(SAMPLE_RATE, currents=3), signalling_hz=375.0
    )
    analyser = PowerQuality(settings, START_US / 1e6)
    return sum(
        len(analyser.process(samples[begin : begin + BLOCK]).windows)
        for begin in range(0, len(samples), BLOCK)
    )


def memory_mb(samples: NDArray[np.float32]) -> float:
    """What an analyser holds more after twenty minutes than before its first sample [MB].

    Nothing in it grows with time: a day holds no more than the longest interval does.
    """
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    settings = PowerQualitySettings(
        InstrumentSettings(SAMPLE_RATE, currents=3), signalling_hz=375.0
    )
    analyser = PowerQuality(settings, START_US / 1e6)
    for _ in range(1_200 // SECONDS):
        for begin in range(0, len(samples), BLOCK):
            analyser.process(samples[begin : begin + BLOCK])
    held = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return held / 1e6


def measure() -> list[dict[str, str | float | bool | None]]:
    """The lines of the run's table."""
    samples = signal(SAMPLE_RATE, SECONDS, 3)
    peer_x = SECONDS / _cpu_s(lambda: peer(samples))
    ours_x = SECONDS / _cpu_s(lambda: ours(samples))
    return [
        {
            "work": "all of class A, 3 V + 3 I at 10 kS/s",
            "ours": ours_x,
            "peer": peer_x,
            "unit": "x real time",
            "ratio": ours_x / peer_x,
            "target": WANTED_RATIO,
        },
        {
            "work": "class A, held by a meter at most",
            "ours": memory_mb(samples),
            "peer": None,
            "unit": "MB",
            "ratio": None,
            "target": WANTED_DAY_MB,
            "at_most": True,
        },
    ]


def main() -> int:
    """Print the figures; 0 if they are what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each work")
    as_json = parser.parse_args().json
    speed, memory = measure()
    for line in (speed, memory):
        print(json.dumps(line) if as_json else line)
    missed = (
        float(speed["ratio"] or 0.0) < WANTED_RATIO or float(memory["ours"] or 0.0) > WANTED_DAY_MB
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
