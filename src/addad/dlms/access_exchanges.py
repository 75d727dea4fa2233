"""An ACCESS as its two ends see it: the request, what the server does with it, the reply.

Green Book, IEC 62056-5-3 (ACCESS). It has no blocks of its own: general block transfer carries
what does not fit one APDU. What a server answers for items that it did not process after a failure
is not agreed between sources; here each has its result, other-reason, as all readers expect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from addad.dlms import data as axdr
from addad.dlms.apdu import Apdu
from addad.dlms.apdu.access import (
    AccessAction,
    AccessKind,
    AccessRequest,
    AccessResponse,
    AccessResult,
    AccessSpecification,
)
from addad.dlms.apdu.descriptors import MAX_ITEMS
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.long_invoke import LONG_INVOKE_ID_MAX, LongInvokeFlag
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data
from addad.dlms.parameters import Negotiated
from addad.dlms.results import ActionResult, DataAccessResult, ServiceError
from addad.dlms.security.suite import Protection
from addad.errors import LocalProtocolError, RemoteProtocolError

_NULL: Final = b"\x00"
_SUCCESS: Final = 0


class AccessOutcome(NamedTuple):
    """How one item ended, and the octets of its value, None when it gave none."""

    result: DataAccessResult | ActionResult
    value: bytes | None = None


class AccessReply(NamedTuple):
    """How each item ended; when the request was to break on error, perhaps only the first ones."""

    outcomes: tuple[AccessOutcome, ...]
    moment: DateTime | None = None


class AccessExchange:
    """An ACCESS until its reply: items with the octets of their values, None for none."""

    def __init__(
        self,
        long_invoke_id: int,
        items: Sequence[tuple[AccessSpecification, bytes | None]],
        moment: DateTime | None = None,
    ) -> None:
        if not 1 <= len(items) <= MAX_ITEMS:
            raise LocalProtocolError(f"an ACCESS has 1 to {MAX_ITEMS} items, not {len(items)}")
        data = tuple([_NULL if octets is None else octets for _, octets in items])
        specifications = tuple([specification for specification, _ in items])
        self._request = AccessRequest(long_invoke_id, moment, specifications, data)

    def request(self) -> bytes:
        """The APDU that begins it."""
        return self._request.encode()

    def receive(self, apdu: Apdu) -> AccessReply:
        """The reply; raises `RemoteProtocolError` for what does not answer this request."""
        asked = self._request
        if not isinstance(apdu, AccessResponse):
            raise RemoteProtocolError(f"{type(apdu).__name__} in answer to ACCESS")
        if apdu.invoke_id != asked.invoke_id:
            raise RemoteProtocolError(f"an answer to {apdu.invoke_id}, not {asked.invoke_id}")
        if apdu.specifications not in (None, asked.specifications):
            raise RemoteProtocolError("the answer repeats another request")
        self._check_kinds(apdu)
        outcomes = [
            AccessOutcome(one.result, None if octets == _NULL else octets)
            for one, octets in zip(apdu.results, apdu.data, strict=True)
        ]
        return AccessReply(tuple(outcomes), apdu.moment)

    def _check_kinds(self, response: AccessResponse) -> None:
        asked, count = self._request, len(response.results)
        broken = bool(asked.flags & LongInvokeFlag.BREAK_ON_ERROR)
        failed = count and response.results[-1].result != _SUCCESS
        if count != len(asked.specifications) and not (
            broken and failed and count < len(asked.specifications)
        ):
            raise RemoteProtocolError(f"{count} results for {len(asked.specifications)} items")
        for specification, one in zip(asked.specifications, response.results, strict=False):
            if one.kind is not specification.KIND:
                raise RemoteProtocolError(f"the result of {one.kind.name} for another service")


class AccessIndication(NamedTuple):
    """The items that a client wants done in this order, each with its value, null for none."""

    items: tuple[tuple[AccessSpecification, Data], ...]
    long_invoke_id: int
    moment: DateTime | None = None
    protection: Protection = Protection.NONE
    """What was applied to the request and verified."""
    broadcast: bool = False

    @property
    def flags(self) -> LongInvokeFlag:
        """What the client asks for besides."""
        return LongInvokeFlag(self.long_invoke_id & 0xF0000000)

    @property
    def confirmed(self) -> bool:
        """Whether the client wants an answer."""
        return bool(self.flags & LongInvokeFlag.CONFIRMED)

    @property
    def changes(self) -> bool:
        """Whether an item writes or runs a method."""
        return any(one.KIND is not AccessKind.GET for one, _ in self.items)

    def perform(
        self, perform_one: Callable[[AccessSpecification, Data], AccessOutcome]
    ) -> tuple[AccessOutcome, ...]:
        """Do the items in order; after a failure none, if the client asked for that."""
        broken = False
        outcomes = []
        for specification, value in self.items:
            outcome = _skipped(specification) if broken else perform_one(specification, value)
            outcomes.append(outcome)
            if outcome.result != _SUCCESS and self.flags & LongInvokeFlag.BREAK_ON_ERROR:
                broken = True
        return tuple(outcomes)


def _skipped(specification: AccessSpecification) -> AccessOutcome:
    if isinstance(specification, AccessAction):
        return AccessOutcome(ActionResult.OTHER_REASON)
    return AccessOutcome(DataAccessResult.OTHER_REASON)


def to_access(request: AccessRequest, negotiated: Negotiated) -> AccessIndication | ServiceError:
    """What a client wants, or why it cannot have it; raises `DecodeError` for a bad value."""
    if not negotiated.allows(_needed(request)):
        return ServiceError.SERVICE_NOT_SUPPORTED
    items = tuple(
        (specification, axdr.decode(octets))
        for specification, octets in zip(request.specifications, request.data, strict=True)
    )
    return AccessIndication(items, request.long_invoke_id, request.moment)


def _needed(request: AccessRequest) -> Conformance:
    """ACCESS, and the service of each item."""
    services = {
        AccessKind.GET: Conformance.GET,
        AccessKind.SET: Conformance.SET,
        AccessKind.ACTION: Conformance.ACTION,
    }
    needed = Conformance.ACCESS
    for specification in request.specifications:
        needed |= services[specification.KIND]
        if getattr(specification.descriptor, "selection", None) is not None:
            needed |= Conformance.SELECTIVE_ACCESS
    return needed


def access_response(
    indication: AccessIndication,
    outcomes: Sequence[AccessOutcome],
    moment: DateTime | None = None,
) -> bytes:
    """The response, with the specifications if they were asked for; no octets when unconfirmed.

    Raises `LocalProtocolError` unless there is an outcome of the right kind for each item.
    """
    if len(outcomes) != len(indication.items):
        raise LocalProtocolError(f"{len(outcomes)} outcomes for {len(indication.items)} items")
    specifications = tuple([specification for specification, _ in indication.items])
    for specification, outcome in zip(specifications, outcomes, strict=True):
        acts = isinstance(specification, AccessAction)
        if acts is not isinstance(outcome.result, ActionResult):
            raise LocalProtocolError(f"{outcome.result!r} of {specification.KIND.name}")
    if not indication.confirmed:
        return b""
    echoed = indication.flags & LongInvokeFlag.SELF_DESCRIPTIVE
    return AccessResponse(
        indication.long_invoke_id,
        moment,
        specifications if echoed else None,
        tuple([_NULL if one.value is None else one.value for one in outcomes]),
        tuple(
            AccessResult(specification.KIND, outcome.result)
            for specification, outcome in zip(specifications, outcomes, strict=True)
        ),
    ).encode()


def long_invoke_id(number: int, flags: LongInvokeFlag = LongInvokeFlag.CONFIRMED) -> int:
    """The long invoke-id of a request with this number, which wraps at 24 bits."""
    return int(flags) | number & LONG_INVOKE_ID_MAX
