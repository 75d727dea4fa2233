"""The envelopes of a ciphered APDU: a tag a service (glo-, ded-), or a general one with the title.

Green Book, IEC 62056-5-3 (glo-, ded-, general-glo- and general-ded-ciphering APDUs).
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from addad.dlms.octets import Cursor, encode_length, encode_octet_string
from addad.dlms.security.suite import TITLE_OCTETS, SecurityControl
from addad.errors import DecodeError, LocalProtocolError


class CipheringForm(Enum):
    """In which envelope an APDU is protected, and under which kind of key."""

    __hash__ = object.__hash__

    GLOBAL = "glo"
    """A tag of its own for each service; global key."""
    DEDICATED = "ded"
    """A tag of its own for each service; dedicated key."""
    GENERAL_GLOBAL = "general-glo"
    """Any APDU, with the sender's title; global key."""
    GENERAL_DEDICATED = "general-ded"
    """Any APDU, with the sender's title; dedicated key."""
    GENERAL_CIPHERING = "general-ciphering"
    """Any APDU, from one party to another, with information on the key."""
    GENERAL_SIGNING = "general-signing"
    """Any APDU, signed by one party for another, and not ciphered."""

    @property
    def dedicated(self) -> bool:
        """Whether the dedicated key is used."""
        return self in _DEDICATED_FORMS


_DEDICATED_FORMS: Final = (CipheringForm.DEDICATED, CipheringForm.GENERAL_DEDICATED)

GENERAL_GLOBAL_TAG: Final = 0xDB
GENERAL_DEDICATED_TAG: Final = 0xDC
GENERAL_CIPHERING_TAG: Final = 0xDD
GENERAL_SIGNING_TAG: Final = 0xDF
_GENERAL_TAGS: Final = {
    GENERAL_GLOBAL_TAG: CipheringForm.GENERAL_GLOBAL,
    GENERAL_DEDICATED_TAG: CipheringForm.GENERAL_DEDICATED,
    GENERAL_CIPHERING_TAG: CipheringForm.GENERAL_CIPHERING,
    GENERAL_SIGNING_TAG: CipheringForm.GENERAL_SIGNING,
}

_SHORT_NAME_SERVICES: Final = (0x01, 0x05, 0x06, 0x08, 0x0C, 0x0D, 0x0E, 0x16, 0x18)
_SERVICES: Final = (0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC7)
_GLOBAL_TAGS: Final = {
    **{tag: tag + 0x20 for tag in _SHORT_NAME_SERVICES},
    **{tag: tag + 0x08 for tag in _SERVICES},
}
_DEDICATED_TAGS: Final = {
    **{tag: tag + 0x40 for tag in _SHORT_NAME_SERVICES},
    **{tag: tag + 0x10 for tag in _SERVICES},
}
_NO_TAGS: Final[dict[int, int]] = {}
TAGS_OF_FORM: Final = {
    **dict.fromkeys(CipheringForm, _NO_TAGS),
    CipheringForm.GLOBAL: _GLOBAL_TAGS,
    CipheringForm.DEDICATED: _DEDICATED_TAGS,
}
"""The glo- or ded- tags of plain APDUs, by their plain tag; the other forms have none."""
_FORM_OF_TAG: Final = {
    **{tag: (CipheringForm.GLOBAL, plain) for plain, tag in _GLOBAL_TAGS.items()},
    **{tag: (CipheringForm.DEDICATED, plain) for plain, tag in _DEDICATED_TAGS.items()},
}
PLAIN_TAGS: Final = frozenset((*_GLOBAL_TAGS, 0x0F, 0xD8, 0xD9, 0xDA))
"""The first octets of the APDUs that stand inside an envelope."""
_TELEGRAM: Final = 0x2F
"""What a text telegram begins with, which some meters put into the envelope of their pushes."""
_READABLE: Final = PLAIN_TAGS | _GENERAL_TAGS.keys() | {_TELEGRAM}


TAGS: Final = _FORM_OF_TAG
"""The form and the plain tag that each glo- and ded- tag means."""


class Ciphered(NamedTuple):
    """A ciphered APDU taken apart; nothing of it is verified yet."""

    form: CipheringForm
    title: bytes | None
    """The sender's system title, where the envelope carries one."""
    control: SecurityControl
    control_octet: bytes
    counter: bytes
    body: bytes
    plain_tag: int | None
    """The tag that the APDU inside must have, where the envelope says it."""

    def __repr__(self) -> str:
        return f"Ciphered({self.form.value}, {len(self.body)} octets)"


def form_of(octets: bytes) -> CipheringForm | None:
    """The envelope that a first octet announces, or None if the APDU is not protected."""
    if not octets:
        return None
    known = _FORM_OF_TAG.get(octets[0])
    return known[0] if known else _GENERAL_TAGS.get(octets[0])


def read_ciphered(octets: bytes) -> Ciphered:
    """Take a glo-, ded-, general-glo- or general-ded- APDU apart; raises `DecodeError`.

    Raises `SecurityError` for a security suite that does not exist. Needs no key, so that a
    listener can find out whose key it needs.
    """
    cursor = Cursor(octets)
    tag = cursor.u8()
    known = _FORM_OF_TAG.get(tag)
    if known is not None:
        form, plain_tag = known
        title = None
    elif tag in (GENERAL_GLOBAL_TAG, GENERAL_DEDICATED_TAG):
        form, plain_tag = _GENERAL_TAGS[tag], None
        title = cursor.octet_string()
        if len(title) != TITLE_OCTETS:
            raise DecodeError(f"a system title of {len(title)} octets")
    else:
        raise DecodeError(f"{tag:02X} begins no ciphered APDU")
    size = cursor.length()
    if size != cursor.remaining:
        raise DecodeError(f"{size} ciphered octets declared, {cursor.remaining} left")
    head = cursor.take(5)
    control = SecurityControl.read(head[0])
    return Ciphered(form, title, control, head[:1], head[1:], cursor.rest(), plain_tag)


def encode_ciphered(form: CipheringForm, apdu_tag: int, title: bytes, contents: bytes) -> bytes:
    """The envelope around security control, invocation counter and text.

    `apdu_tag` is the first octet of the plain APDU; raises `LocalProtocolError` if it has no
    envelope of this form.
    """
    tags = TAGS_OF_FORM[form]
    if tags is _NO_TAGS:
        general = GENERAL_DEDICATED_TAG if form.dedicated else GENERAL_GLOBAL_TAG
        return bytes((general,)) + encode_octet_string(title) + encode_octet_string(contents)
    tag = tags.get(apdu_tag)
    if tag is None:
        raise LocalProtocolError(
            f"APDU {apdu_tag:02X} has no {form.value}- form; use a general one"
        )
    return bytes((tag,)) + encode_length(len(contents)) + contents


def plausible(text: bytes, plain_tag: int | None) -> bool:
    """Whether deciphered octets look like an APDU: to tell a wrong key from a wrong tag."""
    if len(text) < 3:
        return False
    tag, choice = text[0], text[1]
    if tag not in _READABLE or plain_tag not in (None, tag):
        return False
    if tag in _SERVICES and tag != 0xC2:
        return 1 <= choice <= 7
    if tag in (0x01, 0x08):
        return b"\x06\x5f" in text
    return True
