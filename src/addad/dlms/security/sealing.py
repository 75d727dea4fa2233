"""The envelope that almost every APDU has, made and opened with the least work; any other text.

Green Book, IEC 62056-5-3: glo- and ded- ciphering, authenticated and encrypted, no key named. What
is not exactly right is left to `SecurityContext.unprotect`, which says what is wrong with it.
`close` is for what is protected otherwise.
"""

from __future__ import annotations

from struct import Struct
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
_read_head: Final = Struct(">BBBI").unpack_from
_counter_octets: Final = Struct(">I").pack
_UNICAST: Final = KeyId.GLOBAL_UNICAST_ENCRYPTION


def seal(
    cipher: GcmCipher, counters: Counters, title: bytes, control: bytes, tag: int, apdu: bytes
) -> bytes:
    """The APDU of a party in the envelope with this tag; spends a counter."""
    counter = _counter_octets(counters.next(_UNICAST))
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
    if not _LEAST <= size <= _MOST:
        return None
    _, rest, applied, number = _read_head(octets)
    if rest != size - 2 or applied != control[0] or not cipher.authenticates:
        return None
    text, verified = cipher.open(title + octets[3:_HEADER], control, octets[_HEADER:])
    if not verified or text[0] != tag or number >= COUNTER_END:
        return None
    if not counters.accept(_UNICAST, title, number):
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
