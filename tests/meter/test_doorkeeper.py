"""SE-10, SE-14 and the incidents of connections: who is told of, and who is kept out."""

import pytest

from addad import obis
from addad.cosem.classes import Data as DataClass
from addad.cosem.gateway import FORGEABLE
from addad.dlms.apdu.get import GetRequest
from addad.dlms.connection import State
from addad.dlms.indications import Incident, IncidentKind
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.errors import AddadError, SecurityFault
from addad.meter.door import FAILURES, PAUSE_S
from addad.meter.doorkeeper import MeterDoorkeeper
from meter.secured_desk import HERE, SecuredDesk

THERE = "192.0.2.2:50000"
READ = GetRequest(0xC1, DataClass.value.of(obis.LOGICAL_DEVICE_NAME)).encode()


def guess(desk: SecuredDesk, times: int, client_sap: int = 5, peer: str = HERE) -> None:
    """A client that does not know the secret."""
    for _ in range(times):
        with pytest.raises(AddadError):
            desk.client(client_sap, peer=peer, password=b"a guess").open()


def comes_in(desk: SecuredDesk, client_sap: int = 5, peer: str = HERE) -> bool:
    try:
        client = desk.client(client_sap, peer=peer).open()
    except AddadError:
        return False
    return client.connection.state is State.ASSOCIATED


def test_se_14_three_wrong_secrets_are_event_46_alarm_13_and_a_lock() -> None:
    desk = SecuredDesk()
    guess(desk, FAILURES - 1)
    assert comes_in(desk)
    guess(desk, FAILURES)
    assert desk.fraud()[0] == 46
    assert desk.meter.notices.alarms.registers[0] >> 13 & 1
    assert not comes_in(desk)
    desk.step(PAUSE_S - 1)
    assert not comes_in(desk)
    desk.step(1)
    assert comes_in(desk)


def test_se_14_the_real_client_comes_in_from_elsewhere_and_so_do_other_clients() -> None:
    desk = SecuredDesk()
    guess(desk, 5 * FAILURES)
    assert not comes_in(desk)
    assert comes_in(desk, peer=THERE)
    assert comes_in(desk, client_sap=3)


def test_se_14_who_is_in_stays_in_while_others_are_locked_out() -> None:
    desk = SecuredDesk()
    client = desk.client(5).open()
    guess(desk, FAILURES)
    assert client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value).value


def test_se_14_a_password_locks_nobody() -> None:
    desk = SecuredDesk()
    guess(desk, 10 * FAILURES, client_sap=1)
    assert 46 in desk.fraud()
    assert desk.client(1, password=b"management").open().connection.state is State.ASSOCIATED


def test_altered_messages_are_event_49_and_the_association_stands() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    security = client.connection.security
    assert security is not None
    for _ in range(FAILURES):
        apdu = security.protect(READ, AUTHENTICATED_ENCRYPTION, client.parameters.form)
        client.raw(apdu[:-1] + bytes((apdu[-1] ^ 1,)))
    assert desk.fraud()[0] == 49
    assert client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value).value


def test_a_replay_is_event_50_and_locks_nobody() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    for _ in range(5):
        client.raw(client.sent[-1])
    assert desk.fraud() == [50]
    assert comes_in(desk, client_sap=3)


def test_a_replayed_aarq_opens_nothing() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    aarq = client.sent[0]
    thief = desk.client(3, peer=THERE)
    thief.raw(aarq)
    assert desk.fraud() == [50]
    assert desk.logical_open(3) == 1


def test_se_10_every_challenge_is_another_one_and_long_enough() -> None:
    desk = SecuredDesk()
    seen = set()
    for _ in range(20):
        client = desk.client(5)
        (aare,) = client.raw(*client.connection.associate())
        seen.add(aare)
    assert len(seen) == 20
    keeper = MeterDoorkeeper(desk.meter.security, desk.meter.notices)
    assert 32 <= len(keeper.challenge()) <= 64


def test_a_disk_of_the_meter_that_fails_is_no_offence_of_a_client() -> None:
    desk = SecuredDesk()
    keeper = MeterDoorkeeper(desk.meter.security, desk.meter.notices)
    logical = desk.device.at(1)
    assert logical is not None
    spec = logical.associations[3]
    kind = IncidentKind.DECIPHERING_FAILED
    for fault in (SecurityFault.COUNTERS, SecurityFault.COUNTER_EXHAUSTED):
        for _ in range(2 * FAILURES):
            keeper.failed(spec, HERE, Incident(kind, "disk", fault=fault))
    assert desk.fraud() == []
    assert keeper.admits(spec, HERE)


def test_se_14_nobody_is_locked_out_by_datagrams_in_his_name() -> None:
    """The address of a datagram is a claim: what fails from there is told, and locks nobody."""
    desk = SecuredDesk()
    for peer in (FORGEABLE + HERE, FORGEABLE + THERE):
        guess(desk, 3 * FAILURES, peer=peer)
        desk.client(5, peer=peer).open().get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    assert desk.logical_open(5) == 2
    assert 46 in desk.fraud()


def test_who_proves_a_key_in_each_message_is_no_stranger() -> None:
    """So a long answer goes out over UDP, where strangers get no more than they sent."""
    desk = SecuredDesk()
    client = desk.client(102).open()
    assert not client.sessions.proven
    client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    assert client.sessions.proven
    for forged in (client.sent[0], client.sent[0][:-1] + b"\0", b"\xc0\x01\xc1"):
        client.raw(forged)
        assert not client.sessions.proven
    client.ask(READ, AUTHENTICATED_ENCRYPTION, broadcast=True)
    assert not client.sessions.proven, "a whole group has that key"
    client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    assert client.sessions.proven
