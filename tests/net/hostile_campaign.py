"""A campaign against a running meter, with a genuine client as witness.

`python -m net.hostile_campaign SECONDS [SEED]` (with `tests` on the path) runs it for long and
prints what it saw; `test_hostile` runs it for a few seconds. All attacks go on at once.
"""

import asyncio
import contextlib
import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from addad import obis
from addad.cosem.classes import Data, DisconnectControl, Limiter, ProfileGeneric, Register
from addad.dlms.apdu.action import ActionRequest, ActionRequestWithList
from addad.dlms.apdu.get import GetRequest, GetRequestWithList
from addad.dlms.wrapper import WrapperFrame
from addad.errors import AddadError
from addad.host.commission import Order, commission
from addad.host.credentials import load_or_make
from addad.meter.settings import Passwords
from addad.net.client import Client
from net.hostile_frames import INVOKE, aarq, requests, spoil
from net.real_meter import PERIOD, live, lived_meter

HOST = "127.0.0.1"
ELSEWHERE = "127.0.0.2"
"""Where the attackers are; the genuine client is at another address."""
ANSWER_S = 60.0
LONGER_S = 120.0
"""How much longer a slow machine may need until all has been tried and seen."""
ROWS = 10_000
SLOW_SOCKETS = 120
FLOOD_OCTETS = 256 * 1024


@dataclass
class RunningMeter:
    """The process under attack."""

    process: subprocess.Popen[bytes]
    port: int
    passwords: Passwords
    log: Path

    @property
    def memory_kb(self) -> int:
        """What it holds in memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0])


@contextlib.contextmanager
def running_meter(folder: Path) -> Iterator[RunningMeter]:
    """A meter that has lived through `ROWS` rows, in a process of its own."""
    running = commission(Order(data=folder, scene="2026-06-21T12:00"))
    now_s = int(datetime.now(UTC).timestamp())
    live(running.meter, ROWS, datetime.fromtimestamp(now_s - now_s % 900, UTC) - ROWS * PERIOD)
    running.close()
    log = folder / "log.txt"
    command = [sys.executable, "-m", "addad.cli.main", "meter", "--data", str(folder)]
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*command, "--listen", f"{HOST}:0", "--scene", "2026-06-21T12:00"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=told,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        assert "listens at" in line, log.read_text()
        yield RunningMeter(process, int(line.rpartition(":")[2]), load_or_make(folder), log)
    finally:
        process.kill()
        process.communicate()


@dataclass
class Campaign:
    """What is known to the attackers, and what was seen."""

    port: int
    passwords: Passwords
    random: Random
    frames: list[bytes] = field(default_factory=lambda: requests(_list_of_objects()))
    sent: Counter[str] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    memory_kb: int = 0

    def over(self, until_s: float) -> bool:
        """Whether it has lasted so long, and the witness has seen the meter measure under it."""
        now_s = time.monotonic()
        seen = self.sent["wrong passwords"] > 0 and len(set(self.windows)) > 1
        return now_s >= until_s + (0.0 if seen else LONGER_S)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(HOST, self.port, local_addr=(ELSEWHERE, 0))

    def password(self, client_sap: int) -> bytes | None:
        return self.passwords.reader if client_sap == 2 else None

    def opening(self, client_sap: int) -> bytes:
        """The frame that opens an association."""
        return WrapperFrame(client_sap, 1, aarq(client_sap, self.password(client_sap))).encode()


def _list_of_objects():  # type: ignore[no-untyped-def]
    from addad.meter.objects import build_device

    device = build_device(lived_meter(1)).at(1)
    assert device is not None
    return device


async def noise(campaign: Campaign) -> None:
    """Octets without sense."""
    _, writer = await campaign.connect()
    writer.write(campaign.random.randbytes(campaign.random.choice((1, 7, 8, 100, 70_000))))
    await _end(writer)


async def huge_length(campaign: Campaign) -> None:
    """A header that announces much, little or nothing, and then some."""
    _, writer = await campaign.connect()
    size = campaign.random.choice((b"\xff\xff", b"\x00\x00", b"\x00\x01"))
    writer.write(b"\x00\x01\x00\x10\x00\x01" + size + b"\xc0" * campaign.random.randrange(100))
    await _end(writer)


async def spoiled(campaign: Campaign) -> None:
    """Spoiled requests in an association, whole frames or spoiled ones too."""
    random = campaign.random
    sap = random.choice((16, 2))
    reader, writer = await campaign.connect()
    writer.write(campaign.opening(sap))
    for _ in range(200):
        request = random.choice(campaign.frames)
        if random.random() < 0.7:
            request = spoil(random, request, campaign.frames)
        frame = WrapperFrame(random.choice((sap, sap, sap, 99)), 1, request[:0xFFFF]).encode()
        if random.random() < 0.002:
            frame = spoil(random, frame, campaign.frames)
        writer.write(frame)
        campaign.sent["spoiled frames"] += 1
    await writer.drain()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            while await reader.read(65536):
                pass
    await _end(writer)


async def flood(campaign: Campaign) -> None:
    """Many small requests at once from one that never reads."""
    _, writer = await campaign.connect()
    frame = WrapperFrame(16, 1, b"\x00").encode()
    writer.write(campaign.opening(16) + frame * (FLOOD_OCTETS // len(frame)))
    campaign.sent["flood frames"] += FLOOD_OCTETS // len(frame)
    await asyncio.sleep(0.5)
    await _end(writer)


async def guess(campaign: Campaign) -> None:
    """Wrong passwords, for the client that may open the relay."""
    reader, writer = await campaign.connect()
    frame = WrapperFrame(1, 1, aarq(1, campaign.random.randbytes(8))).encode()
    writer.write(frame * 50)
    campaign.sent["wrong passwords"] += 50
    await writer.drain()
    await reader.read(100)
    await _end(writer)


async def relay(campaign: Campaign) -> None:
    """The relay, for those who may not."""
    sap = campaign.random.choice((16, 2))
    reader, writer = await campaign.connect()
    opens = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    once = ActionRequest(INVOKE, opens, b"\x0f\x00").encode()
    often = ActionRequestWithList(INVOKE, (opens,) * 100, (b"\x0f\x00",) * 100).encode()
    writer.write(campaign.opening(sap))
    for apdu in (once, often):
        writer.write(WrapperFrame(sap, 1, apdu).encode())
    campaign.sent["relay commands"] += 101
    await reader.read(1000)
    await _end(writer)


async def profiles(campaign: Campaign) -> None:
    """The whole profile, once or 256 times, given up after some blocks."""
    reader, writer = await campaign.connect()
    buffer = ProfileGeneric.buffer.of(obis.LOAD_PROFILE)
    many = campaign.random.random() < 0.3
    apdu = (
        GetRequestWithList(INVOKE, (buffer,) * 256).encode()
        if many
        else GetRequest(INVOKE, buffer).encode()
    )
    writer.write(campaign.opening(2) + WrapperFrame(2, 1, apdu).encode())
    block = 1
    for _ in range(campaign.random.randrange(1, 6)):
        await reader.read(65536)
        writer.write(WrapperFrame(2, 1, b"\xc0\x02\xc1" + block.to_bytes(4, "big")).encode())
        block += 1
    campaign.sent["profiles given up"] += 1
    writer.transport.abort()


async def slow(campaign: Campaign) -> None:
    """An octet now and then on more sockets than there are places."""
    writers = []
    frame = campaign.opening(16)
    try:
        for _ in range(SLOW_SOCKETS):
            _, writer = await campaign.connect()
            writers.append(writer)
        for at in range(len(frame)):
            for writer in writers:
                with contextlib.suppress(OSError):
                    writer.write(frame[at : at + 1])
            campaign.sent["slow octets"] += len(writers)
            await asyncio.sleep(0.1)
    finally:
        for writer in writers:
            writer.transport.abort()


ATTACKS = (noise, huge_length, spoiled, spoiled, flood, guess, relay, profiles, profiles, slow)


async def _end(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.drain()
    writer.transport.abort()


async def _again(
    attack: Callable[[Campaign], Awaitable[None]], campaign: Campaign, until_s: float
) -> None:
    while not campaign.over(until_s):
        with contextlib.suppress(OSError):  # sent away: the next one
            await attack(campaign)
        campaign.sent[attack.__name__] += 1
        await asyncio.sleep(0.01)


async def witness(campaign: Campaign, until_s: float) -> None:
    """A genuine reader: connects, reads, goes; how long it waits, and whether measuring goes on."""
    while not campaign.over(until_s):
        begun_s = time.monotonic()
        try:
            async with Client.connect(
                HOST, campaign.port, client_sap=2, password=campaign.passwords.reader,
                timeout_s=ANSWER_S,
            ) as client:  # fmt: skip
                campaign.windows.append(await _window_end(client))
                await client.get(obis.VOLTAGE_PHASES[0], Register.value)
        except AddadError as fault:
            campaign.broken.append(str(fault))
        campaign.waits_s.append(time.monotonic() - begun_s)
        await asyncio.sleep(0.2)


async def _window_end(client: Client) -> int:
    """The end of the window measured last [us]."""
    data = await client.get(obis.MEASUREMENT_TIME, Data.value)
    assert isinstance(data.value, tuple)
    end = data.value[1].value
    assert isinstance(end, int)
    return end


async def standing(meter: RunningMeter) -> dict[str, object]:
    """What no attacker may change, as the management client sees it."""
    limits = (Limiter.threshold_normal, Limiter.min_over_threshold_duration, Limiter.actions)
    async with Client.connect(
        HOST, meter.port, client_sap=1, password=meter.passwords.management, timeout_s=ANSWER_S
    ) as client:
        found: dict[str, object] = {
            str(attribute): await client.get(obis.DISCONNECT_CONTROL, attribute)
            for attribute in (DisconnectControl.control_state, DisconnectControl.control_mode)
        }
        for limit in limits:
            found[str(limit)] = await client.get(obis.LIMITER, limit)
        for name in (obis.ALARM_FILTER_1, obis.EVENT_COUNTER_DISCONNECTOR):
            found[str(name)] = (await client.get(name, Data.value)).value
    return found


async def fraud_events(meter: RunningMeter) -> int:
    """How many entries the fraud log has had."""
    async with Client.connect(
        HOST, meter.port, client_sap=2, password=meter.passwords.reader, timeout_s=ANSWER_S
    ) as client:
        count = (await client.get(obis.EVENT_COUNTER_FRAUD, Data.value)).value
    assert isinstance(count, int)
    return count


async def run(meter: RunningMeter, seconds: float, seed: int) -> Campaign:
    """All attacks at once for so long; the witness in a thread of its own."""
    complaints = logging.getLogger("asyncio")  # of writing to who has hung up
    level = complaints.level
    complaints.setLevel(logging.CRITICAL)
    campaign = Campaign(meter.port, meter.passwords, Random(seed))
    until_s = time.monotonic() + seconds
    attacks = [_again(attack, campaign, until_s) for attack in ATTACKS]
    watched = asyncio.create_task(_weigh(campaign, meter))
    watching = threading.Thread(target=asyncio.run, args=(witness(campaign, until_s),))
    watching.start()
    await asyncio.gather(*attacks)
    await asyncio.to_thread(watching.join)
    watched.cancel()
    complaints.setLevel(level)
    return campaign


async def _weigh(campaign: Campaign, meter: RunningMeter) -> None:
    while True:
        campaign.memory_kb = max(campaign.memory_kb, meter.memory_kb)
        await asyncio.sleep(0.1)


def main() -> None:
    """The long version, by hand."""
    seconds, seed = float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder, running_meter(Path(folder)) as meter:
        before = asyncio.run(standing(meter))
        memory_kb = meter.memory_kb
        campaign = asyncio.run(run(meter, seconds, seed))
        after = asyncio.run(standing(meter))
        waits = sorted(campaign.waits_s)
        lines = meter.log.read_text().splitlines()
        print(dict(campaign.sent))
        print(f"alive {meter.process.poll() is None}, nothing changed {before == after}")
        print(f"memory {memory_kb} kB before, {campaign.memory_kb} kB at most", end=", ")
        print(f"{meter.memory_kb} kB after")
        print(f"witness: {len(waits)} visits, median {waits[len(waits) // 2]:.3f} s, ", end="")
        print(f"longest {waits[-1]:.3f} s, broken {campaign.broken[:3]} ({len(campaign.broken)})")
        print(f"windows went on {campaign.windows == sorted(campaign.windows)}", end=", ")
        print(f"fraud events {asyncio.run(fraud_events(meter))}")
        print(f"log: {len(lines)} lines, tracebacks {sum('Traceback' in x for x in lines)}")
        for text, count in Counter(line.partition(": ")[2][:60] for line in lines).most_common(9):
            print(f"  {count} x {text}")


if __name__ == "__main__":
    main()
