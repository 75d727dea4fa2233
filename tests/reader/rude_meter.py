"""A meter that breaks rules: it hangs up, falls silent or talks nonsense where it is told to.

`RudeMeter(SampleMeter().physical_device, rudeness)` is an endpoint; `rudeness` maps octets that a
request contains to what happens then.
"""

from collections.abc import Mapping
from enum import Enum, auto

from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.server import ServerEndpoint
from addad.dlms.wrapper import WrapperFrame
from addad.errors import RemoteProtocolError


class Rude(Enum):
    """What a rude meter does."""

    HANGS_UP = auto()
    SILENT = auto()
    GARBAGE = auto()
    NO_VALUE = auto()


GARBAGE = b"\xc4\x01\xc1\x00\x01\x05\x13\xff"
"""A response whose value is an array of five elements that do not come."""


class RudeMeter(ServerEndpoint):
    """One connection to it."""

    def __init__(self, device: PhysicalDevice, rudeness: Mapping[bytes, Rude]) -> None:
        super().__init__(device)
        self._rudeness = rudeness
        self._said: list[bytes] = []

    def receive(self, octets: bytes) -> bool:
        for marks, rude in self._rudeness.items():
            if marks not in octets:
                continue
            if rude is Rude.HANGS_UP:
                raise RemoteProtocolError("hung up")
            if rude is Rude.SILENT:
                return False
            frame = WrapperFrame.decode(octets)
            invoke = frame.apdu[2:3]
            apdu = b"\xc4\x01" + invoke + b"\x00" + (b"\x01\x05\x13\xff")
            if rude is Rude.NO_VALUE:
                apdu = b"\xc4\x01" + invoke + b"\x00\x01\x01\x02\x00"
            self._said.append(WrapperFrame(frame.destination, frame.source, apdu).encode())
            return True
        return super().receive(octets)

    def answer(self) -> bytes | None:
        if self._said:
            return self._said.pop(0)
        return super().answer()
