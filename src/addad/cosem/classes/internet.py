"""Interface classes for the internet: Push setup, TCP-UDP, IPv4, IPv6 and MAC address setup.

Blue Book: classes 40 (versions 0 to 3), 41, 42, 43 and 48.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.cosem.classes.choices import TaggedDateTime
from addad.cosem.classes.data_protection import ProtectionParametersType
from addad.cosem.classes.definitions import (
    CommunicationWindow,
    CommunicationWindowType,
    RestrictedObjectType,
    Restriction,
    RestrictionElement,
)
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.apdu.descriptors import CAPTURE_OBJECT, CaptureObject
from addad.dlms.clock_time import DateTime
from addad.dlms.types import (
    AnyData,
    Array,
    Boolean,
    DoubleLongUnsigned,
    Enum,
    Integer,
    Limited,
    LogicalName,
    LongUnsigned,
    OctetString,
    Structure,
    Unsigned,
)
from addad.obis import Obis


class TransportService(IntEnum):
    """How a push travels."""

    TCP = 0
    UDP = 1
    FTP = 2
    SMTP = 3
    SMS = 4
    HDLC = 5
    M_BUS = 6
    ZIGBEE = 7
    GATEWAY = 8
    COAP_RELIABLE = 9
    COAP_UNRELIABLE = 10


class MessageType(IntEnum):
    """How a push is encoded."""

    A_XDR = 0
    XML = 1


class SendDestination(NamedTuple):
    """Where a push goes; the destination of TCP and UDP is the text `host:port`."""

    transport_service: TransportService
    destination: bytes
    message: MessageType


class _PushSetup(InterfaceClass):
    """What all versions share. Intervals are in seconds."""

    send_destination_and_method = Attribute(
        3, Structure(SendDestination, Enum(TransportService), OctetString(), Enum(MessageType))
    )
    communication_window = Attribute(4, Array(CommunicationWindowType))
    randomisation_start_interval = Attribute(5, LongUnsigned)
    number_of_retries = Attribute(6, Unsigned)
    push = Method(1)


class PushSetup(_PushSetup):
    """What is pushed, where to, and when. Intervals and delays are in seconds."""

    class_id, version = 40, 0

    push_object_list = Attribute(2, Array(CAPTURE_OBJECT))
    repetition_delay = Attribute(7, LongUnsigned)


class _ProtectedPush(_PushSetup):
    """What versions from 1 on share: the port, the client that is told, and the protection."""

    port_reference = Attribute(8, LogicalName)
    push_client_sap = Attribute(9, Integer)
    push_protection_parameters = Attribute(10, Array(ProtectionParametersType))


class PushSetupV1(_ProtectedPush):
    """What is pushed, of profiles only some entries, where to, when, and how protected."""

    class_id, version = 40, 1

    push_object_list = Attribute(2, Array(RestrictedObjectType))
    repetition_delay = Attribute(7, LongUnsigned)


class PushObject(NamedTuple):
    """An attribute that is pushed, which of its entries, and which of their columns."""

    class_id: int
    logical_name: Obis
    attribute_index: int
    data_index: int
    restriction: Restriction
    columns: tuple[CaptureObject, ...] = ()


PushObjectType: Final = Structure(
    PushObject,
    LongUnsigned,
    LogicalName,
    Integer,
    LongUnsigned,
    RestrictionElement,
    Array(CAPTURE_OBJECT),
)


class RepetitionDelay(NamedTuple):
    """Seconds before repetition n: minimum x (exponent / 100) ^ (n - 1), at most the maximum."""

    repetition_delay_min: int
    repetition_delay_exponent: int
    repetition_delay_max: int


class PushOperationMethod(IntEnum):
    """Whether a push is confirmed, and when it is repeated."""

    UNCONFIRMED_RETRY_ON_FAILURE = 0
    UNCONFIRMED_RETRY_ON_MISSING_CONFIRMATION = 1
    CONFIRMED = 2


class ConfirmationParameters(NamedTuple):
    """From when on pushes are confirmed, and how often, in seconds."""

    confirmation_start_date: DateTime
    confirmation_interval: int


class PushSetupV2(_ProtectedPush):
    """What is pushed, of profiles only some entries and columns, and how it is confirmed.

    The dates of confirmation are date-times under their own tag.
    """

    class_id, version = 40, 2

    push_object_list = Attribute(2, Array(PushObjectType))
    repetition_delay = Attribute(
        7, Structure(RepetitionDelay, LongUnsigned, LongUnsigned, LongUnsigned)
    )
    push_operation_method = Attribute(11, Enum(PushOperationMethod))
    confirmation_parameters = Attribute(
        12, Structure(ConfirmationParameters, TaggedDateTime, DoubleLongUnsigned)
    )
    last_confirmation_date_time = Attribute(13, TaggedDateTime)
    reset = Method(2)


class PushSetupV3(PushSetupV2):
    """What is pushed and how it is confirmed; one source has this version, with these numbers."""

    class_id, version = 40, 3


class TCPUDPSetup(InterfaceClass):
    """Where the meter listens; `inactivity_time_out` is in seconds."""

    class_id, version = 41, 0

    tcp_udp_port = Attribute(2, LongUnsigned)
    ip_reference = Attribute(3, LogicalName)
    mss = Attribute(4, LongUnsigned)
    nb_of_sim_conn = Attribute(5, Unsigned)
    inactivity_time_out = Attribute(6, LongUnsigned)


class IPOption(NamedTuple):
    """An option of the internet protocol."""

    option_type: int
    option_length: int
    option_data: bytes


class IPv4Setup(InterfaceClass):
    """Addresses of IP version 4, each as one number.

    The type in which method 3 returns its number stands in no source: it is any value here.
    """

    class_id, version = 42, 0

    dl_reference = Attribute(2, LogicalName)
    ip_address = Attribute(3, DoubleLongUnsigned)
    multicast_ip_address = Attribute(4, Array(DoubleLongUnsigned))
    ip_options = Attribute(5, Array(Structure(IPOption, Unsigned, Unsigned, OctetString())))
    subnet_mask = Attribute(6, DoubleLongUnsigned)
    gateway_ip_address = Attribute(7, DoubleLongUnsigned)
    use_dhcp_flag = Attribute(8, Boolean)
    primary_dns_address = Attribute(9, DoubleLongUnsigned)
    secondary_dns_address = Attribute(10, DoubleLongUnsigned)
    add_mc_ip_address = Method(1, DoubleLongUnsigned)
    delete_mc_ip_address = Method(2, DoubleLongUnsigned)
    get_nbof_mc_ip_addresses = Method(3, Integer, AnyData)


class MACAddressSetup(InterfaceClass):
    """The address of the network interface."""

    class_id, version = 43, 0

    mac_address = Attribute(2, OctetString())


class AddressConfigMode(IntEnum):
    """Where addresses come from."""

    AUTO = 0
    DHCPV6 = 1
    MANUAL = 2
    NEIGHBOUR_DISCOVERY = 3


class IPv6AddressType(IntEnum):
    """Which list an address stands in."""

    UNICAST = 0
    MULTICAST = 1
    GATEWAY = 2


class IPv6Address(NamedTuple):
    """An address, and the list it stands in."""

    ipv6_address_type: IPv6AddressType
    ipv6_address: bytes


class NeighborDiscovery(NamedTuple):
    """How routers are looked for: repetitions, the wait between them, and the period."""

    rs_max_retry: int
    rs_retry_wait_time: int
    ra_send_period: int


IPV6_OCTETS: Final = 16
_Address: Final = OctetString(IPV6_OCTETS)
_AddressInList: Final = Structure(IPv6Address, Enum(IPv6AddressType), _Address)


class IPv6Setup(InterfaceClass):
    """Addresses of IP version 6, each of sixteen octets. `traffic_class` is 0 to 63."""

    class_id, version = 48, 0

    dl_reference = Attribute(2, LogicalName)
    address_config_mode = Attribute(3, Enum(AddressConfigMode))
    unicast_ipv6_addresses = Attribute(4, Array(_Address))
    multicast_ipv6_addresses = Attribute(5, Array(_Address))
    gateway_ipv6_addresses = Attribute(6, Array(_Address))
    primary_dns_address = Attribute(7, _Address)
    secondary_dns_address = Attribute(8, _Address)
    traffic_class = Attribute(9, Limited(Unsigned, 0, 63))
    neighbor_discovery_setup = Attribute(
        10, Array(Structure(NeighborDiscovery, Unsigned, LongUnsigned, DoubleLongUnsigned))
    )
    add_ipv6_address = Method(1, _AddressInList)
    remove_ipv6_address = Method(2, _AddressInList)


__all__ = [
    "AddressConfigMode",
    "CommunicationWindow",
    "ConfirmationParameters",
    "IPOption",
    "IPv4Setup",
    "IPv6Address",
    "IPv6AddressType",
    "IPv6Setup",
    "MACAddressSetup",
    "MessageType",
    "NeighborDiscovery",
    "PushObject",
    "PushOperationMethod",
    "PushSetup",
    "PushSetupV1",
    "PushSetupV2",
    "PushSetupV3",
    "RepetitionDelay",
    "SendDestination",
    "TCPUDPSetup",
    "TransportService",
]
