"""A physical device: the logical devices behind one address of the transport, by server SAP.

Blue Book, class 17: the management logical device at SAP 1 lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from addad import obis
from addad.cosem.classes.access import LogicalDeviceAddress, SAPAssignment
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import MANAGEMENT_DEVICE, LogicalDevice
from addad.errors import InputError


class PhysicalDevice:
    """`{SAP: LogicalDevice}`; the management device gets the SAP assignment object."""

    def __init__(self, devices: Iterable[LogicalDevice]) -> None:
        """Raises `InputError` for two devices at one SAP, or none at SAP 1."""
        self._devices: dict[int, LogicalDevice] = {}
        for device in devices:
            if device.sap in self._devices:
                raise InputError(f"two logical devices at SAP {device.sap}")
            self._devices[device.sap] = device
        management = self._devices.get(MANAGEMENT_DEVICE)
        if management is None:
            raise InputError("a physical device needs its management logical device at SAP 1")
        if obis.SAP_ASSIGNMENT not in management:
            addresses = SAPAssignment.sap_assignment_list.reads(self.addresses)
            management.add(CosemObject(SAPAssignment, obis.SAP_ASSIGNMENT, addresses))

    def addresses(self) -> tuple[LogicalDeviceAddress, ...]:
        """The SAP and the name of each logical device."""
        return tuple(LogicalDeviceAddress(d.sap, d.name) for d in self)

    def __iter__(self) -> Iterator[LogicalDevice]:
        return iter(self._devices.values())

    def at(self, sap: int) -> LogicalDevice | None:
        """The logical device at a server SAP, if there is one."""
        return self._devices.get(sap)
