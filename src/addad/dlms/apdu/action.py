"""ACTION: request and response, single, by blocks and with list.

Green Book, IEC 62056-5-3 (Action-Request, Action-Response). Values stay octets, checked to be
whole; the raw data of response blocks is the response's body after its invoke octet.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack
from typing import ClassVar

from addad.dlms.apdu.descriptors import MethodDescriptor, read_list, write_list
from addad.dlms.apdu.get import read_result, write_result
from addad.dlms.apdu.set import read_block, write_block
from addad.dlms.data import read_octets
from addad.dlms.octets import Cursor
from addad.dlms.results import ActionOutcome, ActionResult, code
from addad.errors import DecodeError


def write_outcome(outcome: ActionOutcome) -> bytes:
    """The result, and the flag and value returned."""
    head = bytes((outcome.result,))
    if outcome.returned is None:
        return head + b"\x00"
    return head + b"\x01" + write_result(outcome.returned)


def read_outcome(cursor: Cursor) -> ActionOutcome:
    """The result and what was returned; raises `DecodeError`."""
    result = code(ActionResult, cursor.u8())
    return ActionOutcome(result, read_result(cursor) if cursor.boolean() else None)


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """Run one method, with or without parameters."""

    TAG: ClassVar[int] = 0xC3

    invoke: int
    descriptor: MethodDescriptor
    parameters: bytes | None

    def encode(self) -> bytes:
        """The octets of the APDU."""
        parameters = b"\x00" if self.parameters is None else b"\x01" + self.parameters
        return bytes((0xC3, 1, self.invoke)) + self.descriptor.encode() + parameters


@dataclass(frozen=True, slots=True)
class ActionRequestNext:
    """Send the next block of the response; `block_number` is that of the block received."""

    TAG: ClassVar[int] = 0xC3

    invoke: int
    block_number: int

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return pack(">BBBI", 0xC3, 2, self.invoke, self.block_number)


@dataclass(frozen=True, slots=True)
class ActionRequestWithList:
    """Run several methods, each with its parameters (null-data for none)."""

    TAG: ClassVar[int] = 0xC3

    invoke: int
    descriptors: tuple[MethodDescriptor, ...]
    parameters: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC3, 3, self.invoke)) + write_list([d.encode() for d in self.descriptors])
        return head + write_list([*self.parameters])


@dataclass(frozen=True, slots=True)
class ActionRequestFirstBlock:
    """Run one method: the first block of its parameters."""

    TAG: ClassVar[int] = 0xC3

    invoke: int
    descriptor: MethodDescriptor
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC3, 4, self.invoke)) + self.descriptor.encode()
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class ActionRequestWithListFirstBlock:
    """Run several methods: the first block of the list of parameters."""

    TAG: ClassVar[int] = 0xC3

    invoke: int
    descriptors: tuple[MethodDescriptor, ...]
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC3, 5, self.invoke)) + write_list([d.encode() for d in self.descriptors])
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class ActionRequestBlock:
    """A further block of the parameters."""

    TAG: ClassVar[int] = 0xC3

    invoke: int
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC3, 6, self.invoke))
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class ActionResponse:
    """How the method ended."""

    TAG: ClassVar[int] = 0xC7

    invoke: int
    outcome: ActionOutcome

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((0xC7, 1, self.invoke)) + write_outcome(self.outcome)


@dataclass(frozen=True, slots=True)
class ActionResponseBlock:
    """A block of a long response, from number 1."""

    TAG: ClassVar[int] = 0xC7

    invoke: int
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC7, 2, self.invoke))
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class ActionResponseWithList:
    """How each method ended."""

    TAG: ClassVar[int] = 0xC7

    invoke: int
    outcomes: tuple[ActionOutcome, ...]

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC7, 3, self.invoke))
        return head + write_list([write_outcome(one) for one in self.outcomes])


@dataclass(frozen=True, slots=True)
class ActionResponseNext:
    """A block of the parameters has arrived; send the next one."""

    TAG: ClassVar[int] = 0xC7

    invoke: int
    block_number: int

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return pack(">BBBI", 0xC7, 4, self.invoke, self.block_number)


AnyActionRequest = (
    ActionRequest
    | ActionRequestNext
    | ActionRequestWithList
    | ActionRequestFirstBlock
    | ActionRequestWithListFirstBlock
    | ActionRequestBlock
)
AnyActionResponse = (
    ActionResponse | ActionResponseBlock | ActionResponseWithList | ActionResponseNext
)


def read_action_request(cursor: Cursor) -> AnyActionRequest:
    """Read what follows the tag C3; raises `DecodeError`."""
    choice, invoke = cursor.u8(), cursor.u8()
    if choice == 1:
        descriptor = MethodDescriptor.read(cursor)
        return ActionRequest(invoke, descriptor, read_octets(cursor) if cursor.boolean() else None)
    if choice == 2:
        return ActionRequestNext(invoke, cursor.u32())
    if choice == 3:
        descriptors = read_list(cursor, MethodDescriptor.read)
        parameters = read_list(cursor, read_octets)
        if len(parameters) != len(descriptors):
            raise DecodeError(f"{len(descriptors)} methods and {len(parameters)} parameters")
        return ActionRequestWithList(invoke, descriptors, parameters)
    if choice == 4:
        return ActionRequestFirstBlock(invoke, MethodDescriptor.read(cursor), *read_block(cursor))
    if choice == 5:
        descriptors = read_list(cursor, MethodDescriptor.read)
        return ActionRequestWithListFirstBlock(invoke, descriptors, *read_block(cursor))
    if choice == 6:
        return ActionRequestBlock(invoke, *read_block(cursor))
    raise DecodeError(f"an ACTION request of choice {choice}")


def read_action_response(cursor: Cursor) -> AnyActionResponse:
    """Read what follows the tag C7; raises `DecodeError`."""
    choice, invoke = cursor.u8(), cursor.u8()
    if choice == 1:
        return ActionResponse(invoke, read_outcome(cursor))
    if choice == 2:
        return ActionResponseBlock(invoke, *read_block(cursor))
    if choice == 3:
        return ActionResponseWithList(invoke, read_list(cursor, read_outcome))
    if choice == 4:
        return ActionResponseNext(invoke, cursor.u32())
    raise DecodeError(f"an ACTION response of choice {choice}")
