"""Interface classes for access control: Association LN, SAP assignment.

Blue Book: classes 15 (versions 0 to 3) and 17. `access_modes` says what a mode allows.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from addad.cosem.classes.access_modes import AttributeAccess, MethodAccess
from addad.cosem.classes.choices import MethodMode, ObjectIdentifier, Text
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.data import BitString
from addad.dlms.types import (
    Array,
    BitStringType,
    Enum,
    EnumCode,
    Integer,
    LogicalName,
    LongUnsigned,
    Nullable,
    OctetString,
    Structure,
    Unsigned,
)
from addad.obis import Obis


class AttributeAccessItem(NamedTuple):
    """The access mode of one attribute; `access_selectors` are those of selective access."""

    attribute_id: int
    access_mode: int
    access_selectors: tuple[int, ...] | None = None


class MethodAccessItem(NamedTuple):
    """The access mode of one method."""

    method_id: int
    access_mode: int


class AccessRightsList(NamedTuple):
    """The access modes of one object, attribute by attribute and method by method."""

    attributes: tuple[AttributeAccessItem, ...]
    methods: tuple[MethodAccessItem, ...]


class ObjectListElement(NamedTuple):
    """One object as an association sees it."""

    class_id: int
    version: int
    logical_name: Obis
    access_rights: AccessRightsList


def _element_type(methods: MethodMode) -> Structure[ObjectListElement]:
    return Structure(
        ObjectListElement,
        LongUnsigned,
        Unsigned,
        LogicalName,
        Structure(
            AccessRightsList,
            Array(Structure(AttributeAccessItem, Integer, EnumCode, Nullable(Array(Integer)))),
            Array(Structure(MethodAccessItem, Integer, methods)),
        ),
    )


ObjectListElementType = _element_type(MethodMode())
ObjectListElementTypeV0 = _element_type(MethodMode(boolean=True))


class AssociatedPartners(NamedTuple):
    """Which client talks to which logical device."""

    client_sap: int
    server_sap: int


class XDLMSContextInfo(NamedTuple):
    """What was negotiated; the sizes are in octets, 0 means no limit."""

    conformance: BitString
    max_receive_pdu_size: int
    max_send_pdu_size: int
    dlms_version_number: int
    quality_of_service: int
    cyphering_info: bytes


class AssociationStatus(IntEnum):
    """How far an association has come."""

    NON_ASSOCIATED = 0
    ASSOCIATION_PENDING = 1
    ASSOCIATED = 2


class User(NamedTuple):
    """A user of a client, known to the association by number."""

    user_id: int
    user_name: str


UserType = Structure(User, Unsigned, Text)


class AssociationLNV0(InterfaceClass):
    """An application association: who may see and do what. The secret is never readable.

    Names of context and mechanism are written as structures, method modes as booleans.
    """

    class_id, version = 15, 0

    object_list = Attribute(2, Array(ObjectListElementTypeV0))
    associated_partners_id = Attribute(3, Structure(AssociatedPartners, Integer, LongUnsigned))
    application_context_name = Attribute(4, ObjectIdentifier(arcs=True))
    xdlms_context_info = Attribute(
        5,
        Structure(
            XDLMSContextInfo,
            BitStringType,
            LongUnsigned,
            LongUnsigned,
            Unsigned,
            Integer,
            OctetString(),
        ),
    )
    authentication_mechanism_name = Attribute(6, ObjectIdentifier(arcs=True))
    secret = Attribute(7, OctetString())
    association_status = Attribute(8, Enum(AssociationStatus))
    reply_to_hls_authentication = Method(1, OctetString(), OctetString())
    change_hls_secret = Method(2, OctetString())
    add_object = Method(3, ObjectListElementTypeV0)
    remove_object = Method(4, ObjectListElementTypeV0)


class AssociationLN(AssociationLNV0):
    """An application association: who may see and do what. The secret is never readable.

    The names of context and mechanism are the seven content octets of their object identifiers.
    """

    class_id, version = 15, 1

    object_list = Attribute(2, Array(ObjectListElementType))
    application_context_name = Attribute[bytes](4, ObjectIdentifier())
    authentication_mechanism_name = Attribute[bytes](6, ObjectIdentifier())
    security_setup_reference = Attribute(9, LogicalName)
    add_object = Method(3, ObjectListElementType)
    remove_object = Method(4, ObjectListElementType)


class AssociationLNV2(AssociationLN):
    """An application association that knows the users of its client.

    A user's name is written as a visible-string; sources have it so or as an octet-string.
    """

    class_id, version = 15, 2

    user_list = Attribute(10, Array(UserType))
    current_user = Attribute(11, UserType)
    add_user = Method(5, UserType)
    remove_user = Method(6, UserType)


class AssociationLNV3(AssociationLNV2):
    """An application association whose access modes are masks: `AttributeAccessBits`."""

    class_id, version = 15, 3


class LogicalDeviceAddress(NamedTuple):
    """One logical device behind a transport address."""

    sap: int
    logical_device_name: bytes


LogicalDeviceAddressType = Structure(LogicalDeviceAddress, LongUnsigned, OctetString())


class SAPAssignment(InterfaceClass):
    """Which logical devices stand in this physical device, and at which addresses."""

    class_id, version = 17, 0

    sap_assignment_list = Attribute(2, Array(LogicalDeviceAddressType))
    connect_logical_device = Method(1, LogicalDeviceAddressType)


__all__ = [
    "AccessRightsList",
    "AssociatedPartners",
    "AssociationLN",
    "AssociationLNV0",
    "AssociationLNV2",
    "AssociationLNV3",
    "AssociationStatus",
    "AttributeAccess",
    "AttributeAccessItem",
    "LogicalDeviceAddress",
    "MethodAccess",
    "MethodAccessItem",
    "ObjectListElement",
    "ObjectListElementType",
    "ObjectListElementTypeV0",
    "SAPAssignment",
    "User",
    "XDLMSContextInfo",
]
