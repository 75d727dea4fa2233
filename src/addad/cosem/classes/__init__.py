"""The interface classes that are built, by identifier and version.

One module for each chapter of the Blue Book; `CLASSES` finds a class that an object list names.
"""

from addad.cosem.classes.access import AssociationLN, SAPAssignment
from addad.cosem.classes.control import Clock, DisconnectControl
from addad.cosem.classes.internet import PushSetup
from addad.cosem.classes.measurement import Data, ProfileGeneric, Register
from addad.cosem.interface_class import InterfaceClass

CLASSES: dict[tuple[int, int], type[InterfaceClass]] = {
    (known.class_id, known.version): known
    for known in (
        Data,
        Register,
        ProfileGeneric,
        Clock,
        AssociationLN,
        SAPAssignment,
        PushSetup,
        DisconnectControl,
    )
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
    "AssociationLN",
    "Clock",
    "Data",
    "DisconnectControl",
    "ProfileGeneric",
    "PushSetup",
    "Register",
    "SAPAssignment",
    "find_class",
]
