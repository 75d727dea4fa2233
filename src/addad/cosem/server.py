"""A physical device behind one connection: wrapper frames in, answers out; sans-io.

IEC 62056-47 frames name a client SAP and a server SAP; each pair has its own association. Many
connections share one physical device, each with a `ServerEndpoint` of its own.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from addad.cosem.association_object import NegotiatedContext
from addad.cosem.logical_device import Association, LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import AssociationSpec
from addad.dlms.acse import Mechanism
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.connection import (
    ActionIndication,
    AssociateIndication,
    GetIndication,
    Indication,
    ReleaseIndication,
    ServerConnection,
    ServerParameters,
)
from addad.dlms.results import ServiceError, StateError, UserDiagnostic
from addad.dlms.wrapper import WrapperDecoder, WrapperFrame

_NOBODY: Final = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
).encode()
"""What a server SAP without a logical device answers."""


class ServerEndpoint:
    """The meter's end of one connection.

    `receive` takes octets and says how many frames wait; `answer` works on one of them and gives
    the octets to send. `receive` raises `DecodeError` for octets that are no frame: close the link.
    """

    def __init__(self, device: PhysicalDevice, parameters: ServerParameters | None = None) -> None:
        self._device = device
        self._parameters = parameters or ServerParameters()
        self._decoder = WrapperDecoder()
        self._frames: deque[WrapperFrame] = deque()
        self._sessions: dict[tuple[int, int], _Session] = {}
        self.peer = ""

    @property
    def proven(self) -> bool:
        """Whether the client has proved who it is, in an association that is open now."""
        return any(session.proven for session in self._sessions.values())

    def connected(self, peer: str) -> None:
        """The connection stands; `peer` is its `address:port`."""
        self.peer = peer

    def receive(self, octets: bytes) -> int:
        """Take octets; gives how many whole frames wait for `answer`."""
        self._frames += self._decoder.feed(octets)
        return len(self._frames)

    def answer(self) -> bytes | None:
        """The octets that answer the next frame, empty when none are due; None without a frame."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        apdu = self._answer(frame)
        if not apdu:
            return b""
        return WrapperFrame(frame.destination, frame.source, apdu).encode()

    def close(self) -> None:
        """The connection has ended: so have its associations."""
        for session in self._sessions.values():
            session.end()
        self._sessions.clear()
        self._frames.clear()

    def _answer(self, frame: WrapperFrame) -> bytes:
        key = (frame.source, frame.destination)
        session = self._sessions.get(key)
        if session is None:
            device = self._device.at(frame.destination)
            if device is None:
                return _NOBODY
            spec = device.associations.get(frame.source)
            session = _Session(device, spec, self._parameters)
            if spec is not None:  # strangers are answered, and cost nothing afterwards
                self._sessions[key] = session
        return session.answer(frame.apdu)


class _Session:
    """One client SAP at one logical device."""

    def __init__(
        self, device: LogicalDevice, spec: AssociationSpec | None, parameters: ServerParameters
    ) -> None:
        self._device = device
        self._spec = spec
        self._connection = ServerConnection(parameters)
        self._association: Association | None = None

    @property
    def proven(self) -> bool:
        """Whether an association is open that asked for more than a name."""
        association = self._association
        return association is not None and association.spec.mechanism is not Mechanism.NONE

    def answer(self, apdu: bytes) -> bytes:
        """The APDU that answers this one; empty when none is due."""
        connection = self._connection
        indication = connection.receive(apdu)
        association = self._association
        if indication is None:
            if association is not None and not connection.associated:
                self.end()
            return connection.outgoing or b""
        if isinstance(indication, GetIndication) and association is not None:
            return connection.respond_get([association.get(d) for d in indication.descriptors])
        return self._other(indication)

    def _other(self, indication: Indication) -> bytes:
        connection, association = self._connection, self._association
        if isinstance(indication, AssociateIndication):
            return self._associate(indication)
        if association is None or isinstance(indication, ReleaseIndication):
            self.end()
            return connection.respond_release()
        if isinstance(indication, ActionIndication):
            return connection.respond_action(
                [association.action(descriptor, data) for descriptor, data in indication.items]
            )
        assert not isinstance(indication, GetIndication)
        return connection.respond_set(
            [association.set(descriptor, data) for descriptor, data in indication.items]
        )

    def _associate(self, asked: AssociateIndication) -> bytes:
        self.end()
        spec = self._spec
        if spec is None:
            return self._connection.respond_associate(UserDiagnostic.NO_REASON_GIVEN)
        refused = asked.diagnose(spec.mechanism, spec.password)
        self._device.report_attempt(spec, refused)
        if refused is not None:
            return self._connection.respond_associate(refused)
        aare = self._connection.respond_associate()
        context = NegotiatedContext(
            asked.conformance, self._connection.parameters.max_pdu, asked.max_pdu
        )
        self._association = self._device.open(spec, context)
        return aare

    def end(self) -> None:
        """The association is over."""
        if self._association is not None:
            self._association.close()
            self._association = None
