"""A running meter is reached over each of its ports, and says where."""

import asyncio
import json
import os
import pty
from datetime import UTC, datetime
from pathlib import Path

import pytest

from addad import obis
from addad.cosem.classes import Clock
from addad.dlms.clock_time import DateTime
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import SecuritySuite
from addad.errors import InputError, LinkError
from addad.host.commission import Order, commission
from addad.host.ports import Ports, open_ports
from addad.host.running_meter import RunningMeter
from addad.net.client import Client
from addad.net.connectionless import set_time, to_all, without_connection
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


@pytest.mark.parametrize("called", ["", "00000001"])
def test_a_serial_line_after_a_sign_on(meter: RunningMeter, called: str) -> None:
    """Two pseudo-terminals, with a copier between them for the cable; any meter, or by serial."""

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
                link = await open_serial_link(names[1], mode_e=True, device_address=called)
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


def _group_client(folder: Path) -> SecurityContext:
    """Client 102's end, as credentials.json has it."""
    entry = json.loads((folder / "credentials.json").read_text())["associations"]["102"]
    names = ("encryption_key", "authentication_key", "broadcast_key")
    keys = SymmetricKeys(*(bytes.fromhex(entry[name]) for name in names))
    titles = (bytes.fromhex(entry["client_title"]), bytes.fromhex(entry["meter_title"]))
    return SecurityContext(SecuritySuite.SUITE_0, *titles, keys, VolatileCounters())


@pytest.mark.parametrize("group", ["239.255.40.59", "127.255.255.255"])
def test_one_message_to_a_group_sets_the_clock_and_is_not_answered(
    meter: RunningMeter, tmp_path: Path, group: str
) -> None:
    moment = datetime(2027, 3, 1, 12, tzinfo=UTC)

    async def tell() -> int | None:
        meter.begin()
        ports = Ports((HERE, 0), group=(group, 0), interface=HERE)
        async with open_ports(meter, ports) as listening:
            assert listening.group
            asked = to_all(_group_client(tmp_path))
            target = (group, listening.group)
            options = {"broadcast": True, "interface": HERE}
            async with without_connection(*target, asked, **options) as client:
                await set_time(client, moment)
                await asyncio.sleep(0.2)
            async with Client.connect(HERE, listening.tcp) as client:
                told: DateTime = await client.get(obis.CLOCK, Clock.time)
                return told.year

    assert asyncio.run(tell()) == 2027
    meter.close()


def test_meters_of_one_machine_hear_the_same_group(meter: RunningMeter) -> None:
    async def listen_twice() -> set[int | None]:
        meter.begin()
        one = Ports((HERE, 0), group=("239.255.40.59", 0), interface=HERE)
        async with open_ports(meter, one) as first:
            assert first.group
            other = Ports((HERE, 0), group=("239.255.40.59", first.group), interface=HERE)
            async with open_ports(meter, other) as second:
                return {first.group, second.group}

    assert len(asyncio.run(listen_twice())) == 1
    meter.close()
