"""Every way to a meter, and what is said of one that is none."""

import asyncio

import pytest

from addad import obis
from addad.cosem.classes import Data
from addad.dlms.acse import Mechanism
from addad.dlms.gateway import GatewayAddress
from addad.dlms.types import OctetString
from addad.errors import InputError, LinkError
from addad.reader.credentials import AssociationCredentials
from addad.reader.meter_access import MeterAccess, open_meter
from addad.reader.meter_address import MeterAddress
from cosem.sample_device import NAME, READER, SampleMeter
from reader.any_server import TRANSPORTS

NAMED = Data.value.typed(OctetString())
WHO = MeterAccess(2, credentials=AssociationCredentials(Mechanism.LOW, READER))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_meter_over_each_transport(transport: str) -> None:
    async def main() -> None:
        meter = SampleMeter()
        async with TRANSPORTS[transport](meter.physical_device) as where:
            for _ in range(2):
                async with open_meter(where, WHO, timeout_s=20.0) as client:
                    assert await client.get(obis.LOGICAL_DEVICE_NAME, NAMED) == NAME
                    assert client.received_octets

    asyncio.run(main())


def test_an_address_as_people_write_it() -> None:
    assert str(MeterAddress.tcp("192.0.2.7")) == "192.0.2.7:4059"
    assert str(MeterAddress.udp("::1", 1)) == "[::1]:1"
    assert str(MeterAddress.serial("/dev/ttyUSB0")) == "/dev/ttyUSB0"
    behind = MeterAddress.tcp("192.0.2.7", 1, gateway=GatewayAddress(3, b"\x01\x02"))
    assert str(behind) == "192.0.2.7:1, meter 0102 on network 3"


def test_saps_that_have_no_address_on_a_line() -> None:
    line = MeterAddress.hdlc("192.0.2.7")
    line.check(127, 127)
    MeterAddress.tcp("192.0.2.7").check(0xFFFF, 0xFFFF)
    with pytest.raises(InputError, match="client 128 has no HDLC address"):
        line.check(128, 1)
    with pytest.raises(InputError, match="an HDLC address of 1 octets"):
        MeterAddress.serial("x", physical=17, address_octets=1).check(1, 1)
    with pytest.raises(InputError, match="holds 127 at most"):
        MeterAddress.serial("x", physical=300, address_octets=2).check(1, 1)


def test_no_meter_is_told() -> None:
    async def main() -> None:
        for where in (MeterAddress.tcp("127.0.0.1", 1), MeterAddress.hdlc("127.0.0.1", 1)):
            with pytest.raises(LinkError, match="nothing listens"):
                await where.open_link(5.0)
        with pytest.raises(LinkError, match="cannot open the serial port"):
            await MeterAddress.serial("/dev/nowhere").open_link(5.0)

    asyncio.run(main())
