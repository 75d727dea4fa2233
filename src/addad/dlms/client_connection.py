"""The client's end of an association: requests out, replies in; octets only.

Green Book, IEC 62056-5-3 (client application process and its services).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from addad.dlms import apdu as apdus
from addad.dlms.access_exchanges import AccessExchange, AccessReply, long_invoke_id
from addad.dlms.acse import Aare, Rlre
from addad.dlms.apdu.access import AccessSpecification
from addad.dlms.apdu.descriptors import AttributeDescriptor, MethodDescriptor
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.exception import ConfirmedServiceError, ExceptionResponse
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.long_invoke import LongInvokeFlag
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.association import Event, State
from addad.dlms.client_association import (
    Associated,
    ClientAssociation,
    Released,
    refused_with,
)
from addad.dlms.client_exchanges import (
    ActionExchange,
    ActionReply,
    GetExchange,
    GetReply,
    SetExchange,
    SetReply,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.parameters import (
    CONFIRMED,
    HIGH_PRIORITY,
    AssociationParameters,
    Negotiated,
)
from addad.dlms.security.context import SecurityContext
from addad.errors import LocalProtocolError, RemoteProtocolError, SecurityError

_LIST_HEADER: Final = 4
"""Tag, choice, invoke octet and the count of a request with list."""
_FIRST_BLOCK: Final = 7
"""The last-block flag, the number, a length, and one octet of a block."""
_LIST_MAX: Final = 127
_PutT = TypeVar("_PutT", SetExchange, ActionExchange)
_GET: Final = Conformance.GET
_REQUEST: Final = Event.REQUEST
_RESPONSE: Final = Event.RESPONSE
Reply = (
    Associated
    | Released
    | GetReply
    | SetReply
    | ActionReply
    | AccessReply
    | DataNotification
    | EventNotification
    | ExceptionResponse
    | ConfirmedServiceError
)

_Exchange = GetExchange | SetExchange | ActionExchange | AccessExchange


class ClientConnection:
    """One association, one request at a time.

    `associate`, `get`, `set`, `action`, `access` and `release` give the APDUs to send, in order.
    Give each APDU that arrives to `receive`: it returns the reply, or None; then `outgoing` has the
    APDUs to send next, none when more is on its way. `timeout` says what to send when nothing
    comes. A request that is not `confirmed` has no reply; the next one may follow at once.
    A notification may come at any time and changes nothing. After a `RemoteProtocolError` the
    association is over; close the link.
    """

    __slots__ = ("_association", "_exchange", "_invoke_id", "outgoing")

    def __init__(self, parameters: AssociationParameters) -> None:
        self.outgoing: tuple[bytes, ...] = ()
        self._association = ClientAssociation(parameters)
        self._exchange: _Exchange | None = None
        self._invoke_id = 0

    @property
    def parameters(self) -> AssociationParameters:
        """What is asked for."""
        return self._association.parameters

    @property
    def negotiated(self) -> Negotiated:
        """What was agreed with the server."""
        return self._association.negotiated

    @property
    def state(self) -> State:
        """Where the association is."""
        return self._association.state.state

    @property
    def security(self) -> SecurityContext | None:
        """The security of this association, with the peer's title that it learned."""
        return self._association.security

    # The association

    def associate(self) -> tuple[bytes, ...]:
        """The AARQ; raises `LocalProtocolError` unless idle, or for what cannot be offered.

        A challenge and a dedicated key are used once: the next association takes new parameters.
        """
        return (self._association.request(),)

    def release(self) -> tuple[bytes, ...]:
        """The RLRQ; raises `LocalProtocolError` unless associated, or if it cannot be released."""
        rlrq = self._association.release()
        self._exchange = None
        return (rlrq,)

    def abort(self) -> None:
        """The link is lost: back to idle."""
        self._association.abort()
        self._exchange = None

    def timeout(self) -> tuple[bytes, ...]:
        """What to send again after a silence of the peer; none when nothing of this can help.

        Raises `RemoteProtocolError` when that has been tried often enough.
        """
        try:
            return self._association.path.timeout()
        except RemoteProtocolError:
            self.abort()
            raise

    # Requests

    def get(
        self, descriptors: Sequence[AttributeDescriptor], *, high_priority: bool = True
    ) -> tuple[bytes, ...]:
        """A GET of one attribute, or with list; the reply is a `GetReply`.

        Raises `LocalProtocolError` for what was not negotiated or does not fit one APDU:
        `get_capacity` says how many do.
        """
        needed = _GET
        for one in descriptors:
            if one.selection is not None:
                needed |= Conformance.SELECTIVE_ACCESS
        invoke = self._begin(needed, len(descriptors), True, high_priority)
        exchange = GetExchange(invoke, descriptors)
        try:
            request = exchange.request()
            if len(request) > self._association.path.whole.max_pdu:
                raise LocalProtocolError(f"{len(descriptors)} attributes do not fit one request")
        except Exception:
            self._end()
            raise
        return self._ask(exchange, request)

    def get_capacity(self, descriptors: Sequence[AttributeDescriptor]) -> int:
        """How many of these attributes, from the first, one GET can name; at least one."""
        return self._capacity(descriptors, _LIST_HEADER)

    def put_capacity(self, descriptors: Sequence[AttributeDescriptor | MethodDescriptor]) -> int:
        """How many of these, from the first, one SET or ACTION can name beside a block of values.

        At least one.
        """
        return self._capacity(descriptors, _LIST_HEADER + _FIRST_BLOCK)

    def _capacity(
        self, descriptors: Sequence[AttributeDescriptor | MethodDescriptor], octets: int
    ) -> int:
        if not self.negotiated.allows(Conformance.MULTIPLE_REFERENCES):
            return 1
        for count, descriptor in enumerate(descriptors[:_LIST_MAX]):
            octets += len(descriptor.encode())
            if octets > self._association.path.plain.max_pdu:
                return max(count, 1)
        return max(min(len(descriptors), _LIST_MAX), 1)

    def set(
        self,
        items: Sequence[tuple[AttributeDescriptor, bytes]],
        *,
        confirmed: bool = True,
        high_priority: bool = True,
    ) -> tuple[bytes, ...]:
        """A SET of attributes to the octets of values, in blocks when they are long.

        The reply is a `SetReply`. Raises `LocalProtocolError` for what was not negotiated.
        """
        invoke = self._begin(Conformance.SET, len(items), confirmed, high_priority)
        blocks = Conformance.BLOCK_TRANSFER_WITH_SET
        try:
            exchange = self._carried(partial(SetExchange, invoke, items), blocks)
            request = exchange.request or self._first_block(exchange, blocks, confirmed)
        except Exception:
            self._end()
            raise
        return self._ask(exchange, request, confirmed)

    def action(
        self,
        items: Sequence[tuple[MethodDescriptor, bytes | None]],
        *,
        confirmed: bool = True,
        high_priority: bool = True,
    ) -> tuple[bytes, ...]:
        """An ACTION of methods with the octets of parameters, in blocks when they are long.

        The reply is an `ActionReply`. Raises `LocalProtocolError` for what was not negotiated.
        """
        invoke = self._begin(Conformance.ACTION, len(items), confirmed, high_priority)
        blocks = Conformance.BLOCK_TRANSFER_WITH_ACTION
        try:
            exchange = self._carried(partial(ActionExchange, invoke, items), blocks)
            request = exchange.request or self._first_block(exchange, blocks, confirmed)
        except Exception:
            self._end()
            raise
        return self._ask(exchange, request, confirmed)

    def access(
        self,
        items: Sequence[tuple[AccessSpecification, bytes | None]],
        *,
        flags: LongInvokeFlag = LongInvokeFlag.CONFIRMED,
        moment: DateTime | None = None,
    ) -> tuple[bytes, ...]:
        """Reads, writes and methods in one request; the reply is an `AccessReply`.

        Raises `LocalProtocolError` for what was not negotiated, or is too long.
        """
        self._begin(Conformance.ACCESS, 1, True, True)
        if self.parameters.broadcast:
            flags &= ~LongInvokeFlag.CONFIRMED
        try:
            exchange = AccessExchange(long_invoke_id(self._invoke_id, flags), items, moment)
            request = exchange.request()
        except Exception:
            self._end()
            raise
        return self._ask(exchange, request, bool(flags & LongInvokeFlag.CONFIRMED))

    def _begin(self, needed: Conformance, items: int, confirmed: bool, high_priority: bool) -> int:
        """The invoke octet of a new request, once the request is allowed."""
        if not items:
            raise LocalProtocolError("a request names at least one item")
        if items > 1:
            needed |= Conformance.MULTIPLE_REFERENCES
        association = self._association
        state = association.state
        state.local(_REQUEST)
        missing = int(needed) & ~association.negotiated.services
        if missing:
            state.local(_RESPONSE)
            words = Conformance(missing)
            raise LocalProtocolError(f"the peer does not offer {words.name or words}")
        association.path.begin()
        self._invoke_id = self._invoke_id % 15 + 1
        invoke = self._invoke_id
        if confirmed and not association.parameters.broadcast:
            invoke |= CONFIRMED
        return invoke | HIGH_PRIORITY if high_priority else invoke

    def _room(self, blocks: Conformance) -> int:
        """The size of a request: that of a block, or of all where only general blocks carry it."""
        path = self._association.path
        return (path.plain if self.negotiated.allows(blocks) else path.whole).max_pdu

    def _carried(self, make: Callable[[int], _PutT], blocks: Conformance) -> _PutT:
        """The exchange of values: in general blocks where no block of the service has room."""
        exchange, path = make(self._room(blocks)), self._association.path
        if exchange.request is None and not exchange.has_room and path.whole is not path.plain:
            return make(path.whole.max_pdu)
        return exchange

    def _first_block(
        self, exchange: SetExchange | ActionExchange, blocks: Conformance, confirmed: bool
    ) -> bytes:
        """The APDU of the first block, of what one APDU does not hold."""
        if not confirmed or self.parameters.broadcast:
            raise LocalProtocolError("blocks need somebody who confirms them")
        if not self.negotiated.allows(blocks):
            raise LocalProtocolError("the value is too long for one APDU of the peer")
        return exchange.next_block()

    def _ask(
        self, exchange: _Exchange, request: bytes, confirmed: bool = True
    ) -> tuple[bytes, ...]:
        """Protect and send the first APDU of an exchange; nobody waits if nobody answers."""
        association = self._association
        confirmed = confirmed and not association.parameters.broadcast
        try:
            octets = association.send(request, confirmed)
        except (LocalProtocolError, SecurityError):
            self._end()
            raise
        if confirmed:
            self._exchange = exchange
        else:
            self._end()
        return octets

    def _end(self) -> None:
        self._association.state.local(_RESPONSE)
        self._exchange = None

    # Replies

    def receive(self, octets: bytes) -> Reply | None:
        """The reply that this APDU completes; None when `outgoing` is to be sent first.

        Raises `AssociationError` when the association is refused, `SecurityError` for what is not
        protected as it must be, `RemoteProtocolError` (and with it `DecodeError`) when the peer
        breaks the protocol.
        """
        self.outgoing = ()
        association = self._association
        path = association.path
        try:
            if association.pending:
                association.expect_proof()
            taken = path.take(octets)
            self.outgoing = path.outgoing
            if taken is None:
                return None
            if path.envelope is not None:
                association.check_protection()
            exchange = self._exchange
            if type(exchange) is GetExchange:
                number = exchange.receive_number(taken)
                if number is not None:
                    self._end()
                    return number
            apdu = apdus.decode(taken)
            if isinstance(apdu, DataNotification | EventNotification):
                return apdu
            if association.pending:
                return association.receive_proof(apdu)
            return self._receive(apdu)
        except RemoteProtocolError:
            self.abort()
            raise

    def _receive(self, apdu: apdus.Apdu) -> Reply | None:
        if isinstance(apdu, Aare):
            step = self._association.receive_aare(apdu)
            if isinstance(step, Associated):
                return step
            self.outgoing = step
            return None
        if isinstance(apdu, Rlre):
            return self._association.receive_rlre(apdu)
        if isinstance(apdu, ExceptionResponse | ConfirmedServiceError):
            return self._receive_exception(apdu)
        if self._exchange is None:
            raise RemoteProtocolError(f"{type(apdu).__name__} while {self.state.name}")
        answer = self._exchange.receive(apdu)
        if isinstance(answer, bytes):
            association = self._association
            association.state.local(Event.BLOCK)
            association.path.in_blocks = False
            self.outgoing = association.send(answer)
            return None
        self._end()
        return answer

    def _receive_exception(self, apdu: ExceptionResponse | ConfirmedServiceError) -> Reply:
        if self.state is State.ASSOCIATING:
            raise refused_with(apdu)
        if self.state is State.RELEASING:
            self.abort()
            return Released()
        self._association.state.remote(_RESPONSE)
        self._exchange = None
        return apdu
