"""General-ciphering: an envelope from one party to another that says which key it is under.

Green Book, IEC 62056-5-3 (general-ciphering APDU, Key-Info). The five fields of its header are
authenticated as they were received, their lengths included and key-info excluded.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.security.framing import GENERAL_CIPHERING_TAG, Ciphered, CipheringForm
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import TITLE_OCTETS, SecurityControl
from addad.errors import DecodeError, SecurityError, SecurityFault

_MASTER_KEK: Final = 0
_IDENTIFIED, _WRAPPED, _AGREED = range(3)
_ONE_PASS: Final = b"\x01"
_STATIC: Final = b"\x02"


class KeyInfoKind(Enum):
    """How the encryption key of a message is named."""

    IDENTIFIED = "identified"
    """One of the two global keys, by its number."""
    WRAPPED = "wrapped"
    """A key made for this, wrapped by the master key."""
    ONE_PASS = "one-pass"
    """Agreed from an ephemeral key of the originator and a static one of the recipient."""
    STATIC = "static"
    """Agreed from a static key of each party, and the transaction-id."""


class KeyInfo(NamedTuple):
    """The kind of a key, and what the recipient needs to get it."""

    kind: KeyInfoKind
    key: KeyId | None = None
    """The identified key."""
    data: bytes = b""
    """The wrapped key, or the ephemeral public key and its signature."""

    def __repr__(self) -> str:
        return f"KeyInfo({self.kind.value}, {len(self.data)} octets)"

    def encode(self) -> bytes:
        """The octets of the choice and its contents."""
        if self.kind == KeyInfoKind.IDENTIFIED:
            return bytes((_IDENTIFIED, self.key or KeyId.GLOBAL_UNICAST_ENCRYPTION))
        if self.kind == KeyInfoKind.WRAPPED:
            return bytes((_WRAPPED, _MASTER_KEK)) + encode_octet_string(self.data)
        scheme = _ONE_PASS if self.kind == KeyInfoKind.ONE_PASS else _STATIC
        return bytes((_AGREED,)) + encode_octet_string(scheme) + encode_octet_string(self.data)

    @classmethod
    def read(cls, cursor: Cursor) -> KeyInfo:
        """Read a key-info; raises `DecodeError`, or `SecurityError` for a reserved scheme."""
        choice = cursor.u8()
        if choice == _IDENTIFIED:
            number = cursor.u8()
            if number > KeyId.GLOBAL_BROADCAST_ENCRYPTION:
                raise DecodeError(f"no encryption key has number {number}")
            return cls(KeyInfoKind.IDENTIFIED, KeyId(number))
        if choice == _WRAPPED:
            if cursor.u8() != _MASTER_KEK:
                raise DecodeError("a key that is not wrapped by the master key")
            return cls(KeyInfoKind.WRAPPED, None, cursor.octet_string())
        if choice != _AGREED:
            raise DecodeError(f"no key-info has choice {choice}")
        scheme, data = cursor.octet_string(), cursor.octet_string()
        if scheme == _ONE_PASS:
            return cls(KeyInfoKind.ONE_PASS, None, data)
        if scheme != _STATIC:
            raise SecurityError("a key agreement scheme not known", SecurityFault.UNSUPPORTED)
        if data:
            raise DecodeError("the static scheme carries no key")
        return cls(KeyInfoKind.STATIC)


class GeneralHeader(NamedTuple):
    """From whom to whom, and in which transaction, an APDU is ciphered or signed."""

    transaction_id: bytes
    originator: bytes
    """The system title of the party that applied the protection."""
    recipient: bytes
    """The system title of the party that shall remove it; empty for anybody."""
    date_time: bytes = b""
    other_information: bytes = b""

    def encode(self) -> bytes:
        """The five fields, each with its length."""
        return b"".join(map(encode_octet_string, self))

    @classmethod
    def read(cls, cursor: Cursor) -> GeneralHeader:
        """Read the five fields; raises `DecodeError`."""
        header = cls(*(cursor.octet_string() for _ in range(5)))
        if len(header.originator) != TITLE_OCTETS or len(header.recipient) not in (0, TITLE_OCTETS):
            raise DecodeError(f"a system title that has not {TITLE_OCTETS} octets")
        if len(header.date_time) not in (0, 12):
            raise DecodeError(f"a date-time of {len(header.date_time)} octets")
        return header


class GeneralCiphered(NamedTuple):
    """A general-ciphering APDU taken apart; nothing of it is verified yet."""

    header: GeneralHeader
    header_octets: bytes
    """The header as it was received: what is authenticated."""
    key_info: KeyInfo | None
    ciphered: Ciphered


def read_general_ciphered(octets: bytes) -> GeneralCiphered:
    """Take a general-ciphering APDU apart; raises `DecodeError`, or `SecurityError`."""
    cursor = Cursor(octets)
    if cursor.u8() != GENERAL_CIPHERING_TAG:
        raise DecodeError("no general-ciphering APDU")
    start = cursor.position
    header = GeneralHeader.read(cursor)
    header_octets = cursor.since(start)
    key_info = KeyInfo.read(cursor) if cursor.boolean() else None
    size = cursor.length()
    if size != cursor.remaining:
        raise DecodeError(f"{size} ciphered octets declared, {cursor.remaining} left")
    control_octet, counter = cursor.take(1), cursor.take(4)
    control = SecurityControl.read(control_octet[0])
    form = CipheringForm.GENERAL_CIPHERING
    body = cursor.rest()
    ciphered = Ciphered(form, header.originator, control, control_octet, counter, body, None)
    return GeneralCiphered(header, header_octets, key_info, ciphered)


def encode_general_ciphered(header_octets: bytes, key_info: KeyInfo, contents: bytes) -> bytes:
    """The envelope around security control, invocation counter and text."""
    return b"".join(
        (
            bytes((GENERAL_CIPHERING_TAG,)),
            header_octets,
            b"\x01",
            key_info.encode(),
            encode_octet_string(contents),
        )
    )
