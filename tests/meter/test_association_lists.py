"""Clients change what associations see and who may associate; the meter keeps it, and says so."""

from dataclasses import replace

import pytest

from addad import obis
from addad.cosem.association import COSTLY_MAX
from addad.cosem.association_lists import USERS_MAX
from addad.cosem.classes.access import (
    AssociationLN,
    AssociationLNV2,
    LogicalDeviceAddress,
    ObjectListElement,
    SAPAssignment,
    User,
)
from addad.cosem.classes.control import Clock
from addad.cosem.classes.measurement import Data, Register
from addad.cosem.classes.security import CertificateType, SecuritySetup
from addad.dlms.results import ActionResult, DataAccessResult
from addad.errors import AssociationError
from addad.meter import event_codes as codes
from addad.meter.associations import TABLES
from addad.meter.event_codes import Log
from addad.obis import Obis
from meter.secured_desk import Client, SecuredDesk

OWN = obis.CURRENT_ASSOCIATION
PUBLIC = obis.PUBLIC_ASSOCIATION
READERS = Obis.parse("0-0:40.0.5")
"""The association of client 4, which reads by keys."""
ADD, REMOVE = AssociationLN.add_object, AssociationLN.remove_object
V2_ADD, V2_REMOVE = AssociationLNV2.add_object, AssociationLNV2.remove_object
ADD_USER, REMOVE_USER = AssociationLNV2.add_user, AssociationLNV2.remove_user
SUCCESS, DENIED = ActionResult.SUCCESS, ActionResult.READ_WRITE_DENIED


def elements(client: Client, association: Obis = OWN) -> dict[Obis, ObjectListElement]:
    listed = client.get(association, AssociationLN.object_list)
    return {element.logical_name: element for element in listed}


def standard_log(desk: SecuredDesk) -> list[int]:
    return list(desk.meter.notices.logs[Log.STANDARD].codes())


def test_what_is_removed_is_gone_for_that_client_alone_and_stays_gone() -> None:
    desk = SecuredDesk()
    manager, public = desk.client(3).open(), desk.client(16).open()
    clock = elements(public)[obis.CLOCK]
    assert manager.act(PUBLIC, REMOVE, clock) == (SUCCESS, None)
    assert standard_log(desk)[0] == codes.PARAMETERS_CHANGED
    assert desk.effects == 1
    assert obis.CLOCK not in elements(public)
    gone = public.get(obis.CLOCK, Data.value)
    assert gone is DataAccessResult.OBJECT_UNDEFINED
    assert obis.CLOCK in elements(manager)
    assert manager.act(PUBLIC, REMOVE, clock) == (ActionResult.OBJECT_UNDEFINED, None)
    desk.step()
    desk.start()
    assert obis.CLOCK not in elements(desk.client(16).open())
    again = desk.client(3).open()
    assert again.act(PUBLIC, ADD, clock) == (SUCCESS, None)
    assert elements(desk.client(16).open())[obis.CLOCK] == clock


def test_an_object_comes_back_with_the_rights_that_are_named_and_never_more() -> None:
    desk = SecuredDesk()
    manager, reader = desk.client(3).open(), desk.client(4).open()
    energy = elements(reader)[obis.ACTIVE_ENERGY_IMPORT]
    attributes, methods = energy.access_rights
    only_unit = tuple(
        item._replace(access_mode=item.access_mode * (item.attribute_id == 3))
        for item in attributes
    )
    less = energy._replace(access_rights=energy.access_rights._replace(attributes=only_unit))
    assert manager.act(READERS, V2_ADD, less) == (SUCCESS, None)
    assert reader.get(obis.ACTIVE_ENERGY_IMPORT, Register.value) is DataAccessResult(3)
    assert reader.get(obis.ACTIVE_ENERGY_IMPORT, Register.scaler_unit).scaler == 0
    writing = tuple(item._replace(access_mode=3) for item in attributes)
    more = energy._replace(access_rights=energy.access_rights._replace(attributes=writing))
    assert manager.act(READERS, V2_ADD, more) == (DENIED, None)
    resetting = tuple(item._replace(access_mode=1) for item in methods)
    more = energy._replace(access_rights=energy.access_rights._replace(methods=resetting))
    assert manager.act(READERS, V2_ADD, more) == (DENIED, None)
    assert manager.act(READERS, V2_ADD, energy) == (SUCCESS, None)
    assert isinstance(reader.get(obis.ACTIVE_ENERGY_IMPORT, Register.value).value, int)
    changes = standard_log(desk).count(codes.PARAMETERS_CHANGED)
    assert manager.act(READERS, V2_ADD, energy) == (SUCCESS, None)
    assert standard_log(desk).count(codes.PARAMETERS_CHANGED) == changes


def test_nobody_shuts_himself_out_of_the_list() -> None:
    desk = SecuredDesk()
    manager = desk.client(3).open()
    listed = elements(manager)
    for name in (OWN, READERS, obis.LOGICAL_DEVICE_NAME, obis.SAP_ASSIGNMENT):
        result, _ = manager.act(OWN, V2_REMOVE, listed[name])
        assert result in (DENIED, ActionResult.OBJECT_UNDEFINED)
    assert elements(manager) == listed


def test_what_is_no_object_of_this_meter_is_refused() -> None:
    manager = SecuredDesk().client(3).open()
    clock = elements(manager)[obis.CLOCK]
    other = clock._replace(logical_name=Obis.parse("1-0:99.250.0"))
    for method in (V2_ADD, V2_REMOVE):
        assert manager.act(OWN, method, other)[0] is ActionResult.OBJECT_UNDEFINED
        wrong = clock._replace(version=9)
        assert manager.act(OWN, method, wrong)[0] is ActionResult.OBJECT_CLASS_INCONSISTENT


@pytest.mark.parametrize("client_sap", [1, 2, 4, 16])
def test_only_management_by_keys_changes_lists(client_sap: int) -> None:
    """A password travels in plain: who has heard it shuts nobody out."""
    desk = SecuredDesk()
    clock = elements(desk.client(3).open())[obis.CLOCK]
    passwords = {1: {"password": b"management"}}
    client = desk.client(client_sap, **passwords.get(client_sap, {})).open()
    assert client.act(OWN, V2_REMOVE, clock)[0] is DENIED
    assert client.act(READERS, ADD_USER, User(1, "anna"))[0] is not SUCCESS
    assert standard_log(desk).count(codes.PARAMETERS_CHANGED) == 0


def test_the_first_user_shuts_out_whoever_names_none() -> None:
    desk = SecuredDesk()
    manager, before = desk.client(3).open(), desk.client(4).open()
    assert manager.act(READERS, ADD_USER, User(7, "anna")) == (SUCCESS, None)
    assert manager.act(READERS, ADD_USER, User(7, "anna")) == (SUCCESS, None)
    assert manager.act(READERS, ADD_USER, User(7, "ben"))[0] is ActionResult.OTHER_REASON
    assert manager.get(READERS, AssociationLNV2.user_list) == (User(7, "anna"),)
    assert before.get(OWN, AssociationLNV2.user_list) == (User(7, "anna"),)
    desk.step()
    desk.start()
    for user_id in (None, 8):
        with pytest.raises(AssociationError):
            desk.client(4, user_id=user_id).open()
    anna = desk.client(4, user_id=7).open()
    assert anna.get(OWN, AssociationLNV2.current_user) == User(7, "anna")
    manager = desk.client(3).open()
    wrong = manager.act(READERS, REMOVE_USER, User(7, "ben"))
    assert wrong[0] is ActionResult.OBJECT_UNAVAILABLE
    assert manager.act(READERS, REMOVE_USER, User(7, "anna")) == (SUCCESS, None)
    desk.client(4).open()


def test_a_start_without_keys_forgets_no_list() -> None:
    desk = SecuredDesk()
    desk.client(3).open().act(READERS, ADD_USER, User(7, "anna"))
    desk.step()
    with_keys = desk.settings
    desk.settings = replace(with_keys, associations=TABLES["passwords"])
    desk.start()
    reader = desk.client(2).open()
    assert reader.get(obis.CLOCK, Clock.time).year == 2026
    desk.meter.table.attributes.changed = True
    desk.step()
    desk.settings = with_keys
    desk.start()
    manager = desk.client(3).open()
    assert manager.get(READERS, AssociationLNV2.user_list) == (User(7, "anna"),)


def test_users_are_bounded() -> None:
    manager = SecuredDesk().client(3).open()
    assert manager.act(READERS, ADD_USER, User(0, "x" * 33))[0] is ActionResult.OTHER_REASON
    for number in range(USERS_MAX):
        assert manager.act(READERS, ADD_USER, User(number, f"user {number}"))[0] is SUCCESS
    assert manager.act(READERS, ADD_USER, User(99, "one more"))[0] is ActionResult.OTHER_REASON


def test_nothing_is_connected_to_an_address() -> None:
    """The logical devices of a meter are what they are; no source says what else would be meant."""
    manager = SecuredDesk().client(3).open()
    address = LogicalDeviceAddress(2, b"ANOTHER")
    method = SAPAssignment.connect_logical_device
    assert manager.act(obis.SAP_ASSIGNMENT, method, address) == (DENIED, None)
    shown = elements(manager)[obis.SAP_ASSIGNMENT].access_rights.methods
    assert [item.access_mode for item in shown] == [0]


def test_one_request_does_what_is_costly_a_few_times_only() -> None:
    desk = SecuredDesk()
    client = desk.client(6).open()
    setup = Obis.parse("0-0:43.0.3")
    method = SecuritySetup.generate_key_pair
    item = (method.of(setup), method.parameter.encode(CertificateType.DIGITAL_SIGNATURE))
    for _ in range(2):
        outcomes = client._exchange(client.connection.action([item] * 20)).outcomes
        results = [outcome[0] for outcome in outcomes]
        assert results[:COSTLY_MAX] == [SUCCESS] * COSTLY_MAX
        assert set(results[COSTLY_MAX:]) == {ActionResult.TEMPORARY_FAILURE}
    assert client.act(setup, method, CertificateType.DIGITAL_SIGNATURE)[0] is SUCCESS


def test_a_secret_by_which_a_client_proves_itself_is_not_short() -> None:
    client = SecuredDesk().client(5).open()
    for secret in (b"", b"x", bytes(7), bytes(65)):
        result = client.set(OWN, AssociationLNV2.secret, secret)
        assert result is DataAccessResult.OTHER_REASON
        done = client.act(OWN, AssociationLNV2.change_hls_secret, secret)
        assert done[0] is ActionResult.OTHER_REASON
    assert client.set(OWN, AssociationLNV2.secret, bytes(range(8))) == 0
