"""AARQ, AARE, RLRQ, RLRE: how an association is asked for, answered and released.

Green Book, IEC 62056-5-3 (ACSE APDUs, BER with definite lengths).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Final

from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.results import (
    AssociationResult,
    Diagnostic,
    ProviderDiagnostic,
    UserDiagnostic,
    code,
)
from addad.errors import DecodeError

_CONTEXT_PREFIX: Final = bytes.fromhex("608574050801")
_MECHANISM_PREFIX: Final = bytes.fromhex("608574050802")
_AUTHENTICATION_BIT: Final = bytes.fromhex("0780")
_VERSION_1: Final = bytes.fromhex("0780")


class ApplicationContext(IntEnum):
    """The last octet of an application context name."""

    LOGICAL_NAME = 1
    SHORT_NAME = 2
    LOGICAL_NAME_CIPHERED = 3
    SHORT_NAME_CIPHERED = 4


class Mechanism(IntEnum):
    """The last octet of an authentication mechanism name."""

    NONE = 0
    LOW = 1
    HIGH = 2
    HIGH_MD5 = 3
    HIGH_SHA1 = 4
    HIGH_GMAC = 5
    HIGH_SHA256 = 6
    HIGH_ECDSA = 7


def context_name(context: ApplicationContext) -> bytes:
    """The seven octets of an application context name."""
    return _CONTEXT_PREFIX + bytes((context,))


def mechanism_name(mechanism: Mechanism) -> bytes:
    """The seven octets of an authentication mechanism name."""
    return _MECHANISM_PREFIX + bytes((mechanism,))


def _field(tag: int, contents: bytes) -> bytes:
    return bytes((tag,)) + encode_octet_string(contents)


def _optional(tag: int, contents: bytes | None) -> bytes:
    return b"" if contents is None else _field(tag, contents)


def _wrapped(tag: int, inner: int, contents: bytes | None) -> bytes:
    return b"" if contents is None else _field(tag, _field(inner, contents))


def _number(tag: int, value: int | None) -> bytes:
    return b"" if value is None else _field(tag, _integer(value))


def _integer(value: int) -> bytes:
    octets = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return _field(0x02, value.to_bytes(octets, "big", signed=True))


def _fields(cursor: Cursor) -> dict[int, bytes]:
    """The fields after the APDU's tag by their tags; raises `DecodeError` for one twice."""
    inner = Cursor(cursor.octet_string())
    found: dict[int, bytes] = {}
    while not inner.at_end:
        tag = inner.u8()
        if tag in found:
            raise DecodeError(f"field {tag:02X} twice")
        found[tag] = inner.octet_string()
    return found


def _unwrap(octets: bytes | None, inner: int) -> bytes | None:
    """The contents of the one field inside a field; raises `DecodeError`."""
    if octets is None:
        return None
    cursor = Cursor(octets)
    tag = cursor.u8()
    if tag != inner:
        raise DecodeError(f"field {inner:02X} expected, {tag:02X} found")
    contents = cursor.octet_string()
    cursor.expect_end()
    return contents


def _read_integer(octets: bytes | None) -> int | None:
    contents = _unwrap(octets, 0x02)
    if contents is None:
        return None
    if not 1 <= len(contents) <= 4:
        raise DecodeError(f"an integer of {len(contents)} octets")
    return int.from_bytes(contents, "big", signed=True)


def _bit_0(octets: bytes | None) -> bool:
    """Whether the first bit of a BER bit string (its unused bits counted first) is set."""
    if octets is None:
        return False
    cursor = Cursor(octets)
    if cursor.u8() > 7:
        raise DecodeError("a bit string with more than 7 unused bits")
    return bool(cursor.rest()[:1] >= b"\x80")


def _check(fields: dict[int, bytes], known: frozenset[int]) -> None:
    for tag in fields:
        if tag not in known:
            raise DecodeError(f"no field {tag:02X} here")


@dataclass(frozen=True, slots=True)
class Aarq:
    """A request to associate; names and the user information stay octets."""

    TAG: ClassVar[int] = 0x60

    application_context_name: bytes
    user_information: bytes | None
    mechanism_name: bytes | None = None
    authentication_value: bytes | None = field(default=None, repr=False)
    """A password, or a challenge."""
    calling_ap_title: bytes | None = None
    calling_ae_qualifier: bytes | None = None
    user_id: int | None = None
    version_1: bool = True
    authentication_required: bool = False
    """Whether the sender-acse-requirements name authentication; sent with any mechanism."""

    def encode(self) -> bytes:
        """The octets of the APDU; version 1 is the default and left out."""
        requires = self.authentication_required
        return _field(
            self.TAG,
            b"".join(
                (
                    b"" if self.version_1 else _field(0x80, b"\x07\x00"),
                    _wrapped(0xA1, 0x06, self.application_context_name),
                    _wrapped(0xA6, 0x04, self.calling_ap_title),
                    _wrapped(0xA7, 0x04, self.calling_ae_qualifier),
                    _number(0xA9, self.user_id),
                    _field(0x8A, _AUTHENTICATION_BIT) if requires else b"",
                    _optional(0x8B, self.mechanism_name),
                    _wrapped(0xAC, 0x80, self.authentication_value),
                    _wrapped(0xBE, 0x04, self.user_information),
                )
            ),
        )

    @classmethod
    def read(cls, cursor: Cursor) -> Aarq:
        """Read what follows the tag; raises `DecodeError`."""
        fields = _fields(cursor)
        _check(fields, _AARQ_FIELDS)
        name = _unwrap(fields.get(0xA1), 0x06)
        if name is None:
            raise DecodeError("an AARQ without application context name")
        return cls(
            name,
            _unwrap(fields.get(0xBE), 0x04),
            fields.get(0x8B),
            _unwrap(fields.get(0xAC), 0x80),
            _unwrap(fields.get(0xA6), 0x04),
            _unwrap(fields.get(0xA7), 0x04),
            _read_integer(fields.get(0xA9)),
            _bit_0(fields.get(0x80, _VERSION_1)),
            _bit_0(fields.get(0x8A)),
        )


_AARQ_FIELDS: Final = frozenset((0x80, *range(0xA1, 0xAA), 0x8A, 0x8B, 0xAC, 0xBD, 0xBE))


@dataclass(frozen=True, slots=True)
class Aare:
    """The answer to a request to associate."""

    TAG: ClassVar[int] = 0x61

    application_context_name: bytes
    result: AssociationResult
    diagnostic: Diagnostic
    user_information: bytes | None
    mechanism_name: bytes | None = None
    authentication_value: bytes | None = None
    responding_ap_title: bytes | None = None
    responding_ae_qualifier: bytes | None = None

    def encode(self) -> bytes:
        """The octets of the APDU."""
        source = 0xA2 if isinstance(self.diagnostic, ProviderDiagnostic) else 0xA1
        requires = self.mechanism_name is not None
        return _field(
            self.TAG,
            b"".join(
                (
                    _wrapped(0xA1, 0x06, self.application_context_name),
                    _number(0xA2, self.result),
                    _field(0xA3, _field(source, _integer(self.diagnostic))),
                    _wrapped(0xA4, 0x04, self.responding_ap_title),
                    _wrapped(0xA5, 0x04, self.responding_ae_qualifier),
                    _field(0x88, _AUTHENTICATION_BIT) if requires else b"",
                    _optional(0x89, self.mechanism_name),
                    _wrapped(0xAA, 0x80, self.authentication_value),
                    _wrapped(0xBE, 0x04, self.user_information),
                )
            ),
        )

    @classmethod
    def read(cls, cursor: Cursor) -> Aare:
        """Read what follows the tag; raises `DecodeError`."""
        fields = _fields(cursor)
        _check(fields, _AARE_FIELDS)
        name = _unwrap(fields.get(0xA1), 0x06)
        result = _read_integer(fields.get(0xA2))
        if name is None or result is None:
            raise DecodeError("an AARE without application context name or result")
        return cls(
            name,
            code(AssociationResult, result),
            _diagnostic(fields.get(0xA3)),
            _unwrap(fields.get(0xBE), 0x04),
            fields.get(0x89),
            _unwrap(fields.get(0xAA), 0x80),
            _unwrap(fields.get(0xA4), 0x04),
            _unwrap(fields.get(0xA5), 0x04),
        )


_AARE_FIELDS: Final = frozenset((0x80, *range(0xA1, 0xA8), 0x88, 0x89, 0xAA, 0xBD, 0xBE))


def _diagnostic(octets: bytes | None) -> Diagnostic:
    if octets is None:
        raise DecodeError("an AARE without diagnostic")
    service_user = octets[:1] == b"\xa1"
    value = _read_integer(_unwrap(octets, 0xA1 if service_user else 0xA2))
    if service_user:
        return code(UserDiagnostic, value or 0)
    return code(ProviderDiagnostic, value or 0)


@dataclass(frozen=True, slots=True)
class _Release:
    """The reason is 0 normal, 1 urgent or not finished, 30 user-defined, or left out."""

    reason: int | None = 0
    user_information: bytes | None = None

    def _encode(self, tag: int) -> bytes:
        reason = None if self.reason is None else bytes((self.reason,))
        return _field(tag, _optional(0x80, reason) + _wrapped(0xBE, 0x04, self.user_information))


def _read_release(cursor: Cursor) -> tuple[int | None, bytes | None]:
    fields = _fields(cursor)
    _check(fields, frozenset((0x80, 0xBE)))
    reason = fields.get(0x80)
    if reason is not None and len(reason) != 1:
        raise DecodeError(f"a reason of {len(reason)} octets")
    return reason[0] if reason else None, _unwrap(fields.get(0xBE), 0x04)


@dataclass(frozen=True, slots=True)
class Rlrq(_Release):
    """A request to release the association."""

    TAG: ClassVar[int] = 0x62

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return self._encode(self.TAG)

    @classmethod
    def read(cls, cursor: Cursor) -> Rlrq:
        """Read what follows the tag; raises `DecodeError`."""
        return cls(*_read_release(cursor))


@dataclass(frozen=True, slots=True)
class Rlre(_Release):
    """The association is released."""

    TAG: ClassVar[int] = 0x63

    def encode(self) -> bytes:
        """The octets of the APDU."""
        return self._encode(self.TAG)

    @classmethod
    def read(cls, cursor: Cursor) -> Rlre:
        """Read what follows the tag; raises `DecodeError`."""
        return cls(*_read_release(cursor))
