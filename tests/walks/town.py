"""A small town in virtual time: a house, its meter, and a head end with its page, wired in memory.

Octets go through the real stacks of both ends; only sockets, the disk and the clock are virtual.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from addad.dlms import apdu as apdus
from addad.dlms.apdu.notification import DataNotification
from addad.headend.head_end import HeadEnd
from addad.headend.inventory import Registration, ServicePoint
from addad.headend.link import Target
from addad.headend.settings import HeadEndSettings
from addad.headend.web.app import create_app
from addad.host.deeds import Deeds
from addad.host.running_meter import RunningMeter
from addad.host.sources import SiteSource
from addad.meter.device import Meter
from addad.meter.settings import MeterSettings, Passwords, PushSettings
from addad.meter.storage import VolatileMemory
from addad.metrology.instrument import Instrument
from addad.net.client import Client
from addad.net.push_reader import ReceivedPush
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from addad.world.scenario import Scenario
from net.memory_link import memory_pair

SERVICE_POINT = "SP-1"
PASSWORD = "a long enough password"


class AtOnce(Executor):
    """Runs what it is given in the caller's thread: a disk without delay."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as fault:
            future.set_exception(fault)
        return future


class Town:
    """One house, one meter, one head end. Build it inside a running virtual loop."""

    def __init__(self, folder: Path, start: datetime, scenario: str = "") -> None:
        self.start = start
        loop = asyncio.get_running_loop()
        self.now = lambda: start + timedelta(seconds=loop.time())
        settings = MeterSettings(
            passwords=Passwords(b"reader", b"management"),
            push=PushSettings(destination="127.0.0.1:4060"),
        )
        source = SiteSource(1, start.astimezone(UTC), pv_peak_w=0.0)
        rate = source.instrument.sample_rate
        meter = Meter(settings, VolatileMemory(), Instrument(source.instrument), rate)
        self.running = RunningMeter(
            meter,
            source,
            send=self._push,
            deeds=Deeds(Scenario.parse(scenario)),
            now=self.now,
            executor=AtOnce(),
        )
        self.head_end = HeadEnd(
            HeadEndSettings(data=folder, push_port=0, profile_period_s=60),
            connect=self._connect,
            now=self.now,
        )
        self.app = create_app(self.head_end)

    @asynccontextmanager
    async def _connect(self, target: Target) -> AsyncIterator[Client]:
        link = FrameLink("the meter")
        memory_pair(link, ServerLink(self.running.endpoint()))
        password = target.password.encode() or None
        async with Client(link, client_sap=target.client_sap, password=password) as client:
            yield client

    async def _push(self, _destination: str, octets: bytes) -> None:
        notification = apdus.decode(octets)
        assert isinstance(notification, DataNotification)
        self.head_end._alarms.take(ReceivedPush("the meter", notification))

    @asynccontextmanager
    async def alive(self) -> AsyncIterator["Town"]:
        """The town, living: meter and head end run, the meter is registered."""
        stopping = asyncio.Event()
        self.running.begin()
        metering = asyncio.create_task(self.running.run(stopping))
        await asyncio.sleep(1)
        await self.head_end.start()
        try:
            place = ServicePoint(SERVICE_POINT, "Rue Atlas 14")
            await self.head_end.register_meter(
                Registration(
                    place,
                    "127.0.0.1",
                    4059,
                    reader_password="reader",
                    management_password="management",
                ),
                "the test",
            )
            yield self
        finally:
            await self.head_end.stop()
            stopping.set()
            await metering

    def visitor(self) -> httpx.AsyncClient:
        """A browser's HTTP side, in memory."""
        address = f"http://127.0.0.1:{self.head_end.settings.web_port}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=address,
            headers={"Origin": address},
        )

    async def log_in(self, browser: httpx.AsyncClient) -> str:
        """Set the password by the one-time link; gives the token that every change needs."""
        link = self.head_end.setup_path()
        assert link is not None
        page = await browser.get(link)
        form = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
        form |= {"name": "operator", "password": PASSWORD, "repeat": PASSWORD}
        answer = await browser.post("/setup", data=form)
        assert answer.status_code == 303, answer.text
        shown = await browser.get(f"/service-points/{SERVICE_POINT}")
        assert shown.status_code == 200, shown.text
        token = re.search(r'name="csrf-token" content="([^"]+)"', shown.text)
        assert token is not None
        return token[1]

    async def until(self, true: Callable[[], bool], seconds: float = 60.0) -> None:
        """Let virtual time pass until something holds."""
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.1)
