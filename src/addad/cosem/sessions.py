"""The associations of one connection: an APDU of a client SAP in, the APDUs that answer out.

Green Book, IEC 62056-5-3: each pair of client SAP and server SAP has its own association. How the
APDUs travel is the affair of the endpoint that holds the sessions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
    SetIndication,
)
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    ServiceError,
    StateError,
    UserDiagnostic,
)

_NOBODY: Final = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
).encode()
"""What a server SAP without a logical device answers."""

OnEffect = Callable[[], object]
"""Called when a SET or ACTION has changed something, before its answer goes out."""


class Sessions:
    """All associations that the clients behind one connection have with a physical device."""

    def __init__(
        self,
        device: PhysicalDevice,
        parameters: ServerParameters | None = None,
        on_effect: OnEffect | None = None,
    ) -> None:
        self._device = device
        self._parameters = parameters or ServerParameters()
        self._on_effect: OnEffect = on_effect or (lambda: None)
        self._sessions: dict[tuple[int, int], _Session] = {}

    @property
    def proven(self) -> bool:
        """Whether a client has proved who it is, in an association that is open now."""
        return any(session.proven for session in self._sessions.values())

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer this one, in their order; none when no answer is due."""
        key = (client_sap, server_sap)
        session = self._sessions.get(key)
        if session is None:
            device = self._device.at(server_sap)
            if device is None:
                return (_NOBODY,)
            spec = device.associations.get(client_sap)
            session = _Session(device, spec, self._parameters, self._on_effect)
            if spec is not None:  # strangers are answered, and cost nothing afterwards
                self._sessions[key] = session
        return session.answer(apdu)

    def close(self) -> None:
        """The connection has ended: so have its associations."""
        for session in self._sessions.values():
            session.end()
        self._sessions.clear()


class _Session:
    """One client SAP at one logical device."""

    def __init__(
        self,
        device: LogicalDevice,
        spec: AssociationSpec | None,
        parameters: ServerParameters,
        on_effect: OnEffect,
    ) -> None:
        self._device = device
        self._on_effect = on_effect
        self._spec = spec
        self._connection = ServerConnection(_parameters(parameters, spec))
        self._association: Association | None = None

    @property
    def proven(self) -> bool:
        """Whether an association is open that asked for more than a name."""
        association = self._association
        return association is not None and association.spec.mechanism is not Mechanism.NONE

    def answer(self, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer this one; none when none is due."""
        connection = self._connection
        indication = connection.receive(apdu)
        association = self._association
        if indication is None:
            if connection.incidents:
                self._report()
            if association is not None and not connection.associated:
                self.end()
            return connection.outgoing
        if isinstance(indication, GetIndication) and association is not None:
            return connection.respond_get([association.get(d) for d in indication.descriptors])
        return self._other(indication)

    def _other(self, indication: Indication) -> tuple[bytes, ...]:
        connection, association = self._connection, self._association
        if isinstance(indication, AssociateIndication):
            return self._associate(indication)
        if association is None or isinstance(indication, ReleaseIndication):
            self.end()
            return connection.respond_release()
        if isinstance(indication, ActionIndication):
            return connection.respond_action(self._act(association, indication))
        assert isinstance(indication, SetIndication)
        return connection.respond_set(self._write(association, indication))

    def _act(self, association: Association, asked: ActionIndication) -> list[ActionOutcome]:
        outcomes = [association.action(descriptor, data) for descriptor, data in asked.items]
        if any(outcome.result is ActionResult.SUCCESS for outcome in outcomes):
            self._on_effect()
        return outcomes

    def _write(self, association: Association, asked: SetIndication) -> list[DataAccessResult]:
        results = [association.set(descriptor, data) for descriptor, data in asked.items]
        if DataAccessResult.SUCCESS in results:
            self._on_effect()
        return results

    def _associate(self, asked: AssociateIndication) -> tuple[bytes, ...]:
        self.end()
        spec = self._spec
        if spec is None:
            return self._connection.respond_associate(UserDiagnostic.NO_REASON_GIVEN)
        aare = self._connection.respond_associate()
        if self._connection.associated:
            self._open(spec, asked)
        return aare

    def _open(self, spec: AssociationSpec, asked: AssociateIndication) -> None:
        self._device.report_attempt(spec, None)
        context = NegotiatedContext(
            asked.conformance, self._connection.parameters.max_pdu, asked.max_pdu
        )
        self._association = self._device.open(spec, context)

    def _report(self) -> None:
        """Tell the device who could not prove itself."""
        incidents = self._connection.incidents
        spec = self._spec
        for incident in incidents:
            if spec is not None and isinstance(incident.diagnostic, UserDiagnostic):
                self._device.report_attempt(spec, incident.diagnostic)
        incidents.clear()

    def end(self) -> None:
        """The association is over."""
        if self._association is not None:
            self._association.close()
            self._association = None


def _parameters(base: ServerParameters, spec: AssociationSpec | None) -> ServerParameters:
    """What a connection with this client offers; nothing to a stranger."""
    if spec is None:
        return replace(base, mechanism=None)
    return replace(base, mechanism=spec.mechanism, secret=spec.password)
