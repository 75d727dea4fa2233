"""A meter on a serial line: pseudo-terminals at their rates, sign-on by mode E, what goes wrong."""

import asyncio
import os

import pytest

from addad import obis
from addad.cosem.classes import Register
from addad.cosem.hdlc_server import LOWER, HdlcEndpoint
from addad.dlms.hdlc.parameters import LinkParameters
from addad.dlms.hdlc.unnumbered import Unnumbered
from addad.dlms.mode_e import BREAK, LineSettings, MeterSignOn
from addad.errors import InputError, LinkError
from addad.net.client import Client
from addad.net.hdlc import HdlcSettings
from addad.net.serial import open_serial_link, serve_serial
from addad.net.serial_port import open_port
from cosem.sample_device import IMPORT_WH, READER, SampleMeter
from net.paced_line import PacedLine, paced_line

SETTINGS = HdlcSettings(lower=LOWER, offered=LinkParameters(128, 128))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-on that a busy machine holds up is not begun again: the line shows one."""
    monkeypatch.setattr("addad.dlms.mode_e.ANSWER_TIMEOUT_S", 60.0)


def endpoint(meter: SampleMeter) -> HdlcEndpoint:
    return HdlcEndpoint(meter.physical_device, asyncio.get_running_loop().time)


async def read_energy(line: PacedLine, **more: object) -> int:
    link = await open_serial_link(line.near, settings=SETTINGS, **more)  # type: ignore[arg-type]
    async with Client(link, client_sap=2, password=READER) as client:
        data = await client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value)
    assert isinstance(data.value, int)
    return data.value


def test_a_reading_at_9600_baud() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with paced_line() as line:
            async with await serve_serial(line.far, endpoint(meter)):
                assert await read_energy(line) == IMPORT_WH
            assert {rate for rate, _ in line.carried} == {9600}
            assert line.lost == 0
        assert meter.device.open_count[2] == 0

    asyncio.run(main())


@pytest.mark.parametrize("echo", [False, True])
def test_a_reading_after_mode_e(echo: bool) -> None:
    async def main() -> None:
        meter = SampleMeter()
        sign_on = MeterSignOn("ADD5\\2addad", "12345678", echoes=not echo)
        async with paced_line(echo=echo) as line:
            async with await serve_serial(line.far, endpoint(meter), sign_on=sign_on):
                energy = await read_energy(line, mode_e=True, device_address="12345678")
            assert energy == IMPORT_WH
            rates = [rate for rate, _ in line.carried]
            assert set(rates) == {300, 9600}
            assert rates == sorted(rates)
            slow = b"".join(octets for rate, octets in line.carried if rate == 300)
            assert all(octet.bit_count() % 2 == 0 for octet in slow)
            assert (
                bytes(octet & 0x7F for octet in slow)
                == b"/?12345678!\r\n/ADD5\\2addad\r\n\x06252\r\n"
            )

    asyncio.run(main())


def test_after_a_break_the_meter_waits_for_a_sign_on_again() -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with paced_line() as line:
            sign_on = MeterSignOn()
            async with await serve_serial(line.far, endpoint(meter), sign_on=sign_on):
                assert await read_energy(line, mode_e=True) == IMPORT_WH
                port = open_port(line.near, LineSettings(9600))
                port.set_protocol(asyncio.Protocol())
                port.write(BREAK)
                await asyncio.sleep(0.1)
                port.abort()
                line.carried.clear()
                assert await read_energy(line, mode_e=True) == IMPORT_WH
                assert line.carried[0][0] == 300

    asyncio.run(main())


def test_a_meter_that_does_not_sign_on_and_one_that_is_not_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("addad.dlms.mode_e.ANSWER_TIMEOUT_S", 0.05)

    async def main() -> None:
        async with paced_line() as line:
            sign_on = MeterSignOn(device_address="1")
            async with await serve_serial(line.far, endpoint(SampleMeter()), sign_on=sign_on):
                with pytest.raises(LinkError, match="identify"):
                    await open_serial_link(line.near, mode_e=True, device_address="2")

    asyncio.run(main())


def test_a_meter_pushes_on_its_line() -> None:
    apdu = bytes.fromhex("0F400000000000")

    async def main() -> None:
        come: asyncio.Queue[Unnumbered] = asyncio.Queue()
        async with paced_line() as line:
            meter = endpoint(SampleMeter())
            link = await open_serial_link(line.near, on_unnumbered=come.put_nowait)
            async with await serve_serial(line.far, meter) as server:
                assert server.push(meter.push(apdu, 0x66))
                async with asyncio.timeout(60):
                    message = await come.get()
            assert (message.apdu, message.destination.upper) == (apdu, 0x66)
            link.close()
        async with (
            paced_line() as line,
            await serve_serial(line.far, meter, sign_on=MeterSignOn()) as server,
        ):
            assert not server.push(meter.push(apdu, 0x66))

    asyncio.run(main())


def test_a_silent_line_says_so() -> None:
    async def main() -> None:
        async with paced_line() as line:
            link = await open_serial_link(line.near, settings=SETTINGS)
            with pytest.raises(LinkError, match="nothing"):
                async with Client(link, timeout_s=0.2):
                    pass
            await link.wait_closed()

    asyncio.run(main())


def test_a_port_that_goes_away_ends_the_link_and_the_server() -> None:
    async def main() -> None:
        masters = [os.openpty(), os.openpty()]
        link = await open_serial_link(os.ttyname(masters[0][1]))
        server = await serve_serial(os.ttyname(masters[1][1]), endpoint(SampleMeter()))
        for pair in masters:
            for descriptor in pair:
                os.close(descriptor)
        await link.wait_closed()
        with pytest.raises(LinkError):
            link.check()
        async with asyncio.timeout(60):
            await server._serving
        await server.close()

    asyncio.run(main())


def test_two_programs_do_not_share_a_port() -> None:
    async def main() -> None:
        async with paced_line() as line:
            link = await open_serial_link(line.near)
            with pytest.raises(LinkError, match="cannot open"):
                await open_serial_link(line.near)
            link.close()
            await link.wait_closed()

    asyncio.run(main())


def test_a_port_that_is_none_is_told() -> None:
    with pytest.raises(LinkError, match="/dev/nothing-here"):
        asyncio.run(open_serial_link("/dev/nothing-here"))
    with pytest.raises(InputError, match="device address"):
        asyncio.run(open_serial_link("/dev/null", mode_e=True, device_address="a b"))
