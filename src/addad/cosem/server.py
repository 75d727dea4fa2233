"""A physical device behind one connection: wrapper frames in, answers out; sans-io.

IEC 62056-47 frames name a client SAP and a server SAP. Many connections share one physical device,
each with a `ServerEndpoint` of its own.
"""

from __future__ import annotations

from addad.cosem.gateway import Answering
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.sessions import OnEffect, Sessions
from addad.dlms.apdu.event import EventNotification
from addad.dlms.connection import ServerParameters
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame
from addad.errors import LocalProtocolError


class ServerEndpoint:
    """The meter's end of one connection.

    `receive` takes octets and says how many frames wait; `answer` works on one of them and gives
    the octets to send. `receive` raises `DecodeError` for octets that are no frame: close the link.
    """

    __slots__ = ("_decoder", "_frames", "_sessions", "peer")

    def __init__(
        self,
        device: PhysicalDevice | Answering,
        parameters: ServerParameters | None = None,
        on_effect: OnEffect | None = None,
    ) -> None:
        """`on_effect` is called when a SET or ACTION did something, before its answer goes out.

        Sessions of another kind, such as a gateway's, are taken as they are.
        """
        self._sessions: Answering = (
            Sessions(device, parameters, on_effect)
            if isinstance(device, PhysicalDevice)
            else device
        )
        self._decoder = WrapperDecoder()
        self._frames: list[WrapperFrame] = []
        self.peer = ""

    @property
    def proven(self) -> bool:
        """Whether the client has proved who it is, in an association that is open now."""
        return self._sessions.proven

    def connected(self, peer: str) -> None:
        """The connection stands; `peer` is its `address:port`."""
        self.peer = peer
        self._sessions.peer = peer

    def receive(self, octets: bytes) -> int:
        """Take octets; gives how many whole frames wait for `answer`."""
        self._frames += self._decoder.feed(octets)
        return len(self._frames)

    def answer(self) -> bytes | None:
        """The octets that answer the next frame, empty when none are due; None without a frame."""
        if not self._frames:
            return None
        frame = self._frames.pop(0)
        answers = self._sessions.answer(frame.source, frame.destination, frame.apdu)
        return b"".join(
            [WrapperFrame(frame.destination, frame.source, apdu).encode() for apdu in answers]
        )

    def notify(self, client_sap: int, event: EventNotification, server_sap: int = 1) -> bytes:
        """The octets that tell an associated client of an event; give them to `ServerLink.push`.

        Raises as `Sessions.notify` does, and `LocalProtocolError` for sessions of another kind.
        """
        if not isinstance(self._sessions, Sessions):
            raise LocalProtocolError("only a meter's own sessions tell events")
        apdu = self._sessions.notify(client_sap, server_sap, event)
        return WrapperFrame(server_sap, client_sap, apdu).encode()

    def close(self) -> None:
        """The connection has ended: so have its associations."""
        self._sessions.close()
        self._frames.clear()
