"""The guide: each program in it runs, against real sockets, and prints what stands below it."""

import asyncio
import contextlib
import io
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from addad.cosem.hdlc_server import HdlcEndpoint
from addad.dlms.mode_e import MeterSignOn
from addad.net.serial import serve_serial
from net.paced_line import paced_line

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
WAIT_S = 10.0
SERIAL_PORT = "/dev/ttyUSB0"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: where it begins, its language, its text."""

    line: int
    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    text = path.read_text("utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(text[: m.start()].count("\n") + 1, m[1], m[2]) for m in found]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def practice_meter() -> Iterator[dict[str, str]]:
    """The practice meter in a thread; what stands in the pages, and what it is here."""
    import practice  # type: ignore[import-not-found]

    tcp, hdlc = free_port(), free_port()
    names = {"4059": str(tcp), "4060": str(hdlc)}
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        meter = practice.PracticeMeter()
        device = meter.device()
        async with paced_line() as line:
            endpoint = HdlcEndpoint(device, loop.time)
            async with await serve_serial(line.far, endpoint, sign_on=MeterSignOn()):
                names[SERIAL_PORT] = line.near
                served = asyncio.create_task(practice.main(tcp, tcp, hdlc))
                stop.append((loop, served))
                with contextlib.suppress(asyncio.CancelledError):
                    await served

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    until_s = time.monotonic() + WAIT_S
    for port in (tcp, hdlc):
        while time.monotonic() < until_s:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.01)
    try:
        yield names
    finally:
        for loop, task in stop:
            loop.call_soon_threadsafe(task.cancel)
        thread.join(WAIT_S)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_each_program_prints_what_stands_below_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(GUIDE)
    monkeypatch.chdir(tmp_path)
    found = blocks(path)
    assert any(block.language == "python" for block in found)
    with practice_meter() as names:
        for block, following in zip(found, [*found[1:], None], strict=True):
            if block.language != "python":
                continue
            text = block.text
            for shown, real in names.items():
                text = text.replace(shown, real)
            printed = run(text, f"{path.name}:{block.line}")
            for shown, real in names.items():
                printed = printed.replace(real, shown)
            if following is not None and following.language == "text":
                assert printed == following.text, f"{path.name}:{block.line}"
            else:
                assert printed == "", f"{path.name}:{block.line} prints, and the page does not say"


def run(text: str, name: str) -> str:
    """Run a program by itself; gives what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, name, "exec"), {"__name__": "__main__"})
    return out.getvalue()


def test_the_guide_links_all_its_pages() -> None:
    index = (GUIDE / "index.md").read_text("utf-8")
    assert [p.name for p in PAGES if p.name != "index.md" and f"({p.name})" not in index] == []


def test_nothing_but_the_base_is_imported_for_the_practice_meter() -> None:
    import subprocess

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; import practice; "
            "print(sorted({m.partition('.')[0] for m in sys.modules} & {'numpy', 'serial'}))",
        ],
        cwd=GUIDE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
