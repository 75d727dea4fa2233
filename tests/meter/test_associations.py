"""The table of associations, and clients with their credentials: SE-03, 05, 08, 12, 13, 16, AL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from addad import obis
from addad.cosem.classes import (
    AssociationLN,
    AssociationLNV2,
    Clock,
    DisconnectControl,
    Register,
    SecuritySetup,
)
from addad.cosem.classes import Data as DataClass
from addad.cosem.classes.access import AssociationStatus
from addad.cosem.classes.access_modes import (
    AttributeAccess,
    AttributeAccessBits,
    MethodAccess,
    MethodAccessBits,
)
from addad.cosem.classes.security import KeyTransfer, SecurityPolicy, TransferredKey
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.action import ActionRequest, ActionResponse
from addad.dlms.apdu.descriptors import AttributeDescriptor
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetRequest, GetResponse
from addad.dlms.apdu.set import SetRequest, SetResponse
from addad.dlms.clock_time import DateTime
from addad.dlms.connection import State
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.security.keys import wrap_key
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.errors import AssociationError, InputError, RemoteProtocolError, SecurityError
from addad.meter.associations import TABLES, association_specs
from addad.meter.relay import Trigger
from addad.obis import Obis
from meter.secured_desk import START, SecuredDesk

SECURED = (3, 4, 5, 6, 7, 102)
MANAGERS = (3, 5, 6, 7)
SETUP_0 = Obis.parse("0-0:43.0.0")
DENIED = DataAccessResult.READ_WRITE_DENIED


@pytest.fixture(scope="module")
def shared() -> SecuredDesk:
    """A meter for tests that leave nothing behind."""
    return SecuredDesk()


@pytest.mark.parametrize("client_sap", SECURED)
def test_each_secured_client_comes_in_and_reads(shared: SecuredDesk, client_sap: int) -> None:
    client = shared.client(client_sap).open()
    assert client.connection.state is State.ASSOCIATED
    name = client.get(obis.LOGICAL_DEVICE_NAME, DataClass.value)
    assert name.value == b"ADD00000000A1234"
    assert isinstance(client.get(obis.ACTIVE_ENERGY_IMPORT, Register.value).value, int)
    assert all(octets[0] in (0x60, 0xC8, 0xCB, 0xDB) for octets in client.sent)
    assert shared.faults == []


@pytest.mark.parametrize("client_sap", MANAGERS)
def test_management_acts_and_readers_do_not(client_sap: int) -> None:
    desk = SecuredDesk()
    method = DisconnectControl.remote_disconnect
    for reader in (4, 102):
        result, _ = desk.client(reader).open().act(obis.DISCONNECT_CONTROL, method, 0)
        assert result is ActionResult.READ_WRITE_DENIED
    result, _ = desk.client(client_sap).open().act(obis.DISCONNECT_CONTROL, method, 0)
    assert result is ActionResult.SUCCESS
    assert desk.effects == 1
    assert not desk.meter.supply.relay.closed


def test_high_has_no_client_with_a_password_and_passwords_no_keys() -> None:
    mechanisms = {name: {row.mechanism for row in rows} for name, rows in TABLES.items()}
    assert Mechanism.LOW not in mechanisms["high"]
    assert mechanisms["passwords"] == {Mechanism.NONE, Mechanism.LOW}
    desk = SecuredDesk("high")
    for client_sap in (1, 2):
        with pytest.raises(AssociationError):
            desk.client(client_sap, mechanism=Mechanism.LOW, password=b"reader").open()
    assert desk.client(3).open().connection.state is State.ASSOCIATED


@pytest.mark.parametrize("rows", TABLES.values(), ids=TABLES.keys())
def test_al_01_no_association_has_an_old_mechanism_and_none_shares_a_setup(rows) -> None:
    old = {Mechanism.HIGH, Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1}
    assert not old & {row.mechanism for row in rows}
    setups = [row.setup.number for row in rows if row.setup is not None]
    assert len(set(setups)) == len(setups)
    assert len({row.name for row in rows}) == len(rows)


@pytest.mark.parametrize("mechanism", [Mechanism.HIGH_MD5, Mechanism.HIGH_SHA1, Mechanism.HIGH])
def test_al_01_old_mechanisms_are_refused_whoever_asks(
    shared: SecuredDesk, mechanism: Mechanism
) -> None:
    client = shared.client(5, mechanism=mechanism, allow_weak=True)
    with pytest.raises(RemoteProtocolError):
        client.open()


def test_a_setup_without_keys_is_told_when_the_meter_starts(shared: SecuredDesk) -> None:
    shared.meter.security.setups, kept = {}, shared.meter.security.setups
    with pytest.raises(InputError, match=r"security setup 0.*--new-keys"):
        association_specs(TABLES["all"], shared.meter.security)
    shared.meter.security.setups = kept


# --- rights


def listed(client) -> dict:
    elements = client.get(obis.CURRENT_ASSOCIATION, AssociationLN.object_list)
    return {element.logical_name: element for element in elements}


def test_se_16_the_public_client_sees_who_and_when_and_counters_and_nothing_measured() -> None:
    desk = SecuredDesk()
    public = desk.client(16).open()
    names = set(listed(public))
    counters = {Obis.parse(f"0-{b}:43.1.{e}") for b in (0, 1) for e in range(7)}
    assert names == counters | {
        obis.LOGICAL_DEVICE_NAME,
        obis.SAP_ASSIGNMENT,
        obis.CURRENT_ASSOCIATION,
        obis.CLOCK,
        obis.FIRMWARE_ID,
    }
    assert public.get(obis.ACTIVE_ENERGY_IMPORT, Register.value) is (
        DataAccessResult.OBJECT_UNDEFINED
    )
    assert public.set(obis.CLOCK, Clock.time, MOMENT) is DENIED


def test_al_02_a_secret_is_written_and_never_read() -> None:
    desk = SecuredDesk()
    client = desk.client(5).open()
    own = listed(client)[obis.CURRENT_ASSOCIATION]
    modes = {item.attribute_id: item.access_mode for item in own.access_rights.attributes}
    assert modes[7] == AttributeAccess.AUTHENTICATED_WRITE
    assert client.get(obis.CURRENT_ASSOCIATION, AssociationLN.secret) is DENIED
    changed = b"a new secret for the client"
    assert client.set(obis.CURRENT_ASSOCIATION, AssociationLN.secret, changed) == 0
    with pytest.raises((SecurityError, RemoteProtocolError)):
        desk.client(5).open()
    assert desk.client(5, password=changed).open().connection.state is State.ASSOCIATED
    method = AssociationLN.change_hls_secret
    again = desk.client(5, password=changed).open()
    assert again.act(obis.CURRENT_ASSOCIATION, method, b"yet another one")[0] == 0
    desk.start()
    last = desk.client(5, password=b"yet another one").open()
    assert last.act(obis.CURRENT_ASSOCIATION, method, b"")[0] is ActionResult.OTHER_REASON


def test_a_password_is_changed_by_who_encrypts_and_by_nobody_else() -> None:
    desk = SecuredDesk()
    plain = desk.client(1, password=b"management").open()
    assert plain.set(obis.CURRENT_ASSOCIATION, AssociationLN.secret, b"mine") is DENIED
    manager = desk.client(3).open()
    assert manager.set(obis.READER_ASSOCIATION, AssociationLN.secret, b"read on") == 0
    with pytest.raises(AssociationError):
        desk.client(2, password=b"reader").open()
    assert desk.client(2, password=b"read on").open().connection.state is State.ASSOCIATED


def test_al_03_before_the_proof_nothing_is_answered_but_the_proof() -> None:
    desk = SecuredDesk()
    client = desk.client(3)
    (aare,) = client.raw(*client.connection.associate())
    assert client.connection.receive(aare) is None
    watcher = desk.client(5).open()
    name = Obis.parse("0-0:40.0.4")
    status = AssociationLN.association_status
    assert watcher.get(name, status) is AssociationStatus.ASSOCIATION_PENDING
    get = GetRequest(0xC1, DataClass.value.of(obis.LOGICAL_DEVICE_NAME)).encode()
    answer = client.ask(get, AUTHENTICATED_ENCRYPTION)
    assert not isinstance(answer, GetResponse)
    assert watcher.get(name, status) is AssociationStatus.NON_ASSOCIATED
    assert client.raw(*client.connection.outgoing)[0][0] == 0xD8


def test_al_04_each_association_has_its_own_list() -> None:
    desk = SecuredDesk()
    lists = {sap: listed(desk.client(sap).open()) for sap in (16, 3, 4)}
    assert len(lists[16]) < len(lists[4]) == len(lists[3])
    relay = {
        sap: [m.access_mode for m in lists[sap][obis.DISCONNECT_CONTROL].access_rights.methods]
        for sap in (3, 4)
    }
    assert relay == {3: [1, 1], 4: [0, 0]}
    setup = lists[3][SETUP_0].access_rights
    assert {m.access_mode for m in setup.methods} == {MethodAccess.AUTHENTICATED}
    assert {element.version for n, element in lists[3].items() if n[2] == 40} == {1, 2}


def test_an_object_of_version_3_says_in_masks_what_each_item_demands() -> None:
    desk = SecuredDesk()
    logical = desk.device.at(1)
    assert logical is not None
    spec = logical.associations[3]
    listed = logical[SETUP_0].list_element(3, spec.demands)
    assert listed.access_rights.attributes[1].access_mode == AttributeAccessBits.READ
    both = MethodAccessBits.AUTHENTICATED_REQUEST | MethodAccessBits.ENCRYPTED_REQUEST
    assert all(m.access_mode & both == both for m in listed.access_rights.methods)


def test_al_05_every_service_is_checked_at_one_place() -> None:
    desk = SecuredDesk()
    reader = desk.client(4).open()
    method, attribute = DisconnectControl.remote_disconnect, Clock.time
    clock = (attribute.of(obis.CLOCK), attribute.type.encode(MOMENT))
    relay = (method.of(obis.DISCONNECT_CONTROL), method.parameter.encode(0))
    results = reader._exchange(reader.connection.set([clock, clock])).results
    assert results == (DENIED, DENIED)
    outcomes = reader._exchange(reader.connection.action([relay, relay])).outcomes
    assert [outcome[0] for outcome in outcomes] == [ActionResult.READ_WRITE_DENIED] * 2
    before = desk.meter.supply.relay.closed
    assert reader.connection.negotiated
    assert desk.effects == 0
    assert desk.meter.supply.relay.closed is before


def test_the_association_object_names_its_setup_context_and_mechanism() -> None:
    desk = SecuredDesk()
    client = desk.client(6).open()
    current = obis.CURRENT_ASSOCIATION
    own = AssociationLNV2
    assert client.get(current, own.security_setup_reference) == Obis.parse("0-0:43.0.3")
    assert client.get(current, own.application_context_name).hex() == "60857405080103"
    assert client.get(current, own.authentication_mechanism_name).hex() == "60857405080207"
    assert client.get(current, own.associated_partners_id) == (6, 1)
    assert client.get(current, own.user_list) == ()
    assert client.get(current, own.association_status) is AssociationStatus.ASSOCIATED
    reply = own.reply_to_hls_authentication
    assert client.act(current, reply, b"again")[0] is ActionResult.READ_WRITE_DENIED


# --- protection


MOMENT = DateTime.from_datetime(START + timedelta(minutes=5))


def clock_set(moment: DateTime = MOMENT) -> bytes:
    value = Clock.time.type.encode(moment)
    return SetRequest(0xC1, Clock.time.of(obis.CLOCK), value).encode()


def read(attribute: AttributeDescriptor) -> bytes:
    return GetRequest(0xC1, attribute).encode()


ENERGY = Register.value.of(obis.ACTIVE_ENERGY_IMPORT)


@pytest.mark.parametrize("weaker", [Protection.AUTHENTICATION, Protection.ENCRYPTION])
def test_se_12_a_request_that_is_protected_less_than_the_policy_is_refused(
    weaker: Protection,
) -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    for plain in (read(ENERGY), clock_set()):
        for _ in range(3):
            assert isinstance(client.ask(plain, weaker), ExceptionResponse)
    assert desk.effects == 0
    assert 49 in desk.fraud()
    assert desk.meter.notices.alarms.registers[0] >> 13 & 1


def test_se_12_a_weaker_mechanism_context_or_none_is_refused() -> None:
    desk = SecuredDesk()
    changes = (
        {"protection": Protection.NONE},
        {"mechanism": Mechanism.NONE, "challenge": b""},
        {"mechanism": Mechanism.LOW, "password": b"management", "challenge": b""},
    )
    for number, change in enumerate(changes):
        for _ in range(2):
            with pytest.raises(RemoteProtocolError):
                desk.client(3, peer=f"192.0.2.{number}:1", **change).open()
    assert desk.fraud()


def test_se_13_no_plain_request_is_answered_in_a_ciphered_association() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    assert client.raw(read(ENERGY))[0][:1] == b"\xd8"
    assert client.raw(clock_set())[0][:1] == b"\xd8"


def lax(desk: SecuredDesk, number: int = 0, policy: int = 0) -> None:
    """A setup that demands nothing."""
    setup = desk.meter.security.setups[number]
    setup.material = replace(setup.material, policy=policy)


def test_se_03_nothing_is_written_or_done_that_is_only_encrypted() -> None:
    desk = SecuredDesk()
    lax(desk)
    client = desk.client(3).open()
    assert isinstance(client.ask(read(ENERGY), Protection.ENCRYPTION), GetResponse)
    answer = client.ask(clock_set(), Protection.ENCRYPTION)
    assert isinstance(answer, ExceptionResponse)
    method = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    act = ActionRequest(0xC1, method, b"\x0f\x00").encode()
    assert isinstance(client.ask(act, Protection.ENCRYPTION), ExceptionResponse)
    assert desk.effects == 0
    assert desk.meter.supply.relay.closed


def test_an_item_may_demand_more_than_the_policy() -> None:
    desk = SecuredDesk()
    lax(desk)
    client = desk.client(3).open()
    wrapped = wrap_key(desk.made.setups[0].keys.master, b"n" * 16)
    method = SecuritySetup.key_transfer
    key = KeyTransfer(TransferredKey.GLOBAL_AUTHENTICATION, wrapped)
    act = ActionRequest(0xC1, method.of(SETUP_0), method.parameter.encode((key,))).encode()
    answer = client.ask(act, Protection.AUTHENTICATION)
    assert isinstance(answer, ActionResponse)
    assert answer.outcome.result is ActionResult.READ_WRITE_DENIED
    answer = client.ask(act, AUTHENTICATED_ENCRYPTION)
    assert answer.outcome.result is ActionResult.SUCCESS


def test_a_policy_that_is_strengthened_holds_from_the_next_request_on() -> None:
    desk = SecuredDesk()
    lax(desk, policy=0x24)
    client = desk.client(3).open()
    assert isinstance(client.ask(read(ENERGY), Protection.AUTHENTICATION), GetResponse)
    method = SecuritySetup.security_activate
    assert client.act(SETUP_0, method, SecurityPolicy(0x6C))[0] is ActionResult.SUCCESS
    assert isinstance(client.ask(read(ENERGY), Protection.AUTHENTICATION), ExceptionResponse)
    assert client.act(SETUP_0, method, SecurityPolicy(0x24))[0] is ActionResult.READ_WRITE_DENIED


# --- broadcast


def test_se_08_under_the_broadcast_key_one_reads_and_sets_the_time_and_no_more() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    both = AUTHENTICATED_ENCRYPTION
    assert isinstance(client.ask(read(ENERGY), both, broadcast=True), GetResponse)
    answer = client.ask(clock_set(), both, broadcast=True)
    assert isinstance(answer, SetResponse)
    assert answer.result == 0
    method = DisconnectControl.remote_disconnect.of(obis.DISCONNECT_CONTROL)
    act = ActionRequest(0xC1, method, b"\x0f\x00").encode()
    refused = client.ask(act, both, broadcast=True)
    assert refused.outcome.result is ActionResult.READ_WRITE_DENIED
    keys = SecuritySetup.key_transfer
    wrapped = wrap_key(desk.made.setups[0].keys.master, b"n" * 16)
    new = KeyTransfer(TransferredKey.GLOBAL_UNICAST_ENCRYPTION, wrapped)
    act = ActionRequest(0xC1, keys.of(SETUP_0), keys.parameter.encode((new,))).encode()
    refused = client.ask(act, both, broadcast=True)
    assert refused.outcome.result is ActionResult.READ_WRITE_DENIED
    mode = DisconnectControl.control_mode
    put = SetRequest(0xC1, mode.of(obis.DISCONNECT_CONTROL), b"\x16\x04").encode()
    assert client.ask(put, both, broadcast=True).result is DENIED
    assert desk.meter.supply.relay.closed


def test_se_08_a_broadcast_to_all_stations_sets_the_time_and_nobody_answers() -> None:
    desk = SecuredDesk()
    client = desk.client(102)
    security = desk.context(102)
    form = client.parameters.form
    for plain in (clock_set(), clock_set()):
        apdu = security.protect(plain, AUTHENTICATED_ENCRYPTION, form, broadcast=True)
        assert client.raw(apdu, server_sap=0x7F) == []
    assert desk.effects == 2
    assert client.raw(apdu, server_sap=0x7F) == []
    assert desk.effects == 2
    assert 50 in desk.fraud()


def test_without_an_association_nothing_plain_is_answered_and_nothing_is_switched() -> None:
    desk = SecuredDesk()
    client = desk.client(102)
    assert client.raw(read(ENERGY))[0][:1] == b"\xd8"
    opened = client.open()
    result, _ = opened.act(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect, 0)
    assert result is ActionResult.READ_WRITE_DENIED
    assert opened.set(obis.CLOCK, Clock.time, MOMENT) == 0


# --- blocks


def test_a_ciphered_set_that_fails_on_its_third_block_changes_nothing() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    attribute = AssociationLN.secret
    before = desk.meter.security.secret(2)
    value = attribute.type.encode(bytes(48))
    descriptor = attribute.of(obis.READER_ASSOCIATION).encode()
    first = b"\xc1\x02\xc1" + descriptor + b"\x00\x00\x00\x00\x01" + bytes((20,)) + value[:20]
    second = b"\xc1\x03\xc1\x00\x00\x00\x00\x02" + bytes((20,)) + value[20:40]
    third = b"\xc1\x03\xc1\x01\x00\x00\x00\x09" + bytes((len(value) - 40,)) + value[40:]
    client.ask(first, AUTHENTICATED_ENCRYPTION)
    client.ask(second, AUTHENTICATED_ENCRYPTION)
    client.ask(third, AUTHENTICATED_ENCRYPTION)
    assert desk.meter.security.secret(2) == before
    assert desk.effects == 0


def test_se_05_what_a_client_sent_before_a_restart_is_no_use_after_it() -> None:
    desk = SecuredDesk()
    client = desk.client(3).open()
    client.act(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect, 0)
    captured = client.sent
    desk.start()
    desk.meter.request(Trigger.REMOTE_RECONNECT)
    thief = desk.client(3)
    for apdu in captured:
        thief.raw(apdu)
    assert desk.effects == 0
    assert desk.client(3).open().connection.state is State.ASSOCIATED
