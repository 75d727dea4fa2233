"""Who is answered: clients and logical devices, with and without secrets."""

import asyncio
from collections.abc import Mapping

import pytest

from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.dlms.acse import Mechanism
from addad.errors import InputError, LinkError
from addad.reader.credentials import AssociationCredentials, Credentials
from addad.reader.meter_address import MeterAddress
from addad.reader.survey import Answer, SurveyPlan, Welcome, survey
from cosem.sample_device import MANAGEMENT, READER, SampleMeter
from net.secure_meter import SecureMeter
from reader.any_server import TRANSPORTS, tcp
from reader.rude_meter import PATIENCE_S, Rude, rude_tcp
from reader.test_meter_access import GMAC

AARQ = b"\x60"
KNOWN = Credentials({2: AssociationCredentials(Mechanism.LOW, READER), 3: GMAC.credentials})


def two_devices() -> PhysicalDevice:
    usual = usual_associations(reader_password=READER, management_password=MANAGEMENT)
    objects = SampleMeter().objects()
    devices = [LogicalDevice(b"ADD%013d" % sap, objects, usual, sap=sap) for sap in (1, 17)]
    return PhysicalDevice(devices)


async def asked(where: MeterAddress, plan: SurveyPlan) -> dict[tuple[int, int], Answer]:
    return {(a.client_sap, a.server_sap): a async for a in survey(where, plan)}


def plan(**more: object) -> SurveyPlan:
    return SurveyPlan(**{"clients": (16, 1, 2, 9), "timeout_s": PATIENCE_S, "pause_s": 0.0, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("transport", ["tcp", "hdlc", "gateway"])
def test_clients_and_what_they_are_shown(transport: str) -> None:
    async def main() -> None:
        async with TRANSPORTS[transport](SampleMeter().physical_device) as where:
            found = await asked(where, plan())
            public = found[16, 1]
            assert (public.welcome, public.objects, public.attributes) == (Welcome.OPEN, 4, 14)
            assert public.negotiated is not None
            assert found[1, 1].welcome is Welcome.KNOWN
            assert found[1, 1].reason == "authentication required"
            assert found[9, 1].welcome is Welcome.REFUSED
            assert {server for _, server in found} == {1}

    asyncio.run(main())


def test_clients_with_secrets() -> None:
    async def main() -> None:
        async with tcp(SecureMeter().physical_device) as where:
            found = await asked(where, plan(credentials=KNOWN))
            assert found[2, 1].welcome is found[3, 1].welcome is Welcome.OPEN
            assert found[3, 1].mechanism is Mechanism.HIGH_GMAC
            assert (found[2, 1].objects or 0) > (found[16, 1].objects or 0)

    asyncio.run(main())


def test_logical_devices_that_the_meter_tells() -> None:
    async def main() -> None:
        async with tcp(two_devices()) as where:
            found = await asked(where, plan())
            assert {server for _, server in found} == {1, 17}
            assert found[16, 17].welcome is Welcome.OPEN
            only = await asked(where, plan(servers=(17,)))
            assert {server for _, server in only} == {17}

    asyncio.run(main())


def silent(rudeness: Mapping[bytes, Rude]) -> dict[tuple[int, int], Answer]:
    async def main() -> dict[tuple[int, int], Answer]:
        async with rude_tcp(SampleMeter().physical_device, rudeness) as where:
            return await asked(where, plan())

    return asyncio.run(main())


def test_a_silent_meter_is_left_alone_soon() -> None:
    found = silent({AARQ: Rude.SILENT})
    assert {answer.welcome for answer in found.values()} == {Welcome.SILENT}
    assert [pair for pair in found if pair[1] == 1] == [(16, 1), (1, 1)]


def test_a_meter_without_lists_is_open_all_the_same() -> None:
    found = silent({b"\x00\x0f": Rude.GARBAGE})
    assert found[16, 1].welcome is Welcome.OPEN
    assert found[16, 1].objects is None
    assert "no object list" in found[16, 1].reason


def test_no_meter_at_all_is_an_error() -> None:
    async def main() -> None:
        with pytest.raises(LinkError, match="nothing listens"):
            await asked(MeterAddress.tcp("127.0.0.1", 1), plan())

    asyncio.run(main())


def test_a_scan_is_bounded() -> None:
    with pytest.raises(InputError, match="at most 256 pairs"):
        plan(clients=range(100), servers=(1, 2, 3))
