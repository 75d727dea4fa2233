"""The client's end of an association: requests out, replies in; octets only.

Green Book, IEC 62056-5-3 (client application process and its services).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from addad.dlms import apdu as apdus
from addad.dlms.acse import (
    Aare,
    Aarq,
    ApplicationContext,
    Mechanism,
    Rlre,
    Rlrq,
    context_name,
    mechanism_name,
)
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu.initiate import (
    DLMS_VERSION,
    LOGICAL_NAME_VAA,
    Conformance,
    InitiateRequest,
    InitiateResponse,
)
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.association import AssociationState, Event, State
from addad.dlms.client_exchanges import (
    ActionExchange,
    ActionReply,
    GetExchange,
    GetReply,
    SetExchange,
    SetReply,
)
from addad.dlms.parameters import (
    CONFIRMED,
    HIGH_PRIORITY,
    NOTHING,
    AssociationParameters,
    Negotiated,
    usable_pdu,
)
from addad.dlms.results import AssociationResult
from addad.errors import AssociationError, DecodeError, LocalProtocolError, RemoteProtocolError

_LIST_HEADER: Final = 4
"""Tag, choice, invoke octet and the count of a request with list."""
_LIST_MAX: Final = 127


class Associated(NamedTuple):
    """The association is open."""

    negotiated: Negotiated


class Released(NamedTuple):
    """The association is released."""


Reply = (
    Associated
    | Released
    | GetReply
    | SetReply
    | ActionReply
    | DataNotification
    | ExceptionResponse
    | ConfirmedServiceError
)


class ClientConnection:
    """One association, one request at a time.

    `associate`, `get`, `set`, `action` and `release` give the APDUs to send, in order. Give each
    APDU that arrives to `receive`: it returns the reply, or None; then `outgoing` has the APDUs to
    send next, none when more is on its way. `timeout` says what to send when nothing comes.
    A notification may come at any time and changes nothing. After a `RemoteProtocolError` the
    association is over; close the link.
    """

    def __init__(self, parameters: AssociationParameters) -> None:
        self.parameters = parameters
        self.negotiated = NOTHING
        self.outgoing: tuple[bytes, ...] = ()
        self._association = AssociationState()
        self._exchange: GetExchange | SetExchange | ActionExchange | None = None
        self._invoke_id = 0

    @property
    def state(self) -> State:
        """Where the association is."""
        return self._association.state

    def associate(self) -> tuple[bytes, ...]:
        """The AARQ; raises `LocalProtocolError` unless idle."""
        self._association.local(Event.AARQ)
        asked = self.parameters
        initiate = InitiateRequest(asked.conformance, asked.max_pdu)
        authenticated = asked.mechanism != Mechanism.NONE
        aarq = Aarq(
            context_name(ApplicationContext.LOGICAL_NAME),
            initiate.encode(),
            mechanism_name(asked.mechanism) if authenticated else None,
            asked.password if authenticated else None,
            authentication_required=authenticated,
        )
        return (aarq.encode(),)

    def release(self) -> tuple[bytes, ...]:
        """The RLRQ; raises `LocalProtocolError` unless associated."""
        self._association.local(Event.RLRQ)
        self._exchange = None
        return (Rlrq().encode(),)

    def abort(self) -> None:
        """The link is lost: back to idle."""
        self._association.local(Event.ABORT)
        self._exchange = None
        self.negotiated = NOTHING

    def get(self, descriptors: Sequence[AttributeDescriptor]) -> tuple[bytes, ...]:
        """A GET of one attribute, or with list; the reply is a `GetReply`.

        Raises `LocalProtocolError` for what was not negotiated or does not fit one APDU:
        `get_capacity` says how many do.
        """
        needed = Conformance.GET
        if any(one.selection is not None for one in descriptors):
            needed |= Conformance.SELECTIVE_ACCESS
        invoke = self._begin(needed, len(descriptors))
        self._exchange = GetExchange(invoke, descriptors)
        request = self._exchange.request()
        if len(request) > self.negotiated.max_pdu:
            self._end()
            raise LocalProtocolError(f"{len(descriptors)} attributes do not fit one request")
        return (request,)

    def get_capacity(self, descriptors: Sequence[AttributeDescriptor]) -> int:
        """How many of these attributes, from the first, one GET can name; at least one."""
        if not self.negotiated.allows(Conformance.MULTIPLE_REFERENCES):
            return 1
        octets = _LIST_HEADER
        for count, descriptor in enumerate(descriptors[:_LIST_MAX]):
            octets += len(descriptor.encode())
            if octets > self.negotiated.max_pdu:
                return max(count, 1)
        return max(min(len(descriptors), _LIST_MAX), 1)

    def set(self, items: Sequence[tuple[AttributeDescriptor, bytes]]) -> tuple[bytes, ...]:
        """A SET of attributes to the octets of values, in blocks when they are long.

        The reply is a `SetReply`. Raises `LocalProtocolError` for what was not negotiated.
        """
        invoke = self._begin(Conformance.SET, len(items))
        exchange = SetExchange(invoke, items, self.negotiated.max_pdu)
        self._exchange = exchange
        return self._first(exchange.request, Conformance.BLOCK_TRANSFER_WITH_SET, exchange)

    def action(self, items: Sequence[tuple[MethodDescriptor, bytes | None]]) -> tuple[bytes, ...]:
        """An ACTION of methods with the octets of parameters, in blocks when they are long.

        The reply is an `ActionReply`. Raises `LocalProtocolError` for what was not negotiated.
        """
        invoke = self._begin(Conformance.ACTION, len(items))
        exchange = ActionExchange(invoke, items, self.negotiated.max_pdu)
        self._exchange = exchange
        return self._first(exchange.request, Conformance.BLOCK_TRANSFER_WITH_ACTION, exchange)

    def receive(self, octets: bytes) -> Reply | None:
        """The reply that this APDU completes; None when `outgoing` is to be sent first.

        Raises `AssociationError` when the association is refused, `RemoteProtocolError` (and with
        it `DecodeError`) when the peer breaks the protocol.
        """
        self.outgoing = ()
        try:
            apdu = apdus.decode(octets)
            if isinstance(apdu, DataNotification):
                return apdu
            return self._receive(apdu)
        except RemoteProtocolError:
            self.abort()
            raise

    def timeout(self) -> tuple[bytes, ...]:
        """What to send again after a silence of the peer; none when nothing of this can help."""
        return ()

    def _begin(self, needed: Conformance, items: int) -> int:
        """The invoke octet of a new request, once the request is allowed."""
        if not items:
            raise LocalProtocolError("a request names at least one item")
        if items > 1:
            needed |= Conformance.MULTIPLE_REFERENCES
        if not self._association.allows(Event.REQUEST):
            raise LocalProtocolError(f"no request while {self.state.name}")
        missing = needed & ~self.negotiated.conformance
        if missing:
            raise LocalProtocolError(f"the peer does not offer {missing.name or missing}")
        self._association.local(Event.REQUEST)
        self._invoke_id = self._invoke_id % 15 + 1
        return self._invoke_id | CONFIRMED | HIGH_PRIORITY

    def _first(
        self, request: bytes | None, blocks: Conformance, exchange: SetExchange | ActionExchange
    ) -> tuple[bytes, ...]:
        if request is not None:
            return (request,)
        try:
            if not self.negotiated.allows(blocks):
                raise LocalProtocolError("the value is too long for one APDU of the peer")
            return (exchange.next_block(),)
        except LocalProtocolError:
            self._end()
            raise

    def _end(self) -> None:
        self._association.local(Event.RESPONSE)
        self._exchange = None

    def _receive(self, apdu: apdus.Apdu) -> Reply | None:
        if isinstance(apdu, Aare):
            return self._receive_aare(apdu)
        if isinstance(apdu, Rlre):
            self._association.remote(Event.RLRE)
            self.negotiated = NOTHING
            return Released()
        if isinstance(apdu, ExceptionResponse | ConfirmedServiceError):
            return self._receive_exception(apdu)
        if self._exchange is None:
            raise RemoteProtocolError(f"{type(apdu).__name__} while {self.state.name}")
        step = self._exchange.receive(apdu)
        if isinstance(step, bytes):
            self._association.local(Event.BLOCK)
            self.outgoing = (step,)
            return None
        self._end()
        return step

    def _receive_exception(self, apdu: ExceptionResponse | ConfirmedServiceError) -> Reply:
        if self.state is State.ASSOCIATING:
            raise AssociationError("the association is refused with an exception, without a reason")
        if self.state is State.RELEASING:
            self.abort()
            return Released()
        self._association.remote(Event.RESPONSE)
        self._exchange = None
        return apdu

    def _receive_aare(self, aare: Aare) -> Associated:
        if aare.result != AssociationResult.ACCEPTED:
            self._association.remote(Event.REFUSED)
            raise _refusal(aare)
        self._association.remote(Event.ACCEPTED)
        if aare.diagnostic:
            raise AssociationError(
                f"the peer wants more authentication: {aare.diagnostic.name}", 0, aare.diagnostic
            )
        self.negotiated = self._agree(aare.user_information)
        return Associated(self.negotiated)

    def _agree(self, user_information: bytes | None) -> Negotiated:
        """What the InitiateResponse says; some peers leave it out and mean what was asked."""
        asked = self.parameters
        if user_information is None:
            return Negotiated(asked.conformance, usable_pdu(asked.max_pdu))
        response = apdus.decode(user_information)
        if not isinstance(response, InitiateResponse):
            raise DecodeError(f"an AARE with {type(response).__name__}")
        if response.version != DLMS_VERSION or response.vaa_name != LOGICAL_NAME_VAA:
            raise RemoteProtocolError(
                f"DLMS version {response.version}, VAA-name {response.vaa_name:04X}"
            )
        return Negotiated(response.conformance & asked.conformance, usable_pdu(response.max_pdu))


def _refusal(aare: Aare) -> AssociationError:
    """What the peer's refusal says, in its words."""
    reason = aare.diagnostic.name.lower().replace("_", " ")
    try:
        information = apdus.decode(aare.user_information or b"")
    except DecodeError:
        information = None
    if isinstance(information, ConfirmedServiceError) and information.initiate_error is not None:
        reason += f" ({information.initiate_error.name.lower().replace('_', ' ')})"
    return AssociationError(f"the association is refused: {reason}", aare.result, aare.diagnostic)
