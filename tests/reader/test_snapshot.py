"""Everything a meter shows, whatever one of its attributes does."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

import pytest

from addad import obis
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.errors import AssociationError, LinkError, RemoteProtocolError
from addad.net.client import Client
from addad.obis import Obis
from addad.reader import snapshot
from addad.reader.credentials import AssociationCredentials
from addad.reader.meter_access import MeterAccess, open_meter
from addad.reader.quirks import Quirk
from addad.reader.scan import object_list, rights_version
from addad.reader.snapshot import (
    ObjectReading,
    Reopening,
    RowChoice,
    read_everything,
)
from cosem.sample_device import BROKEN, PERIOD, START, SampleMeter
from reader.any_server import tcp
from reader.rude_meter import PATIENCE_S, Rude, rude_tcp
from reader.test_meter_address import WHO

VOLTAGE = obis.VOLTAGE_PHASES[0]
VOLTAGE_VALUE = b"\x00\x03" + VOLTAGE + b"\x02"
LISTS = b"\xc0\x03"
FIVE = RowChoice(last=5)
BUFFER = b"\x00\x07" + obis.LOAD_PROFILE + b"\x02"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "REOPENING_PAUSE_S", 0.0)


def read(
    rudeness: Mapping[bytes, Rude], choice: RowChoice = FIVE, rows: int = 20
) -> dict[Obis, ObjectReading]:
    async def main() -> dict[Obis, ObjectReading]:
        async with rude_tcp(SampleMeter(rows).physical_device, rudeness) as where:
            opening = partial(open_meter, where, WHO, timeout_s=PATIENCE_S)
            async with Reopening(opening) as meter:
                elements = await object_list(await meter.client())
                everything = read_everything(meter, elements, rights_version(elements), choice)
                found = {one.element.logical_name: one async for one in everything}
                assert len(found) == len(elements)
                return found

    return asyncio.run(main())


def value(one: ObjectReading, index: int) -> object:
    (reading,) = [r for r in one.readings if r.index == index]
    return reading.quantity.value if reading.quantity else reading.value


def test_everything_is_read() -> None:
    found = read({})
    assert value(found[VOLTAGE], 2) == 230.4
    profile = found[obis.LOAD_PROFILE].profile
    assert profile is not None
    assert len(profile.table.rows) == 5
    assert all(r.index != 2 for r in found[obis.LOAD_PROFILE].readings)
    (refused,) = [r for r in found[BROKEN].readings if r.index == 2]
    assert refused.refusal == "other reason"


@pytest.mark.parametrize("rude", list(Rude)[:3])
def test_one_bad_attribute_costs_itself_only(rude: Rude) -> None:
    found = read({VOLTAGE_VALUE: rude})
    (bad,) = [r for r in found[VOLTAGE].readings if r.index == 2]
    assert bad.value is None
    assert bad.fault
    assert value(found[VOLTAGE], 1) == VOLTAGE
    assert not [r for one in found.values() for r in one.readings if r.fault and r is not bad]
    assert found[obis.LOAD_PROFILE].profile is not None


@pytest.mark.parametrize("rude", [Rude.HANGS_UP, Rude.SILENT])
def test_a_meter_that_cannot_answer_lists_is_asked_one_by_one(rude: Rude) -> None:
    found = read({LISTS: rude})
    assert not [r for one in found.values() for r in one.readings if r.fault]
    assert value(found[VOLTAGE], 2) == 230.4


@pytest.mark.parametrize("rude", [Rude.HANGS_UP, Rude.GARBAGE, Rude.EMPTY_ROW])
def test_rows_that_cannot_be_read_are_told(rude: Rude) -> None:
    profile = read({BUFFER: rude})[obis.LOAD_PROFILE]
    assert profile.profile is None
    wanted = LinkError if rude is Rude.HANGS_UP else RemoteProtocolError
    assert isinstance(profile.profile_fault, wanted)
    assert value(profile, 8) == 17_760


def test_many_objects_are_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []
    asked = Client.get_many_octets

    async def counted(client: Client, descriptors: Sequence[AttributeDescriptor]) -> object:
        requests.append(len(descriptors))
        return await asked(client, descriptors)

    monkeypatch.setattr(Client, "get_many_octets", counted)
    together = read({})
    few = len(requests)
    monkeypatch.setattr(snapshot, "GROUP_ATTRIBUTES", 1)
    assert read({}) == together
    assert len(requests) - few > 2 * few


def test_the_choice_of_rows() -> None:
    def rows(choice: RowChoice) -> int:
        profile = read({}, choice)[obis.LOAD_PROFILE].profile
        return -1 if profile is None else len(profile.table.rows)

    assert rows(RowChoice()) == 20
    assert rows(RowChoice(last=0)) == -1
    times = (START + PERIOD, START + 3 * PERIOD)
    assert rows(RowChoice(times)) == 3
    assert rows(RowChoice(times, quirks=(Quirk.WHOLE_BUFFER,))) == 3


def test_a_meter_that_always_hangs_up_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "REOPENINGS_MAX", 3)
    values = {bytes((0, class_id)): Rude.HANGS_UP for class_id in (1, 3, 7, 8, 17, 70)}
    with pytest.raises(LinkError, match="the association ended 4 times"):
        read(values)


def test_a_client_that_is_refused_is_told() -> None:
    async def main() -> None:
        wrong = MeterAccess(2, credentials=AssociationCredentials(WHO.credentials.mechanism, b"x"))
        async with tcp(SampleMeter().physical_device) as where:
            meter = Reopening(partial(open_meter, where, wrong))
            with pytest.raises(AssociationError, match="authentication failure"):
                await meter.client()
            await meter.close()

    asyncio.run(main())
