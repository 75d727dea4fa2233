"""The envelope that almost every APDU has, made and opened with the least work; any other text.

Green Book, IEC 62056-5-3: glo- and ded- ciphering, authenticated and encrypted, no key named. What
is not exactly right is left to `SecurityContext.unprotect`, which says what is wrong with it.
`close` is for what is protected otherwise.
"""

from __future__ import annotations

from typing import Final

from addad.dlms.octets import encode_length
from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.counters import COUNTER_END, Counters
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, TAG_OCTETS, Protection

_HEADER: Final = 7
"""Tag, a length of one octet, security control, invocation counter."""
_LEAST: Final = _HEADER + 1 + TAG_OCTETS
_MOST: Final = 0x81
_UNICAST: Final = KeyId.GLOBAL_UNICAST_ENCRYPTION


def seal(
    cipher: GcmCipher, counters: Counters, title: bytes, control: bytes, tag: int, apdu: bytes
) -> bytes:
    """The APDU of a party in the envelope with this tag; spends a counter."""
    counter = counters.next(_UNICAST).to_bytes(4, "big")
    body = cipher.seal(title + counter, control, apdu)
    size = len(body) + 5
    head = bytes((tag, size)) if size < 0x80 else bytes((tag,)) + encode_length(size)
    return head + control + counter + body


def unseal(
    cipher: GcmCipher, counters: Counters, title: bytes, control: bytes, tag: int, octets: bytes
) -> tuple[bytes, int] | None:
    """The APDU of a party, which must begin with `tag`, and its counter, which is taken.

    None, with all as it was, for an envelope that is long, not of this control, or wrong.
    """
    size = len(octets)
    if not (_LEAST <= size <= _MOST and octets[1] == size - 2 and octets[2] == control[0]):
        return None
    if not cipher.authenticates:
        return None
    counter = octets[3:_HEADER]
    text, verified = cipher.open(title + counter, control, octets[_HEADER:])
    number = int.from_bytes(counter, "big")
    if not verified or text[0] != tag:
        return None
    if number >= COUNTER_END or not counters.accept(_UNICAST, title, number):
        return None
    return text, number


def close(
    cipher: GcmCipher,
    protection: Protection,
    control: bytes,
    nonce: bytes,
    text: bytes,
    header: bytes,
) -> bytes:
    """The text as its protection has it, and its tag where there is one."""
    if protection == AUTHENTICATED_ENCRYPTION:
        return cipher.seal(nonce, control, text, header)
    if protection == Protection.ENCRYPTION:
        return cipher.encipher(nonce, text)
    if protection == Protection.AUTHENTICATION:
        return text + cipher.tag(nonce, control, text, header)
    return text
