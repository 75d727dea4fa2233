"""The gateway header: which meter behind a gateway an APDU is for, or comes from.

Green Book (use of gateways): a tag, the network's identifier, the meter's physical address with
its length in one octet, then the APDU as it would stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from addad.errors import DecodeError, LocalProtocolError

REQUEST: Final = 0xE6
RESPONSE: Final = 0xE7
ADDRESS_OCTETS_MAX: Final = 64
"""Longer ones are read in different ways: some take a length above 127 for a coded one."""
_HEADER_OCTETS: Final = 3


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """A meter behind a gateway: the network it is on, and its address there, 1 to 64 octets."""

    network_id: int
    physical_address: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.network_id <= 0xFF:
            raise LocalProtocolError(f"{self.network_id} is no network identifier; it is 0 to 255")
        if not 1 <= len(self.physical_address) <= ADDRESS_OCTETS_MAX:
            raise LocalProtocolError(
                f"a physical address has 1 to {ADDRESS_OCTETS_MAX} octets, "
                f"not {len(self.physical_address)}"
            )

    def __str__(self) -> str:
        return f"{self.physical_address.hex()} on network {self.network_id}"

    @property
    def octets(self) -> int:
        """How long the header is that names this meter."""
        return _HEADER_OCTETS + len(self.physical_address)

    def request(self, apdu: bytes) -> bytes:
        """The APDU behind the header of a request."""
        return self._header(REQUEST) + apdu

    def response(self, apdu: bytes) -> bytes:
        """The APDU behind the header of a response."""
        return self._header(RESPONSE) + apdu

    def _header(self, tag: int) -> bytes:
        address = self.physical_address
        return bytes((tag, self.network_id, len(address))) + address


def is_for_gateway(apdu: bytes) -> bool:
    """Whether these octets begin with a gateway header."""
    return apdu[:1] in (b"\xe6", b"\xe7")


def read_header(tag: int, octets: bytes) -> tuple[GatewayAddress, bytes]:
    """The meter that a header with this tag names, and the APDU behind it.

    Raises `DecodeError` for another tag, an address of no or too many octets, and no APDU.
    """
    if len(octets) < _HEADER_OCTETS or octets[0] != tag:
        raise DecodeError(f"no gateway header with tag {tag:02X}")
    size = octets[2]
    end = _HEADER_OCTETS + size
    if not 1 <= size <= ADDRESS_OCTETS_MAX:
        raise DecodeError(f"a gateway header with an address of {size} octets")
    if end >= len(octets):
        raise DecodeError("a gateway header without an APDU behind it")
    if octets[end] in (REQUEST, RESPONSE):
        raise DecodeError("a gateway header behind another")
    return GatewayAddress(octets[1], octets[_HEADER_OCTETS:end]), octets[end:]
