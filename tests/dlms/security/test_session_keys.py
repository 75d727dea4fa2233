"""Session keys: made once, kept only when they proved genuine, bounded."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from addad.dlms.security.context import GeneralOptions, SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import KeyInfo, KeyInfoKind, read_general_ciphered
from addad.dlms.security.keys import SymmetricKeys, unwrap_key
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.session_keys import SESSIONS_MAX
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault
from dlms.security import published
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, GET, SERVER

FORM = CipheringForm.GENERAL_CIPHERING
MASTER = bytes(range(0x20, 0x30))
KEYS = SymmetricKeys(ENCRYPTION, AUTHENTICATION, None, MASTER)
WRAPPED = GeneralOptions(KeyInfoKind.WRAPPED)
PRIVATE = {
    own: [ec.derive_private_key(first + use, ec.SECP256R1()) for use in (0, 1)]
    for own, first in ((CLIENT, 1000), (SERVER, 2000))
}
SESSION_KINDS = (KeyInfoKind.WRAPPED, KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC)


def end(own: bytes, number: int = 0, keys: SymmetricKeys = KEYS, size: int = 16) -> SecurityContext:
    """One end; with a greater `number` it has spent more counters, and made another key."""
    return SecurityContext(
        SecuritySuite.SUITE_1,
        own,
        SERVER if own == CLIENT else CLIENT,
        keys,
        VolatileCounters(number),
        parties=PartyKeys(new_session_key=lambda: number.to_bytes(size, "big")),
    )


def sent(number: int, options: GeneralOptions = WRAPPED) -> bytes:
    return end(CLIENT, number).protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)


def test_a_session_key_travels_wrapped_by_the_master_key() -> None:
    info = read_general_ciphered(sent(7)).key_info
    assert info is not None
    assert (info.kind, unwrap_key(MASTER, info.data)) == (
        KeyInfoKind.WRAPPED,
        (7).to_bytes(16, "big"),
    )


def test_a_session_key_is_made_once_for_an_association() -> None:
    made: list[int] = []

    def new_key() -> bytes:
        made.append(1)
        return bytes(range(16))

    client = SecurityContext(
        SecuritySuite.SUITE_1,
        CLIENT,
        SERVER,
        KEYS,
        VolatileCounters(),
        parties=PartyKeys(new_session_key=new_key),
    )
    for _ in range(5):
        client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=WRAPPED)
    assert len(made) == 1


def test_the_number_of_session_keys_is_bounded_and_none_comes_again() -> None:
    server = end(SERVER)
    frames = [sent(number) for number in range(SESSIONS_MAX + 1)]
    for octets in frames[:-1]:
        assert server.unprotect(octets).counter == 0
    with pytest.raises(SecurityError) as caught:
        server.unprotect(frames[-1])
    assert caught.value.fault is SecurityFault.POLICY
    for octets in frames[:-1]:
        with pytest.raises(SecurityError) as caught:
            server.unprotect(octets)
        assert caught.value.fault is SecurityFault.REPLAY
    assert server.fresh().unprotect(frames[-1]).apdu == GET


def party(own: bytes) -> SecurityContext:
    """An end that has keys of every kind, and counters that outlive its associations."""
    peer = SERVER if own == CLIENT else CLIENT
    theirs = PublicKeys(*(key.public_key() for key in PRIVATE[peer]))
    return SecurityContext(
        SecuritySuite.SUITE_1,
        own,
        peer,
        KEYS,
        VolatileCounters(),
        parties=PartyKeys(
            *PRIVATE[own],
            {peer: theirs},
            lambda: ec.generate_private_key(ec.SECP256R1()),
            lambda: os.urandom(16),
        ),
    )


@pytest.mark.parametrize("kind", SESSION_KINDS)
def test_se_04_no_recorded_message_under_a_session_key_is_taken_in_a_later_association(
    kind: KeyInfoKind,
) -> None:
    """A session key's counter begins at 0, so only the transaction-id tells the old from the new.

    Each fresh context is a new association, a pre-established one, or the listener to a push.
    """
    client, server = party(CLIENT), party(SERVER)
    options = GeneralOptions(kind)
    recorded = []
    for _ in range(3):
        association, ours = server.fresh(), client.fresh()
        for _ in range(2):
            octets = ours.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
            assert association.unprotect(octets).apdu == GET
            recorded.append(octets)
        octets = ours.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=options)
        answered = association.answer(GET, association.unprotect(octets))
        assert ours.unprotect(answered).apdu == GET
        for octets in recorded:
            with pytest.raises(SecurityError) as caught:
                server.fresh().unprotect(octets)
            assert caught.value.fault is SecurityFault.REPLAY
        with pytest.raises(SecurityError) as caught:
            client.fresh().unprotect(answered)
        assert caught.value.fault is SecurityFault.REPLAY


@pytest.mark.parametrize("transaction", [b"", bytes(8) + b"\1"])
def test_a_session_key_comes_with_a_transaction_that_can_be_counted(transaction: bytes) -> None:
    options = WRAPPED._replace(transaction_id=transaction)
    with pytest.raises(SecurityError, match="transaction-id") as caught:
        end(SERVER).unprotect(sent(1, options))
    assert caught.value.fault is SecurityFault.POLICY


def test_a_forged_message_moves_no_transaction_on() -> None:
    server = end(SERVER)
    ahead = sent(1, WRAPPED._replace(transaction_id=b"\xff" * 8))
    with pytest.raises(SecurityError):
        server.unprotect(ahead[:-1] + bytes((ahead[-1] ^ 1,)))
    assert server.unprotect(sent(2)).apdu == GET


def test_an_unverified_session_key_takes_no_room() -> None:
    server = end(SERVER)
    for number in range(SESSIONS_MAX + 10):
        octets = sent(number)
        with pytest.raises(SecurityError):
            server.unprotect(octets[:-1] + bytes((octets[-1] ^ 1,)))
        plain = end(CLIENT, number).protect(GET, Protection.ENCRYPTION, FORM, general=WRAPPED)
        assert server.unprotect(plain).protection == Protection.ENCRYPTION
    assert server.unprotect(sent(5)).apdu == GET


def test_a_message_under_the_wrong_master_key_says_so() -> None:
    other = SymmetricKeys(ENCRYPTION, AUTHENTICATION, None, bytes(16))
    with pytest.raises(SecurityError, match="the master key is wrong") as caught:
        end(SERVER, keys=other).unprotect(sent(1))
    assert caught.value.fault is SecurityFault.KEY
    without = SymmetricKeys(ENCRYPTION, AUTHENTICATION)
    with pytest.raises(SecurityError, match="no master key"):
        end(SERVER, keys=without).unprotect(sent(1))


def test_a_session_key_of_another_suite_is_refused() -> None:
    with pytest.raises(LocalProtocolError):
        end(CLIENT, size=32).protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=WRAPPED)
    octets = sent(1)
    message = read_general_ciphered(octets)
    assert message.key_info is not None
    longer = KeyInfo(KeyInfoKind.WRAPPED, None, bytes(40))
    with pytest.raises((DecodeError, SecurityError)):
        end(SERVER).unprotect(octets.replace(message.key_info.encode(), longer.encode()))


def test_nothing_is_broadcast_under_a_key_for_one() -> None:
    with pytest.raises(LocalProtocolError):
        end(CLIENT).protect(GET, AUTHENTICATED_ENCRYPTION, FORM, broadcast=True, general=WRAPPED)


@pytest.mark.parametrize("kind", [KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC, KeyInfoKind.WRAPPED])
def test_what_is_missing_says_so(kind: KeyInfoKind) -> None:
    bare = SecurityContext(SecuritySuite.SUITE_1, CLIENT, SERVER, KEYS, VolatileCounters())
    with pytest.raises(SecurityError):
        bare.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=GeneralOptions(kind))


def test_suite_0_agrees_on_nothing() -> None:
    bare = SecurityContext(SecuritySuite.SUITE_0, SERVER, CLIENT, KEYS, VolatileCounters())
    octets = bytearray(sent(1))
    with pytest.raises(SecurityError) as caught:
        bare.unprotect(bytes(octets))
    assert caught.value.fault is SecurityFault.POLICY


def test_no_repr_shows_a_session_key() -> None:
    client = end(CLIENT, 0xABCDEF)
    client.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=WRAPPED)
    shown = repr(client._sessions) + repr(vars(type(client._sessions)))
    assert "abcdef" not in shown
    info = read_general_ciphered(sent(1)).key_info
    assert info is not None
    assert repr(info.data)[2:-1] not in repr(info)
    (session,) = client._sessions._sent.values()
    assert "abcdef" not in repr(session)
    assert published.CLIENT.hex() not in repr(session)


def test_session_keys_end_with_their_authentication_key_and_no_sooner() -> None:
    server = end(SERVER)
    octets = sent(3)
    server.unprotect(octets)
    server.change_keys(SymmetricKeys(bytes(16), AUTHENTICATION, None, MASTER))
    with pytest.raises(SecurityError) as caught:
        server.unprotect(octets)
    assert caught.value.fault is SecurityFault.REPLAY
    server.change_keys(SymmetricKeys(bytes(16), bytes(16), None, MASTER))
    with pytest.raises(SecurityError) as caught:
        server.unprotect(octets)
    assert caught.value.fault is SecurityFault.DECIPHERING


def test_one_key_of_two_originators_is_two() -> None:
    """Who holds the same master key cannot make another's counters forgotten."""
    third = b"ABC\0\0\0\0\3"
    listener = SecurityContext(SecuritySuite.SUITE_1, SERVER, None, KEYS, VolatileCounters())
    octets = sent(3)
    listener.unprotect(octets)
    other = SecurityContext(
        SecuritySuite.SUITE_1,
        third,
        SERVER,
        KEYS,
        VolatileCounters(),
        parties=PartyKeys(new_session_key=lambda: (3).to_bytes(16, "big")),
    )
    foreign = other.protect(GET, AUTHENTICATED_ENCRYPTION, FORM, general=WRAPPED)
    assert listener.unprotect(foreign).title == third
    for replayed in (octets, foreign):
        with pytest.raises(SecurityError) as caught:
            listener.unprotect(replayed)
        assert caught.value.fault is SecurityFault.REPLAY
