"""A head end that is served on a free port, with meters behind it that answer from a table."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from headend_bench import Bench, FakeMeter, registration
from playwright.sync_api import Page

from addad.headend.head_end import SCOPES, HeadEnd
from addad.headend.inventory import ServicePoint
from addad.headend.settings import HeadEndSettings
from addad.headend.store import doors
from addad.headend.web import passwords
from addad.headend.web.server import WebServer

NAME, PASSWORD = "amina", "correct horse battery"
WIDE, NARROW = (1440, 900), (390, 844)
"""Windows of a desk and of a phone, in pixels."""
Open = Callable[..., Page]
"""Opens a page: `open_page(size=WIDE, **options of a browser context)`."""
START_S = 60
WAIT_MS = 60_000
"""How long a page is waited for."""


@dataclass
class Served:
    """A head end in a thread of its own."""

    head: HeadEnd
    bench: Bench
    url: str
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something on the head end's own loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(START_S)

    def register(
        self, place: str, name: str, address: str, port: int, meter: FakeMeter | None = None
    ) -> FakeMeter:
        """Put another meter in service; it answers at `port`."""
        meter = meter or FakeMeter()
        meter.serial, meter.name = f"{port:08d}", f"ADD00000{port:08d}"
        self.bench.meters[port] = meter
        wanted = replace(
            registration(port, place, serial=meter.serial),
            service_point=ServicePoint(place, name, address, "Africa/Casablanca"),
            installed_from=datetime.now(UTC) - timedelta(days=1),
        )
        self.run(self.head.register_meter(wanted, NAME))
        return meter


@contextmanager
def served(folder: Path, *, with_account: bool = True, **settings: Any) -> Iterator[Served]:
    """Serve a head end on a fresh folder until the end of the block."""
    bench = Bench(folder, {})
    chosen = HeadEndSettings(folder, web_port=0, push_port=0, **settings)
    ready: threading.Event = threading.Event()
    made: list[Served] = []
    stopping: list[asyncio.Event] = []

    async def serve() -> None:
        head = HeadEnd(chosen, connect=bench.connect, now=lambda: datetime.now(UTC))
        if with_account:
            link = head.setup_path() or ""
            kept = passwords.hashed(PASSWORD)
            doors.use_setup_link(head.office.store, link.partition("=")[2], NAME, kept, SCOPES, 1)
        web = WebServer(head)
        await web.start()
        await head.start()
        stopping.append(asyncio.Event())
        made.append(Served(head, bench, web.url, asyncio.get_running_loop()))
        ready.set()
        await stopping[0].wait()
        await web.stop()
        await head.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        if not ready.wait(START_S):
            raise TimeoutError("the head end did not start")
        yield made[0]
    finally:
        if made:
            made[0].loop.call_soon_threadsafe(stopping[0].set)
        thread.join(START_S)
