"""The web port against who opens connections and does not ask: each goes, the others are served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from headend_bench import Bench, FakeMeter

from addad.headend.web import screen
from addad.headend.web.doorman import Doorman
from addad.headend.web.server import WebServer

PLACES = 8


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doorman, "request_timeout_s", 0.3)
    monkeypatch.setattr(Doorman, "max_connections", PLACES)
    monkeypatch.setattr(screen, "BODY_TIMEOUT_S", 0.3)


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[int]:
    head = Bench(folder, {4059: FakeMeter()}).open()
    web = WebServer(head)
    await web.start()
    try:
        yield int(web.url.rpartition(":")[2])
    finally:
        await web.stop()
        head.close()


async def _status(port: int, octets: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(octets)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert b"default-src 'self'" in head
        assert b"nosniff" in head
        assert b"no-store" in head
        return head.split()[1]
    finally:
        writer.transport.abort()


def _get(port: int) -> bytes:
    return f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def _run(folder: Path, attack: Callable[[int], Awaitable[None]]) -> None:
    async def main() -> None:
        async with _served(folder) as port:
            await attack(port)
            assert await _status(port, _get(port)) == b"200"

    asyncio.run(main())


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: ",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\nname=",
    ],
)
def test_who_keeps_us_waiting_goes(tmp_path: Path, begun: bytes) -> None:
    async def attack(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)

        async def drip() -> None:
            while not writer.is_closing():
                writer.write(b"a")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        try:
            async with asyncio.timeout(60):
                while await reader.read(1000):
                    pass
        except ConnectionError:
            pass
        finally:
            dripping.cancel()
            writer.transport.abort()

    _run(tmp_path, attack)


def test_silent_connections_keep_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Doorman, "request_timeout_s", 60.0)

    async def attack(port: int) -> None:
        held = []
        for _ in range(3 * PLACES):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n")
            held.append(writer)
        assert await _status(port, _get(port)) == b"200"
        for writer in held:
            writer.transport.abort()

    _run(tmp_path, attack)


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\n\r\n", b"403"),
        (b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"GET /login HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"403"),
    ],
)
def test_what_is_no_request_is_refused_with_all_headers(
    tmp_path: Path, octets: bytes, status: bytes
) -> None:
    async def attack(port: int) -> None:
        assert await _status(port, octets) == status

    _run(tmp_path, attack)
