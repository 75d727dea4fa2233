"""Interface classes for local ports: IEC local port setup, IEC HDLC setup.

Blue Book: classes 19 and 23 (versions 0 and 1). A SET beyond a limit is refused with
`type-unmatched`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from addad.cosem.interface_class import Attribute, InterfaceClass
from addad.dlms.types import Enum, Limited, LongUnsigned, OctetString, Unsigned

MIN_INFORMATION_OCTETS: Final = 32
MAX_INFORMATION_OCTETS: Final = 2030


class BaudRate(IntEnum):
    """The speed of a port; the code is that of the interface classes, not of mode E."""

    BAUD_300 = 0
    BAUD_600 = 1
    BAUD_1200 = 2
    BAUD_2400 = 3
    BAUD_4800 = 4
    BAUD_9600 = 5
    BAUD_19200 = 6
    BAUD_38400 = 7
    BAUD_57600 = 8
    BAUD_115200 = 9


class LocalPortMode(IntEnum):
    """The protocol that a port speaks first."""

    IEC_62056_21 = 0
    HDLC = 1
    NOT_SPECIFIED = 2


class ResponseTime(IntEnum):
    """How long the meter waits at least before it answers."""

    MS_20 = 0
    MS_200 = 1


class IECLocalPortSetupV0(InterfaceClass):
    """A port with the sign-on of IEC 62056-21; its passwords are never readable."""

    class_id, version = 19, 0

    default_mode = Attribute(2, Enum(LocalPortMode))
    default_baud = Attribute(3, Enum(BaudRate))
    prop_baud = Attribute(4, Enum(BaudRate))
    response_time = Attribute(5, Enum(ResponseTime))
    device_addr = Attribute(6, OctetString())
    pass_p1 = Attribute(7, OctetString())
    pass_p2 = Attribute(8, OctetString())
    pass_w5 = Attribute(9, OctetString())


class IECLocalPortSetup(IECLocalPortSetupV0):
    """A port with the sign-on of IEC 62056-21; its passwords are never readable."""

    class_id, version = 19, 1


class IECHDLCSetupV0(InterfaceClass):
    """A port that speaks HDLC: `inter_octet_time_out` in ms, `inactivity_time_out` in s, 0 for off.

    Windows are 1 to 7, an information field has at least 32 octets and here as many as an unsigned
    can tell; between two octets may be 20 to 6000 ms.
    """

    class_id, version = 23, 0

    comm_speed = Attribute(2, Enum(BaudRate))
    window_size_transmit = Attribute(3, Limited(Unsigned, 1, 7))
    window_size_receive = Attribute(4, Limited(Unsigned, 1, 7))
    max_info_field_length_transmit = Attribute(5, Limited(Unsigned, MIN_INFORMATION_OCTETS, 0xFF))
    max_info_field_length_receive = Attribute(6, Limited(Unsigned, MIN_INFORMATION_OCTETS, 0xFF))
    inter_octet_time_out = Attribute(7, Limited(LongUnsigned, 20, 6000))
    inactivity_time_out = Attribute(8, LongUnsigned)
    device_address = Attribute(9, LongUnsigned)


class IECHDLCSetup(IECHDLCSetupV0):
    """A port that speaks HDLC: `inter_octet_time_out` in ms, `inactivity_time_out` in s, 0 for off.

    Windows are 1 to 7, an information field has 32 to 2030 octets, between two octets may be 20 to
    6000 ms. One source ends `inactivity_time_out` at 120 s; here it may be longer.
    """

    class_id, version = 23, 1

    max_info_field_length_transmit = Attribute(
        5, Limited(LongUnsigned, MIN_INFORMATION_OCTETS, MAX_INFORMATION_OCTETS)
    )
    max_info_field_length_receive = Attribute(
        6, Limited(LongUnsigned, MIN_INFORMATION_OCTETS, MAX_INFORMATION_OCTETS)
    )
