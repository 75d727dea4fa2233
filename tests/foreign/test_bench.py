"""The meter with an object of every class, walked over the cable by our client and by gurux-dlms.

Every attribute is read by its own class; every one that may be written takes another value, and
refuses what is of another type or out of limits; every method refuses what is no parameter of it.
"""

import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from addad import obis
from addad.cosem.classes import CLASSES, AssociationLN, CompactDataV1
from addad.cosem.classes.access import ObjectListElement
from addad.cosem.classes.access_modes import may_invoke, may_read, may_write
from addad.cosem.classes.control import ControlMode, DisconnectControl, Limiter
from addad.cosem.classes.definitions import RestrictedObject
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.data import Data, Tag, decode
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.types import AnyData
from addad.errors import AccessError
from addad.net.client import Client
from foreign.bench_meter import COMPACT, ISSUE, NONE, PASSWORD, bench_meter, other_value
from foreign.foreign_clients import GuruxClient, connect
from foreign.gurux_objects import GuruxObject
from meter.secured_desk import SecuredDesk
from net.served_meter import HOST, served

WRONG = Data(Tag.TIME, b"\x06\x00\x00\x00")
"""A type that no attribute and no parameter of the bench has."""
NOT_IN_GURUX = {67}
"""Classes whose number gurux-dlms does not know."""
NOT_TAKEN_BY_GURUX: set[tuple[int, int, int]] = {(28, 2, 7)}
"""Class, version and attribute whose octets it reads, and then has no place for."""
KEYS_AND_SECRETS = {15, 64}
"""Classes whose methods other tests call."""


@pytest.fixture(scope="module")
def bench() -> Iterator[tuple[SecuredDesk, int]]:
    desk = bench_meter()
    with served(desk.device) as port:
        yield desk, port


def walk(port: int, step: Any) -> list[Any]:
    """What `step(client, element)` gives for every object of the list."""

    async def run() -> list[Any]:
        async with Client.connect(HOST, port, client_sap=1, password=PASSWORD) as client:
            listed = await client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
            return [await step(client, element) for element in listed]

    return asyncio.run(run())


def attributes(element: ObjectListElement, allowed: Any) -> Iterator[Any]:
    known = CLASSES[element.class_id, element.version]
    for item in element.access_rights.attributes:
        if allowed(item.access_mode, 1):
            yield known.attributes[item.attribute_id]


async def _result(coroutine: Any) -> int:
    try:
        await coroutine
    except AccessError as refused:
        return refused.result
    return 0


def test_an_object_of_every_class_of_the_issue(bench: tuple[SecuredDesk, int]) -> None:
    async def step(_: Client, element: ObjectListElement) -> int:
        return element.class_id

    assert set(walk(bench[1], step)) | {64} >= ISSUE
    assert {item.interface_class.class_id for item in bench[0].device.at(1)} >= ISSUE


def test_our_client_reads_every_attribute_by_its_own_class(bench: tuple[SecuredDesk, int]) -> None:
    async def step(client: Client, element: ObjectListElement) -> int:
        count = 0
        for attribute in attributes(element, may_read):
            octets = await client.get_octets(attribute.of(element.logical_name))
            attribute.type.decode(octets)
            count += 1
        return count

    assert sum(walk(bench[1], step)) > 500
    assert bench[0].faults == []


def test_gurux_reads_every_attribute(bench: tuple[SecuredDesk, int]) -> None:
    """Over its own client; and its own object of the class, where it has one, takes the octets."""
    desk, port = bench
    device = desk.device.at(1)
    assert device is not None
    read, not_taken = 0, set()
    with connect(GuruxClient, HOST, port, 1, PASSWORD) as gurux:
        listed = gurux.object_list()
        for item in device:
            class_id = item.interface_class.class_id
            if class_id in NOT_IN_GURUX:
                continue
            if (class_id, item.logical_name.dotted) not in listed:
                assert class_id in KEYS_AND_SECRETS
                continue
            theirs = GuruxObject(class_id, item.interface_class.version)
            theirs.object.logicalName = item.logical_name.dotted
            for index in sorted(item.reads, key=lambda one: (one == 2, one)):  # columns first
                reply = gurux._request(gurux._client.read(theirs.object, index))
                assert reply.error == 0
                with warnings.catch_warnings(action="ignore"):
                    if theirs.is_modelled and class_id not in KEYS_AND_SECRETS:
                        try:
                            gurux._client.updateValue(theirs.object, index, reply.value)
                        except (IndexError, TypeError, ValueError):
                            not_taken.add((class_id, item.interface_class.version, index))
                read += 1
    assert read > 500
    assert not_taken == NOT_TAKEN_BY_GURUX


def test_what_may_be_written_takes_another_value_and_keeps_it() -> None:
    desk = bench_meter()
    unknown = []

    async def step(client: Client, element: ObjectListElement) -> int:
        count, name = 0, element.logical_name
        for attribute in attributes(element, may_write):
            readable = attribute in attributes(element, may_read)
            before = await client.get_octets(attribute.of(name)) if readable else b""
            other = other_value(attribute, before)
            if other is None:
                unknown.append((attribute.owner.class_id, attribute.name, str(name)))
                continue
            await client.set(name, attribute, other)
            after = await client.get_octets(attribute.of(name))
            assert after == attribute.type.encode(other) != before, (name, attribute)
            count += 1
        return count

    with served(desk.device) as port:
        assert sum(walk(port, step)) >= 55
    left = {name for class_id, name, _ in unknown if class_id not in (1, 8, 15, 64)}
    assert left == {"protection_buffer"}  # it takes protected values only
    assert desk.faults == []


def test_a_value_of_another_type_is_unmatched_and_changes_nothing(
    bench: tuple[SecuredDesk, int],
) -> None:
    async def step(client: Client, element: ObjectListElement) -> list[str]:
        bad, name = [], element.logical_name
        for attribute in attributes(element, may_write):
            if element.class_id in KEYS_AND_SECRETS:
                continue
            before = await client.get_octets(attribute.of(name))
            result = await _result(client.set(name, attribute.typed(AnyData), WRONG))
            after = await client.get_octets(attribute.of(name))
            if result != DataAccessResult.TYPE_UNMATCHED or after[:1] != before[:1]:
                bad.append(f"{name} {attribute} {result}")
        return bad

    assert [one for bad in walk(bench[1], step) for one in bad] == []


def test_a_parameter_of_another_type_is_unmatched_and_nothing_is_done(
    bench: tuple[SecuredDesk, int],
) -> None:
    async def step(client: Client, element: ObjectListElement) -> list[str]:
        bad = []
        known = CLASSES[element.class_id, element.version]
        for item in element.access_rights.methods:
            if not may_invoke(item.access_mode, 1) or element.class_id in KEYS_AND_SECRETS:
                continue
            method = known.methods[item.method_id]
            raw = type(method)(method.index, AnyData)  # type: ignore[call-overload]
            raw.__set_name__(known, method.name)
            result = await _result(client.action(element.logical_name, raw, WRONG))
            if result != ActionResult.TYPE_UNMATCHED:
                bad.append(f"{element.logical_name} {method} {result}")
        return bad

    assert [one for bad in walk(bench[1], step) for one in bad] == []


def test_out_of_limits_is_refused(bench: tuple[SecuredDesk, int]) -> None:
    async def run() -> list[int]:
        async with Client.connect(HOST, bench[1], client_sap=1, password=PASSWORD) as client:
            normal = Limiter.threshold_normal
            huge = Data(Tag.DOUBLE_LONG_UNSIGNED, 4_000_000_000)
            mode = DisconnectControl.control_mode.typed(AnyData)
            eight = Data(Tag.ENUM, max(ControlMode) + 1)
            return [
                await _result(client.set(obis.LIMITER, normal, huge)),
                await _result(client.set(obis.DISCONNECT_CONTROL, mode, eight)),
            ]

    unmatched = DataAccessResult.TYPE_UNMATCHED
    assert asyncio.run(run()) == [DataAccessResult.OTHER_REASON, unmatched]


def test_no_buffer_of_a_profile_is_captured_whole(bench: tuple[SecuredDesk, int]) -> None:
    async def run() -> int:
        async with Client.connect(HOST, bench[1], client_sap=1, password=PASSWORD) as client:
            objects = CompactDataV1.capture_objects
            own = RestrictedObject(62, COMPACT, 4, 0, NONE)
            rows = RestrictedObject(7, obis.LOAD_PROFILE, 2, 0, NONE)
            return await _result(client.set(COMPACT, objects, (own, rows)))

    assert asyncio.run(run()) == DataAccessResult.SCOPE_OF_ACCESS_VIOLATED


def test_compact_data_and_a_status_are_those_of_the_meter(bench: tuple[SecuredDesk, int]) -> None:
    desk, port = bench

    async def run() -> list[Data]:
        async with Client.connect(HOST, port, client_sap=1, password=PASSWORD) as client:
            wanted = ((62, "0-0:66.0.1", 2), (62, "0-0:66.0.1", 5), (63, "0-0:24.0.1", 2))
            return [
                decode(
                    await client.get_octets(
                        AttributeDescriptor(class_id, obis.Obis.parse(name), index)
                    )
                )
                for class_id, name, index in wanted
            ]

    buffer, description, status = asyncio.run(run())
    assert isinstance(description.value, bytes)
    assert description.value.hex() == "0204" + "11" + "09" + "15" + "15"
    assert isinstance(buffer.value, bytes)
    imported = desk.meter.registers.shown(0)
    assert buffer.value[0] == 1
    assert int.from_bytes(buffer.value[-16:-8], "big") == imported > 0
    assert status == Data(Tag.DOUBLE_LONG_UNSIGNED, int(desk.meter.errors))
