"""The associations of one connection: an APDU of a client SAP in, the APDUs that answer out.

Green Book, IEC 62056-5-3: each pair of client SAP and server SAP has its own association. How the
APDUs travel is the affair of the endpoint that holds the sessions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final

from addad.cosem.association import Association
from addad.cosem.association_object import NegotiatedContext
from addad.cosem.logical_device import LogicalDevice
from addad.cosem.physical_device import PhysicalDevice
from addad.cosem.rights import NO_DEMANDS, AssociationSpec, Proof
from addad.dlms.access_exchanges import AccessIndication, AccessOutcome
from addad.dlms.acse import Aarq, Mechanism
from addad.dlms.apdu.access import AccessGet, AccessSet, AccessSpecification
from addad.dlms.apdu.event import EventNotification
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
    State,
)
from addad.dlms.data import Data
from addad.dlms.indications import incident_of
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    ServiceError,
    StateError,
    UserDiagnostic,
    data_access_result,
)
from addad.errors import AccessError, LocalProtocolError, SecurityError

_NOBODY: Final = ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
).encode()
"""What a server SAP without a logical device answers."""

_AARQ: Final = Aarq.TAG

ACCESS_OCTETS_MAX: Final = 128 * 1024
"""How many octets one ACCESS reads at most: they stand in memory until they are sent, some of the
time several times, as values, as one APDU, signed, ciphered, cut into blocks."""
_EFFORT_MAX: Final = 4 * ACCESS_OCTETS_MAX
"""What one ACCESS may cost, be it for values that are refused: octets read, and pieces made."""
_PIECE_EFFORT: Final = 32
"""What making a piece costs, in octets."""
_TOO_LONG: Final = AccessOutcome(DataAccessResult.OTHER_REASON)

ALL_STATIONS: Final = 0x7F
"""The server SAP of a message to every logical device."""

_proof_of: Final = cache(Proof)
"""The same proof for requests that are protected alike: there are but a few."""

OnEffect = Callable[[], object]
"""Called when a SET or ACTION has changed something, before its answer goes out."""


def _nothing() -> None:
    pass


class Sessions:
    """All associations that the clients behind one connection have with a physical device.

    `peer` is where they are: `address:port`, with `FORGEABLE` before it where anybody can send in
    the name of another, or the name of a line.
    """

    __slots__ = (
        "_client_sap",
        "_device",
        "_latest",
        "_on_effect",
        "_parameters",
        "_server_sap",
        "_sessions",
        "peer",
    )

    def __init__(
        self,
        device: PhysicalDevice,
        parameters: ServerParameters | None = None,
        on_effect: OnEffect | None = None,
    ) -> None:
        self.peer = ""
        self._device = device
        self._parameters = parameters or ServerParameters()
        self._on_effect: OnEffect = on_effect or _nothing
        self._sessions: dict[tuple[int, int], _Session] = {}
        self._client_sap = self._server_sap = -1
        self._latest: _Session

    @property
    def proven(self) -> bool:
        """Whether a client has proved who it is, in an association that is open now."""
        return any(session.proven for session in self._sessions.values())

    def answer(self, client_sap: int, server_sap: int, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer this one, in their order; none when no answer is due.

        What is sent to all stations is never answered.
        """
        if client_sap == self._client_sap and server_sap == self._server_sap:
            return self._latest.answer(apdu)
        session = self._sessions.get((client_sap, server_sap))
        if session is not None:
            self._client_sap, self._server_sap, self._latest = client_sap, server_sap, session
            return session.answer(apdu)
        if server_sap == ALL_STATIONS:
            for each in self._device:
                self.answer(client_sap, each.sap, apdu)
            return ()
        device = self._device.at(server_sap)
        if device is None:
            return (_NOBODY,)
        spec = device.associations.get(client_sap)
        if spec is None:  # strangers are answered, and cost nothing afterwards
            return _refused(self._parameters, apdu)
        session = _Session(device, spec, self._parameters, self._on_effect, self.peer)
        self._sessions[client_sap, server_sap] = session
        return session.answer(apdu)

    def notify(self, client_sap: int, server_sap: int, event: EventNotification) -> bytes:
        """The APDU that tells a client with an open association of an event, unasked.

        It goes out protected as the association demands, to who may read the attribute. Raises
        `LocalProtocolError` where nobody can be told now, `SecurityError` without a counter.
        """
        session = self._sessions.get((client_sap, server_sap))
        if session is None:
            raise LocalProtocolError(f"client {client_sap} has no association with {server_sap}")
        return session.notify(event)

    def close(self) -> None:
        """The connection has ended: so have its associations."""
        for session in self._sessions.values():
            session.end()
        self._sessions.clear()
        self._client_sap = -1


class _Session:
    """One client SAP at one logical device."""

    __slots__ = (
        "_asked",
        "_association",
        "_connection",
        "_device",
        "_on_effect",
        "_parameters",
        "_peer",
        "_pending",
        "_spec",
    )

    def __init__(
        self,
        device: LogicalDevice,
        spec: AssociationSpec,
        parameters: ServerParameters,
        on_effect: OnEffect,
        peer: str,
    ) -> None:
        self._device = device
        self._spec = spec
        self._parameters = parameters
        self._on_effect = on_effect
        self._peer = peer
        self._connection = ServerConnection(self._offered())
        self._asked: AssociateIndication | None = None
        self._pending = False
        self._association: Association | None = None
        if spec.pre_established:
            offered = self._connection.parameters
            context = NegotiatedContext(offered.conformance, offered.max_pdu, offered.max_pdu)
            self._association = self._opened(context)

    @property
    def proven(self) -> bool:
        """Whether an association is open that asked for more than a name.

        In a pre-established one each message has to prove the key, so it is the last one that did.
        """
        association = self._association
        if association is None:
            return False
        if association.spec.pre_established:
            return self._connection.key_proven
        return association.spec.mechanism is not Mechanism.NONE

    def _offered(self) -> ServerParameters:
        """What this client is offered now: secrets, keys and policy may have changed."""
        spec, keeper, secured = self._spec, self._device.doorkeeper, self._spec.secured
        policy = NO_DEMANDS if secured is None else secured.policy()
        offered = replace(
            self._parameters,
            mechanism=spec.mechanism,
            secret=keeper.secret(spec),
            security=None if secured is None else secured.context,
            ciphered=spec.ciphered,
            required=policy.request,
            required_in_responses=policy.response,
            challenge=keeper.challenge,
            certificate=None if secured is None else secured.certificate(),
            pre_established=spec.pre_established,
        )
        return self._device.offer(spec, offered)

    def answer(self, apdu: bytes) -> tuple[bytes, ...]:
        """The APDUs that answer this one; none when none is due."""
        association = self._association
        if association is None or self._spec.pre_established:
            if not self._device.doorkeeper.admits(self._spec, self._peer):
                return () if self._spec.pre_established else _refused(self._parameters, apdu)
        connection = self._connection
        if apdu and apdu[0] == _AARQ:
            connection.parameters = self._offered()
        indication = connection.receive(apdu)
        if indication is None:
            if association is None or not connection.associated:
                self._moved_on()
            if connection.incidents:
                self._report()
            return connection.outgoing
        if connection.incidents:
            self._report()
        if isinstance(indication, GetIndication) and association is not None:
            proof = _proof_of(indication.protection, indication.broadcast)
            association.begin_request()
            results = []
            for descriptor in indication.descriptors:
                results.append(association.get(descriptor, proof))
            return connection.respond_get(results)
        return self._other(indication)

    def notify(self, event: EventNotification) -> bytes:
        """See `Sessions.notify`."""
        association = self._association
        if association is None or not association.shows(event.descriptor):
            raise LocalProtocolError("no association that may read what the event tells")
        return self._connection.notify(event)

    def _other(self, indication: Indication) -> tuple[bytes, ...]:
        connection, association = self._connection, self._association
        if isinstance(indication, AssociateIndication):
            self.end()
            return self._associate(indication)
        if association is None or isinstance(indication, ReleaseIndication):
            self.end()
            return connection.respond_release()
        association.begin_request()
        if isinstance(indication, ActionIndication):
            return connection.respond_action(self._act(association, indication))
        if isinstance(indication, AccessIndication):
            return connection.respond_access(self._access(association, indication))
        assert isinstance(indication, SetIndication)
        return connection.respond_set(self._write(association, indication))

    def _act(self, association: Association, asked: ActionIndication) -> list[ActionOutcome]:
        proof = Proof(asked.protection, asked.broadcast)
        outcomes = [association.action(descriptor, data, proof) for descriptor, data in asked.items]
        if any(outcome.result is ActionResult.SUCCESS for outcome in outcomes):
            self._connection.parameters = self._offered()  # a policy may be stricter now
            self._on_effect()
        return outcomes

    def _write(self, association: Association, asked: SetIndication) -> list[DataAccessResult]:
        proof = Proof(asked.protection, asked.broadcast)
        results = [association.set(descriptor, data, proof) for descriptor, data in asked.items]
        if DataAccessResult.SUCCESS in results:
            self._on_effect()
        return results

    def _access(
        self, association: Association, asked: AccessIndication
    ) -> tuple[AccessOutcome, ...]:
        proof = Proof(asked.protection, asked.broadcast)
        room, effort = ACCESS_OCTETS_MAX, _EFFORT_MAX
        changed = False

        def perform(item: AccessSpecification, value: Data) -> AccessOutcome:
            nonlocal room, effort, changed
            if isinstance(item, AccessGet):
                outcome, spent = _read(association, item, proof, room, effort)
                room -= len(outcome.value or b"")
                effort -= spent
                return outcome
            if isinstance(item, AccessSet):
                outcome = AccessOutcome(association.set(item.descriptor, value, proof))
            else:
                done = association.action(item.descriptor, value, proof)
                value_back = done.returned if isinstance(done.returned, bytes) else None
                outcome = AccessOutcome(done.result, value_back)
            changed |= not outcome.result
            return outcome

        outcomes = asked.perform(perform)
        if changed:
            self._connection.parameters = self._offered()
            self._on_effect()
        return outcomes

    def _associate(self, asked: AssociateIndication) -> tuple[bytes, ...]:
        users = self._device.users(self._spec)
        if users and asked.user_id not in users:
            return self._connection.respond_associate(
                UserDiagnostic.CALLING_AE_INVOCATION_IDENTIFIER_NOT_RECOGNIZED
            )
        aare = self._connection.respond_associate()
        self._asked = asked
        self._moved_on()
        return aare

    def _moved_on(self) -> None:
        """Follow the connection: a client waits to be proved, is in, or has gone."""
        state, asked = self._connection.state, self._asked
        if asked is None:
            if self._association is not None and not self._connection.associated:
                self.end()
        elif state is State.PENDING:
            if not self._pending:
                self._device.pending_count[self._spec.client_sap] += 1
                self._pending = True
        elif self._connection.associated:
            self._open(asked)
        else:
            self.end()

    def _open(self, asked: AssociateIndication) -> None:
        self._not_pending()
        self._asked = None
        self._device.doorkeeper.came(self._spec, self._peer, asked.user_id)
        context = NegotiatedContext(
            asked.conformance, self._connection.parameters.max_pdu, asked.max_pdu, asked.user_id
        )
        self._association = self._opened(context)

    def _opened(self, context: NegotiatedContext) -> Association:
        connection = self._connection

        def insecure(error: SecurityError) -> None:
            self._device.doorkeeper.failed(self._spec, self._peer, incident_of(error))

        association = self._device.open(self._spec, context)
        association.security = lambda: connection.security
        association.insecure = insecure
        return association

    def _report(self) -> None:
        """Tell the device what was refused."""
        incidents = self._connection.incidents
        for incident in incidents:
            self._device.doorkeeper.failed(self._spec, self._peer, incident)
        incidents.clear()

    def _not_pending(self) -> None:
        if self._pending:
            self._pending = False
            self._device.pending_count[self._spec.client_sap] -= 1

    def end(self) -> None:
        """The association is over."""
        self._not_pending()
        self._asked = None
        if self._association is not None:
            self._association.close()
            self._association = None


def _read(
    association: Association, item: AccessGet, proof: Proof, room: int, effort: int
) -> tuple[AccessOutcome, int]:
    """A value whole, as ACCESS has no blocks, and what it has cost; a too long one is refused."""
    found = association.get(item.descriptor, proof)
    if isinstance(found, DataAccessResult):
        return AccessOutcome(found), 0
    if isinstance(found, bytes):
        fits = len(found) <= room
        return AccessOutcome(DataAccessResult.SUCCESS, found) if fits else _TOO_LONG, 0
    octets = bytearray()
    spent = 0
    try:
        for piece in found:
            octets += piece
            spent += len(piece) + _PIECE_EFFORT
            if len(octets) > room or spent > effort:
                return _TOO_LONG, spent
    except AccessError as refused:
        return AccessOutcome(data_access_result(refused)), spent
    return AccessOutcome(DataAccessResult.SUCCESS, bytes(octets)), spent


def _refused(base: ServerParameters, apdu: bytes) -> tuple[bytes, ...]:
    """What somebody hears who is not let in, whatever he says."""
    connection = ServerConnection(replace(base, mechanism=None))
    if connection.receive(apdu) is not None:
        return connection.respond_associate(UserDiagnostic.NO_REASON_GIVEN)
    return connection.outgoing
