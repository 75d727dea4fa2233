"""The interface classes that are built, by identifier and version.

One module for each chapter of the Blue Book; `CLASSES` finds a class that an object list names. Of
a class with several versions one has the plain name, and the others carry theirs, as `PushSetupV2`.
"""

from addad.cosem.classes.access import (
    AssociationLN,
    AssociationLNV0,
    AssociationLNV2,
    AssociationLNV3,
    SAPAssignment,
)
from addad.cosem.classes.control import Arbitrator, Clock, DisconnectControl, Limiter
from addad.cosem.classes.data_protection import DataProtection
from addad.cosem.classes.image import ImageTransfer
from addad.cosem.classes.internet import (
    IPv4Setup,
    IPv6Setup,
    MACAddressSetup,
    PushSetup,
    PushSetupV1,
    PushSetupV2,
    PushSetupV3,
    TCPUDPSetup,
)
from addad.cosem.classes.measurement import (
    Data,
    DemandRegister,
    ExtendedRegister,
    ProfileGeneric,
    ProfileGenericV0,
    Register,
    RegisterActivation,
)
from addad.cosem.classes.modem import (
    AutoAnswer,
    AutoAnswerV2,
    AutoConnect,
    AutoConnectV1,
    AutoConnectV2,
    GPRSModemSetup,
    GSMDiagnostic,
    GSMDiagnosticV1,
    GSMDiagnosticV2,
)
from addad.cosem.classes.monitoring import (
    ParameterMonitor,
    ParameterMonitorV1,
    RegisterMonitor,
    Sensor,
)
from addad.cosem.classes.payment import Account, Charge, Credit, TokenGateway
from addad.cosem.classes.ports import (
    IECHDLCSetup,
    IECHDLCSetupV0,
    IECLocalPortSetup,
    IECLocalPortSetupV0,
)
from addad.cosem.classes.schedules import (
    ActivityCalendar,
    ScriptTable,
    SingleActionSchedule,
    SpecialDaysTable,
)
from addad.cosem.classes.security import SecuritySetup, SecuritySetupV0
from addad.cosem.classes.tables import CompactData, CompactDataV1, RegisterTable, StatusMapping
from addad.cosem.interface_class import InterfaceClass

_BUILT: tuple[type[InterfaceClass], ...] = (
    Data,
    Register,
    ExtendedRegister,
    DemandRegister,
    RegisterActivation,
    ProfileGenericV0,
    ProfileGeneric,
    Clock,
    ScriptTable,
    SpecialDaysTable,
    AssociationLNV0,
    AssociationLN,
    AssociationLNV2,
    AssociationLNV3,
    SAPAssignment,
    ImageTransfer,
    IECLocalPortSetupV0,
    IECLocalPortSetup,
    ActivityCalendar,
    RegisterMonitor,
    SingleActionSchedule,
    IECHDLCSetupV0,
    IECHDLCSetup,
    AutoAnswer,
    AutoAnswerV2,
    AutoConnect,
    AutoConnectV1,
    AutoConnectV2,
    DataProtection,
    PushSetup,
    PushSetupV1,
    PushSetupV2,
    PushSetupV3,
    TCPUDPSetup,
    IPv4Setup,
    MACAddressSetup,
    GPRSModemSetup,
    GSMDiagnostic,
    GSMDiagnosticV1,
    GSMDiagnosticV2,
    IPv6Setup,
    RegisterTable,
    CompactData,
    CompactDataV1,
    StatusMapping,
    SecuritySetupV0,
    SecuritySetup,
    ParameterMonitor,
    ParameterMonitorV1,
    Sensor,
    Arbitrator,
    DisconnectControl,
    Limiter,
    Account,
    Credit,
    Charge,
    TokenGateway,
)

CLASSES: dict[tuple[int, int], type[InterfaceClass]] = {
    (known.class_id, known.version): known for known in _BUILT
}


def find_class(class_id: int, version: int) -> type[InterfaceClass] | None:
    """The class as numbered, or the nearest version of it that is built, or None.

    Versions of a class share their first attributes, so that a foreign meter's newer or older
    object can be read as far as it is known; a value of another type is then shown as it came.
    """
    versions = [v for c, v in CLASSES if c == class_id]
    if not versions:
        return None
    nearest = min(versions, key=lambda v: abs(v - version))
    return CLASSES[class_id, nearest]


__all__ = [
    "CLASSES",
    "Account",
    "ActivityCalendar",
    "Arbitrator",
    "AssociationLN",
    "AssociationLNV0",
    "AssociationLNV2",
    "AssociationLNV3",
    "AutoAnswer",
    "AutoAnswerV2",
    "AutoConnect",
    "AutoConnectV1",
    "AutoConnectV2",
    "Charge",
    "Clock",
    "CompactData",
    "CompactDataV1",
    "Credit",
    "Data",
    "DataProtection",
    "DemandRegister",
    "DisconnectControl",
    "ExtendedRegister",
    "GPRSModemSetup",
    "GSMDiagnostic",
    "GSMDiagnosticV1",
    "GSMDiagnosticV2",
    "IECHDLCSetup",
    "IECHDLCSetupV0",
    "IECLocalPortSetup",
    "IECLocalPortSetupV0",
    "IPv4Setup",
    "IPv6Setup",
    "ImageTransfer",
    "Limiter",
    "MACAddressSetup",
    "ParameterMonitor",
    "ParameterMonitorV1",
    "ProfileGeneric",
    "ProfileGenericV0",
    "PushSetup",
    "PushSetupV1",
    "PushSetupV2",
    "PushSetupV3",
    "Register",
    "RegisterActivation",
    "RegisterMonitor",
    "RegisterTable",
    "SAPAssignment",
    "ScriptTable",
    "SecuritySetup",
    "SecuritySetupV0",
    "Sensor",
    "SingleActionSchedule",
    "SpecialDaysTable",
    "StatusMapping",
    "TCPUDPSetup",
    "TokenGateway",
    "find_class",
]
