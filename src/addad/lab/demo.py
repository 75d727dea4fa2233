"""The demo: a house, its meter in a process of its own, and a head end, wired by octets only.

It is above both ends of the wire, so it can say what came out at each: measured by the meter, read
by the head end, and how long a sample took to the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from addad.errors import LinkError
from addad.headend.head_end import HeadEnd
from addad.headend.inventory import Registration, ServicePoint
from addad.headend.settings import HeadEndSettings
from addad.headend.web.server import WebServer

SERVICE_POINT: Final = "SP-FES-0001"
SCENE: Final = "2026-06-21T13:40"
SCENARIO: Final = "+15 open_cover, +20 close_cover"
LIVED_H: Final = 14
"""A fresh meter has been in the house for so long: the page has a day to show."""
START_TIMEOUT_S: Final = 120.0
STOP_TIMEOUT_S: Final = 10.0
STAGES: Final = ("acquisition", "processing", "protocol", "head_end", "page")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What somebody wants to see. `data` None keeps nothing; `duration_s` 0 runs until stopped."""

    data: Path | None = None
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    duration_s: float = 0.0
    seed: int = 1
    scene: str = SCENE
    scenario: str = SCENARIO
    open_view: bool = False


@dataclass(slots=True)
class DemoReport:
    """What was measured, collected and stored; times are medians in ms, by stage."""

    address: str = ""
    lasted_s: float = 0.0
    live_values: int = 0
    newest: dict[str, object] = field(default_factory=dict)
    stored: dict[str, int] = field(default_factory=dict)
    stages_ms: dict[str, float] = field(default_factory=dict)
    sample_to_page_ms: float | None = None
    meter_peak_mb: float | None = None
    database_bytes: int = 0


async def run_demo(settings: DemoSettings, stopping: asyncio.Event, tell: Tell) -> DemoReport:
    """Run until `stopping` or the end of the time; `tell` gets what a person should read.

    The report of a run that was stopped before its meter was ready has no address.
    Raises `LinkError` for a port in use, `InputError` for settings that cannot be.
    """
    with contextlib.ExitStack() as stack:
        folder = settings.data or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="addad-demo-"))
        )
        return await _run(settings, folder, stopping, tell)


async def _run(
    settings: DemoSettings, folder: Path, stopping: asyncio.Event, tell: Tell
) -> DemoReport:
    report = DemoReport()
    head_end = HeadEnd(
        HeadEndSettings(
            data=folder / "headend",
            web_host=settings.web_host,
            web_port=settings.web_port,
            push_port=0,
            open_view=settings.open_view,
        )
    )
    web = WebServer(head_end)
    try:
        await web.start()
        setup = head_end.setup_path()
        key = head_end.make_api_key("demo", ("read",), "demo", replace=True)
        await head_end.start()
        async with _meter(settings, folder, head_end.push_port) as process:
            port = await _unless(stopping, _port_of(process))
            if port is None:
                return report
            await _register(head_end, folder, port)
            report.address = web.url
            _tell_addresses(tell, web.url, setup, port, folder)
            await _watch(settings, report, key, stopping, process)
            report.stored = head_end.summary()
            report.stages_ms = head_end.stage_medians_ms(SERVICE_POINT) | report.stages_ms
            report.meter_peak_mb = _peak_mb(process.pid)
    finally:
        await web.stop()
        await head_end.stop()
    report.database_bytes = sum(
        p.stat().st_size for p in (folder / "headend").glob("headend.db*") if p.is_file()
    )
    return report


def _tell_addresses(tell: Tell, address: str, setup: str | None, port: int, folder: Path) -> None:
    if setup is not None:
        tell(f"First set a password, by this one-time link: {address}{setup}")
    tell(f"The page: {address}/service-points/{SERVICE_POINT}")
    tell(f"The meter: 127.0.0.1:{port}, passwords in {folder / 'meter' / 'credentials.json'}")


@contextlib.asynccontextmanager
async def _meter(
    settings: DemoSettings, folder: Path, push_port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The meter's process; ended with the context."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "addad.cli.main", "meter",
        "--listen", "127.0.0.1:0", "--data", str(folder / "meter"), "--source", "site",
        "--seed", str(settings.seed), "--scene", settings.scene, "--lived", f"{LIVED_H}h",
        "--push", f"127.0.0.1:{push_port}", "--scenario", settings.scenario,
        stdin=None, stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _unless(stopping: asyncio.Event, work: Coroutine[None, None, int]) -> int | None:
    """What the work gives, or None when it is given up because of `stopping`."""
    working, ending = asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        ending.cancel()


async def _port_of(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while line := await process.stdout.readline():
                words = line.decode("utf-8", "replace").split()
                if "listens" in words:
                    return int(words[-1].rpartition(":")[2])
    except TimeoutError:
        raise LinkError(f"the meter did not start within {START_TIMEOUT_S:g} s") from None
    raise LinkError(f"the meter ended with code {await process.wait()}; its words are above")


async def _register(head_end: HeadEnd, folder: Path, port: int) -> None:
    passwords = json.loads((folder / "meter" / "credentials.json").read_text("utf-8"))
    place = ServicePoint(SERVICE_POINT, "Rue Atlas 14", "Fès")
    registration = Registration(
        service_point=place,
        host="127.0.0.1",
        port=port,
        reader_password=passwords["reader"],
        management_password=passwords["management"],
        start_import_wh=0,
        start_export_wh=0,
        installed_from=datetime.now(UTC) - timedelta(hours=LIVED_H),
    )
    await head_end.register_meter(registration, "demo")


async def _watch(
    settings: DemoSettings,
    report: DemoReport,
    key: str,
    stopping: asyncio.Event,
    process: asyncio.subprocess.Process,
) -> None:
    """Follow the page's own stream, as a browser would, until it is time to end."""
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    page_ms: list[float] = []
    whole_ms: list[float] = []
    following = asyncio.create_task(_follow(key, report, page_ms, whole_ms))
    gone = asyncio.create_task(process.wait())
    ending = asyncio.create_task(stopping.wait())
    limit_s = settings.duration_s or None
    done, _ = await asyncio.wait(
        (following, gone, ending), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
    )
    for task in (following, gone, ending):
        task.cancel()
    report.lasted_s = loop.time() - begin_s
    if page_ms:
        report.stages_ms["page"] = median(page_ms)
        report.sample_to_page_ms = median(whole_ms)
    if gone in done:
        raise LinkError(f"the meter's process ended with code {gone.result()}")
    if following in done:
        following.result()


async def _follow(
    key: str, report: DemoReport, page_ms: list[float], whole_ms: list[float]
) -> None:
    """Read the stream's live events; raises `LinkError` when it breaks off."""
    address = urlsplit(report.address)
    try:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
    except OSError as fault:
        raise LinkError(f"the page's stream cannot be reached: {fault}") from fault
    with contextlib.closing(writer):
        path = f"/api/v1/service-points/{SERVICE_POINT}/stream"
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {key}\r\n\r\n"
        )
        writer.write(head.encode("ascii"))
        status = (await reader.readline()).decode("ascii", "replace").strip()
        if " 200 " not in f"{status} ":
            raise LinkError(f"the page's stream answers {status!r}")
        event = ""
        while line := await reader.readline():
            text = line.decode("utf-8", "replace").strip()
            if text.startswith("event:"):
                event = text[6:].strip()
            elif text.startswith("data:") and event == "live":
                _note(json.loads(text[5:]), report, page_ms, whole_ms)
    raise LinkError("the page's stream broke off")


def _note(
    live: dict[str, object], report: DemoReport, page_ms: list[float], whole_ms: list[float]
) -> None:
    report.live_values += 1
    report.newest = live
    stages = live.get("stages_ms")
    at = live.get("at")
    if not isinstance(stages, dict) or not stages or not isinstance(at, str):
        return
    page = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() * 1000
    page_ms.append(page - float(stages.get("head_end", 0.0)))
    whole_ms.append(sum(float(v) for v in stages.values()) + page_ms[-1])


def _peak_mb(pid: int) -> float | None:
    """The largest resident size of a process so far [MB]; None where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None
