"""InitiateRequest and InitiateResponse: what both sides can do, and how large an APDU may be.

Green Book, IEC 62056-5-3 (xDLMS InitiateRequest, InitiateResponse, Conformance).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from struct import pack
from typing import ClassVar, Final

from addad.dlms.octets import Cursor, encode_octet_string
from addad.errors import DecodeError

DLMS_VERSION: Final = 6
LOGICAL_NAME_VAA: Final = 0x0007
"""The VAA-name of a server with logical name referencing."""
_CONFORMANCE_HEADER: Final = bytes.fromhex("5F1F0400")


class Conformance(IntFlag):
    """The services of a peer: 24 bits, of which the first is the highest."""

    GENERAL_PROTECTION = 1 << 22
    GENERAL_BLOCK_TRANSFER = 1 << 21
    READ = 1 << 20
    WRITE = 1 << 19
    UNCONFIRMED_WRITE = 1 << 18
    DELTA_VALUE_ENCODING = 1 << 17
    ATTRIBUTE_0_WITH_SET = 1 << 15
    PRIORITY_MANAGEMENT = 1 << 14
    ATTRIBUTE_0_WITH_GET = 1 << 13
    BLOCK_TRANSFER_WITH_GET = 1 << 12
    BLOCK_TRANSFER_WITH_SET = 1 << 11
    BLOCK_TRANSFER_WITH_ACTION = 1 << 10
    MULTIPLE_REFERENCES = 1 << 9
    INFORMATION_REPORT = 1 << 8
    DATA_NOTIFICATION = 1 << 7
    ACCESS = 1 << 6
    PARAMETERIZED_ACCESS = 1 << 5
    GET = 1 << 4
    SET = 1 << 3
    SELECTIVE_ACCESS = 1 << 2
    EVENT_NOTIFICATION = 1 << 1
    ACTION = 1 << 0


def _write_conformance(conformance: Conformance) -> bytes:
    return _CONFORMANCE_HEADER + (int(conformance) & 0xFFFFFF).to_bytes(3, "big")


def _read_conformance(cursor: Cursor) -> Conformance:
    header = cursor.take(4)
    if header != _CONFORMANCE_HEADER:
        raise DecodeError(f"a conformance block cannot begin with {header.hex()}")
    return Conformance(int.from_bytes(cursor.take(3), "big"))


def _optional_i8(cursor: Cursor) -> int | None:
    return cursor.i8() if cursor.boolean() else None


def _flagged_i8(value: int | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + pack(">b", value)


@dataclass(frozen=True, slots=True)
class InitiateRequest:
    """What the client can do; `max_pdu` is the largest APDU it receives, 0 without limit."""

    TAG: ClassVar[int] = 0x01

    conformance: Conformance
    max_pdu: int
    dedicated_key: bytes | None = field(default=None, repr=False)
    response_allowed: bool = True
    quality_of_service: int | None = None
    version: int = DLMS_VERSION

    def encode(self) -> bytes:
        """The octets of the APDU."""
        key = self.dedicated_key
        return (
            b"\x01"
            + (b"\x00" if key is None else b"\x01" + encode_octet_string(key))
            + (b"\x00" if self.response_allowed else b"\x01\x00")
            + _flagged_i8(self.quality_of_service)
            + bytes((self.version,))
            + _write_conformance(self.conformance)
            + pack(">H", self.max_pdu)
        )

    @classmethod
    def read(cls, cursor: Cursor) -> InitiateRequest:
        """Read what follows the tag; raises `DecodeError`."""
        key = cursor.octet_string() if cursor.boolean() else None
        response_allowed = cursor.boolean() if cursor.boolean() else True
        quality = _optional_i8(cursor)
        version = cursor.u8()
        conformance = _read_conformance(cursor)
        return cls(conformance, cursor.u16(), key, response_allowed, quality, version)


@dataclass(frozen=True, slots=True)
class InitiateResponse:
    """What was negotiated; `max_pdu` is the largest APDU the server receives, 0 without limit."""

    TAG: ClassVar[int] = 0x08

    conformance: Conformance
    max_pdu: int
    quality_of_service: int | None = None
    version: int = DLMS_VERSION
    vaa_name: int = LOGICAL_NAME_VAA

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return (
            b"\x08"
            + _flagged_i8(self.quality_of_service)
            + bytes((self.version,))
            + _write_conformance(self.conformance)
            + pack(">HH", self.max_pdu, self.vaa_name)
        )

    @classmethod
    def read(cls, cursor: Cursor) -> InitiateResponse:
        """Read what follows the tag; raises `DecodeError`."""
        quality = _optional_i8(cursor)
        version = cursor.u8()
        conformance = _read_conformance(cursor)
        return cls(conformance, cursor.u16(), quality, version, cursor.u16())
