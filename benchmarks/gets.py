"""GETs over loopback: one at a time beside gurux-dlms on the same meter, and many clients at once.

The rate of many clients is per second of the meter's processor time, and they are faster than it,
so that what they cost does not count; all else is by the clock.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable

from bench_meter import (
    AUTHENTICATION,
    ENCRYPTION,
    HOST,
    PASSWORD,
    READER,
    SECURED,
    VALUE,
    Meter,
    open_client,
    running_meter,
)
from crowd import Crowd
from gurux_client import BlockingGurux

from addad import obis
from addad.cosem.classes import ProfileGeneric
from addad.net.client import Client

ROUNDS = 5
GETS = 2000
THEIR_GETS = {False: 1000, True: 60}
MANY = 100
VERY_MANY = 1000
PROFILE_PDU = 1024


async def _gets(client: Client, count: int) -> None:
    for _ in range(count):
        await client.get(obis.ACTIVE_ENERGY_IMPORT, VALUE)


async def _one_at_a_time(meter: Meter, ciphered: bool) -> float:
    """Our GETs a second."""
    client = await open_client(meter, ciphered=ciphered)
    await _gets(client, 200)
    begun_s = time.perf_counter()
    await _gets(client, GETS)
    rate = GETS / (time.perf_counter() - begun_s)
    await client.close()
    return rate


def _theirs(port: int, ciphered: bool) -> BlockingGurux:
    if ciphered:
        return BlockingGurux(HOST, port, SECURED, keys=(ENCRYPTION, AUTHENTICATION))
    return BlockingGurux(HOST, port, READER, password=PASSWORD)


def _theirs_one_at_a_time(port: int, ciphered: bool) -> float:
    """The peer's GETs a second on the same meter."""
    client = _theirs(port, ciphered)
    client.open()
    count = THEIR_GETS[ciphered]
    client.gets(obis.ACTIVE_ENERGY_IMPORT, count // 10)
    begun_s = time.perf_counter()
    client.gets(obis.ACTIVE_ENERGY_IMPORT, count)
    rate = count / (time.perf_counter() - begun_s)
    client.close()
    return rate


def _beside(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float, float]:
    """The medians of rounds one after another, and the median of their ratios."""
    return _medians([(ours(), theirs()) for _ in range(ROUNDS)])


def _medians(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    mine, peers = zip(*pairs, strict=True)
    ratio = statistics.median(one / other for one, other in pairs)
    return statistics.median(mine), statistics.median(peers), ratio


async def _associations(meter: Meter, count: int) -> float:
    begun_s = time.perf_counter()
    for _ in range(count):
        client = await open_client(meter, ciphered=True)
        await client.close()
    return count / (time.perf_counter() - begun_s)


def _their_associations(port: int, count: int) -> float:
    begun_s = time.perf_counter()
    for _ in range(count):
        client = _theirs(port, True)
        client.open()
        client.close()
    return count / (time.perf_counter() - begun_s)


def _many(meter: Meter, *, ciphered: bool) -> float:
    crowd = Crowd(meter, ciphered=ciphered, count=MANY)
    crowd.rate(2)
    rate = statistics.median(crowd.rate(100) for _ in range(ROUNDS))
    crowd.close()
    return rate


def _very_many(other: Meter, meter: Meter) -> tuple[float, list[tuple[float, float]]]:
    """Octets of a meter for each open association, and its rates at 1000 of them.

    Beside each stands the rate of another meter at 100, measured just before it.
    """
    few = Crowd(other, ciphered=True, count=MANY, first=VERY_MANY)
    crowd = Crowd(meter, ciphered=True, count=MANY)
    crowd.rate(20)
    few.rate(20)
    _, before = meter.cost()
    crowd.grow(VERY_MANY - MANY)
    _, after = meter.cost()
    pairs = [(crowd.rate(10), few.rate(100)) for _ in range(ROUNDS)]
    few.close()
    crowd.close()
    return (after - before) / (VERY_MANY - MANY), pairs


async def _profile_s(meter: Meter) -> float:
    """Seconds for a ciphered load profile in blocks of an APDU of 1 024 octets."""
    client = await open_client(meter, ciphered=True, max_pdu=PROFILE_PDU)
    times = []
    for _ in range(ROUNDS):
        begun_s = time.perf_counter()
        octets = await client.get_octets(ProfileGeneric.buffer.of(obis.LOAD_PROFILE))
        times.append(time.perf_counter() - begun_s)
        assert len(octets) > 100_000
    await client.close()
    return min(times)  # no peer beside it shows how busy the machine was


def measure() -> list[dict[str, object]]:
    """A line for each work, as `run.py` reads them."""
    lines: list[dict[str, object]] = []

    def line(work: str, ours: float, unit: str, target: float, **more: float) -> None:
        found = {"peer": None, "ratio": None, "at_most": False, **more}
        lines.append({"work": work, "ours": ours, "unit": unit, "target": target, **found})

    with running_meter(b"ADDBENC1") as meter:
        port = meter.port
        for ciphered, name, target in ((False, "plain", 1), (True, "ciphered", 10)):
            ours, theirs, ratio = _beside(
                lambda ciphered=ciphered: asyncio.run(_one_at_a_time(meter, ciphered)),
                lambda ciphered=ciphered: _theirs_one_at_a_time(port, ciphered),
            )
            work = f"{name} GETs one at a time, beside gurux-dlms on our meter"
            line(work, ours, "GET/s", target, peer=theirs, ratio=ratio)
        ours, theirs, ratio = _beside(
            lambda: asyncio.run(_associations(meter, 50)), lambda: _their_associations(port, 10)
        )
        work = "HLS-GMAC associations, beside gurux-dlms on our meter"
        line(work, ours, "1/s", 4, peer=theirs, ratio=ratio)
        for ciphered, name, wanted in ((False, "plain", 20_000), (True, "ciphered", 15_000)):
            rate = _many(meter, ciphered=ciphered)
            line(f"{name} GETs of {MANY} clients, a second of the meter", rate, "GET/s", wanted)
        seconds = asyncio.run(_profile_s(meter))
        work = "ciphered 2880 x 7 profile over loopback, PDU of 1 024 octets"
        line(work, seconds, "s", 0.05, at_most=True)
    with running_meter(b"ADDBENC2") as other, running_meter(b"ADDBENC3") as meter:
        octets, pairs = _very_many(other, meter)
        line(f"an open ciphered association, of {VERY_MANY}", octets / 1000, "kB", 12, at_most=True)
        work = f"ciphered GETs of {VERY_MANY} clients, beside {MANY}"
        many, few, ratio = _medians(pairs)
        line(work, many, "GET/s", 0.8, peer=few, ratio=ratio)
    return lines


def main() -> int:
    """Print what was measured; 0 when all targets are met. --json is what `run.py` reads."""
    met = True
    for found in measure():
        counts = found["ours"] if found["ratio"] is None else found["ratio"]
        target = found["target"]
        assert isinstance(counts, float)
        assert isinstance(target, int | float)
        met &= counts <= target if found["at_most"] else counts >= target
        if "--json" in sys.argv:
            print(json.dumps(found))
        else:
            bound = "at most" if found["at_most"] else "at least"
            print(f"{found['work']}: {counts:,.3g} ({bound} {target:,} wanted); {found}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
