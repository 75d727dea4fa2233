"""The envelopes: every tag of the reference, and what is none."""

from __future__ import annotations

import pytest

from addad.dlms.security.framing import (
    CipheringForm,
    encode_ciphered,
    form_of,
    plausible,
    read_ciphered,
)
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION
from addad.errors import DecodeError, LocalProtocolError
from dlms.security.published import CLIENT, GLO_GET

TAGS = {
    0x01: (0x21, 0x41), 0x08: (0x28, 0x48), 0x05: (0x25, 0x45), 0x06: (0x26, 0x46),
    0x16: (0x36, 0x56), 0x18: (0x38, 0x58), 0x0C: (0x2C, 0x4C), 0x0D: (0x2D, 0x4D),
    0x0E: (0x2E, 0x4E), 0xC0: (0xC8, 0xD0), 0xC1: (0xC9, 0xD1), 0xC2: (0xCA, 0xD2),
    0xC3: (0xCB, 0xD3), 0xC4: (0xCC, 0xD4), 0xC5: (0xCD, 0xD5), 0xC7: (0xCF, 0xD7),
}  # fmt: skip
CONTENTS = bytes.fromhex("30000000010203")


def test_each_service_has_its_two_tags() -> None:
    for plain, (of_global, of_dedicated) in TAGS.items():
        for form, tag in (
            (CipheringForm.GLOBAL, of_global),
            (CipheringForm.DEDICATED, of_dedicated),
        ):
            octets = encode_ciphered(form, plain, CLIENT, CONTENTS)
            assert octets == bytes((tag, 7)) + CONTENTS
            message = read_ciphered(octets)
            assert (message.form, message.plain_tag, message.title) == (form, plain, None)
            assert form_of(octets) is form


@pytest.mark.parametrize(
    ("form", "tag"),
    [(CipheringForm.GENERAL_GLOBAL, "DB"), (CipheringForm.GENERAL_DEDICATED, "DC")],
)
def test_the_general_envelopes_carry_the_title(form: CipheringForm, tag: str) -> None:
    octets = encode_ciphered(form, 0x0F, CLIENT, CONTENTS)
    assert octets == bytes.fromhex(f"{tag}08{CLIENT.hex()}07{CONTENTS.hex()}")
    message = read_ciphered(octets)
    assert (message.form, message.title, message.plain_tag) == (form, CLIENT, None)
    for title in (b"", CLIENT[:-1], CLIENT + b"\0"):
        with pytest.raises(DecodeError):
            read_ciphered(encode_ciphered(form, 0x0F, title, CONTENTS))


def test_a_ciphered_apdu_taken_apart() -> None:
    message = read_ciphered(GLO_GET)
    assert message.control.protection == AUTHENTICATED_ENCRYPTION
    assert (message.control_octet, message.counter) == (b"\x30", bytes.fromhex("01234567"))
    assert len(message.body) == 13 + 12


@pytest.mark.parametrize("tag", sorted({*range(256)} - {t for p in TAGS.values() for t in p}))
def test_no_other_tag_begins_an_envelope_with_a_tag_a_service(tag: int) -> None:
    octets = bytes((tag, 7)) + CONTENTS
    general = {0xDB, 0xDC, 0xDD, 0xDF}
    assert (form_of(octets) is None) == (tag not in general)
    with pytest.raises(DecodeError):
        read_ciphered(octets)


def test_what_has_no_such_form() -> None:
    assert form_of(b"") is None
    for plain in (0x0F, 0xD8, 0xD9, 0xDA, 0xE0, 0x60):
        with pytest.raises(LocalProtocolError):
            encode_ciphered(CipheringForm.GLOBAL, plain, CLIENT, CONTENTS)


@pytest.mark.parametrize("octets", ["C8", "C804", "C80430000000", "C8053000000001AA", "C885"])
def test_what_is_too_short_or_too_long(octets: str) -> None:
    with pytest.raises(DecodeError):
        read_ciphered(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("C001C1", 0xC0, True),
        ("C009C1", 0xC0, False),
        ("C001C1", 0xC4, False),
        ("C001C1", None, True),
        ("0F000000", None, True),
        ("DD080102", None, True),
        ("99000000", None, False),
        ("0100000006 5F1F0400007E1F04B0".replace(" ", ""), 0x01, True),
        ("0100000007AA", 0x01, False),
        ("C0", 0xC0, False),
        ("", None, False),
    ],
)
def test_what_looks_like_an_apdu(text: str, tag: int | None, expected: bool) -> None:
    assert plausible(bytes.fromhex(text), tag) is expected
