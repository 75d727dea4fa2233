"""A client through Data protection of a real meter: every kind of key, over the whole cable."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import virtual_time
from addad import obis
from addad.cosem.classes import Clock, Data, DisconnectControl, ProfileGeneric, Register
from addad.cosem.classes.data_protection import DataProtection, RequiredProtectionBits
from addad.cosem.classes.definitions import (
    EntryRestriction,
    EntryRestrictionType,
    Restriction,
    RestrictionType,
)
from addad.cosem.protected_data import asked_parameters, protected_object
from addad.cosem.server import ServerEndpoint
from addad.dlms.parameters import AssociationParameters
from addad.dlms.security.data_layers import LayerOrder
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.dlms.types import OctetString
from addad.errors import AccessError, LocalProtocolError
from addad.net.client import Client
from addad.net.new_association import with_ephemeral_keys
from addad.net.protected_data import DATA_PROTECTION, ProtectedAccess
from addad.net.server import ServerLink
from addad.net.tcp import FrameLink
from addad.obis import Obis
from foreign.bench_meter import bench_meter
from meter.secured_desk import CHALLENGE, SecuredDesk
from net.memory_link import memory_pair

BOTH, SIGNED = AUTHENTICATED_ENCRYPTION, Protection.SIGNATURE
POINT = Obis.parse("0-0:96.1.10")
WORDS = Data.value.typed(OctetString())
STATE = DisconnectControl.output_state
ORDERS = {
    "identified": (LayerOrder(BOTH),),
    "authenticated": (LayerOrder(Protection.AUTHENTICATION),),
    "encrypted": (LayerOrder(Protection.ENCRYPTION),),
    "one-pass": (LayerOrder(BOTH, KeyInfoKind.ONE_PASS),),
    "static": (LayerOrder(BOTH, KeyInfoKind.STATIC),),
    "signed": (LayerOrder(SIGNED),),
    "signed, then encrypted": (LayerOrder(SIGNED), LayerOrder(BOTH, KeyInfoKind.ONE_PASS)),
}


@pytest.fixture(scope="module")
def desk() -> SecuredDesk:
    return bench_meter()


@asynccontextmanager
async def opened(desk: SecuredDesk, client_sap: int) -> AsyncIterator[Client]:
    known = desk.credentials.of_client(client_sap)
    link = FrameLink("the meter")
    memory_pair(link, ServerLink(ServerEndpoint(desk.device)))
    security = desk.context(client_sap)
    security.parties = with_ephemeral_keys(security.parties, security.suite)
    parameters = AssociationParameters(
        client_sap,
        mechanism=known.mechanism,
        password=known.password,
        security=security,
        challenge=CHALLENGE,
    )
    async with Client(link, parameters=parameters) as client:
        yield client


@pytest.mark.parametrize("client_sap", [6, 7])
@pytest.mark.parametrize("layers", ORDERS.values(), ids=ORDERS)
def test_read_write_and_do_through_every_kind_of_layer(
    desk: SecuredDesk, layers: tuple[LayerOrder, ...], client_sap: int
) -> None:
    async def main() -> None:
        async with opened(desk, client_sap) as client:
            access = ProtectedAccess(client, layers=layers)
            await access.set(POINT, WORDS, b"here %d" % client_sap)
            assert await access.get(POINT, WORDS) == b"here %d" % client_sap
            assert await client.get(POINT, WORDS) == b"here %d" % client_sap
            for method in (DisconnectControl.remote_disconnect, DisconnectControl.remote_reconnect):
                desk.step(61.0)
                assert await access.action(obis.DISCONNECT_CONTROL, method, 0) is None
                desk.step(1.0)
            with pytest.raises(AccessError):
                await access.set(
                    obis.ACTIVE_ENERGY_IMPORT, Register.value.typed(OctetString()), b""
                )

    virtual_time.run(main())


def test_a_wrapped_key_needs_a_master_key_and_suite_0_has_one(desk: SecuredDesk) -> None:
    async def main() -> None:
        async with opened(desk, 3) as client:
            access = ProtectedAccess(client, layers=[LayerOrder(BOTH, KeyInfoKind.WRAPPED)])
            for _ in range(2):
                assert (await access.get(obis.CLOCK, Clock.time)).year == 2026

    virtual_time.run(main())


def test_several_values_and_entries_of_a_profile_come_together(desk: SecuredDesk) -> None:
    async def main() -> None:
        async with opened(desk, 6) as client:
            access = ProtectedAccess(client)
            ends = EntryRestrictionType.to_data(EntryRestriction(1, 2))
            entries = Restriction(RestrictionType.ENTRY, ends)
            rows, clock = await access.get_data(
                [
                    protected_object(ProfileGeneric.buffer.of(obis.LOAD_PROFILE), entries),
                    protected_object(Clock.time.of(obis.CLOCK)),
                ]
            )
            assert len(rows.value) == 2  # type: ignore[arg-type]
            assert len(clock.value) == 12  # type: ignore[arg-type]

    virtual_time.run(main())


def test_the_objects_own_list_is_read_and_written_by_its_own_parameters(desk: SecuredDesk) -> None:
    async def main() -> None:
        bits = RequiredProtectionBits
        async with opened(desk, 6) as client:
            listed = (protected_object(WORDS.of(POINT)),)
            asked = asked_parameters(ORDERS["signed, then encrypted"])
            await client.set(DATA_PROTECTION, DataProtection.protection_object_list, listed)
            await client.set(DATA_PROTECTION, DataProtection.protection_parameters_get, asked)
            required = bits.SIGNED_REQUEST | bits.SIGNED_RESPONSE
            await client.set(DATA_PROTECTION, DataProtection.required_protection, required)
            for text in (b"one", b"two"):
                await client.set(POINT, WORDS, text)
                (value,) = await ProtectedAccess(client).read_buffer()
                assert value.value == text
            with pytest.raises(AccessError):
                await ProtectedAccess(client).get(POINT, WORDS)
            for name, layers in ORDERS.items():
                access = ProtectedAccess(client, layers=layers)
                if "signed" in name:
                    await access.set(POINT, WORDS, b"signed")
                else:
                    with pytest.raises(AccessError):
                        await access.set(POINT, WORDS, b"less")
            assert await client.get(POINT, WORDS) == b"signed"
            none = bits(0)
            await client.set(DATA_PROTECTION, DataProtection.required_protection, none)
            await client.set(DATA_PROTECTION, DataProtection.protection_object_list, ())

    virtual_time.run(main())


def test_a_reader_changes_nothing_and_without_keys_nothing_is_asked(desk: SecuredDesk) -> None:
    async def main() -> None:
        async with opened(desk, 4) as reader:
            access = ProtectedAccess(reader)
            with pytest.raises(AccessError):
                await access.set(POINT, WORDS, b"x")
        link = FrameLink("the meter")
        memory_pair(link, ServerLink(ServerEndpoint(desk.device)))
        async with Client(link, client_sap=1, password=b"management") as manager:
            with pytest.raises(LocalProtocolError):
                await ProtectedAccess(manager).get(POINT, WORDS)

    virtual_time.run(main())
