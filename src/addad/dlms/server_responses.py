"""What a server answers to a GET, SET or ACTION: one APDU, or blocks that leave one by one.

Green Book, IEC 62056-5-3 (GET, SET, ACTION with service-specific block transfer).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from addad.dlms.apdu import Apdu
from addad.dlms.apdu.action import (
    ActionRequestNext,
    ActionResponse,
    ActionResponseBlock,
    write_outcome,
)
from addad.dlms.apdu.get import GetRequestNext, GetResponse, GetResponseBlock
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.apdu.set import (
    SetResponse,
    SetResponseLastBlock,
    SetResponseLastBlockWithList,
    SetResponseWithList,
)
from addad.dlms.blocks import Encodable, OutgoingBlocks, pieces, room
from addad.dlms.octets import encode_length
from addad.dlms.parameters import MIN_PDU, Negotiated
from addad.dlms.results import (
    ActionOutcome,
    ActionResult,
    DataAccessResult,
    ServiceError,
    data_access_result,
)
from addad.dlms.server_requests import Request
from addad.errors import AccessError

_SUCCESS = b"\x00"
_REFUSED = b"\x01"


class LongResponse:
    """A response to GET or ACTION that leaves in blocks, one for each request of the next."""

    def __init__(
        self, invoke: int, blocks: OutgoingBlocks, max_pdu: int, next_request: type[Apdu]
    ) -> None:
        self._invoke = invoke
        self._blocks = blocks
        self._max_pdu = max_pdu
        self._next_request = next_request
        self.ended = False
        """Whether the last block has been cut."""

    @property
    def _getting(self) -> bool:
        return self._next_request is GetRequestNext

    def continues(self, apdu: Apdu) -> bool:
        """Whether an APDU asks for the next block of this response."""
        asks = isinstance(apdu, self._next_request)
        return (
            asks
            and isinstance(apdu, GetRequestNext | ActionRequestNext)
            and (apdu.invoke & 15 == self._invoke & 15)
        )

    def next(self, apdu: Apdu) -> bytes:
        """The block after the one that is acknowledged."""
        assert isinstance(apdu, GetRequestNext | ActionRequestNext)
        if apdu.block_number != self._blocks.number:
            self.ended = True
            if self._getting:
                invalid = DataAccessResult.DATA_BLOCK_NUMBER_INVALID
                number = apdu.block_number
                return GetResponseBlock(self._invoke, True, number, invalid).encode()
            return self._aborted()
        return self.block()

    def block(self) -> bytes:
        """The next block, or the end of the transfer where its value cannot be made."""
        try:
            return self._cut()
        except AccessError:
            return self._aborted()

    def _cut(self) -> bytes:
        response = GetResponseBlock if self._getting else ActionResponseBlock
        empty = response(self._invoke, False, 1, b"").encode()
        block = self._blocks.cut(room(self._max_pdu, len(empty) - 1))
        self.ended = block[0]
        return response(self._invoke, *block).encode()

    def _aborted(self) -> bytes:
        """The APDU that ends the transfer before its end."""
        self.ended = True
        if self._getting:
            result = DataAccessResult.LONG_GET_ABORTED
            number = self._blocks.number + 1
            return GetResponseBlock(self._invoke, True, number, result).encode()
        outcome = ActionOutcome(ActionResult.LONG_ACTION_ABORTED)
        return ActionResponse(self._invoke, outcome).encode()


class LongKind(NamedTuple):
    """What a long response needs, and the request that asks for its next block."""

    needed: Conformance
    next_request: type[GetRequestNext] | type[ActionRequestNext]


_LONG_GET = LongKind(Conformance.BLOCK_TRANSFER_WITH_GET, GetRequestNext)
_LONG_ACTION = LongKind(Conformance.BLOCK_TRANSFER_WITH_ACTION, ActionRequestNext)


def _listed_results(results: Sequence[Encodable | DataAccessResult]) -> Iterator[bytes]:
    yield encode_length(len(results))
    for result in results:
        if isinstance(result, DataAccessResult):
            yield _REFUSED + bytes((result,))
        else:
            yield _SUCCESS
            yield from pieces(result)


def _long_or_whole(
    head: bytes, whole: Encodable, request: Request, negotiated: Negotiated, long: LongKind
) -> bytes | LongResponse | ServiceError:
    """The head and all octets when they fit one APDU, else the blocks of the octets."""
    blocks = OutgoingBlocks(whole)
    octets = blocks.whole(negotiated.max_pdu - len(head))
    if octets is not None:
        return head + octets
    if not negotiated.allows(long.needed) or negotiated.max_pdu < MIN_PDU:
        return ServiceError.PDU_TOO_LONG
    return LongResponse(request.invoke, blocks, negotiated.max_pdu, long.next_request)


def get_response(
    request: Request, results: Sequence[Encodable | DataAccessResult], negotiated: Negotiated
) -> bytes | LongResponse | ServiceError:
    """The response to a GET; the `AccessError` of a value that cannot be made is the result."""
    if request.listed:
        head = bytes((0xC4, 3, request.invoke))
        try:
            return _long_or_whole(head, _listed_results(results), request, negotiated, _LONG_GET)
        except AccessError:
            return ServiceError.OTHER_REASON
    result = results[0]
    if isinstance(result, DataAccessResult):
        return GetResponse(request.invoke, result).encode()
    head = bytes((0xC4, 1, request.invoke)) + _SUCCESS
    if isinstance(result, bytes) and len(head) + len(result) <= negotiated.max_pdu:
        return head + result
    try:
        response = _long_or_whole(head, result, request, negotiated, _LONG_GET)
    except AccessError as refused:
        return GetResponse(request.invoke, data_access_result(refused)).encode()
    if isinstance(response, ServiceError):
        return GetResponse(request.invoke, DataAccessResult.OTHER_REASON).encode()
    return response


def set_response(request: Request, results: tuple[DataAccessResult, ...]) -> bytes:
    """The response to a SET; no octets when none is wanted."""
    if not request.confirmed:
        return b""
    invoke, block = request.invoke, request.last_block
    if request.listed:
        if block is None:
            return SetResponseWithList(invoke, results).encode()
        return SetResponseLastBlockWithList(invoke, results, block).encode()
    if block is None:
        return SetResponse(invoke, results[0]).encode()
    return SetResponseLastBlock(invoke, results[0], block).encode()


def action_response(
    request: Request, outcomes: tuple[ActionOutcome, ...], negotiated: Negotiated
) -> bytes | LongResponse | ServiceError:
    """The response to an ACTION; no octets when none is wanted."""
    if not request.confirmed:
        return b""
    body = b"".join(map(write_outcome, outcomes))
    if request.listed:
        body = encode_length(len(outcomes)) + body
    head = bytes((0xC7, 3 if request.listed else 1, request.invoke))
    return _long_or_whole(head, body, request, negotiated, _LONG_ACTION)
