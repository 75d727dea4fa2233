"""One live meter, all in: its share of a core, its memory, and how soon it tells of a dip.

`addad meter` runs on the house in Fez in a control group of its own, where the system lets one be
made, and else is followed in /proc; the kernels are cached, as after an installation. The event
path is that of the instrument, for a dip to 60 % at any place of the cycle, in blocks of 2 ms.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from addad.metrology import InstrumentSettings, warm_up
from addad.metrology.power_quality import EventKind, PowerQuality, PowerQualitySettings

SETTLE_S = 15.0
MEASURED_S = 20.0
START_S = 120.0
WANTED_CORE_PERCENT = 20.0
WANTED_MB = 256.0
WANTED_WINDOW_MS = 0.5
WANTED_EVENT_MS = 20.0
RATE = 8_000.0
GROUPS = Path("/sys/fs/cgroup")
NAME = "addad-live-meter"

Line = dict[str, str | float | bool | None]
Floats = NDArray[np.float32]


@contextmanager
def control_group() -> Iterator[Path | None]:
    """A memory group for a process, removed at the end; None where none can be made."""
    places = [GROUPS / NAME] if (GROUPS / "cgroup.controllers").exists() else []
    places.append(GROUPS / "memory" / NAME)
    for place in places:
        try:
            place.mkdir()
        except OSError:
            continue
        try:
            yield place
        finally:
            place.rmdir()
        return
    yield None


def group_peak_mb(group: Path) -> float:
    """The most that a group has held, without the pages of files that the system could drop."""
    values = dict(line.split() for line in (group / "memory.stat").read_text("ascii").splitlines())
    anonymous = values.get("total_rss") or values.get("anon") or "0"
    mapped = values.get("total_mapped_file") or values.get("file_mapped") or "0"
    return (int(anonymous) + int(mapped)) / 1e6


def processes(root: int) -> list[int]:
    """A process and all that it started."""
    found, fresh = [root], [root]
    while fresh:
        children = []
        for pid in fresh:
            tasks = Path(f"/proc/{pid}/task").glob("*/children")
            children += [int(c) for task in tasks for c in task.read_text("ascii").split()]
        found += children
        fresh = children
    return found


def cpu_s(root: int) -> float:
    """CPU time of a process and all that it started."""
    total = 0
    for pid in processes(root):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def resident_mb(root: int) -> float:
    """Proportional resident memory of a process and all that it started."""
    total = 0.0
    for pid in processes(root):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                total += float(line.split()[1]) / 1e3
    return total


def live_meter() -> tuple[float, float, str]:
    """Share of a core [%], memory [MB], and how the memory was told."""
    warm_up()
    program = str(Path(sys.executable).parent / "addad")
    command = [program, "meter", "--listen", "127.0.0.1:0", "--data"]
    with tempfile.TemporaryDirectory() as folder, control_group() as group:
        process = subprocess.Popen(
            [*command, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            if group is not None:
                (group / "cgroup.procs").write_text(str(process.pid), "ascii")
            assert process.stdout is not None
            begun = time.monotonic()
            for line in process.stdout:
                if "listen" in line or time.monotonic() - begun > START_S:
                    break
            time.sleep(SETTLE_S)
            before = cpu_s(process.pid)
            time.sleep(MEASURED_S)
            share = 100.0 * (cpu_s(process.pid) - before) / MEASURED_S
            if group is not None:
                return share, group_peak_mb(group), "control group"
            return share, resident_mb(process.pid), "proportional resident"
        finally:
            process.terminate()
            process.wait(30.0)


def supply(begin: int, count: int, dip_s: float) -> Floats:
    """Three voltages and four currents, with a dip of all phases to 60 % from `dip_s` on."""
    t = (begin + np.arange(count)) / RATE
    level = np.where(t >= dip_s, 0.6, 1.0)
    waves = [np.sin(2 * np.pi * (50.0 * t - k / 3.0)) for k in range(3)]
    columns = [325.0 * level * wave for wave in waves] + [14.0 * wave for wave in waves]
    return np.stack([*columns, 0.0 * t], axis=-1).astype(np.float32)


def event_ms(dip_s: float) -> float:
    """From the first sample of a dip to its event [ms]: signal time and computing together."""
    analyser = PowerQuality(PowerQualitySettings(InstrumentSettings(RATE)), 1_790_000_000.0)
    block = round(0.002 * RATE)
    for n in itertools.count():
        samples = supply(n * block, block, dip_s)
        started = time.perf_counter()
        events = analyser.process(samples).events
        spent = time.perf_counter() - started
        if any(e.kind is EventKind.DIP for e in events):
            return 1e3 * ((n + 1) * block / RATE - dip_s + spent)
    raise AssertionError


def window_ms() -> float:
    """What all of class A spends on a window of 200 ms [ms]."""
    analyser = PowerQuality(PowerQualitySettings(InstrumentSettings(RATE)), 1_790_000_000.0)
    block = round(0.2 * RATE)
    blocks = [supply(n * block, block, 1e9) for n in range(110)]
    for samples in blocks[:10]:
        analyser.process(samples)
    started = time.process_time()
    for samples in blocks[10:]:
        analyser.process(samples)
    return 1e3 * (time.process_time() - started) / 100


def measure() -> list[Line]:
    """The lines of the run's table."""
    share, memory, how = live_meter()
    slowest = max(event_ms(1.0 + 0.001 * k) for k in range(20))
    figures = (
        ("a live meter, all in", share, "% of a core", WANTED_CORE_PERCENT),
        (f"a live meter, memory ({how})", memory, "MB", WANTED_MB),
        ("class A, a window of 200 ms, 3 V + 4 I at 8 kS/s", window_ms(), "ms", WANTED_WINDOW_MS),
        ("dip: from its first sample to the event", slowest, "ms", WANTED_EVENT_MS),
    )
    return [
        {
            "work": work, "ours": ours, "peer": None, "unit": unit, "ratio": None,
            "target": target, "at_most": True,
        }
        for work, ours, unit, target in figures
    ]  # fmt: skip


def main() -> int:
    """Print the figures; 0 if they are what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each work")
    as_json = parser.parse_args().json
    missed = 0
    for line in measure():
        missed += float(line["ours"] or 0.0) > float(line["target"] or 0.0)
        print(
            json.dumps(line)
            if as_json
            else f"{line['work']}: {line['ours']:.3g} {line['unit']} (wanted {line['target']:g})"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
