"""The object list, as clients use it: what is there, what it tells, what changing it does."""

from datetime import timedelta

import pytest

from addad import obis
from addad.cosem.classes import (
    AssociationLN,
    Clock,
    Data,
    DisconnectControl,
    ProfileGeneric,
    PushSetup,
    Register,
)
from addad.cosem.classes.control import ControlMode, ControlState
from addad.cosem.classes.internet import MessageType, SendDestination, TransportService
from addad.cosem.classes.measurement import SortMethod
from addad.cosem.server import ServerEndpoint
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.descriptors import EntrySelection, RangeSelection
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.connection import AssociationParameters, ClientConnection
from addad.dlms.data import Tag, decode
from addad.dlms.octets import Cursor
from addad.dlms.results import ActionResult, DataAccessResult
from addad.dlms.types import DoubleLongUnsigned
from addad.dlms.wrapper import WrapperFrame
from addad.errors import AssociationError
from addad.meter.device import Block, Inputs
from addad.meter.push_object import PUSH_OBJECTS, notification

FRAUD_BIT = 1 << 13
NUMBER = Data.value.typed(DoubleLongUnsigned)
PLAIN = Register.value.typed(DoubleLongUnsigned)
SECRETS = {15: {7}, 19: {7, 8, 9}}
"""Attributes that hold passwords, by class."""
DESCRIPTORS = (obis.ALARM_DESCRIPTOR_1, obis.ALARM_DESCRIPTOR_2)


def test_every_readable_attribute_answers_with_its_type_before_and_after_measuring(desk) -> None:
    for power in (None, 3000.0, -3000.0):
        desk.step(1.0, power)
        for item in desk.logical:
            for index, attribute in item.interface_class.attributes.items():
                if index in item.reads:
                    desk.get(item.logical_name, attribute)
    assert desk.faults == []


def test_every_mandatory_attribute_of_a_class_is_readable_but_secrets(desk) -> None:
    for item in desk.logical:
        unread = set(item.interface_class.attributes) - set(item.reads)
        assert unread <= SECRETS.get(item.interface_class.class_id, set()), item


def test_every_name_of_the_house_stands_in_the_list_with_its_class(desk) -> None:
    names = [value for value in vars(obis).values() if isinstance(value, obis.Obis)]
    names += [n for v in vars(obis).values() if isinstance(v, tuple) for n in v]
    missing = {str(n) for n in names if n not in desk.logical and n != obis.CURRENT_ASSOCIATION}
    of_transformers = {"1-0:0.4.2", "1-0:0.4.3", "1-0:0.4.5", "1-0:0.4.6"}
    assert missing == of_transformers


def test_the_public_client_learns_who_it_is_and_nothing_that_is_measured(desk) -> None:
    desk.step(1.0, 3000.0)
    seen = AssociationLN.object_list.type.decode(
        desk.public.get(AssociationLN.object_list.of(obis.CURRENT_ASSOCIATION))
    )
    assert {element.logical_name for element in seen} == {
        obis.FIRMWARE_ID,
        obis.LOGICAL_DEVICE_NAME,
        obis.CLOCK,
        obis.SAP_ASSIGNMENT,
        obis.CURRENT_ASSOCIATION,
    }
    assert (
        desk.public.get(Register.value.of(obis.ACTIVE_ENERGY_IMPORT))
        == DataAccessResult.OBJECT_UNDEFINED
    )
    assert decode(desk.public.get(Data.value.of(obis.LOGICAL_DEVICE_NAME))).value == (
        b"ADD00000000A1234"
    )


def test_the_reader_changes_nothing(desk) -> None:
    for item in desk.logical:
        for index, write in item.writes.items():
            descriptor = item.interface_class.attributes[index].of(item.logical_name)
            assert desk.reader.set(descriptor, decode(b"\x06\0\0\0\0")) == (
                DataAccessResult.READ_WRITE_DENIED
            ), write
        for method in item.does.values():
            result, _ = desk.reader.action(method.method.of(item.logical_name), None)
            assert result == ActionResult.READ_WRITE_DENIED
    assert desk.meter.supply.relay.closed


def test_a_client_opens_the_relay_and_a_person_closes_it(desk) -> None:
    def state() -> object:
        return desk.get(obis.DISCONNECT_CONTROL, DisconnectControl.control_state)

    def output() -> object:
        return desk.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state)

    assert (state(), output()) == (ControlState.CONNECTED, True)
    disconnect, reconnect = (
        DisconnectControl.remote_disconnect,
        DisconnectControl.remote_reconnect,
    )
    assert desk.act(obis.DISCONNECT_CONTROL, disconnect) is ActionResult.SUCCESS
    assert (state(), output()) == (ControlState.DISCONNECTED, False)
    assert desk.act(obis.DISCONNECT_CONTROL, disconnect) is ActionResult.READ_WRITE_DENIED
    assert desk.act(obis.DISCONNECT_CONTROL, reconnect) is ActionResult.SUCCESS
    assert (state(), output()) == (ControlState.READY_FOR_RECONNECTION, False)
    desk.step(1.0, manual_reconnect=True)
    assert (state(), output()) == (ControlState.CONNECTED, True)
    log = desk.get(obis.EVENT_LOG_DISCONNECTOR, ProfileGeneric.buffer)
    assert [row.value[1].value for row in log] == [62, 59, 61]
    assert [row.value[2].value for row in log] == [1, 2, 3]


def test_in_a_direct_mode_a_client_closes_it_after_the_pause(desk) -> None:
    mode = DisconnectControl.control_mode
    assert desk.set(obis.DISCONNECT_CONTROL, mode, ControlMode.MODE_4) is DataAccessResult.SUCCESS
    desk.meter.supply.relay.limits = desk.meter.supply.relay.limits._replace(pause_s=10.0)
    reconnect = DisconnectControl.remote_reconnect
    desk.act(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
    assert desk.act(obis.DISCONNECT_CONTROL, reconnect) is ActionResult.TEMPORARY_FAILURE
    desk.step(10.0)
    assert desk.act(obis.DISCONNECT_CONTROL, reconnect) is ActionResult.SUCCESS
    assert desk.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state) is True


def test_mode_0_is_refused_while_the_supply_is_cut(desk) -> None:
    desk.act(obis.DISCONNECT_CONTROL, DisconnectControl.remote_disconnect)
    refused = desk.set(obis.DISCONNECT_CONTROL, DisconnectControl.control_mode, ControlMode.MODE_0)
    assert refused is DataAccessResult.READ_WRITE_DENIED


def test_a_load_profile_is_read_whole_by_range_by_entry_and_by_column(desk) -> None:
    for _ in range(8):
        desk.step(900.0, 3600.0)
    name, buffer = obis.LOAD_PROFILE, ProfileGeneric.buffer
    columns = desk.get(name, ProfileGeneric.capture_objects)
    assert [c.logical_name for c in columns[:3]] == [
        obis.CLOCK,
        obis.PROFILE_STATUS_LOAD,
        obis.ACTIVE_ENERGY_IMPORT,
    ]
    assert desk.get(name, ProfileGeneric.entries_in_use) == 8
    assert desk.get(name, ProfileGeneric.profile_entries) == 190 * 96
    assert desk.get(name, ProfileGeneric.capture_period) == 900
    assert desk.get(name, ProfileGeneric.sort_method) is SortMethod.FIFO
    rows = desk.get(name, buffer)
    assert [row.value[2].value for row in rows] == [900 * n for n in range(1, 9)]
    first = DateTime.decode(rows[2].value[0].value)
    last = DateTime.decode(rows[4].value[0].value)
    span = RangeSelection.between(columns[0], first, last)
    assert desk.get(name, buffer, span) == rows[2:5]
    narrow = RangeSelection.between(columns[0], first, last, (columns[2], columns[0]))
    assert [r.value for r in desk.get(name, buffer, narrow)] == [
        (r.value[2], r.value[0]) for r in rows[2:5]
    ]
    assert desk.get(name, buffer, EntrySelection(7, 0, 3, 3)) == tuple(
        r._replace(value=(r.value[2],)) for r in rows[6:]
    )
    assert desk.act(name, ProfileGeneric.reset) is ActionResult.SUCCESS
    desk.step()
    assert desk.get(name, buffer) == ()


def test_a_log_is_cleared_by_management_and_says_so(desk) -> None:
    desk.step(1.0, cover_open=True)
    assert desk.get(obis.EVENT_CODE_FRAUD, Data.value).value == 44
    assert desk.get(obis.EVENT_COUNTER_FRAUD, NUMBER) == 1
    assert desk.act(obis.EVENT_LOG_FRAUD, ProfileGeneric.reset) is ActionResult.SUCCESS
    desk.step(1.0, cover_open=True)
    rows = desk.get(obis.EVENT_LOG_FRAUD, ProfileGeneric.buffer)
    assert [(r.value[1].value, r.value[2].value) for r in rows] == [(255, 2)]


def test_an_alarm_stays_until_it_is_cleared(desk) -> None:
    desk.step(1.0, cover_open=True)
    desk.step(1.0)
    for name in (obis.ALARM_REGISTER_1, obis.ALARM_DESCRIPTOR_1):
        assert desk.get(name, NUMBER) == FRAUD_BIT
        assert desk.set(name, NUMBER, 0) is DataAccessResult.SUCCESS
        assert desk.get(name, NUMBER) == 0
    assert desk.set(obis.ALARM_FILTER_1, NUMBER, 0) is DataAccessResult.SUCCESS
    desk.step(1.0, cover_open=True)
    assert desk.get(obis.ALARM_REGISTER_1, NUMBER) == FRAUD_BIT
    assert desk.get(obis.ALARM_DESCRIPTOR_1, NUMBER) == 0
    desk.step()
    rows = desk.get(obis.EVENT_LOG_STANDARD, ProfileGeneric.buffer)
    assert [row.value[1].value for row in rows] == [2, 11, 11, 47]


def test_three_wrong_passwords_are_a_fraud_event_and_an_alarm(desk) -> None:
    def knock(password: bytes) -> bool:
        endpoint = ServerEndpoint(desk.device)
        asked = AssociationParameters(1, 1, Mechanism.LOW, password)
        client = ClientConnection(asked)
        endpoint.receive(WrapperFrame(1, 1, *client.associate()).encode())
        answer = endpoint.answer()
        try:
            client.receive(answer[8:])
        except AssociationError:
            return False
        return True

    assert not any(knock(b"guess") for _ in range(2))
    assert desk.get(obis.EVENT_COUNTER_FRAUD, Data.value).value == 0
    assert knock(b"management")
    assert not any(knock(b"guess") for _ in range(2))
    assert desk.get(obis.EVENT_COUNTER_FRAUD, Data.value).value == 0
    assert not knock(b"guess")
    desk.step()
    assert desk.get(obis.EVENT_CODE_FRAUD, Data.value).value == 46
    assert desk.get(obis.ALARM_REGISTER_1, Data.value).value == 1 << 13
    assert not any(knock(b"guess") for _ in range(1000))
    assert knock(b"management")
    assert desk.get(obis.EVENT_COUNTER_FRAUD, Data.value).value == 1


def test_the_account_of_a_cover_is_readable(desk) -> None:
    desk.step(1.0, cover_open=True)
    desk.step(30.0, cover_open=True)
    count, began, duration, total = (
        obis.Obis(bytes((0, 0, 96, 20, group, 255))) for group in range(4)
    )
    assert desk.get(count, NUMBER) == 1
    opened = DateTime.decode(desk.get(began, Data.value).value).to_datetime()
    assert opened == desk.now - timedelta(seconds=30)
    assert desk.get(duration, PLAIN) == desk.get(total, PLAIN) == 30


def test_a_push_tells_who_and_which_alarms_in_the_order_of_its_list(desk) -> None:
    assert desk.get(obis.PUSH_SETUP_ALARM, PushSetup.push_object_list) == PUSH_OBJECTS
    desk.step(1.0, cover_open=True)
    opened = desk.now
    desk.meter.notices.set_destination(b"head-end:4059")
    desk.step(0.1, cover_open=True)
    moment = desk.now + timedelta(seconds=0.1)
    result = desk.meter.step(Block(moment, 0.1, inputs=Inputs(cover_open=True)))
    (push,) = result.pushes
    cursor = Cursor(notification(desk.device, desk.meter, push))
    assert cursor.u8() == DataNotification.TAG
    told = DataNotification.read(cursor)
    assert told.invoke_id == push.invoke_id == 1
    assert told.moment is not None
    assert told.moment.to_datetime() == opened
    assert told.body.tag == Tag.STRUCTURE
    assert [value.value for value in told.body.value] == [
        bytes(obis.PUSH_SETUP_ALARM),
        b"ADD00000000A1234",
        FRAUD_BIT,
        0,
    ]


def test_the_destination_of_pushes_is_checked_and_lasts(desk) -> None:
    attribute = PushSetup.send_destination_and_method

    def to(text: bytes, service: TransportService = TransportService.TCP) -> DataAccessResult:
        return desk.set(
            obis.PUSH_SETUP_ALARM, attribute, SendDestination(service, text, MessageType.A_XDR)
        )

    assert to(b"192.0.2.1:4059") is DataAccessResult.SUCCESS
    for bad in (b"no-port", b"host:", b"ho st:1", b"\xff:1"):
        assert to(bad) is DataAccessResult.OTHER_REASON
    assert to(b"192.0.2.2:1", TransportService.SMS) is DataAccessResult.OTHER_REASON
    assert desk.get(obis.PUSH_SETUP_ALARM, attribute).destination == b"192.0.2.1:4059"
    assert to(b"") is DataAccessResult.SUCCESS


def test_retries_delay_and_a_push_on_demand(desk) -> None:
    desk.set(obis.PUSH_SETUP_ALARM, PushSetup.number_of_retries, 7)
    desk.set(obis.PUSH_SETUP_ALARM, PushSetup.repetition_delay, 60)
    assert desk.get(obis.PUSH_SETUP_ALARM, PushSetup.number_of_retries) == 7
    assert desk.get(obis.PUSH_SETUP_ALARM, PushSetup.repetition_delay) == 60
    assert desk.act(obis.PUSH_SETUP_ALARM, PushSetup.push) is ActionResult.SUCCESS
    assert desk.meter.notices.queue.pending


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_descriptors_are_32_bits_for_whoever_reads_a_push(desk, name) -> None:
    assert desk.get(name, Data.value).tag == Tag.DOUBLE_LONG_UNSIGNED


def test_the_clock_object_is_in_the_list(desk) -> None:
    assert desk.get(obis.CLOCK, Clock.time).to_datetime() == desk.now
