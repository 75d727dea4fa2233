"""The server's end of an association: requests in as indications, responses out; octets only.

Green Book, IEC 62056-5-3 (server application process and its services).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from addad.dlms import apdu as apdus
from addad.dlms import server_refusals as refusals
from addad.dlms.access_exchanges import AccessIndication, AccessOutcome, access_response, to_access
from addad.dlms.acse import Aarq, Rlrq
from addad.dlms.apdu.access import AccessRequest
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.association import Event, State
from addad.dlms.blocks import Encodable
from addad.dlms.clock_time import DateTime
from addad.dlms.indications import (
    ActionIndication,
    AssociateIndication,
    GetIndication,
    Incident,
    Indication,
    ReleaseIndication,
    SetIndication,
)
from addad.dlms.parameters import CONFIRMED, MAX_PDU, MIN_PDU, Negotiated, ServerParameters
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    ServiceError,
    UserDiagnostic,
)
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.suite import Protection
from addad.dlms.server_association import OPEN, ServerAssociation
from addad.dlms.server_requests import LongRequest, Request, answered, get_of, to_request
from addad.dlms.server_responses import (
    LongResponse,
    action_response,
    get_response,
    set_response,
)
from addad.errors import (
    DecodeError,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
)

_AARQ: Final = Aarq.TAG
_GET: Final = int(Conformance.GET)
_REQUEST: Final = Event.REQUEST
_RESPONSE: Final = Event.RESPONSE
_UNANSWERED: Final = "answer the last indication first"
_NONE: Final = Protection.NONE
_made: Final = tuple.__new__
"""A named tuple without its own constructor, for the request that is almost every one."""
_GET_ONE: Final = b"\xc0\x01"
_GET_OCTETS: Final = 13
_SHORT: Final = 8
"""A value that fits every APDU there is, be it the smallest."""


class ServerConnection:
    """One association with one client, one request at a time.

    `receive` never raises for what a client sends. It returns an indication, which the caller
    answers by the `respond_` method of its name before the next APDU; or None, and then
    `outgoing` is to be sent, if there is any. What a client should not have done stands in
    `incidents` until the caller clears them. The passes of high-level security are made inside:
    after the AARE the association is PENDING, and `associated` once the client has proved itself.
    """

    __slots__ = ("_association", "_exchange", "_floor", "_request", "incidents", "outgoing")

    def __init__(self, parameters: ServerParameters | None = None) -> None:
        self.outgoing: tuple[bytes, ...] = ()
        self._association = ServerAssociation(parameters or ServerParameters())
        self.incidents: list[Incident] = self._association.incidents
        """What the client did and should not have done; clear it when it has been told."""
        self._request: Request | AccessIndication | None = None
        self._exchange: LongRequest | LongResponse | None = None
        self._floor = Protection.NONE

    @property
    def parameters(self) -> ServerParameters:
        """What is offered; a change holds from the next APDU on, also for a stricter policy."""
        return self._association.parameters

    @parameters.setter
    def parameters(self, parameters: ServerParameters) -> None:
        self._association.parameters = parameters

    @property
    def state(self) -> State:
        """Where the association is."""
        return self._association.state.state

    @property
    def associated(self) -> bool:
        """Whether the client may ask for something."""
        return self._association.is_open

    @property
    def negotiated(self) -> Negotiated:
        """What was agreed with the client."""
        return self._association.negotiated

    @property
    def key_proven(self) -> bool:
        """Whether the APDU that came last was authenticated under a key that is not a group's."""
        envelope = self._association.path.envelope
        if envelope is None or envelope.broadcast:
            return False
        return bool(envelope.protection & Protection.AUTHENTICATION)

    @property
    def security(self) -> SecurityContext | None:
        """The security of this association, with the client's title and dedicated key."""
        return self._association.security

    def abort(self) -> None:
        """The link is lost: back to idle; a pre-established association stands again."""
        self._forget()
        self._association.abort()

    def _forget(self) -> None:
        self._request = self._exchange = None
        self._floor = Protection.NONE

    # What comes in

    def receive(self, octets: bytes) -> Indication | None:
        """What the client wants, or None when the protocol itself has the answer.

        Raises `LocalProtocolError` if the indication before has not been answered.
        """
        association = self._association
        state = association.state.state
        if self._request is not None:
            raise LocalProtocolError(_UNANSWERED)
        self.outgoing = ()
        if state not in OPEN:
            return self._receive_unassociated(octets, state)
        if octets and octets[0] == _AARQ:
            return self._receive_aarq(octets)
        if len(octets) > (association.parameters.max_pdu or MAX_PDU):
            self._except(ServiceError.PDU_TOO_LONG)
            return None
        path = association.path
        try:
            taken = path.take(octets)
            if taken is None:
                self.outgoing = path.outgoing
                return None
            if path.envelope is not None:
                association.check_protection(taken)
            if taken[:2] == _GET_ONE and len(taken) == _GET_OCTETS and self._exchange is None:
                if taken[-1] == 0 and taken[-2] and association.negotiated.services & _GET:
                    return self._receive_get(taken)
            apdu = apdus.decode(taken)
            if isinstance(apdu, Rlrq):
                return self._receive_rlrq(apdu)
            return self._receive_service(apdu)
        except SecurityError as error:
            self._insecure(error)
            return None
        except DecodeError:
            self._drop()
            self.outgoing = (refusals.undecodable(octets, path.envelope is not None),)
            return None
        except RemoteProtocolError:
            path.begin()
            self._except(ServiceError.OTHER_REASON)
            return None

    def _receive_unassociated(self, octets: bytes, state: State) -> Indication | None:
        if self._association.asked or state is State.RELEASING:
            raise LocalProtocolError(_UNANSWERED)
        if octets and octets[0] == _AARQ:
            return self._receive_aarq(octets)
        if state is State.PENDING:
            return self._receive_pending(octets)
        self._except(ServiceError.OPERATION_NOT_POSSIBLE)
        return None  # not worth the decoding

    def _receive_aarq(self, octets: bytes) -> AssociateIndication | None:
        association = self._association
        indication = association.receive_aarq(octets)
        if indication is None:
            self.outgoing = association.outgoing
        if not association.is_open:
            self._forget()
        return indication

    def _receive_pending(self, octets: bytes) -> Indication | None:
        """The client proves itself, or gives up; anything else ends the association."""
        association = self._association
        if octets[:1] == bytes((Rlrq.TAG,)):
            try:
                rlrq = apdus.decode(octets)
                if isinstance(rlrq, Rlrq):
                    return self._receive_rlrq(rlrq)
            except RemoteProtocolError:
                pass
        association.receive_proof(octets)
        self.outgoing = association.outgoing
        return None

    def _receive_rlrq(self, rlrq: Rlrq) -> ReleaseIndication | None:
        refusal = self._association.receive_rlrq(rlrq)
        if refusal is not None:
            self.outgoing = (refusal,)
            return None
        self._forget()
        return ReleaseIndication()

    def _insecure(self, error: SecurityError) -> None:
        """Report it, and answer: who did not prove the key hears less."""
        self._association.report(error)
        self._drop()
        self.outgoing = refusals.insecure(error)

    def _except(self, service: ServiceError) -> None:
        self._drop()
        self.outgoing = (refusals.exception(service),)

    def _drop(self) -> None:
        """Forget a long transfer that the client has left."""
        self._exchange = None
        if self.state is State.SERVING:
            self._association.state.local(_RESPONSE)

    # Requests

    def _receive_service(self, apdu: apdus.Apdu) -> Indication | None:
        exchange = self._exchange
        if exchange is not None and exchange.continues(apdu):
            self._association.state.remote(Event.BLOCK)
            if isinstance(exchange, LongRequest):
                return self._take(exchange, exchange.take(apdu))
            self._send_next(exchange, exchange.next(apdu))
            return None
        if exchange is not None:
            self._drop()
        if isinstance(apdu, AccessRequest):
            return self._receive_access(apdu)
        negotiated, offered = self._association.negotiated, self._association.parameters
        begun = to_request(apdu, negotiated, offered.max_request_octets)
        if isinstance(begun, ServiceError):
            self._except(begun)
            return None
        envelope = self._association.path.envelope
        self._floor = Protection.NONE if envelope is None else envelope.protection
        if isinstance(begun, bytes):
            self.outgoing = self._sent(begun)
            return None
        self._association.state.remote(_REQUEST)
        if isinstance(begun, LongRequest):
            return self._take(begun, begun.take(apdu))
        return self._indicate(begun)

    def _receive_get(self, taken: bytes) -> GetIndication:
        """The request that is almost every one: one attribute, whole."""
        association = self._association
        envelope = association.path.envelope
        if envelope is None:
            self._floor = floor = _NONE
            indication = get_of(taken[3:12], floor, False)
        else:
            self._floor = floor = envelope.protection
            indication = get_of(taken[3:12], floor, envelope.broadcast)
        association.state.remote(_REQUEST)
        self._request = _made(Request, (indication, taken[2], False, None))
        return indication

    def _receive_access(self, apdu: AccessRequest) -> Indication | None:
        association = self._association
        begun = to_access(apdu, association.negotiated)
        if isinstance(begun, ServiceError):
            self._except(begun)
            return None
        if begun.changes:
            association.check_authenticated()
        envelope = association.path.envelope
        if envelope is not None:
            self._floor = envelope.protection
            begun = begun._replace(protection=self._floor, broadcast=envelope.broadcast)
        association.state.remote(_REQUEST)
        self._request = begun
        if begun.changes:
            association.settle()
        return begun

    def _take(self, request: LongRequest, step: bytes | Request) -> Indication | None:
        """Ask for the next block, end the transfer, or hand on what has arrived whole."""
        self._exchange = None if request.ended else request
        envelope = self._association.path.envelope
        if envelope is not None:
            request.came(envelope.protection, envelope.broadcast)
        if isinstance(step, bytes):
            if request.ended:
                self._association.state.local(_RESPONSE)
            self.outgoing = self._sent(step)
            return None
        self._indicate(step)
        indication = step.indication
        if envelope is None or isinstance(indication, GetIndication):
            return indication
        return indication._replace(protection=request.protection, broadcast=request.broadcast)

    def _indicate(self, request: Request) -> Indication:
        """Hand a whole request on, once its counter is durable if it changes something."""
        self._request = request
        indication, envelope = request.indication, self._association.path.envelope
        if isinstance(indication, GetIndication):
            if envelope is None:
                return indication
            return GetIndication(indication.descriptors, envelope.protection, envelope.broadcast)
        self._association.settle()
        if envelope is None:
            return indication
        return indication._replace(protection=envelope.protection, broadcast=envelope.broadcast)

    def _send_next(self, response: LongResponse, octets: bytes) -> None:
        if response.ended:
            self._exchange = None
            self._association.state.local(_RESPONSE)
        self.outgoing = self._sent(octets)

    # Responses

    def respond_get(self, results: Sequence[Encodable | DataAccessResult]) -> tuple[bytes, ...]:
        """The values, or why there are none; pieces of a long one are pulled as blocks leave.

        An `AccessError` from the pieces becomes the result, or ends a transfer under way.
        """
        request = answered(self._request, GetIndication, len(results))
        self._request = None
        if not request.listed and request.invoke & CONFIRMED:
            value = results[0]
            if type(value) is bytes and len(value) <= _SHORT:
                self._association.state.local(_RESPONSE)
                return self._sent(bytes((0xC4, 1, request.invoke, 0)) + value)
        negotiated = self._room(Conformance.BLOCK_TRANSFER_WITH_GET)
        return self._respond(get_response(request, results, negotiated), request.confirmed)

    def respond_set(self, results: Sequence[DataAccessResult]) -> tuple[bytes, ...]:
        """How each write ended; no octets when the client wants no answer."""
        request = answered(self._request, SetIndication, len(results))
        self._request = None
        return self._respond(set_response(request, tuple(results)))

    def respond_action(
        self, outcomes: Sequence[ActionOutcome | tuple[ActionResult, bytes | None]]
    ) -> tuple[bytes, ...]:
        """How each method ended and what it returned; no octets when no answer is wanted."""
        request = answered(self._request, ActionIndication, len(outcomes))
        self._request = None
        named = tuple([ActionOutcome(*outcome) for outcome in outcomes])
        negotiated = self._room(Conformance.BLOCK_TRANSFER_WITH_ACTION)
        return self._respond(action_response(request, named, negotiated))

    def respond_access(
        self, outcomes: Sequence[AccessOutcome], moment: DateTime | None = None
    ) -> tuple[bytes, ...]:
        """How each item ended, and its value; no octets when no answer is wanted."""
        request = self._request
        if not isinstance(request, AccessIndication):
            raise LocalProtocolError("there is no AccessIndication to answer")
        response = access_response(request, outcomes, moment)
        self._request = None
        return self._respond(response)

    def notify(self, event: EventNotification) -> bytes:
        """The APDU of what is told unasked; raises `LocalProtocolError` when it cannot be now."""
        if self._request is not None or self._exchange is not None:
            raise LocalProtocolError("a request is being answered; tell it afterwards")
        return self._association.notify(event)

    def _room(self, blocks: Conformance) -> Negotiated:
        """What an answer may fill: one APDU, or all that general blocks may bring."""
        association = self._association
        path = association.path
        plain = path.plain_for(path.envelope, association.parameters.required_in_responses)
        if path.whole is path.plain:
            return plain
        in_blocks = plain.max_pdu >= MIN_PDU and association.negotiated.allows(blocks)
        return plain if in_blocks else path.whole

    def _respond(
        self, response: bytes | LongResponse | ServiceError, confirmed: bool = True
    ) -> tuple[bytes, ...]:
        if isinstance(response, LongResponse) and confirmed:
            octets = response.block()
            if not response.ended:
                self._association.state.local(Event.BLOCK)
                self._exchange = response
                return self._sent(octets)
            response = octets
        self._association.state.local(_RESPONSE)
        if not confirmed:
            return ()
        if isinstance(response, bytes):
            return self._sent(response) if response else ()
        assert isinstance(response, ServiceError)
        return (refusals.exception(response),)

    def _sent(self, apdu: bytes) -> tuple[bytes, ...]:
        """The response protected as its request was, and cut if it is long."""
        association = self._association
        try:
            return association.path.cut(association.protect(apdu, self._floor))
        except SecurityError as error:
            association.report(error)
            self._drop()
            return (refusals.NOT_POSSIBLE,)
        except LocalProtocolError:
            self._drop()
            return (refusals.exception(ServiceError.PDU_TOO_LONG),)

    def respond_associate(self, diagnostic: UserDiagnostic | None = None) -> tuple[bytes, ...]:
        """The AARE: without a diagnostic the association is open, with one it is refused.

        With mechanisms 5 to 7 it is PENDING, and open when the client has proved itself.
        """
        return self._association.respond(diagnostic)

    def respond_release(self) -> tuple[bytes, ...]:
        """The RLRE; the association is over."""
        return self._association.respond_release()
