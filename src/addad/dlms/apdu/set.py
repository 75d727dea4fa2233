"""SET: request and response, single, by blocks and with list.

Green Book, IEC 62056-5-3 (Set-Request, Set-Response). Values stay octets, checked to be whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack
from typing import ClassVar

from addad.dlms.apdu.descriptors import AttributeDescriptor, read_list, write_list
from addad.dlms.data import read_octets
from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.results import DataAccessResult, code
from addad.errors import DecodeError


def write_block(last: bool, block_number: int, contents: bytes) -> bytes:
    """The last-block flag, the number and the octets of a block."""
    return pack(">BI", last, block_number) + encode_octet_string(contents)


def read_block(cursor: Cursor) -> tuple[bool, int, bytes]:
    """The last-block flag, the number and the octets of a block; raises `DecodeError`."""
    return cursor.boolean(), cursor.u32(), cursor.octet_string()


@dataclass(frozen=True, slots=True)
class SetRequest:
    """Write one attribute."""

    TAG: ClassVar[int] = 0xC1

    invoke: int
    descriptor: AttributeDescriptor
    data: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((0xC1, 1, self.invoke)) + self.descriptor.encode() + self.data


@dataclass(frozen=True, slots=True)
class SetRequestFirstBlock:
    """Write one attribute: the first block of its value."""

    TAG: ClassVar[int] = 0xC1

    invoke: int
    descriptor: AttributeDescriptor
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC1, 2, self.invoke)) + self.descriptor.encode()
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class SetRequestBlock:
    """A further block."""

    TAG: ClassVar[int] = 0xC1

    invoke: int
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC1, 3, self.invoke))
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class SetRequestWithList:
    """Write several attributes, each with its value."""

    TAG: ClassVar[int] = 0xC1

    invoke: int
    descriptors: tuple[AttributeDescriptor, ...]
    data: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC1, 4, self.invoke))
        return head + write_list([d.encode() for d in self.descriptors]) + write_list([*self.data])


@dataclass(frozen=True, slots=True)
class SetRequestWithListFirstBlock:
    """Write several attributes: the first block of the list of values."""

    TAG: ClassVar[int] = 0xC1

    invoke: int
    descriptors: tuple[AttributeDescriptor, ...]
    last: bool
    block_number: int
    contents: bytes

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC1, 5, self.invoke)) + write_list([d.encode() for d in self.descriptors])
        return head + write_block(self.last, self.block_number, self.contents)


@dataclass(frozen=True, slots=True)
class SetResponse:
    """How the write ended."""

    TAG: ClassVar[int] = 0xC5

    invoke: int
    result: DataAccessResult

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((0xC5, 1, self.invoke, self.result))


@dataclass(frozen=True, slots=True)
class SetResponseBlock:
    """A block has arrived; send the next one."""

    TAG: ClassVar[int] = 0xC5

    invoke: int
    block_number: int

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return pack(">BBBI", 0xC5, 2, self.invoke, self.block_number)


@dataclass(frozen=True, slots=True)
class SetResponseLastBlock:
    """The last block has arrived, and how the write ended."""

    TAG: ClassVar[int] = 0xC5

    invoke: int
    result: DataAccessResult
    block_number: int

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return pack(">BBBBI", 0xC5, 3, self.invoke, self.result, self.block_number)


@dataclass(frozen=True, slots=True)
class SetResponseLastBlockWithList:
    """The last block has arrived, and how each write ended."""

    TAG: ClassVar[int] = 0xC5

    invoke: int
    results: tuple[DataAccessResult, ...]
    block_number: int

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC5, 4, self.invoke)) + write_list([bytes((one,)) for one in self.results])
        return head + pack(">I", self.block_number)


@dataclass(frozen=True, slots=True)
class SetResponseWithList:
    """How each write ended."""

    TAG: ClassVar[int] = 0xC5

    invoke: int
    results: tuple[DataAccessResult, ...]

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((0xC5, 5, self.invoke)) + write_list([bytes((one,)) for one in self.results])


AnySetRequest = (
    SetRequest
    | SetRequestFirstBlock
    | SetRequestBlock
    | SetRequestWithList
    | SetRequestWithListFirstBlock
)
AnySetResponse = (
    SetResponse
    | SetResponseBlock
    | SetResponseLastBlock
    | SetResponseLastBlockWithList
    | SetResponseWithList
)


def _result(cursor: Cursor) -> DataAccessResult:
    return code(DataAccessResult, cursor.u8())


def read_set_request(cursor: Cursor) -> AnySetRequest:
    """Read what follows the tag C1; raises `DecodeError`."""
    choice, invoke = cursor.u8(), cursor.u8()
    if choice == 1:
        return SetRequest(invoke, AttributeDescriptor.read(cursor), read_octets(cursor))
    if choice == 2:
        return SetRequestFirstBlock(invoke, AttributeDescriptor.read(cursor), *read_block(cursor))
    if choice == 3:
        return SetRequestBlock(invoke, *read_block(cursor))
    if choice == 4:
        descriptors = read_list(cursor, AttributeDescriptor.read)
        data = read_list(cursor, read_octets)
        if len(data) != len(descriptors):
            raise DecodeError(f"{len(descriptors)} attributes and {len(data)} values")
        return SetRequestWithList(invoke, descriptors, data)
    if choice == 5:
        descriptors = read_list(cursor, AttributeDescriptor.read)
        return SetRequestWithListFirstBlock(invoke, descriptors, *read_block(cursor))
    raise DecodeError(f"a SET request of choice {choice}")


def read_set_response(cursor: Cursor) -> AnySetResponse:
    """Read what follows the tag C5; raises `DecodeError`."""
    choice, invoke = cursor.u8(), cursor.u8()
    if choice == 1:
        return SetResponse(invoke, _result(cursor))
    if choice == 2:
        return SetResponseBlock(invoke, cursor.u32())
    if choice == 3:
        return SetResponseLastBlock(invoke, _result(cursor), cursor.u32())
    if choice == 4:
        return SetResponseLastBlockWithList(invoke, read_list(cursor, _result), cursor.u32())
    if choice == 5:
        return SetResponseWithList(invoke, read_list(cursor, _result))
    raise DecodeError(f"a SET response of choice {choice}")
