"""The way to one meter through a gateway: a link that puts the gateway header before each APDU.

Green Book (use of gateways). Several clients on one connection to a gateway: give each a channel
of a `SharedLink` opened for its meter.
"""

from __future__ import annotations

from addad.dlms.gateway import RESPONSE, GatewayAddress, is_for_gateway, read_header
from addad.dlms.wrapper import WrapperFrame
from addad.errors import RemoteProtocolError
from addad.net.link import Link


class GatewayLink:
    """A link to the meter with this address behind the peer of another link."""

    def __init__(self, link: Link, address: GatewayAddress) -> None:
        self._link = link
        self._address = address
        self.peer_name = f"{link.peer_name}, meter {address}"

    @property
    def received_octets(self) -> int:
        """How many octets have come."""
        return self._link.received_octets

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._link.closed

    def check(self) -> None:
        """Raise what ended the link, if it has ended."""
        self._link.check()

    def fail(self, failure: Exception) -> None:
        """End the link at once."""
        self._link.fail(failure)

    def send(self, source: int, destination: int, apdu: bytes) -> None:
        """Send one APDU to the meter."""
        self._link.send(source, destination, self._address.request(apdu))

    async def receive(self, timeout_s: float) -> WrapperFrame:
        """The next APDU of the meter; raises `RemoteProtocolError` for one of another meter."""
        frame = await self._link.receive(timeout_s)
        if not is_for_gateway(frame.apdu):
            raise RemoteProtocolError(f"an APDU of the gateway itself, not of {self._address}")
        address, apdu = read_header(RESPONSE, frame.apdu)
        if address != self._address:
            raise RemoteProtocolError(f"an APDU of meter {address}, not of {self._address}")
        return WrapperFrame(frame.source, frame.destination, apdu)

    def close(self) -> None:
        """End the link in good order."""
        self._link.close()

    async def wait_closed(self) -> None:
        """Until the link has let go."""
        await self._link.wait_closed()
