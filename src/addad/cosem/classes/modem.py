"""Interface classes for modems: Auto answer, Auto connect, GPRS modem setup, GSM diagnostic.

Blue Book: classes 28 (versions 0 and 2), 29 (versions 0 to 2), 45 and 47 (versions 0 to 2).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from addad.cosem.classes.choices import TaggedDateTime, Text
from addad.cosem.classes.definitions import CommunicationWindowType
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.types import (
    Array,
    DoubleLongUnsigned,
    Enum,
    EnumCode,
    LongUnsigned,
    OctetString,
    Structure,
    Unsigned,
)


class AutoAnswerStatus(IntEnum):
    """Whether the meter takes calls at present."""

    INACTIVE = 0
    ACTIVE = 1
    LOCKED = 2


class NumberOfRings(NamedTuple):
    """After how many rings a call is taken, in a listening window and outside."""

    nr_rings_in_window: int
    nr_rings_out_of_window: int


class AllowedCaller(NamedTuple):
    """Who may call, and by which kind of call."""

    caller_id: bytes
    call_type: int


class AutoAnswer(InterfaceClass):
    """When incoming calls are taken.

    `mode` is kept as a number: its codes stand in one source only. `number_of_rings` is a
    structure; one source has an array.
    """

    class_id, version = 28, 0

    mode = Attribute(2, EnumCode)
    listening_window = Attribute(3, Array(CommunicationWindowType))
    status = Attribute(4, Enum(AutoAnswerStatus))
    number_of_calls = Attribute(5, Unsigned)
    number_of_rings = Attribute(6, Structure(NumberOfRings, Unsigned, Unsigned))


class AutoAnswerV2(AutoAnswer):
    """When incoming calls are taken, and from whom; one source has the callers in version 0 too."""

    class_id, version = 28, 2

    list_of_allowed_callers = Attribute(7, Array(Structure(AllowedCaller, OctetString(), EnumCode)))


class AutoConnectMode(IntEnum):
    """When the meter connects by itself; 200 to 255 are the manufacturer's, and no code here."""

    NO_AUTO_CONNECT = 0
    ANYTIME = 1
    IN_WINDOW = 2
    REGULAR_IN_WINDOW_ALARM_ANYTIME = 3
    SMS_MOBILE_NETWORK = 4
    SMS_FIXED_NETWORK = 5
    E_MAIL = 6
    PERMANENT = 101
    PERMANENT_IN_WINDOW = 102
    ON_INVOCATION_IN_WINDOW = 103
    ON_INVOCATION = 104


class AutoConnect(InterfaceClass):
    """When the meter connects by itself, and to whom; `repetition_delay` is in seconds.

    A destination over TCP is the text `host:port`.
    """

    class_id, version = 29, 0

    mode = Attribute(2, Enum(AutoConnectMode))
    repetitions = Attribute(3, Unsigned)
    repetition_delay = Attribute(4, LongUnsigned)
    calling_window = Attribute(5, Array(CommunicationWindowType))
    destination_list = Attribute(6, Array(OctetString()))


class AutoConnectV1(AutoConnect):
    """When the meter connects, by itself or when told to."""

    class_id, version = 29, 1

    connect = Method(1)


class AutoConnectV2(AutoConnectV1):
    """When the meter connects, by itself or when told to."""

    class_id, version = 29, 2


class QualityOfService(NamedTuple):
    """What a packet network promises, in its own codes."""

    precedence: int
    delay: int
    reliability: int
    peak_throughput: int
    mean_throughput: int


QualityOfServiceType: Final = Structure(
    QualityOfService, Unsigned, Unsigned, Unsigned, Unsigned, Unsigned
)


class QualityOfServices(NamedTuple):
    """What is taken at least, and what is asked for."""

    default: QualityOfService
    requested: QualityOfService


class GPRSModemSetup(InterfaceClass):
    """How a modem joins a packet network."""

    class_id, version = 45, 0

    apn = Attribute(2, OctetString())
    pin_code = Attribute(3, LongUnsigned)
    quality_of_service = Attribute(
        4, Structure(QualityOfServices, QualityOfServiceType, QualityOfServiceType)
    )


class GSMStatus(IntEnum):
    """Whether the modem is registered."""

    NOT_REGISTERED = 0
    HOME_NETWORK = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5


class CSAttachment(IntEnum):
    """The state of circuit switched calls."""

    INACTIVE = 0
    INCOMING_CALL = 1
    ACTIVE = 2


class PSStatus(IntEnum):
    """The packet service in use; version 0 ends at `HSDPA`, version 1 at `CDMA`."""

    INACTIVE = 0
    GPRS = 1
    EDGE = 2
    UMTS = 3
    HSDPA = 4
    LTE = 5
    CDMA = 6
    LTE_CAT_M1 = 7
    LTE_CAT_NB1 = 8
    LTE_CAT_NB2 = 9


class CellInfoV0(NamedTuple):
    """The cell in use; quality and bit error rate in the codes of GSM."""

    cell_id: int
    location_id: int
    signal_quality: int
    ber: int


class CellInfo(NamedTuple):
    """The cell in use, with the codes of its country and network, and its channel."""

    cell_id: int
    location_id: int
    signal_quality: int
    ber: int
    mobile_country_code: int
    mobile_network_code: int
    channel_number: int


class AdjacentCell(NamedTuple):
    """A cell near by."""

    cell_id: int
    signal_quality: int


class _GSMDiagnostic(InterfaceClass):
    """What all versions share; `capture_time` is a date-time under its own tag.

    The operator is written as a visible-string, and read as an octet-string also, which is what
    one source has.
    """

    operator = Attribute(2, Text)
    status = Attribute(3, Enum(GSMStatus))
    cs_attachment = Attribute(4, Enum(CSAttachment))
    ps_status = Attribute(5, Enum(PSStatus))
    capture_time = Attribute(8, TaggedDateTime)


class GSMDiagnostic(_GSMDiagnostic):
    """How well the modem is heard: numbers of cells have two octets."""

    class_id, version = 47, 0

    cell_info = Attribute(6, Structure(CellInfoV0, LongUnsigned, LongUnsigned, Unsigned, Unsigned))
    adjacent_cells = Attribute(7, Array(Structure(AdjacentCell, LongUnsigned, Unsigned)))


class GSMDiagnosticV1(_GSMDiagnostic):
    """How well the modem is heard: numbers of cells have four octets."""

    class_id, version = 47, 1

    cell_info = Attribute(
        6,
        Structure(
            CellInfo,
            DoubleLongUnsigned,
            LongUnsigned,
            Unsigned,
            Unsigned,
            LongUnsigned,
            LongUnsigned,
            DoubleLongUnsigned,
        ),
    )
    adjacent_cells = Attribute(7, Array(Structure(AdjacentCell, DoubleLongUnsigned, Unsigned)))


class GSMDiagnosticV2(GSMDiagnosticV1):
    """How well the modem is heard, on narrowband networks too."""

    class_id, version = 47, 2
