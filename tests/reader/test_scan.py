"""The reader on the sample meter, knowing nothing of it beforehand."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes.access import (
    AccessRightsList,
    AttributeAccessItem,
    ObjectListElement,
    ObjectListElementType,
)
from addad.cosem.server import ServerEndpoint
from addad.dlms.data import Data, Tag, encode
from addad.dlms.types import LongUnsigned, OctetString
from addad.errors import AccessError, DecodeError
from addad.net.client import Client
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from addad.reader.scan import (
    Reading,
    attribute_of,
    find_object,
    object_list,
    quantity,
    read_attributes,
    read_object_list,
    read_objects,
    read_quantity,
    readable,
    rights_version,
)
from addad.units import ScalerUnit
from cosem.sample_device import BROKEN, IMPORT_WH, READER, SampleMeter
from net.memory_link import memory_pair


def on_meter(
    body: Callable[[Client], Awaitable[None]], client_sap: int = 2, password: bytes | None = READER
) -> None:
    async def main() -> None:
        link = FrameLink()
        memory_pair(link, ServerLink(ServerEndpoint(SampleMeter().physical_device)))
        async with Client(link, client_sap=client_sap, password=password) as client:
            await body(client)
        await asyncio.sleep(0.1)

    virtual_time.run(main())


def element(class_id: int, version: int, *modes: int) -> ObjectListElement:
    items = tuple(AttributeAccessItem(n, mode) for n, mode in enumerate(modes, 1))
    return ObjectListElement(class_id, version, obis.CLOCK, AccessRightsList(items, ()))


def test_the_object_list_comes_in_order() -> None:
    async def body(client: Client) -> None:
        elements = await object_list(client)
        names = [e.logical_name for e in elements]
        assert names == sorted(names)
        assert obis.LOAD_PROFILE in names
        assert obis.CURRENT_ASSOCIATION in names

    on_meter(body)


def test_everything_readable_is_read_and_refusals_are_in_words() -> None:
    async def body(client: Client) -> None:
        elements = await object_list(client)
        readings = {(r.logical_name, r.name): r for r in await read_objects(client, elements)}
        assert readings[obis.DISCONNECT_CONTROL, "output_state"].value is True
        assert readings[obis.LOAD_PROFILE, "entries_in_use"].value == 384
        assert (obis.LOAD_PROFILE, "buffer") not in readings
        broken = readings[BROKEN, "value"]
        assert broken.refused == 250
        assert broken.refusal == "other reason"
        assert all(r.refused is None for key, r in readings.items() if key[0] != BROKEN)
        energy = readings[obis.ACTIVE_ENERGY_IMPORT, "value"].quantity
        assert energy is not None
        assert (energy.value, energy.unit) == (IMPORT_WH, "Wh")
        voltage = readings[obis.VOLTAGE_PHASES[0], "value"].quantity
        assert voltage is not None
        assert voltage.value == 230.4
        assert readings[obis.DEVICE_ID_1, "value"].quantity is None

    on_meter(body)


def test_the_public_client_gets_what_it_may_see() -> None:
    async def body(client: Client) -> None:
        readings = await read_objects(client, await object_list(client))
        assert {r.logical_name for r in readings} == {
            obis.LOGICAL_DEVICE_NAME,
            obis.CLOCK,
            obis.CURRENT_ASSOCIATION,
            obis.SAP_ASSIGNMENT,
        }

    on_meter(body, 16, None)


def test_a_register_as_a_quantity() -> None:
    async def body(client: Client) -> None:
        voltage = await read_quantity(client, obis.VOLTAGE_PHASES[0])
        assert (voltage.value, voltage.unit, voltage.raw) == (230.4, "V", 2304)
        with pytest.raises(AccessError):
            await read_quantity(client, obis.FREQUENCY)

    on_meter(body)


def test_buffers_only_when_asked_for() -> None:
    async def body(client: Client) -> None:
        profile = [e for e in await object_list(client) if e.logical_name == obis.LOAD_PROFILE]
        readings = await read_objects(client, profile, buffers=True)
        buffer = next(r for r in readings if r.name == "buffer")
        assert isinstance(buffer.value, tuple)
        assert len(buffer.value) == 384

    on_meter(body)


def test_access_modes_of_all_versions() -> None:
    enumerated, masks = element(3, 0, 1, 0, 2, 3, 4), element(3, 0, 0x11, 0x12, 0x83)
    assert readable(enumerated) == [1, 4, 5]
    assert readable(masks, 3) == [1, 3]
    assert rights_version([enumerated]) == 1
    assert rights_version([masks, enumerated]) == 3
    for version in (0, 2, 3):
        own = element(15, version, 1)._replace(logical_name=obis.CURRENT_ASSOCIATION)
        assert rights_version([own, enumerated]) == version


def test_a_list_with_broken_elements_is_read_as_far_as_it_goes() -> None:
    good = ObjectListElementType.to_data(element(3, 0, 1))
    broken = Data(Tag.STRUCTURE, (Data(Tag.UNSIGNED, 3),))
    octets = encode(Data(Tag.ARRAY, (broken, good)))
    assert read_object_list(octets) == (element(3, 0, 1),)
    for nothing in (Data(Tag.ARRAY, (broken,)), Data(Tag.UNSIGNED, 1)):
        with pytest.raises(DecodeError):
            read_object_list(encode(nothing))
    assert read_object_list(encode(Data(Tag.ARRAY, ()))) == ()


def test_an_object_that_no_list_names_is_found_by_its_class() -> None:
    async def body(client: Client) -> None:
        found = await find_object(client, obis.LOAD_PROFILE)
        assert found is not None
        assert (found.class_id, readable(found)) == (7, [1, 2, 3, 4, 5, 6, 7, 8])
        assert await find_object(client, obis.FREQUENCY) is None

    on_meter(body)


def test_an_unknown_class_or_attribute_or_type_is_shown_as_it_came() -> None:
    class Answers:
        async def get_many_octets(self, wanted: list[object]) -> list[bytes | AccessError]:
            values = [
                LongUnsigned.encode(5),
                OctetString().encode(b"abc"),
                b"\xee",
                AccessError(77),
            ]
            return list(values[: len(wanted)])

    unknown, clock = element(9999, 0, 1), element(8, 0, 1, 1)
    assert attribute_of(unknown, 1) is None

    async def body() -> list[Reading]:
        wanted = [(unknown, 1), (clock, 4), (clock, 2), (clock, 3)]
        return await read_attributes(Answers(), wanted)  # type: ignore[arg-type]

    readings = virtual_time.run(body())
    assert readings[0].name == "attribute 1"
    assert readings[0].value == Data(Tag.LONG_UNSIGNED, 5)
    assert (readings[1].name, readings[1].value) == ("status", Data(Tag.OCTET_STRING, b"abc"))
    assert readings[2].value == b"\xee"
    assert readings[3].refusal == "result 77"


def test_only_numbers_have_units() -> None:
    volt = ScalerUnit(-1, 35)
    assert quantity(Data(Tag.OCTET_STRING, b"x"), volt) is None
    assert quantity(True, volt) is None
    half = quantity(Data(Tag.FLOAT32, 2.5), volt)
    assert half is not None
    assert half.value == pytest.approx(0.25)

    class Text:
        async def get_many_octets(self, wanted: list[object]) -> list[bytes]:
            return [OctetString().encode(b"x"), bytes.fromhex("02020fff1623")]

    with pytest.raises(DecodeError, match="no number"):
        virtual_time.run(read_quantity(Text(), obis.CLOCK))  # type: ignore[arg-type]
