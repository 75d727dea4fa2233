"""A meter on HDLC over TCP: many lines, and the clock that ends what is silent."""

import asyncio

from addad.cosem.hdlc_server import LOWER, HdlcEndpoint
from addad.dlms.hdlc.address import Address
from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import Frame
from addad.dlms.hdlc.terms import LinkTimes
from addad.net import hdlc_server
from addad.net.hdlc_server import serve_hdlc
from cosem.sample_device import SampleMeter

SERVER, CLIENT = Address(1, LOWER, 2), Address(16)
AARQ = bytes.fromhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1FFFFF")


def test_links_end_by_the_clock_and_lines_stay(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(hdlc_server, "TICK_S", 0.02)

    async def main() -> None:
        meter = SampleMeter()
        times = LinkTimes(inactivity_s=100.0)
        now_s = 0.0
        async with await serve_hdlc(
            lambda: HdlcEndpoint(meter.physical_device, lambda: now_s, times=times), "127.0.0.1", 0
        ) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

            async def ask(control: int, information: bytes = b"") -> int:
                writer.write(Frame(SERVER, CLIENT, control, information).encode())
                (answer,) = FrameDecoder().feed(await reader.read(4096))
                return answer.control

            assert await ask(0x93) == 0x73
            assert await ask(0x10, b"\xe6\xe6\x00" + AARQ) == 0x30
            assert meter.device.open_count[16] == 1
            now_s = 101.0
            async with asyncio.timeout(60):
                while meter.device.open_count[16]:
                    await asyncio.sleep(0.02)
            assert await ask(0x53) == 0x1F
            assert await ask(0x93) == 0x73
            writer.close()
            async with asyncio.timeout(60):
                while server.connections:
                    await asyncio.sleep(0.01)

    asyncio.run(main())


def test_noise_closes_no_line() -> None:
    async def main() -> None:
        meter = SampleMeter()
        now_s = asyncio.get_running_loop().time
        async with await serve_hdlc(
            lambda: HdlcEndpoint(meter.physical_device, now_s), "127.0.0.1", 0
        ) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n" * 1000)
            writer.write(Frame(SERVER, CLIENT, 0x93).encode())
            (answer,) = FrameDecoder().feed(await reader.read(4096))
            assert answer.control == 0x73
            writer.close()

    asyncio.run(main())
