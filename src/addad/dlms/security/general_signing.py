"""General-signing: an APDU that one party signed for another.

Green Book, IEC 62056-5-3 (general-signing APDU). Signed is what stands between the tag and the
signature, each field with its length; stacks that leave out the length of the content have a
profile of their own.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.security.framing import GENERAL_SIGNING_TAG
from addad.dlms.security.general_ciphering import GeneralHeader
from addad.dlms.security.signatures import sign, signature_verifies
from addad.errors import DecodeError, SecurityError, SecurityFault


class Signed(NamedTuple):
    """A general-signing APDU taken apart; its signature is not verified yet."""

    header: GeneralHeader
    content: bytes
    """A plain or a ciphered APDU."""
    covered: bytes
    """The octets that are signed."""
    signature: bytes

    def verify(self, key: ec.EllipticCurvePublicKey) -> None:
        """Raise `SecurityError` unless the owner of the key signed this."""
        if not signature_verifies(key, self.covered, self.signature):
            raise SecurityError("the signature does not verify", SecurityFault.SIGNATURE)


def read_signed(octets: bytes, length_signed: bool = True) -> Signed:
    """Take a general-signing APDU apart; raises `DecodeError`.

    `length_signed` says whether the length of the content is signed too.
    """
    cursor = Cursor(octets)
    if cursor.u8() != GENERAL_SIGNING_TAG:
        raise DecodeError("no general-signing APDU")
    start = cursor.position
    header = GeneralHeader.read(cursor)
    covered = cursor.since(start)
    start = cursor.position
    content = cursor.octet_string()
    covered += cursor.since(start) if length_signed else content
    signature = cursor.octet_string()
    cursor.expect_end()
    return Signed(header, content, covered, signature)


def sign_apdu(
    key: ec.EllipticCurvePrivateKey,
    header: GeneralHeader,
    apdu: bytes,
    length_signed: bool = True,
) -> bytes:
    """The general-signing APDU of a plain or ciphered APDU."""
    head, content = header.encode(), encode_octet_string(apdu)
    signature = sign(key, head + (content if length_signed else apdu))
    return bytes((GENERAL_SIGNING_TAG,)) + head + content + encode_octet_string(signature)
