"""ACCESS: many reads, writes and method calls in one request and one response.

Green Book, IEC 62056-5-3 (Access-Request, Access-Response). Values stay octets, checked to be
whole; there are no service-specific blocks, so a long one goes by general block transfer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, NamedTuple

from addad.dlms.apdu.descriptors import (
    AttributeDescriptor,
    MethodDescriptor,
    read_list,
    write_list,
)
from addad.dlms.apdu.long_invoke import (
    LONG_INVOKE_ID_MAX,
    LongInvokeFlag,
    read_moment,
    write_long_invoke_id,
    write_moment,
)
from addad.dlms.clock_time import DateTime
from addad.dlms.data import read_octets
from addad.dlms.octets import Cursor
from addad.dlms.results import ActionResult, DataAccessResult, code
from addad.errors import DecodeError

_GET_WITH_SELECTION = 4
_SET_WITH_SELECTION = 5


class AccessKind(IntEnum):
    """What an item does."""

    GET = 1
    SET = 2
    ACTION = 3


@dataclass(frozen=True, slots=True)
class AccessGet:
    """Read one attribute, or a selected part of it."""

    KIND: ClassVar[AccessKind] = AccessKind.GET

    descriptor: AttributeDescriptor


@dataclass(frozen=True, slots=True)
class AccessSet:
    """Write one attribute, or a selected part of it."""

    KIND: ClassVar[AccessKind] = AccessKind.SET

    descriptor: AttributeDescriptor


@dataclass(frozen=True, slots=True)
class AccessAction:
    """Run one method."""

    KIND: ClassVar[AccessKind] = AccessKind.ACTION

    descriptor: MethodDescriptor


AccessSpecification = AccessGet | AccessSet | AccessAction


class AccessResult(NamedTuple):
    """How one item ended."""

    kind: AccessKind
    result: DataAccessResult | ActionResult


def _write_specification(specification: AccessSpecification) -> bytes:
    descriptor, kind = specification.descriptor, int(specification.KIND)
    if isinstance(descriptor, MethodDescriptor):
        return bytes((kind,)) + descriptor.encode()
    if descriptor.selection is None:
        return bytes((kind,)) + descriptor.encode_name()
    selected = _GET_WITH_SELECTION if kind == AccessKind.GET else _SET_WITH_SELECTION
    return bytes((selected,)) + descriptor.encode_name() + descriptor.encode_selection()


def _read_specification(cursor: Cursor) -> AccessSpecification:
    choice = cursor.u8()
    if choice == AccessKind.ACTION:
        return AccessAction(MethodDescriptor.read(cursor))
    if choice in (AccessKind.GET, _GET_WITH_SELECTION):
        return AccessGet(AttributeDescriptor.read_name(cursor, choice == _GET_WITH_SELECTION))
    if choice in (AccessKind.SET, _SET_WITH_SELECTION):
        return AccessSet(AttributeDescriptor.read_name(cursor, choice == _SET_WITH_SELECTION))
    raise DecodeError(f"an ACCESS specification of choice {choice}")


def _read_result(cursor: Cursor) -> AccessResult:
    kind = code(AccessKind, cursor.u8())
    if kind is AccessKind.ACTION:
        return AccessResult(kind, code(ActionResult, cursor.u8()))
    return AccessResult(kind, code(DataAccessResult, cursor.u8()))


def _check_count(specifications: tuple[AccessSpecification, ...], data: tuple[bytes, ...]) -> None:
    if len(data) != len(specifications):
        raise DecodeError(f"{len(specifications)} specifications and {len(data)} values")


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Items with a value each: null-data for a GET, and for an ACTION without parameters."""

    TAG: ClassVar[int] = 0xD9

    long_invoke_id: int
    moment: DateTime | None
    specifications: tuple[AccessSpecification, ...]
    data: tuple[bytes, ...]

    @property
    def invoke_id(self) -> int:
        """The number of the request."""
        return self.long_invoke_id & LONG_INVOKE_ID_MAX

    @property
    def flags(self) -> LongInvokeFlag:
        """What the request asks for besides."""
        return LongInvokeFlag(self.long_invoke_id & 0xF0000000)

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return (
            bytes((self.TAG,))
            + write_long_invoke_id(self.long_invoke_id)
            + write_moment(self.moment)
            + write_list([_write_specification(one) for one in self.specifications])
            + write_list([*self.data])
        )

    @classmethod
    def read(cls, cursor: Cursor) -> AccessRequest:
        """Read what follows the tag; raises `DecodeError`."""
        long_invoke_id, moment = cursor.u32(), read_moment(cursor)
        specifications = read_list(cursor, _read_specification)
        data = read_list(cursor, read_octets)
        _check_count(specifications, data)
        return cls(long_invoke_id, moment, specifications, data)


@dataclass(frozen=True, slots=True)
class AccessResponse:
    """A value and a result for each item: null-data where an item gives none.

    `specifications` are those of the request, when it asked for them.
    """

    TAG: ClassVar[int] = 0xDA

    long_invoke_id: int
    moment: DateTime | None
    specifications: tuple[AccessSpecification, ...] | None
    data: tuple[bytes, ...]
    results: tuple[AccessResult, ...]

    @property
    def invoke_id(self) -> int:
        """The number of the request that is answered."""
        return self.long_invoke_id & LONG_INVOKE_ID_MAX

    def encode(self) -> bytes:
        """The octets of the APDU."""
        echo = b"\x00"
        if self.specifications is not None:
            echo = b"\x01" + write_list([_write_specification(one) for one in self.specifications])
        return (
            bytes((self.TAG,))
            + write_long_invoke_id(self.long_invoke_id)
            + write_moment(self.moment)
            + echo
            + write_list([*self.data])
            + write_list([bytes(one) for one in self.results])
        )

    @classmethod
    def read(cls, cursor: Cursor) -> AccessResponse:
        """Read what follows the tag; raises `DecodeError`."""
        long_invoke_id, moment = cursor.u32(), read_moment(cursor)
        specifications = read_list(cursor, _read_specification) if cursor.boolean() else None
        data = read_list(cursor, read_octets)
        results = read_list(cursor, _read_result)
        if len(data) != len(results):
            raise DecodeError(f"{len(data)} values and {len(results)} results")
        return cls(long_invoke_id, moment, specifications, data, results)
