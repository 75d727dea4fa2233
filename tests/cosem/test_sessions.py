"""The sessions of one connection: who is who, and which answers say that something was done."""

from dataclasses import replace

import pytest

from addad import obis
from addad.cosem.classes import AssociationLNV2, DisconnectControl, Register
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.cosem.sessions import Sessions
from addad.dlms import apdu as apdus
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.access import AccessAction, AccessGet, AccessSet
from addad.dlms.apdu.action import ActionRequest, ActionRequestWithList
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetRequest
from addad.dlms.apdu.set import (
    SetRequest,
    SetRequestBlock,
    SetRequestFirstBlock,
    SetRequestWithList,
)
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.parameters import ServerParameters
from addad.errors import AssociationError
from addad.obis import Obis
from cosem.sample_device import MANAGEMENT, READER, THRESHOLD_NAME, SampleMeter

NUMBER = bytes.fromhex("120064")
TEXT = bytes.fromhex("090141")
ZERO = bytes.fromhex("0f00")
THRESHOLD_VALUE = Register.value.of(THRESHOLD_NAME)
UNKNOWN = Register.value.of(Obis.parse("1-0:99.99.99"))
OPEN = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)


def sessions(told: list[str]) -> Sessions:
    device = LogicalDevice(
        b"ADD0000000000001",
        SampleMeter().objects(),
        usual_associations(reader_password=READER, management_password=MANAGEMENT),
    )
    return Sessions(PhysicalDevice([device]), on_effect=lambda: told.append("done"))


def associate(connection: Sessions, client_sap: int, password: bytes) -> None:
    asked = AssociationParameters(client_sap, 1, Mechanism.LOW, password)
    client = ClientConnection(asked)
    (request,) = client.associate()
    (aare,) = connection.answer(client_sap, 1, request)
    client.receive(aare)


@pytest.mark.parametrize(
    ("requests", "effects"),
    [
        ([SetRequest(0xC1, THRESHOLD_VALUE, NUMBER)], 1),
        ([SetRequest(0xC1, THRESHOLD_VALUE, TEXT)], 0),
        ([SetRequest(0xC1, UNKNOWN, NUMBER)], 0),
        ([SetRequestWithList(0xC1, (UNKNOWN, THRESHOLD_VALUE), (NUMBER, NUMBER))], 1),
        ([SetRequestWithList(0xC1, (UNKNOWN, THRESHOLD_VALUE), (NUMBER, TEXT))], 0),
        ([SetRequestFirstBlock(0xC1, THRESHOLD_VALUE, False, 1, NUMBER[:2])], 0),
        (
            [
                SetRequestFirstBlock(0xC1, THRESHOLD_VALUE, False, 1, NUMBER[:2]),
                SetRequestBlock(0xC1, True, 2, NUMBER[2:]),
            ],
            1,
        ),
        ([ActionRequest(0xC1, OPEN, ZERO)], 1),
        ([ActionRequest(0xC1, OPEN, TEXT)], 0),
        ([ActionRequestWithList(0xC1, (OPEN, OPEN), (ZERO, TEXT))], 1),
        ([GetRequest(0xC1, THRESHOLD_VALUE)], 0),
    ],
)
def test_what_took_effect_is_told_before_the_answer(
    requests: list[apdus.Apdu], effects: int
) -> None:
    told: list[str] = []
    connection = sessions(told)
    associate(connection, 1, MANAGEMENT)
    for request in requests:
        assert len(connection.answer(1, 1, request.encode())) == 1
    assert told == ["done"] * effects


def test_who_may_not_costs_the_disk_nothing() -> None:
    told: list[str] = []
    connection = sessions(told)
    associate(connection, 2, READER)
    connection.answer(2, 1, ActionRequest(0xC1, OPEN, ZERO).encode())
    connection.answer(2, 1, SetRequest(0xC1, THRESHOLD_VALUE, NUMBER).encode())
    assert told == []


def test_proven_while_an_association_with_a_secret_is_open() -> None:
    connection = sessions([])
    assert not connection.proven
    associate(connection, 2, READER)
    assert connection.proven
    connection.close()
    assert not connection.proven


def test_a_connection_that_has_ended_remembers_no_association() -> None:
    connection = sessions([])
    request = GetRequest(0xC1, THRESHOLD_VALUE).encode()
    associate(connection, 2, READER)
    granted = [connection.answer(2, 1, request) for _ in range(2)]
    connection.close()
    assert connection.answer(2, 1, request) != granted[1]


def test_clients_of_one_connection_that_take_turns_keep_what_each_may() -> None:
    connection = sessions([])
    associate(connection, 2, READER)
    associate(connection, 1, MANAGEMENT)
    change = SetRequest(0xC1, THRESHOLD_VALUE, NUMBER).encode()
    for _ in range(2):
        (refused,) = connection.answer(2, 1, change)
        (done,) = connection.answer(1, 1, change)
        assert (refused[3], done[3]) == (3, 0)


def test_associations_alike_share_what_they_were_offered() -> None:
    reader, management = usual_associations(reader_password=READER, management_password=MANAGEMENT)[
        1:
    ]
    device = LogicalDevice(b"ADD0000000000001", SampleMeter().objects(), (reader, management))
    first = ServerParameters(secret=READER)
    assert device.offer(reader, first) is first
    assert device.offer(reader, replace(first)) is first
    assert device.offer(management, replace(first)) is not first
    changed = replace(first, secret=b"another one")
    assert device.offer(reader, changed) is changed
    assert device.offer(reader, replace(changed)) is changed


def test_no_logical_device_no_association() -> None:
    (answer,) = sessions([]).answer(16, 9, b"\x62\x00")
    assert isinstance(apdus.decode(answer), ExceptionResponse)


def with_users(user_id: int | None) -> Sessions:
    """A client whose users are known comes as one of them; raises if he is not let in."""
    spec = usual_associations(reader_password=READER, management_password=MANAGEMENT)[1]
    users = {7: "amina", 8: "driss"}
    named = replace(spec, version=AssociationLNV2, users=users)
    connection = Sessions(PhysicalDevice([LogicalDevice(b"X", [], [named])]))
    asked = AssociationParameters(2, 1, Mechanism.LOW, READER, user_id=user_id)
    client = ClientConnection(asked)
    (aare,) = connection.answer(2, 1, *client.associate())
    client.receive(aare)
    current = AssociationLNV2.current_user
    (answer,) = connection.answer(2, 1, *client.get([current.of(obis.CURRENT_ASSOCIATION)]))
    found = client.receive(answer)
    assert current.type.decode(found.results[0]) == (user_id, users[user_id])
    return connection


def test_a_client_with_users_comes_as_one_of_them() -> None:
    assert with_users(7).proven
    for stranger in (9, None):
        with pytest.raises(AssociationError):
            with_users(stranger)


def test_an_access_reads_writes_and_acts_and_tells_once_what_took_effect() -> None:
    told: list[str] = []
    connection = sessions(told)
    asked = AssociationParameters(1, 1, Mechanism.LOW, MANAGEMENT)
    client = ClientConnection(asked)
    (aare,) = connection.answer(1, 1, *client.associate())
    client.receive(aare)
    items = [
        (AccessGet(THRESHOLD_VALUE), None),
        (AccessSet(THRESHOLD_VALUE), NUMBER),
        (AccessAction(OPEN), ZERO),
        (AccessGet(UNKNOWN), None),
    ]
    (answer,) = connection.answer(1, 1, *client.access(items))
    reply = client.receive(answer)
    assert [outcome.result for outcome in reply.outcomes] == [0, 0, 0, 4]
    assert reply.outcomes[0].value is not None
    assert told == ["done"]


def test_an_access_that_only_reads_takes_no_effect() -> None:
    told: list[str] = []
    connection = sessions(told)
    client = ClientConnection(AssociationParameters(1, 1, Mechanism.LOW, MANAGEMENT))
    (aare,) = connection.answer(1, 1, *client.associate())
    client.receive(aare)
    (answer,) = connection.answer(1, 1, *client.access([(AccessGet(THRESHOLD_VALUE), None)]))
    assert client.receive(answer).outcomes[0].result == 0
    assert told == []
