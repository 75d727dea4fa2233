"""The server's end of an association: requests in as indications, responses out; octets only.

Green Book, IEC 62056-5-3 (server application process and its services).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from addad.dlms import apdu as apdus
from addad.dlms.acse import Aarq, Rlre, Rlrq
from addad.dlms.apdu.exception import ExceptionResponse
from addad.dlms.apdu.get import GetResponse
from addad.dlms.association import AssociationState, Event, State
from addad.dlms.blocks import Encodable
from addad.dlms.indications import (
    ActionIndication,
    AssociateIndication,
    GetIndication,
    Incident,
    IncidentKind,
    Indication,
    Refusal,
    ReleaseIndication,
    SetIndication,
    read_aarq,
    write_aare,
    write_refusal,
)
from addad.dlms.parameters import NOTHING, Negotiated, ServerParameters, usable_pdu
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    Diagnostic,
    ServiceError,
    StateError,
    UserDiagnostic,
)
from addad.dlms.server_exchanges import (
    LongRequest,
    LongResponse,
    Request,
    action_response,
    get_response,
    set_response,
    to_request,
)
from addad.errors import AccessError, DecodeError, LocalProtocolError

INCIDENTS_MAX: Final = 16
"""Incidents kept until they are asked for; the rest is forgotten."""
_AARQ: Final = bytes((Aarq.TAG,))
_AUTHENTICATION_DIAGNOSTICS: Final = (
    UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNISED,
    UserDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED,
    UserDiagnostic.AUTHENTICATION_FAILURE,
    UserDiagnostic.AUTHENTICATION_REQUIRED,
)


class ServerConnection:
    """One association with one client, one request at a time.

    `receive` never raises for what a client sends. It returns an indication, which the caller
    answers by the `respond_` method of its name before the next APDU; or None, and then
    `outgoing` is to be sent, if there is any.
    """

    def __init__(self, parameters: ServerParameters | None = None) -> None:
        self.parameters = parameters or ServerParameters()
        self.negotiated = NOTHING
        self.outgoing: tuple[bytes, ...] = ()
        self.incidents: list[Incident] = []
        self._association = AssociationState()
        self._asked: AssociateIndication | None = None
        self._request: Request | None = None
        self._long_request: LongRequest | None = None
        self._long_response: LongResponse | None = None

    @property
    def state(self) -> State:
        """Where the association is."""
        return self._association.state

    @property
    def associated(self) -> bool:
        """Whether the client may ask for something."""
        return self.state in (State.ASSOCIATED, State.SERVING)

    def abort(self) -> None:
        """The link is lost: back to idle."""
        self._association.local(Event.ABORT)
        self.negotiated = NOTHING
        self._asked = self._request = None
        self._long_request = self._long_response = None

    # What comes in

    def receive(self, octets: bytes) -> Indication | None:
        """What the client wants, or None when the protocol itself has the answer.

        Raises `LocalProtocolError` if the indication before has not been answered.
        """
        if self._asked is not None or self._request is not None or self._releasing:
            raise LocalProtocolError("answer the last indication first")
        self.outgoing = ()
        if not self.associated and octets[:1] != _AARQ:  # not worth the work of decoding
            self._except(ServiceError.OPERATION_NOT_POSSIBLE)
            return None
        if self.associated and len(octets) > usable_pdu(self.parameters.max_pdu):
            self._except(ServiceError.PDU_TOO_LONG)
            return None
        try:
            apdu = apdus.decode(octets)
        except DecodeError:
            self._undecodable(octets)
            return None
        if isinstance(apdu, Aarq):
            return self._receive_aarq(apdu)
        if isinstance(apdu, Rlrq):
            self._drop()
            self._association.remote(Event.RLRQ)
            return ReleaseIndication()
        return self._receive_service(apdu)

    @property
    def _releasing(self) -> bool:
        return self.state is State.RELEASING

    def _except(
        self, service: ServiceError, state: StateError = StateError.SERVICE_NOT_ALLOWED
    ) -> None:
        self._drop()
        self.outgoing = (ExceptionResponse(state, service).encode(),)

    def _drop(self) -> None:
        """Forget a long transfer that the client has left."""
        self._long_request = self._long_response = None
        if self.state is State.SERVING:
            self._association.local(Event.RESPONSE)

    def _undecodable(self, octets: bytes) -> None:
        tag = octets[0] if octets else None
        if tag == Aarq.TAG:
            self.abort()
            self.outgoing = (write_refusal(Refusal(UserDiagnostic.NO_REASON_GIVEN)),)
        elif tag in (0xC0, 0xC1, 0xC3):
            self._except(ServiceError.OTHER_REASON, StateError.SERVICE_UNKNOWN)
        else:
            self._except(ServiceError.SERVICE_NOT_SUPPORTED, StateError.SERVICE_UNKNOWN)

    def _receive_aarq(self, aarq: Aarq) -> AssociateIndication | None:
        self.abort()
        self._association.remote(Event.AARQ)
        asked = read_aarq(aarq, self.parameters)
        if isinstance(asked, Refusal):
            self._association.local(Event.REFUSED)
            self.outgoing = (write_refusal(asked),)
            self._refused(asked)
            return None
        self._asked = asked
        return asked

    def _refused(self, refusal: Refusal) -> None:
        if refusal.diagnostic in _AUTHENTICATION_DIAGNOSTICS:
            self._report(IncidentKind.AUTHENTICATION_FAILED, "refused", refusal.diagnostic)

    def _report(self, kind: IncidentKind, words: str, diagnostic: Diagnostic | None = None) -> None:
        if len(self.incidents) < INCIDENTS_MAX:
            self.incidents.append(Incident(kind, words, diagnostic))

    def _receive_service(self, apdu: apdus.Apdu) -> Indication | None:
        response = self._long_response
        if response is not None and response.continues(apdu):
            self._association.remote(Event.BLOCK)
            self._send(response.next(apdu))
            return None
        request = self._long_request
        if request is not None and request.continues(apdu):
            self._association.remote(Event.BLOCK)
            return self._take(request, request.take(apdu))
        self._drop()
        begun = to_request(apdu, self.negotiated, self.parameters.max_request_octets)
        if isinstance(begun, ServiceError):
            self._except(begun)
            return None
        if isinstance(begun, bytes):
            self.outgoing = (begun,)
            return None
        self._association.remote(Event.REQUEST)
        if isinstance(begun, LongRequest):
            return self._take(begun, begun.take(apdu))
        self._request = begun
        return begun.indication

    def _take(self, request: LongRequest, step: bytes | Request) -> Indication | None:
        """Ask for the next block, end the transfer, or hand on what has arrived whole."""
        self._long_request = None if request.ended else request
        if isinstance(step, bytes):
            if request.ended:
                self._association.local(Event.RESPONSE)
            self.outgoing = (step,)
            return None
        self._request = step
        return step.indication

    def _send(self, octets: bytes) -> None:
        response = self._long_response
        if response is not None and response.ended:
            self._long_response = None
            self._association.local(Event.RESPONSE)
        self.outgoing = (octets,)

    # What goes out

    def respond_associate(self, diagnostic: UserDiagnostic | None = None) -> tuple[bytes, ...]:
        """The AARE: without a diagnostic the association is open, with one it is refused."""
        asked = self._asked
        if asked is None:
            raise LocalProtocolError("nobody asks for an association")
        self._asked = None
        if diagnostic is not None:
            self._association.local(Event.REFUSED)
            return (write_refusal(Refusal(diagnostic)),)
        self._association.local(Event.ACCEPTED)
        self.negotiated = Negotiated(asked.conformance, usable_pdu(asked.max_pdu))
        return (write_aare(asked, self.parameters),)

    def respond_release(self) -> tuple[bytes, ...]:
        """The RLRE; the association is over."""
        self._association.local(Event.RLRE)
        self.negotiated = NOTHING
        return (Rlre().encode(),)

    def respond_get(self, results: Sequence[Encodable | DataAccessResult]) -> tuple[bytes, ...]:
        """The values, or why there are none; pieces of a long one are pulled as blocks leave.

        An `AccessError` from the pieces becomes the result, or ends a transfer under way.
        """
        request = self._answered(GetIndication, len(results))
        try:
            response = get_response(request, results, self.negotiated)
        except AccessError as refused:
            self._association.local(Event.RESPONSE)
            if request.listed:
                return (_exception(ServiceError.OTHER_REASON),)
            return (GetResponse(request.invoke, data_access_result(refused)).encode(),)
        return self._respond(response)

    def respond_set(self, results: Sequence[DataAccessResult]) -> tuple[bytes, ...]:
        """How each write ended; no octets when the client wants no answer."""
        request = self._answered(SetIndication, len(results))
        return self._respond(set_response(request, tuple(results)))

    def respond_action(
        self, outcomes: Sequence[ActionOutcome | tuple[ActionResult, bytes | None]]
    ) -> tuple[bytes, ...]:
        """How each method ended and what it returned; no octets when no answer is wanted."""
        request = self._answered(ActionIndication, len(outcomes))
        named = tuple([ActionOutcome(*outcome) for outcome in outcomes])
        return self._respond(action_response(request, named, self.negotiated))

    def _answered(
        self,
        kind: type[GetIndication] | type[SetIndication] | type[ActionIndication],
        count: int,
    ) -> Request:
        request = self._request
        if request is None or not isinstance(request.indication, kind):
            raise LocalProtocolError(f"there is no {kind.__name__} to answer")
        if count != request.size:
            raise LocalProtocolError(f"{count} results for {request.size} items")
        self._request = None
        return request

    def _respond(self, response: bytes | LongResponse | ServiceError) -> tuple[bytes, ...]:
        if isinstance(response, LongResponse):
            try:
                octets = response.cut()
            except AccessError:
                octets = response.aborted()
            if not response.ended:
                self._association.local(Event.BLOCK)
                self._long_response = response
                return (octets,)
            response = octets
        self._association.local(Event.RESPONSE)
        if isinstance(response, ServiceError):
            return (_exception(response),)
        return (response,) if response else ()


def _exception(service: ServiceError) -> bytes:
    return ExceptionResponse(StateError.SERVICE_NOT_ALLOWED, service).encode()


def data_access_result(refused: AccessError) -> DataAccessResult:
    """The result of an `AccessError`; one without a known reason is other-reason."""
    known = refused.result in DataAccessResult.__members__.values()
    if not known or refused.result == DataAccessResult.SUCCESS:
        return DataAccessResult.OTHER_REASON
    return DataAccessResult(refused.result)
