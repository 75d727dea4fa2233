"""Interface class for messages that the meter sends by itself: Push setup.

Blue Book: class 40 (version 0).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.apdu.descriptors import CAPTURE_OBJECT
from addad.dlms.clock_time import DateTime
from addad.dlms.types import (
    Array,
    DateTimeOctets,
    Enum,
    LongUnsigned,
    OctetString,
    Structure,
    Unsigned,
)


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


class CommunicationWindow(NamedTuple):
    """When pushing is allowed; wildcards make it recur."""

    start_time: DateTime
    end_time: DateTime


class PushSetup(InterfaceClass):
    """What is pushed, where to, and when. Intervals and delays are in seconds."""

    class_id, version = 40, 0

    push_object_list = Attribute(2, Array(CAPTURE_OBJECT))
    send_destination_and_method = Attribute(
        3, Structure(SendDestination, Enum(TransportService), OctetString(), Enum(MessageType))
    )
    communication_window = Attribute(
        4, Array(Structure(CommunicationWindow, DateTimeOctets, DateTimeOctets))
    )
    randomisation_start_interval = Attribute(5, LongUnsigned)
    number_of_retries = Attribute(6, Unsigned)
    repetition_delay = Attribute(7, LongUnsigned)
    push = Method(1)
