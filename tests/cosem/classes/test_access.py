"""Association LN and SAP assignment: object lists, names of contexts, users."""

import pytest

from addad import obis
from addad.cosem.classes.access import (
    AccessRightsList,
    AssociationLN,
    AssociationLNV0,
    AssociationLNV2,
    AssociationLNV3,
    AttributeAccessItem,
    LogicalDeviceAddress,
    MethodAccessItem,
    ObjectListElement,
    ObjectListElementType,
    ObjectListElementTypeV0,
    SAPAssignment,
    User,
)
from addad.dlms.acse import ApplicationContext, context_name
from addad.dlms.data import Data, Tag, decode, encode
from addad.errors import DecodeError


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


def test_version_0_writes_booleans_and_arcs() -> None:
    element = ObjectListElement(
        3, 0, obis.CLOCK, AccessRightsList((), (MethodAccessItem(1, 1), MethodAccessItem(2, 0)))
    )
    octets = ObjectListElementTypeV0.encode(element)
    assert octets.endswith(bytes.fromhex("0102 0202 0f01 0301 0202 0f02 0300".replace(" ", "")))
    assert ObjectListElementType.decode(octets) == element
    name = context_name(ApplicationContext.LOGICAL_NAME)
    assert AssociationLNV0.application_context_name.type.encode(name)[0] == Tag.STRUCTURE
    for later in (AssociationLN, AssociationLNV2, AssociationLNV3):
        assert later.application_context_name.type.encode(name)[0] == Tag.OCTET_STRING
        assert later.object_list.type is AssociationLN.object_list.type


def test_a_mode_of_version_3_fills_an_octet() -> None:
    item = AccessRightsList((AttributeAccessItem(2, 0xFF),), (MethodAccessItem(1, 0xFD),))
    element = ObjectListElement(3, 0, obis.CLOCK, item)
    kind = AssociationLNV3.object_list.type
    assert kind.decode(kind.encode((element,))) == (element,)


@pytest.mark.parametrize("name", ["0a03426f62", "0903426f62", "0c03426f62"])
def test_a_user_in_every_form(name: str) -> None:
    kind = AssociationLNV2.current_user.type
    assert kind.decode(bytes.fromhex("0202" + "1107" + name)) == User(7, "Bob")
    assert kind.encode(User(7, "Bob")) == bytes.fromhex("020211070a03426f62")


def test_partners_are_not_read_in_another_form() -> None:
    kind = AssociationLN.associated_partners_id.type
    assert kind.decode(bytes.fromhex("02020f10120001")) == (16, 1)
    with pytest.raises(DecodeError):
        kind.decode(bytes.fromhex("02021110120001"))


def test_a_logical_device_has_an_address() -> None:
    kind = SAPAssignment.sap_assignment_list.type
    octets = bytes.fromhex("0101020212000109034d4d4d")
    assert kind.decode(octets) == (LogicalDeviceAddress(1, b"MMM"),)
    assert kind.encode((LogicalDeviceAddress(1, b"MMM"),)) == octets
