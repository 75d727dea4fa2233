"""Access modes of attributes and methods, in every version of Association LN.

Blue Book, class 15: versions 0 to 2 have enumerations, version 3 has a mask of bits in the same
enum. The functions say what a mode allows, and what protection it demands, in each version.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

from addad.dlms.security.suite import Protection
from addad.errors import LocalProtocolError

BITS_VERSION: Final = 3
"""The first version of the class whose access modes are masks of bits."""
BOOLEAN_VERSION: Final = 0
"""The version whose method modes are booleans."""


class AttributeAccess(IntEnum):
    """What an association of version 0, 1 or 2 may do with an attribute."""

    NONE = 0
    READ = 1
    WRITE = 2
    READ_WRITE = 3
    AUTHENTICATED_READ = 4
    AUTHENTICATED_WRITE = 5
    AUTHENTICATED_READ_WRITE = 6

    @property
    def readable(self) -> bool:
        """Whether a plain GET is allowed."""
        return self in (AttributeAccess.READ, AttributeAccess.READ_WRITE)


class MethodAccess(IntEnum):
    """Whether an association of version 1 or 2 may call a method; version 0 has a boolean."""

    NONE = 0
    ACCESS = 1
    AUTHENTICATED = 2


class AttributeAccessBits(IntFlag):
    """What an association of version 3 may do with an attribute, and how protected."""

    READ = 0x01
    WRITE = 0x02
    AUTHENTICATED_REQUEST = 0x04
    ENCRYPTED_REQUEST = 0x08
    SIGNED_REQUEST = 0x10
    AUTHENTICATED_RESPONSE = 0x20
    ENCRYPTED_RESPONSE = 0x40
    SIGNED_RESPONSE = 0x80


class MethodAccessBits(IntFlag):
    """Whether an association of version 3 may call a method, and how protected."""

    ACCESS = 0x01
    AUTHENTICATED_REQUEST = 0x04
    ENCRYPTED_REQUEST = 0x08
    SIGNED_REQUEST = 0x10
    AUTHENTICATED_RESPONSE = 0x20
    ENCRYPTED_RESPONSE = 0x40
    SIGNED_RESPONSE = 0x80


class RequiredProtection(NamedTuple):
    """What a mode demands of the request and of the response; both may be none."""

    request: Protection = Protection.NONE
    response: Protection = Protection.NONE


_READING: Final = frozenset((1, 3, 4, 6))
_WRITING: Final = frozenset((2, 3, 5, 6))
_AUTHENTICATED: Final = frozenset((4, 5, 6))
_REQUEST_SHIFT, _RESPONSE_SHIFT = 2, 5


def may_read(mode: int, version: int) -> bool:
    """Whether a GET is allowed, protected as `attribute_protection` says.

    A code that the version does not know allows nothing.
    """
    if version >= BITS_VERSION:
        return bool(mode & AttributeAccessBits.READ)
    return mode in _READING


def may_write(mode: int, version: int) -> bool:
    """Whether a SET is allowed, protected as `attribute_protection` says."""
    if version >= BITS_VERSION:
        return bool(mode & AttributeAccessBits.WRITE)
    return mode in _WRITING


def may_invoke(mode: int, version: int) -> bool:
    """Whether an ACTION is allowed, protected as `method_protection` says."""
    if version >= BITS_VERSION:
        return bool(mode & MethodAccessBits.ACCESS)
    if version == BOOLEAN_VERSION:
        return bool(mode)
    return mode in (MethodAccess.ACCESS, MethodAccess.AUTHENTICATED)


def attribute_protection(mode: int, version: int) -> RequiredProtection:
    """What an attribute's mode demands; before version 3 only an authenticated request."""
    if version >= BITS_VERSION:
        return protection_of_bits(mode)
    authenticated = mode in _AUTHENTICATED
    return RequiredProtection(Protection.AUTHENTICATION if authenticated else Protection.NONE)


def method_protection(mode: int, version: int) -> RequiredProtection:
    """What a method's mode demands; version 0 demands nothing."""
    if version >= BITS_VERSION:
        return protection_of_bits(mode)
    authenticated = version != BOOLEAN_VERSION and mode == MethodAccess.AUTHENTICATED
    return RequiredProtection(Protection.AUTHENTICATION if authenticated else Protection.NONE)


def protection_of_bits(mode: int) -> RequiredProtection:
    """What bits 2 to 7 demand, as also a security policy and a required protection have them."""
    return RequiredProtection(
        Protection(mode >> _REQUEST_SHIFT & 7), Protection(mode >> _RESPONSE_SHIFT & 7)
    )


def bits_of_protection(required: RequiredProtection) -> int:
    """Bits 2 to 7 that demand this protection."""
    return int(required.request) << _REQUEST_SHIFT | int(required.response) << _RESPONSE_SHIFT


def attribute_mode(
    version: int,
    *,
    read: bool = False,
    write: bool = False,
    required: RequiredProtection = RequiredProtection(),  # noqa: B008
) -> int:
    """The code of an attribute's mode in that version.

    Raises `LocalProtocolError` for a protection that the version cannot demand.
    """
    rights = AttributeAccess.READ * read + AttributeAccess.WRITE * write
    if version >= BITS_VERSION:
        return rights | bits_of_protection(required) if rights else 0
    if not _demands_authentication(required) or not rights:
        return rights
    return rights + AttributeAccess.AUTHENTICATED_READ - AttributeAccess.READ


def method_mode(
    version: int,
    *,
    access: bool = False,
    required: RequiredProtection = RequiredProtection(),  # noqa: B008
) -> int:
    """The code of a method's mode in that version, 0 or 1 for the boolean of version 0.

    Raises `LocalProtocolError` for a protection that the version cannot demand.
    """
    if version >= BITS_VERSION:
        return MethodAccess.ACCESS | bits_of_protection(required) if access else 0
    if not _demands_authentication(required) or not access:
        return int(access)
    if version == BOOLEAN_VERSION:
        raise LocalProtocolError("version 0 of an association demands no protection of methods")
    return MethodAccess.AUTHENTICATED


def _demands_authentication(required: RequiredProtection) -> bool:
    """Whether an enumeration must say `authenticated`; raises for what none can say."""
    if required.response or required.request & ~Protection.AUTHENTICATION:
        raise LocalProtocolError("before version 3 a mode demands only authenticated requests")
    return bool(required.request)
