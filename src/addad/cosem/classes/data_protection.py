"""Interface class for data that stay protected on their way: COSEM data protection.

Blue Book: class 30 (version 0). Push setup has the same protection parameters.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

from addad.cosem.classes.choices import Flags
from addad.cosem.classes.definitions import (
    RestrictedObject,
    RestrictedObjectType,
    ValueDefinition,
    ValueDefinitionType,
)
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.data import Data
from addad.dlms.types import AnyData, Array, Enum, EnumCode, OctetString, Structure


class ProtectionType(IntEnum):
    """One layer of protection."""

    AUTHENTICATION = 0
    ENCRYPTION = 1
    AUTHENTICATION_AND_ENCRYPTION = 2
    DIGITAL_SIGNATURE = 3


class KeyInfoType(IntEnum):
    """How the key is told."""

    IDENTIFIED = 0
    WRAPPED = 1
    AGREED = 2


class KeyInfo(NamedTuple):
    """Which key; the options are an enum, `WrappedKeyType` or `AgreedKeyType`.

    An identified key is an enum, 0 for unicast and 1 for broadcast; one source wraps that into a
    structure of one field, which the options hold as it came.
    """

    key_info_type: KeyInfoType
    key_info_options: Data


class WrappedKey(NamedTuple):
    """A key under another one, 0 for the master key."""

    kek_id: int
    key_ciphered_data: bytes


WrappedKeyType: Final = Structure(WrappedKey, EnumCode, OctetString())


class AgreedKey(NamedTuple):
    """What a key is agreed from."""

    key_parameters: bytes
    key_ciphered_data: bytes


AgreedKeyType: Final = Structure(AgreedKey, OctetString(), OctetString())


class ProtectionOptions(NamedTuple):
    """Who protects for whom, and with which key."""

    transaction_id: bytes
    originator_system_title: bytes
    recipient_system_title: bytes
    other_information: bytes
    key_info: KeyInfo


class ProtectionParameters(NamedTuple):
    """One layer of protection, and its options."""

    protection_type: ProtectionType
    protection_options: ProtectionOptions


ProtectionParametersType: Final = Structure(
    ProtectionParameters,
    Enum(ProtectionType),
    Structure(
        ProtectionOptions,
        OctetString(),
        OctetString(),
        OctetString(),
        OctetString(),
        Structure(KeyInfo, Enum(KeyInfoType), AnyData),
    ),
)
_Layers: Final = Array(ProtectionParametersType)


class RequiredProtectionBits(IntFlag):
    """What is demanded at least, in the bits of an access mode of version 3."""

    AUTHENTICATED_REQUEST = 0x04
    ENCRYPTED_REQUEST = 0x08
    SIGNED_REQUEST = 0x10
    AUTHENTICATED_RESPONSE = 0x20
    ENCRYPTED_RESPONSE = 0x40
    SIGNED_RESPONSE = 0x80


class ProtectedGet(NamedTuple):
    """Which attributes are asked for, and how they are to be protected."""

    object_list: tuple[RestrictedObject, ...]
    protection_parameters: tuple[ProtectionParameters, ...]


class ProtectedSet(NamedTuple):
    """Which attributes are set, how they are protected, and their protected values."""

    object_list: tuple[RestrictedObject, ...]
    protection_parameters: tuple[ProtectionParameters, ...]
    protected_attributes: bytes


class ProtectedAction(NamedTuple):
    """Which method is called, how its parameter is protected, and the protected parameter."""

    object_method: ValueDefinition
    protection_parameters: tuple[ProtectionParameters, ...]
    protected_parameters: bytes


class ProtectedReply(NamedTuple):
    """What methods 1 and 3 return: how it was protected, and the protected octets."""

    protection_parameters: tuple[ProtectionParameters, ...]
    protected_data: bytes


_Reply: Final = Structure(ProtectedReply, _Layers, OctetString())


class DataProtection(InterfaceClass):
    """Attributes and methods that are protected end to end, whatever lies between.

    The structures inside come from one source; the form of what methods 1 and 3 return is the
    house's reading, as is what the protected octets are: see `addad.dlms.security.data_layers`.
    """

    class_id, version = 30, 0

    protection_buffer = Attribute(2, OctetString())
    protection_object_list = Attribute(3, Array(RestrictedObjectType))
    protection_parameters_get = Attribute(4, _Layers)
    protection_parameters_set = Attribute(5, _Layers)
    required_protection = Attribute(6, Flags(RequiredProtectionBits))
    get_protected_attributes = Method(
        1, Structure(ProtectedGet, Array(RestrictedObjectType), _Layers), _Reply
    )
    set_protected_attributes = Method(
        2, Structure(ProtectedSet, Array(RestrictedObjectType), _Layers, OctetString())
    )
    invoke_protected_method = Method(
        3, Structure(ProtectedAction, ValueDefinitionType, _Layers, OctetString()), _Reply
    )
