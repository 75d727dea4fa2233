"""The classes that are built, against the house's table of class, attribute and method numbers."""

import pytest

from addad import obis
from addad.cosem.classes import CLASSES, ProfileGeneric, PushSetup, Register, find_class
from addad.cosem.classes.access import (
    AccessRightsList,
    AssociationLN,
    AttributeAccessItem,
    MethodAccessItem,
    ObjectListElement,
    ObjectListElementType,
)
from addad.cosem.classes.internet import MessageType, SendDestination, TransportService
from addad.cosem.classes.measurement import CaptureObject
from addad.dlms.apdu.descriptors import CAPTURE_OBJECT
from addad.dlms.data import Data, Tag, decode, encode
from addad.units import ScalerUnit, Unit

# names in the order of their numbers, checked once against the house's table of classes
ATTRIBUTES = {
    (1, 0): ["logical_name", "value"],
    (3, 0): ["logical_name", "value", "scaler_unit"],
    (7, 1): [
        "logical_name",
        "buffer",
        "capture_objects",
        "capture_period",
        "sort_method",
        "sort_object",
        "entries_in_use",
        "profile_entries",
    ],
    (8, 0): [
        "logical_name",
        "time",
        "time_zone",
        "status",
        "daylight_savings_begin",
        "daylight_savings_end",
        "daylight_savings_deviation",
        "daylight_savings_enabled",
        "clock_base",
    ],
    (15, 1): [
        "logical_name",
        "object_list",
        "associated_partners_id",
        "application_context_name",
        "xdlms_context_info",
        "authentication_mechanism_name",
        "secret",
        "association_status",
        "security_setup_reference",
    ],
    (17, 0): ["logical_name", "sap_assignment_list"],
    (40, 0): [
        "logical_name",
        "push_object_list",
        "send_destination_and_method",
        "communication_window",
        "randomisation_start_interval",
        "number_of_retries",
        "repetition_delay",
    ],
    (70, 0): ["logical_name", "output_state", "control_state", "control_mode"],
}
METHODS = {
    (1, 0): [],
    (3, 0): ["reset"],
    (7, 1): ["reset", "capture"],
    (8, 0): [
        "adjust_to_quarter",
        "adjust_to_measuring_period",
        "adjust_to_minute",
        "adjust_to_preset_time",
        "preset_adjusting_time",
        "shift_time",
    ],
    (15, 1): ["reply_to_hls_authentication", "change_hls_secret", "add_object", "remove_object"],
    (17, 0): ["connect_logical_device"],
    (40, 0): ["push"],
    (70, 0): ["remote_disconnect", "remote_reconnect"],
}


@pytest.mark.parametrize("key", sorted(ATTRIBUTES))
def test_numbers_and_names(key: tuple[int, int]) -> None:
    known = CLASSES[key]
    numbered = list(enumerate(ATTRIBUTES[key], 1))
    assert [(i, a.name) for i, a in known.attributes.items()] == numbered
    assert [(i, m.name) for i, m in known.methods.items()] == list(enumerate(METHODS[key], 1))


def test_every_class_of_the_first_house_is_there() -> None:
    assert set(CLASSES) == set(ATTRIBUTES)


def test_an_unbuilt_version_is_read_as_the_nearest_one() -> None:
    assert find_class(7, 0) is ProfileGeneric
    assert find_class(15, 3) is AssociationLN
    assert find_class(40, 2) is PushSetup
    assert find_class(3, 0) is Register
    assert find_class(9999, 0) is None


def test_scaler_unit_on_the_wire() -> None:
    octets = Register.scaler_unit.type.encode(ScalerUnit(-1, Unit.VOLT))
    assert octets == bytes.fromhex("02020fff1623")
    assert Register.scaler_unit.type.from_data(decode(octets)) == ScalerUnit(-1, 35)


def test_capture_object_on_the_wire() -> None:
    column = CaptureObject(8, obis.CLOCK, 2, 0)
    octets = encode(CAPTURE_OBJECT.to_data(column))
    assert octets == bytes.fromhex("0204120008090600000100 00ff0f02120000".replace(" ", ""))
    assert CAPTURE_OBJECT.from_data(decode(octets)) == column


def test_object_list_element_on_the_wire() -> None:
    element = ObjectListElement(
        7,
        1,
        obis.LOAD_PROFILE,
        AccessRightsList(
            (AttributeAccessItem(1, 1), AttributeAccessItem(2, 1, (1, 2))),
            (MethodAccessItem(1, 1),),
        ),
    )
    octets = encode(ObjectListElementType.to_data(element))
    assert octets == bytes.fromhex(
        "0204 120007 1101 0906 0100630100ff 0202"
        "0102 0203 0f01 1601 00 0203 0f02 1601 0102 0f01 0f02"
        "0101 0202 0f01 1601".replace(" ", "")
    )
    assert ObjectListElementType.from_data(decode(octets)) == element


def test_the_boolean_method_access_of_version_0_is_read() -> None:
    old = Data(
        Tag.STRUCTURE,
        (
            Data(Tag.LONG_UNSIGNED, 1),
            Data(Tag.UNSIGNED, 0),
            Data(Tag.OCTET_STRING, bytes(obis.LOGICAL_DEVICE_NAME)),
            Data(
                Tag.STRUCTURE,
                (
                    Data(Tag.ARRAY, ()),
                    Data(
                        Tag.ARRAY,
                        (Data(Tag.STRUCTURE, (Data(Tag.INTEGER, 1), Data(Tag.BOOLEAN, True))),),
                    ),
                ),
            ),
        ),
    )
    assert ObjectListElementType.from_data(old).access_rights.methods == (MethodAccessItem(1, 1),)


def test_push_destination_on_the_wire() -> None:
    kind = PushSetup.send_destination_and_method.type
    destination = SendDestination(TransportService.TCP, b"head.end:4059", MessageType.A_XDR)
    assert kind.from_data(decode(kind.encode(destination))) == destination
