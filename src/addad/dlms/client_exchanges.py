"""A GET, SET or ACTION as its client sees it: the request, the blocks either way, the reply.

Green Book, IEC 62056-5-3 (GET, SET, ACTION with service-specific block transfer).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol, TypeAlias, TypeVar

from addad.dlms.apdu import Apdu
from addad.dlms.apdu.action import (
    ActionRequest,
    ActionRequestBlock,
    ActionRequestFirstBlock,
    ActionRequestNext,
    ActionRequestWithList,
    ActionRequestWithListFirstBlock,
    ActionResponse,
    ActionResponseBlock,
    ActionResponseNext,
    ActionResponseWithList,
    read_outcome,
)
from addad.dlms.apdu.descriptors import (
    AttributeDescriptor,
    MethodDescriptor,
    read_list,
    write_list,
)
from addad.dlms.apdu.get import (
    GetRequestNext,
    GetRequestWithList,
    GetResponse,
    GetResponseBlock,
    GetResponseWithList,
    GetResult,
    read_result,
)
from addad.dlms.apdu.set import (
    SetRequest,
    SetRequestBlock,
    SetRequestFirstBlock,
    SetRequestWithList,
    SetRequestWithListFirstBlock,
    SetResponse,
    SetResponseBlock,
    SetResponseLastBlock,
    SetResponseLastBlockWithList,
    SetResponseWithList,
)
from addad.dlms.blocks import IncomingBlocks, OutgoingBlocks, room
from addad.dlms.data import is_one_number
from addad.dlms.octets import Cursor
from addad.dlms.parameters import RESPONSE_OCTETS_MAX
from addad.dlms.results import ActionOutcome, DataAccessResult
from addad.errors import LocalProtocolError, RemoteProtocolError

T = TypeVar("T")

_NULL = b"\x00"
_ONE_VALUE = b"\xc4\x01"
_made: Final = tuple.__new__
"""A named tuple without its own constructor, for the reply that is almost every one."""


class GetReply(NamedTuple):
    """The octets of each value asked for, or why there are none.

    Those that came in one APDU are whole values; those of a long transfer are whatever came.
    """

    results: tuple[GetResult, ...]


class SetReply(NamedTuple):
    """How the write of each attribute ended."""

    results: tuple[DataAccessResult, ...]


class ActionReply(NamedTuple):
    """How each method ended, and what it returned."""

    outcomes: tuple[ActionOutcome, ...]


def _read_whole(octets: bytes, read: Callable[[Cursor], T]) -> tuple[T, ...]:
    """A list of items that is all there is; raises `DecodeError`."""
    cursor = Cursor(octets)
    items = read_list(cursor, read)
    cursor.expect_end()
    return items


def _unexpected(apdu: Apdu, asked: str) -> RemoteProtocolError:
    return RemoteProtocolError(f"{type(apdu).__name__} in answer to {asked}")


def _check(invoke: int, answered: int, count: int, items: Sequence[object]) -> None:
    """The answer must be to this request, and to each of its items."""
    _check_invoke(invoke, answered)
    if len(items) != count:
        raise RemoteProtocolError(f"{len(items)} results for {count} items")


def _check_invoke(invoke: int, answered: int) -> None:
    if (invoke ^ answered) & 0x0F:
        raise RemoteProtocolError(f"an answer to request {answered & 15}, not {invoke & 15}")


class GetExchange:
    """A GET until its reply."""

    __slots__ = ("_blocks", "_descriptors", "_invoke")

    def __init__(self, invoke: int, descriptors: Sequence[AttributeDescriptor]) -> None:
        self._invoke = invoke
        self._descriptors = tuple(descriptors)
        self._blocks: IncomingBlocks | None = None

    def request(self) -> bytes:
        """The APDU that begins it."""
        if len(self._descriptors) == 1:
            return bytes((0xC0, 1, self._invoke)) + self._descriptors[0].encode()
        return GetRequestWithList(self._invoke, self._descriptors).encode()

    def receive_number(self, octets: bytes) -> GetReply | None:
        """The reply of an APDU which is the usual one: one number. None for any other."""
        value = octets[4:]
        if octets[:2] != _ONE_VALUE or not is_one_number(value) or len(self._descriptors) != 1:
            return None
        if (octets[2] ^ self._invoke) & 0x0F or octets[3]:
            return None
        return _made(GetReply, ((value,),))

    def receive(self, apdu: Apdu) -> GetReply | bytes:
        """The reply, or the next APDU to send; raises `RemoteProtocolError`."""
        count = len(self._descriptors)
        match apdu:
            case GetResponse(answered, result) if count == 1 or not isinstance(result, bytes):
                _check_invoke(self._invoke, answered)
                return GetReply((result,) * count)
            case GetResponseWithList(answered, results):
                _check(self._invoke, answered, count, results)
                return GetReply(results)
            case GetResponseBlock(answered, last, number, contents):
                _check_invoke(self._invoke, answered)
                if not isinstance(contents, bytes):
                    return GetReply((contents,) * count)
                return self._block(last, number, contents)
            case _:
                raise _unexpected(apdu, "GET")

    def _block(self, last: bool, number: int, contents: bytes) -> GetReply | bytes:
        blocks = self._blocks
        if blocks is None:
            blocks = self._blocks = IncomingBlocks(RESPONSE_OCTETS_MAX)
        blocks.take(number, contents, last)
        if not last:
            return GetRequestNext(self._invoke, number).encode()
        octets = blocks.joined()
        if len(self._descriptors) == 1:
            return GetReply((octets,))
        results = _read_whole(octets, read_result)
        _check(self._invoke, self._invoke, len(self._descriptors), results)
        return GetReply(results)


class _BlockApdu(Protocol):
    def encode(self) -> bytes: ...


_Block: TypeAlias = Callable[[bool, int, bytes], _BlockApdu]
"""Makes the APDU of a block: whether it is the last, its number, its contents."""


class _Sending:
    """A request that carries values: in one APDU if the peer has room for it, else in blocks."""

    def __init__(
        self, whole: bytes, values: bytes, first: _Block, further: _Block, max_pdu: int
    ) -> None:
        self.request = whole if len(whole) <= max_pdu else None
        """The APDU that begins it, unless it must go in blocks."""
        self._blocks = OutgoingBlocks(values)
        self._first = first
        self._further = further
        self._max_pdu = max_pdu

    @property
    def has_room(self) -> bool:
        """Whether the next block can carry anything."""
        return self._size() > 0

    def _size(self) -> int:
        block = self._further if self._blocks.number else self._first
        return room(self._max_pdu, len(block(False, 1, b"").encode()) - 1)

    def next_block(self) -> bytes:
        """The APDU of the next block; raises `LocalProtocolError` when none fits."""
        block = self._further if self._blocks.number else self._first
        size = self._size()
        if size < 1:
            raise LocalProtocolError(
                f"the peer's APDU of {self._max_pdu} octets has no room for a block"
            )
        return block(*self._blocks.cut(size)).encode()

    def _acknowledged(self, number: int) -> bytes:
        """What follows a block that has arrived; raises `RemoteProtocolError` for another one."""
        if number != self._blocks.number or self._blocks.done:
            raise RemoteProtocolError(f"block {number} acknowledged, {self._blocks.number} sent")
        return self.next_block()


class SetExchange(_Sending):
    """A SET until its reply."""

    def __init__(
        self, invoke: int, items: Sequence[tuple[AttributeDescriptor, bytes]], max_pdu: int
    ) -> None:
        self._invoke = invoke
        self._descriptors = tuple([descriptor for descriptor, _ in items])
        data = tuple([octets for _, octets in items])
        further = partial(SetRequestBlock, invoke)
        if len(items) > 1:
            whole = SetRequestWithList(invoke, self._descriptors, data).encode()
            begin = partial(SetRequestWithListFirstBlock, invoke, self._descriptors)
            super().__init__(whole, write_list([*data]), begin, further, max_pdu)
        else:
            whole = SetRequest(invoke, self._descriptors[0], data[0]).encode()
            one = partial(SetRequestFirstBlock, invoke, self._descriptors[0])
            super().__init__(whole, data[0], one, further, max_pdu)

    def receive(self, apdu: Apdu) -> SetReply | bytes:
        """The reply, or the next APDU to send; raises `RemoteProtocolError`."""
        count = len(self._descriptors)
        match apdu:
            case SetResponse(answered, result) | SetResponseLastBlock(answered, result):
                _check_invoke(self._invoke, answered)
                if result == DataAccessResult.SUCCESS and count > 1:
                    raise _unexpected(apdu, "SET with list")
                return SetReply((result,) * count)
            case SetResponseWithList(answered, results) | SetResponseLastBlockWithList(
                answered, results
            ):
                _check(self._invoke, answered, count, results)
                return SetReply(results)
            case SetResponseBlock(answered, number) if self.request is None:
                _check_invoke(self._invoke, answered)
                return self._acknowledged(number)
            case _:
                raise _unexpected(apdu, "SET")


class ActionExchange(_Sending):
    """An ACTION until its reply."""

    def __init__(
        self, invoke: int, items: Sequence[tuple[MethodDescriptor, bytes | None]], max_pdu: int
    ) -> None:
        self._invoke = invoke
        self._descriptors = tuple([descriptor for descriptor, _ in items])
        self._incoming = IncomingBlocks(RESPONSE_OCTETS_MAX)
        parameters = tuple([_NULL if octets is None else octets for _, octets in items])
        further = partial(ActionRequestBlock, invoke)
        if len(items) > 1:
            whole = ActionRequestWithList(invoke, self._descriptors, parameters).encode()
            begin = partial(ActionRequestWithListFirstBlock, invoke, self._descriptors)
            super().__init__(whole, write_list([*parameters]), begin, further, max_pdu)
        else:
            whole = ActionRequest(invoke, self._descriptors[0], items[0][1]).encode()
            one = partial(ActionRequestFirstBlock, invoke, self._descriptors[0])
            super().__init__(whole, parameters[0], one, further, max_pdu)

    def receive(self, apdu: Apdu) -> ActionReply | bytes:
        """The reply, or the next APDU to send; raises `RemoteProtocolError`."""
        count = len(self._descriptors)
        match apdu:
            case ActionResponse(answered, outcome) if count == 1 or outcome.result:
                _check_invoke(self._invoke, answered)
                return ActionReply((outcome,) * count)
            case ActionResponseWithList(answered, outcomes):
                _check(self._invoke, answered, count, outcomes)
                return ActionReply(outcomes)
            case ActionResponseNext(answered, number) if self.request is None:
                _check_invoke(self._invoke, answered)
                return self._acknowledged(number)
            case ActionResponseBlock(answered, last, number, contents):
                _check_invoke(self._invoke, answered)
                return self._response_block(last, number, contents)
            case _:
                raise _unexpected(apdu, "ACTION")

    def _response_block(self, last: bool, number: int, contents: bytes) -> ActionReply | bytes:
        self._incoming.take(number, contents, last)
        if not last:
            return ActionRequestNext(self._invoke, number).encode()
        octets = self._incoming.joined()
        if len(self._descriptors) == 1:
            octets = b"\x01" + octets
        outcomes = _read_whole(octets, read_outcome)
        _check(self._invoke, self._invoke, len(self._descriptors), outcomes)
        return ActionReply(outcomes)
