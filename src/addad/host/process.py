"""The process of a meter: its ports, its end on a signal, and what is typed meanwhile."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterable
from typing import Final, TextIO

from addad.errors import InputError
from addad.event_loop import run as run_loop
from addad.host.calling import keep_calling
from addad.host.ports import Listening, Ports, open_ports
from addad.host.running_meter import RunningMeter, utc_now

logger = logging.getLogger(__name__)

Started = Callable[[Listening], None]

LINE_MAX: Final = 4096


def run_meter(
    meter: RunningMeter, ports: Ports, started: Started, actions: TextIO | None = None
) -> None:
    """Run until SIGINT or SIGTERM. `started` is called once clients can reach it.

    Lines of `actions` are done to the meter at once. Raises `LinkError` for a port that cannot be
    had.
    """
    run_loop(lambda: _run(meter, ports, started, actions))


async def _run(meter: RunningMeter, ports: Ports, started: Started, actions: TextIO | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    for each in (meter, *meter.behind.values()):
        each.begin()
    async with open_ports(meter, ports) as listening:
        if actions is not None:
            _listen_to(actions, meter)
        meter.listens(listening.tcp)
        started(listening)
        calling = asyncio.create_task(keep_calling(meter.meter.table.calling, meter.endpoint))
        try:
            await run_all((meter, *meter.behind.values()), stopping)
        finally:
            calling.cancel()
            await asyncio.wait((calling,))


async def run_all(meters: Iterable[RunningMeter], stopping: asyncio.Event) -> None:
    """Run meters side by side; when one cannot go on, all end in good order."""
    running = [asyncio.create_task(meter.run(stopping)) for meter in meters]
    await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
    stopping.set()
    await asyncio.gather(*running)


def _listen_to(actions: TextIO, meter: RunningMeter) -> None:
    """Do what each line of a terminal or pipe says; a file or nothing is not listened to."""
    loop = asyncio.get_running_loop()
    descriptor = actions.fileno()
    pending = bytearray()

    def octets_came() -> None:
        octets = os.read(descriptor, LINE_MAX)
        if not octets or len(pending) > LINE_MAX:
            loop.remove_reader(descriptor)
        pending.extend(octets)
        while b"\n" in pending:
            line, _, rest = bytes(pending).partition(b"\n")
            pending[:] = rest
            _do(meter, line.decode("utf-8", "replace").strip())

    try:
        loop.add_reader(descriptor, octets_came)
    except OSError:
        logger.debug("standard input is neither terminal nor pipe: nothing can be typed")


def _do(meter: RunningMeter, action: str) -> None:
    if action:
        try:
            meter.deeds.do(action, utc_now())
        except InputError as fault:
            logger.warning("%s", fault)
