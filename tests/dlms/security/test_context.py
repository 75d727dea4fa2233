"""The protection of an association: published frames, counters, titles, keys, forged messages."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import COUNTER_END, VolatileCounters
from addad.dlms.security.framing import CipheringForm, read_ciphered
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, GET, GLO_GET, SERVER

BROADCAST_KEY = bytes(range(0x50, 0x60))
DEDICATED_KEY = bytes(range(0x70, 0x80))
KEYS = SymmetricKeys(ENCRYPTION, AUTHENTICATION, BROADCAST_KEY)
GLOBAL, DEDICATED = CipheringForm.GLOBAL, CipheringForm.DEDICATED
GENERAL_GLOBAL, GENERAL_DEDICATED = CipheringForm.GENERAL_GLOBAL, CipheringForm.GENERAL_DEDICATED
GUEK = KeyId.GLOBAL_UNICAST_ENCRYPTION
SIMPLE = [GLOBAL, DEDICATED, GENERAL_GLOBAL, GENERAL_DEDICATED]
CIPHERED = [Protection.AUTHENTICATION, Protection.ENCRYPTION, AUTHENTICATED_ENCRYPTION]


def context(
    own: bytes, peer: bytes | None, first: int = 0, keys: SymmetricKeys = KEYS, suite: int = 0
) -> SecurityContext:
    made = SecurityContext(SecuritySuite(suite), own, peer, keys, VolatileCounters(first))
    if suite < 2:
        made.dedicated_key = DEDICATED_KEY
    return made


def pair() -> tuple[SecurityContext, SecurityContext]:
    return context(CLIENT, SERVER), context(SERVER, CLIENT)


def fault(end: SecurityContext, octets: bytes) -> SecurityFault:
    with pytest.raises(SecurityError) as caught:
        end.unprotect(octets)
    return caught.value.fault


@pytest.mark.parametrize(
    ("protection", "expected"),
    [
        (Protection.AUTHENTICATION, f"C81E1001234567{GET.hex()}06725D910F9221D263877516"),
        (Protection.ENCRYPTION, "C8122001234567411312FF935A47566827C467BC"),
        (AUTHENTICATED_ENCRYPTION, GLO_GET.hex()),
    ],
)
def test_the_published_get_request(protection: Protection, expected: str) -> None:
    octets = context(CLIENT, SERVER, 0x01234567).protect(GET, protection, GLOBAL)
    assert octets == bytes.fromhex(expected)
    received = context(SERVER, CLIENT).unprotect(octets)
    assert (received.apdu, received.protection, received.applied) == (GET, protection, protection)
    assert (received.title, received.counter) == (CLIENT, 0x01234567)
    assert (received.form, received.key, received.broadcast) == (GLOBAL, GUEK, False)


@pytest.mark.parametrize("form", SIMPLE)
@pytest.mark.parametrize("protection", CIPHERED)
@pytest.mark.parametrize("suite", [0, 1])
def test_what_is_protected_is_unprotected(
    form: CipheringForm, protection: Protection, suite: int
) -> None:
    client, server = context(CLIENT, SERVER, suite=suite), context(SERVER, CLIENT, suite=suite)
    for apdu in (GET, GET + bytes(200), GET + bytes(70_000)):
        octets = client.protect(apdu, protection, form)
        received = server.unprotect(octets)
        assert (received.apdu, received.protection, received.form) == (apdu, protection, form)
        assert received.key == (None if form.dedicated else GUEK)
        answer = server.answer(b"\xc4\x01\xc1\x00\x00", received)
        assert client.unprotect(answer).protection == protection


def test_suite_2_has_keys_of_32_octets() -> None:
    keys = SymmetricKeys(bytes(range(32)), bytes(range(32, 64)))
    client, server = (
        context(CLIENT, SERVER, keys=keys, suite=2),
        context(SERVER, CLIENT, keys=keys, suite=2),
    )
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    assert octets[2] == 0x32
    assert server.unprotect(octets).apdu == GET
    with pytest.raises(LocalProtocolError):
        context(CLIENT, SERVER, suite=2)


# SE-02, SE-03


def test_SE_02_each_message_has_a_counter_of_its_own() -> None:
    client, _ = pair()
    made = [client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL) for _ in range(100)]
    assert [int.from_bytes(octets[3:7], "big") for octets in made] == list(range(100))
    assert len({octets[7:] for octets in made}) == 100


def test_SE_02_no_bit_of_a_message_may_change() -> None:
    """Every single bit of a message is covered: changed, it is refused, and no counter moves."""
    _, server = pair()
    for bit in range(8 * len(GLO_GET)):
        octets = bytearray(GLO_GET)
        octets[bit >> 3] ^= 1 << (bit & 7)
        if octets[2] == 0x10:  # authentication alone, of octets that were enciphered
            assert fault(server, bytes(octets)) is SecurityFault.DECIPHERING
        if octets[2] == 0x20:  # encryption alone protects no bit: marked, to be refused above
            continue
        with pytest.raises((SecurityError, DecodeError)):
            server.unprotect(bytes(octets))
    assert server.counters.last(GUEK, CLIENT) == -1
    assert server.unprotect(GLO_GET).apdu == GET


def test_SE_03_encryption_alone_is_told_apart_and_keeps_no_counter() -> None:
    client, server = pair()
    received = server.unprotect(client.protect(GET, Protection.ENCRYPTION, GLOBAL))
    assert received.protection == Protection.ENCRYPTION
    assert server.counters.last(GUEK, CLIENT) == -1


@pytest.mark.parametrize("size", range(len(GLO_GET)))
def test_a_truncated_message_is_refused(size: int) -> None:
    _, server = pair()
    with pytest.raises(DecodeError):
        server.unprotect(GLO_GET[:size])


def test_trailing_octets_are_refused() -> None:
    _, server = pair()
    with pytest.raises(DecodeError):
        server.unprotect(GLO_GET + b"\0")


@given(st.binary(max_size=200))
def test_any_octets_are_refused_by_a_documented_error(octets: bytes) -> None:
    _, server = pair()
    for first in (b"", b"\xc8", b"\xd0", b"\xdb\x08", b"\xdc\x08", b"\xdd", b"\xdf"):
        with pytest.raises((DecodeError, SecurityError)):
            server.unprotect(first + octets)
    assert server.counters.last(GUEK, CLIENT) == -1


# SE-04, SE-06, SE-07


def test_SE_04_a_replay_is_refused_and_tells_the_expected_counter() -> None:
    client, server = pair()
    first, second = (client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL) for _ in range(2))
    server.unprotect(second)
    for octets in (first, second):
        with pytest.raises(SecurityError) as caught:
            server.unprotect(octets)
        assert caught.value.fault is SecurityFault.REPLAY
        assert caught.value.expected_counter == 2


@pytest.mark.parametrize("form", SIMPLE)
@pytest.mark.parametrize("protection", [Protection.AUTHENTICATION, AUTHENTICATED_ENCRYPTION])
def test_SE_04_every_form_is_replayed_in_vain(form: CipheringForm, protection: Protection) -> None:
    client, server = pair()
    octets = client.protect(GET, protection, form)
    assert server.unprotect(octets).apdu == GET
    assert fault(server, octets) is SecurityFault.REPLAY


def test_SE_04_ten_thousand_forged_frames_then_a_genuine_one_passes() -> None:
    client, server = pair()
    genuine = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    chance = random.Random(4)
    for number in range(10_000):
        control = chance.choice((b"\x10", b"\x30", b"\x50", b"\x70"))
        counter = b"\xff\xff\xff\xfe" if number % 2 else chance.randbytes(4)
        body = control + counter + chance.randbytes(chance.randrange(12, 60))
        with pytest.raises(SecurityError) as caught:
            server.unprotect(b"\xc8" + bytes((len(body),)) + body)
        assert caught.value.fault is SecurityFault.DECIPHERING
        assert caught.value.expected_counter is None
    assert server.unprotect(genuine).apdu == GET


def test_SE_06_at_the_end_of_the_counter_the_key_must_be_changed() -> None:
    client = context(CLIENT, SERVER, COUNTER_END - 1)
    last = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    for _ in range(2):
        with pytest.raises(SecurityError) as caught:
            client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
        assert caught.value.fault is SecurityFault.COUNTER_EXHAUSTED
    assert context(SERVER, CLIENT).unprotect(last).counter == COUNTER_END - 1


def test_SE_07_a_dedicated_key_has_counters_of_its_own() -> None:
    client, server = context(CLIENT, SERVER, 500), context(SERVER, CLIENT)
    server.unprotect(client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL))
    received = server.unprotect(client.protect(GET, AUTHENTICATED_ENCRYPTION, DEDICATED))
    assert received.counter == 0
    assert server.counters.last(GUEK, CLIENT) == 500
    assert server.unprotect(client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)).counter == 501


def test_SE_07_a_dedicated_key_may_begin_anywhere() -> None:
    """Some clients go on counting from the global key."""
    peer = context(CLIENT, SERVER, 77, keys=SymmetricKeys(DEDICATED_KEY, AUTHENTICATION))
    octets = peer.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    assert context(SERVER, CLIENT).unprotect(b"\xd0" + octets[1:]).counter == 77


def test_SE_07_a_dedicated_key_ends_with_its_association() -> None:
    client, server = pair()
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, DEDICATED)
    server.dedicated_key = None
    assert fault(server, octets) is SecurityFault.KEY
    assert fault(server.fresh(), octets) is SecurityFault.KEY
    assert server.fresh().dedicated_key is None
    with pytest.raises(SecurityError):
        server.protect(GET, AUTHENTICATED_ENCRYPTION, DEDICATED)
    with pytest.raises(LocalProtocolError):
        server.dedicated_key = bytes(15)


def test_SE_17_a_push_counts_for_its_sender_and_no_other() -> None:
    """A listener holds the counters of each meter; contexts of one setup share them."""
    notification = b"\x0f\x00\x00\x00\x01\x00\x00"
    shared = VolatileCounters()
    listener = SecurityContext(SecuritySuite.SUITE_0, CLIENT, None, KEYS, shared)
    first, second = context(SERVER, CLIENT), context(b"ABC\0\0\0\0\2", CLIENT)
    octets = first.protect(notification, AUTHENTICATED_ENCRYPTION, GENERAL_GLOBAL)
    assert listener.unprotect(octets).title == SERVER
    other = second.protect(notification, AUTHENTICATED_ENCRYPTION, GENERAL_GLOBAL)
    assert listener.unprotect(other).title == b"ABC\0\0\0\0\2"
    assert fault(listener.fresh(), octets) is SecurityFault.REPLAY


# Broadcast


@pytest.mark.parametrize("form", [GLOBAL, GENERAL_GLOBAL])
def test_SE_08_a_broadcast_is_marked(form: CipheringForm) -> None:
    client, server = pair()
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, form, broadcast=True)
    received = server.unprotect(octets)
    assert received.broadcast
    assert received.key == KeyId.GLOBAL_BROADCAST_ENCRYPTION
    assert server.counters.last(KeyId.GLOBAL_BROADCAST_ENCRYPTION, CLIENT) == 0
    assert server.counters.last(GUEK, CLIENT) == -1
    assert fault(server, octets) is SecurityFault.REPLAY


def test_there_is_no_broadcast_under_a_dedicated_key_nor_without_one() -> None:
    client, server = pair()
    with pytest.raises(LocalProtocolError):
        client.protect(GET, AUTHENTICATED_ENCRYPTION, DEDICATED, broadcast=True)
    octets = bytearray(client.protect(GET, AUTHENTICATED_ENCRYPTION, DEDICATED))
    octets[2] |= 0x40
    assert fault(server, bytes(octets)) is SecurityFault.POLICY
    alone = context(SERVER, CLIENT, keys=SymmetricKeys(ENCRYPTION, AUTHENTICATION))
    broadcast = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL, broadcast=True)
    assert fault(alone, broadcast) is SecurityFault.KEY


# Titles


def test_SE_09_a_provisioned_title_is_fixed() -> None:
    client, server = pair()
    with pytest.raises(SecurityError) as caught:
        server.learn_title(b"ABC\0\0\0\0\2")
    assert caught.value.fault is SecurityFault.UNKNOWN_TITLE
    server.learn_title(CLIENT)
    other = context(b"ABC\0\0\0\0\2", SERVER)
    octets = other.protect(GET, AUTHENTICATED_ENCRYPTION, GENERAL_GLOBAL)
    assert fault(server, octets) is SecurityFault.UNKNOWN_TITLE
    assert client.peer_title == SERVER


def test_a_title_is_learned_for_one_association() -> None:
    client = context(CLIENT, SERVER)
    server = context(SERVER, None)
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    assert fault(server, octets) is SecurityFault.UNKNOWN_TITLE
    server.learn_title(CLIENT)
    assert server.unprotect(octets).title == CLIENT
    other = context(b"ABC\0\0\0\0\2", SERVER)
    general = other.protect(GET, AUTHENTICATED_ENCRYPTION, GENERAL_GLOBAL)
    assert fault(server, general) is SecurityFault.UNKNOWN_TITLE
    assert server.fresh().peer_title is None
    with pytest.raises(DecodeError):
        server.learn_title(b"short")


def test_ones_own_message_that_comes_back_is_refused() -> None:
    listener = context(CLIENT, None)
    mirrored = listener.fresh()
    mirrored.learn_title(SERVER)
    octets = mirrored.protect(GET, AUTHENTICATED_ENCRYPTION, GENERAL_GLOBAL)
    assert fault(listener, octets) is SecurityFault.UNKNOWN_TITLE
    with pytest.raises(SecurityError):
        listener.learn_title(CLIENT)
    with pytest.raises(LocalProtocolError):
        context(CLIENT, CLIENT)


# What is refused, and what it says


def test_compression_is_refused_by_its_own_fault() -> None:
    for form in (b"\xc8", b"\xdb\x08" + CLIENT):
        octets = form + b"\x12" + b"\xb0" + bytes(17)
        assert fault(pair()[1], octets) is SecurityFault.UNSUPPORTED


def test_another_suite_and_no_protection_are_refused() -> None:
    client, server = pair()
    octets = bytearray(client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL))
    for control, expected in [
        (0x31, SecurityFault.POLICY),
        (0x33, SecurityFault.UNSUPPORTED),
        (0x00, SecurityFault.POLICY),
        (0x40, SecurityFault.POLICY),
    ]:
        octets[2] = control
        assert fault(server, bytes(octets)) is expected


def test_the_apdu_inside_must_be_the_one_of_the_tag() -> None:
    client, server = pair()
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    with pytest.raises(DecodeError):
        server.unprotect(b"\xcb" + octets[1:])


@pytest.mark.parametrize("form", [GLOBAL, GENERAL_GLOBAL])
def test_a_wrong_authentication_key_says_so(form: CipheringForm) -> None:
    client = context(CLIENT, SERVER)
    server = context(SERVER, CLIENT, keys=SymmetricKeys(ENCRYPTION, bytes(16)))
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, form)
    with pytest.raises(SecurityError, match="the authentication key is wrong") as caught:
        server.unprotect(octets)
    assert caught.value.fault is SecurityFault.DECIPHERING


@pytest.mark.parametrize("protection", [Protection.ENCRYPTION, AUTHENTICATED_ENCRYPTION])
def test_a_wrong_encryption_key_says_so(protection: Protection) -> None:
    client = context(CLIENT, SERVER)
    server = context(SERVER, CLIENT, keys=SymmetricKeys(bytes(16), AUTHENTICATION))
    octets = client.protect(GET, protection, GLOBAL)
    with pytest.raises(SecurityError, match=r"the encryption key .* is wrong") as caught:
        server.unprotect(octets)
    assert caught.value.fault is SecurityFault.DECIPHERING


def test_who_has_only_the_encryption_key_must_say_so() -> None:
    client = context(CLIENT, SERVER)
    keys = SymmetricKeys(ENCRYPTION, None)
    octets = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    assert fault(context(SERVER, CLIENT, keys=keys), octets) is SecurityFault.KEY
    reader = SecurityContext(
        SecuritySuite.SUITE_0, SERVER, CLIENT, keys, VolatileCounters(), unverified=True
    )
    for _ in range(2):
        received = reader.unprotect(octets)
        assert (received.apdu, received.protection) == (GET, Protection.ENCRYPTION)
    authenticated = client.protect(GET, Protection.AUTHENTICATION, GLOBAL)
    assert reader.unprotect(authenticated).protection == Protection.NONE
    assert reader.counters.last(GUEK, CLIENT) == -1
    wrong = SecurityContext(
        SecuritySuite.SUITE_0,
        SERVER,
        CLIENT,
        SymmetricKeys(bytes(16), None),
        VolatileCounters(),
        unverified=True,
    )
    with pytest.raises(SecurityError, match=r"the encryption key .* is wrong"):
        wrong.unprotect(octets)
    with pytest.raises(LocalProtocolError):
        reader.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)


def test_what_cannot_be_sent() -> None:
    client, _ = pair()
    for apdu, protection, form in [
        (GET, Protection.NONE, GLOBAL),
        (b"", AUTHENTICATED_ENCRYPTION, GLOBAL),
        (b"\x0f\x00", AUTHENTICATED_ENCRYPTION, GLOBAL),
        (b"\xd8\x01\x01", AUTHENTICATED_ENCRYPTION, DEDICATED),
        (GET, AUTHENTICATED_ENCRYPTION | Protection.SIGNATURE, GLOBAL),
        (GET, AUTHENTICATED_ENCRYPTION, CipheringForm.GENERAL_SIGNING),
    ]:
        with pytest.raises(LocalProtocolError):
            client.protect(apdu, protection, form)


def test_no_message_shows_a_key_or_a_tag() -> None:
    client, server = pair()
    good = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    server.unprotect(good)
    wrong = context(SERVER, CLIENT, keys=SymmetricKeys(bytes(range(1, 17)), AUTHENTICATION))
    half = context(SERVER, CLIENT, keys=SymmetricKeys(ENCRYPTION, bytes(range(1, 17))))
    shown = [repr(client), repr(server), repr(client.keys), str(client)]
    shown += [repr(read_ciphered(good)), repr(context(SERVER, CLIENT).unprotect(good))]
    for end, octets in [(server, good), (wrong, good), (half, good), (server, good[:-1] + b"\0")]:
        with pytest.raises((SecurityError, DecodeError)) as caught:
            end.unprotect(octets)
        shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    text = " ".join(shown).lower()
    secrets = [ENCRYPTION, AUTHENTICATION, BROADCAST_KEY, DEDICATED_KEY, good[-12:]]
    secrets += [bytes(range(1, 17))]
    for secret in secrets:
        assert secret.hex() not in text
        assert secret[:4].hex() not in text
        assert repr(secret)[2:-1].lower() not in text


def test_associations_of_one_setup_share_their_ciphers() -> None:
    server = context(SERVER, None)
    assert server.fresh().keys.unicast_cipher is server.keys.unicast_cipher
    assert not hasattr(server, "__dict__")


def test_SE_13_an_answer_is_protected_as_the_request_was_or_better() -> None:
    client, server = pair()
    reply = b"\xc4\x01\xc1\x00\x00"
    for form in SIMPLE:
        for protection in CIPHERED:
            received = server.unprotect(client.protect(GET, protection, form))
            for least in CIPHERED:
                answer = client.unprotect(server.answer(reply, received, least))
                assert answer.protection == protection | least
                assert answer.form is form


def test_the_answer_to_a_broadcast_is_for_its_sender_alone() -> None:
    client, server = pair()
    sent = client.protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL, broadcast=True)
    answer = client.unprotect(server.answer(b"\xc4\x01\xc1\x00\x00", server.unprotect(sent)))
    assert not answer.broadcast


def test_new_keys_begin_after_the_answer_under_the_old_ones() -> None:
    client, server = pair()
    new = SymmetricKeys(bytes(range(32, 48)), bytes(range(48, 64)))
    for end in (client, server):
        end.change_keys(new)
    old = context(CLIENT, SERVER, 50).protect(GET, AUTHENTICATED_ENCRYPTION, GLOBAL)
    assert fault(server, old) is SecurityFault.DECIPHERING
    for form in SIMPLE:
        assert server.unprotect(client.protect(GET, AUTHENTICATED_ENCRYPTION, form)).apdu == GET
    with pytest.raises(LocalProtocolError):
        client.change_keys(SymmetricKeys(bytes(32), bytes(32)))


def test_the_counters_of_a_dedicated_key_outlive_a_change_of_the_others() -> None:
    client, server = pair()
    sent = client.protect(GET, AUTHENTICATED_ENCRYPTION, DEDICATED)
    server.unprotect(sent)
    server.change_keys(SymmetricKeys(bytes(range(32, 48)), AUTHENTICATION))
    assert fault(server, sent) is SecurityFault.REPLAY


def test_no_repr_shows_the_dedicated_key_inside_an_initiate_request() -> None:
    client, server = pair()
    initiate = b"\x01\x01\x10" + DEDICATED_KEY + bytes.fromhex("0000065F1F0400007E1F04B0")
    received = server.unprotect(client.protect(initiate, AUTHENTICATED_ENCRYPTION, GLOBAL))
    assert received.apdu == initiate
    for text in (repr(received), str(received), f"{received}"):
        assert repr(DEDICATED_KEY)[2:-1] not in text
        assert DEDICATED_KEY.hex() not in text
