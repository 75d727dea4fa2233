"""The counter that a public client is told, of one object or of several, or of none."""

import asyncio

from addad.obis import Obis
from addad.reader.meter_address import MeterAddress
from addad.reader.meter_counters import told_counter
from cosem.sample_device import SampleMeter
from reader.any_server import tcp, udp
from reader.counting_meter import CountingMeter
from reader.rude_meter import Rude, rude_tcp

LIST = b"\x00\x0f"
AARQ = b"\x60"


async def told(where: MeterAddress, wanted: str = "") -> int | None:
    link = await where.open_link(5.0)
    try:
        return await told_counter(link, where, Obis.parse(wanted) if wanted else None, 1, 0.3)
    finally:
        link.close()


def test_a_meter_that_tells_none() -> None:
    async def main() -> None:
        async with tcp(SampleMeter().physical_device) as where:
            assert await told(where) is None
            assert await told(where, "0-0:43.1.7") is None

    asyncio.run(main())


def test_the_highest_is_taken_unless_one_is_named() -> None:
    async def main() -> None:
        async with tcp(CountingMeter((5, 90, 7)).physical_device) as where:
            assert await told(where) == 90
            assert await told(where, "0-0:43.1.2") == 7

    asyncio.run(main())


def test_without_an_object_list_the_usual_names_are_asked_for() -> None:
    async def main() -> None:
        device = CountingMeter((5, 90, 7)).physical_device
        async with rude_tcp(device, {LIST: Rude.NOT_THERE}) as where:
            assert await told(where) == 90
        async with udp(device) as where:  # whose list is too long for who has proved nothing
            assert await told(where) == 90

    asyncio.run(main())


def test_a_meter_that_does_not_let_the_public_in_tells_nothing() -> None:
    async def main() -> None:
        for rude in (Rude.SILENT, Rude.HANGS_UP):
            async with rude_tcp(CountingMeter((5,)).physical_device, {AARQ: rude}) as where:
                assert await told(where) is None

    asyncio.run(main())
