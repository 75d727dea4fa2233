"""The guide: each program in it runs, against real sockets, and prints what stands below it."""

import asyncio
import contextlib
import importlib
import io
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from addad.cli.main import EXTRA
from addad.cosem.hdlc_server import HdlcEndpoint
from addad.dlms.mode_e import MeterSignOn
from addad.net.serial import serve_serial
from net.paced_line import paced_line
from net.reserved_port import reserved_port

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
WAIT_S = 60.0
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


@contextlib.contextmanager
def practice_meter(
    monkeypatch: pytest.MonkeyPatch, tcp: int, hdlc: int
) -> Iterator[dict[str, str]]:
    """The practice meter in a thread; what stands in the pages, and what it is here.

    What it prints of itself is taken: a program's output is caught for the whole process.
    """
    import practice  # type: ignore[import-not-found]

    serving = threading.Event()
    monkeypatch.setattr(practice, "print", lambda _line: serving.set(), raising=False)
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
    try:
        assert serving.wait(WAIT_S), "the practice meter does not say that it serves"
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
    with (
        reserved_port() as tcp,
        reserved_port() as hdlc,
        practice_meter(monkeypatch, tcp, hdlc) as names,
    ):
        for block, following in zip(found, [*found[1:], None], strict=True):
            if block.language != "python":
                continue
            printed = run(replaced(block.text, names), f"{path.name}:{block.line}")
            printed = replaced(printed, {real: shown for shown, real in names.items()})
            if following is not None and following.language == "text":
                assert printed == following.text, f"{path.name}:{block.line}"
            else:
                assert printed == "", f"{path.name}:{block.line} prints, and the page does not say"


def replaced(text: str, names: dict[str, str]) -> str:
    """The text with each of these words in the place of the other."""
    words = "|".join(map(re.escape, names))
    return re.sub(rf"(?<![\w.])(?:{words})(?![\w.])", lambda match: names[match[0]], text)


def run(text: str, name: str) -> str:
    """Run a program by itself; gives what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, name, "exec"), {"__name__": "__main__"})
    return out.getvalue()


def test_the_guide_links_all_its_pages() -> None:
    index = (GUIDE / "index.md").read_text("utf-8")
    assert [p.name for p in PAGES if p.name != "index.md" and f"({p.name})" not in index] == []


def test_a_type_checker_agrees_with_the_guide(tmp_path: Path) -> None:
    (tmp_path / "practice.py").write_bytes((GUIDE / "practice.py").read_bytes())
    for path in PAGES:
        for block in blocks(path):
            if block.language == "python":
                (tmp_path / f"{path.stem}_{block.line}.py").write_text(block.text, "utf-8")
    files = sorted(path.name for path in tmp_path.glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ".cache", *files],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_practice_meter_says_in_a_line_that_its_port_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(GUIDE)
    practice = importlib.import_module("practice")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port 127.0.0.1:{port} is in use; stop"):
            practice.run(port, 0, 0)


def test_nothing_but_the_base_is_imported_for_the_practice_meter() -> None:
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


def test_a_meter_takes_thirty_lines() -> None:
    first = next(b for b in blocks(GUIDE / "meter.md") if b.language == "python")
    assert sum(1 for line in first.text.splitlines() if line) <= 30


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_commands_in_the_guide_are_real(path: Path) -> None:
    text = path.read_text("utf-8")
    named = re.findall(r"`addad ([a-z]+)", text)
    for block in blocks(path):
        if block.language == "sh":
            named += re.findall(r"^addad ([a-z]+)", block.text, re.MULTILINE)
    assert [name for name in named if name not in EXTRA] == []
    modules = set(re.findall(r"`(addad(?:\.\w+)+)[`(]", text))
    assert [name for name in modules if not is_there(name)] == []


def is_there(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        with contextlib.suppress(ModuleNotFoundError):
            found: object = importlib.import_module(".".join(parts[:count]))
            for part in parts[count:]:
                found = getattr(found, part, None)
            return found is not None
    return False
