"""General-ciphering: the published frame, each kind of key-info, and what is authenticated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.octets import Cursor
from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.context import GeneralOptions, SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import (
    GeneralHeader,
    KeyInfo,
    KeyInfoKind,
    encode_general_ciphered,
    read_general_ciphered,
)
from addad.dlms.security.key_agreement import (
    ALGORITHM_PREFIX_EDITION_8,
    AgreedUse,
    derive_key,
    shared_secret,
)
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.profile import SecurityProfile
from addad.dlms.security.signatures import read_public_key
from addad.dlms.security.suite import (
    AUTHENTICATED_ENCRYPTION,
    Protection,
    SecurityControl,
    SecuritySuite,
)
from addad.errors import DecodeError, SecurityError, SecurityFault
from dlms.security import published
from dlms.security.published import ACCESS_REQUEST, AUTHENTICATION, CLIENT, ENCRYPTION, GET, SERVER
from foreign import cells

SUITE = SecuritySuite.SUITE_1
FORM = CipheringForm.GENERAL_CIPHERING
MASTER = bytes(range(0x20, 0x30))
KEYS = SymmetricKeys(ENCRYPTION, AUTHENTICATION, bytes(range(0x50, 0x60)), MASTER)
CLIENT_PARTY = PartyKeys(
    published.CLIENT_SIGNATURE,
    published.CLIENT_AGREEMENT,
    {SERVER: PublicKeys(published.SERVER_SIGNATURE_PUBLIC, published.SERVER_AGREEMENT_PUBLIC)},
    lambda: published.ONE_PASS_CLIENT_PRIVATE,
    lambda: bytes(range(0xA0, 0xB0)),
)
SERVER_PARTY = PartyKeys(
    published.SERVER_SIGNATURE,
    published.SERVER_AGREEMENT,
    {CLIENT: PublicKeys(published.CLIENT_SIGNATURE_PUBLIC, published.CLIENT_AGREEMENT_PUBLIC)},
    lambda: published.EPHEMERAL_SERVER_PRIVATE,
    lambda: bytes(range(0xB0, 0xC0)),
)
CIPHERED = [Protection.AUTHENTICATION, Protection.ENCRYPTION, AUTHENTICATED_ENCRYPTION]


def pair(profile: SecurityProfile | None = None) -> tuple[SecurityContext, SecurityContext]:
    chosen = profile or SecurityProfile()
    return (
        SecurityContext(
            SUITE, CLIENT, SERVER, KEYS, VolatileCounters(9), parties=CLIENT_PARTY, profile=chosen
        ),
        SecurityContext(
            SUITE, SERVER, CLIENT, KEYS, VolatileCounters(), parties=SERVER_PARTY, profile=chosen
        ),
    )


def fault(end: SecurityContext, octets: bytes) -> SecurityFault:
    with pytest.raises(SecurityError) as caught:
        end.unprotect(octets)
    return caught.value.fault


@cells.cell(
    cells.VECTOR,
    cells.CLIENT,
    services=("ACCESS",),
    suite=1,
    protections=("general-ciphering, one-pass agreement",),
    note="Green Book, edition 8, Table 41; its tag fits no reading of it",
)
def test_the_published_access_request_taken_apart() -> None:
    message = read_general_ciphered(ACCESS_REQUEST)
    assert len(ACCESS_REQUEST) == 401
    assert message.header == GeneralHeader(bytes(range(1, 9)), CLIENT, SERVER)
    assert message.key_info == KeyInfo(
        KeyInfoKind.ONE_PASS,
        None,
        published.ONE_PASS_CLIENT + published.ONE_PASS_CLIENT_SIGNATURE,
    )
    assert message.ciphered.control == SecurityControl(SUITE, AUTHENTICATED_ENCRYPTION)
    assert message.ciphered.counter == bytes(4)
    head, body = b"\x31" + bytes(4), message.ciphered.body
    assert encode_general_ciphered(message.header_octets, message.key_info, head + body) == (
        ACCESS_REQUEST
    )


@cells.cell(
    cells.VECTOR,
    cells.SERVER,
    services=("ACCESS",),
    suite=1,
    protections=("general-ciphering, one-pass agreement",),
    note="Green Book, edition 8, Table 41; its tag fits no reading of it",
)
def test_the_published_access_request_deciphers_under_the_agreed_key() -> None:
    """Key, IV and text reproduce; the printed tag fits no known reading (docs/standards.md)."""
    message = read_general_ciphered(ACCESS_REQUEST)
    ephemeral = read_public_key(SUITE, published.ONE_PASS_CLIENT)
    secret = shared_secret(published.SERVER_AGREEMENT, ephemeral)
    key = derive_key(SUITE, secret, AgreedUse.AES_GCM_128, CLIENT, SERVER)
    text = GcmCipher(key, None).encipher(CLIENT + bytes(4), message.ciphered.body[:-12])
    assert text.startswith(bytes.fromhex("D9400000000004010001" + "0000600100FF02"))
    assert len(text) == 218
    _, server = pair()
    with pytest.raises(SecurityError, match="the authentication key is wrong"):
        server.unprotect(ACCESS_REQUEST)


@pytest.mark.parametrize("kind", KeyInfoKind)
@pytest.mark.parametrize("protection", CIPHERED)
def test_each_kind_of_key_there_and_back(kind: KeyInfoKind, protection: Protection) -> None:
    client, server = pair()
    for number in range(3):
        options = GeneralOptions(kind, transaction_id=bytes((number, 1)))
        received = server.unprotect(client.protect(GET, protection, FORM, general=options))
        assert (received.apdu, received.protection, received.key_info) == (GET, protection, kind)
        assert received.header is not None
        assert received.header.transaction_id == bytes((number, 1))
        assert received.title == CLIENT
        answer = client.unprotect(server.answer(b"\xc4\x01\xc1\x00\x00", received))
        assert (answer.key_info, answer.protection) == (kind, protection)
        assert answer.header == GeneralHeader(bytes((number, 1)), SERVER, CLIENT)


@pytest.mark.parametrize("kind", [KeyInfoKind.WRAPPED, KeyInfoKind.ONE_PASS])
def test_a_new_session_key_begins_at_0_and_goes_on(kind: KeyInfoKind) -> None:
    client, server = pair()
    options = GeneralOptions(kind)
    sent = [client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options) for _ in range(3)]
    assert [server.unprotect(octets).counter for octets in sent] == [0, 1, 2]
    assert client.fresh()._sessions is None


def test_the_static_scheme_spends_the_global_counter() -> None:
    """The same transaction-id gives the same key: a counter begun again would repeat an IV."""
    client, server = pair()
    seen = set()
    for _ in range(3):
        options = GeneralOptions(KeyInfoKind.STATIC, transaction_id=b"same")
        octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
        seen.add(server.unprotect(octets).counter)
        client = SecurityContext(SUITE, CLIENT, SERVER, KEYS, client.counters, parties=CLIENT_PARTY)
    assert seen == {9, 10, 11}


@pytest.mark.parametrize("kind", KeyInfoKind)
def test_SE_04_every_kind_is_replayed_in_vain(kind: KeyInfoKind) -> None:
    client, server = pair()
    sent = [
        client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=GeneralOptions(kind))
        for _ in range(2)
    ]
    for octets in sent:
        assert server.unprotect(octets).apdu == GET
    for octets in sent:
        assert fault(server, octets) is SecurityFault.REPLAY


def test_SE_04_a_second_signature_of_the_same_key_is_no_new_key() -> None:
    """A valid ECDSA signature (r, s) has a twin (r, n - s); the replay shall not hide behind it."""
    client, server = pair()
    options = GeneralOptions(KeyInfoKind.ONE_PASS)
    first, second = (
        client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options) for _ in range(2)
    )
    server.unprotect(first)
    message = read_general_ciphered(first)
    assert message.key_info is not None
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    s = int.from_bytes(message.key_info.data[-32:], "big")
    twin = message.key_info.data[:-32] + (order - s).to_bytes(32, "big")
    octets = first.replace(message.key_info.data, twin)
    assert octets != first
    assert fault(server, octets) is SecurityFault.REPLAY
    assert server.unprotect(second).counter == 1


def test_SE_03_the_header_is_authenticated_with_its_lengths_and_key_info_is_not() -> None:
    client, _ = pair()
    options = GeneralOptions(KeyInfoKind.IDENTIFIED, b"\x07", None, bytes(12), b"note")
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
    message = read_general_ciphered(octets)
    assert message.header_octets == bytes.fromhex(
        f"010708{CLIENT.hex()}08{SERVER.hex()}0C{bytes(12).hex()}04{b'note'.hex()}"
    )
    cipher = GcmCipher(ENCRYPTION, AUTHENTICATION)
    nonce = CLIENT + bytes((0, 0, 0, 9))
    assert cipher.seal(nonce, b"\x31", GET, message.header_octets) == message.ciphered.body
    tagged = client.protect(GET, Protection.AUTHENTICATION, FORM, general=options)
    tag = cipher.tag(CLIENT + bytes((0, 0, 0, 10)), b"\x11", GET, message.header_octets)
    assert tagged.endswith(GET + tag)


@given(st.data())
def test_no_bit_of_a_message_may_change(data: st.DataObject) -> None:
    client, server = pair()
    kind = data.draw(st.sampled_from(list(KeyInfoKind)))
    options = GeneralOptions(kind)
    octets = bytearray(client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options))
    genuine = bytes(octets)
    bit = data.draw(st.integers(0, 8 * len(octets) - 1))
    octets[bit >> 3] ^= 1 << (bit & 7)
    control = genuine.rindex(b"\x31" + read_general_ciphered(genuine).ciphered.counter)
    flag = len(read_general_ciphered(genuine).header_octets) + 1
    if bit >> 3 == control or bit >> 3 == flag:
        return  # encryption alone protects nothing; any non-zero octet is true
    with pytest.raises((SecurityError, DecodeError)):
        server.unprotect(bytes(octets))
    assert server.unprotect(genuine).apdu == GET


def test_who_it_is_for_and_from_whom() -> None:
    client, server = pair()
    third = b"ABC\0\0\0\0\3"
    for_another = GeneralOptions(recipient=third)
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=for_another)
    assert fault(server, octets) is SecurityFault.UNKNOWN_TITLE
    for_anybody = GeneralOptions(recipient=b"")
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=for_anybody)
    assert server.unprotect(octets).apdu == GET
    stranger = SecurityContext(SUITE, third, SERVER, KEYS, VolatileCounters())
    octets = stranger.protect(GET, AUTHENTICATED_ENCRYPTION, FORM)
    assert fault(server, octets) is SecurityFault.UNKNOWN_TITLE


def test_a_third_party_takes_an_agreed_key() -> None:
    third = b"ABC\0\0\0\0\3"
    party = PartyKeys(
        published.CLIENT_SIGNATURE,
        published.CLIENT_AGREEMENT,
        CLIENT_PARTY.others,
        CLIENT_PARTY.new_private_key,
        CLIENT_PARTY.new_session_key,
    )
    known = PublicKeys(published.CLIENT_SIGNATURE_PUBLIC, published.CLIENT_AGREEMENT_PUBLIC)
    server = SecurityContext(
        SUITE,
        SERVER,
        CLIENT,
        KEYS,
        VolatileCounters(),
        parties=replace(SERVER_PARTY, others={CLIENT: known, third: known}),
    )
    sender = SecurityContext(SUITE, third, SERVER, KEYS, VolatileCounters(), parties=party)
    for kind in KeyInfoKind:
        octets = sender.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=GeneralOptions(kind))
        if kind in (KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC):
            assert server.unprotect(octets).title == third
        else:
            assert fault(server, octets) is SecurityFault.UNKNOWN_TITLE


def test_a_third_partys_envelope_inside_the_clients() -> None:
    client, server = pair()
    third = b"ABC\0\0\0\0\3"
    known = PublicKeys(published.CLIENT_SIGNATURE_PUBLIC, published.CLIENT_AGREEMENT_PUBLIC)
    server.parties = replace(SERVER_PARTY, others={**SERVER_PARTY.others, third: known})
    sender = SecurityContext(SUITE, third, SERVER, KEYS, VolatileCounters(), parties=CLIENT_PARTY)
    signed = sender.protect(GET, Protection.SIGNATURE, CipheringForm.GENERAL_SIGNING)
    octets = client.protect(signed, Protection.AUTHENTICATION, FORM)
    received = server.unprotect(octets)
    assert received.apdu == GET
    assert received.protection == Protection.AUTHENTICATION | Protection.SIGNATURE
    assert received.applied == Protection.AUTHENTICATION
    assert received.inner is not None
    assert (received.inner.title, received.inner.applied) == (third, Protection.SIGNATURE)
    answer = server.answer(b"\xc4\x01\xc1\x00\x00", received)
    outer = read_general_ciphered(answer)
    assert outer.header.recipient == CLIENT
    assert outer.ciphered.body[:1] == b"\xdf"


def test_more_envelopes_than_three_are_refused() -> None:
    client, server = pair()
    octets = GET
    for _ in range(4):
        octets = client.protect(octets, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_GLOBAL)
    assert fault(server, octets) in (SecurityFault.POLICY, SecurityFault.REPLAY)


def test_no_protection_is_legal_here_alone_and_proves_nothing() -> None:
    client, server = pair()
    octets = client.protect(GET, Protection.NONE, FORM)
    received = server.unprotect(octets)
    assert (received.apdu, received.protection) == (GET, Protection.NONE)
    assert server.counters.last(KeyId.GLOBAL_UNICAST_ENCRYPTION, CLIENT) == -1


def test_the_broadcast_key_is_identified_and_the_key_set_bit_stays_0() -> None:
    client, server = pair()
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, broadcast=True)
    message = read_general_ciphered(octets)
    assert message.key_info == KeyInfo(KeyInfoKind.IDENTIFIED, KeyId.GLOBAL_BROADCAST_ENCRYPTION)
    assert not message.ciphered.control.broadcast
    assert server.unprotect(octets).broadcast


def test_both_profiles_of_the_derivation_understand_themselves_alone() -> None:
    old = SecurityProfile(algorithm_prefix=ALGORITHM_PREFIX_EDITION_8)
    options = GeneralOptions(KeyInfoKind.ONE_PASS)
    for sender in (None, old):
        octets = pair(sender)[0].protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
        for receiver in (None, old):
            if sender is receiver:
                assert pair(receiver)[1].unprotect(octets).apdu == GET
            else:
                assert fault(pair(receiver)[1], octets) is SecurityFault.DECIPHERING


def test_without_key_info_the_key_is_the_last_one_or_the_global_one() -> None:
    client, server = pair()
    for kind in (KeyInfoKind.IDENTIFIED, KeyInfoKind.WRAPPED):
        options = GeneralOptions(kind)
        if kind is KeyInfoKind.WRAPPED:
            sent = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
            server.unprotect(sent)
        octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
        message = read_general_ciphered(octets)
        assert message.key_info is not None
        start = 1 + len(message.header_octets)
        end = start + 1 + len(message.key_info.encode())
        without = octets[:start] + b"\x00" + octets[end:]
        assert server.unprotect(without).key_info is kind


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("0000", KeyInfo(KeyInfoKind.IDENTIFIED, KeyId.GLOBAL_UNICAST_ENCRYPTION)),
        ("0001", KeyInfo(KeyInfoKind.IDENTIFIED, KeyId.GLOBAL_BROADCAST_ENCRYPTION)),
        ("010002AABB", KeyInfo(KeyInfoKind.WRAPPED, None, b"\xaa\xbb")),
        ("02010102AABB", KeyInfo(KeyInfoKind.ONE_PASS, None, b"\xaa\xbb")),
        ("02010200", KeyInfo(KeyInfoKind.STATIC)),
    ],
)
def test_key_info_octet_by_octet(octets: str, expected: KeyInfo) -> None:
    assert KeyInfo.read(Cursor(bytes.fromhex(octets))) == expected
    assert expected.encode() == bytes.fromhex(octets)
    for size in range(len(octets) // 2):
        with pytest.raises(DecodeError):
            KeyInfo.read(Cursor(bytes.fromhex(octets)[:size]))


@pytest.mark.parametrize("octets", ["0002", "03", "0101", "02010201AA"])
def test_a_key_info_that_is_none(octets: str) -> None:
    with pytest.raises(DecodeError):
        KeyInfo.read(Cursor(bytes.fromhex(octets)))


def test_a_reserved_scheme_is_not_supported() -> None:
    with pytest.raises(SecurityError) as caught:
        KeyInfo.read(Cursor(bytes.fromhex("02010300")))
    assert caught.value.fault is SecurityFault.UNSUPPORTED


@pytest.mark.parametrize("size", range(0, 401, 7))
def test_a_truncated_apdu_is_refused(size: int) -> None:
    with pytest.raises(DecodeError):
        read_general_ciphered(ACCESS_REQUEST[:size])
    with pytest.raises(DecodeError):
        read_general_ciphered(ACCESS_REQUEST + b"\0")


@pytest.mark.parametrize(
    "header",
    [
        GeneralHeader(b"", b"short", SERVER),
        GeneralHeader(b"", CLIENT, b"short"),
        GeneralHeader(b"", CLIENT, SERVER, b"noon"),
    ],
)
def test_a_header_that_is_none(header: GeneralHeader) -> None:
    with pytest.raises(DecodeError):
        GeneralHeader.read(Cursor(header.encode()))
