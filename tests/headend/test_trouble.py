"""Meters that are no meters, over real sockets: each is told, left alone, and holds up no other."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from headend_bench import Bench, registration

from addad.headend.head_end import HeadEnd
from addad.headend.link import connect_over_tcp
from addad.headend.settings import HeadEndSettings

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 50)
    await reader.read()


async def _dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    for octet in b"\x00\x01\x00\x01\x00\x02\x00\xff" + b"\x61" * 255:
        writer.write(bytes([octet]))
        await asyncio.sleep(0.1)


async def _half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"\x00\x01\x00\x01\x00\x02\x00\x40\x61\x29")
    await reader.read()


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize("serve", [_silent, _garbage, _dribble, _half, _hangs_up])
def test_what_is_no_meter_is_lost_and_the_head_end_is_not(bench: Bench, serve: Serve) -> None:
    async def main() -> None:
        asked = 0

        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += 1
            try:
                await serve(reader, writer)
            except ConnectionError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(count, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = HeadEndSettings(bench.folder, push_port=0, answer_timeout_s=0.3)
        head = HeadEnd(settings, connect=connect_over_tcp)
        await head.register_meter(registration(port), "test")
        await head.start()
        state = head.office.board.state("FEZ-0001", head.office.now())
        async with asyncio.timeout(60):
            while asked < 3:
                await asyncio.sleep(0.05)
        assert state.contact["state"] == "none"
        assert state.contact["reason"] not in ("", "not asked yet")
        assert "Traceback" not in state.contact["reason"]
        await asyncio.wait_for(head.stop(), 60)
        server.close()

    asyncio.run(main())
