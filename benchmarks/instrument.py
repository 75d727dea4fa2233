"""The instrument beside pqopen-lib in one run: power and 50 harmonics of 3 V + 3 I at 10 kS/s.

Both read the same samples in blocks of 200 ms, as they would from an acquisition; CPU time of one
core. Figures are times real time, which is also how many meters a core would keep up with.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from daqopen.channelbuffer import AcqBuffer
from numpy.typing import NDArray
from pqopen.powersystem import PowerSystem

from addad.metrology import Instrument, InstrumentSettings, warm_up

SAMPLE_RATE = 10_000.0
BLOCK = 2_000
SECONDS = 20
FREQUENCY = 50.01
WANTED_RATIO = 35
FLEET_METERS = 1_000
FLEET_RATE = 8_000.0
FLEET_SECONDS = 1
WANTED_LIVE_WINDOWS_PER_S = 2_000
REPEATS = 3

Samples = NDArray[np.float32]


def signal(sample_rate: float, seconds: float, currents: int) -> Samples:
    """A supply with harmonics and a little noise, (n, 3 + currents) [V, A]."""
    rng = np.random.default_rng(1)
    angle = 2 * np.pi * FREQUENCY * np.arange(round(sample_rate * seconds)) / sample_rate
    columns = []
    for channel in range(3 + currents):
        turned = angle - 2 * np.pi * (channel % 3) / 3
        scale, lag = (325.0, 0.0) if channel < 3 else (14.0, 0.5)
        wave = np.sin(turned - lag)
        for order, part in ((3, 0.03), (5, 0.05), (7, 0.03), (11, 0.02), (25, 0.006), (49, 0.003)):
            wave += part * np.sin(order * turned + order)
        columns.append(scale * (wave + 1e-4 * rng.standard_normal(len(angle))))
    return np.stack(columns, axis=-1).astype(np.float32)


def _cpu_s(run: Callable[[], object]) -> float:
    """The median CPU time of a call, after one that does not count."""
    run()
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return statistics.median(times)


def peer(samples: Samples) -> PowerSystem:
    """pqopen-lib over the samples, block by block."""
    buffers = [AcqBuffer(size=8 * BLOCK) for _ in range(samples.shape[1])]
    system = PowerSystem(zcd_channel=buffers[0], input_samplerate=SAMPLE_RATE)
    for phase in range(3):
        system.add_phase(u_channel=buffers[phase], i_channel=buffers[3 + phase])
    system.enable_harmonic_calculation(50)
    for begin in range(0, len(samples), BLOCK):
        for channel, buffer in enumerate(buffers):
            buffer.put_data(samples[begin : begin + BLOCK, channel])
        system.process()
    return system


def ours(samples: Samples, sample_rate: float, block: int) -> int:
    """The instrument over the samples (meters, n, channels); gives the windows measured."""
    settings = InstrumentSettings(
        sample_rate=sample_rate, meters=samples.shape[0], currents=samples.shape[2] - 3
    )
    instrument = Instrument(settings)
    windows = 0
    for begin in range(0, samples.shape[1], block):
        for window in instrument.process(samples[:, begin : begin + block]):
            windows += len(window.meters)
    return windows


def _agreed(samples: Samples) -> None:
    """Both have measured the same voltage: the benchmark compares like with like."""
    system = peer(samples)
    last, _ = system.output_channels["U1_rms"].last_sample_value, None
    settings = InstrumentSettings(sample_rate=SAMPLE_RATE, currents=3)
    found = Instrument(settings).process(samples[None])[-1].u_rms[0, 0]
    if abs(float(last) / found - 1.0) > 1e-3:
        raise SystemExit(f"the peer reads {last} V, we {found} V: this compares nothing")


def measure() -> list[dict[str, str | float | None]]:
    """The three works, as lines of the run's table."""
    warm_up()
    samples = signal(SAMPLE_RATE, SECONDS, 3)
    _agreed(samples)
    peer_x = SECONDS / _cpu_s(lambda: peer(samples))
    ours_x = SECONDS / _cpu_s(lambda: ours(samples[None], SAMPLE_RATE, BLOCK))
    live = signal(FLEET_RATE, SECONDS, 4)[None]
    live_windows = ours(live, FLEET_RATE, 160)
    live_rate = live_windows / _cpu_s(lambda: ours(live, FLEET_RATE, 160))
    fleet = np.repeat(signal(FLEET_RATE, FLEET_SECONDS, 4)[None], FLEET_METERS, axis=0)
    fleet_s = _cpu_s(lambda: ours(fleet, FLEET_RATE, 1600))
    return [
        {
            "work": "instrument, power and 50 harmonics, 3 V + 3 I at 10 kS/s",
            "ours": ours_x,
            "peer": peer_x,
            "unit": "x real time",
            "ratio": ours_x / peer_x,
            "target": WANTED_RATIO,
        },
        {
            "work": "one live meter, 3 V + 4 I at 8 kS/s in blocks of 20 ms",
            "ours": live_rate,
            "peer": None,
            "unit": "windows/s",
            "ratio": None,
            "target": WANTED_LIVE_WINDOWS_PER_S,
        },
        {
            "work": f"a fleet of {FLEET_METERS}, 3 V + 4 I at 8 kS/s, in real time on a core",
            "ours": FLEET_METERS * FLEET_SECONDS / fleet_s,
            "peer": None,
            "unit": "meters",
            "ratio": None,
            "target": FLEET_METERS,
        },
    ]


def main() -> int:
    """Print the figures; 0 if they are what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each work")
    as_json = parser.parse_args().json
    missed = 0
    for line in measure():
        counts = line["ratio"] if line["ratio"] is not None else line["ours"]
        missed += float(counts or 0.0) < float(line["target"] or 0.0)
        if as_json:
            print(json.dumps(line))
        elif line["peer"] is not None:
            print(
                f"{line['work']}: {line['ratio']:.0f} x pqopen-lib (wanted {line['target']});"
                f" {line['ours']:,.0f} against {line['peer']:,.0f} {line['unit']}"
            )
        else:
            print(f"{line['work']}: {line['ours']:,.0f} {line['unit']} (wanted {line['target']:,})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
