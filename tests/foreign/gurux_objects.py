"""An object of gurux-dlms that reads an attribute's octets, and writes them again."""

import re
import warnings
from typing import Any

from gurux_dlms._GXObjectFactory import _GXObjectFactory
from gurux_dlms.enums import DataType, ObjectType
from gurux_dlms.GXByteBuffer import GXByteBuffer
from gurux_dlms.GXDLMSSettings import GXDLMSSettings
from gurux_dlms.internal._GXCommon import _GXCommon
from gurux_dlms.internal._GXDataInfo import _GXDataInfo
from gurux_dlms.ValueEventArgs import ValueEventArgs

from addad.cosem.interface_class import Attribute

KNOWN = ((3, "1.0.1.7.0.255"), (23, "0.0.22.0.0.255"), (8, "0.0.1.0.0.255"))
"""Objects that others may name; Gurux looks them up."""


class GuruxObject:
    """One object; `set` and `get` are what its client and its server do with octets."""

    def __init__(self, class_id: int, version: int) -> None:
        self.settings = GXDLMSSettings(False, None)
        for known, name in KNOWN:
            target = _GXObjectFactory.createObject(ObjectType(known))
            target.logicalName = name
            self.settings.objects.append(target)
        self.object = _GXObjectFactory.createObject(ObjectType(class_id))
        self.object.version = version

    @property
    def is_modelled(self) -> bool:
        """Whether it is more than an object of a class that Gurux has no module for."""
        return type(self.object).__name__ != "GXDLMSObject"

    def set(self, index: int, octets: bytes) -> None:
        """Read the octets into the attribute."""
        event = ValueEventArgs(self.settings, self.object, index)
        with warnings.catch_warnings(action="ignore"):
            event.value = _GXCommon.getData(self.settings, GXByteBuffer(octets), _GXDataInfo())
            self.object.setValue(self.settings, event)
        assert not event.error, f"attribute {index} is not taken: {event.error}"

    def get(self, index: int) -> bytes:
        """The octets of the attribute, tag first."""
        event = ValueEventArgs(self.settings, self.object, index)
        value = self.object.getValue(self.settings, event)
        kind = self.object.getDataType(index)
        if isinstance(value, GXByteBuffer):
            value = value.array()
        if kind in (DataType.ARRAY, DataType.STRUCTURE) and isinstance(value, bytes | bytearray):
            return bytes(value)
        if kind == DataType.NONE:
            kind = _GXCommon.getDLMSDataType(value)
        written = GXByteBuffer()
        _GXCommon.setData(self.settings, written, kind, value)
        return bytes(written.array())

    def field(self, path: str) -> Any:
        """The Python value at `actions[0].actionUp.scriptSelector`, octets as bytes."""
        value: Any = self.object
        for name, place in re.findall(r"(\w+)|\[(\d+)\]", path):
            value = getattr(value, name) if name else value[int(place)]
        return bytes(value.array()) if isinstance(value, GXByteBuffer) else value


def gurux_for(attribute: Attribute[Any]) -> GuruxObject:
    """A fresh object of the class and version that the attribute belongs to."""
    return GuruxObject(attribute.owner.class_id, attribute.owner.version)
