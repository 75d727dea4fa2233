"""Interface classes for access control: Association LN, SAP assignment.

Blue Book: classes 15 (version 1) and 17. Access modes are the enumerations of versions 0 to 2.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.data import BitString, Data, Tag
from addad.dlms.types import (
    Array,
    BitStringType,
    DataType,
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


class AttributeAccess(IntEnum):
    """What an association may do with an attribute."""

    NONE = 0
    READ = 1
    WRITE = 2
    READ_WRITE = 3
    AUTHENTICATED_READ = 4
    AUTHENTICATED_WRITE = 5
    AUTHENTICATED_READ_WRITE = 6

    @property
    def readable(self) -> bool:
        """Whether a plain GET is allowed."""
        return self in (AttributeAccess.READ, AttributeAccess.READ_WRITE)


class MethodAccess(IntEnum):
    """Whether an association may call a method."""

    NONE = 0
    ACCESS = 1
    AUTHENTICATED = 2


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


class _MethodMode(DataType[int]):
    """An enum; version 0 of the class has a boolean in its place, which is read as 0 or 1."""

    def to_data(self, value: int) -> Data:
        return EnumCode.to_data(value)

    def from_data(self, data: Data) -> int:
        if data.tag == Tag.BOOLEAN:
            return int(bool(data.value))
        return EnumCode.from_data(data)


ObjectListElementType = Structure(
    ObjectListElement,
    LongUnsigned,
    Unsigned,
    LogicalName,
    Structure(
        AccessRightsList,
        Array(Structure(AttributeAccessItem, Integer, EnumCode, Nullable(Array(Integer)))),
        Array(Structure(MethodAccessItem, Integer, _MethodMode())),
    ),
)


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


class AssociationLN(InterfaceClass):
    """An application association: who may see and do what. The secret is never readable.

    The names of context and mechanism are the seven content octets of their object identifiers.
    """

    class_id, version = 15, 1

    object_list = Attribute(2, Array(ObjectListElementType))
    associated_partners_id = Attribute(3, Structure(AssociatedPartners, Integer, LongUnsigned))
    application_context_name = Attribute(4, OctetString())
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
    authentication_mechanism_name = Attribute(6, OctetString())
    secret = Attribute(7, OctetString())
    association_status = Attribute(8, Enum(AssociationStatus))
    security_setup_reference = Attribute(9, LogicalName)
    reply_to_hls_authentication = Method(1, OctetString(), OctetString())
    change_hls_secret = Method(2, OctetString())
    add_object = Method(3, ObjectListElementType)
    remove_object = Method(4, ObjectListElementType)


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
