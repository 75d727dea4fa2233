"""Lives of a metering process: started, found listening, killed; and what its folder then holds."""

import asyncio
import json
import math
import os
import select
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from addad.host.credentials import chance_of
from addad.host.files import DataFolder
from addad.meter.counters import CounterArea
from addad.meter.key_store import KeyRing, KeyStore
from addad.meter.storage import VolatileMemory

START_TIMEOUT_S = 180.0
_LOOK_S = 0.004
_RATE = 2000


def write_recording(path: Path) -> None:
    """A second of one phase, for a meter that shall start soon."""
    rows = ["Time [s],U1 [V],I1 [A]"]
    for n in range(_RATE):
        sine = math.sin(2 * math.pi * 50 * n / _RATE)
        rows.append(f"{n / _RATE:.4f},{325 * sine:.3f},{7.07 * sine:.4f}")
    path.write_text("\n".join(rows) + "\n")


@dataclass
class Life:
    """One process, from its start to its end."""

    process: int
    out: Path

    def __post_init__(self) -> None:
        self._descriptor = os.pidfd_open(self.process)
        self.killed = False

    @property
    def ended(self) -> bool:
        """Whether it has gone, by whatever cause."""
        return bool(select.select([self._descriptor], [], [], 0)[0])

    def kill(self) -> None:
        """SIGKILL, once."""
        if not self.killed:
            self.killed = True
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    async def port(self) -> int:
        """The port on which it listens; raises `TimeoutError`."""
        async with asyncio.timeout(START_TIMEOUT_S):
            while True:
                text = self.out.read_text() if self.out.exists() else ""
                line, end, _ = text.partition("\n")
                if end:
                    return int(line.rpartition(":")[2])
                if self.ended:
                    raise TimeoutError(f"the meter has ended at its start: {text}")
                await asyncio.sleep(_LOOK_S)

    async def gone(self) -> None:
        """Until nothing of it is left."""
        while not self.ended:
            await asyncio.sleep(_LOOK_S)
        os.close(self._descriptor)


class Nursery:
    """Starts processes: by the command, or by the prefork, which takes a tenth of the time."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._prefork: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._commands: list[asyncio.subprocess.Process] = []
        self._newest: dict[Path, Life] = {}

    async def start(self, out: Path, arguments: list[str], *, by_command: bool) -> Life:
        """A process with these arguments of `addad meter`, and its standard output in a file."""
        life = self._newest[out] = await self._started(out, arguments, by_command)
        return life

    async def _started(self, out: Path, arguments: list[str], by_command: bool) -> Life:
        out.unlink(missing_ok=True)
        if by_command:
            with out.open("wb") as file:
                process = await asyncio.create_subprocess_exec(
                    *self._command, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=file
                )
            self._commands.append(process)
            return Life(process.pid, out)
        async with self._turn:
            if self._prefork is None:
                self._prefork = await asyncio.create_subprocess_exec(
                    sys.executable,
                    str(Path(__file__).with_name("prefork.py")),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                )
            assert self._prefork.stdin is not None
            assert self._prefork.stdout is not None
            self._prefork.stdin.write(json.dumps([str(out), *arguments]).encode() + b"\n")
            return Life(int(await self._prefork.stdout.readline()), out)

    async def close(self) -> None:
        """Start nothing more, and let no process live on."""
        for life in self._newest.values():
            life.kill()
        for process in self._commands:
            await process.wait()
        if self._prefork is not None:
            assert self._prefork.stdin is not None
            self._prefork.stdin.close()
            await self._prefork.wait()


class _Copy(VolatileMemory):
    """An area of a folder, to be tried out without touching it."""

    def __init__(self, files: DataFolder, area: str) -> None:
        super().__init__()
        self.areas[area] = bytearray(files.read(area))
        self._identity = files.identity(area)

    def identity(self, area: str) -> bytes:
        return self._identity


@dataclass
class Remains:
    """What a killed meter knows of its keys and counters."""

    ring: KeyRing
    area: CounterArea

    @classmethod
    def read(cls, folder: Path) -> "Remains":
        """Raises `StorageError` when it cannot be read."""
        with DataFolder(folder) as files:
            ring = KeyStore(files, chance_of(folder)).read()
            assert ring is not None
            return cls(ring, CounterArea(_Copy(files, "counters"), ring.area_id))

    def last(self, key: bytes, title: bytes) -> int:
        """The last counter that was accepted under a key, -1 of none."""
        return self.area.last(self.ring.fingerprint(key), title)

    def next(self, key: bytes) -> int:
        """The counter that would be sent first after a restart."""
        return self.area.next(self.ring.fingerprint(key))
