"""A GET, SET or ACTION as its server takes it: whole, or begun and brought in blocks.

Green Book, IEC 62056-5-3 (GET, SET, ACTION with service-specific block transfer).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from addad.dlms import data as axdr
from addad.dlms.access_exchanges import AccessIndication
from addad.dlms.apdu import Apdu
from addad.dlms.apdu.action import (
    ActionRequest,
    ActionRequestBlock,
    ActionRequestFirstBlock,
    ActionRequestNext,
    ActionRequestWithList,
    ActionRequestWithListFirstBlock,
    ActionResponse,
    ActionResponseNext,
)
from addad.dlms.apdu.descriptors import (
    ALL_ATTRIBUTES,
    AttributeDescriptor,
    MethodDescriptor,
    read_list,
)
from addad.dlms.apdu.get import (
    GetRequest,
    GetRequestNext,
    GetRequestWithList,
    GetResponseBlock,
)
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.set import (
    SetRequest,
    SetRequestBlock,
    SetRequestFirstBlock,
    SetRequestWithList,
    SetRequestWithListFirstBlock,
    SetResponseBlock,
    SetResponseLastBlock,
    SetResponseLastBlockWithList,
)
from addad.dlms.blocks import IncomingBlocks
from addad.dlms.data import Data
from addad.dlms.indications import ActionIndication, GetIndication, SetIndication
from addad.dlms.octets import Cursor
from addad.dlms.parameters import CONFIRMED, Negotiated
from addad.dlms.results import ActionOutcome, ActionResult, DataAccessResult, ServiceError
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.errors import DecodeError, LocalProtocolError, RemoteProtocolError

INDICATIONS_MAX: Final = 1024
"""GETs of one attribute that are not read anew each time they are asked for."""


class Request(NamedTuple):
    """A request that has arrived whole, and what its response must repeat of it."""

    indication: GetIndication | SetIndication | ActionIndication
    invoke: int
    listed: bool
    last_block: int | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the client wants an answer."""
        return bool(self.invoke & CONFIRMED)


@lru_cache(INDICATIONS_MAX)
def get_of(name: bytes, protection: Protection, broadcast: bool) -> GetIndication:
    """The indication of one attribute, of which the descriptor's octets are given."""
    return GetIndication((AttributeDescriptor.read_name(Cursor(name)),), protection, broadcast)


def answered(
    request: Request | AccessIndication | None,
    kind: type[GetIndication] | type[SetIndication] | type[ActionIndication],
    count: int,
) -> Request:
    """The request that `count` results answer; raises `LocalProtocolError` if it is another."""
    if not isinstance(request, Request) or not isinstance(request.indication, kind):
        raise LocalProtocolError(f"there is no {kind.__name__} to answer")
    wanted = len(request.indication[0])
    if count != wanted:
        raise LocalProtocolError(f"{count} results for {wanted} items")
    return request


def _items(
    descriptors: Sequence[AttributeDescriptor], values: Sequence[bytes]
) -> tuple[tuple[AttributeDescriptor, Data], ...]:
    decoded = [axdr.decode(octets) for octets in values]
    return tuple(zip(descriptors, decoded, strict=True))


def _method_items(
    descriptors: Sequence[MethodDescriptor], parameters: Sequence[bytes | None]
) -> tuple[tuple[MethodDescriptor, Data | None], ...]:
    decoded = [None if octets is None else axdr.decode(octets) for octets in parameters]
    return tuple(zip(descriptors, decoded, strict=True))


_NEEDED: Final[dict[type[Apdu], Conformance]] = {
    GetRequest: Conformance.GET,
    GetRequestNext: Conformance.GET,
    GetRequestWithList: Conformance.GET | Conformance.MULTIPLE_REFERENCES,
    SetRequest: Conformance.SET,
    SetRequestWithList: Conformance.SET | Conformance.MULTIPLE_REFERENCES,
    SetRequestFirstBlock: Conformance.SET | Conformance.BLOCK_TRANSFER_WITH_SET,
    SetRequestBlock: Conformance.SET | Conformance.BLOCK_TRANSFER_WITH_SET,
    SetRequestWithListFirstBlock: Conformance.SET
    | Conformance.MULTIPLE_REFERENCES
    | Conformance.BLOCK_TRANSFER_WITH_SET,
    ActionRequest: Conformance.ACTION,
    ActionRequestNext: Conformance.ACTION,
    ActionRequestWithList: Conformance.ACTION | Conformance.MULTIPLE_REFERENCES,
    ActionRequestFirstBlock: Conformance.ACTION | Conformance.BLOCK_TRANSFER_WITH_ACTION,
    ActionRequestBlock: Conformance.ACTION | Conformance.BLOCK_TRANSFER_WITH_ACTION,
    ActionRequestWithListFirstBlock: Conformance.ACTION
    | Conformance.MULTIPLE_REFERENCES
    | Conformance.BLOCK_TRANSFER_WITH_ACTION,
}
"""The services that a request needs; what is not here begins nothing."""
_ALL_ATTRIBUTES: Final = {
    GetRequest: Conformance.ATTRIBUTE_0_WITH_GET,
    GetRequestWithList: Conformance.ATTRIBUTE_0_WITH_GET,
    SetRequest: Conformance.ATTRIBUTE_0_WITH_SET,
    SetRequestWithList: Conformance.ATTRIBUTE_0_WITH_SET,
    SetRequestFirstBlock: Conformance.ATTRIBUTE_0_WITH_SET,
    SetRequestWithListFirstBlock: Conformance.ATTRIBUTE_0_WITH_SET,
}


def _needed(apdu: Apdu) -> Conformance | None:
    """The services that a request needs; None for what is no request that begins something."""
    needed = _NEEDED.get(type(apdu))
    zero = _ALL_ATTRIBUTES.get(type(apdu))
    if needed is None or zero is None:
        return needed
    one = getattr(apdu, "descriptor", None)
    named = getattr(apdu, "descriptors", ()) if one is None else (one,)
    if any(descriptor.index == ALL_ATTRIBUTES for descriptor in named):
        needed |= zero
    if any(descriptor.selection is not None for descriptor in named):
        needed |= Conformance.SELECTIVE_ACCESS
    return needed


def to_request(
    apdu: Apdu, negotiated: Negotiated, max_octets: int
) -> Request | LongRequest | ServiceError | bytes:
    """The request that an APDU is or begins; an error, or the octets of a refusal.

    A long request still has to take the APDU's own block.
    """
    needed = _needed(apdu)
    if needed is None or not negotiated.allows(needed):
        return ServiceError.SERVICE_NOT_SUPPORTED
    match apdu:
        case GetRequest(invoke, descriptor):
            return Request(GetIndication((descriptor,)), invoke, False)
        case GetRequestWithList(invoke, descriptors):
            return Request(GetIndication(descriptors), invoke, True)
        case SetRequest(invoke, descriptor, octets):
            return Request(SetIndication(_items((descriptor,), (octets,))), invoke, False)
        case SetRequestWithList(invoke, descriptors, values):
            return Request(SetIndication(_items(descriptors, values)), invoke, True)
        case ActionRequest(invoke, method, parameters):
            items = _method_items((method,), (parameters,))
            return Request(ActionIndication(items), invoke, False)
        case ActionRequestWithList(invoke, methods, parameters):
            return Request(ActionIndication(_method_items(methods, parameters)), invoke, True)
        case (
            SetRequestFirstBlock()
            | SetRequestWithListFirstBlock()
            | ActionRequestFirstBlock()
            | ActionRequestWithListFirstBlock()
        ):
            return LongRequest(apdu, max_octets)
        case GetRequestNext(invoke, number):
            none = DataAccessResult.NO_LONG_GET_IN_PROGRESS
            return GetResponseBlock(invoke, True, number, none).encode()
        case SetRequestBlock(invoke, _, number, _):
            absent = DataAccessResult.NO_LONG_SET_IN_PROGRESS
            return SetResponseLastBlock(invoke, absent, number).encode()
        case ActionRequestNext(invoke) | ActionRequestBlock(invoke):
            outcome = ActionOutcome(ActionResult.NO_LONG_ACTION_IN_PROGRESS)
            return ActionResponse(invoke, outcome).encode()
        case _:
            return ServiceError.SERVICE_NOT_SUPPORTED


class LongRequest:
    """A SET or ACTION whose values come in blocks."""

    def __init__(
        self,
        first: SetRequestFirstBlock
        | SetRequestWithListFirstBlock
        | ActionRequestFirstBlock
        | ActionRequestWithListFirstBlock,
        max_octets: int,
    ) -> None:
        self._first = first
        self._blocks = IncomingBlocks(max_octets)
        self.ended = False
        """Whether nothing more is to be taken."""
        self.protection = AUTHENTICATED_ENCRYPTION | Protection.SIGNATURE
        """What every block of it was protected with, and therefore the whole."""
        self.broadcast = False
        """Whether any block of it came under the broadcast key."""

    def came(self, protection: Protection, broadcast: bool) -> None:
        """Note how a block was protected: the whole is worth what its weakest block is."""
        self.protection &= protection
        self.broadcast |= broadcast

    def continues(self, apdu: Apdu) -> bool:
        """Whether an APDU is a further block of this request."""
        setting = isinstance(self._first, SetRequestFirstBlock | SetRequestWithListFirstBlock)
        further = SetRequestBlock if setting else ActionRequestBlock
        return isinstance(apdu, further) and apdu.invoke & 15 == self._first.invoke & 15

    def take(self, apdu: Apdu) -> bytes | Request:
        """Take a block: the whole request, or the APDU that asks for more or ends it."""
        assert isinstance(
            apdu,
            SetRequestFirstBlock
            | SetRequestWithListFirstBlock
            | SetRequestBlock
            | ActionRequestFirstBlock
            | ActionRequestWithListFirstBlock
            | ActionRequestBlock,
        )
        number = apdu.block_number
        try:
            self._blocks.take(number, apdu.contents, apdu.last)
        except RemoteProtocolError:
            self.ended = True
            misnumbered = number != self._blocks.number + 1
            return self._refusal(
                DataAccessResult.DATA_BLOCK_NUMBER_INVALID
                if misnumbered
                else DataAccessResult.LONG_SET_ABORTED,
                ActionResult.LONG_ACTION_ABORTED,
                number,
            )
        invoke = self._first.invoke
        if not apdu.last:
            setting = isinstance(self._first, SetRequestFirstBlock | SetRequestWithListFirstBlock)
            more = SetResponseBlock if setting else ActionResponseNext
            return more(invoke, number).encode()
        self.ended = True
        try:
            return self._whole(number)
        except DecodeError:
            unmatched = DataAccessResult.TYPE_UNMATCHED, ActionResult.TYPE_UNMATCHED
            return self._refusal(*unmatched, number)

    def _whole(self, number: int) -> Request:
        first, octets = self._first, self._blocks.joined()
        invoke = first.invoke
        if isinstance(first, SetRequestFirstBlock):
            items = _items((first.descriptor,), (octets,))
            return Request(SetIndication(items), invoke, False, number)
        if isinstance(first, ActionRequestFirstBlock):
            actions = _method_items((first.descriptor,), (octets,))
            return Request(ActionIndication(actions), invoke, False, number)
        cursor = Cursor(octets)
        values = read_list(cursor, axdr.read_octets)
        cursor.expect_end()
        if len(values) != len(first.descriptors):
            raise DecodeError(f"{len(values)} values for {len(first.descriptors)} items")
        if isinstance(first, SetRequestWithListFirstBlock):
            items = _items(first.descriptors, values)
            return Request(SetIndication(items), invoke, True, number)
        actions = _method_items(first.descriptors, values)
        return Request(ActionIndication(actions), invoke, True, number)

    def _refusal(self, setting: DataAccessResult, acting: ActionResult, number: int) -> bytes:
        first = self._first
        if isinstance(first, SetRequestFirstBlock):
            return SetResponseLastBlock(first.invoke, setting, number).encode()
        if isinstance(first, SetRequestWithListFirstBlock):
            results = (setting,) * len(first.descriptors)
            return SetResponseLastBlockWithList(first.invoke, results, number).encode()
        return ActionResponse(first.invoke, ActionOutcome(acting)).encode()
