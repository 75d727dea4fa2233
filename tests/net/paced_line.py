"""Two pseudo-terminals joined as a serial line: octets take their time, and the rates must agree.

`async with paced_line() as line:` gives `line.near` and `line.far`, names of ports. At each end the
rate is the one the port was set to; between different rates octets are lost, as noise would be.
"""

import asyncio
import contextlib
import os
import termios
import tty
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

RATES = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name[:1] == "B" and name[1:].isdigit()
}
BITS_AN_OCTET = 10


@dataclass
class PacedLine:
    """The ports, and what went over the line: the rate and the octets of each piece."""

    near: str
    far: str
    carried: list[tuple[int, bytes]] = field(default_factory=list)
    lost: int = 0
    echo: bool = False
    """Whether the near end sees what it sends, as optical probes may have it."""


def _rate(master: int) -> int:
    return RATES[termios.tcgetattr(master)[4]]


async def _pump(line: PacedLine, source: int, target: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(source, ready.set)
    near = target > source
    try:
        while True:
            await ready.wait()
            ready.clear()
            try:
                octets = os.read(source, 64)
            except BlockingIOError:
                continue
            except OSError:  # nobody has the port open
                await asyncio.sleep(0.02)
                continue
            rate = _rate(source)
            await asyncio.sleep(len(octets) * BITS_AN_OCTET / rate)
            if line.echo and near:
                os.write(source, octets)
            if _rate(target) != rate:
                line.lost += len(octets)
                continue
            line.carried.append((rate, octets))
            os.write(target, octets)
            ready.set()
    finally:
        loop.remove_reader(source)


@contextlib.asynccontextmanager
async def paced_line(*, echo: bool = False) -> AsyncIterator[PacedLine]:
    """A line with a port at each end."""
    pairs = [os.openpty(), os.openpty()]
    for master, slave in pairs:
        tty.setraw(slave)
        os.set_blocking(master, False)
    line = PacedLine(os.ttyname(pairs[0][1]), os.ttyname(pairs[1][1]), echo=echo)
    near, far = pairs[0][0], pairs[1][0]
    pumps = [asyncio.create_task(_pump(line, *ends)) for ends in ((near, far), (far, near))]
    try:
        yield line
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for pair in pairs:
            for descriptor in pair:
                os.close(descriptor)
