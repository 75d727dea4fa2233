"""General-signing: what is signed, alone and inside an envelope."""

from __future__ import annotations

import pytest

from addad.dlms.security.context import GeneralOptions, SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import GeneralHeader
from addad.dlms.security.general_signing import read_signed, sign_apdu
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.profile import SecurityProfile
from addad.dlms.security.signatures import signature_verifies
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import DecodeError, SecurityError, SecurityFault
from dlms.security import published
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, GET, SERVER

KEYS = SymmetricKeys(ENCRYPTION, AUTHENTICATION)
HEADER = GeneralHeader(bytes(range(1, 9)), CLIENT, SERVER)
FORM = CipheringForm.GENERAL_SIGNING
SIGNED = sign_apdu(published.CLIENT_SIGNATURE, HEADER, GET)
SHORT = SecurityProfile(signs_content_length=False)


def end(own: bytes, profile: SecurityProfile | None = None) -> SecurityContext:
    client = own == CLIENT
    return SecurityContext(
        SecuritySuite.SUITE_1,
        own,
        SERVER if client else CLIENT,
        KEYS,
        VolatileCounters(),
        parties=PartyKeys(
            published.CLIENT_SIGNATURE if client else published.SERVER_SIGNATURE,
            others={
                SERVER: PublicKeys(published.SERVER_SIGNATURE_PUBLIC),
                CLIENT: PublicKeys(published.CLIENT_SIGNATURE_PUBLIC),
            },
        ),
        profile=profile or SecurityProfile(),
    )


def test_the_layout_and_what_is_signed() -> None:
    head = f"080102030405060708 08{CLIENT.hex()} 08{SERVER.hex()} 00 00".replace(" ", "")
    covered = bytes.fromhex(head + "0D" + GET.hex())
    assert SIGNED[:-64] == b"\xdf" + covered + b"\x40"
    message = read_signed(SIGNED)
    assert (message.header, message.content, message.covered) == (HEADER, GET, covered)
    key = published.CLIENT_SIGNATURE_PUBLIC
    assert signature_verifies(key, covered, SIGNED[-64:])
    message.verify(key)


def test_a_profile_leaves_the_length_of_the_content_out() -> None:
    """Two open stacks sign so; neither reading takes the other for its own."""
    octets = end(CLIENT, SHORT).protect(GET, Protection.SIGNATURE, FORM)
    signed = read_signed(octets, length_signed=False)
    assert signed.covered == signed.header.encode() + GET
    assert end(SERVER, SHORT).unprotect(octets).apdu == GET
    with pytest.raises(SecurityError):
        end(SERVER).unprotect(octets)
    with pytest.raises(SecurityError):
        end(SERVER, SHORT).unprotect(SIGNED)


def test_there_and_back() -> None:
    client, server = end(CLIENT), end(SERVER)
    octets = client.protect(
        GET, Protection.SIGNATURE, FORM, general=GeneralOptions(transaction_id=b"\x07")
    )
    received = server.unprotect(octets)
    assert (received.apdu, received.protection) == (GET, Protection.SIGNATURE)
    assert (received.title, received.counter, received.key) == (CLIENT, -1, None)
    answer = client.unprotect(server.answer(b"\xc4\x01\xc1\x00\x00", received))
    assert answer.header == GeneralHeader(b"\x07", SERVER, CLIENT)


@pytest.mark.parametrize("form", [CipheringForm.GENERAL_GLOBAL, CipheringForm.GENERAL_CIPHERING])
def test_signed_first_and_then_ciphered(form: CipheringForm) -> None:
    client, server = end(CLIENT), end(SERVER)
    everything = AUTHENTICATED_ENCRYPTION | Protection.SIGNATURE
    received = server.unprotect(client.protect(GET, everything, form))
    assert (received.apdu, received.protection, received.form) == (GET, everything, form)
    assert received.inner is not None
    assert received.inner.form is FORM
    answer = client.unprotect(server.answer(b"\xc4\x01\xc1\x00\x00", received))
    assert answer.protection == everything


def test_a_signature_that_the_answer_needs_is_added() -> None:
    client, server = end(CLIENT), end(SERVER)
    sent = client.protect(GET, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL)
    received = server.unprotect(sent)
    answer = server.answer(b"\xc4\x01\xc1\x00\x00", received, Protection.SIGNATURE)
    everything = AUTHENTICATED_ENCRYPTION | Protection.SIGNATURE
    assert client.unprotect(answer).protection == everything


@pytest.mark.parametrize("at", range(len(SIGNED)))
def test_no_octet_may_change(at: int) -> None:
    octets = bytearray(SIGNED)
    octets[at] ^= 0x01
    with pytest.raises((SecurityError, DecodeError)):
        end(SERVER).unprotect(bytes(octets))


@pytest.mark.parametrize("size", range(len(SIGNED)))
def test_truncated(size: int) -> None:
    with pytest.raises(DecodeError):
        read_signed(SIGNED[:size])


def test_trailing_octets() -> None:
    with pytest.raises(DecodeError):
        read_signed(SIGNED + b"\0")


def test_a_signature_needs_a_key_at_both_ends() -> None:
    bare = SecurityContext(SecuritySuite.SUITE_1, CLIENT, SERVER, KEYS, VolatileCounters())
    with pytest.raises(SecurityError) as caught:
        bare.protect(GET, Protection.SIGNATURE, FORM)
    assert caught.value.fault is SecurityFault.KEY
    unknowing = SecurityContext(SecuritySuite.SUITE_1, SERVER, CLIENT, KEYS, VolatileCounters())
    with pytest.raises(SecurityError) as caught:
        unknowing.unprotect(SIGNED)
    assert caught.value.fault is SecurityFault.SIGNATURE
