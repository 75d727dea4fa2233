"""Logical devices by server SAP."""

import pytest

from addad import obis
from addad.cosem.classes import SAPAssignment
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.errors import InputError
from cosem.sample_device import NAME, SampleMeter


def test_devices_stand_at_their_saps_and_the_first_lists_them_all() -> None:
    meter = SampleMeter()
    other = LogicalDevice(b"GAS", [], (), sap=17)
    device = PhysicalDevice([LogicalDevice(NAME, [], ()), other])
    assert device.at(17) is other
    assert device.at(2) is None
    management = device.at(1)
    assert management is not None
    octets = management[obis.SAP_ASSIGNMENT].reads[2].encode(None)
    assert isinstance(octets, bytes)
    listed = SAPAssignment.sap_assignment_list.type.decode(octets)
    assert listed == ((1, NAME), (17, b"GAS"))
    assert obis.SAP_ASSIGNMENT in meter.device


def test_a_physical_device_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="SAP 1"):
        PhysicalDevice([LogicalDevice(b"X", [], (), sap=17)])
    with pytest.raises(InputError, match="two logical devices"):
        PhysicalDevice([LogicalDevice(b"X", [], ()), LogicalDevice(b"Y", [], ())])
