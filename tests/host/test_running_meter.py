"""A meter in time: it measures as time goes on, survives a bad disk, tells its alarms."""

import asyncio
import errno
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import numpy as np
import pytest

import virtual_time
from addad.errors import LinkError
from addad.host.deeds import Deeds
from addad.host.running_meter import BEHIND_MAX_S, RunningMeter
from addad.host.sources import SourceBlock
from addad.meter.device import ErrorFlag, Meter
from addad.meter.profile import ProfileStatus
from addad.meter.registers import Quantity
from addad.meter.settings import MeterSettings, Passwords, PushSettings
from addad.meter.storage import VolatileMemory
from addad.metrology.instrument import Instrument
from addad.metrology.settings import InstrumentSettings
from addad.metrology.window import WindowFlag
from addad.world.scenario import Conditions, Scenario

START = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
RATE = 4000.0
CALM = Conditions()
WATTS = 3 * 230.0 * 10.0


class Sines:
    """Three phases of 230 V and 10 A; nothing flows while the relay is open."""

    def __init__(self) -> None:
        self.taken = 0

    @property
    def instrument(self) -> InstrumentSettings:
        return InstrumentSettings(sample_rate=RATE)

    def block(self, samples: int, *, connected: bool, conditions: Conditions = CALM) -> SourceBlock:
        t = (self.taken + np.arange(samples)) / RATE
        self.taken += samples
        angle = 2 * np.pi * 50 * t[:, None] - np.radians([0, 120, 240])
        block = np.zeros((samples, 7))
        block[:, :3] = 230 * np.sqrt(2) * np.sin(angle)
        block[:, 3:6] = 10 * np.sqrt(2) * np.sin(angle) * connected
        return SourceBlock(block, None)


class FullDisk(VolatileMemory):
    """A memory that can be full."""

    full = False

    def write(self, area: str, offset: int, octets: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(area, offset, octets)

    def replace(self, area: str, octets: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().replace(area, octets)


class SlowDisk(VolatileMemory):
    """A memory that hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()
        self.go.set()

    def sync(self, area: str) -> None:
        self.go.wait(30)


def _build(
    memory: VolatileMemory,
    sent: list[bytes],
    scenario: str = "",
    fails: int = 0,
    fault: Exception | None = None,
) -> RunningMeter:
    failures = iter([True] * fails)

    async def send(_destination: str, octets: bytes) -> None:
        if next(failures, False):
            raise fault or LinkError("nobody listens")
        sent.append(octets)

    loop = asyncio.get_running_loop()
    settings = MeterSettings(
        Passwords(b"r", b"m"), push=PushSettings(destination="127.0.0.1:1", delay_s=2)
    )
    source = Sines()
    meter = Meter(settings, memory, Instrument(source.instrument), RATE)
    return RunningMeter(
        meter,
        source,
        send=send,
        deeds=Deeds(Scenario.parse(scenario)),
        now=lambda: START + timedelta(seconds=loop.time()),
        executor=ThreadPoolExecutor(1),
    )


async def _live(running: RunningMeter, seconds: float) -> None:
    stopping = asyncio.Event()
    running.begin()
    task = asyncio.create_task(running.run(stopping))
    await asyncio.sleep(seconds)
    stopping.set()
    await task


def _import_uwh(running: RunningMeter) -> int:
    return running.meter.registers.micro(Quantity.ACTIVE_IMPORT)


def test_energy_is_power_times_time() -> None:
    async def main() -> int:
        running = _build(VolatileMemory(), [])
        await _live(running, 30.0)
        return _import_uwh(running)

    counted = virtual_time.run(main())
    # What the last window has not yet taken in is at most two windows.
    assert counted / 1e6 == pytest.approx(WATTS * 30 / 3600, rel=0.4 / 30)


def test_a_full_disk_is_told_once_and_measuring_goes_on() -> None:
    async def main() -> tuple[RunningMeter, FullDisk, int]:
        disk = FullDisk()
        running = _build(disk, [])
        stopping = asyncio.Event()
        running.begin()
        task = asyncio.create_task(running.run(stopping))
        await asyncio.sleep(5)
        disk.full = True
        await asyncio.sleep(10)
        assert running.meter.errors & ErrorFlag.NOT_DURABLE
        before = _import_uwh(running)
        disk.full = False
        await asyncio.sleep(5)
        assert not running.meter.errors & ErrorFlag.NOT_DURABLE
        stopping.set()
        await task
        return running, disk, before

    running, disk, before = virtual_time.run(main())
    assert _import_uwh(running) > before > WATTS * 14 / 3600 * 1e6 * 0.95
    again = Meter(running.meter.settings, disk)
    assert again.registers.micro(Quantity.ACTIVE_IMPORT) == _import_uwh(running)


def test_a_disk_that_hangs_does_not_stop_measuring() -> None:
    async def main() -> int:
        disk = SlowDisk()
        running = _build(disk, [])
        running.begin()
        running.settle()
        disk.go.clear()
        for _ in range(100):
            running.step(200, 0.05)
        counted = _import_uwh(running)
        disk.go.set()
        assert running.settle()
        return counted

    assert virtual_time.run(main()) > WATTS * 4.5 / 3600 * 1e6


@pytest.mark.parametrize("fault", [LinkError("nobody listens"), UnicodeError("no such name")])
def test_an_alarm_is_pushed_again_until_somebody_takes_it(fault: Exception) -> None:
    async def main() -> list[bytes]:
        sent: list[bytes] = []
        await _live(_build(VolatileMemory(), sent, "+1 open_cover", 2, fault), 12.0)
        return sent

    sent = virtual_time.run(main())
    assert len(sent) == 1
    assert sent[0][0] == 0x0F


def test_a_standstill_is_not_measured_and_the_period_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> tuple[int, ProfileStatus]:
        running = _build(VolatileMemory(), [])
        stopping = asyncio.Event()
        running.begin()
        task = asyncio.create_task(running.run(stopping))
        await asyncio.sleep(1)
        loop = asyncio.get_running_loop()
        loop._jumping.now_s += 895  # type: ignore[attr-defined]
        await asyncio.sleep(5)
        stopping.set()
        await task
        return _import_uwh(running), running.meter.profiles.load.last_status

    counted, status = virtual_time.run(main())
    assert counted / 1e6 * 3600 / WATTS < BEHIND_MAX_S + 7
    assert "stood still" in caplog.text
    assert status & ProfileStatus.DNV


def test_a_period_that_was_measured_whole_says_nothing() -> None:
    async def main() -> ProfileStatus:
        running = _build(VolatileMemory(), [])
        running.begin()
        for second in range(905):
            now = START + timedelta(seconds=second + 1)
            running.step(round(RATE) if second > 880 else 0, 1.0, now=now)
        running.settle()
        return running.meter.profiles.load.last_status

    assert not virtual_time.run(main()) & ProfileStatus.DNV


def test_a_clock_that_was_set_flags_the_window_under_way() -> None:
    async def main() -> list[int]:
        running = _build(VolatileMemory(), [])
        running.begin()
        flags = []
        for step in range(60):
            behind_s = 0.05 * (step + 1) + (2.0 if step >= 30 else 0.0)
            running.step(round(RATE / 20), 0.05, now=START + timedelta(seconds=behind_s))
            if running.meter.measured.reading is not None:
                flags.append(running.meter.measured.reading.flags)
        running.settle()
        return flags

    flags = virtual_time.run(main())
    assert flags[0] == 0
    assert WindowFlag.CLOCK_JUMP in flags
    assert flags[-1] == 0
