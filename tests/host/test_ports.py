"""A running meter is reached over each of its ports, and says where."""

import asyncio
import os
import pty
from pathlib import Path

import pytest

from addad import obis
from addad.cosem.classes import Clock
from addad.errors import InputError, LinkError
from addad.host.commission import Order, commission
from addad.host.ports import Ports, open_ports
from addad.host.running_meter import RunningMeter
from addad.net.client import Client
from addad.net.hdlc import connect_over_hdlc
from addad.net.serial import open_serial_link
from addad.net.udp import connect_over_udp

HERE = "127.0.0.1"


@pytest.fixture
def meter(tmp_path: Path) -> RunningMeter:
    return commission(Order(tmp_path, scene="2026-06-21T12:00"))


def test_the_same_meter_on_every_port(meter: RunningMeter) -> None:
    async def read() -> list[int | None]:
        meter.begin()
        ports = Ports((HERE, 0), (HERE, 0), (HERE, 0))
        years = []
        async with open_ports(meter, ports) as listening:
            assert listening.udp is not None
            assert listening.hdlc is not None
            async with Client.connect(HERE, listening.tcp) as client:
                years.append((await client.get(obis.CLOCK, Clock.time)).year)
            async with connect_over_udp(HERE, listening.udp) as client:
                years.append((await client.get(obis.CLOCK, Clock.time)).year)
            async with connect_over_hdlc(HERE, listening.hdlc) as client:
                years.append((await client.get(obis.CLOCK, Clock.time)).year)
        return years

    years = asyncio.run(read())
    meter.close()
    assert len(years) == 3
    assert len(set(years)) == 1


def test_a_serial_line_after_a_sign_on(meter: RunningMeter) -> None:
    """Two pseudo-terminals, with a copier between them for the cable."""

    async def read() -> int | None:
        meter.begin()
        loop = asyncio.get_running_loop()
        ends = [pty.openpty() for _ in range(2)]
        names = [os.ttyname(slave) for _, slave in ends]
        (one, _), (other, _) = ends
        loop.add_reader(one, lambda: os.write(other, os.read(one, 4096)))
        loop.add_reader(other, lambda: os.write(one, os.read(other, 4096)))
        ports = Ports((HERE, 0), line=names[0], baud=19200, mode_e=True)
        try:
            async with open_ports(meter, ports):
                link = await open_serial_link(names[1], mode_e=True)
                async with Client(link) as client:
                    return (await client.get(obis.CLOCK, Clock.time)).year
        finally:
            for master, slave in ends:
                loop.remove_reader(master)
                os.close(master)
                os.close(slave)

    year = asyncio.run(read())
    meter.close()
    assert year is not None


def test_a_port_that_cannot_be_had_closes_those_that_could(meter: RunningMeter) -> None:
    async def fail() -> None:
        meter.begin()
        async with open_ports(meter, Ports((HERE, 0), line="/dev/no-such-line")):
            raise AssertionError

    with pytest.raises(LinkError, match="no-such-line"):
        asyncio.run(fail())
    meter.close()


def test_a_rate_that_mode_e_cannot_name() -> None:
    with pytest.raises(InputError, match="115200"):
        Ports((HERE, 0), line="/dev/x", baud=115200, mode_e=True)
