"""GET: request and response, single, by blocks and with list.

Green Book, IEC 62056-5-3 (Get-Request, Get-Response). `invoke` is the octet of invoke-id (low
four bits), confirmed (40) and high priority (80); values stay octets, checked to be whole.
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

GetResult = bytes | DataAccessResult
"""The octets of a value, or why there are none."""


def write_result(result: GetResult) -> bytes:
    """The choice, and the value or the reason."""
    if isinstance(result, DataAccessResult):
        return bytes((1, result))
    return b"\x00" + result


def read_result(cursor: Cursor) -> GetResult:
    """The value, or the reason why there is none; raises `DecodeError`."""
    choice = cursor.u8()
    if choice == 0:
        return read_octets(cursor)
    if choice == 1:
        return code(DataAccessResult, cursor.u8())
    raise DecodeError(f"a result of choice {choice}")


@dataclass(frozen=True, slots=True)
class GetRequest:
    """Read one attribute."""

    TAG: ClassVar[int] = 0xC0

    invoke: int
    descriptor: AttributeDescriptor

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((0xC0, 1, self.invoke)) + self.descriptor.encode()


@dataclass(frozen=True, slots=True)
class GetRequestNext:
    """Send the next block; `block_number` is that of the block received."""

    TAG: ClassVar[int] = 0xC0

    invoke: int
    block_number: int

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return pack(">BBBI", 0xC0, 2, self.invoke, self.block_number)


@dataclass(frozen=True, slots=True)
class GetRequestWithList:
    """Read several attributes."""

    TAG: ClassVar[int] = 0xC0

    invoke: int
    descriptors: tuple[AttributeDescriptor, ...]

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC0, 3, self.invoke))
        return head + write_list([one.encode() for one in self.descriptors])


@dataclass(frozen=True, slots=True)
class GetResponse:
    """The value of one attribute, or why not."""

    TAG: ClassVar[int] = 0xC4

    invoke: int
    result: GetResult

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return bytes((0xC4, 1, self.invoke)) + write_result(self.result)


@dataclass(frozen=True, slots=True)
class GetResponseBlock:
    """A block of the value, from number 1, or why the transfer ends."""

    TAG: ClassVar[int] = 0xC4

    invoke: int
    last: bool
    block_number: int
    contents: GetResult

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = pack(">BBBBI", 0xC4, 2, self.invoke, self.last, self.block_number)
        if isinstance(self.contents, DataAccessResult):
            return head + bytes((1, self.contents))
        return head + b"\x00" + encode_octet_string(self.contents)


@dataclass(frozen=True, slots=True)
class GetResponseWithList:
    """The values of several attributes, each one or why not."""

    TAG: ClassVar[int] = 0xC4

    invoke: int
    results: tuple[GetResult, ...]

    def encode(self) -> bytes:
        """The octets of the APDU."""
        head = bytes((0xC4, 3, self.invoke))
        return head + write_list([write_result(one) for one in self.results])


AnyGetRequest = GetRequest | GetRequestNext | GetRequestWithList
AnyGetResponse = GetResponse | GetResponseBlock | GetResponseWithList


def read_get_request(cursor: Cursor) -> AnyGetRequest:
    """Read what follows the tag C0; raises `DecodeError`."""
    choice, invoke = cursor.u8(), cursor.u8()
    if choice == 1:
        return GetRequest(invoke, AttributeDescriptor.read(cursor))
    if choice == 2:
        return GetRequestNext(invoke, cursor.u32())
    if choice == 3:
        return GetRequestWithList(invoke, read_list(cursor, AttributeDescriptor.read))
    raise DecodeError(f"a GET request of choice {choice}")


def _block_contents(cursor: Cursor) -> GetResult:
    choice = cursor.u8()
    if choice == 0:
        return cursor.octet_string()
    if choice == 1:
        return code(DataAccessResult, cursor.u8())
    raise DecodeError(f"a block of choice {choice}")


def read_get_response(cursor: Cursor) -> AnyGetResponse:
    """Read what follows the tag C4; raises `DecodeError`."""
    choice, invoke = cursor.u8(), cursor.u8()
    if choice == 1:
        return GetResponse(invoke, read_result(cursor))
    if choice == 2:
        return GetResponseBlock(invoke, cursor.boolean(), cursor.u32(), _block_contents(cursor))
    if choice == 3:
        return GetResponseWithList(invoke, read_list(cursor, read_result))
    raise DecodeError(f"a GET response of choice {choice}")
