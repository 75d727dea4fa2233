"""A meter that tells a public client several invocation counters, 0-0:43.1.0 and on."""

from collections.abc import Sequence

from addad.cosem.classes import Data
from addad.cosem.cosem_object import CosemObject
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import usual_associations
from addad.dlms.types import DoubleLongUnsigned
from addad.obis import Obis
from cosem.sample_device import MANAGEMENT, NAME, READER

NUMBER = Data.value.typed(DoubleLongUnsigned)


class CountingMeter:
    """`physical_device` tells these counters."""

    def __init__(self, counters: Sequence[int]) -> None:
        objects = [
            CosemObject(Data, Obis.parse(f"0-0:43.1.{e}"), NUMBER.reads(lambda told=told: told))
            for e, told in enumerate(counters)
        ]
        usual = usual_associations(reader_password=READER, management_password=MANAGEMENT)
        self.physical_device = PhysicalDevice([LogicalDevice(NAME, objects, usual)])
